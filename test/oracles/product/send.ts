import type { GraphqlAnswer, TestSystem } from '../../harness/system';
import type { RandomOperation } from '../field/random-operation';
import type { Perspective } from './perspectives';

/** Asks the gateway, naming the operation of the document that is to run. */
export async function send(
  system: TestSystem,
  { who, headers }: Pick<Perspective, 'who' | 'headers'>,
  { text: query, operationName, variables }: RandomOperation,
): Promise<GraphqlAnswer> {
  const response = await fetch(`${system.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await system.token(who)}`, ...headers },
    body: JSON.stringify({ query, operationName, variables }),
  });
  return { status: response.status, ...((await response.json()) as object) } as GraphqlAnswer;
}
