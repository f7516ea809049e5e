/**
 * The access matrix (domain.md B.2 and B.3) through the public door: every role that can be held, each as a perspective
 * chosen by `x-perspective`, against every field of the committed supergraph. What is expected comes from the directives in
 * the supergraph's text and the table of roles alone, not from the gateway's own index of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConstDirectiveNode,
  getNamedType,
  type GraphQLSchema,
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';
import { isAdditive, roleOf, type RoleName, ROLES } from '../../subgraphs/students/account/roles';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { visibleSchema } from '../oracles/product/operations';
import { select } from './record';
import { todayAt } from './facts';
import { mutations, queries, variablesOf } from './input-variants';

/** A role, alone or with every additive permission that joins it. */
interface Held {
  role: RoleName;
  added: RoleName[];
}

const roleNames = Object.keys(ROLES) as RoleName[];
const HELD: Held[] = roleNames
  .filter((role) => !isAdditive(role))
  .flatMap((role) => {
    const added = roleNames.filter((other) => roleOf(other).addsTo?.includes(role));
    return [{ role, added: [] }, ...(added.length > 0 ? [{ role, added }] : [])];
  });
/** The account of the initial data that gets every role of a state: they don't add up, which is part of what is shown. */
const WHO = { CA: 'teacher2.ripon', LA: 'reader.acadia', NY: 'supervisor.nyc' };
const WITH_ADDED: typeof WHO = { CA: 'provider2.manteca', LA: 'writer.acadia', NY: 'supervisor.nyc' };
type StateCode = keyof typeof WHO;

const capabilitiesHeld = ({ role, added }: Held): Set<string> =>
  new Set([role, ...added].flatMap((one) => roleOf(one).capabilities));

type Rule = readonly (readonly string[])[];
/** Alternatives of each rule on one element; the caller needs one of every rule. */
const rulesOf = (directives: readonly ConstDirectiveNode[] = []): Rule[] =>
  directives.flatMap(({ name, arguments: given = [] }) =>
    name.value === 'requiresScopes' || name.value === 'policy' ? [valueFromASTUntyped(given[0]!.value) as Rule] : [],
  );
const nameOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type));

interface GuardedField {
  coordinate: string;
  type: string;
  answers: string;
  /** What stands between a caller and the value: the type's rules, its own, the answered type's. */
  rules: Rule[];
}

const { definitions } = parse(readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8'));
const composite = definitions.filter(
  (one) => one.kind === Kind.OBJECT_TYPE_DEFINITION || one.kind === Kind.INTERFACE_TYPE_DEFINITION,
);
const ofType = new Map(composite.map(({ name, directives }) => [name.value, rulesOf(directives)]));
const FIELDS: GuardedField[] = composite
  .filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION)
  .flatMap(({ name, fields = [] }) =>
    fields
      .filter((field) => !field.name.value.startsWith('_'))
      .map((field) => ({
        coordinate: `${name.value}.${field.name.value}`,
        type: name.value,
        answers: nameOf(field.type),
        rules: [...ofType.get(name.value)!, ...rulesOf(field.directives), ...(ofType.get(nameOf(field.type)) ?? [])],
      })),
  );
/** What a value of the type may be in the end. */
const membersOf = (type: string): string[] => [
  type,
  ...composite
    .filter(({ interfaces = [] }) => interfaces.some((one) => one.name.value === type))
    .map((one) => one.name.value),
];

/** The fields that a caller comes to by fields that it may use. */
function reachable(mayUse: (field: GuardedField) => boolean): string[] {
  const types = ['Query', 'Mutation'];
  const found: string[] = [];
  for (const type of types)
    for (const field of FIELDS.filter((one) => one.type === type && mayUse(one))) {
      found.push(field.coordinate);
      types.push(...membersOf(field.answers).filter((one) => !types.includes(one)));
    }
  return found.sort();
}

/** A value of each scalar that is well formed and names nothing. */
const NOTHING: Record<string, unknown> = {
  Int: 1,
  Boolean: true,
  Date: '2026-10-01',
  DateTime: '2026-10-01T00:00:00Z',
  ID: 'none',
};

/** An optional list is left out: an empty one reads what it filters by. */
const withoutEmptyLists = (variables: Record<string, unknown>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(variables), (_key, value) =>
    Array.isArray(value) && value.length === 0 ? undefined : value,
  ) as Record<string, unknown>;

