import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  getOperationAST,
  type GraphQLSchema,
  parse,
  validate,
  ValuesOfCorrectTypeRule,
} from 'graphql';
import type { AuditSink } from '../audit/audit-log';
import { disclosureRecord, partyOf } from '../audit/disclosure-record';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
import { databaseFault, PublicError } from '../errors';
import type { Logger } from '../log';
import { textCache } from '../text-cache';
import type { EventHandlers } from '../outbox/dispatcher';
import { type Envelope, openPrincipal, PRINCIPAL_HEADER } from '../principal/envelope';
import { assertFresh } from '../scope/epoch';
import { SeenRequest } from '../scope/tables';
import type { BuiltSubgraph } from './federation';
import { FieldLock } from './field-lock';
import { Operation, type OperationInput } from './operation';
import { RequestContext } from './request-context';

/** What every subgraph needs from the process that runs it. */
export interface SubgraphRuntime {
  database: Database;
  clock: Clock;
  log: Logger;
  audit: AuditSink;
  /** Secrets shared with the gateway: the current one first. */
  principalKeys: Uint8Array[];
}

export interface SubgraphRequest {
  method: string;
  /** Path without query, such as `/graphql`. */
  path: string;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  body: string;
}

export interface SubgraphResponse {
  readonly status: number;
  readonly body: string;
  /** Of an operation what the body tells, as objects that belong to whoever asked: a caller in this process needs no text. */
  readonly result?: FormattedExecutionResult;
}

/** Written as text only for who reads its body. */
class Answer implements SubgraphResponse {
  constructor(
    readonly status: number,
    readonly result: FormattedExecutionResult,
  ) {}

  get body(): string {
    return JSON.stringify(this.result);
  }
}

/** Takes what puts the disclosures of an answer on record: whoever takes it runs it before anybody sees the answer. */
export type RecordLater = (keep: () => Promise<void>) => void;

/** An internal endpoint beside GraphQL; it does its own authentication. */
export type InternalRoute = (request: SubgraphRequest) => Promise<SubgraphResponse>;

export interface SubgraphDefinition {
  name: string;
  graph: BuiltSubgraph;
  runtime: SubgraphRuntime;
  /** Event handlers of this subgraph; the process starts a dispatcher for them. */
  consumes?: EventHandlers;
  /** Internal endpoints by path. */
  routes?: Record<string, InternalRoute>;
  /** Coordinates of queries that count something: never executed twice. */
  effects?: readonly string[];
}

/** A subgraph, the same over HTTP and in process: one function from request to answer. */
export interface Subgraph {
  name: string;
  sdl: string;
  consumes: EventHandlers;
  /**
   * What an answer discloses is on record when it comes; or, of a query, with `later`, when who gave that has seen to it: for
   * callers in this process, who show the answers of several subgraphs at once, and none where a record fails.
   */
  handle(request: SubgraphRequest, later?: RecordLater): Promise<SubgraphResponse>;
}

interface ParsedOperation {
  errors: readonly GraphQLError[];
  /** Of a text without errors. */
  operation?: Operation;
}

/**
 * What is invalid about an operation. Values are the client's own, and it is told of them; anything else is a gateway of another
 * schema, and has no code: nobody is told.
 */
function invalid(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const errors = validate(schema, document);
  if (errors.length === 0) return errors;
  const ofValues = validate(schema, document, [ValuesOfCorrectTypeRule]).map(({ message }) => message);
  return errors.map((error) =>
    ofValues.includes(error.message)
      ? new GraphQLError(error.message, { extensions: { code: 'BAD_USER_INPUT' } })
      : error,
  );
}

