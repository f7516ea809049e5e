/**
 * A gateway without authorization over the subgraphs of any supergraph: to try the executor on the graphs of others. Nothing
 * of the product imports it.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import type { Logger } from '../platform/log';
import { textCache } from '../platform/text-cache';
import { executedOperation, responseKey } from './authorize/operation-walk';
import {
  type Answered,
  answerBytes,
  createPlanExecutor,
  type PlanExecutor,
  type PreparedOperation,
} from './execute/plan/executor';
import type { Caller } from './execute/plan/subgraph-calls';
import { assertPlainJson, HttpRefusal, readOperation } from './http/body';
import { send } from './http/send';
import { httpTransport } from './transport/http-transport';
import { ClientGone, Departure, type SubgraphTransport } from './transport/transport';

const MAX_BODY = 10 * 1024 * 1024;

export interface OpenGatewayOptions {
  supergraphSdl: string;
  log: Logger;
  /** How to reach a subgraph; by default over HTTP at the address that the supergraph tells. */
  transport?(subgraph: { name: string; url: string }): SubgraphTransport;
}

/**
 * Answers GraphQL over HTTP on every path.
 *
 * @throws Error in production: whoever reaches it may ask everything
 */
export function openGateway({ supergraphSdl, log, transport = atUrl }: OpenGatewayOptions): RequestListener {
  if (process.env.NODE_ENV === 'production')
    throw new Error('This gateway knows no rights: it does not start with NODE_ENV=production.');
  const transports: Record<string, SubgraphTransport> = {};
  const executor = createPlanExecutor({ supergraphSdl, transports, introspect });
  const onFailure = (subgraph: string, error: unknown) => log.error({ err: error, subgraph }, 'subgraph not available');
  const known: Known = textCache(2_000, 8 * 1024 * 1024);
  for (const subgraph of executor.subgraphs) transports[subgraph.name] = transport(subgraph);

  return (request, response) => {
    const gone = new Departure();
    response.on('close', () => gone.abort(new ClientGone()));
    answer(executor, known, request, { onFailure, signal: gone }).then(
      ({ status, body }) => send(response, status, body, { 'content-type': contentType(request) }),
      (error) => refuse(request, response, error, log),
    );
  };
}

function atUrl({ name, url }: { name: string; url: string }): SubgraphTransport {
  const { pathname, protocol } = URL.canParse(url) ? new URL(url) : { pathname: '', protocol: '' };
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Error(`The supergraph gives no HTTP address of the subgraph ${name}, but "${url}".`);
  const subgraph = httpTransport(url);
  // The whole address is the subgraph's; ours are only the origin and `/graphql`.
  return { send: (_path, ...rest) => subgraph.send(pathname === '/' ? '/' : '', ...rest) };
}

interface Asked {
  query: string;
  variables: Record<string, unknown>;
  operationName: string | undefined;
}

type Known = ReturnType<typeof textCache<PreparedOperation>>;

async function answer(
  executor: PlanExecutor,
  known: Known,
  request: IncomingMessage,
  caller: Omit<Caller, 'variables'>,
): Promise<{ status: number; body: string | Buffer }> {
  const asked = await read(request);
  const checked = check(executor, known, asked, request.method === 'GET');
  if ('errors' in checked) return { status: 400, body: JSON.stringify(checked) };
  return { status: 200, body: answerBytes(await executor.execute(checked, { ...caller, variables: asked.variables })) };
}

async function read(request: IncomingMessage): Promise<Asked> {
  if (request.method === 'POST') {
    assertPlainJson(request);
    return asked(await readOperation(request, MAX_BODY));
  }
  if (request.method !== 'GET') throw new HttpRefusal(405, 'Send operations by POST or GET.', { allow: 'GET, POST' });
  const given = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const variables = given.get('variables');
  try {
    return asked({ ...Object.fromEntries(given), variables: variables === null ? undefined : JSON.parse(variables) });
  } catch (error) {
    throw error instanceof HttpRefusal ? error : new HttpRefusal(400, 'The variables are not JSON.');
  }
}

function asked({ query, variables, operationName }: Record<string, unknown>): Asked {
  if (typeof query !== 'string') throw new HttpRefusal(400, 'Send the operation as a text in query.');
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables)))
    throw new HttpRefusal(400, 'The variables must be an object.');
  if (operationName != null && typeof operationName !== 'string')
    throw new HttpRefusal(400, 'The operationName must be a text.');
  return {
    query,
    variables: (variables ?? {}) as Record<string, unknown>,
    operationName: operationName || undefined,
  };
}

type Refused = { errors: readonly GraphQLFormattedError[] };

/** The operation if it can run with these variables, or else the errors. What was valid once is not looked at again. */
function check(executor: PlanExecutor, known: Known, asked: Asked, isGet: boolean): PreparedOperation | Refused {
  const { query, operationName = '', variables } = asked;
  const key = `${query.length} ${query}${operationName}`;
  let prepared = known.get(key);
  if (!prepared) {
    const found = prepare(executor, asked);
    if ('errors' in found) return found;
    known.set(key, (prepared = found));
  }
  const { operation } = prepared.answered;
  if (isGet && operation.operation !== OperationTypeNode.QUERY)
    throw new HttpRefusal(405, 'A GET takes queries only.', { allow: 'POST' });
  const declared = operation.variableDefinitions ?? [];
  const { errors } = getVariableValues(executor.schema, declared, variables, { maxErrors: 20 });
  return errors ? { errors: errors.map((error) => told(error, 'BAD_USER_INPUT')) } : prepared;
}

function prepare(executor: PlanExecutor, { query, operationName }: Asked): PreparedOperation | Refused {
  const { schema } = executor;
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    return { errors: [told(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')] };
  }
  const invalid = validate(schema, document);
  if (invalid.length > 0) return { errors: invalid.map((error) => told(error, 'GRAPHQL_VALIDATION_FAILED')) };
  const operation = getOperationAST(document, operationName);
  if (!operation) return refused('Say by operationName which operation of the document to run.');
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) return refused('Subscriptions are not served.');
  const hash = createHash('sha256').update(query).digest('hex');
  const executed = executedOperation(schema, document, operationName);
  return executor.prepare(executed, `${hash} ${operationName ?? ''}`);
}

const told = (error: GraphQLError, code: string): GraphQLFormattedError => ({
  ...error.toJSON(),
  extensions: { code },
});
const refused = (message: string) => ({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });

function introspect(schema: GraphQLSchema, field: FieldNode, asked: Answered, variables: Record<string, unknown>) {
  const alone = { ...asked.operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [field] } } as const;
  const { data } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [alone, ...asked.fragments.values()] },
    variableValues: variables,
  });
  return data?.[responseKey(field)];
}

/** As GraphQL over HTTP asks: the newer type for those who say that they know it. */
function contentType({ headers }: IncomingMessage): string {
  const newer = 'application/graphql-response+json';
  return `${headers.accept?.includes(newer) ? newer : 'application/json'}; charset=utf-8`;
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, log: Logger): void {
  if (error instanceof HttpRefusal) return send(response, error.status, error.body(''), error.headers);
  if (error instanceof GraphQLError)
    return send(response, 400, JSON.stringify({ errors: [error] }), { 'content-type': contentType(request) });
  log.error({ err: error }, 'operation failed');
  const errors = [{ message: 'No plan was found for this operation.', extensions: { code: 'INTERNAL' } }];
  send(response, 500, JSON.stringify({ errors }), { 'content-type': contentType(request) });
}
