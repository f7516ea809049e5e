/** Random federated graphs: two subgraphs with rules of every kind in every place, and the plain API that they make. */
import { type Draw, drawSeeded, oneOf } from '../run';

export const CAPABILITIES = ['student:read', 'iep:read', 'service:read', 'provider:read', 'report:read'] as const;
export const LEVELS = ['state', 'selpa', 'district', 'school', 'teacher'] as const;

export interface RandomGraph {
  /** By subgraph name. */
  sdls: Record<'students' | 'iep', string>;
  /** What clients can ask, without any rule. */
  api: string;
  /** Members of every interface and union. */
  members: Record<string, string[]>;
  enums: Record<string, string[]>;
  entities: string[];
}

const SIDES = ['students', 'iep'] as const;
type Side = (typeof SIDES)[number];
type Sides = readonly Side[];

interface RandomArgument {
  name: string;
  type: string;
  default?: string;
}
interface RandomField {
  name: string;
  type: string;
  /** The subgraphs that answer it. */
  sides: Sides;
  args: RandomArgument[];
}
interface RandomType {
  name: string;
  kind: 'entity' | 'value' | 'root' | 'interface';
  sides: Sides;
  implements: string[];
  fields: RandomField[];
}

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@policy", "@composeDirective"])
  @link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"])
  @composeDirective(name: "@reads")
