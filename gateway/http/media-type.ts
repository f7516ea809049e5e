import Negotiator from 'negotiator';
import { HttpRefusal } from './body';

/** What answers are written as (GraphQL over HTTP); the first where both are welcome. */
const OFFERED = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];

/**
 * The type of the answer. Asked before anything is done: an operation must not run whose answer nobody takes.
 *
 * @throws HttpRefusal (406)
 */
export function mediaTypeFor(accept: string | undefined): string {
  const chosen = accept ? new Negotiator({ headers: { accept } }).mediaType(OFFERED) : OFFERED[0];
  if (!chosen) throw new HttpRefusal(406, 'Answers are application/json or application/graphql-response+json.');
  return chosen;
}
