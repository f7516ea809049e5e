import {
  type DocumentNode,
  getVariableValues,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { Principal } from '../../platform/principal/principal';
import { Refusal } from '../authenticate/identity';
import type { PrincipalSource } from '../authenticate/principal-source';
import {
  type AuthorizedOperation,
  type Authorizer,
  type Caller,
  type DeniedInput,
  denialErrors,
  type Explanation,
  rejectWhole,
} from '../authorize';
import { executedOperation } from '../authorize/operation-walk';
import { HttpRefusal } from '../http/body';
import { planningCost } from '../limits';
import { internalError, isPublicCode, MASKED_MESSAGE, publicError, UNAVAILABLE_MESSAGE } from '../public-errors';
import type { RequestAudit } from '../request-audit';
import type { RequestState } from '../request-state';
import { introspectionIn, type VisibleSchemas } from './introspection';
import type { PlanExecutor, PreparedOperation } from './plan/executor';
import { signedCaller } from './signed-caller';
import { isStale, nothingRan } from './stale-principal';

export interface ExecutorOptions {
  /** Plans and runs, and knows nothing of rights. */
  plans: Pick<PlanExecutor, 'prepare' | 'execute'>;
  /** The API schema of the supergraph that `authorizer` judges by. */
  schema: GraphQLSchema;
  authorizer: Authorizer;
  visibleSchemas: VisibleSchemas;
  principals: Pick<PrincipalSource, 'reload'>;
  /** By subgraph. */
  principalKeys: Readonly<Record<string, Uint8Array>>;
  audit: RequestAudit;
  /** Says why, of a judged operation; left out where nobody may be told. */
  explain?: (request: ClientRequest, judged: Judged) => Explanation;
}

/** An operation as a client sent it. */
export interface ClientRequest {
  /** Valid against the schema; the executed operation is one of it. */
  document: DocumentNode;
  /** The exact text that `document` was parsed from. */
  text: string;
  /** SHA-256 of the text, hex. */
  textHash: string;
  operationName: string | null | undefined;
  variables: Readonly<Record<string, unknown>>;
}

/** What the client gets. */
export interface Answer {
  /** The JSON of `data`, UTF-8; left out where an error is the client's mistake, and nothing ran. */
  data?: Buffer;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
  /** For the executor alone: what subgraphs refused, at the places where it came to be. */
  faults?: readonly GraphQLFormattedError[];
}

export type AuthorizingExecutor = (request: ClientRequest, state: RequestState) => Promise<Answer>;

const NULL = Buffer.from('null');

/** Of the name of an operation, what is told to the log and to subgraphs. */
const MAX_NAME = 100;

/** An operation after judgement, ready to run or not. */
export interface Judged {
  authorized: AuthorizedOperation;
  caller: Caller;
  /** The answer of an operation that is rejected before any fetch. */
  rejected?: Answer;
}

/**
 * Stands between the client and the plan: judges the operation and runs the part that the caller may run. When a subgraph
 * says that the rights have changed, all of it is done once more with the new Principal; of mutations only when nothing ran.
 */
export function createAuthorizingExecutor(options: ExecutorOptions): AuthorizingExecutor {
  const prepared = new WeakMap<AuthorizedOperation, PreparedOperation>();
  const prepare = (authorized: AuthorizedOperation): PreparedOperation => {
    let operation = prepared.get(authorized);
    if (!operation) prepared.set(authorized, (operation = prepareAuthorized(options, authorized)));
    return operation;
  };
  const run = (request: ClientRequest, state: RequestState, judged: Judged): Promise<Answer> =>
    runJudged(options, prepare, request, state, judged);

  return async (request, state) => {
    try {
      const judged = judge(options, request, state);
      const answer = await run(request, state, judged);
      if (!isStale(answer)) return explained(options, request, state, judged, answer);
      if (judged.authorized.operationType === 'mutation' && !nothingRan(answer, judged.authorized))
        return changedMeanwhile();
      state.principal = await options.principals.reload(state.identity, state.perspective, state.principal);
      const anew = judge(options, request, state);
      const again = await run(request, state, anew);
      return isStale(again) ? changedMeanwhile() : explained(options, request, state, anew, again);
    } catch (error) {
      // Without data, an error is the client's mistake and the status 400.
      if (error instanceof GraphQLError && error.extensions.code === 'BAD_USER_INPUT')
        return { errors: [error.toJSON()] };
      if (error instanceof Refusal || error instanceof HttpRefusal) {
        state.refused = error;
        return { errors: [publicError(error.code, error.message).toJSON()] };
      }
      state.log.error({ requestId: state.requestId, err: error }, 'operation failed');
      return { data: NULL, errors: [internalError(state.requestId).toJSON()] };
    }
  };
}

/** Step 2 of a request (architecture, section 1): what this caller may run, from the text and the inputs. */
function judge(options: ExecutorOptions, request: ClientRequest, state: RequestState): Judged {
  const { authorizer, schema, audit } = options;
  const { document, text, textHash, operationName } = request;
  const caller = toCaller(state.principal);
  const authorized = authorizer.authorize(document, operationName, text, caller);
  const { operation } = authorized.original;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables, {
    maxErrors: 10,
  });
  if (errors) throw publicError('BAD_USER_INPUT', errors.map((error) => error.message).join(' '));

  const deniedInputs = authorizer.checkInputs(authorized, coerced, caller);
  const isRejected = deniedInputs.length > 0 || rejectWhole(authorized, authorized.operationType, caller);
  const name = operation.name?.value.slice(0, MAX_NAME) ?? null;
  state.operation = { name, hash: textHash, type: authorized.operationType };
  audit.begin(state, {
    operationName: name,
    operationHash: textHash,
    operationType: authorized.operationType,
    outcome: isRejected ? 'rejected' : authorized.kind,
    denials: [...new Set([...authorized.denials, ...deniedInputs].map(({ coordinate }) => coordinate))],
  });
  return { authorized, caller, ...(isRejected && { rejected: rejection(authorized, deniedInputs) }) };
}

