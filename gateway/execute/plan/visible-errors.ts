import type { GraphQLFormattedError } from 'graphql';

type Path = readonly (string | number)[];

/**
 * Errors at fields that the client did not ask for, but that the plan fetched, are told at the object that they belong to.
 *
 * @param data the JSON of the answer, UTF-8
 */
export function visibleErrors(
  errors: readonly GraphQLFormattedError[],
  data: Buffer,
): readonly GraphQLFormattedError[] {
  if (errors.length === 0) return errors;
  const answer = JSON.parse(data.toString()) as unknown;
  const visible = new Map<string, GraphQLFormattedError>();
  for (const error of errors) {
    const path = error.path?.slice(0, depthIn(answer, error.path, 0));
    const told = path?.length ? { ...error, path } : { ...error, path: undefined };
    visible.set(JSON.stringify([told.path, told.message]), told);
  }
  return [...visible.values()];
}

/** How much of a path the answer has; below null, all of it. */
function depthIn(value: unknown, path: Path, depth: number): number {
  if (depth === path.length || value === null || typeof value !== 'object') return path.length;
  const element = path[depth]!;
  if (element === '@' && Array.isArray(value)) {
    if (value.length === 0) return path.length;
    return Math.max(...value.map((item) => depthIn(item, path, depth + 1)));
  }
  if (!Object.hasOwn(value, element)) return depth;
  return depthIn((value as Record<string | number, unknown>)[element], path, depth + 1);
}
