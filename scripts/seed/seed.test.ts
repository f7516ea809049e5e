import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../platform/clock';
import { ageOn } from '../../platform/dates';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { databaseUrls } from '../../test/harness/databases';
import { connectOwner } from '../runtime';
import { planPopulation } from './population';
import { demoAccounts, seedOnce } from './seed';

const NOW = new Date('2026-03-11T18:00:00Z');
const TODAY = '2026-03-11';
const development = { NODE_ENV: 'development' } as const;

type Row = Record<string, string | number | null>;
const query = (database: Database, sql: string, values: unknown[] = []): Promise<Row[]> =>
  database.read.query(scopeComment('system:test') + sql, values);
const values = async (database: Database, sql: string): Promise<(string | number | null)[]> =>
  (await query(database, sql)).map((row) => Object.values(row)[0]!).sort();
const count = async (database: Database, sql: string, parameters: unknown[] = []): Promise<number> =>
  Number(Object.values((await query(database, sql, parameters))[0]!)[0]);

describe('the plan of the initial population', () => {
  const plan = planPopulation(TODAY, NOW);

  test('is the same on every machine for the same day', () => {
    expect(planPopulation(TODAY, NOW)).toEqual(plan);
  });

  test('has a few hundred students in the LEAs of three states', () => {
    const byLea = new Map<string, number>();
    for (const { student } of plan.cases) {
      const leaId = student.jurisdictions.at(-1)!.leaId;
      byLea.set(leaId, (byLea.get(leaId) ?? 0) + 1);
    }
    expect(byLea.get('ca-39686500000000')).toBe(80);
    expect(byLea.get('ca-39685930000000')).toBe(100);
    expect(byLea.get('ca-39685850000000')).toBe(60);
    expect(byLea.get('la-001')).toBe(40);
    expect(byLea.get('ny-d01')).toBe(30);
    expect(plan.cases).toHaveLength(390);
  });

  test('ids and state ids are given once', () => {
    expect(new Set(plan.cases.map(({ student }) => student.id)).size).toBe(plan.cases.length);
    expect(new Set(plan.cases.map(({ student }) => student.stateId)).size).toBe(plan.cases.length);
  });

  test('is alive on any day: no act lies in the future, jurisdictions have no gaps, everybody is 3 to 21 years old', () => {
    for (const day of ['2026-03-11', '2026-08-30', '2027-01-01', '2028-02-29', '2026-12-31']) {
      for (const { student, documents, evaluations } of planPopulation(day, new Date(`${day}T12:00:00Z`)).cases) {
        const age = ageOn(student.dateOfBirth, day);
        expect(age).toBeGreaterThanOrEqual(3);
        expect(age).toBeLessThanOrEqual(21);
        const [first] = student.jurisdictions;
        const acts = [
          ...student.statuses.map((status) => status.effectiveOn),
          ...documents.flatMap((document) => [document.openedOn, document.meetingDate, document.affirmed?.on]),
          ...evaluations.flatMap(({ requestedOn, decidedOn, completedOn }) => [requestedOn, decidedOn, completedOn]),
        ].filter((act): act is string => !!act);
        for (const act of acts) {
          expect(act <= day).toBe(true);
          expect(act >= first!.beginDate).toBe(true);
        }
        const statusDays = student.statuses.map((status) => status.effectiveOn);
        expect(statusDays).toEqual([...statusDays].sort());
        expect(student.jurisdictions.filter((each) => !each.endDate).length).toBeLessThanOrEqual(1);
      }
    }
  });
});

test('the initial data is refused in production', async () => {
  await expect(seedOnce({} as Database, new FixedClock(NOW), { NODE_ENV: 'production' })).rejects.toThrow(
    /NODE_ENV=production/,
  );
});

