import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { publicError } from './public-errors';

/** Bounds of one request. The figures of an operation count with its fragments expanded. */
export interface RequestLimits {
  bodyBytes: number;
  /** Of the operation's text. */
  tokens: number;
  depth: number;
  fields: number;
  aliases: number;
  rootFields: number;
  directives: number;
  /** How long subgraphs are waited for, all together. */
  deadlineMs: number;
}

export const DEFAULT_LIMITS: RequestLimits = {
  bodyBytes: 1024 * 1024,
  tokens: 4_000,
  depth: 20,
  fields: 3_000,
  aliases: 50,
  rootFields: 20,
  directives: 100,
  deadlineMs: 30_000,
};

interface Size {
  depth: number;
  fields: number;
  aliases: number;
  directives: number;
}
const EMPTY: Size = { depth: 0, fields: 0, aliases: 0, directives: 0 };

/**
 * Checks operations against the limits, before validation, whose own cost grows with the size of the text. Every operation
 * of a document counts, the ones of introspection too. The work is linear in the text: a fragment is measured once,
 * however often it is spread (attacks 44, 46, 47).
 */
export class OperationLimits {
  private readonly passed = new LRUCache<string, true>({
    max: 5_000,
    maxSize: 16 * 1024 * 1024,
    sizeCalculation: (_, text) => text.length + 1,
  });

  constructor(private readonly limits: RequestLimits) {}

  /** What is too large about it; undefined when nothing is, or when it isn't GraphQL, which validation says better. */
  check(text: string): GraphQLError | undefined {
    if (this.passed.has(text)) return undefined;
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: this.limits.tokens, noLocation: true });
    } catch (error) {
      return isTokenLimit(error) ? tooLarge('tokens', this.limits.tokens) : undefined;
    }
    const finding = this.measure(document);
    if (!finding) this.passed.set(text, true);
    return finding;
  }

  private measure(document: DocumentNode): GraphQLError | undefined {
    const measure = new Measure(document);
    for (const operation of document.definitions) {
      if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
      const size = measure.of(operation.selectionSet);
      if (size === 'cycle') return publicError('BAD_USER_INPUT', 'A fragment spreads itself.');
      const counts = { ...size, rootFields: operation.selectionSet.selections.length };
      for (const name of ['depth', 'fields', 'aliases', 'directives', 'rootFields'] as const) {
        if (counts[name] > this.limits[name]) return tooLarge(name, this.limits[name]);
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
  rootFields: 'has more root fields than',
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
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly known = new Map<string, Size | 'cycle'>();
  private readonly open = new Set<string>();

  constructor(document: DocumentNode) {
    for (const node of document.definitions)
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(node.name.value, node);
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