/** Every root field, called with no more than it must have. */
const DOORS = [
  ...queries.map((field) => ({ field, on: 'Query' })),
  ...mutations.map((field) => ({ field, on: 'Mutation' })),
]
  .filter(({ field }) => !field.name.startsWith('_'))
  .map(({ field, on }) => {
    const { name, args, type } = field;
    const declared = args.map((one) => `$${one.name}: ${String(one.type)}`).join(', ');
    const given = args.map((one) => `${one.name}: $${one.name}`).join(', ');
    const below = isCompositeType(getNamedType(type)) ? '{ __typename }' : '';
    return {
      coordinate: `${on}.${name}`,
      text: `${on.toLowerCase()} ${declared && `(${declared})`} { ${name} ${given && `(${given})`} ${below} }`,
      // An order that is left out is one as well, and not everybody may ask for the usual one.
      variables: withoutEmptyLists(
        variablesOf(field, ({ required, values, type: scalar }) =>
          values?.includes('NAME') ? 'NAME' : required ? (values?.[0] ?? NOTHING[scalar] ?? 'none') : undefined,
        ),
      ),
    };
  });

const fieldsOf = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__'))
    .flatMap((type) =>
      isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    )
    .sort();

describe.each(databaseUrls())('the access matrix, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  const perspectives = new Map<Held, { who: string; headers: Record<string, string> }>();

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    for (const held of HELD) perspectives.set(held, await grant(held));
  });
  afterAll(() => system?.stop());

  async function insert(table: string, row: Record<string, unknown>): Promise<void> {
    const columns = Object.keys(row);
    await system.database.write((manager) =>
      manager.query(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        Object.values(row),
      ),
    );
  }

  /** An organization of the kind; made under the state's first LEA where the initial data has none. */
  async function organization(kind: string, state: StateCode): Promise<string> {
    const known = (of: string) =>
      select<Record<string, unknown>>(
        system.database,
        'SELECT * FROM organization WHERE kind = ? AND state_code = ? AND active = 1 ORDER BY id LIMIT 1',
        [of, state],
      );
    const [found] = await known(kind);
    if (found) return String(found.id);
    const [lea] = await known('LEA');
    const id = `matrix-${kind.toLowerCase()}`;
    await insert('organization', { ...lea, id, code: id, name: id, search_name: id, kind, parent_id: lea!.id });
    return id;
  }

  async function grant(held: Held): Promise<{ who: string; headers: Record<string, string> }> {
    const { role: main, added } = held;
    const state = (roleOf(main).states?.[0] ?? 'CA') as StateCode;
    const organizationId = await organization(roleOf(main).heldAt[0]!, state);
    const who = (added.length > 0 ? WITH_ADDED : WHO)[state];
    const [account] = await select<{ id: string }>(system.database, 'SELECT id FROM account WHERE username = ?', [who]);
    const add = async (role: RoleName): Promise<string> => {
      const [open] = await select<{ id: string }>(
        system.database,
        'SELECT id FROM role_grant WHERE account_id = ? AND role = ? AND organization_id = ? AND revoked_at IS NULL',
        [account!.id, role, organizationId],
      );
      if (open) return open.id;
      const id = `matrix-${who}-${role}`.slice(0, 60);
      await insert('role_grant', {
        id,
        account_id: account!.id,
        role,
        organization_id: organizationId,
        read_only: 0,
        is_default: 0,
        valid_from: todayAt(organizationId),
        granted_by: account!.id,
        granted_at: '2026-01-01 00:00:00.000',
      });
      return id;
    };
    const perspective = await add(main);
    for (const role of added) await add(role);
    return { who, headers: { 'x-perspective': perspective } };
  }

  const holds = (rules: readonly Rule[], held: Held): boolean => {
    const own = capabilitiesHeld(held).add(roleOf(held.role).level);
    return rules.every((alternatives) => alternatives.some((all) => all.every((one) => own.has(one))));
  };
  const named = ({ role, added }: Held): string => [role, ...added].join(' with ');

  test.each(HELD.map((held) => [named(held), held] as const))(
    'SIRAS-133 to SIRAS-146 SEIS-01 SER-41 SESIS-06 %s: sees the fields of its cells, and is refused every other door',
    async (_name, held) => {
      const perspective = perspectives.get(held)!;
      const { data } = await system.ask(
        perspective.who,
        '{ viewer { capabilities perspective { role } } }',
        {},
        perspective.headers,
      );
      expect(data.viewer.perspective.role).toBe(held.role);
      expect([...data.viewer.capabilities].sort()).toEqual([...capabilitiesHeld(held)].sort());
      const schema = await visibleSchema(system, {
        ...perspective,
        id: '',
        role: '',
        organizationId: '',
        accountId: '',
      });
      expect(fieldsOf(schema)).toEqual(reachable(({ rules }) => holds(rules, held)));

      const answers: [string, boolean][] = [];
      for (const { coordinate, text, variables } of DOORS) {
        const { errors = [] } = await system.ask(perspective.who, text, variables, perspective.headers);
        const refused = errors.some(({ extensions }) => extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE');
        answers.push([coordinate, !refused]);
      }
      const rulesAt = (door: string): Rule[] => FIELDS.find(({ coordinate }) => coordinate === door)!.rules;
      expect(answers).toEqual(DOORS.map(({ coordinate }) => [coordinate, holds(rulesAt(coordinate), held)]));
    },
    120_000,
  );
});
