import { type DocumentNode, Kind, type GraphQLSchema, type SelectionSetNode, visit } from 'graphql';
import { type AuthorizedOperation, denialErrors } from '../authorize';
import { responseKey } from '../authorize/operation-walk';
import { Faults } from './plan/faults';
import type { JsonObject } from './plan/json';
import { compileProjector } from './plan/project';

/** The answer that a client gets for what was fetched, under the keys of the client instead of private ones. */
export function filteredAnswer(
  schema: GraphQLSchema,
  authorized: AuthorizedOperation,
  conditions: Record<string, unknown>,
  fetched: unknown,
) {
  const faults = new Faults({ toClient: (key) => key });
  const answered = { ...authorized.original, denied: authorized.deniedNodes };
  const project = compileProjector({ schema, ...answered, conditions, keys: { of: responseKey } });
  const data = authorized.kind === 'denied' || !fetched ? 'null' : project(fetched as JsonObject, faults).toString();
  return { data, faults: faults.errors, denials: denialErrors(authorized.denials) };
}

/** A document as a plan fetches it: with the names of all types. */
export const withTypenames = (document: DocumentNode): DocumentNode =>
  visit(document, {
    SelectionSet: (set, _key, parent): SelectionSetNode | undefined =>
      (parent as { kind?: Kind }).kind === Kind.OPERATION_DEFINITION
        ? undefined
        : { ...set, selections: [...set.selections, TYPENAME] },
  });
const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;
