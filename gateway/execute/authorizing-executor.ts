import { type ApolloGateway } from '@apollo/gateway';
import { type ExecutionResult, getVariableValues, GraphQLError, type GraphQLSchema } from 'graphql';
import type { Principal } from '../../platform/principal/principal';
import { Refusal } from '../authenticate/identity';
import type { PrincipalSource } from '../authenticate/principal-source';
import {
  type AuthorizedOperation,
  type Authorizer,
  type Caller,
  completeResponse,
  type DeniedInput,
  denialErrors,
  type Explanation,
  rejectWhole,
} from '../authorize';
import { internalError, isPublicCode, publicError } from '../public-errors';
import type { RequestAudit } from '../request-audit';
import type { GatewayContext, RequestState } from '../request-state';
import { introspectionIn, type VisibleSchemas } from './introspection';
import { isStale, nothingRan } from './stale-principal';

export type InnerExecutor = ApolloGateway['executor'];
export type InnerContext = Parameters<InnerExecutor>[0];
type Answer = ExecutionResult<Record<string, unknown>, Record<string, unknown>>;

export interface ExecutorOptions {
  /** The planner and executor that know nothing of rights. */
  inner: InnerExecutor;
  /** The API schema of the supergraph that `authorizer` judges by. */
  schema: GraphQLSchema;
  authorizer: Authorizer;
  visibleSchemas: VisibleSchemas;
  principals: Pick<PrincipalSource, 'reload'>;
  audit: RequestAudit;
  /** Says why, of a judged operation; left out where nobody may be told. */
  explain?: (request: InnerContext, judged: Judged) => Explanation;
}

/** Of the name of an operation, what is told to the log and to subgraphs. */
const MAX_NAME = 100;

/** An operation after judgement, ready to run or not. */
export interface Judged {
  authorized: AuthorizedOperation;
  variables: Record<string, unknown>;
  caller: Caller;
  /** The answer of an operation that is rejected before any fetch. */
  rejected?: Answer;
}

/**
 * Stands between Apollo Server and the planner: judges the operation, runs the part that the caller may run, and completes
 * the answer. When a subgraph says that the rights have changed, all of it is done once more with the new Principal; of
 * mutations only when nothing ran.
 */
export function createAuthorizingExecutor(options: ExecutorOptions) {
  return async (request: InnerContext): Promise<Answer> => {
    const { state } = request.context as GatewayContext;
    try {
      const judged = judge(options, request, state);
      const answer = await run(options, request, state, judged);
      if (!isStale(answer)) return explained(options, request, judged, answer);
      if (judged.authorized.operationType === 'mutation' && !nothingRan(answer, judged.authorized))
        return changedMeanwhile();
      state.principal = await options.principals.reload(state.identity, state.perspective, state.principal);
      const anew = judge(options, request, state);
      const again = await run(options, request, state, anew);
      return isStale(again) ? changedMeanwhile() : explained(options, request, anew, again);
    } catch (error) {
      // Without data, an error is the client's mistake and the status 400.
      if (error instanceof GraphQLError && error.extensions.code === 'BAD_USER_INPUT') return { errors: [error] };
      if (error instanceof Refusal) {
        state.refused = error;
        return { errors: [publicError('UNAUTHENTICATED', error.message)] };
      }
      state.log.error({ err: error }, 'operation failed');
      return { data: null, errors: [internalError(state.requestId)] };
    }
  };
}

/** Step 2 of a request (architecture, section 1): what this caller may run, from the text and the inputs. */
function judge(
  options: ExecutorOptions,
  { request, document, source, queryHash }: InnerContext,
  state: RequestState,
): Judged {
  const { authorizer, schema, audit } = options;
  const caller = toCaller(state.principal);
  const authorized = authorizer.authorize(document, request.operationName, source, caller);
  const { operation } = authorized.original;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {}, {
    maxErrors: 10,
  });
  if (errors) throw publicError('BAD_USER_INPUT', errors.map((error) => error.message).join(' '));

  const deniedInputs = authorizer.checkInputs(authorized, coerced, caller);
  const isRejected = deniedInputs.length > 0 || rejectWhole(authorized, authorized.operationType, caller);
  const name = operation.name?.value.slice(0, MAX_NAME) ?? null;
  state.operation = { name, hash: queryHash };
  audit.begin(state, {
    operationName: name,
    operationHash: queryHash,
    operationType: authorized.operationType,
    outcome: isRejected ? 'rejected' : authorized.kind,
    denials: [...new Set([...authorized.denials, ...deniedInputs].map(({ coordinate }) => coordinate))],
  });
  return {
    authorized,
    variables: coerced,
    caller,
    ...(isRejected && { rejected: rejection(authorized, deniedInputs) }),
  };
}

async function run(
  options: ExecutorOptions,
  request: InnerContext,
  state: RequestState,
  judged: Judged,
): Promise<Answer> {
  const { authorized, variables, caller, rejected } = judged;
  if (rejected) return rejected;
  const introspection = introspectionIn(authorized);
  if (introspection === 'mixed') throw publicError('BAD_USER_INPUT', 'Ask for the schema in an operation of its own.');
  if (introspection === 'only') {
    return options.visibleSchemas.introspect(authorized, request.request.variables ?? {}, caller) as Answer;
  }
  // What is denied wholly is never planned: nothing may be fetched.
  const fetched = authorized.kind === 'denied' ? { data: null } : await options.inner(planned(request, authorized));
  const errors = fetched.errors?.map((error) => toPublic(error, state));
  const completed = completeResponse({ schema: options.schema, authorized, variables, data: fetched.data, errors });
  return { data: completed.data, ...(completed.errors && { errors: completed.errors.map(toGraphQLError) }) };
}

/** To who asks for it, and where the system explains at all: beside the answer, which stays as it is, why it is so. */
function explained({ explain }: ExecutorOptions, request: InnerContext, judged: Judged, answer: Answer): Answer {
  if (!explain || !(request.context as GatewayContext).state.explains) return answer;
  return { ...answer, extensions: { explain: explain(request, judged) } };
}

/**
 * The request as the planner sees it. Its plan cache is keyed by `queryHash` and the operation's name, so both are those of
 * the authorized operation: a plan made for other rights is never found (attack 25).
 */
function planned(request: InnerContext, { document, text, hash }: AuthorizedOperation): InnerContext {
  return {
    ...request,
    request: { query: text, variables: request.request.variables },
    document,
    source: text,
    queryHash: hash,
  };
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
  return { data: null, errors: [...denialErrors(authorized.denials), ...inputs].map(toGraphQLError) };
}

function toGraphQLError(
  error: GraphQLError | { message: string; path: readonly string[]; extensions: object },
): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError(error.message, { path: error.path, extensions: { ...error.extensions } });
}

/** Subgraph errors were made readable where they came in; what the planner adds (names of subgraphs) ends here. */
function toPublic({ message, path, extensions }: GraphQLError, state: RequestState): GraphQLError {
  const { code, argumentPath, written } = extensions;
  if (code === 'INTERNAL') return internalError(state.requestId, message, path);
  if (code === 'STALE_PRINCIPAL' || isPublicCode(code))
    return new GraphQLError(message, { path, extensions: { code, argumentPath, written } });
  state.log.error({ fault: message, path }, 'execution failed');
  return internalError(state.requestId, undefined, path);
}

/** The rights changed twice while the request ran, or after a part of a mutation was done. */
function changedMeanwhile(): Answer {
  return {
    data: null,
    errors: [
      publicError(
        'CONFLICT',
        'The rights of this account changed while the request ran. Look at the present state, then repeat it.',
      ),
    ],
  };
}
