/**
 * A reading of the security directives in subgraph SDLs, from design/authorization.md, section 1, alone. It uses nothing but
 * the parser of graphql-js and shares no code with `gateway/`, so that both would have to be wrong in the same way.
 */
import { type DirectiveNode, Kind, parse, type TypeNode, type ValueNode } from 'graphql';

/** Outer list OR, inner list AND, of atoms such as `scope:iep:read`, `policy:selpa` and `authenticated`. */
export type Rule = string[][];

export interface InputRead {
  type: TypeNode;
  default: ValueNode | undefined;
  /** Coordinates that the input filters, sorts or searches by. */
  reads: Set<string>;
}
export interface FieldRead {
  type: TypeNode;
  rules: Rule[];
  args: Map<string, InputRead>;
}
export interface TypeRead {
  name: string;
  kind: 'object' | 'interface' | 'union' | 'enum' | 'scalar' | 'input';
  rules: Rule[];
  fields: Map<string, FieldRead>;
  inputs: Map<string, InputRead>;
  /** Enum values to what they read. */
  values: Map<string, Set<string>>;
  /** Interfaces of an object, members of a union. */
  related: Set<string>;
}

export class Reading {
  readonly types = new Map<string, TypeRead>();

  /** What several subgraphs say of one coordinate is collected, that is, AND-ed. */
  constructor(sdls: readonly string[]) {
    for (const sdl of sdls) this.add(sdl);
  }

  private add(sdl: string): void {
    for (const node of parse(sdl).definitions) {
      if (!node.kind.endsWith('TypeDefinition') || !('name' in node) || !node.name) continue;
      const type = this.type(node.name.value, KINDS[node.kind]!);
      type.rules.push(...rulesOf(node.directives));
      if (node.kind === Kind.UNION_TYPE_DEFINITION) node.types?.forEach(({ name }) => type.related.add(name.value));
      if (node.kind === Kind.ENUM_TYPE_DEFINITION)
        for (const { name, directives } of node.values ?? []) addAll(type.values, name.value, readsOf(directives));
      if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
        for (const one of node.fields ?? []) addInput(type.inputs, one);
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
      node.interfaces?.forEach(({ name }) => type.related.add(name.value));
      for (const field of node.fields ?? []) {
        const known: FieldRead = type.fields.get(field.name.value) ?? { type: field.type, rules: [], args: new Map() };
        type.fields.set(field.name.value, known);
        known.rules.push(...rulesOf(field.directives));
        for (const one of field.arguments ?? []) addInput(known.args, one);
      }
    }
  }

  private type(name: string, kind: TypeRead['kind']): TypeRead {
    const known = this.types.get(name);
    if (known) return known;
    const type: TypeRead = {
      name,
      kind,
      rules: [],
      fields: new Map(),
      inputs: new Map(),
      values: new Map(),
      related: new Set<string>(),
    };
    this.types.set(name, type);
    return type;
  }

  /** The object types that a value of this type can be. */
  possible(name: string): TypeRead[] {
    const type = this.types.get(name);
    if (type?.kind === 'union') return [...type.related].map((member) => this.types.get(member)!);
    if (type?.kind === 'interface')
      return [...this.types.values()].filter((one) => one.kind === 'object' && one.related.has(name));
    return type?.kind === 'object' ? [type] : [];
  }

  /** The rules of a type; of an interface or union those of everything that it can be. */
  private rulesOfType(name: string): Rule[] {
    const type = this.types.get(name);
    return type ? [...type.rules, ...this.possible(name).flatMap(({ rules }) => rules)] : [];
  }

  /** "The requirement of a selection is parent type ∧ field ∧ returned type". */
  maySelect(parent: string, field: string, atoms: ReadonlySet<string>): boolean {
    return this.selectionRules(parent, field).every((rule) => rule.some((all) => all.every((atom) => atoms.has(atom))));
  }

  private selectionRules(parent: string, field: string): Rule[] {
    if (field === '__typename') return this.rulesOfType(parent);
    const places = [this.types.get(parent)!, ...this.possible(parent)].map(({ fields }) => fields.get(field)!);
    const returned = places.flatMap(({ type }) => this.rulesOfType(namedType(type)));
    return [...this.rulesOfType(parent), ...places.flatMap(({ rules }) => rules), ...returned];
  }

  /** What an argument reads; through an interface, what the same argument of any implementer reads. */
  readsOfArgument(parent: string, field: string, argument: string): string[] {
    const places = [this.types.get(parent)!, ...this.possible(parent)];
    return places.flatMap(({ fields }) => [...(fields.get(field)?.args.get(argument)?.reads ?? [])]);
  }

  mayRead(coordinates: Iterable<string>, atoms: ReadonlySet<string>): boolean {
    return [...coordinates].every((coordinate) =>
      this.maySelect(...(coordinate.split('.') as [string, string]), atoms),
    );
  }
}

const KINDS: Record<string, TypeRead['kind']> = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.ENUM_TYPE_DEFINITION]: 'enum',
  [Kind.SCALAR_TYPE_DEFINITION]: 'scalar',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'input',
};

type Directives = readonly DirectiveNode[] | undefined;
interface InputNode {
  name: { value: string };
  type: TypeNode;
  defaultValue?: ValueNode;
  directives?: Directives;
}

function addInput(inputs: Map<string, InputRead>, { name, type, defaultValue, directives }: InputNode): void {
  const known = inputs.get(name.value) ?? { type, default: defaultValue, reads: new Set<string>() };
  inputs.set(name.value, known);
  for (const coordinate of readsOf(directives)) known.reads.add(coordinate);
}

function addAll(sets: Map<string, Set<string>>, key: string, more: readonly string[]): void {
  sets.set(key, new Set([...(sets.get(key) ?? []), ...more]));
}

const strings = (value: ValueNode | undefined): string[] =>
  value?.kind === Kind.LIST ? value.values.map((one) => (one.kind === Kind.STRING ? one.value : '?')) : [];

const argument = (node: DirectiveNode): ValueNode | undefined => node.arguments?.[0]?.value;

function readsOf(directives: Directives): string[] {
  return (directives ?? []).filter(({ name }) => name.value === 'reads').flatMap((node) => strings(argument(node)));
}

function rulesOf(directives: Directives): Rule[] {
  return (directives ?? []).flatMap((node): Rule[] => {
    if (node.name.value === 'authenticated') return [[['authenticated']]];
    const prefix = { requiresScopes: 'scope:', policy: 'policy:' }[node.name.value];
    const lists = argument(node);
    if (!prefix || lists?.kind !== Kind.LIST) return [];
    return [lists.values.map((inner) => strings(inner).map((word) => prefix + word))];
  });
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
