import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import { badInput, type ExecutedOperation, type FieldInPlace, listPositions, responseKey } from './operation-walk';

/** One selection that the caller may not have. */
export interface Denial {
  /** Response keys from the root; `"@"` stands for the positions of a list, whose number it must not reveal. */
  readonly path: readonly string[];
  /** `Type.field`, for the audit log; never part of an answer. */
  readonly coordinate: string;
}

/**
 * A caller chooses how often a fragment is spread, and each position is an error in the answer. Real operations have some
 * dozens; beyond this many the operation is refused instead of answered.
 */
export const MAX_DENIALS = 1_000;

/** Which selection sets hold a denied field at any depth, fragments included. */
export class DeniedBelow {
  private readonly known = new Map<SelectionSetNode, boolean>();

  constructor(
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly denied: ReadonlySet<FieldNode>,
  ) {}

  has(set: SelectionSetNode | undefined): boolean {
    if (!set) return false;
    const known = this.known.get(set);
    if (known !== undefined) return known;
    const found = set.selections.some((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD)
        return this.has(this.fragments.get(selection.name.value)?.selectionSet);
      if (selection.kind === Kind.FIELD && this.denied.has(selection)) return true;
      return this.has(selection.selectionSet);
    });
    this.known.set(set, found);
    return found;
  }
}

/**
 * The denied selections with their places in the answer, each place and coordinate once: a fragment that is spread at two
 * places denies at two, one that is spread twice at the same place denies once.
 *
 * Only selection sets with a denial below are entered, and each only once per place, so the work is bounded by the answer.
 *
 * @throws GraphQLError (BAD_USER_INPUT) beyond `MAX_DENIALS`
 */
export function collectDenials(
  { operation, fragments }: ExecutedOperation,
  denied: ReadonlySet<FieldNode>,
  below: DeniedBelow,
  places: ReadonlyMap<FieldNode, FieldInPlace>,
): Denial[] {
  const denials = new Map<string, Denial>();
  const entered = new Map<SelectionSetNode, Set<string>>();

  const enter = (set: SelectionSetNode | undefined, path: readonly string[]): void => {
    if (!set || !below.has(set) || !isFirstVisit(entered, set, path.join('.'))) return;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) enter(fragments.get(selection.name.value)?.selectionSet, path);
      else if (selection.kind === Kind.INLINE_FRAGMENT) enter(selection.selectionSet, path);
      else if (denied.has(selection)) add(selection, path);
      else if (below.has(selection.selectionSet)) enter(selection.selectionSet, childPath(selection, path));
    }
  };
  const childPath = (node: FieldNode, path: readonly string[]) => [
    ...path,
    responseKey(node),
    ...listPositions(places.get(node)!.definition.type),
  ];
  const add = (node: FieldNode, parentPath: readonly string[]): void => {
    const coordinate = `${places.get(node)!.parent.name}.${node.name.value}`;
    const path = [...parentPath, responseKey(node)];
    denials.set(`${path.join('.')} ${coordinate}`, { path, coordinate });
    if (denials.size > MAX_DENIALS) throw badInput('The operation selects too much that this caller may not use');
  };
  enter(operation.selectionSet, []);
  return [...denials.values()];
}

function isFirstVisit(entered: Map<SelectionSetNode, Set<string>>, set: SelectionSetNode, path: string): boolean {
  const paths = entered.get(set) ?? new Set();
  if (paths.has(path)) return false;
  entered.set(set, paths.add(path));
  return true;
}

export interface DenialError {
  readonly message: string;
  readonly path: readonly string[];
  readonly extensions: { readonly code: 'UNAUTHORIZED_FIELD_OR_TYPE' };
}

/** One error per denied place. They don't say what right is missing, nor on which type a key was denied. */
export function denialErrors(denials: readonly Denial[]): DenialError[] {
  const paths = new Map(denials.map(({ path }) => [path.join('.'), path]));
  return [...paths.values()].map((path) => ({
    message: 'Not available to you',
    path,
    extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
  }));
}
