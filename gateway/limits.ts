import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Pace } from './http/body';
import { publicError } from './public-errors';

/** Bounds of one request. The figures of an operation count with its fragments expanded. */
export interface RequestLimits {
  /** Of a body, whoever sends it. */
  bodyBytes: number;
  /** Of a body from signed-in staff who may write: a scanned copy of 5 MB takes 7 MB in base64 (SEIS-53). */
  uploadBytes: number;
  /** Bodies beyond `bodyBytes` that are taken in at the same time: each stands in memory several times. */
  uploadsAtOnce: number;
  /** Of a body beyond `bodyBytes`. The largest is taken in within 55 seconds, or not at all. */
  uploadPace: Pace;
  /** Of the operation's text. */
  tokens: number;
  depth: number;
  fields: number;
  aliases: number;
  rootFields: number;
  directives: number;
  /** Definitions in the document: validation compares fragments in pairs (attack 49). */
  fragments: number;
  /** That nested pages may hold together: `first: 100` below `first: 100` is 10,000. */
  rows: number;
  /** How long subgraphs are waited for, all together. */
  deadlineMs: number;
}

export const DEFAULT_LIMITS: RequestLimits = {
  bodyBytes: 1024 * 1024,
  uploadBytes: 7_500_000,
  uploadsAtOnce: 4,
  uploadPace: { graceMs: 5_000, bytesPerSecond: 150_000 },
  tokens: 4_000,
  depth: 20,
  fields: 3_000,
  aliases: 50,
  rootFields: 20,
  directives: 100,
  fragments: 100,
  rows: 20_000,
  deadlineMs: 30_000,
};

/** Page sizes of the API, which every connection keeps to, and the fields that hold its rows. */
const MAX_PAGE = 100;
const DEFAULT_PAGE = 25;
const ROWS: ReadonlySet<string> = new Set(['nodes', 'edges']);

interface Size {
  depth: number;
  fields: number;
  aliases: number;
  directives: number;
  rootFields: number;
}
const EMPTY: Size = { depth: 0, fields: 0, aliases: 0, directives: 0, rootFields: 0 };

type Variables = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Variables => typeof value === 'object' && value !== null;

/**
 * Checks operations against the limits, before validation, whose own cost grows with the size of the text. Every operation
 * of a document counts, the ones of introspection too. The work is linear in the text: a fragment is measured once,
 * however often it is spread (attacks 44, 46, 47, 49).
 */
export class OperationLimits {
  /** What fits whatever its variables are. */
  private readonly passed = new LRUCache<string, true>({
    max: 5_000,
    maxSize: 16 * 1024 * 1024,
    sizeCalculation: (_, text) => text.length + 1,
  });

  constructor(private readonly limits: RequestLimits) {}

  /** What is too large about it; undefined when nothing is, or when it isn't GraphQL, which validation says better. */
  check(text: string, variables: unknown = {}): GraphQLError | undefined {
    if (this.passed.has(text)) return undefined;
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: this.limits.tokens, noLocation: true });
    } catch (error) {
      return isTokenLimit(error) ? tooLarge('tokens', this.limits.tokens) : undefined;
    }
    const finding = this.measure(document);
    if (finding) return finding;
    // Deeply nested pages multiply, and no deadline takes back what they have cost.
    const { rows } = this.limits;
    if (rowsOf(document, 'largest') <= rows) this.passed.set(text, true);
    else if (rowsOf(document, isRecord(variables) ? variables : {}) > rows) return tooLarge('rows', rows);
    return undefined;
  }

  private measure(document: DocumentNode): GraphQLError | undefined {
    const measure = new Measure(document);
    if (measure.fragmentCount > this.limits.fragments) return tooLarge('fragments', this.limits.fragments);
    for (const operation of document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
      const size = measure.of(operation.selectionSet);
      if (size === 'cycle') return publicError('BAD_USER_INPUT', 'A fragment spreads itself.');
      for (const name of ['depth', 'fields', 'aliases', 'directives', 'rootFields'] as const) {
        if (size[name] > this.limits[name]) return tooLarge(name, this.limits[name]);
      }
    }
    return undefined;
  }
}

const WORDS = {
  tokens: 'is longer than',
  depth: 'is nested deeper than',
  fields: 'selects more fields than',
  aliases: 'uses more aliases than',
  directives: 'uses more directives than',
  fragments: 'defines more fragments than',
  rootFields: 'has more root fields than',
  rows: 'asks, page within page, for more rows than',
};

