/** The reference evaluator: what the gateway must answer, by the specification of GraphQL and `Reading`. */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type TypeNode,
} from 'graphql';
import { deniedInputs } from './denied-inputs';
import { namedType, Reading } from './reading';
import type { Thing, World } from './world';

export interface Asked {
  document: DocumentNode;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}
export interface Who {
  capabilities: readonly string[];
  level: string;
}
export interface Expected {
  data: Record<string, unknown> | null;
  /** Places of denied selections. */
  denied: string[];
  /** Denied inputs: the places at which each stands, and the way to it below the field. */
  inputs: { places: string[]; input: string }[];
  /** Nothing may be fetched. */
  isRejected: boolean;
}

export function expectedAnswer(reading: Reading, world: World, asked: Asked, who: Who): Expected {
  return new Evaluation(reading, world, asked, who).answer();
}

export const atomsOf = ({ capabilities, level }: Who): Set<string> =>
  new Set(['authenticated', `policy:${level}`, ...capabilities.map((one) => `scope:${one}`)]);

export const keyOf = (node: FieldNode): string => node.alias?.value ?? node.name.value;

/** What a null at a non-null position makes of everything up to the next nullable one. */
class NullAbove extends Error {}

class Evaluation {
  private readonly operation: OperationDefinitionNode;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly atoms: ReadonlySet<string>;
  private readonly denied = new Set<FieldNode>();
  private readonly root: string;

  constructor(
    private readonly reading: Reading,
    private readonly world: World,
    private readonly asked: Asked,
    private readonly who: Who,
  ) {
    const definitions = asked.document.definitions;
    const operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
    this.operation = operations.find((one) => !asked.operationName || one.name?.value === asked.operationName)!;
    for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(one.name.value, one);
    this.atoms = atomsOf(who);
    this.root = this.operation.operation === 'mutation' ? 'Mutation' : 'Query';
  }

  answer(): Expected {
    const places = new Set<string>();
    let isAnythingLeft = false;
    this.walk(this.operation.selectionSet.selections, this.root, [], (node, parent, path) => {
      const isAllowed = this.reading.maySelect(parent, node.name.value, this.atoms);
      if (isAllowed && path.length === 1) isAnythingLeft = true;
      if (isAllowed) return true;
      this.denied.add(node);
      places.add(path.join('.'));
      return false;
    });
    const inputs = this.deniedInputs();
    const isStrict = this.root === 'Mutation' || this.who.level === 'partner';
    const isRejected = inputs.length > 0 || (isStrict && places.size > 0) || !isAnythingLeft;
    return { data: isRejected ? null : this.data(), denied: [...places].sort(), inputs, isRejected };
  }

  /** Every field at every place, whatever its conditions. `false` from `visit` leaves out what is below. */
  private walk(
    selections: readonly SelectionNode[],
    parent: string,
    path: readonly string[],
    visit: (node: FieldNode, parent: string, path: readonly string[]) => boolean,
  ): void {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        const here = [...path, keyOf(node)];
        if (!visit(node, parent, here) || !node.selectionSet) continue;
        const { type } = this.field(parent, node);
        this.walk(node.selectionSet.selections, namedType(type), [...here, ...listMarks(type)], visit);
      } else {
        const { selectionSet, typeCondition } =
          node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value)! : node;
        this.walk(selectionSet.selections, typeCondition?.name.value ?? parent, path, visit);
      }
    }
  }

  private deniedInputs(): Expected['inputs'] {
    const places = new Map<FieldNode, { parent: string; paths: string[] }>();
    this.walk(this.operation.selectionSet.selections, this.root, [], (node, parent, path) => {
      const known = places.get(node) ?? { parent, paths: [] };
      places.set(node, known);
      known.paths.push(path.join('.'));
      return true;
    });
    const variables = new Map(this.operation.variableDefinitions?.map((one) => [one.variable.name.value, one]));
    const given = { definitions: variables, values: this.asked.variables };
    return [...places].flatMap(([node, { parent, paths }]) =>
      deniedInputs(this.reading, parent, node, given, this.atoms).map((input) => ({ places: paths, input })),
    );
  }

  private data(): Record<string, unknown> | null {
    try {
      return this.object([this.operation.selectionSet.selections], { __typename: this.root, id: this.root });
    } catch (error) {
      if (error instanceof NullAbove) return null;
      throw error;
    }
  }

  private object(sets: readonly (readonly SelectionNode[])[], thing: Thing): Record<string, unknown> {
    const groups = new Map<string, FieldNode[]>();
    for (const selections of sets) this.collect(selections, thing.__typename, groups);
    return Object.fromEntries(
      [...groups].map(([key, nodes]) => {
        const name = nodes[0]!.name.value;
        const allowed = nodes.filter((node) => !this.denied.has(node));
        if (name === '__typename') {
          if (!allowed.length) throw new NullAbove();
          return [key, thing.__typename];
        }
        const { type } = this.field(thing.__typename, nodes[0]!);
        const value = allowed.length ? this.world.value(thing, name, type) : null;
        return [key, this.complete(type, value, allowed)];
      }),
    );
  }

  private complete(type: TypeNode, value: unknown, nodes: readonly FieldNode[]): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) {
      const completed = this.complete(type.type, value, nodes);
      if (completed === null) throw new NullAbove();
      return completed;
    }
    if (value === null) return null;
    try {
      if (Array.isArray(value))
        return value.map((item) => this.complete((type as { type: TypeNode }).type, item, nodes));
      if (typeof value !== 'object') return value;
      return this.object(
        nodes.map((node) => node.selectionSet!.selections),
        value as Thing,
      );
    } catch (error) {
      if (error instanceof NullAbove) return null;
      throw error;
    }
  }

  private collect(selections: readonly SelectionNode[], type: string, groups: Map<string, FieldNode[]>): void {
    for (const node of selections) {
      if (!this.isIncluded(node.directives)) continue;
      if (node.kind === Kind.FIELD) {
        groups.set(keyOf(node), [...(groups.get(keyOf(node)) ?? []), node]);
        continue;
      }
      const { selectionSet, typeCondition } =
        node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value)! : node;
      const condition = typeCondition?.name.value ?? type;
      if (condition === type || this.reading.possible(condition).some(({ name }) => name === type))
        this.collect(selectionSet.selections, type, groups);
    }
  }

  private isIncluded(directives: readonly DirectiveNode[] | undefined): boolean {
    return (directives ?? []).every(({ name, arguments: args }) => {
      const value = args![0]!.value;
      const isTrue =
        value.kind === Kind.VARIABLE ? this.variable(value.name.value) : value.kind === Kind.BOOLEAN && value.value;
      return name.value === 'skip' ? !isTrue : isTrue;
    });
  }

  private variable(name: string): unknown {
    if (Object.hasOwn(this.asked.variables, name)) return this.asked.variables[name];
    const value = this.operation.variableDefinitions?.find((one) => one.variable.name.value === name)?.defaultValue;
    return value?.kind === Kind.BOOLEAN && value.value;
  }

  private field(parent: string, node: FieldNode): { type: TypeNode } {
    if (node.name.value === '__typename')
      return { type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } } };
    return this.reading.types.get(parent)!.fields.get(node.name.value)!;
  }
}

function listMarks(type: TypeNode): string[] {
  if (type.kind === Kind.NAMED_TYPE) return [];
  return [...(type.kind === Kind.LIST_TYPE ? ['@'] : []), ...listMarks(type.type)];
}
