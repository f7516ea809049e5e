import 'reflect-metadata';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { systemSession } from '../../platform/scope/session';
import { ChildCountRepository } from '../../subgraphs/reporting/child-count/child-count.repository';
import { CountDimension } from '../../subgraphs/reporting/child-count/dimensions';
import { seedOrganizations } from '../../subgraphs/students/organization/initial-organizations';
import { databaseUrls } from '../../test/harness/databases';
import { connectOwner } from '../runtime';
import { Random } from '../seed/random';
import { firstWednesdayOfOctober, latestCountDay } from './count-day';
import { generate, UnusableRequest } from './generate';
import { type CountCell, publishedCells, scaleCells } from './published-counts';

const DATA = join(__dirname, '..', '..', '..', 'shared', 'data');
const atHand = existsSync(join(DATA, 'counts'));
const withData = atHand ? describe : describe.skip;
if (!atHand)
  process.stderr.write(`\nThe public tables are not at ${DATA}: the tests that draw from them are skipped.\n`);

const NOW = new Date('2026-11-21T18:00:00Z');
const sum = (cells: readonly CountCell[]): number => cells.reduce((total, cell) => total + cell.count, 0);
const keyOf = ({ disability, band, age, environment }: CountCell): string =>
  `${disability} ${band} ${age} ${environment}`;

test('the count day is the first Wednesday of October', () => {
  expect(firstWednesdayOfOctober(2024)).toBe('2024-10-02');
  expect(firstWednesdayOfOctober(2025)).toBe('2025-10-01');
  expect(latestCountDay('2026-10-06')).toBe('2025-10-01');
  expect(latestCountDay('2026-10-07')).toBe('2026-10-07');
});

withData('the published counts', () => {
  const cells = publishedCells(DATA);
  const of = (wanted: Partial<CountCell>): number =>
    sum(
      cells.filter((cell) => Object.entries(wanted).every(([name, value]) => cell[name as keyof CountCell] === value)),
    );

  test('add up to what was published, by disability, by age and by environment', () => {
    expect(of({ band: 'SCHOOL_AGE' })).toBe(814_583);
    expect(of({ band: 'EARLY_CHILDHOOD' })).toBe(56_410);
    expect(of({ band: 'SCHOOL_AGE', disability: 'AUT' })).toBe(163_253);
    expect(of({ band: 'EARLY_CHILDHOOD', disability: 'AUT' })).toBe(25_094);
    expect(of({ band: 'SCHOOL_AGE', age: 5 })).toBe(43_886);
    expect(of({ band: 'EARLY_CHILDHOOD', age: 5 })).toBe(762);
    expect(of({ band: 'SCHOOL_AGE', environment: 'RC80' })).toBe(520_352);
  });

  test('every size is scaled to the student, and no cell is off by more than one', () => {
    const total = sum(cells);
    const random = new Random(7);
    const sizes = [1, 2, 99, 300, 20_000, total, ...Array.from({ length: 40 }, () => random.int(1, 2 * total))];
    const published = new Map(cells.map((cell) => [keyOf(cell), cell.count]));
    for (const size of sizes) {
      const scaled = scaleCells(cells, size);
      expect(sum(scaled)).toBe(size);
      expect(scaled.every((cell) => Number.isInteger(cell.count) && cell.count > 0)).toBe(true);
      const off = scaled.map((cell) => Math.abs(cell.count - (published.get(keyOf(cell))! * size) / total));
      expect(Math.max(...off)).toBeLessThanOrEqual(1);
    }
    expect(scaleCells(cells, total)).toEqual(cells);
  });

  test('margins of scaled cells stay near the published shares', () => {
    const scaled = scaleCells(cells, 20_000);
    for (const dimension of ['disability', 'band', 'age', 'environment'] as const) {
      for (const value of new Set(cells.map((cell) => cell[dimension]))) {
        const share = of({ [dimension]: value }) / sum(cells);
        const got = sum(scaled.filter((cell) => cell[dimension] === value)) / 20_000;
        expect(Math.abs(got - share)).toBeLessThan(0.005);
      }
    }
  });
});

