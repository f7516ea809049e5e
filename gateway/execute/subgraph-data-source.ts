import { randomBytes } from 'node:crypto';
import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLFormattedError } from 'graphql';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import { isPublicCode, MASKED_MESSAGE, UNAVAILABLE_MESSAGE, withoutSuggestions } from '../public-errors';
import type { GatewayContext, RequestState } from '../request-state';
import type { SubgraphTransport } from '../transport/transport';
import { fetchedKeys } from './fetched-paths';

type ProcessOptions = Parameters<GraphQLDataSource<GatewayContext>['process']>[0];
type Answer = Awaited<ReturnType<GraphQLDataSource['process']>>;

/**
 * Sends the planner's fetches of one subgraph, each with the caller's Principal signed for this subgraph and this body.
 * It goes straight to the transport: the fetch path of `RemoteGraphQLDataSource` builds a node-fetch request per call
 * (design/execution.md). No header of the client goes along (attack 34).
 */
export class SubgraphDataSource implements GraphQLDataSource<GatewayContext> {
  constructor(
    private readonly name: string,
    private readonly transport: SubgraphTransport,
    private readonly principalKey: Uint8Array,
  ) {}

  async process(options: ProcessOptions): Promise<Answer> {
    const { query, variables, operationName } = options.request;
    if (!query || !('incomingRequestContext' in options))
      throw new Error('Only operations of clients are sent to subgraphs');
    const { state } = options.context as GatewayContext;
    const body = JSON.stringify({ query, variables, operationName });
    try {
      const requestId = envelopeId(query, state);
      const envelope = { principal: state.principal, requestId, operation: state.operation?.name };
      const sealed = await sealPrincipal(envelope, this.name, body, this.principalKey);
      const headers = {
        'content-type': 'application/json',
        [PRINCIPAL_HEADER]: sealed,
        'x-request-id': state.requestId,
      };
      const answer = await this.transport.send('/graphql', body, headers, state.signal);
      return this.read(answer.status, answer.body, query, state);
    } catch (error) {
      state.log.error({ err: error, subgraph: this.name }, 'subgraph not available');
      return failed(query, { message: UNAVAILABLE_MESSAGE, extensions: { code: 'INTERNAL' } });
    }
  }

  private read(status: number, text: string, query: string, state: RequestState): Answer {
    const { data, errors } = JSON.parse(text) as {
      data?: Record<string, unknown> | null;
      errors?: GraphQLFormattedError[];
    };
    if (status === 200 && !errors?.length) return { data };
    const log = state.log.child({ subgraph: this.name, status });
    const readable = errors?.length ? errors.map((error) => readableError(error, status)) : [MASKED];
    for (const [at, error] of readable.entries())
      if (error.extensions?.code === 'INTERNAL') log.error({ answer: errors?.[at] }, 'subgraph failed');
    if (data) return { data, errors: readable };
    // Without data, errors without a place stand for every field that was asked for.
    const placed = readable.filter((error) => error.path);
    const unplaced = readable.find((error) => !error.path);
    return { data: null, errors: unplaced ? [...placed, ...(failed(query, unplaced).errors ?? [])] : placed };
  }
}

const MASKED: GraphQLFormattedError = { message: MASKED_MESSAGE, extensions: { code: 'INTERNAL' } };

/**
 * A mutation's id is accepted once by each subgraph, and a client's mutation may take several fetches, or a second try
 * with a new Principal. The client may also have chosen the id, so what is accepted once must be of our making.
 */
function envelopeId(query: string, { requestId }: RequestState): string {
  return query.startsWith('mutation') ? `${requestId}.${randomBytes(9).toString('base64url')}` : requestId;
}

/** One error per field that the fetch would have filled. Below a list, the planner puts `"@"` for its positions. */
function failed(query: string, error: GraphQLFormattedError): Answer {
  return { data: null, errors: fetchedKeys(query).map((key) => ({ ...error, path: [key] })) };
}

/** Codes that clients may see pass, and STALE_PRINCIPAL, which the executor acts upon. The rest says nothing. */
function readableError(error: GraphQLFormattedError, status: number): GraphQLFormattedError {
  const { code: given, ...others } = error.extensions ?? {};
  // A subgraph that refuses our envelope (401) is a fault of ours; one that finds a literal wrong (400) gives no code.
  const code = given ?? (status === 400 ? 'BAD_USER_INPUT' : undefined);
  if (status === 401 || code === 'INTERNAL' || (code !== 'STALE_PRINCIPAL' && !isPublicCode(code)))
    return { ...MASKED, path: error.path };
  const message = withoutSuggestions(error.message);
  const { argumentPath, written } = others;
  return { message, path: error.path, extensions: { code, argumentPath, written } };
}
