/** Every perspective of the initial data, and the students that it may see: from the facts, not from `student_access`. */
import { todayAt } from '../../scenarios/facts';
import { select } from '../../scenarios/record';
import type { TestSystem } from '../../harness/system';

export interface Perspective {
  /** User name, or the id of the partner's client. */
  who: string;
  /** For the header `x-perspective`; empty for a partner. */
  id: string;
  role: string;
  organizationId: string;
  accountId: string;
  headers: Record<string, string>;
}

/** The days of which somebody may see a student's dated records; `null` is open. */
export type Window = [from: string, to: string | null];
export interface Visible {
  /** Seen wholly. */
  students: ReadonlySet<string>;
  /** Of former districts: the own period of each student. */
  periods: ReadonlyMap<string, readonly Window[]>;
}

/** Permissions that join a perspective and are none (`addsTo`). */
const ADDITIVE = new Set(['IEP_SUBMITTER', 'SECURE_ID_EDITOR', 'CALPADS_REPORTER']);
const PROVIDERS = new Set(['SERVICE_PROVIDER', 'DOE_PROVIDER', 'AGENCY_PROVIDER', 'INDEPENDENT_PROVIDER']);
export const PARTNER = 'regional-center';

export async function perspectivesOf({ database }: TestSystem): Promise<Perspective[]> {
  const rows = await select<Omit<Perspective, 'headers'>>(
    database,
    'SELECT a.username AS who, r.id AS id, r.role AS role, r.organization_id AS organizationId, a.id AS accountId' +
      ' FROM role_grant r JOIN account a ON a.id = r.account_id WHERE r.revoked_at IS NULL ORDER BY r.id',
    [],
  );
  const staff = rows
    .filter(({ role }) => !ADDITIVE.has(role))
    .map((row) => ({ ...row, headers: { 'x-perspective': row.id } }));
  const partner = {
    who: PARTNER,
    id: '',
    role: 'PARTNER',
    organizationId: 'ca-39686500000000',
    accountId: '',
    headers: {},
  };
  return [...staff, partner];
}

/** One of each role: enough where every perspective takes too long. */
export function onePerRole(all: readonly Perspective[]): Perspective[] {
  return [...new Map([...all].reverse().map((one) => [one.role, one])).values()];
}

export async function visibleTo(
  { database }: TestSystem,
  { role, organizationId, accountId }: Perspective,
): Promise<Visible> {
  const day = todayAt(organizationId);
  const ids = async (sql: string, ...parameters: unknown[]): Promise<string[]> =>
    (await select<{ id: string }>(database, sql, parameters)).map(({ id }) => id);
  const isOpen = (from: string, to: string) => `${from} <= '${day}' AND (${to} IS NULL OR ${to} >= '${day}')`;
  const assigned = (as: string) =>
    ids(
      `SELECT student_id AS id FROM provider_assignment a WHERE a.account_id = ? AND a.role = ? AND a.revoked_at IS NULL AND ${isOpen('a.valid_from', 'a.valid_to')}`,
      accountId,
      as,
    );
  const only = (students: readonly string[]): Visible => ({ students: new Set(students), periods: new Map() });
  if (role === 'CASE_MANAGER') return only(await assigned('CASE_MANAGER'));
  if (PROVIDERS.has(role)) return only(await assigned('PROVIDER'));
  // Which students a partner's grant names is kept nowhere else.
  if (role === 'PARTNER')
    return only(
      await ids(
        `SELECT student_id AS id FROM student_access a WHERE a.relation = 'GRANT' AND a.grantee LIKE 'AGENCY:%' AND a.revoked_at IS NULL AND ${isOpen('a.valid_from', 'a.valid_to')}`,
      ),
    );
  if (role === 'CDE_MONITOR') {
    // The grant says for whom, why and until when; its row of access has its id, and says alone that it was taken away.
    return only(
      await ids(
        'SELECT g.student_id AS id FROM student_access_grant g JOIN student_access a ON a.id = g.id' +
          ` WHERE g.account_id = ? AND a.revoked_at IS NULL AND ${isOpen('g.starts_on', 'g.expires_on')}`,
        accountId,
      ),
    );
  }
  if (role === 'SCHOOL')
    return only(
      await ids(
        `SELECT student_id AS id FROM school_period p WHERE p.school_id = ? AND ${isOpen('p.begin_date', 'p.end_date')}`,
        organizationId,
      ),
    );
  if (role === 'STATE_ADMIN')
    return only(
      await ids(
        'SELECT j.student_id AS id FROM jurisdiction j WHERE j.state_org_id = ? AND NOT EXISTS' +
          ' (SELECT 1 FROM jurisdiction later WHERE later.student_id = j.student_id AND later.begin_date > j.begin_date)',
        organizationId,
      ),
    );
  const own = await select<{ student: string; begin: string; end: string | null }>(
    database,
    'SELECT student_id AS student, begin_date AS begin, end_date AS end FROM jurisdiction WHERE lea_id = ? OR selpa_id = ?',
    [organizationId, organizationId],
  );
  const periods = new Map<string, Window[]>();
  for (const { student, begin, end } of own.filter((one) => one.end !== null && one.end < day))
    periods.set(student, [...(periods.get(student) ?? []), [begin, end]]);
  return {
    students: new Set(
      own.filter(({ begin, end }) => begin <= day && (end === null || end >= day)).map((one) => one.student),
    ),
    periods,
  };
}
