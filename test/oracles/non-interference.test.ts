/**
 * Non-interference (design/authorization.md, section 3, 4): whatever happens to records that a caller can't see, every answer
 * to that caller stays the same, byte by byte: counts, cursors, orders, errors.
 *
 * Left out on purpose are the sanctioned ways to learn of a record elsewhere: `locateStudent` (SEIS-16, the minimal card with
 * its `hasOpenServices`), each use of which is audited. Cursors are sealed anew each time: of them, length and effect count.
 */
import fc from 'fast-check';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { scopeMarker } from '../../platform/database/guard';
import { StudentRepository } from '../../subgraphs/students/student/student.repository';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { schema } from '../scenarios/input-variants';
import { select } from '../scenarios/record';
import { changeRecord } from './product/foreign-changes';
import { dropTriggers } from './product/markers';
import { generatedOperations, visibleSchema } from './product/operations';
import { type Perspective, perspectivesOf } from './product/perspectives';
import { visibleTo } from './product/rows-from-facts';
import { choices, drawFrom, holds, oneOf, ORACLE_TIMEOUT, sized } from './run';

/** A count that forgets the scope of its list, when a test says so. */
const mockLeak = { isPlanted: false };
jest.mock('../../platform/graphql/connection', () => {
  const actual = jest.requireActual('../../platform/graphql/connection');
  return {
    ...actual,
    paginate: async (query: any, request: object) => {
      const everything = query
        .clone()
        .comment(query.expressionMap.comment ?? '')
        .where('1 = 1');
      const page = await actual.paginate(query, request);
      if (!mockLeak.isPlanted) return page;
      const count = async () => Number((await everything.select('COUNT(*)', 'total').orderBy().getRawOne()).total);
      return Object.defineProperty(page, 'totalCount', { get: count });
    },
  };
});

/** What counts rows or depends on their order, asked every time. */
const COUNTING: readonly string[] = [
  '{ students(first: 100, filter: { includeInactive: true }) { totalCount pageInfo { hasNextPage } nodes { id lastName } } }',
  '{ students(first: 3, orderBy: DATE_OF_BIRTH) { totalCount pageInfo { hasNextPage } nodes { id } } }',
  '{ students(first: 3, orderBy: STATE_ID) { totalCount pageInfo { hasNextPage } nodes { id } } }',
  '{ searchStudents(text: "a", includeInactive: true) { totalCount nodes { id } } }',
  '{ searchStudents(text: "copy") { totalCount nodes { id } } }',
  ...['NAME', 'NEXT_DUE', 'ANNUAL_DUE', 'TRIENNIAL_DUE', 'OPEN_FINDINGS'].map(
    (order) =>
      `{ studentWorklist(filter: {}, orderBy: ${order}, first: 10) { totalCount pageInfo { hasNextPage } nodes { student { id } annualDue } } }`,
  ),
  ...['DISABILITY', 'AGE', 'AGE_BAND', 'AGE_GROUP', 'ENVIRONMENT', 'LEA', 'SCHOOL', 'SELPA', 'STATE'].map(
    (dimension) => `{ childCount(groupBy: [${dimension}], on: "2026-10-01") { rows { keys count suppressed } total } }`,
  ),
  ...['ANNUAL_REVIEW', 'TRIENNIAL_REVIEW'].map(
    (report) =>
      `{ complianceSummary(report: ${report}, groupBy: LEA, period: { from: "2024-01-01", to: "2026-12-31" }) { total { inTimeline outOfTimeline } rows { label inTimeline outOfTimeline } } }`,
  ),
  '{ ieps(first: 5) { totalCount pageInfo { hasNextPage } nodes { id } } }',
  '{ providers(first: 100) { totalCount nodes { id caseload(first: 5) { totalCount } } } }',
  '{ myCaseload { totalCount nodes { student { id } } } }',
  '{ requests { totalCount } }',
];