directive @reads(fields: [String!]!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
`;

const ENUMS = { Color: ['RED', 'GREEN', 'BLUE'], Size: ['SMALL', 'LARGE'] };
const SCALARS = ['Mark', 'Stamp'];
const INPUTS: Record<string, RandomArgument[]> = {
  Inner: [
    { name: 'deepText', type: 'String' },
    { name: 'deepColor', type: 'Color', default: 'RED' },
    { name: 'deepSizes', type: '[Size!]' },
  ],
  Filter: [
    { name: 'byText', type: 'String' },
    { name: 'byColor', type: 'Color' },
    { name: 'byInner', type: 'Inner' },
    { name: 'byInners', type: '[Inner!]' },
    { name: 'byDefault', type: 'Int', default: '3' },
  ],
};
const ARGUMENTS: RandomArgument[] = [
  { name: 'text', type: 'String' },
  { name: 'limit', type: 'Int', default: '5' },
  { name: 'order', type: 'Color' },
  { name: 'size', type: 'Size', default: 'LARGE' },
  { name: 'orders', type: '[Color!]' },
  { name: 'filter', type: 'Filter' },
  { name: 'preset', type: 'Filter', default: '{ byText: "x" }' },
  { name: 'filters', type: '[Filter!]' },
];
const WRAPPERS = ['T', 'T', 'T', 'T!', '[T]', '[T!]', '[T!]!', '[[T!]]'];

export function randomGraph(seed: number): RandomGraph {
  const draw = drawSeeded(seed);
  const { types, unions } = drawTypes(draw);
  const coordinates = types.flatMap(({ kind, name, fields }) =>
    kind === 'interface' ? [] : fields.map((field) => `${name}.${field.name}`),
  );
  const printer = new Printer(draw, types, unions, coordinates);
  const members = { ...unions };
  for (const { name } of types.filter(({ kind }) => kind === 'interface'))
    members[name] = types.filter((type) => type.implements.includes(name)).map((type) => type.name);
  return {
    sdls: { students: printer.print('students'), iep: printer.print('iep') },
    api: printer.print(undefined),
    members,
    enums: ENUMS,
    entities: types.filter(({ kind }) => kind === 'entity').map(({ name }) => name),
  };
}

function drawTypes(draw: Draw): { types: RandomType[]; unions: Record<string, string[]> } {
  let fieldCount = 0;
  const entity = (name: string): RandomType => ({ name, kind: 'entity', sides: SIDES, implements: [], fields: [] });
  const value = (name: string, sides: Sides): RandomType => ({ ...entity(name), kind: 'value', sides });
  const entities = ['Pupil', 'Plan', 'Desk'].slice(0, 2 + draw(2)).map(entity);
  const values = [value('Near', ['students']), value('Far', ['iep']), value('Both', SIDES)];
  const common = ['String', 'Int', ...SCALARS, ...Object.keys(ENUMS), ...entities.map(({ name }) => name), 'Both'];
  // An interface and a union for each subgraph, of what that subgraph knows.
  const known = (side: Side) => [...entities, ...values].filter(({ sides }) => sides.includes(side));
  const unions: Record<string, string[]> = {};
  const interfaces: RandomType[] = [];
  for (const side of SIDES) {
    const local = known(side);
    const some = () => local.filter(() => draw(2) === 0);
    unions[`Any_${side}`] = (([first = local[0]!, ...rest]) => [first, ...rest].map(({ name }) => name))(some());
    const named: RandomType = { ...entity(`Named_${side}`), kind: 'interface', sides: [side] };
    interfaces.push(named);
    const implementers = some();
    // A value type of both subgraphs would need the fields of the interface in both.
    for (const type of implementers.length ? implementers : [entities[0]!])
      if (type.name !== 'Both') type.implements.push(named.name);
    if (!local.some((type) => type.implements.includes(named.name))) entities[0]!.implements.push(named.name);
  }
  const typeOn = (sides: Sides): string => {
    const local =
      sides.length === 2 ? [] : [sides[0] === 'students' ? 'Near' : 'Far', `Any_${sides[0]}`, `Named_${sides[0]}`];
    const named = draw(3) === 0 && local.length ? oneOf(draw, local) : oneOf(draw, common);
    return oneOf(draw, WRAPPERS).replace('T', named);
  };
  const field = (sides: Sides): RandomField => ({
    name: `f${fieldCount++}`,
    type: typeOn(sides),
    sides,
    args: draw(3) ? [] : ARGUMENTS.filter(() => draw(4) === 0),
  });
  for (const type of interfaces) type.fields.push(field(type.sides), field(type.sides));
  for (const type of [...entities, ...values]) {
    for (const name of type.implements) type.fields.push(...interfaces.find((one) => one.name === name)!.fields);
    for (let count = 2 + draw(3); count > 0; count--)
      type.fields.push(field(type.kind === 'value' ? type.sides : draw(3) ? [oneOf(draw, SIDES)] : SIDES));
  }
  const root = (name: string, count: number): RandomType => ({
    ...entity(name),
    kind: 'root',
    fields: SIDES.flatMap((side) => Array.from({ length: count }, () => field([side]))),
  });
  return { types: [...interfaces, ...entities, ...values, root('Query', 4), root('Mutation', 2)], unions };
}

/** Rules are drawn per subgraph, so that one coordinate gets different ones in the two. */
class Printer {
  constructor(
    private readonly draw: Draw,
    private readonly types: readonly RandomType[],
    private readonly unions: Readonly<Record<string, string[]>>,
    private readonly coordinates: readonly string[],
  ) {}

  /** The SDL of one subgraph, or the rule-free API of both. */
  print(side: Side | undefined): string {
    const rule = (odds: number) => (side && this.draw(odds) === 0 ? this.rule() : '');
    const types = this.types.filter(({ sides }) => !side || sides.includes(side)).map((type) => this.type(type, side));
    const unions = Object.entries(this.unions).filter(([name]) => !side || name.endsWith(`_${side}`));
    return [
      side ? HEADER : '',
      ...SCALARS.map((name) => `scalar ${name} ${rule(4)}`),
      ...Object.entries(ENUMS).map(
        ([name, values]) => `enum ${name} ${rule(4)} { ${values.map((one) => one + this.reads(side, 5)).join(' ')} }`,
      ),
      ...Object.entries(INPUTS).map(([name, fields]) => `input ${name} { ${this.inputs(fields, side)} }`),
      ...unions.map(([name, members]) => `union ${name} = ${members.join(' | ')}`),
      ...types,
    ].join('\n');
  }

  private type({ name, kind, sides, implements: of, fields }: RandomType, side: Side | undefined): string {
    const isOpen = kind === 'value' && this.draw(2) === 0;
    const typeRule =
      !side || kind === 'interface' || isOpen ? '' : kind === 'root' || this.draw(2) ? '@authenticated' : this.rule();
    const printed = fields
      .filter((field) => !side || field.sides.includes(side))
      .map((field) => {
        const args = field.args.length ? `(${this.inputs(field.args, kind === 'interface' ? undefined : side)})` : '';
        const needsRule = side && kind !== 'interface' && (isOpen || this.draw(4) === 0);
        const shared = side && kind === 'entity' && field.sides.length === 2 ? ' @shareable' : '';
        return `${field.name}${args}: ${field.type} ${needsRule ? this.rule() : ''}${shared}`;
      });
    if (kind === 'entity') printed.unshift('id: ID!');
    const interfaces = of.filter((one) => !side || one.endsWith(`_${side}`));
    const federated = !side
      ? ''
      : kind === 'entity'
        ? '@key(fields: "id")'
        : kind === 'value' && sides.length === 2
          ? '@shareable'
          : '';
    const head = `${kind === 'interface' ? 'interface' : 'type'} ${name} ${interfaces.length ? `implements ${interfaces.join(' & ')}` : ''}`;
    return `${head} ${federated} ${typeRule} {\n  ${printed.join('\n  ')}\n}`;
  }

  private inputs(all: readonly RandomArgument[], side: Side | undefined): string {
    return all
      .map((one) => `${one.name}: ${one.type}${one.default ? ` = ${one.default}` : ''}${this.reads(side, 4)}`)
      .join(', ');
  }

  private reads(side: Side | undefined, odds: number): string {
    if (!side || this.draw(odds)) return '';
    const fields = Array.from({ length: 1 + this.draw(2) }, () => JSON.stringify(oneOf(this.draw, this.coordinates)));
    return ` @reads(fields: [${fields.join(', ')}])`;
  }

  private rule(): string {
    const alternatives = (words: readonly string[]) =>
      JSON.stringify(
        Array.from({ length: 1 + this.draw(3) }, () =>
          Array.from({ length: this.draw(4) ? 1 : 2 }, () => oneOf(this.draw, words)),
        ),
      );
    const kinds = [
      () => '@authenticated',
      () => `@requiresScopes(scopes: ${alternatives(CAPABILITIES)})`,
      () => `@requiresScopes(scopes: ${alternatives(CAPABILITIES)})`,
      () => `@policy(policies: ${alternatives([...LEVELS, ...LEVELS, 'partner'])})`,
      () =>
        `@requiresScopes(scopes: ${alternatives(CAPABILITIES)}) @policy(policies: [["district"], ["teacher"], ["partner"]])`,
    ];
    return oneOf(this.draw, kinds)();
  }
}
