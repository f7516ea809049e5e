/**
 * What an operation costs, before it is planned: the values that it may answer, and what its fields weigh.
 *
 *     cost(field) = weight of the field + of its arguments + size of the list × (each value + its selections)
 *
 * Equal response keys of one type are counted once, as they are answered once, so no way of writing an operation changes
 * its cost. Fragments on different types add up, though a value is only one of them; `@skip` and `@include` change nothing.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { responseKey } from '../authorize/operation-walk';
import type { FieldCost, ListSize, SchemaCosts } from './schema-costs';

type Variables = Readonly<Record<string, unknown>>;
/** A number, or what it is once the sizes in the variables are known. */
export type Cost = number | ((variables: Variables) => number);

/** The cost of the costliest operation of a document. Its fragments must not spread themselves. */
export function costOf(document: DocumentNode, costs: SchemaCosts): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const each = document.definitions
    .filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => new Compiler(operation, fragments, costs).cost());
  return fold(each, (numbers) => Math.max(0, ...numbers));
}

export const costWith = (cost: Cost, variables: unknown): number =>
  typeof cost === 'number' ? cost : cost(typeof variables === 'object' && variables ? (variables as Variables) : {});

/** Sizes that fields of the next level have from their parent. */
interface Sized {
  fields: ReadonlySet<string>;
  size: Cost;
}

class Compiler {
  private readonly defaults: ReadonlyMap<string, ValueNode | undefined>;

  constructor(
    private readonly operation: OperationDefinitionNode,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly costs: SchemaCosts,
  ) {
    const { variableDefinitions = [] } = operation;
    this.defaults = new Map(variableDefinitions.map((node) => [node.variable.name.value, node.defaultValue]));
  }

  cost(): Cost {
    const { operation, selectionSet } = this.operation;
    const root = this.costs.roots[operation];
    return root === undefined ? 0 : this.selections([selectionSet], root);
  }

  private selections(sets: readonly SelectionSetNode[], type: string, sized?: Sized): Cost {
    const fields = new Map<string, { type: string; nodes: FieldNode[] }>();
    const seen = new Set<string>();
    for (const set of sets) this.collect(set, type, fields, seen);
    const parts = [...fields.values()].map(({ type: parent, nodes }) => {
      const field = this.costs.field(parent, nodes[0]!.name.value);
      return field ? this.field(field, nodes, sized) : 0;
    });
    return sum(parts);
  }

  private collect(
    set: SelectionSetNode,
    type: string,
    into: Map<string, { type: string; nodes: FieldNode[] }>,
    seen: Set<string>,
  ): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = `${type} ${responseKey(selection)}`;
        const known = into.get(key);
        if (known) known.nodes.push(selection);
        else into.set(key, { type, nodes: [selection] });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.collect(selection.selectionSet, selection.typeCondition?.name.value ?? type, into, seen);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = this.fragments.get(selection.name.value);
        if (fragment) this.collect(fragment.selectionSet, fragment.typeCondition.name.value, into, seen);
      }
    }
  }

  private field(field: FieldCost, nodes: readonly FieldNode[], sized: Sized | undefined): Cost {
    const node = nodes[0]!;
    const own = this.size(field.size, node);
    const hasSizedFields = field.size.sized.size > 0;
    const size = !field.isList ? 1 : sized?.fields.has(node.name.value) ? sized.size : hasSizedFields ? 1 : own;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const below = this.selections(
      sets,
      field.returns,
      hasSizedFields ? { fields: field.size.sized, size: own } : undefined,
    );
    const given = (node.arguments ?? []).map(({ name }) => field.argumentWeights.get(name.value) ?? 0);
    return sum([field.weight, ...given, product(size, sum([field.each, below]))]);
  }

  private size({ assumed, slicing }: ListSize, node: FieldNode): Cost {
    const given = [...slicing].map(([name, byDefault]) => {
      const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
      return this.value(value, byDefault);
    });
    const largest = (sizes: readonly number[]): number => {
      const known = sizes.filter((size) => size !== NONE);
      return known.length > 0 ? Math.max(...known) : assumed;
    };
    return fold(given, largest);
  }

  /** A slicing argument as the server will read it: variables and defaults coerced, null like none. */
  private value(value: ValueNode | undefined, byDefault: number = NONE): Cost {
    if (value?.kind !== Kind.VARIABLE) return value ? literal(value) : byDefault;
    const name = value.name.value;
    const ofVariable = this.defaults.get(name);
    const otherwise = ofVariable ? literal(ofVariable) : byDefault;
    return (variables) => {
      const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return given === undefined ? otherwise : typeof given === 'number' ? bounded(given) : NONE;
    };
  }
}

/** No size is negative. */
const NONE = -1;
/** GraphQL's Int: what is beyond is refused, and products of sizes stay finite. */
const MAX_INT = 2 ** 31 - 1;
const bounded = (size: number): number => Math.min(Math.max(size, 0), MAX_INT);
const literal = (value: ValueNode): number => (value.kind === Kind.INT ? bounded(Number(value.value)) : NONE);

/** Folds what is known, and leaves the rest until the variables are. */
function fold(parts: readonly Cost[], how: (numbers: readonly number[]) => number): Cost {
  if (parts.every((part) => typeof part === 'number')) return how(parts);
  return (variables) => how(parts.map((part) => costWith(part, variables)));
}

const total = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function sum(parts: readonly Cost[]): Cost {
  const open = parts.filter((part) => typeof part !== 'number');
  const known = total(parts.filter((part) => typeof part === 'number'));
  return open.length === 0 ? known : fold([known, ...open], total);
}

const product = (size: Cost, each: Cost): Cost => fold([size, each], ([a, b]) => a! * b!);
