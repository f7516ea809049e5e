import { type DirectiveNode, Kind, visit } from 'graphql';
import type { ExecutedOperation } from '../../authorize/operation-walk';
import type { JsonObject } from './json';

/** Whether a directive includes its selection; undefined when it is neither `@skip` nor `@include`, or that isn't known. */
export function saysOf({ name, arguments: given }: DirectiveNode, known: Readonly<JsonObject>): boolean | undefined {
  if (name.value !== 'skip' && name.value !== 'include') return undefined;
  const condition = given?.find((one) => one.name.value === 'if')?.value;
  const value =
    condition?.kind === Kind.VARIABLE
      ? known[condition.name.value]
      : condition?.kind === Kind.BOOLEAN
        ? condition.value
        : undefined;
  return typeof value === 'boolean' ? value === (name.value === 'include') : undefined;
}

/** The variables that `@skip` and `@include` of an operation and its fragments ask. */
export function conditionNames({ operation, fragments }: ExecutedOperation): string[] {
  const names = new Set<string>();
  const directives = {
    Directive({ name, arguments: given }: DirectiveNode) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  };
  for (const node of [operation, ...fragments.values()]) visit(node, directives);
  return [...names];
}