withData.each(databaseUrls())('npm run generate on %s', (engine, makeUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'iep-generate-'));
  const clock = new FixedClock(NOW);
  let database: Database;

  const open = async (name: string): Promise<Database> => {
    const sub = mkdtempSync(join(folder, name));
    const opened = await connectOwner(await makeUrl(sub));
    await migrate(opened);
    await opened.write((manager) =>
      seedOrganizations(systemSession({ manager, engine: opened.engine, clock, writing: true }, 'test')),
    );
    return opened;
  };
  const query = (sql: string, on = database): Promise<Record<string, string | number>[]> =>
    on.read.query(scopeComment('system:test') + sql);
  const count = async (sql: string, on = database): Promise<number> =>
    Number(Object.values((await query(sql, on))[0]!)[0]);
  /** The child count as the product counts it. */
  const childCount = (on: string): Promise<{ keys: readonly string[]; count: number }[]> => {
    const session = systemSession({ manager: database.read, engine: database.engine, clock }, 'test');
    const dimensions = [
      CountDimension.DISABILITY,
      CountDimension.AGE_BAND,
      CountDimension.AGE,
      CountDimension.ENVIRONMENT,
    ];
    return session.get(ChildCountRepository).count(on, dimensions, null);
  };
  const asText = (cells: { keys: readonly string[]; count: number }[]): string[] =>
    cells.map(({ keys, count: students }) => `${keys.join(' ')}: ${students}`).sort();

  beforeAll(async () => {
    database = await open('one');
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('R-10 the child count of the generated students is what they were drawn from, cell by cell', async () => {
    const progress: number[] = [];
    const { cells, on, students } = await generate({
      database,
      clock,
      students: 300,
      seed: 5,
      dataFolder: DATA,
      onProgress: (done) => progress.push(done),
    });
    expect([students, on]).toEqual([300, '2026-10-07']);
    expect(progress).toEqual([200, 300]);
    const drawn = cells.map(({ disability, band, age, environment, count: number }) => ({
      keys: [disability, band, String(age), environment],
      count: number,
    }));
    expect(asText(await childCount(on))).toEqual(asText(drawn));
  }, 60_000);

  test('everybody has an agreed plan with goals, a reportable service, and a case manager who is one of the providers', async () => {
    expect(
      await count(
        "SELECT COUNT(*) FROM pub_iep WHERE state = 'CURRENT' AND affirmed_on IS NOT NULL AND plan_review_date IS NOT NULL",
      ),
    ).toBe(300);
    expect(await count('SELECT COUNT(DISTINCT iep_id) FROM iep_goal')).toBe(300);
    expect(
      await count(
        "SELECT COUNT(DISTINCT student_id) FROM pub_service WHERE state = 'ACTIVE' AND do_not_report = 0 AND provider_id IS NOT NULL",
      ),
    ).toBe(300);
    const manages =
      "SELECT COUNT(DISTINCT m.student_id) FROM pub_assignment m JOIN pub_assignment p ON p.student_id = m.student_id AND p.provider_id = m.provider_id AND p.role = 'PROVIDER'";
    expect(await count(`${manages} WHERE m.role = 'CASE_MANAGER'`)).toBe(300);
    expect(await count('SELECT COUNT(DISTINCT student_id) FROM guardian')).toBe(300);
    expect(await count('SELECT COUNT(DISTINCT student_id) FROM pub_evaluation WHERE completed_on IS NOT NULL')).toBe(
      300,
    );
    expect(await count("SELECT COUNT(DISTINCT student_id) FROM student_access WHERE relation = 'SCHOOL'")).toBe(300);
    expect(
      await count(
        "SELECT COUNT(*) FROM pub_provider p WHERE NOT EXISTS (SELECT 1 FROM pub_organization o WHERE o.id = p.organization_id AND o.kind = 'LEA')",
      ),
    ).toBe(0);
  });

  test('a second run adds, numbers on and keeps the first', async () => {
    const names = 'SELECT first_name, last_name, date_of_birth, state_id FROM pub_student ORDER BY id';
    const before = await query(names);
    const { first, last } = await generate({ database, clock, students: 50, seed: 5, dataFolder: DATA });
    expect([first, last]).toEqual(['stu-gen-0000301', 'stu-gen-0000350']);
    expect((await query(names)).slice(0, 300)).toEqual(before);
    expect(await count('SELECT COUNT(DISTINCT state_id) FROM pub_student')).toBe(350);
  }, 60_000);

  test('the same seed and start give the same students', async () => {
    const other = await open('two');
    try {
      await generate({ database: other, clock, students: 300, seed: 5, dataFolder: DATA });
      const rows =
        "SELECT s.*, j.school_id, i.primary_disability FROM pub_student s JOIN pub_jurisdiction j ON j.student_id = s.id JOIN pub_iep i ON i.student_id = s.id AND i.state = 'CURRENT' WHERE s.id <= 'stu-gen-0000300' ORDER BY s.id";
      expect(await query(rows, other)).toEqual(await query(rows));
    } finally {
      await other.close();
    }
  }, 60_000);

  test('an interrupted run leaves whole students', async () => {
    const before = await count('SELECT COUNT(*) FROM pub_student');
    const stop = (): never => {
      throw new Error('pulled the plug');
    };
    await expect(generate({ database, clock, students: 400, dataFolder: DATA, onProgress: stop })).rejects.toThrow(
      'pulled the plug',
    );
    expect(await count('SELECT COUNT(*) FROM pub_student')).toBe(before + 200);
    expect(await count('SELECT COUNT(*) FROM student_fact')).toBe(before + 200);
    expect((await generate({ database, clock, students: 1, dataFolder: DATA })).first).toBe(
      `stu-gen-${String(before + 201).padStart(7, '0')}`,
    );
  }, 60_000);

  test('requests that can’t be done say why', async () => {
    const asked = (change: object) => generate({ database, clock, students: 10, dataFolder: DATA, ...change });
    await expect(asked({ students: 0 })).rejects.toThrow(/whole number from 1/);
    await expect(asked({ students: 1.5 })).rejects.toThrow(UnusableRequest);
    await expect(asked({ state: 'LA' })).rejects.toThrow(/CA alone/);
    await expect(asked({ on: '2025-02-30' })).rejects.toThrow(/is not a day/);
    await expect(asked({ on: '2027-10-06' })).rejects.toThrow(/future/);
    await expect(asked({ dataFolder: folder })).rejects.toThrow(
      /lacks 7 of the files .*--data\.\n {2}counts\/ca-idea618.*https:\/\/data\.ed\.gov/s,
    );
    if (engine === 'sqlite') {
      const empty = await connectOwner(`sqlite:${join(folder, 'empty.db')}`);
      await migrate(empty);
      await expect(generate({ database: empty, clock, students: 10, dataFolder: DATA })).rejects.toThrow(
        /npm run import/,
      );
      await empty.close();
    }
  }, 60_000);
});
