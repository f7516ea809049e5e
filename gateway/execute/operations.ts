import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Logger } from '../../platform/log';
import { textCache } from '../../platform/text-cache';
import {
  boundHash,
  buildPolicyIndex,
  createAuthorizer,
  explainOperation,
  rejectWhole,
  stripSupergraph,
} from '../authorize';
import type { RequestLimits } from '../limits';
import { formatPublicError, internalError } from '../public-errors';
import type { GatewayContext, RequestState } from '../request-state';
import type { SubgraphTransport } from '../transport/transport';
import { startApollo } from './apollo';
import {
  type Answer,
  type ClientRequest,
  createAuthorizingExecutor,
  type ExecutorOptions,
} from './authorizing-executor';
import { VisibleSchemas } from './introspection';
import { answerBytes, createPlanExecutor } from './plan/executor';

const MAX_DECISIONS = 5_000;

export interface OperationsOptions extends Pick<ExecutorOptions, 'principals' | 'principalKeys' | 'audit'> {
  supergraphSdl: string;
  transports: Readonly<Record<string, SubgraphTransport>>;
  introspection: boolean;
  /** Tell who asks what each selection takes and what the caller lacks. Never in production. */
  explains: boolean;
  limits: RequestLimits;
  log: Logger;
}

export interface HttpAnswer {
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
}

/** From the body of a request to its answer. */
export interface Operations {
  /** Never throws. */
  answer(body: Record<string, unknown>, contentType: string, state: RequestState): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

/**
 * The policy, the planner and Apollo Server over one supergraph.
 *
 * @throws Error when the supergraph has a hole in its policy, names a subgraph without transport and key, or the environment
 *   switches a protection off
 */
export async function startOperations(options: OperationsOptions): Promise<Operations> {
  const { supergraphSdl, transports, principalKeys, principals, audit, introspection, limits, log } = options;
  const index = buildPolicyIndex(supergraphSdl);
  // The planner enforces nothing, so the policy in front of it has to come from the very same supergraph (attack 10).
  const stripped = stripSupergraph(supergraphSdl);
  if (boundHash(stripped) !== index.hash)
    throw new Error('The policy index and the planner are of different supergraphs');
  const plans = createPlanExecutor({ supergraphSdl: stripped, transports, timeoutMs: null });
  for (const { name } of plans.subgraphs)
    if (!transports[name] || !principalKeys[name])
      throw new Error(`The supergraph has the subgraph ${name}: SUBGRAPH_URLS and PRINCIPAL_KEYS need one each for it`);

  const { schema } = plans;
  const authorizer = createAuthorizer({ index, schema, maxEntries: MAX_DECISIONS });
  const visibleSchemas = new VisibleSchemas(index, schema);
  const explain: ExecutorOptions['explain'] = ({ document, operationName, variables }, { caller }) =>
    explainOperation({
      ...{ index, schema, document, caller, operationName, variables },
      rejectsWhole: (authorized) => rejectWhole(authorized, authorized.operationType, caller),
    });
  const execute = createAuthorizingExecutor({
    ...{ plans, schema, authorizer, visibleSchemas, principals, principalKeys, audit },
    ...(options.explains && { explain }),
  });
  const known = new KnownRequests();
  const apollo = await startApollo({
    ...{ schema, supergraphSdl: stripped, execute, introspection, limits, log },
    onValid: (request) => known.keep(request),
  });
  return {
    async answer(body, contentType, state) {
      const request = known.find(body);
      if (!request) return throughApollo(apollo, body, contentType, state);
      return asHttp(await execute(request, state), contentType);
    },
    stop: () => apollo.stop(),
  };
}

/** Apollo Server sees the two headers it needs and nothing else of the client's. */
async function throughApollo(
  apollo: ApolloServer<GatewayContext>,
  body: Record<string, unknown>,
  contentType: string,
  state: RequestState,
): Promise<HttpAnswer> {
  const seen = new HeaderMap([
    ['content-type', 'application/json'],
    ['accept', contentType],
  ]);
  const result = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers: seen, search: '', body },
    context: async () => ({ state }),
  });
  const status = result.status ?? 200;
  if (status >= 500 || result.body.kind !== 'complete') {
    state.log.error({ requestId: state.requestId, status }, 'Apollo Server failed');
    return {
      status: 500,
      body: JSON.stringify({ errors: [formatPublicError(internalError(state.requestId).toJSON())] }),
    };
  }
  return { status, body: result.body.string, headers: Object.fromEntries(result.headers) };
}

/** As Apollo Server answers, without reading the data once more. */
function asHttp(answer: Answer, contentType: string): HttpAnswer {
  return {
    status: answer.data === undefined ? 400 : 200,
    body: answerBytes({ ...answer, errors: answer.errors?.map(formatPublicError) }),
    headers: { 'content-type': contentType },
  };
}

/**
 * Operations that Apollo Server has found valid, by their text, so that it is not asked again. Rights have no part in it, nor
 * have variables: both are looked at each time.
 */
class KnownRequests {
  private readonly requests = textCache<Omit<ClientRequest, 'variables'>>(2_000, 8 * 1024 * 1024);

  keep({ document, text, textHash, operationName }: ClientRequest): void {
    this.requests.set(text, { document, text, textHash, operationName });
  }

  /** Nothing for a body in which Apollo Server would have something else to look at than the operation. */
  find({ query, variables, operationName, extensions }: Record<string, unknown>): ClientRequest | undefined {
    if (typeof query !== 'string' || (extensions !== undefined && extensions !== null)) return undefined;
    if (variables !== undefined && variables !== null && (typeof variables !== 'object' || Array.isArray(variables)))
      return undefined;
    const request = this.requests.get(query);
    if (!request || (request.operationName ?? undefined) !== (operationName ?? undefined)) return undefined;
    return { ...request, variables: (variables ?? {}) as ClientRequest['variables'] };
  }
}
