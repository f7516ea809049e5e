import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Logger } from '../../platform/log';
import { type Identity, Refusal } from '../authenticate/identity';
import type { PrincipalSource } from '../authenticate/principal-source';
import type { TokenVerifier } from '../authenticate/token-verifier';
import type { RegisteredOperations } from '../operations/registered-operations';
import type { OperationLimits, RequestLimits } from '../limits';
import { formatPublicError, internalError, UNAVAILABLE_MESSAGE } from '../public-errors';
import type { RequestAudit } from '../request-audit';
import type { GatewayContext, RequestState } from '../request-state';
import { assertPlainJson, HttpRefusal, readOperation } from './body';
import type { Rates } from './rates';
import type { Uploads } from './uploads';
import { send } from './send';

export interface GraphQLRouteOptions {
  apollo: ApolloServer<GatewayContext>;
  tokens: TokenVerifier;
  principals: PrincipalSource;
  audit: RequestAudit;
  limits: RequestLimits;
  operationLimits: OperationLimits;
  operations: RegisteredOperations;
  uploads: Uploads;
  /** Heed the header `x-explain: true`; it means nothing otherwise. */
  explains: boolean;
  rates: Rates;
}

/** What a request found out about itself, for its log line. */
export interface LogFields {
  subject?: string;
  perspective?: string;
  operation?: string | null;
  operationHash?: string;
  cost?: number;
}

/** Answers `POST /graphql`: authenticate, read, bound, execute, record, answer. Never throws. */
export function graphqlRoute(options: GraphQLRouteOptions) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    log: Logger,
  ): Promise<LogFields> => {
    const fields: LogFields = {};
    try {
      const { status, body, headers } = await answer(options, request, requestId, log, fields);
      send(response, status, body, headers);
    } catch (error) {
      const refusal = toRefusal(error, log);
      send(response, refusal.status, refusal.body(requestId), {
        ...refusal.headers,
        ...(refusal.status === 401 && { 'www-authenticate': 'Bearer' }),
        // The body may still be on its way, unread: the connection can't serve another request.
        ...(!request.complete && { connection: 'close' }),
      });
    }
    return fields;
  };
}

/** What every request is charged before it is read; its operation is charged for the rest. */
const ARRIVAL = 1;

interface HttpAnswer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

async function answer(
  options: GraphQLRouteOptions,
  request: IncomingMessage,
  requestId: string,
  log: Logger,
  fields: LogFields,
): Promise<HttpAnswer> {
  const { uploads, rates } = options;
  assertPlainJson(request);
  uploads.assertWelcome(request);
  const address = rates.addressOf(request);
  const caller = await authenticate(options, request, address);
  Object.assign(fields, { subject: caller.principal.subject, perspective: caller.principal.perspective });
  const place = uploads.admit(request, caller);
  try {
    const operation = await readOperation(request, place.maxBytes, place.pace);
    uploads.assertShortText(operation);
    const bound = bounded(options, operation, caller);
    fields.cost = bound.cost;
    await rates.charge(caller.identity, address, bound.cost - ARRIVAL);
    return await perform(options, request, requestId, log, fields, caller, bound.operation);
  } finally {
    place.leave();
  }
}

type Caller = Pick<RequestState, 'identity' | 'perspective' | 'principal'>;

async function perform(
  options: GraphQLRouteOptions,
  request: IncomingMessage,
  requestId: string,
  log: Logger,
  fields: LogFields,
  caller: Caller,
  operation: Record<string, unknown> | GraphQLError,
): Promise<HttpAnswer> {
  const { limits } = options;
  const deadline = new AbortController();
  // Each fetch of the request listens: more than ten at once are no leak.
  setMaxListeners(0, deadline.signal);
  const timer = setTimeout(
    () => deadline.abort(new Error(`no answer within ${limits.deadlineMs} ms`)),
    limits.deadlineMs,
  );
  const state: RequestState = {
    requestId,
    ...caller,
    explains: options.explains && request.headers['x-explain'] === 'true',
    signal: deadline.signal,
    log,
    records: [],
  };
  try {
    const result =
      operation instanceof GraphQLError
        ? { status: 400, body: JSON.stringify({ errors: [formatPublicError(operation.toJSON())] }) }
        : await execute(options.apollo, request, operation, state);
    await recorded(options.audit, state);
    if (state.refused) throw state.refused;
    return result;
  } finally {
    clearTimeout(timer);
    if (state.operation)
      Object.assign(fields, {
        operation: state.operation.name,
        operationHash: state.operation.hash,
      });
  }
}

