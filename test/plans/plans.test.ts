import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { systemClock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { populate } from '../../scripts/generate/population';
import { connectOwner } from '../../scripts/runtime';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type RunStatement, type TestSystem } from '../harness/system';
import { type HotOperation, hotOperations, type Somebody } from './operations';
import { type Access, planOf, rowsExamined, STUDENT_SIZED } from './plan';

const DATA = join(__dirname, '..', '..', '..', 'shared', 'data');
const withData = existsSync(join(DATA, 'orgs')) ? describe : describe.skip;
/** Enough that the databases choose as they do among many; `PLAN_STUDENTS=20000` repeats it with more. */
const STUDENTS = Number(process.env.PLAN_STUDENTS ?? 4_000);

const CALLERS = [
  'teacher.ripon',
  'school.ripon',
  'district.manteca',
  'selpa.sanjoaquin',
  'state.ca',
  'regional-center',
];

withData.each(databaseUrls())('plans of the hot queries on %s', (engine, makeUrl) => {
  let system: TestSystem;
  let planner: Database;
  let url = '';

  beforeAll(async () => {
    system = await bootSystem(async (folder) => (url = await makeUrl(folder)), { consume: false });
    await populate({ database: system.database, clock: systemClock, dataFolder: DATA, students: STUDENTS });
    // A connection of its own: on SQLite an EXPLAIN leaves the one that it ran on in the state of that moment.
    planner = await connectOwner(url);
  }, 600_000);
  afterAll(async () => {
    await planner?.close();
    await system?.stop();
  });

  const ask = async (who: string, { query, variables }: HotOperation): Promise<any> => {
    const answer = await system.ask(who, query, variables);
    expect([
      who,
      query,
      answer.errors?.filter(({ extensions }) => extensions.code !== 'UNAUTHORIZED_FIELD_OR_TYPE') ?? [],
    ]).toEqual([who, query, []]);
    return answer.data;
  };
  const operationsOf = async (who: string): Promise<HotOperation[]> => {
    const { students } = await ask(who, { name: 'first', query: '{ students(first: 1) { nodes { id stateId } } }' });
    const [student] = students.nodes;
    const all = hotOperations({ ...student, ...(await whereabouts(student.id)) });
    const allowed: HotOperation[] = [];
    for (const operation of all) {
      const { errors, data } = await system.ask(who, operation.query, operation.variables);
      if (data || !errors) allowed.push(operation);
    }
    return allowed;
  };
  const whereabouts = async (id: string): Promise<Omit<Somebody, 'id' | 'stateId'>> => {
    const sql =
      'SELECT lea_id AS leaId, school_id AS schoolId, case_manager_provider_id AS caseManagerId FROM student_fact WHERE id = ?';
    return (await planner.read.query(scopeComment('test') + sql, [id]))[0];
  };
  const selectsOf = async (work: () => Promise<unknown>): Promise<RunStatement[]> =>
    (await system.statements(work)).run.filter(({ sql }) => /^\s*(\/\*.*?\*\/\s*)*SELECT\b/i.test(sql));
  const plans = async (selects: readonly RunStatement[]): Promise<(Access & { sql: string })[]> => {
    const different = [...new Map(selects.map((one) => [one.sql, one])).values()];
    const found: (Access & { sql: string })[] = [];
    for (const one of different)
      for (const access of await planOf(planner.read, engine, one))
        if (STUDENT_SIZED.test(access.table)) found.push({ ...access, sql: one.sql });
    return found;
  };

  test.each(CALLERS)(
    'no full scan of a table of students for %s',
    async (who) => {
      const operations = await operationsOf(who);
      expect(operations.length).toBeGreaterThan(who === 'regional-center' ? 5 : 15);
      const bad: string[] = [];
      let statements = 0;
      for (const operation of operations) {
        const selects = await selectsOf(() => ask(who, operation));
        statements += selects.length;
        for (const { how, detail, sql } of await plans(selects)) {
          // Where a tenth of everybody fits, MariaDB walks, and says how far: two figures at most.
          if (operation.narrow && how === 'WALK' && / index \w+ \d\d? /.test(detail)) continue;
          const isAll = who === 'state.ca' && (operation.sums || (how === 'WALK' && !operation.narrow));
          if (how !== 'SEARCH' && !isAll) bad.push(`${operation.name}: ${how} ${detail}\n    ${sql}`);
        }
      }
      expect(bad).toEqual([]);
      expect(statements).toBeGreaterThanOrEqual(operations.length);
    },
    120_000,
  );

  /** A page of 25: its statement, and where it ends. */
  const pageOf = async (who: string, query: string, after?: string) => {
    let endCursor = '';
    const selects = await selectsOf(async () => {
      ({ endCursor } = (await ask(who, { name: query, query, variables: { after } })).page.pageInfo);
    });
    return { endCursor, statement: selects.find(({ sql }) => / ORDER BY .* LIMIT 26/.test(sql))! };
  };
  const pageQuery = (root: string, shape: string, first: number): string =>
    `query Page($after: String) { page: ${root}(${shape}, first: ${first}, after: $after) { pageInfo { endCursor } } }`;
  /** MariaDB and MySQL: how many rows each statement reads. */
  const examined = async (statements: readonly RunStatement[]): Promise<number[]> => {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'));
    try {
      const numbers: number[] = [];
      for (const statement of statements) numbers.push(await rowsExamined(connection, statement));
      return numbers;
    } finally {
      await connection.end();
    }
  };

  const DEEP = ['students by NAME', 'students by DATE_OF_BIRTH', 'worklist by NEXT_DUE', 'worklist by OPEN_FINDINGS'];
  test.each(DEEP)(
    'a page at depth costs what the first one costs: %s',
    async (list) => {
      const [, field, order] = /^(\w+) by (\w+)$/.exec(list)!;
      const of = (first: number): string =>
        field === 'students'
          ? pageQuery('students', `orderBy: ${order}`, first)
          : pageQuery('studentWorklist', `filter: {}, orderBy: ${order}`, first);
      let after: string | undefined;
      for (let skipped = 0; skipped < STUDENTS / 2; skipped += 100)
        after = (await ask('state.ca', { name: list, query: of(100), variables: { after } })).page.pageInfo.endCursor;
      const { statement: first } = await pageOf('state.ca', of(25));
      const { statement: deep } = await pageOf('state.ca', of(25), after);
      if (engine === 'sqlite') {
        const [entry] = (await planOf(planner.read, engine, deep)).filter(({ table }) =>
          /^student(_fact)?$/.test(table),
        );
        // It begins at the cursor: an index that is searched by the keys of the order, and nothing is sorted.
        expect(entry).toMatchObject({ how: 'SEARCH', detail: expect.stringMatching(/INDEX \w+ \(.*[<>]/) });
        return;
      }
      const rows = await examined([first, deep]);
      expect(rows[0]).toBeLessThan(STUDENTS / 4);
      expect(rows[1]).toBeLessThan(2 * rows[0]!);
    },
    120_000,
  );

  const LISTED = ['district.manteca', 'selpa.sanjoaquin'].flatMap((who): [string, string, string][] => [
    [who, 'students', 'orderBy: NAME'],
    [who, 'studentWorklist', 'filter: {}, orderBy: NEXT_DUE'],
  ]);
  test.each(LISTED)(
    'a page of %s looks at the rows that it shows, and at no others: %s',
    async (who, root, shape) => {
      const query = pageQuery(root, shape, 25);
      const { statement: first, endCursor } = await pageOf(who, query);
      const { statement: second } = await pageOf(who, query, endCursor);
      if (engine === 'sqlite') {
        for (const statement of [first, second])
          for (const { table, how, detail } of await planOf(planner.read, engine, statement))
            if (STUDENT_SIZED.test(table)) expect([how, detail]).toEqual(['SEARCH', detail]);
        const [entry] = await planOf(planner.read, engine, second);
        expect(entry).toMatchObject({ table: 'student_listing', detail: expect.stringMatching(/INDEX \w+ \(.*[<>]/) });
        return;
      }
      // Of each its entry, its row and its right, and some that are hidden.
      for (const rows of await examined([first, second])) expect(rows).toBeLessThan(6 * 26);
    },
    120_000,
  );
});