describe.each(databaseUrls())('initial data on %s', (_engine, makeUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'iep-seed-'));
  const clock = new FixedClock(NOW);
  const said: string[] = [];
  let database: Database;
  let milliseconds: number;

  beforeAll(async () => {
    database = await connectOwner(await makeUrl(folder));
    await migrate(database);
    const started = Date.now();
    expect(await seedOnce(database, clock, development, (line) => said.push(line))).toBe(true);
    milliseconds = Date.now() - started;
  }, 120_000);
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is loaded within fifteen seconds, and says so', () => {
    expect(milliseconds).toBeLessThan(15_000);
    expect(said.at(-1)).toMatch(/^Loaded \d+ accounts and 390 students/);
  });

  test('a second start changes nothing', async () => {
    expect(await seedOnce(database, clock, development)).toBe(false);
    expect(await count(database, 'SELECT COUNT(*) FROM pub_student')).toBe(390);
  });

  test('every state of the state machines is there (C.1, C.2, C.5)', async () => {
    expect(await values(database, 'SELECT DISTINCT status FROM pub_student')).toEqual(
      [
        'REFERRED',
        'PENDING',
        'ELIGIBLE_ACTIVE',
        'ELIGIBLE_NO_PLAN',
        'ELIGIBLE_NOT_ENROLLED',
        'INELIGIBLE',
        'EXITED',
        'INACTIVE_NOT_REPORTED',
      ].sort(),
    );
    expect(await values(database, 'SELECT DISTINCT state FROM pub_iep')).toEqual(
      ['DRAFT', 'IN_REVIEW', 'CURRENT', 'AMENDED_DRAFT', 'CLOSED_NO_AGREEMENT', 'HISTORY'].sort(),
    );
    expect(await values(database, 'SELECT DISTINCT state FROM pub_service')).toEqual([
      'ACTIVE',
      'PROPOSED',
      'TERMINATED',
    ]);
    expect(
      await count(
        database,
        'SELECT COUNT(*) FROM pub_service WHERE do_not_report = 1 AND parent_service_id IS NOT NULL',
      ),
    ).toBeGreaterThan(5);
  });

  test('meetings await affirmation, some for more than seven days (SEIS-80)', async () => {
    const late = "SELECT COUNT(*) FROM pub_iep WHERE state = 'IN_REVIEW' AND meeting_date < ?";
    expect(await count(database, late, ['2026-03-04'])).toBeGreaterThan(5);
    expect(await count(database, late.replace('<', '>='), ['2026-03-04'])).toBeGreaterThan(5);
  });

  test('some reviews are overdue, and the facts say so', async () => {
    const active = await count(database, "SELECT COUNT(*) FROM student_fact WHERE status = 'ELIGIBLE_ACTIVE'");
    const overdue = await count(
      database,
      "SELECT COUNT(*) FROM student_fact WHERE status = 'ELIGIBLE_ACTIVE' AND (annual_due < ? OR triennial_due < ?)",
      [TODAY, TODAY],
    );
    expect(await count(database, 'SELECT COUNT(*) FROM student_fact')).toBe(390);
    expect(overdue / active).toBeGreaterThan(0.05);
    expect(overdue / active).toBeLessThan(0.13);
    expect(await count(database, 'SELECT COUNT(*) FROM student_fact WHERE open_findings > 0')).toBeGreaterThan(5);
  });

  test('owners follow each other without a gap, and the former keep their period (C.3)', async () => {
    const moved = await query(
      database,
      'SELECT a.lea_id AS former, b.lea_id AS owner, a.student_id AS id FROM pub_jurisdiction a' +
        ' JOIN pub_jurisdiction b ON b.student_id = a.student_id AND b.end_date IS NULL WHERE a.end_date IS NOT NULL AND a.lea_id <> b.lea_id',
    );
    const pairs = new Set(moved.map(({ former, owner }) => `${former} ${owner}`));
    expect(pairs).toEqual(new Set(['ca-39685930000000 ca-39686500000000', 'ca-39685850000000 ca-39685930000000']));
    const closed = await query(
      database,
      "SELECT valid_to AS validTo FROM student_access WHERE relation = 'JURISDICTION' AND grantee = 'LEA:ca-39685850000000' AND student_id = ?",
      [moved.find(({ owner }) => owner === 'ca-39685930000000')!.id],
    );
    expect(closed).toHaveLength(1);
    expect(closed[0]!.validTo).not.toBeNull();
    const unowned =
      'SELECT COUNT(*) FROM pub_student s WHERE NOT EXISTS (SELECT 1 FROM pub_jurisdiction j WHERE j.student_id = s.id AND j.end_date IS NULL)';
    expect(await count(database, unowned)).toBeGreaterThan(3);
  });

  test('demo staff have the caseloads that the documentation speaks of', async () => {
    const open = (relation: string, account: string): Promise<number> =>
      count(
        database,
        'SELECT COUNT(DISTINCT student_id) FROM student_access WHERE relation = ? AND grantee = ? AND revoked_at IS NULL AND (valid_to IS NULL OR valid_to >= ?)',
        [relation, `STAFF:acct-${account}`, TODAY],
      );
    expect(await open('CASE_MANAGER', 'teacher-ripon')).toBeGreaterThanOrEqual(18);
    expect(await open('CASE_MANAGER', 'teacher-ripon')).toBeLessThanOrEqual(28);
    expect(await open('CASE_MANAGER', 'teacher-manteca')).toBeGreaterThanOrEqual(18);
    expect(await open('CASE_MANAGER', 'teacher-manteca')).toBeLessThanOrEqual(28);
    expect(await open('PROVIDER', 'provider-ripon')).toBeGreaterThanOrEqual(10);
    expect(await open('PROVIDER', 'provider-ripon')).toBeLessThanOrEqual(20);
    expect(demoAccounts).toContain('teacher.ripon');
  });

  test('SEIS-38 every open case manager is one of the student’s providers, and the only one', async () => {
    const open = '(valid_to IS NULL OR valid_to >= ?) AND revoked_at IS NULL';
    const managers = await query(
      database,
      `SELECT student_id AS studentId, provider_id AS providerId FROM pub_assignment WHERE role = 'CASE_MANAGER' AND ${open}`,
      [TODAY],
    );
    expect(new Set(managers.map((row) => row.studentId)).size).toBe(managers.length);
    const providers = await query(
      database,
      `SELECT student_id AS studentId, provider_id AS providerId FROM pub_assignment WHERE role = 'PROVIDER' AND ${open}`,
      [TODAY],
    );
    const pairs = new Set(providers.map((row) => `${row.studentId} ${row.providerId}`));
    expect(managers.filter((row) => !pairs.has(`${row.studentId} ${row.providerId}`))).toEqual([]);
  });

  test('the partner agency sees exactly four students of Ripon', async () => {
    const granted = await query(
      database,
      "SELECT student_id AS id, lea_id AS leaId FROM student_access WHERE relation = 'GRANT' AND grantee LIKE 'AGENCY:%'",
    );
    expect(granted).toHaveLength(4);
    const ripon = await query(
      database,
      `SELECT lea_id AS leaId FROM pub_jurisdiction WHERE end_date IS NULL AND student_id IN (${granted.map(() => '?').join(', ')})`,
      granted.map((row) => row.id),
    );
    expect(ripon.map((row) => row.leaId)).toEqual(Array(4).fill('ca-39686500000000'));
    const [client] = await query(database, "SELECT scopes, active FROM pub_client WHERE client_id = 'regional-center'");
    expect(JSON.stringify(client!.scopes)).toContain('service:read');
  });

  test('V-027 Ripon has both managers, Manteca lacks a back-up, Lodi has nobody', async () => {
    const rows = await query(
      database,
      "SELECT organization_id AS leaId, kind FROM manager_designation WHERE organization_id IN ('ca-39686500000000', 'ca-39685930000000', 'ca-39685850000000') ORDER BY organization_id, kind",
    );
    expect(rows.map((row) => `${row.leaId} ${row.kind}`)).toEqual([
      'ca-39685930000000 PRIMARY',
      'ca-39686500000000 BACKUP',
      'ca-39686500000000 PRIMARY',
    ]);
  });

  test('SESIS-16 New York mandates are there with and without a first attend', async () => {
    const free =
      "SELECT COUNT(*) FROM pub_service s WHERE s.lea_id = 'ny-d01' AND s.state = 'ACTIVE' AND s.provider_id IS NULL";
    const attended = ' EXISTS (SELECT 1 FROM first_attend f WHERE f.service_id = s.id)';
    expect(await count(database, `${free} AND${attended}`)).toBeGreaterThan(3);
    expect(await count(database, `${free} AND NOT${attended}`)).toBeGreaterThan(3);
  });
});
