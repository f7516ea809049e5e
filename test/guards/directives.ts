/** Directives of a schema's text, one by one: where each stands, and the text without it. */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';

const GUARDS = ['authenticated', 'requiresScopes', 'policy', 'reads'] as const;
export type GuardName = (typeof GUARDS)[number];

/** All directives of one name on one element: `Type`, `Type.field`, `Type.field(argument:)`, `Enum.VALUE`. */
export interface Placed {
  coordinate: string;
  directive: GuardName;
}

type Annotated = { readonly directives?: readonly ConstDirectiveNode[] };
type Change = (coordinate: string, directives: readonly ConstDirectiveNode[]) => readonly ConstDirectiveNode[];

export function placedIn(document: DocumentNode): Placed[] {
  const placed = new Map<string, Placed>();
  changed(document, (coordinate, directives) => {
    for (const directive of GUARDS)
      if (directives.some(({ name }) => name.value === directive))
        placed.set(`${coordinate} ${directive}`, { coordinate, directive });
    return directives;
  });
  return [...placed.values()];
}

export const without = (document: DocumentNode, { coordinate, directive }: Placed): DocumentNode =>
  changed(document, (at, directives) =>
    at === coordinate ? directives.filter(({ name }) => name.value !== directive) : directives,
  );

function changed(document: DocumentNode, change: Change): DocumentNode {
  const at = <N extends Annotated>(coordinate: string, node: N): N => ({
    ...node,
    directives: change(coordinate, node.directives ?? []),
  });
  const field = (type: string, node: FieldDefinitionNode): FieldDefinitionNode => {
    const coordinate = `${type}.${node.name.value}`;
    const args = node.arguments?.map((argument) => at(`${coordinate}(${argument.name.value}:)`, argument));
    return { ...at(coordinate, node), arguments: args };
  };
  const definition = (node: DefinitionNode): DefinitionNode => {
    if (!('name' in node) || !node.name || !('directives' in node)) return node;
    const type = node.name.value;
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
        return { ...at(type, node), fields: node.fields?.map((one) => field(type, one)) };
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        return {
          ...node,
          fields: node.fields?.map((one): InputValueDefinitionNode => at(`${type}.${one.name.value}`, one)),
        };
      case Kind.ENUM_TYPE_DEFINITION:
        return {
          ...at(type, node),
          values: node.values?.map((one): EnumValueDefinitionNode => at(`${type}.${one.name.value}`, one)),
        };
      default:
        return node;
    }
  };
  return { ...document, definitions: document.definitions.map(definition) };
}

/** Who asks, as far as directives matter. */
export interface Asking {
  authenticated: boolean;
  level: string;
  capabilities: ReadonlySet<string>;
}

const nameOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type));

/**
 * What a schema's text promises about a selection or an input, read from its directives alone: no code of the gateway.
 */
export class Promised {
  private readonly types = new Map<string, readonly ConstDirectiveNode[]>();
  private readonly members = new Map<string, string[]>();
  private readonly fields = new Map<
    string,
    { type: string; answers: string; directives: readonly ConstDirectiveNode[] }
  >();
  private readonly reads = new Map<string, string[]>();

  constructor(document: DocumentNode) {
    for (const node of document.definitions) {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
      const type = node.name.value;
      this.types.set(type, node.directives ?? []);
      for (const { name } of node.interfaces ?? [])
        this.members.set(name.value, [...(this.members.get(name.value) ?? []), type]);
      for (const { name, type: answers, directives = [] } of node.fields ?? [])
        this.fields.set(`${type}.${name.value}`, { type, answers: nameOf(answers), directives });
    }
    changed(document, (coordinate, directives) => {
      const named = directives.filter(({ name }) => name.value === 'reads').flatMap((one) => listOf(one) as string[]);
      if (named.length > 0) this.reads.set(coordinate, named);
      return directives;
    });
  }

  /** Whether the caller may select `Type.field`. */
  maySelect(coordinate: string, asking: Asking): boolean {
    const field = this.fields.get(coordinate);
    if (!field) throw new Error(`There is no ${coordinate}`);
    const types = [field.type, field.answers].flatMap((type) => [type, ...(this.members.get(type) ?? [])]);
    const name = coordinate.split('.')[1]!;
    const same = (this.members.get(field.type) ?? []).map((member) => this.fields.get(`${member}.${name}`)!.directives);
    const rules = [...types.map((type) => this.types.get(type) ?? []), field.directives, ...same].flat();
    return rules.every((rule) => allows(rule, asking));
  }

  /** Whether the caller may give a value there. */
  mayGive(coordinate: string, asking: Asking): boolean {
    return (this.reads.get(coordinate) ?? []).every((field) => this.maySelect(field, asking));
  }
}

const listOf = ({ arguments: given = [] }: ConstDirectiveNode): unknown[] =>
  valueFromASTUntyped(given[0]!.value) as unknown[];

function allows(rule: ConstDirectiveNode, { authenticated, level, capabilities }: Asking): boolean {
  const kind = rule.name.value;
  if (!(GUARDS as readonly string[]).includes(kind)) return true;
  if (!authenticated || kind === 'authenticated') return authenticated;
  const has = (word: string): boolean => (kind === 'policy' ? level === word : capabilities.has(word));
  return (listOf(rule) as string[][]).some((all) => all.every(has));
}
