import { type DirectiveNode, type DocumentNode, Kind, visit } from 'graphql';
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

/** The variables that `@skip` and `@include` of a document ask. */
export function conditionNames(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