describe.each(databaseUrls())('issue 2: what is elsewhere makes no difference, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let all: Perspective[];
  const schemas = new Map<string, GraphQLSchema>();
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    await dropTriggers(system);
    all = await perspectivesOf(system);
    // What one caller may not ask is left out for that caller; what nobody could ask would be a mistake here.
    for (const query of COUNTING) expect([query, validate(schema, parse(query))]).toEqual([query, []]);
  });
  afterAll(() => system?.stop());

  async function schemaOf(perspective: Perspective): Promise<GraphQLSchema> {
    const known = schemas.get(perspective.role) ?? (await visibleSchema(system, perspective));
    schemas.set(perspective.role, known);
    return known;
  }

  async function observe({ who, headers }: Perspective, operations: readonly string[]): Promise<string[]> {
    const answers: string[] = [];
    for (const query of operations) {
      const answer = await system.ask(who, query, {}, headers);
      answers.push(`${query}\n${JSON.stringify(answer, settled)}`);
    }
    return answers;
  }

  /** The rest of a list after a cursor that was given before the change. */
  const nextPage = ({ who, headers }: Perspective, after: string | null) =>
    system.ask(who, 'query($after: String) { students(first: 5, after: $after) { nodes { id } } }', { after }, headers);

  const property = fc.asyncProperty(choices, async (drawn) => {
    const draw = drawFrom(drawn);
    const perspective = oneOf(draw, all);
    const visible = await visibleTo(system, perspective);
    const students = (
      await select<{ id: string; stateId: string }>(
        system.database,
        'SELECT id, state_id AS stateId FROM student ORDER BY id',
      )
    ).filter(({ id }) => !visible.students.has(id) && !visible.periods.has(id));
    const elsewhere = oneOf(draw, students);
    const [iep] = await select<{ id: string }>(system.database, 'SELECT id FROM iep WHERE student_id = ? LIMIT 1', [
      elsewhere.id,
    ]);
    const visibleOnes = await schemaOf(perspective);
    const generated = generatedOperations(visibleOnes, {
      'student.id': [elsewhere.id, oneOf(draw, [...visible.students, 'none'])],
      'explainAccess.studentId': [elsewhere.id, oneOf(draw, [...visible.students, 'none'])],
      'studentByStateId.stateId': [elsewhere.stateId],
      'iep.id': [iep?.id ?? 'none'],
    });
    const operations = [
      ...COUNTING.filter((query) => validate(visibleOnes, parse(query)).length === 0),
      ...Array.from({ length: 12 }, () => oneOf(draw, generated)),
      `{ student(id: "${elsewhere.id}") { id } }`,
      `{ iep(id: "${iep?.id}") { id } }`,
    ];
    const { data } = await system.ask(
      perspective.who,
      '{ students(first: 2) { pageInfo { endCursor } } }',
      {},
      perspective.headers,
    );
    const cursor = data?.students?.pageInfo.endCursor ?? null;
    const [before, pageBefore] = [await observe(perspective, operations), await nextPage(perspective, cursor)];
    const changes: string[] = [];
    for (const student of [elsewhere, oneOf(draw, students), oneOf(draw, students)])
      changes.push(`${await changeRecord(system, student.id, draw)} ${student.id}`);
    expect({ ...perspective, changes, answers: await observe(perspective, operations) }).toEqual({
      ...perspective,
      changes,
      answers: before,
    });
    expect(await nextPage(perspective, cursor)).toEqual(pageBefore);
  });

  test(
    'A-41 A-42 changes to records out of sight change no answer',
    async () => {
      await holds(property, sized(8, 150));
    },
    ORACLE_TIMEOUT,
  );

  test(
    'A-42 a count without scope is found',
    async () => {
      mockLeak.isPlanted = true;
      try {
        await expect(holds(property, 20, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      } finally {
        mockLeak.isPlanted = false;
      }
    },
    ORACLE_TIMEOUT,
  );

  test(
    'a repository without predicate is found',
    async () => {
      const open = jest.spyOn(StudentRepository.prototype as never, 'select').mockImplementation(function (
        this: any,
        alias: string,
      ) {
        return this.session.manager
          .createQueryBuilder(this.entity, alias)
          .comment(scopeMarker('principal'))
          .where('1 = 1');
      } as never);
      // Nor are its lists driven from the caller's own students.
      const driven = jest.spyOn(StudentRepository.prototype as never, 'drivers').mockReturnValue([] as never);
      try {
        await expect(holds(property, 20, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      } finally {
        open.mockRestore();
        driven.mockRestore();
      }
    },
    ORACLE_TIMEOUT,
  );
});

/** Ids of requests, and cursors, differ each time. */
function settled(key: string, value: unknown): unknown {
  if (key === 'requestId') return undefined;
  return /cursor$/i.test(key) && typeof value === 'string' ? `${value.length} characters` : value;
}
