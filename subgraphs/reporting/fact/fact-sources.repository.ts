import { scopeComment } from '../../../platform/database/guard';
import { grouped } from '../../../platform/grouped';
import type { Session } from '../../../platform/scope/session';
import type { IepDates } from '../due-date/due-dates';

/** What the other subgraphs publish of one student, as far as the read model uses it, and the right of its state. */
export interface StudentSources {
  student: StudentRow;
  jurisdiction: JurisdictionRow | null;
  settled: SettledRow | null;
  ieps: IepRow[];
  evaluations: string[];
  openServices: number;
  caseManager: AssignmentRow | null;
}

export interface StudentRow {
  id: string;
  stateId: string | null;
  firstName: string | null;
  lastName: string | null;
  dateOfBirth: string | null;
  gradeLevel: string | null;
  status: string | null;
  hidden: number | boolean | null;
}
export interface JurisdictionRow {
  studentId: string;
  leaId: string | null;
  schoolId: string | null;
  selpaId: string | null;
  stateOrgId: string | null;
}
export interface SettledRow {
  studentId: string;
  grantee: string;
  validFrom: string;
}
export interface IepRow extends IepDates {
  studentId: string;
  primaryDisability: string | null;
  federalEnvironment: string | null;
  openFindings: number | string | null;
}
export interface AssignmentRow {
  studentId: string;
  providerId: string | null;
  accountId: string | null;
}

/** One statement per source for a whole chunk of students; `{ids}` becomes the list. */
const QUERIES = {
  students:
    'SELECT id, state_id AS stateId, first_name AS firstName, last_name AS lastName, date_of_birth AS dateOfBirth,' +
    ' grade_level AS gradeLevel, status, hidden FROM pub_student WHERE id IN {ids}',
  jurisdictions:
    'SELECT student_id AS studentId, lea_id AS leaId, school_id AS schoolId, selpa_id AS selpaId, state_org_id AS stateOrgId' +
    ' FROM pub_jurisdiction WHERE begin_date <= ? AND (end_date IS NULL OR end_date >= ?) AND student_id IN {ids} ORDER BY begin_date',
  settled:
    "SELECT student_id AS studentId, grantee, valid_from AS validFrom FROM student_access WHERE relation = 'JURISDICTION' AND" +
    " grantee LIKE 'STATE:%' AND valid_from <= ? AND valid_to IS NULL AND revoked_at IS NULL AND student_id IN {ids} ORDER BY valid_from",
  ieps:
    'SELECT id, student_id AS studentId, state, kind, parent_iep_id AS parentIepId, reactivates_iep_id AS reactivatesIepId,' +
    ' meeting_date AS meetingDate, held_on AS heldOn, opened_on AS openedOn, affirmed_on AS affirmedOn, plan_review_date AS planReviewDate, primary_disability AS primaryDisability,' +
    ' federal_environment AS federalEnvironment, case_open_findings AS openFindings FROM pub_iep WHERE student_id IN {ids}',
  evaluations:
    'SELECT student_id AS studentId, completed_on AS completedOn FROM pub_evaluation WHERE completed_on IS NOT NULL AND student_id IN {ids}',
  services:
    "SELECT student_id AS studentId, COUNT(*) AS openServices FROM pub_service WHERE state = 'ACTIVE' AND student_id IN {ids} GROUP BY student_id",
  caseManagers:
    'SELECT student_id AS studentId, provider_id AS providerId, account_id AS accountId FROM pub_assignment' +
    " WHERE role = 'CASE_MANAGER' AND revoked_at IS NULL AND valid_from <= ? AND (valid_to IS NULL OR valid_to >= ?) AND student_id IN {ids} ORDER BY valid_from",
} as const;

/** Reads the published views of the other subgraphs, for recomputation alone: seven statements, whatever the number of students. */
export class FactSourcesRepository {
  constructor(private readonly session: Session) {}

  /** By student; a student that no longer exists is missing. */
  async of(studentIds: readonly string[]): Promise<Map<string, StudentSources>> {
    const { today } = this.session;
    const students = await this.rows<StudentRow>('students', studentIds);
    const jurisdictions = lastByStudent(await this.rows<JurisdictionRow>('jurisdictions', studentIds, [today, today]));
    const settled = lastByStudent(await this.rows<SettledRow>('settled', studentIds, [today]));
    const ieps = allByStudent(await this.rows<IepRow>('ieps', studentIds));
    const evaluations = allByStudent(
      await this.rows<{ studentId: string; completedOn: string }>('evaluations', studentIds),
    );
    const services = lastByStudent(
      await this.rows<{ studentId: string; openServices: number | string }>('services', studentIds),
    );
    const managers = lastByStudent(await this.rows<AssignmentRow>('caseManagers', studentIds, [today, today]));
    return new Map(
      students.map((student) => [
        student.id,
        {
          student,
          jurisdiction: jurisdictions.get(student.id) ?? null,
          settled: settled.get(student.id) ?? null,
          ieps: ieps.get(student.id) ?? [],
          evaluations: (evaluations.get(student.id) ?? []).map((row) => row.completedOn),
          openServices: Number(services.get(student.id)?.openServices ?? 0),
          caseManager: managers.get(student.id) ?? null,
        },
      ]),
    );
  }

  /** Ids of all students after one, for the rebuild. */
  async idsAfter(id: string, limit: number): Promise<string[]> {
    const sql = `${this.comment}SELECT id FROM pub_student WHERE id > ? ORDER BY id LIMIT ${limit}`;
    return ((await this.session.manager.query(sql, [id])) as { id: string }[]).map((row) => row.id);
  }

  private async rows<T>(
    name: keyof typeof QUERIES,
    ids: readonly string[],
    before: readonly string[] = [],
  ): Promise<T[]> {
    const sql = QUERIES[name].replace('{ids}', `(${ids.map(() => '?').join(', ')})`);
    return (await this.session.manager.query(this.comment + sql, [...before, ...ids])) as T[];
  }

  private get comment(): string {
    return scopeComment(this.session.scope.marker);
  }
}

const lastByStudent = <T extends { studentId: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.studentId, row]));

const allByStudent = <T extends { studentId: string }>(rows: readonly T[]): Map<string, T[]> =>
  grouped(rows, ({ studentId }) => studentId);