/**
 * What is fetched is the authorized part, and its plan is kept under the hash of that part: a plan made for other rights is
 * never found (attack 25). What is answered has the shape that the client asked for.
 */
function prepareAuthorized({ plans, schema }: ExecutorOptions, authorized: AuthorizedOperation): PreparedOperation {
  const { document, original, deniedNodes } = authorized;
  return plans.prepare(executedOperation(schema, document, null), authorized.hash, {
    ...original,
    denied: deniedNodes,
  });
}

async function runJudged(
  { plans, principalKeys, visibleSchemas }: ExecutorOptions,
  prepare: (authorized: AuthorizedOperation) => PreparedOperation,
  { variables }: ClientRequest,
  state: RequestState,
  { authorized, caller, rejected }: Judged,
): Promise<Answer> {
  if (rejected) return rejected;
  const introspection = introspectionIn(authorized);
  if (introspection === 'mixed') throw publicError('BAD_USER_INPUT', 'Ask for the schema in an operation of its own.');
  if (introspection === 'only') {
    const { data, errors } = visibleSchemas.introspect(authorized, variables, caller);
    return { data: Buffer.from(JSON.stringify(data ?? null)), errors: errors?.map((error) => error.toJSON()) };
  }
  const denials = denialErrors(authorized.denials);
  // What is denied wholly is never planned: nothing may be fetched.
  if (authorized.kind === 'denied') return { data: NULL, errors: denials };
  const operation = prepare(authorized);
  if (!operation.plan.isMade(operation.conditionsOf(variables))) await state.charge(planningCost(authorized.document));
  const { data, errors, faults } = await plans.execute(operation, signedCaller(state, variables, principalKeys));
  return { data, errors: [...errors.map((error) => toPublic(error, state)), ...denials], faults };
}

/** To who asks for it, and where the system explains at all: beside the answer, which stays as it is, why it is so. */
function explained(
  { explain }: ExecutorOptions,
  request: ClientRequest,
  state: RequestState,
  judged: Judged,
  answer: Answer,
): Answer {
  if (!explain || !state.explains) return answer;
  return { ...answer, extensions: { explain: explain(request, judged) } };
}

const callers = new WeakMap<Principal, Caller>();

function toCaller(principal: Principal): Caller {
  let caller = callers.get(principal);
  if (!caller) {
    caller = { authenticated: true, capabilities: new Set(principal.capabilities), level: principal.level };
    callers.set(principal, caller);
  }
  return caller;
}

function rejection(authorized: AuthorizedOperation, deniedInputs: readonly DeniedInput[]): Answer {
  const inputs = deniedInputs.map(({ path, input }) => ({
    message: 'Not available to you',
    path,
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' as const, argumentPath: input },
  }));
  return { data: NULL, errors: [...denialErrors(authorized.denials), ...inputs] };
}

/** Subgraph errors were made readable where they came in; what the executor adds of its own ends here. */
function toPublic(error: GraphQLFormattedError, state: RequestState): GraphQLFormattedError {
  const { message, path, extensions } = error;
  const code = extensions?.code;
  if (code !== 'INTERNAL' && (code === 'STALE_PRINCIPAL' || isPublicCode(code))) return error;
  if (message !== MASKED_MESSAGE && message !== UNAVAILABLE_MESSAGE)
    state.log.error({ requestId: state.requestId, fault: message, path }, 'execution failed');
  return internalError(state.requestId, message === UNAVAILABLE_MESSAGE ? message : undefined, path).toJSON();
}

/** The rights changed twice while the request ran, or after a part of a mutation was done. */
function changedMeanwhile(): Answer {
  const message =
    'The rights of this account changed while the request ran. Look at the present state, then repeat it.';
  return { data: NULL, errors: [publicError('CONFLICT', message).toJSON()] };
}
