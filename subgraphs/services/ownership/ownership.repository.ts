import { scopeMarker } from '../../../platform/database/guard';
import type { CalendarDay } from '../../../platform/dates';
import type { AccessRelation } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import { StudentAccess } from '../../../platform/scope/tables';

/** The jurisdiction of a student today. */
export interface Owner {
  leaId: string;
  leaName: string;
  stateCode: string | null;
  beginDate: CalendarDay;
  /** The last day, when another LEA takes over after it; null while nobody does. */
  endDate: CalendarDay | null;
}

/** One right of the caller over a student. */
export interface Right {
  relation: AccessRelation;
  grantee: string;
  leaId: string | null;
  /** True when the right counts today; false for the closed jurisdiction of a former owner. */
  open: boolean;
}

/** Who owns a student, and what the caller is to the student. For guards, inside the guarded transaction. */
export class OwnershipRepository {
  constructor(private readonly session: Session) {}

  /**
   * The jurisdiction of today, whatever the caller's scope: a guard has to know who owns. A claim for a coming day has not
   * begun.
   */
  async owner(studentId: string): Promise<Owner | null> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('j.lea_id', 'leaId')
      .addSelect('o.name', 'leaName')
      .addSelect('o.state_code', 'stateCode')
      .addSelect('j.begin_date', 'beginDate')
      .addSelect('j.end_date', 'endDate')
      .from('pub_jurisdiction', 'j')
      .leftJoin('pub_organization', 'o', 'o.id = j.lea_id')
      .where('j.student_id = :studentId AND j.begin_date <= :today', { studentId, today: this.session.today })
      .andWhere('(j.end_date IS NULL OR j.end_date >= :today)')
      .orderBy('j.begin_date', 'DESC')
      .limit(1)
      .getRawOne<Owner>();
    return row ? { ...row, leaName: row.leaName ?? 'another LEA' } : null;
  }

  /**
   * The last day of the jurisdiction of an LEA that holds today or, when none does, of the one before; null while that is
   * open. An LEA that returns on a day to come has no right in between.
   */
  async lastDayOf(studentId: string, leaId: string): Promise<CalendarDay | null> {
    const begun = (await this.periodsOf(studentId, leaId)).filter(({ beginDate }) => beginDate <= this.session.today);
    return begun.at(-1)?.endDate ?? null;
  }

  /** The LEA whose jurisdiction of a student has no last day: the one that a plan's services are opened for. */
  async openLea(studentId: string): Promise<string | null> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('j.lea_id', 'leaId')
      .from('pub_jurisdiction', 'j')
      .where('j.student_id = :studentId AND j.end_date IS NULL', { studentId })
      .getRawOne<{ leaId: string }>();
    return row?.leaId ?? null;
  }

  /** The day from which an LEA owns a student again after a day, or null. */
  async returnAfter(studentId: string, leaId: string, day: CalendarDay): Promise<CalendarDay | null> {
    return (await this.periodsOf(studentId, leaId)).find((period) => period.beginDate > day)?.beginDate ?? null;
  }

  /** True when a jurisdiction of an LEA begins on this day: a claim that was withdrawn is none. */
  async begins(studentId: string, leaId: string, day: CalendarDay): Promise<boolean> {
    return (await this.periodsOf(studentId, leaId)).some((period) => period.beginDate === day);
  }

  /** Whom to ask about a claim for a coming day: the LEA that made it with its contact, in words (SER-29). */
  async claimant(studentId: string): Promise<string> {
    const row = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('o.name', 'name')
      .addSelect('o.contact_name', 'contactName')
      .addSelect('o.contact_phone', 'contactPhone')
      .addSelect('o.contact_email', 'contactEmail')
      .from('pub_jurisdiction', 'j')
      .innerJoin('pub_organization', 'o', 'o.id = j.lea_id')
      .where('j.student_id = :studentId AND j.begin_date > :today', { studentId, today: this.session.today })
      .orderBy('j.begin_date', 'DESC')
      .limit(1)
      .getRawOne<Record<'name' | 'contactName' | 'contactPhone' | 'contactEmail', string | null>>();
    if (!row?.name) return 'that LEA';
    const contact = [row.contactName, row.contactPhone, row.contactEmail].filter(Boolean).join(', ');
    return contact ? `${row.name} (${contact})` : row.name;
  }

  private periodsOf(
    studentId: string,
    leaId: string,
  ): Promise<{ beginDate: CalendarDay; endDate: CalendarDay | null }[]> {
    return this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('j.begin_date', 'beginDate')
      .addSelect('j.end_date', 'endDate')
      .from('pub_jurisdiction', 'j')
      .where('j.student_id = :studentId AND j.lea_id = :leaId', { studentId, leaId })
      .orderBy('j.begin_date')
      .getRawMany();
  }

  /** The rights by which the caller reaches a student, and those of a former owner. */
  async rights(studentId: string): Promise<Right[]> {
    const { principal, today } = this.session;
    if (principal.grants.length === 0) return [];
    const rows = await this.session.manager
      .createQueryBuilder(StudentAccess, 'a')
      .comment(scopeMarker(this.session.scope.marker))
      .where('a.studentId = :studentId AND a.grantee IN (:...grantees)', {
        studentId,
        grantees: principal.grants.map((grant) => grant.grantee),
      })
      .andWhere('a.revokedAt IS NULL AND a.validFrom <= :today', { today })
      .getMany();
    return rows
      .filter((row) =>
        principal.grants.some(
          (grant) =>
            grant.relation === row.relation &&
            grant.grantee === row.grantee &&
            !(row.leaId !== null && grant.exceptLeas?.includes(row.leaId)),
        ),
      )
      .map((row) => ({
        relation: row.relation as AccessRelation,
        grantee: row.grantee,
        leaId: row.leaId,
        open: row.validTo === null || row.validTo >= today,
      }));
  }

  /** Ids of students by id or unique id, whatever the caller's scope; what doesn't exist is left out. */
  async identify(by: 'id' | 'state_id', values: readonly string[]): Promise<Map<string, string>> {
    if (values.length === 0) return new Map();
    const rows = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('s.id', 'id')
      .addSelect(`s.${by}`, 'asked')
      .from('pub_student', 's')
      .where(`s.${by} IN (:...values)`, { values: [...new Set(values)] })
      .getRawMany<{ id: string; asked: string }>();
    return new Map(rows.map((row) => [row.asked, row.id]));
  }

  /** Names of the students among these that are in the caller's scope, in one statement. */
  async names(studentIds: readonly string[]): Promise<Map<string, string>> {
    if (studentIds.length === 0) return new Map();
    const { sql, parameters } = this.session.scope.predicate({ student: 's.id' });
    const rows = await this.session.manager
      .createQueryBuilder()
      .comment(scopeMarker(this.session.scope.marker))
      .select('s.id', 'id')
      .addSelect('s.first_name', 'firstName')
      .addSelect('s.last_name', 'lastName')
      .from('pub_student', 's')
      .where(`(${sql})`, parameters)
      .andWhere('s.id IN (:...studentIds)', { studentIds: [...new Set(studentIds)] })
      .getRawMany<{ id: string; firstName: string | null; lastName: string | null }>();
    this.session.disclosures.add(
      'student.demographics',
      rows.map((row) => row.id),
    );
    return new Map(rows.map((row) => [row.id, [row.firstName, row.lastName].filter(Boolean).join(' ')]));
  }
}