/** The request with its text, or why it is refused before anything looks at what it asks for; and what it costs. */
function bounded(
  { operations, operationLimits }: GraphQLRouteOptions,
  body: Record<string, unknown>,
  { principal }: Caller,
): { operation: Record<string, unknown> | GraphQLError; cost: number } {
  const operation = operations.resolve(body, principal);
  if (operation instanceof GraphQLError || typeof operation.query !== 'string') return { operation, cost: ARRIVAL };
  const { cost, finding } = operationLimits.check(operation.query, operation.variables);
  return { operation: finding ?? operation, cost: Math.max(cost, ARRIVAL) };
}

async function authenticate(
  options: GraphQLRouteOptions,
  { headers }: IncomingMessage,
  address: string,
): Promise<Caller> {
  const { principals, audit, rates } = options;
  let identity: Identity | null = null;
  try {
    identity = await identify(options, headers.authorization, address);
    await rates.charge(identity, address, ARRIVAL);
    const perspective = readPerspective(headers['x-perspective']);
    const principal = await principals.load(identity, perspective);
    return { identity, perspective, principal };
  } catch (error) {
    if (error instanceof Refusal) audit.countRefused(error, identity);
    throw error;
  }
}

/** A token that was good before needs no look, also while others at its address send bad ones. */
async function identify(
  { tokens, rates }: GraphQLRouteOptions,
  authorization: string | undefined,
  address: string,
): Promise<Identity> {
  const known = tokens.known(authorization);
  if (known) return known;
  const takeBack = await rates.attempt(address);
  try {
    const identity = await tokens.verify(authorization);
    await takeBack();
    return identity;
  } catch (error) {
    // An issuer that doesn't answer is no failure of the caller's.
    if (!(error instanceof Refusal)) await takeBack();
    throw error;
  }
}

function readPerspective(header: string | string[] | undefined): string | null {
  if (header === undefined || header === '') return null;
  if (typeof header !== 'string' || !/^[\w:.-]{1,64}$/.test(header))
    throw new Refusal(403, 'This is not a perspective of yours.');
  return header;
}

/** Apollo Server sees the two headers it needs and nothing else of the client's. */
async function execute(
  apollo: ApolloServer<GatewayContext>,
  { headers }: IncomingMessage,
  body: Record<string, unknown>,
  state: RequestState,
): Promise<HttpAnswer> {
  const seen = new HeaderMap([['content-type', 'application/json']]);
  if (headers.accept) seen.set('accept', headers.accept);
  const result = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: 'POST', headers: seen, search: '', body },
    context: async () => ({ state }),
  });
  const status = result.status ?? 200;
  if (status >= 500 || result.body.kind !== 'complete') {
    state.log.error({ status }, 'Apollo Server failed');
    return {
      status: 500,
      body: JSON.stringify({ errors: [formatPublicError(internalError(state.requestId).toJSON())] }),
    };
  }
  return { status, body: result.body.string, headers: Object.fromEntries(result.headers) };
}

/** No record, no answer (architecture, section 8). */
async function recorded(audit: RequestAudit, state: RequestState): Promise<void> {
  if (state.records.length === 0) {
    audit.begin(state, {
      operationName: null,
      operationHash: null,
      operationType: null,
      outcome: 'invalid',
      denials: [],
    });
  }
  try {
    await Promise.all(state.records);
  } catch (error) {
    state.log.error({ err: error }, 'the audit log did not take the record');
    throw new HttpRefusal(503, UNAVAILABLE_MESSAGE, { 'retry-after': '5' }, 'INTERNAL');
  }
}

function toRefusal(
  error: unknown,
  log: Logger,
): { status: number; headers?: Record<string, string>; body(requestId: string): string } {
  if (error instanceof Refusal || error instanceof HttpRefusal) return error;
  log.error({ err: error }, 'request failed');
  return new HttpRefusal(503, UNAVAILABLE_MESSAGE, { 'retry-after': '5' }, 'INTERNAL');
}
