import { scopeMarker } from '../../../platform/database/guard';
import { assertFresh } from '../../../platform/scope/epoch';
import type { PrincipalScope, ScopeColumns } from '../../../platform/scope/row-scope';
import type { Session } from '../../../platform/scope/session';
import { StudentAccess } from '../../../platform/scope/tables';
import { ANY_DAY } from '../student/student.repository';
import { Student } from '../student/student.entity';

/** What the row scope of a perspective finds of one student. */
export interface AccessReading {
  inScope: boolean;
  /** A former owner's look-up: `student(id)` answers the card. True whenever `inScope` is. */
  known: boolean;
  rows: { row: StudentAccess; isOpen: boolean }[];
}

/** Whether a former owner is told of the student, too: of itself it is, of others it is not. */
export type Asker = 'in scope' | 'in scope or former owner';

const TODAY: Record<Asker, ScopeColumns> = {
  'in scope': { student: 's.id' },
  'in scope or former owner': { student: 's.id', ...ANY_DAY },
};

/** A claim for a coming day is shown to nobody before it, and one that was withdrawn never (ADR 11). */
const TOLD =
  "(ra.relation NOT IN ('JURISDICTION', 'SCHOOL', 'NPS', 'PRIVATE_SCHOOL') OR" +
  ' (ra.valid_from <= :toldOn AND (ra.revoked_at IS NULL OR ra.revoked_at >= ra.valid_from)))';

/**
 * Reads rows of `student_access` for whoever may see the student. The scope of the caller and the one that is explained stand
 * in the same statement: nothing is told past the first, and nothing can be said of the second that it wouldn't decide.
 */
export class AccessExplanationRepository {
  constructor(private readonly session: Session) {}

  /** Whether the caller may ask about this student at all. */
  async isVisible(studentId: string, asker: Asker): Promise<boolean> {
    const { sql, parameters } = this.session.scope.predicate(TODAY[asker]);
    const isVisible = await this.session.manager
      .createQueryBuilder(Student, 's')
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('s.id = :studentId', { studentId })
      .getExists();
    if (!isVisible) await assertFresh(this.session);
    return isVisible;
  }

  /**
   * Decides with the row scope of a perspective; null when the student is not the caller's to ask about.
   * @param asked the scope that is explained, under a name of its own
   */
  async read(studentId: string, asker: Asker, asked: PrincipalScope): Promise<AccessReading | null> {
    const { scope } = this.session;
    const visible = scope.predicate(TODAY[asker]);
    // A former owner reads the rows of its own period, as other dated records.
    const dated = scope.predicate({ student: 's.id', from: 'ra.valid_from', to: 'ra.valid_to' });
    const inScope = asked.predicate({ student: 's.id' });
    const known = asked.predicate({ student: 's.id', ...ANY_DAY });
    const rows = asked.accessRows('ra');
    const { entities, raw } = await this.session.manager
      .createQueryBuilder(Student, 's')
      .select('s.id')
      .leftJoinAndMapMany(
        's.access',
        StudentAccess,
        'ra',
        `ra.student_id = s.id AND ${rows.own} AND (${dated.sql}) AND ${TOLD}`,
      )
      .addSelect(flag(inScope.sql), 'in_scope')
      .addSelect(flag(known.sql), 'known')
      .addSelect(flag(rows.open), 'row_open')
      .comment(scopeMarker(scope.marker))
      .where(`(${visible.sql})`, { ...visible.parameters, ...dated.parameters })
      .andWhere('s.id = :studentId', { studentId })
      .setParameters({ ...inScope.parameters, ...known.parameters, ...rows.parameters, toldOn: this.session.today })
      .orderBy('ra.validFrom')
      .addOrderBy('ra.id')
      .getRawAndEntities<Record<'ra_id' | 'in_scope' | 'known' | 'row_open', unknown>>();
    const [student] = entities as (Student & { access: StudentAccess[] })[];
    if (!student) {
      await assertFresh(this.session);
      return null;
    }
    const open = new Set(raw.filter((each) => isSet(each.row_open)).map((each) => each.ra_id));
    return {
      inScope: isSet(raw[0]?.in_scope),
      known: isSet(raw[0]?.known),
      rows: student.access.map((row) => ({ row, isOpen: open.has(row.id) })),
    };
  }
}

const flag = (condition: string): string => `CASE WHEN (${condition}) THEN 1 ELSE 0 END`;
const isSet = (value: unknown): boolean => Number(value) === 1;
