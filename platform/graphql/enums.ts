import { registerEnumType } from 'type-graphql';

/** `@reads` of enum values, by enum and value: type-graphql has no directives on enum values, the SDL printer adds them. */
export const enumValueReads = new Map<string, Record<string, readonly string[]>>();

/**
 * Registers a GraphQL enum with a description for each value. `reads` names, per value, the fields that sorting or grouping
 * by it discloses.
 */
export function graphqlEnum<E extends Record<string, string>>(
  values: E,
  name: string,
  description: string,
  descriptions: { [K in keyof E]: string },
  reads?: Partial<Record<keyof E & string, readonly string[]>>,
): void {
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      Object.entries(descriptions).map(([key, text]) => [key, { description: text as string }]),
    ) as never,
  });
  if (reads) enumValueReads.set(name, reads as Record<string, readonly string[]>);
}
