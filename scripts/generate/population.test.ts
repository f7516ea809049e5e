import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { systemSession } from '../../platform/scope/session';
import { rebuildFacts } from '../../subgraphs/reporting';
import { ChildCountRepository } from '../../subgraphs/reporting/child-count/child-count.repository';
import { databaseUrls } from '../../test/harness/databases';
import { buildIfStale } from '../../test/scenarios/product-process';
import { connectOwner, prepareDatabase } from '../runtime';
import { Allocation, apportion, type Site } from './allocation';
import { UnusableRequest } from './generate';
import { populate } from './population';
import { Progress } from './progress';
import { PUBLISHED_DIMENSIONS, publishedTableCells, unmetCells } from './published-check';
import { type CountCell, publishedCells, scaleCells } from './published-counts';
import { readAttendance } from './schools-of-directory';

const DATA = join(__dirname, '..', '..', '..', 'shared', 'data');
const atHand = existsSync(join(DATA, 'orgs'));
const withData = atHand ? describe : describe.skip;
if (!atHand) process.stderr.write(`\nThe public tables are not at ${DATA}: the tests of the population are skipped.\n`);

const keysOf = ({ disability, band, age, environment }: CountCell): string[] => [
  disability,
  band,
  String(age),
  band === 'EARLY_CHILDHOOD'
    ? '3_TO_5_EARLY_CHILDHOOD'
    : age < 12
      ? '5_TO_11_SCHOOL_AGE'
      : age < 18
        ? '12_TO_17'
        : '18_TO_21',
  environment,
];

withData('the allocation of the published population', () => {
  const cells = publishedCells(DATA);
  const attendance = readAttendance(DATA);
  const sites = attendance.flatMap((row): Site[] => {
    const [district, school] = [row.id.slice(3, 10), row.id.slice(10)];
    if (school === '0000000') return [];
    const lea = { id: `ca-${district}0000000`, name: district, selpaId: null, stateOrgId: 'state-ca' };
    return [{ ...row, lea, school: { id: row.id, name: row.id, kind: school === '0000001' ? 'NPS' : 'SCHOOL' } }];
  });

  test('R-10 meets every published cell, with 870,993 students over every school, none outside its ages', () => {
    const allocation = new Allocation(cells, sites, 1);
    expect([attendance.length, sites.length, allocation.size]).toEqual([10_577, 10_433, 870_993]);
    const ages = new Map(sites.map((site) => [site.school.id, site]));
    const counted = new Map<CountCell, number>();
    let misplaced = 0;
    for (let index = 0; index < allocation.size; index++) {
      const { cell, place } = allocation.at(index);
      counted.set(cell, (counted.get(cell) ?? 0) + 1);
      const { youngest, oldest } = ages.get(place.school.id)!;
      if (cell.age < youngest || cell.age > oldest) misplaced++;
    }
    expect(misplaced).toBe(0);
    expect(allocation.schools).toBe(sites.length);
    expect([...counted].filter(([cell, count]) => cell.count !== count)).toEqual([]);
    const published = publishedTableCells(DATA);
    expect(published).toHaveLength(858);
    expect(
      unmetCells(
        published,
        [...counted].map(([cell, count]) => ({ keys: keysOf(cell), count })),
      ),
    ).toEqual([]);
  }, 60_000);

  test('a cell that is off by one is found', () => {
    const off = cells.map((cell, i) => ({ keys: keysOf(cell), count: cell.count + (i === 7 ? 1 : 0) }));
    expect(unmetCells(publishedTableCells(DATA), off).length).toBeGreaterThan(0);
  });

  test('parts add up to the whole', () => {
    expect(apportion(10, [1, 0, 1, 2])).toEqual([3, 0, 2, 5]);
    expect(apportion(0, [1, 1])).toEqual([0, 0]);
    expect(() => apportion(1, [0])).toThrow('No school');
  });
});

