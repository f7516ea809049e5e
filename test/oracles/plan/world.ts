/**
 * Subgraphs in process over one world: every object has an identity, every field of it one value, whoever is asked. So a plan
 * that asks the wrong subgraph still answers rightly, but one that loses, swaps or mixes up anything does not.
 */
import { createHash } from 'node:crypto';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  getNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';

export type Sdls = Readonly<Record<string, string>>;

export interface Thing {
  __typename: string;
  id: string;
}
/** An entity as a subgraph meets it: found by its representation, which also tells what `@requires` asked for. */
export interface Referred {
  thing: Thing;
  representation: Record<string, unknown>;
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides",
  "@external", "@shareable", "@override", "@interfaceObject", "@inaccessible", "@context", "@fromContext"])\n`;

/** Small ones need not say that they are of Federation 2. */
export function parseSubgraph(sdl: string): DocumentNode {
  return parse(sdl.includes('@link(') ? sdl : LINK + sdl);
}

/** How many entities there are of each type. */
const ENTITIES = 3;

export class World {
  private readonly entities = new Set<string>();
  private readonly members = new Map<string, string[]>();
  /** `Type.field` → the selection of its `@requires`. */
  private readonly requires = new Map<string, SelectionSetNode>();
  /** Names of fields that keys and `@requires` use: these never fail, nor is a key null. */
  private readonly keys = new Set<string>(['id']);
  private readonly required = new Set<string>();
  private readonly found = new Map<string, Thing>();
  readonly subgraphs: Readonly<Record<string, GraphQLSchema>>;

  /** @param api what clients see of all */
  constructor(
    sdls: Sdls,
    private readonly api: GraphQLSchema,
    private readonly faults = 0,
  ) {
    this.subgraphs = Object.fromEntries(
      Object.entries(sdls).map(([name, sdl]) => [name, buildSubgraphSchema({ typeDefs: parseSubgraph(sdl) })]),
    );
    for (const schema of Object.values(this.subgraphs)) this.learn(schema);
    for (const sdl of Object.values(sdls)) this.readDirectives(sdl);
  }

  private learn(schema: GraphQLSchema): void {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isAbstractType(type) || type.name.startsWith('_')) continue;
      const own = schema.getPossibleTypes(type).map(({ name }) => name);
      const before = this.members.get(type.name);
      this.members.set(type.name, before ? before.filter((name) => own.includes(name)) : own);
    }
    const entity = schema.getType('_Entity');
    if (isUnionType(entity)) for (const { name } of entity.getTypes()) this.entities.add(name);
  }

  private readDirectives(sdl: string): void {
    const parents: string[] = [];
    const fieldSet = (text: string) => {
      const [one] = parse(`{ ${text} }`).definitions;
      return (one as { selectionSet: SelectionSetNode }).selectionSet;
    };
    const type = {
      enter: ({ name }: { name: { value: string } }) => void parents.push(name.value),
      leave: () => void parents.pop(),
    };
    visit(parse(sdl), {
      ObjectTypeDefinition: type,
      ObjectTypeExtension: type,
      InterfaceTypeDefinition: type,
      FieldDefinition: ({ name, directives }) => {
        const given = directives?.find((one) => one.name.value === 'requires')?.arguments?.[0]?.value;
        if (given?.kind === Kind.STRING) this.requires.set(`${parents.at(-1)}.${name.value}`, fieldSet(given.value));
      },
      Directive: ({ name, arguments: given }) => {
        if (name.value !== 'key' && name.value !== 'requires') return;
        const text = given?.find((one) => one.name.value === 'fields')?.value;
        if (text?.kind !== Kind.STRING) return;
        const into = name.value === 'key' ? this.keys : this.required;
        visit(fieldSet(text.value), { Field: (field) => void into.add(field.name.value) });
      },
    });
  }

  value(
    source: Thing | Referred,
    info: Pick<GraphQLResolveInfo, 'fieldName' | 'parentType' | 'returnType'>,
    args: object,
  ) {
    const thing = 'thing' in source ? source.thing : source;
    const representation = 'thing' in source ? source.representation : undefined;
    return this.fieldValue(thing, info.fieldName, info.returnType, args, representation);
  }

  /** Of an interface object's field, the rule stands with the interface. */
  private requiresOf({ __typename }: Thing, field: string): SelectionSetNode | undefined {
    const type = this.api.getType(__typename);
    const interfaces = isObjectType(type) ? type.getInterfaces() : [];
    return [__typename, ...interfaces.map(({ name }) => name)]
      .map((name) => this.requires.get(`${name}.${field}`))
      .find(Boolean);
  }

  private fieldValue(
    thing: Thing,
    field: string,
    type: GraphQLOutputType,
    args: object,
    representation?: Record<string, unknown>,
  ): unknown {
    if (field === 'id') return thing.id;
    const requires = this.requiresOf(thing, field);
    const known_ = representation
      ? pick(representation, requires ?? NOTHING)
      : requires && this.select(thing, requires);
    const basis = requires ? JSON.stringify(known_) : '';
    const api = this.api.getType(thing.__typename);
    const known = isObjectType(api) ? api.getFields()[field]?.type : undefined;
    const given = JSON.stringify(args);
    const place = `${thing.id}.${field}${given === '{}' ? '' : given}${basis}`;
    const isKey = this.keys.has(field);
    if (this.faults && !isKey && !this.required.has(field) && number(`${place}!`, this.faults) === 0)
      throw new Error(`${place} fails`);
    if (isKey && isLeafType(getNamedType(type))) return `${field} of ${thing.id}`;
    return this.at(place, known ?? type, !isKey);
  }

  private at(place: string, type: GraphQLOutputType, mayBeNull: boolean): unknown {
    if (isNonNullType(type)) return this.at(place, type.ofType, false);
    if (mayBeNull && number(`${place}?`, 7) === 0) return null;
    if (isListType(type))
      return Array.from({ length: number(`${place}#`, 4) }, (_, index) =>
        this.at(`${place}.${index}`, type.ofType, true),
      );
    const named = getNamedType(type);
    if (isLeafType(named)) return this.leaf(place, named);
    const members = this.members.get(named.name);
    const name = members ? members[number(`${place}|`, members.length)]! : named.name;
    return {
      __typename: name,
      id: this.entities.has(name) ? `${name}-${number(place, ENTITIES)}` : `${name}-${hash(place)}`,
    };
  }

  private leaf(place: string, type: GraphQLOutputType): unknown {
    const named = this.api.getType(String(type));
    if (isEnumType(named)) return named.getValues()[number(place, named.getValues().length)]!.name;
    if (String(type) === 'Int') return number(place, 100_000);
    if (String(type) === 'Float') return number(place, 100_000) / 8;
    if (String(type) === 'Boolean') return number(place, 2) === 0;
    return `${type} "${number(place, 1_000_000)}"`;
  }

  /** What `@requires` of this thing gives, as a representation would tell it. */
  private select(thing: Thing, set: SelectionSetNode): unknown {
    const type = this.api.getType(thing.__typename);
    return Object.fromEntries(
      set.selections.flatMap((selection) => {
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const on = selection.typeCondition?.name.value;
          const general = on === undefined ? undefined : this.api.getType(on);
          const fits =
            on === thing.__typename ||
            (isAbstractType(general) && isObjectType(type) && this.api.isSubType(general, type));
          return fits ? Object.entries(this.select(thing, selection.selectionSet) as object) : [];
        }
        if (selection.kind !== Kind.FIELD) return [];
        const field = selection.name.value;
        const definition = isObjectType(type) ? type.getFields()[field] : undefined;
        if (field === '__typename') return [];
        const args = Object.fromEntries(
          (selection.arguments ?? []).map((one) => [one.name.value, valueFromASTUntyped(one.value)]),
        );
        const value = this.fieldValue(thing, field, definition!.type, args);
        return [[field, selection.selectionSet ? this.below(value, selection.selectionSet) : value]];
      }),
    );
  }

  private below(value: unknown, set: SelectionSetNode): unknown {
    if (value === null) return null;
    return Array.isArray(value) ? value.map((item) => this.below(item, set)) : this.select(value as Thing, set);
  }

  /** The entity that a representation means: there are few, so each is tried. */
  find(schema: GraphQLSchema, representation: Record<string, unknown>): Referred {
    const text = JSON.stringify(representation);
    let thing = this.found.get(text);
    if (!thing) this.found.set(text, (thing = this.search(representation)));
    return { thing, representation };
  }

  private search(representation: Record<string, unknown>): Thing {
    const name = String(representation.__typename);
    const types = isInterfaceType(this.api.getType(name)) ? this.members.get(name)! : [name];
    const given = Object.entries(representation).filter(([key]) => this.keys.has(key) && key !== '__typename');
    for (const __typename of types)
      for (let index = 0; index < ENTITIES; index++) {
        const thing = { __typename, id: `${__typename}-${index}` };
        const type = this.api.getType(__typename);
        if (given.every(([key, value]) => this.isOf(thing, key, value, isObjectType(type) ? type : undefined)))
          return thing;
      }
    throw new Error(`no entity is meant by ${JSON.stringify(representation)}`);
  }

  private isOf(thing: Thing, key: string, value: unknown, type: { getFields(): object } | undefined): boolean {
    const fields = (type?.getFields() ?? {}) as Record<string, { type: GraphQLOutputType }>;
    if (!fields[key]) return key === 'id' ? thing.id === value : value === `${key} of ${thing.id}`;
    const own = this.fieldValue(thing, key, fields[key].type, {});
    return this.same(own, value);
  }

  private same(own: unknown, given: unknown): boolean {
    if (typeof own !== 'object' || own === null || Array.isArray(own))
      return JSON.stringify(own) === JSON.stringify(given);
    return Object.entries(given as object).every(([key, value]) => {
      const type = this.api.getType((own as Thing).__typename);
      return key === '__typename' || this.isOf(own as Thing, key, value, isObjectType(type) ? type : undefined);
    });
  }
}

function pick(value: unknown, set: SelectionSetNode): unknown {
  if (value === null || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map((item) => pick(item, set));
  const object = value as Record<string, unknown>;
  return Object.fromEntries(
    set.selections.flatMap((selection): [string, unknown][] => {
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return Object.entries(pick(value, selection.selectionSet) as object).filter(([, one]) => one !== undefined);
      if (selection.kind !== Kind.FIELD || selection.name.value === '__typename') return [];
      const name = selection.name.value;
      if (!(name in object)) return [];
      return [[name, selection.selectionSet ? pick(object[name], selection.selectionSet) : object[name]]];
    }),
  );
}

const NOTHING: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
const number = (text: string, limit: number): number => hash(text) % limit;
