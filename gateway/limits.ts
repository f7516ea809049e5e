import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { textCache } from '../platform/text-cache';
import { type Cost, costOf, costWith } from './cost/operation-cost';
import type { SchemaCosts } from './cost/schema-costs';
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
  /** Of the operation's text, in characters: what is remembered of an operation is many times as long as its text. */
  textLength: number;
  /** Of the operation's text. */
  tokens: number;
  depth: number;
  fields: number;
  aliases: number;
  rootFields: number;
  /** Planning takes up to 1.5 ms for each `@skip` and `@include` of a variable of its own. */
  directives: number;
  /** Definitions in the document: validation compares fragments in pairs (attack 49). */
  fragments: number;
  /** Of `cost/operation-cost.ts`, in objects: `first: 100` below `first: 100` is some 10,000. */
  cost: number;
  /** How long subgraphs are waited for, all together. */
  deadlineMs: number;
}

export const DEFAULT_LIMITS: RequestLimits = {
  bodyBytes: 1024 * 1024,
  uploadBytes: 7_500_000,
  uploadsAtOnce: 4,
  uploadPace: { graceMs: 5_000, bytesPerSecond: 150_000 },
  textLength: 100_000,
  tokens: 4_000,
  depth: 20,
  fields: 3_000,
  aliases: 50,
  rootFields: 20,
  directives: 50,
  fragments: 100,
  cost: 50_000,
  deadlineMs: 30_000,
};

/** What an operation that is too large is charged: it was read, and isn't remembered. */
const REFUSED = 500;

interface Size {
  depth: number;
  fields: number;
  aliases: number;
  directives: number;
  rootFields: number;
}
const EMPTY: Size = { depth: 0, fields: 0, aliases: 0, directives: 0, rootFields: 0 };

/**
 * Checks operations against the limits, before validation, whose own cost grows with the size of the text. Every operation
 * of a document counts, the ones of introspection too. The work is linear in the text: a fragment is measured once,
 * however often it is spread (attacks 44, 46, 47, 49).
 */
export class OperationLimits {
  /** What fits but for its cost, which may depend on variables. */
  private readonly passed = textCache<{ cost: Cost }>(5_000, 16 * 1024 * 1024);

  constructor(
    private readonly limits: RequestLimits,
    private readonly costs: SchemaCosts,
  ) {}

  /** What it costs; what is too large about it, unless nothing is, or it isn't GraphQL, which validation says better. */
  check(text: string, variables: unknown = {}): { cost: number; finding?: GraphQLError } {
    let known = this.passed.get(text);
    if (!known) {
      const read = this.read(text);
      if (!read) return { cost: 0 };
      if (read instanceof GraphQLError) return { cost: REFUSED, finding: read };
      this.passed.set(text, (known = { cost: costOf(read, this.costs) }));
    }
    const cost = costWith(known.cost, variables);
    return cost > this.limits.cost ? { cost: 0, finding: tooCostly(cost, this.limits.cost) } : { cost };
  }

  private read(text: string): DocumentNode | GraphQLError | null {
    try {
      const document = parse(text, { maxTokens: this.limits.tokens, noLocation: true });
      return this.measure(document) ?? document;
    } catch (error) {
      // The parser goes down by itself: what is nested too deeply for it can't be measured.
      if (error instanceof RangeError) return tooLarge('depth', this.limits.depth);
      return isTokenLimit(error) ? tooLarge('tokens', this.limits.tokens) : null;
    }
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

/**
 * Points of a plan, of each of its fields and directives, and of the largest: a point is some microsecond of a core. A field that
 * takes fetches of its own costs 0.2 ms to plan; of the thousands that a large operation can spread few do, 50 µs each.
 */
const PLANNING = { plan: 3_000, field: 200, directive: 1_000, most: 200_000 };

/** What an operation costs beside its answer when its plan has to be made. Fragments count as often as they are spread. */
export function planningCost(document: DocumentNode): number {
  const measure = new Measure(document);
  const costs = document.definitions.map((node) => {
    const size = node.kind === Kind.OPERATION_DEFINITION ? measure.of(node.selectionSet) : EMPTY;
    if (size === 'cycle') throw new Error('A valid document has no cycles');
    return PLANNING.plan + size.fields * PLANNING.field + size.directives * PLANNING.directive;
  });
  return Math.min(Math.max(...costs), PLANNING.most);
}

const WORDS = {
  tokens: 'is longer than',
  depth: 'is nested deeper than',
  fields: 'selects more fields than',
  aliases: 'uses more aliases than',
  directives: 'uses more directives than',
  fragments: 'defines more fragments than',
  rootFields: 'has more root fields than',
};

const tooLarge = (name: keyof typeof WORDS, limit: number): GraphQLError =>
  publicError(
    'BAD_USER_INPUT',
    `The operation ${WORDS[name]} ${limit}${name === 'tokens' ? ' tokens' : ''}: split it.`,
  );

const tooCostly = (cost: number, limit: number): GraphQLError =>
  publicError(
    'BAD_USER_INPUT',
    `The operation costs ${cost}, and at most ${limit} is answered: ask for smaller pages (first), or split it.`,
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
