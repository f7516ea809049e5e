import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Logger } from '../../platform/log';
import { type Identity, Refusal } from '../authenticate/identity';
import type { PrincipalSource } from '../authenticate/principal-source';
import type { TokenVerifier } from '../authenticate/token-verifier';
import type { HttpAnswer, Operations } from '../execute/operations';
import type { RegisteredOperations } from '../operations/registered-operations';
import type { OperationLimits, RequestLimits } from '../limits';
import { formatPublicError, UNAVAILABLE_MESSAGE } from '../public-errors';
import type { RequestAudit } from '../request-audit';
import type { RequestState } from '../request-state';
import { ClientGone, Departure } from '../transport/transport';
import { assertPlainJson, HttpRefusal, readOperation } from './body';
import { mediaTypeFor } from './media-type';
import type { Rates } from './rates';
import type { Uploads } from './uploads';
import { send } from './send';

export interface GraphQLRouteOptions {
  answers: Pick<Operations, 'answer'>;
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
  log: Logger;
}

/** What a request found out about itself, for its log line. */
export interface LogFields {
  subject?: string;
  perspective?: string;
  operation?: string | null;
  operationHash?: string;
  /** Points that the caller was charged. */
  cost?: number;
}

/** One request and its answer, as far as it is known. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  /** Found out on the way. */
  fields: LogFields;
}

/** Answers `POST /graphql`: authenticate, read, bound, execute, record, answer. Never throws. */
export function graphqlRoute(options: GraphQLRouteOptions) {
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<LogFields> => {
    const fields: LogFields = {};
    try {
      const { status, body, headers } = await answer(options, { request, response, requestId, fields });
      send(response, status, body, headers);
    } catch (error) {
      const refusal = toRefusal(error, options.log, requestId);
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

async function answer(options: GraphQLRouteOptions, exchange: Exchange): Promise<HttpAnswer> {
  const { uploads } = options;
  const { request, fields } = exchange;
  assertPlainJson(request);
  const contentType = mediaTypeFor(request.headers.accept);
  uploads.assertWelcome(request);
  const caller = await authenticate(options, exchange);
  Object.assign(fields, { subject: caller.principal.subject, perspective: caller.principal.perspective });
  const place = uploads.admit(request, caller);
  try {
    const operation = await readOperation(request, place.maxBytes, place.pace);
    uploads.assertShortText(operation);
    const bound = bounded(options, operation, caller);
    await caller.charge(bound.cost - ARRIVAL);
    return await perform(options, exchange, caller, bound.operation, contentType);
  } finally {
    place.leave();
  }
}

type Caller = Pick<RequestState, 'identity' | 'perspective' | 'principal' | 'charge'>;

async function perform(
  options: GraphQLRouteOptions,
  { request, response, requestId, fields }: Exchange,
  caller: Caller,
  operation: Record<string, unknown> | GraphQLError,
  contentType: string,
): Promise<HttpAnswer> {
  const { limits, log } = options;
  const signal = new Departure();
  const timer = signal.abortAfter(limits.deadlineMs);
  const state: RequestState = {
    requestId,
    ...caller,
    explains: options.explains && request.headers['x-explain'] === 'true',
    signal,
    log,
    records: [],
    disclosures: [],
  };
  response.once('close', () => {
    // A mutation goes on, whether or not somebody waits for it: it is done whole.
    if (!response.writableEnded && state.operation?.type !== 'mutation') signal.abort(new ClientGone());
  });
  try {
    const result =
      operation instanceof GraphQLError
        ? {
            status: 400,
            body: JSON.stringify({ errors: [formatPublicError(operation.toJSON())] }),
            headers: { 'content-type': contentType },
          }
        : await options.answers.answer(operation, contentType, state);
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

async function authenticate(options: GraphQLRouteOptions, { request, fields }: Exchange): Promise<Caller> {
  const { principals, audit, rates } = options;
  const { headers } = request;
  const address = rates.addressOf(request);
  let known: Identity | null = null;
  try {
    const identity = (known = await identify(options, headers.authorization, address));
    const charge = (points: number): Promise<void> => {
      fields.cost = (fields.cost ?? 0) + points;
      return rates.charge(identity, address, points);
    };
    await charge(ARRIVAL);
    const perspective = readPerspective(headers['x-perspective']);
    const principal = await principals.load(identity, perspective);
    return { identity, perspective, principal, charge };
  } catch (error) {
    if (error instanceof Refusal) audit.countRefused(error, known);
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
    await Promise.all([...state.disclosures.map((keep) => keep()), ...state.records]);
  } catch (error) {
    state.log.error({ requestId: state.requestId, err: error }, 'the audit log did not take the record');
    throw new HttpRefusal(503, UNAVAILABLE_MESSAGE, { 'retry-after': '5' }, 'INTERNAL');
  }
}

function toRefusal(
  error: unknown,
  log: Logger,
  requestId: string,
): { status: number; headers?: Record<string, string>; body(requestId: string): string } {
  if (error instanceof Refusal || error instanceof HttpRefusal) return error;
  log.error({ requestId, err: error }, 'request failed');
  return new HttpRefusal(503, UNAVAILABLE_MESSAGE, { 'retry-after': '5' }, 'INTERNAL');
}
