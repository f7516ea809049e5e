import { createHash } from 'node:crypto';
import { type DocumentNode, type FieldNode, type GraphQLSchema, type OperationTypeNode, print } from 'graphql';
import { collectDenials, type Denial, DeniedBelow } from './denials';
import { filterOperation, unusedKey } from './filter-operation';
import {
  type ExecutedOperation,
  executedOperation,
  type FieldInPlace,
  isIntrospection,
  walkFields,
} from './operation-walk';
import type { PolicyIndex } from './policy-index';
import { type Caller, isSatisfied, NEVER } from './requirement';

export { checkInputs } from './check-inputs';
export type { Denial } from './denials';

export interface AuthorizedOperation {
  /** `denied`: nothing is left, the answer is `data: null` and nothing may be fetched. */
  readonly kind: 'allowed' | 'filtered' | 'denied';
  /** The part of the operation that this caller may run: the executed operation and its fragments, nothing else. */
  readonly document: DocumentNode;
  /** `document`, printed. */
  readonly text: string;
  /** SHA-256 over the policy's hash and `text`: what a plan is cached under. Never the hash of what the client sent. */
  readonly hash: string;
  readonly denials: readonly Denial[];
  readonly operationType: OperationTypeNode;
  /** What the client gets an answer to, denied selections included. */
  readonly original: ExecutedOperation;
  readonly deniedNodes: ReadonlySet<FieldNode>;
}

export interface AuthorizeInput {
  readonly index: PolicyIndex;
  /** The API schema of the same supergraph. */
  readonly schema: GraphQLSchema;
  /** A document that is valid against `schema`. */
  readonly document: DocumentNode;
  readonly operationName?: string | null;
  readonly caller: Caller;
}

/**
 * The part of an operation that this caller may run, decided from the text alone: neither variables nor `@skip` and
 * `@include` change a decision (attack 17), so the result can be kept per operation and caller class.
 *
 * A selection takes parent type ∧ field ∧ returned type. The parent type is the one it is written on, that is, the type
 * condition inside a fragment. Selections below a denied one are not judged again: one denial, at the topmost.
 * `__schema` and `__type` pass; who may use them is not a question of fields.
 *
 * @throws GraphQLError (BAD_USER_INPUT) when the operation can't be determined, isn't valid, or has over `MAX_DENIALS` denials
 */
export function authorizeOperation(input: AuthorizeInput): AuthorizedOperation {
  const { index, schema, caller } = input;
  const original = executedOperation(schema, input.document, input.operationName);
  const { places, denied: nodes } = decide(index, schema, original, caller);
  const below = new DeniedBelow(original.fragments, nodes);
  const denials = collectDenials(original, nodes, below, places);
  const typenameKey = unusedKey(places, 'authorizedTypename');
  const { document, isEmpty } = filterOperation(original, { nodes, below }, typenameKey);
  const text = print(document);
  return {
    kind: denials.length === 0 ? 'allowed' : isEmpty ? 'denied' : 'filtered',
    document,
    text,
    hash: createHash('sha256').update(`${index.hash}\n${text}`).digest('hex'),
    denials,
    operationType: original.operation.operation,
    original,
    deniedNodes: nodes,
  };
}

function decide(index: PolicyIndex, schema: GraphQLSchema, original: ExecutedOperation, caller: Caller) {
  const places = new Map<FieldNode, FieldInPlace>();
  const denied = new Set<FieldNode>();
  const decisions = new Map<string, boolean>();
  walkFields(schema, original, (field) => {
    places.set(field.node, field);
    if (isIntrospection(field)) return true;
    const coordinate = `${field.parent.name}.${field.node.name.value}`;
    let isAllowed = decisions.get(coordinate);
    if (isAllowed === undefined) {
      // A coordinate that the index does not know belongs to another supergraph than the schema.
      isAllowed = isSatisfied(index.selections.get(coordinate) ?? NEVER, caller);
      decisions.set(coordinate, isAllowed);
    }
    if (!isAllowed) denied.add(field.node);
    return isAllowed;
  });
  return { places, denied };
}
