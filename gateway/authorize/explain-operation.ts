/** Why an operation is allowed or denied, for developers: what every selection and input takes, and what the caller lacks. */
import { type DocumentNode, getVariableValues, type GraphQLSchema } from 'graphql';
import { authorizeOperation, type AuthorizedOperation } from './authorize-operation';
import { findInputSites, visitReadingInputs } from './check-inputs';
import { badInput, isIntrospection, walkFields } from './operation-walk';
import type { PolicyIndex } from './policy-index';
import { type Caller, isSatisfied, missingFrom, NEVER, printRequirement, type Requirement } from './requirement';

/** The decision on one selection or input. */
export interface Verdict {
  /** Response keys from the root; for an input, of the field that takes it. */
  readonly path: readonly string[];
  /** Where in the arguments of that field; only of inputs. */
  readonly input?: readonly string[];
  readonly coordinate: string;
  readonly allowed: boolean;
  /** As `printRequirement` spells it. */
  readonly requirement: string;
  /** What the caller lacks, spelt the same way; null when nothing. */
  readonly missing: string | null;
  /** The fields that an input reads. */
  readonly reads?: readonly string[];
}

export interface Explanation {
  /** As the gateway decides: `rejected` is refused whole, `filtered` answers without the denied selections. */
  readonly outcome: AuthorizedOperation['kind'] | 'rejected';
  readonly selections: readonly Verdict[];
  readonly inputs: readonly Verdict[];
}

/**
 * Judges an operation as the gateway does, and says why. Unlike there, what stands below a denied selection is judged too.
 * It tells what a caller may not know: it is for the command line, and for requests to a system of initial data that is not
 * in production.
 *
 * @param rejectsWhole whether denials reject the whole operation, see `rejectWhole`
 * @throws GraphQLError (BAD_USER_INPUT) when the operation can't be determined, or its variables don't fit
 */
export function explainOperation(options: {
  index: PolicyIndex;
  schema: GraphQLSchema;
  /** Valid against `schema`. */
  document: DocumentNode;
  operationName?: string | null;
  variables: Readonly<Record<string, unknown>>;
  caller: Caller;
  rejectsWhole: (authorized: AuthorizedOperation) => boolean;
}): Explanation {
  const { index, schema, caller, variables } = options;
  const authorized = authorizeOperation(options);
  const { original } = authorized;
  const { coerced, errors } = getVariableValues(schema, original.operation.variableDefinitions ?? [], variables);
  if (errors) throw badInput(errors.map((error) => error.message).join('\n'));

  const selections: Verdict[] = [];
  walkFields(schema, original, (field) => {
    if (isIntrospection(field)) return false;
    const coordinate = `${field.parent.name}.${field.node.name.value}`;
    const requirement = index.selections.get(coordinate) ?? NEVER;
    selections.push({ path: field.path, coordinate, ...decisionOn(requirement, caller) });
    return true;
  });
  const inputs: Verdict[] = [];
  visitReadingInputs(findInputSites(index, schema, original), index, coerced, (requirement, place) => {
    inputs.push({ ...place, ...decisionOn(requirement, caller), reads: index.readSources.get(place.coordinate) });
  });
  const isRejected = inputs.some(({ allowed }) => !allowed) || options.rejectsWhole(authorized);
  return { outcome: isRejected ? 'rejected' : authorized.kind, selections, inputs };
}

function decisionOn(requirement: Requirement, caller: Caller): Pick<Verdict, 'allowed' | 'requirement' | 'missing'> {
  const allowed = isSatisfied(requirement, caller);
  const missing = allowed ? null : printRequirement(missingFrom(requirement, caller));
  return { allowed, requirement: printRequirement(requirement), missing };
}
