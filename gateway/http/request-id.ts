import type { IncomingMessage } from 'node:http';
import { newId } from '../../platform/ids';

export const REQUEST_ID_HEADER = 'x-request-id';

/** The id under which logs, subgraphs and audit know this request: the client's own where it looks like one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/.test(given) ? given : newId();
}
