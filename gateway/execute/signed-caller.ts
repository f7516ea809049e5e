import { randomBytes } from 'node:crypto';
import type { GraphQLFormattedError } from 'graphql';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import { isPublicCode, MASKED_MESSAGE, withoutSuggestions } from '../public-errors';
import type { RequestState } from '../request-state';
import { ClientGone } from '../transport/transport';
import type { Caller } from './plan/subgraph-calls';

/**
 * The caller of one client's request, as subgraphs see it: each call has the Principal signed for this subgraph and this body.
 * No header of the client goes along (attack 34), and of a subgraph's errors nothing but what a client may know.
 *
 * @param principalKeys by subgraph
 */
export function signedCaller(
  state: RequestState,
  variables: Record<string, unknown>,
  principalKeys: Readonly<Record<string, Uint8Array>>,
): Caller {
  const { requestId, log } = state;
  return {
    variables,
    signal: state.signal,
    // What a mutation did is done: its answer must not be refused as a whole for a record of what it showed.
    recordLater: state.operation?.type === 'mutation' ? undefined : (keep) => void state.disclosures.push(keep),
    headers(subgraph, body) {
      const { principal, operation } = state;
      const envelope = { principal, requestId: envelopeId(body, requestId), operation: operation?.name };
      return {
        [PRINCIPAL_HEADER]: sealPrincipal(envelope, subgraph, body, principalKeys[subgraph]!),
        'x-request-id': requestId,
      };
    },
    readError(error, status, subgraph) {
      const readable = readableError(error, status);
      if (readable.extensions?.code === 'INTERNAL')
        log.error({ requestId, subgraph, status, answer: error }, 'subgraph failed');
      return readable;
    },
    onFailure(subgraph, error) {
      if (!(error instanceof ClientGone)) log.error({ requestId, err: error, subgraph }, 'subgraph not available');
    },
  };
}

/**
 * A mutation's id is accepted once by each subgraph, and a client's mutation may take several fetches, or a second try
 * with a new Principal. The client may also have chosen the id, so what is accepted once must be of our making.
 */
function envelopeId(body: string, requestId: string): string {
  return body.startsWith('{"query":"mutation') ? `${requestId}.${randomBytes(9).toString('base64url')}` : requestId;
}

/** Codes that clients may see pass, and STALE_PRINCIPAL, which the executor acts upon. The rest says nothing. */
function readableError({ message, path, extensions }: GraphQLFormattedError, status: number): GraphQLFormattedError {
  const { code, argumentPath, written } = extensions ?? {};
  // A subgraph that refuses our envelope (401) is a fault of ours.
  if (status === 401 || code === 'INTERNAL' || (code !== 'STALE_PRINCIPAL' && !isPublicCode(code)))
    return { message: MASKED_MESSAGE, path, extensions: { code: 'INTERNAL' } };
  return { message: withoutSuggestions(message), path, extensions: { code, argumentPath, written } };
}