test('progress: a bar on a terminal, lines elsewhere', () => {
  const told: string[] = [];
  const output = { isTTY: true, write: (text: string) => told.push(text) };
  const { at } = new Progress(100, 'students', 0, output);
  at(50);
  at(100);
  expect(told[0]).toMatch(/^\r\[#{15}-{15}\] 50 of 100 students, 50 %, \d+ per second, 0:00 left, \d+ MB/);
  expect(told.at(-1)).toBe('\n');
  told.length = 0;
  const lines = new Progress(100, 'students', 0, { write: output.write });
  for (let done = 1; done <= 100; done++) lines.at(done);
  expect(told.map((line) => line.split(',')[0])).toEqual(['1 of 100 students', '100 of 100 students']);
});

withData.each(databaseUrls())('npm run generate -- --population california on %s', (_engine, makeUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'iep-population-'));
  const STUDENTS = 1_300;
  let database: Database;

  const open = async (name: string): Promise<{ url: string; database: Database }> => {
    const url = await makeUrl(mkdtempSync(join(folder, name)));
    const opened = await connectOwner(url);
    await prepareDatabase(opened, systemClock);
    return { url, database: opened };
  };
  const query = (sql: string, on = database): Promise<Record<string, unknown>[]> =>
    on.read.query(scopeComment('system:test') + sql);
  const count = async (on: Database): Promise<number> =>
    Number((await query("SELECT COUNT(*) AS n FROM student WHERE id LIKE 'stu-pop-%'", on))[0]!.n);
  /** Every row of a table in order; ids that are drawn by chance look alike, and so do the times of computation. */
  const dump = async (table: string, on = database): Promise<string[]> => {
    const rows = await query(`SELECT * FROM ${table}`, on);
    const chance = /"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}"|(?<="computed_at":)"[^"]*"/g;
    return rows.map((row) => JSON.stringify(row).replace(chance, '"…"')).sort();
  };
  const tables = (): string[] => {
    const names = database.schemaSource.entityMetadatas.map(({ tableName }) => tableName);
    // How many transactions it took is no part of it.
    return names.filter((name) => !name.startsWith('audit_') && name !== 'write_count');
  };

  beforeAll(async () => {
    ({ database } = await open('one'));
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('R-10 every cell of the scaled table has its students', async () => {
    const progress: number[][] = [];
    const { cells, on, students, added } = await populate({
      database,
      clock: systemClock,
      dataFolder: DATA,
      students: STUDENTS,
      onProgress: (...told) => progress.push(told),
    });
    expect([students, added]).toEqual([STUDENTS, STUDENTS]);
    expect(progress).toEqual([0, 500, 1_000, STUDENTS].map((done) => [done, STUDENTS]));
    expect(cells).toEqual(scaleCells(publishedCells(DATA), STUDENTS));
    const session = systemSession({ manager: database.read, engine: database.engine, clock: systemClock }, 'test');
    const counted = await session.get(ChildCountRepository).count(on, PUBLISHED_DIMENSIONS, null);
    const asText = (cellsOf: { keys: readonly string[]; count: number }[]): string[] =>
      cellsOf.map(({ keys, count: n }) => `${keys.join(' ')}: ${n}`).sort();
    expect(asText(counted)).toEqual(asText(cells.map((cell) => ({ keys: keysOf(cell), count: cell.count }))));
  }, 120_000);

  test('what hangs on a student is there: rights by jurisdiction, school and caseload, staff with accounts and roles', async () => {
    const number = async (sql: string): Promise<number> => Number(Object.values((await query(sql))[0]!)[0]);
    for (const relation of ['JURISDICTION', 'CASE_MANAGER', 'PROVIDER'])
      expect(await number(`SELECT COUNT(DISTINCT student_id) FROM student_access WHERE relation = '${relation}'`)).toBe(
        STUDENTS,
      );
    expect(
      await number("SELECT COUNT(DISTINCT student_id) FROM student_access WHERE relation IN ('SCHOOL', 'NPS')"),
    ).toBe(STUDENTS);
    expect(
      await number(
        "SELECT COUNT(*) FROM student_access x WHERE grantee LIKE 'STAFF:%' AND NOT EXISTS (SELECT 1 FROM account a JOIN role_grant r ON r.account_id = a.id WHERE a.id = SUBSTR(x.grantee, 7))",
      ),
    ).toBe(0);
    expect(await number("SELECT COUNT(*) FROM iep WHERE state = 'CURRENT' AND content_hash IS NOT NULL")).toBe(
      STUDENTS,
    );
    expect(
      await number('SELECT COUNT(DISTINCT selpa_id) FROM jurisdiction WHERE selpa_id IS NOT NULL'),
    ).toBeGreaterThan(3);
  });

  test('the facts are those that are derived from the published views', async () => {
    const facts = async (): Promise<Record<string, unknown>[]> =>
      (await query('SELECT * FROM student_fact ORDER BY id')).map(({ computed_at: _, ...fact }) => fact);
    const before = await facts();
    expect(await rebuildFacts(database, systemClock)).toBe(STUDENTS);
    expect(await facts()).toEqual(before);
  }, 60_000);

  test('A kill in the middle loses nothing and doubles nothing: the next run makes the same population', async () => {
    buildIfStale();
    const killed = await open('killed');
    const program = join(__dirname, '..', '..', 'dist', 'scripts', 'generate', 'main.js');
    const words = ['--population', 'california', '--students', String(STUDENTS), '--data', DATA];
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...process.env, DATABASE_URL: killed.url, NODE_ENV: '' },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    while ((await count(killed.database)) === 0 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const kept = await count(killed.database);
    expect(kept % 500).toBe(0);
    expect(kept).toBeLessThan(STUDENTS);
    try {
      const request = { database: killed.database, clock: systemClock, dataFolder: DATA, students: STUDENTS };
      await expect(populate({ ...request, seed: 2 })).rejects.toThrow(/made with another seed/);
      await expect(populate({ ...request, students: 900_000 })).rejects.toThrow(UnusableRequest);
      expect(await populate(request)).toMatchObject({ students: STUDENTS, added: STUDENTS - kept });
      expect(await populate(request)).toMatchObject({ students: STUDENTS, added: 0 });
      for (const table of tables()) {
        const [rows, wanted] = [await dump(table, killed.database), await dump(table)];
        const other = rows.filter((row, i) => row !== wanted[i]).slice(0, 3);
        expect([table, rows.length, other]).toEqual([table, wanted.length, []]);
      }
    } finally {
      await killed.database.close();
    }
  }, 180_000);
});
