import { scopeComment } from '../../platform/database/guard';
import type { TestSystem } from '../harness/system';

/**
 * Who should see which students, and what of them, in plain SQL over the tables of the facts (jurisdiction, school period,
 * assignment, documents). Shares nothing with the product's row scope and never reads `student_access`.
 */
export class Facts {
  constructor(private readonly system: Pick<TestSystem, 'database'>) {}

  /** Rows of a statement, as the test itself reads them. */
  rows<T = Record<string, string | null>>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.system.database.read.query(`${scopeComment('system:test')}${sql}`, parameters);
  }

  private async ids(sql: string, parameters: unknown[]): Promise<string[]> {
    const rows = await this.rows<{ id: string }>(sql, parameters);
    return [...new Set(rows.map(({ id }) => id))].sort();
  }

  /** Students under the jurisdiction of an LEA today. */
  studentsOfLea(leaId: string): Promise<string[]> {
    return this.ids(
      `SELECT j.student_id AS id FROM jurisdiction j WHERE j.lea_id = ? AND ${open('j.begin_date', 'j.end_date')}`,
      [leaId, ...bothToday(leaId)],
    );
  }

  /** Students under the jurisdiction of the LEAs that are directly below a SELPA. */
  studentsBelowSelpa(selpaId: string): Promise<string[]> {
    return this.ids(
      'SELECT j.student_id AS id FROM jurisdiction j JOIN organization lea ON lea.id = j.lea_id' +
        ` WHERE lea.parent_id = ? AND ${open('j.begin_date', 'j.end_date')}`,
      [selpaId, ...bothToday(selpaId)],
    );
  }

  /**
   * Students whose last jurisdiction, open or ended, is that of an LEA of a state: the state keeps whom its LEA let go, until
   * another state has the student.
   */
  studentsOfState(stateCode: string): Promise<string[]> {
    return this.ids(
      'SELECT j.student_id AS id FROM jurisdiction j JOIN organization lea ON lea.id = j.lea_id WHERE lea.state_code = ?' +
        ' AND NOT EXISTS (SELECT 1 FROM jurisdiction later WHERE later.student_id = j.student_id AND later.begin_date > j.begin_date)',
      [stateCode],
    );
  }

  /** Students who attend a school today. */
  studentsOfSchool(schoolId: string): Promise<string[]> {
    return this.ids(
      `SELECT p.student_id AS id FROM school_period p WHERE p.school_id = ? AND ${open('p.begin_date', 'p.end_date')}`,
      [schoolId, ...bothToday(schoolId)],
    );
  }

  /** Students whom an account manages or serves, by its open assignments. */
  studentsAssigned(accountId: string, role: 'CASE_MANAGER' | 'PROVIDER', where: string): Promise<string[]> {
    return this.ids(
      'SELECT a.student_id AS id FROM provider_assignment a WHERE a.account_id = ? AND a.role = ? AND a.revoked_at IS NULL' +
        ` AND ${open('a.valid_from', 'a.valid_to')}`,
      [accountId, role, ...bothToday(where)],
    );
  }

  /** Students who were opened to a monitor, none of whom has moved since. */
  studentsGranted(accountId: string): Promise<string[]> {
    return this.ids(
      `SELECT g.student_id AS id FROM student_access_grant g WHERE g.account_id = ? AND ${open('g.starts_on', 'g.expires_on')}`,
      [accountId, ...bothToday('state-ca')],
    );
  }

  /** One student that an LEA owns today, with everything that a test may want to name by id. */
  async someone(leaId: string): Promise<Someone> {
    const [row] = await this.rows<Someone>(
      'SELECT s.id AS studentId, s.state_id AS stateId, i.id AS iepId, g.id AS goalId, v.id AS serviceId, p.id AS guardianId, e.id AS evaluationId' +
        " FROM student s JOIN jurisdiction j ON j.student_id = s.id JOIN iep i ON i.student_id = s.id AND i.state = 'CURRENT'" +
        " JOIN iep_goal g ON g.iep_id = i.id JOIN student_service v ON v.student_id = s.id AND v.state = 'ACTIVE'" +
        ' JOIN guardian p ON p.student_id = s.id LEFT JOIN evaluation e ON e.student_id = s.id' +
        ` WHERE j.lea_id = ? AND ${open('j.begin_date', 'j.end_date')} ORDER BY s.id, g.id, v.id LIMIT 1`,
      [leaId, ...bothToday(leaId)],
    );
    if (!row) throw new Error(`No student of ${leaId} has it all.`);
    return row;
  }

  /** An IEP that is being drafted, of a student that an LEA owns today. */
  async draftAt(leaId: string): Promise<string | undefined> {
    const sql =
      "SELECT i.id FROM iep i JOIN jurisdiction j ON j.student_id = i.student_id WHERE i.state = 'DRAFT' AND j.lea_id = ?" +
      ` AND ${open('j.begin_date', 'j.end_date')} ORDER BY i.id LIMIT 1`;
    return (await this.ids(sql, [leaId, ...bothToday(leaId)]))[0];
  }

  /** A school of an LEA. */
  async schoolOf(leaId: string): Promise<string> {
    return (
      await this.ids("SELECT id FROM organization WHERE parent_id = ? AND kind = 'SCHOOL' ORDER BY id LIMIT 1", [leaId])
    )[0]!;
  }

  /** What the big query should answer for these students, in a form to compare with. */
  async records(studentIds: readonly string[], where: string): Promise<Map<string, ExpectedRecord>> {
    const marks = studentIds.map(() => '?').join(', ');
    const of = <T>(sql: string): Promise<T[]> => this.rows<T>(sql.replace('(:ids)', `(${marks})`), [...studentIds]);
    const jurisdictions = await of<{
      s: string;
      id: string;
      lea: string;
      school: string;
      begin: string;
      end: string | null;
    }>(
      'SELECT student_id AS s, id, lea_id AS lea, school_id AS school, begin_date AS begin, end_date AS end FROM jurisdiction WHERE student_id IN (:ids)',
    );
    const ieps = await of<{ s: string; id: string; state: string; reviewed: string | null }>(
      'SELECT student_id AS s, id, state, plan_review_date AS reviewed FROM iep WHERE student_id IN (:ids)',
    );
    const goals = await of<{ iep: string; id: string }>(
      'SELECT iep_id AS iep, id FROM iep_goal WHERE student_id IN (:ids)',
    );
    const services = await of<{ s: string; id: string; provider: string | null }>(
      'SELECT student_id AS s, id, provider_id AS provider FROM student_service WHERE student_id IN (:ids)',
    );
    const guardians = await of<{ s: string; name: string }>(
      'SELECT student_id AS s, last_name AS name FROM guardian WHERE student_id IN (:ids)',
    );
    const students = await of<{ id: string; status: string }>('SELECT id, status FROM student WHERE id IN (:ids)');
    const day = todayAt(where);
    return new Map(
      students.map(({ id, status }): [string, ExpectedRecord] => {
        const own = <T extends { s: string }>(rows: T[]): T[] => rows.filter((row) => row.s === id);
        const current = own(ieps).find((iep) => iep.state === 'CURRENT');
        const here = own(jurisdictions).find((row) => row.begin <= day && (row.end === null || row.end >= day));
        return [
          id,
          {
            jurisdiction: here ? [here.id, here.lea, here.school] : null,
            currentIep: current?.id ?? null,
            goals: goals
              .filter((goal) => goal.iep === current?.id)
              .map((goal) => goal.id)
              .sort(),
            services: own(services)
              .map((service) => `${service.id} by ${service.provider}`)
              .sort(),
            guardians: own(guardians)
              .map(({ name }) => name)
              .sort(),
            // T-07: the anniversary of the last plan review, for who has a plan that is in force.
            annualDue: current?.reviewed && IN_FORCE.has(status) ? aYearAfter(current.reviewed) : null,
          },
        ];
      }),
    );
  }
}

export interface ExpectedRecord {
  jurisdiction: [id: string, lea: string, school: string] | null;
  currentIep: string | null;
  goals: string[];
  services: string[];
  guardians: string[];
  annualDue: string | null;
}

export interface Someone {
  studentId: string;
  stateId: string;
  iepId: string;
  goalId: string;
  serviceId: string;
  guardianId: string;
  evaluationId: string | null;
}

const IN_FORCE = new Set(['REFERRED', 'PENDING', 'ELIGIBLE_ACTIVE']);
const open = (from: string, to: string): string => `${from} <= ? AND (${to} IS NULL OR ${to} >= ?)`;
const aYearAfter = (day: string): string => `${Number(day.slice(0, 4)) + 1}${day.slice(4).replace('-02-29', '-02-28')}`;

/** Today where an organization is: its id begins with the state, except in the SELPAs, which are California's. */
export function todayAt(organizationId: string, now = new Date()): string {
  const zone = /^(state-)?ny/.test(organizationId)
    ? 'America/New_York'
    : /^(state-)?la/.test(organizationId)
      ? 'America/Chicago'
      : 'America/Los_Angeles';
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now);
}
const bothToday = (where: string): [string, string] => [todayAt(where), todayAt(where)];
