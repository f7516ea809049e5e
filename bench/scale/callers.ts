import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { hashSecret } from '../../platform/secret';

/** Who asks, at each level, of the same students in a database of any size. */
export interface Caller {
  username: string;
  /** How many students are in its scope. */
  students: number;
}
export type Level = 'teacher' | 'school' | 'district' | 'selpa' | 'largest' | 'state';

const PASSWORD = 'bench';
export const password = (): string => PASSWORD;

/** Held by the first district of the population with so many students: it is whole in the smallest database. */
const DISTRICT_OF = 1_000;
/** A scope that counts as large: the confirmed SELPAs stay below, Los Angeles Unified, a SELPA of its own, is above. */
const LARGE = 30_000;

/**
 * Makes accounts that sign in here: for the first large district of the population, the school and the case manager of its
 * first student, its state, the largest SELPA, if there is one, and the largest district of all, if it is large. Made once
 * per database.
 */
export async function makeCallers(database: Database): Promise<Partial<Record<Level, Caller>>> {
  const rows = (sql: string, parameters: unknown[] = []): Promise<Record<string, string | number>[]> =>
    database.read.query(scopeComment('system:bench') + sql, parameters);
  const [district] = await rows(
    'SELECT lea_id AS id FROM jurisdiction WHERE student_id < ? GROUP BY lea_id HAVING COUNT(*) >= ? ORDER BY lea_id LIMIT 1',
    ['stu-pop-0010001', DISTRICT_OF],
  );
  if (!district)
    throw new Error(
      `No district of ${DISTRICT_OF.toLocaleString('en-US')} students among the first 10,000 of a population: npm run generate -- --population california --until 10000`,
    );
  const [place] = await rows(
    "SELECT j.school_id AS id, j.student_id AS student FROM jurisdiction j JOIN organization o ON o.id = j.school_id AND o.kind = 'SCHOOL'" +
      ' WHERE j.lea_id = ? ORDER BY j.student_id LIMIT 1',
    [district.id],
  );
  const [manager] = await rows(
    "SELECT account_id AS id FROM provider_assignment WHERE student_id = ? AND role = 'CASE_MANAGER'",
    [place!.student],
  );
  const [selpa] = await rows(
    'SELECT selpa_id AS id, COUNT(*) AS number FROM jurisdiction WHERE selpa_id IS NOT NULL GROUP BY selpa_id ORDER BY number DESC LIMIT 1',
  );
  const [largest] = await rows(
    'SELECT lea_id AS id FROM jurisdiction GROUP BY lea_id HAVING COUNT(*) >= ? ORDER BY COUNT(*) DESC LIMIT 1',
    [LARGE],
  );
  const hash = await hashSecret(PASSWORD, { N: 2 ** 14 });
  const caller = async (level: Level, role: string, organization: unknown, grantee: string): Promise<Caller> => {
    const username = `bench.${level}`;
    await makeAccount(database, {
      id: level === 'teacher' ? String(manager!.id) : `acct-bench-${level}`,
      username,
      hash,
    });
    if (level !== 'teacher') await makeRole(database, `acct-bench-${level}`, role, String(organization));
    const [count] = await rows('SELECT COUNT(DISTINCT student_id) AS number FROM student_access WHERE grantee = ?', [
      grantee,
    ]);
    return { username, students: Number(count!.number) };
  };
  return {
    teacher: await caller('teacher', 'CASE_MANAGER', district.id, `STAFF:${manager!.id}`),
    school: await caller('school', 'SCHOOL', place!.id, `SCHOOL:${place!.id}`),
    district: await caller('district', 'DISTRICT_ADMIN', district.id, `LEA:${district.id}`),
    ...(selpa && { selpa: await caller('selpa', 'SELPA_ADMIN', selpa.id, `SELPA:${selpa.id}`) }),
    ...(largest && { largest: await caller('largest', 'DISTRICT_ADMIN', largest.id, `LEA:${largest.id}`) }),
    state: await caller('state', 'STATE_ADMIN', 'state-ca', 'STATE:state-ca'),
  };
}

async function makeAccount(database: Database, { id, username, hash }: Record<string, string>): Promise<void> {
  await database.write(async (manager) => {
    const [known] = await manager.query('SELECT id FROM account WHERE id = ?', [id]);
    if (known)
      await manager.query(
        "UPDATE account SET issuer = 'embedded', subject = id, username = ?, password_hash = ? WHERE id = ?",
        [username, hash, id],
      );
    else
      await manager.query(
        "INSERT INTO account (id, issuer, subject, kind, username, display_name, password_hash, active, created_at) VALUES (?, 'embedded', ?, 'staff', ?, ?, ?, 1, '2026-01-01 00:00:00.000')",
        [id, id, username, username, hash],
      );
  });
}

async function makeRole(database: Database, accountId: string, role: string, organizationId: string): Promise<void> {
  await database.write(async (manager) => {
    const id = `role-${accountId}`;
    const [known] = await manager.query('SELECT id FROM role_grant WHERE id = ?', [id]);
    if (known) return;
    await manager.query(
      "INSERT INTO role_grant (id, account_id, role, organization_id, read_only, is_default, valid_from, granted_by, granted_at) VALUES (?, ?, ?, ?, 0, 1, '2020-07-01', 'bench', '2026-01-01 00:00:00.000')",
      [id, accountId, role, organizationId],
    );
    await manager.query('INSERT INTO principal_epoch (subject, epoch) VALUES (?, 1)', [accountId]);
  });
}
