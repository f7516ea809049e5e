/** Asks a perspective for everything that there is, page by page, and holds it against the facts. */
import { getNamedType, type GraphQLSchema, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { TestSystem } from '../../harness/system';
import { type Entity, entitiesOf, fitting, withIds } from './entities';
import type { Perspective } from './perspectives';
import { BESIDE_ROWS, organizationsBelow, type Rows, rowsOf, typeOf } from './record-rows';
import type { RowsFromFacts, Visible } from './rows-from-facts';

// Each row once: what leads to it in other ways is for random operations.
const STUDENT =
  '{ id guardians { id } jurisdictions { id schools { id } } statusHistory { id } spedActivities { id } evaluations { id } services { id } }';
const IEP = '{ id forms { id } goals { id progress { id } } signedCopies { id } redWindowOverrides { id } }';
const list = (name: string, args: string, nodes: string): string =>
  `query($after: String) { ${name}(${args}, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes ${nodes} } }`;

/** Lists with what identifies their rows: the row itself, or its student. */
const LISTS: Readonly<Record<string, { text: string; of?: 'student' }>> = {
  students: { text: list('students', 'first: 100, filter: { includeInactive: true }', STUDENT) },
  ieps: { text: list('ieps', 'first: 100', IEP) },
  myCaseload: { text: list('myCaseload', 'first: 100', '{ student { id } }'), of: 'student' },
  studentWorklist: {
    text: list('studentWorklist', 'first: 100, filter: {}, orderBy: NAME', '{ student { id } }'),
    of: 'student',
  },
  providers: { text: list('providers', 'first: 100', '{ id }') },
  studentAccessGrants: { text: list('studentAccessGrants', 'first: 100', '{ id student { id } }') },
  partnerGrants: { text: list('partnerGrants', 'first: 100', '{ id students { id } }') },
  requests: { text: list('requests', 'first: 100', '{ id student { id } }') },
};

/** Types whose every visible row is somewhere in the lists. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['Guardian', 'Jurisdiction', 'SchoolPeriod', 'StudentStatusEntry', 'SpedActivity', 'Evaluation', 'Service'],
  ...['Iep', 'Goal', 'GoalProgress', 'IepForm', 'SignedCopy', 'RedWindowOverride'],
]);
/** What a former owner sees of a student: the two ids, and what follows from the services of its own period. */
const CARD: ReadonlySet<string> = new Set(['id', 'stateId', '__typename', 'kind', 'hasOpenServices']);

export interface Expected {
  visible: Visible;
  rows: Rows;
}
export const expectedOf = async (facts: RowsFromFacts, perspective: Perspective): Promise<Expected> => {
  const visible = await facts.visibleTo(perspective);
  return { visible, rows: await rowsOf(facts, perspective, visible) };
};

/** Entities of an answer that the facts do not show to the caller, and what is more than the card of a former owner. */
export function strangers(entities: readonly Entity[], { visible, rows }: Expected): string[] {
  return [
    ...new Set(
      entities.flatMap(({ typename, id, leaves }) => {
        const type = typeOf(typename);
        if (BESIDE_ROWS.has(type)) return [];
        if (!rows.get(type)?.has(id)) return [`${typename} ${id} is not the caller's`];
        const beyond = type === 'Student' && !visible.students.has(id) ? leaves.filter((one) => !CARD.has(one)) : [];
        return beyond.map((leaf) => `${leaf} of ${id}, who has left, is not the caller's`);
      }),
    ),
  ];
}

/**
 * @param isWhole with everything that hangs on a student or an IEP; otherwise the lists alone
 * @returns what is shown and should not be, or the other way round; nothing when the facts and the answers agree
 */
export async function census(
  system: TestSystem,
  facts: RowsFromFacts,
  perspective: Perspective,
  schema: GraphQLSchema,
  expected: Expected,
  isWhole: boolean,
): Promise<string[]> {
  const differences: string[] = [];
  const entities: Entity[] = [];
  const asked = new Set<string>();
  const ask = async (text: string, variables: Record<string, unknown>): Promise<any> => {
    const { status, data, errors } = await system.ask(perspective.who, text, variables, perspective.headers);
    if (status !== 200 || errors) differences.push(`${status} ${JSON.stringify(errors)} to ${text.slice(0, 60)}`);
    entities.push(...entitiesOf(data));
    return data;
  };

  for (const [name, { text, of }] of Object.entries(LISTS)) {
    const own = fitting(schema, isWhole ? text : text.replace(STUDENT, '{ id }').replace(IEP, '{ id }'));
    if (!own?.includes(name)) continue;
    const query = withIds(schema, own);
    for (const type of typesIn(schema, query)) asked.add(type);
    const seen: string[] = [];
    for (let after: string | null = null, total = -1; ;) {
      const page: any = (await ask(query, { after }))?.[name];
      if (!page) break;
      seen.push(...page.nodes.map((node: any) => (of ? node[of] : node)?.id));
      if (total >= 0 && total !== page.totalCount) differences.push(`${name} counts ${total}, then ${page.totalCount}`);
      total = page.totalCount;
      after = page.pageInfo.endCursor;
      if (page.pageInfo.hasNextPage) continue;
      if (total !== seen.length) differences.push(`${name} counts ${total} and shows ${seen.length}`);
      break;
    }
    differences.push(...difference(name, seen, await listed(facts, name, perspective, expected)));
  }
  const gone = [...expected.visible.periods.keys()].filter((id) => !expected.visible.students.has(id));
  const left = isWhole ? gone : [];
  for (let at = 0; at < left.length; at += 10) {
    const roots = left.slice(at, at + 10).map((id, i) => `s${i}: student(id: "${id}") ${STUDENT}`);
    const own = fitting(schema, `{ ${roots.join(' ')} }`);
    if (own) await ask(withIds(schema, own), {});
  }
  differences.push(...strangers(entities, expected));
  for (const type of [...asked].filter((one) => WHOLE.has(one))) {
    const seen = entities.filter(({ typename }) => typeOf(typename) === type).map(({ id }) => id);
    differences.push(...difference(type, [...new Set(seen)], expected.rows.get(type)!));
  }
  return differences;
}

/** What a list should hold. */
async function listed(
  facts: RowsFromFacts,
  name: string,
  { accountId, organizationId }: Perspective,
  { visible, rows }: Expected,
): Promise<ReadonlySet<string>> {
  const inScope = async (sql: string, parameters: unknown[] = []): Promise<Set<string>> =>
    new Set(
      (await facts.rows<{ id: string }>(sql, parameters)).map(({ id }) => id).filter((id) => visible.students.has(id)),
    );
  const today = facts.today(organizationId);
  switch (name) {
    case 'students':
      return visible.students;
    case 'ieps':
      return rows.get('Iep')!;
    case 'myCaseload':
      return inScope(
        'SELECT student_id AS id FROM provider_assignment WHERE account_id = ? AND revoked_at IS NULL AND valid_from <= ?' +
          ' AND (valid_to IS NULL OR valid_to >= ?)',
        [accountId, today, today],
      );
    case 'studentWorklist':
      // Which students have been computed, and which are hidden duplicates, is not a matter of rights.
      return inScope('SELECT id FROM student_fact WHERE hidden = 0');
    case 'providers': {
      const below = await organizationsBelow(facts, organizationId);
      const all = await facts.rows<{ id: string; at: string; account: string | null }>(
        'SELECT id, organization_id AS at, account_id AS account FROM provider',
      );
      return new Set(all.filter(({ at, account }) => below.has(at) || account === accountId).map(({ id }) => id));
    }
    default: {
      const type = { studentAccessGrants: 'StudentAccessGrant', partnerGrants: 'PartnerGrant', requests: 'Request' }[
        name
      ]!;
      return rows.get(type)!;
    }
  }
}

function difference(name: string, seen: readonly string[], expected: ReadonlySet<string>): string[] {
  const shown = new Set(seen);
  const say = (ids: readonly string[], what: string): string[] =>
    ids.length > 0 ? [`${name}: ${ids.length} ${what}: ${ids.slice(0, 4).join(', ')}`] : [];
  return [
    ...say(
      seen.filter((id) => !expected.has(id)),
      'too many',
    ),
    ...say(
      [...expected].filter((id) => !shown.has(id)),
      'missing',
    ),
    ...(shown.size < seen.length ? [`${name} repeats rows`] : []),
  ];
}

function typesIn(schema: GraphQLSchema, text: string): Set<string> {
  const info = new TypeInfo(schema);
  const found = new Set<string>();
  visit(
    parse(text),
    visitWithTypeInfo(info, { Field: () => void found.add(typeOf(getNamedType(info.getType())?.name ?? '')) }),
  );
  return found;
}