const tooLarge = (name: keyof typeof WORDS, limit: number): GraphQLError =>
  publicError(
    'BAD_USER_INPUT',
    `The operation ${WORDS[name]} ${limit}${name === 'tokens' ? ' tokens' : ''}: split it.`,
  );

function isTokenLimit(error: unknown): boolean {
  return error instanceof GraphQLError && error.message.includes('more that') && error.message.includes('tokens');
}

class Measure {
  readonly fragmentCount: number;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<string, Size | 'cycle'>();
  private readonly open = new Set<string>();

  constructor(document: DocumentNode) {
    const definitions = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.fragmentCount = definitions.length;
    for (const node of definitions) this.fragments.set(node.name.value, node);
  }

  of(set: SelectionSetNode): Size | 'cycle' {
    const total = { ...EMPTY };
    for (const selection of set.selections) {
      const isField = selection.kind === Kind.FIELD;
      const below =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? this.ofFragment(selection.name.value)
          : selection.selectionSet
            ? this.of(selection.selectionSet)
            : EMPTY;
      if (below === 'cycle') return 'cycle';
      total.depth = Math.max(total.depth, below.depth + (isField ? 1 : 0));
      total.fields += below.fields + (isField ? 1 : 0);
      total.aliases += below.aliases + (isField && selection.alias ? 1 : 0);
      total.directives += below.directives + (selection.directives?.length ?? 0);
      // Those of an operation, and of a fragment as it would stand at the root.
      total.rootFields += isField ? 1 : below.rootFields;
    }
    return total;
  }

  private ofFragment(name: string): Size | 'cycle' {
    const known = this.known.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return EMPTY;
    if (this.open.has(name)) return 'cycle';
    this.open.add(name);
    const size = this.of(fragment.selectionSet);
    this.open.delete(name);
    this.known.set(name, size);
    return size;
  }
}

/**
 * The rows that the pages of the largest operation may hold together. Every connection keeps to the page sizes of the API
 * and has its rows in `nodes` and `edges`, so no schema is needed. Cycles were refused before.
 *
 * @param variables of the request, or `largest` for the largest pages that variables can ask for
 */
function rowsOf(document: DocumentNode, variables: Variables | 'largest'): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let most = 0;
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const pageSize = pageSizesOf(operation, variables);
    const known = new Map<string, number>();
    /** @param page size of the page whose selections these are */
    const rowsIn = (set: SelectionSetNode | undefined, page: number): number => {
      let rows = 0;
      for (const selection of set?.selections ?? []) {
        if (selection.kind === Kind.FRAGMENT_SPREAD) rows += rowsInFragment(selection.name.value, page);
        else if (selection.kind === Kind.INLINE_FRAGMENT) rows += rowsIn(selection.selectionSet, page);
        else {
          const below = rowsIn(selection.selectionSet, pageSize(selection));
          rows += ROWS.has(selection.name.value) ? page * (1 + below) : below;
        }
      }
      return rows;
    };
    const rowsInFragment = (name: string, page: number): number => {
      const key = `${name} ${page}`;
      let rows = known.get(key);
      if (rows === undefined) known.set(key, (rows = rowsIn(fragments.get(name)?.selectionSet, page)));
      return rows;
    };
    most = Math.max(most, rowsIn(operation.selectionSet, DEFAULT_PAGE));
  }
  return most;
}

/** How many rows a field's page holds at most. A larger one than there can be is refused later on. */
function pageSizesOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables | 'largest',
): (field: FieldNode) => number {
  const defaults = new Map(
    variableDefinitions.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );
  const literal = (value: ValueNode | undefined): number =>
    value?.kind === Kind.INT ? Number(value.value) : DEFAULT_PAGE;
  return ({ arguments: args }) => {
    const first = args?.find((argument) => argument.name.value === 'first')?.value;
    let size = literal(first);
    if (first?.kind === Kind.VARIABLE) {
      if (variables === 'largest') return MAX_PAGE;
      const { value } = first.name;
      const given = Object.hasOwn(variables, value) ? variables[value] : undefined;
      size = given === undefined ? literal(defaults.get(value)) : given === null ? DEFAULT_PAGE : Number(given);
    }
    return Math.min(Math.max(size || 1, 1), MAX_PAGE);
  };
}
