import { type DocumentNode, type FieldNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql';
import type { ExecutedOperation } from '../../authorize/operation-walk';
import { saysOf } from './conditions';
import type { PrivateKeys } from './private-keys';

/**
 * An operation as the planner gets it: alone with the fragments; without its name, which the planner would put into the text
 * of every fetch, so that no two of them agree; and without what `@skip` and `@include` are known to exclude, which it
 * would fetch all the same. What the client names itself has private keys.
 *
 * @param decided variables of `@skip` and `@include` whose values are known
 */
export function plannable(
  { operation, fragments }: ExecutedOperation,
  keys: PrivateKeys,
  decided: Readonly<Record<string, unknown>>,
): DocumentNode {
  const definitions = [{ ...operation, name: undefined }, ...fragments.values()];
  const alone: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  const isExcluded = ({ directives }: SelectionNode) => directives?.some((one) => saysOf(one, decided) === false);
  return visit(alone, {
    SelectionSet(set): SelectionSetNode | undefined {
      const selections = set.selections.filter((selection) => !isExcluded(selection));
      if (selections.length === set.selections.length) return undefined;
      return { ...set, selections: selections.length > 0 ? selections : [TYPENAME] };
    },
    Field(field): FieldNode | undefined {
      const key = keys.of(field);
      return key === field.name.value ? undefined : { ...field, alias: { kind: Kind.NAME, value: key } };
    },
    Directive: (directive) => (saysOf(directive, decided) === true ? null : undefined),
  });
}

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
