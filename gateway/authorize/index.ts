/** Field authorization: what of an operation a caller may run. */
import type { DocumentNode, GraphQLSchema, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type AuthorizedOperation, authorizeOperation } from './authorize-operation';
import { checkInputSites, type DeniedInput, findInputSites, type InputSite } from './check-inputs';
import type { PolicyIndex } from './policy-index';
import type { Caller } from './requirement';

export { type AuthorizedOperation, authorizeOperation } from './authorize-operation';
export { checkInputs, type DeniedInput } from './check-inputs';
export { type Denial, denialErrors } from './denials';
export { type Explanation, explainOperation, type Verdict } from './explain-operation';
export { boundHash, buildPolicyIndex, type PolicyIndex, stripSupergraph } from './policy-index';
export { type Caller, isSatisfied, type Requirement } from './requirement';

export interface Authorizer {
  /** Hash of the supergraph whose policy this is. */
  readonly hash: string;
  /**
   * As `authorizeOperation`, remembered per operation and caller class.
   *
   * @param text the exact text that `document` was parsed from
   * @throws GraphQLError (BAD_USER_INPUT), see `authorizeOperation`; errors are not remembered
   */
  authorize(
    document: DocumentNode,
    operationName: string | null | undefined,
    text: string,
    caller: Caller,
  ): AuthorizedOperation;
  /** As `checkInputs`, on every request: the values may differ each time. */
  checkInputs(
    authorized: AuthorizedOperation,
    coercedVariables: Readonly<Record<string, unknown>>,
    caller: Caller,
  ): DeniedInput[];
}

/** Of the texts of operations with a decision, in characters: a decision and the plan that hangs on it are many times as long. */
const MAX_REMEMBERED_TEXT = 4 * 1024 * 1024;

/**
 * An authorizer for one supergraph; a new supergraph gets a new one, so no decision outlives its policy.
 *
 * @param maxEntries bound of the decision cache, least recently used out first
 */
export function createAuthorizer(options: {
  index: PolicyIndex;
  /** The API schema of the same supergraph. */
  schema: GraphQLSchema;
  maxEntries: number;
}): Authorizer {
  const { index, schema, maxEntries } = options;
  const decisions = new LRUCache<string, AuthorizedOperation>({ max: maxEntries, maxSize: MAX_REMEMBERED_TEXT });
  const sites = new WeakMap<AuthorizedOperation, InputSite[]>();

  return {
    hash: index.hash,
    authorize(document, operationName, text, caller) {
      const key = cacheKey(text, operationName, caller);
      const known = decisions.get(key);
      if (known) return known;
      const authorized = authorizeOperation({ index, schema, document, operationName, caller });
      sites.set(authorized, findInputSites(index, schema, authorized.original));
      decisions.set(key, authorized, { size: text.length + 1 });
      return authorized;
    },
    checkInputs(authorized, coercedVariables, caller) {
      const found = sites.get(authorized) ?? findInputSites(index, schema, authorized.original);
      return checkInputSites(found, index, coercedVariables, caller);
    },
  };
}

/**
 * Whether a denial rejects the whole operation instead of one field: a mutation must not run half, and a partner agency
 * asks for what its grant names or gets nothing (design/authorization.md, "Rejecting").
 */
export function rejectWhole(
  authorized: Pick<AuthorizedOperation, 'denials'>,
  operationType: OperationTypeNode | `${OperationTypeNode}`,
  caller: Caller,
): boolean {
  return authorized.denials.length > 0 && (operationType === 'mutation' || caller.level === 'partner');
}

/** Everything that a decision depends on. The first two parts are JSON, which has no line ends, so no part can be mistaken for another. */
function cacheKey(text: string, operationName: string | null | undefined, caller: Caller): string {
  return `${rightsKey(caller)}\n${JSON.stringify(operationName ?? null)}\n${text}`;
}

const rights = new WeakMap<Caller, string>();

function rightsKey(caller: Caller): string {
  let key = rights.get(caller);
  if (key === undefined) {
    key = JSON.stringify([caller.authenticated, caller.level, [...caller.capabilities].sort()]);
    rights.set(caller, key);
  }
  return key;
}