/** Makes the request handler of a subgraph: verify, judge, execute, record, answer. */
export function createSubgraph({
  name,
  graph,
  runtime,
  consumes = {},
  routes = {},
  effects,
}: SubgraphDefinition): Subgraph {
  const lock = new FieldLock(graph.schema, graph.sdl);
  const counting: ReadonlySet<string> = new Set(effects);
  const texts = textCache<ParsedOperation>(2_000, 8 * 1024 * 1024);

  function read(text: string): ParsedOperation {
    let known = texts.get(text);
    if (!known) {
      const document = parse(text, { maxTokens: 20_000, noLocation: true });
      const errors = invalid(graph.schema, document);
      const operation = errors.length === 0 ? new Operation(graph.schema, document, counting) : undefined;
      texts.set(text, (known = { errors, operation }));
    }
    return known;
  }

  async function graphql(request: SubgraphRequest, later?: RecordLater): Promise<SubgraphResponse> {
    const envelope = authenticate(request, name, runtime);
    if (!envelope) return failure(401, 'UNAUTHENTICATED', 'A valid signed principal is needed.');
    const input = readInput(request.body);
    if (!input) return failure(400, 'BAD_USER_INPUT', 'The body must be a JSON object with a query.');
    let parsed: ParsedOperation;
    try {
      parsed = read(input.query);
    } catch (error) {
      return failure(400, 'BAD_USER_INPUT', (error as Error).message);
    }
    const { errors, operation } = parsed;
    if (!operation) return answer({ errors }, 400);
    if (lock.denied(input.query, operation.document, envelope.principal)) {
      await denied(envelope, 'the operation asks for more than this caller may have');
      return failure(403, 'UNAUTHORIZED_FIELD_OR_TYPE', 'The operation asks for more than this caller may have.');
    }
    const kind = getOperationAST(operation.document, input.operationName)?.operation;
    if (kind === 'mutation' && !(await firstUse(runtime, name, envelope.requestId))) {
      await denied(envelope, 'the request was accepted before');
      return failure(401, 'UNAUTHENTICATED', 'This request was accepted before.');
    }
    return run(operation, input, envelope, kind === 'mutation', later);
  }

  /** Somebody has gone around the gateway: it lets no such request through. */
  function denied({ principal, requestId, operation }: Envelope, reason: string): Promise<void> {
    return runtime.audit.append('denial', { requestId, subgraph: name, operation, ...partyOf(principal), reason });
  }

  async function run(
    executed: Operation,
    input: OperationInput,
    { principal, requestId, operation = null }: Envelope,
    isMutation: boolean,
    later?: RecordLater,
  ): Promise<SubgraphResponse> {
    const { database, clock, audit, log } = runtime;
    const reader = isMutation ? database.read : database.queryReader;
    const [context, result] = await executed.execute(
      (columns) => new RequestContext(database, principal, requestId, clock, log, audit.reader, reader, columns),
      input,
    );
    // What hangs on no student (directories, cards, definitions) has no row predicate that notices outdated rights: attack 60.
    if (!isMutation && !context.session.scope.consulted) await assertFresh(context.session);
    const response = answer({ ...result, errors: result.errors?.map((error) => mask(error, context)) });
    const { disclosures } = context.session;
    if (disclosures.isEmpty) return response;
    const record = disclosureRecord(principal, { requestId, subgraph: name, operation }, disclosures);
    const keep = (): Promise<void> => audit.append('disclosure', record);
    // What was done can't be taken back: a mutation's answer waits for its own record alone.
    if (later && !isMutation) later(keep);
    else await keep();
    return response;
  }

  return {
    name,
    sdl: graph.sdl,
    consumes,
    async handle(request, later) {
      try {
        if (request.path === '/health') return { status: 200, body: '{"status":"ok"}' };
        if (request.path === '/ready') return await ready(runtime.database);
        const route = routes[request.path];
        if (route) return await route(request);
        if (request.path !== '/graphql' || request.method !== 'POST')
          return failure(404, 'NOT_FOUND', 'There is nothing here.');
        return await graphql(request, later);
      } catch (error) {
        if (error instanceof PublicError) return refusal(error);
        runtime.log.error({ err: error, subgraph: name }, 'request failed');
        return failure(500, 'INTERNAL', 'Something went wrong on our side.');
      }
    },
  };
}

function readInput(body: string): OperationInput | null {
  try {
    const input = JSON.parse(body);
    return typeof input?.query === 'string' ? input : null;
  } catch {
    return null;
  }
}

function authenticate(
  request: SubgraphRequest,
  audience: string,
  { principalKeys, log }: SubgraphRuntime,
): Envelope | null {
  const token = request.headers[PRINCIPAL_HEADER];
  if (!token) return null;
  try {
    return openPrincipal(token, audience, request.body, principalKeys);
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'principal refused');
    return null;
  }
}

/** A mutation's request id is accepted once per subgraph. */
async function firstUse({ database, clock }: SubgraphRuntime, subgraph: string, requestId: string): Promise<boolean> {
  try {
    await database.write((manager) =>
      manager.insert(SeenRequest, { requestId: `${subgraph}:${requestId}`, seenAt: clock.now() }),
    );
    return true;
  } catch (error) {
    if (databaseFault(error) === 'unique') return false;
    throw error;
  }
}

async function ready(database: Database): Promise<SubgraphResponse> {
  try {
    await database.read.query('SELECT 1');
    return { status: 200, body: '{"status":"ready"}' };
  } catch {
    return { status: 503, body: '{"status":"database unreachable"}' };
  }
}

/** Errors meant for the caller keep their code and message; all others say nothing but the request id. */
function mask(error: GraphQLError, { requestId, log, written }: RequestContext): GraphQLError {
  const cause = error.originalError;
  const position = { path: error.path, nodes: undefined };
  if (cause instanceof PublicError) {
    return new GraphQLError(cause.message, {
      ...position,
      extensions: {
        code: cause.code,
        ...(cause.argumentPath ? { argumentPath: cause.argumentPath } : {}),
        ...(written ? { written } : {}),
      },
    });
  }
  // A variable that its type refuses, such as an unknown enum value, fails before any field: it has no path.
  const badVariable = cause instanceof GraphQLError && !error.path;
  if (!cause || badVariable || error.extensions?.code === 'BAD_USER_INPUT') {
    return new GraphQLError(error.message, { ...position, extensions: { code: 'BAD_USER_INPUT' } });
  }
  log.error({ requestId, err: cause, path: error.path }, 'resolver failed');
  return new GraphQLError('Something went wrong on our side.', {
    ...position,
    extensions: { code: 'INTERNAL', requestId },
  });
}

const answer = ({ errors, ...others }: ExecutionResult, status = 200): SubgraphResponse =>
  new Answer(status, errors ? { ...others, errors: errors.map((error) => error.toJSON()) } : others);
/** Of the operation as a whole. */
const refusal = ({ code, message }: PublicError): SubgraphResponse =>
  answer({ data: null, errors: [new GraphQLError(message, { extensions: { code } })] });
const failure = (status: number, code: string, message: string): SubgraphResponse => ({
  status,
  body: JSON.stringify({ errors: [{ message, extensions: { code } }] }),
});
