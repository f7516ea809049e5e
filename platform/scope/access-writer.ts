import { IsNull } from 'typeorm';
import { scopeMarker } from '../database/guard';
import type { CalendarDay } from '../dates';
import { snake } from '../database/naming';
import { newId } from '../ids';
import type { AccessRelation } from '../principal/principal';
import type { Session } from './session';
import { StudentAccess } from './tables';

export interface AccessRow {
  /** Id of the row when the fact behind it has one of its own, so that this right can be told from others like it. */
  id?: string;
  studentId: string;
  grantee: string;
  relation: AccessRelation;
  leaId: string | null;
  validFrom: CalendarDay;
  validTo?: CalendarDay | null;
  /** Where a claim for a coming day ends the right earlier than it was meant to: what was meant. As `validTo` when left out. */
  plannedTo?: CalendarDay | null;
}

/** Which open rows are meant. What is left out does not limit. */
export interface AccessMatch {
  studentId: string;
  id?: string;
  relation?: AccessRelation;
  grantee?: string;
  leaId?: string;
  validFrom?: CalendarDay;
}

/** Writes `student_access`, in the transaction of the fact that it follows from. */
export class AccessWriter {
  constructor(private readonly session: Session) {}

  /** Opens rights. A right that is open already is not doubled. */
  async open(...rows: AccessRow[]): Promise<void> {
    const fresh: AccessRow[] = [];
    for (const row of rows) {
      const same = await this.session.manager
        .createQueryBuilder(StudentAccess, 'a')
        .comment(scopeMarker(this.session.scope.marker))
        .where({
          studentId: row.studentId,
          grantee: row.grantee,
          relation: row.relation,
          validTo: IsNull(),
          revokedAt: IsNull(),
        })
        // One that begins later leaves the days before it.
        .andWhere('a.validFrom <= :validFrom', { validFrom: row.validFrom })
        .getOne();
      if (!same) fresh.push(row);
    }
    if (fresh.length === 0) return;
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(StudentAccess)
      .values(
        fresh.map((row) => {
          const { validTo = null, plannedTo = validTo } = row;
          return { id: newId(), ...row, validTo, plannedTo, revokedAt: null };
        }),
      )
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
  }

  /**
   * Gives open rights a last day, inclusive; one that is planned earlier stays. The former owner keeps the dated records of
   * that period.
   */
  async close(match: AccessMatch, validTo: CalendarDay): Promise<void> {
    await this.change(match, { validTo });
  }

  /** Gives the rights of a student that were ended early with this day the last day back that was planned for them. */
  async reopen(studentId: string, lastDay: CalendarDay): Promise<void> {
    await this.session.manager
      .createQueryBuilder()
      .update(StudentAccess)
      .set({ validTo: () => 'planned_to' })
      .comment(scopeMarker(this.session.scope.marker))
      .where('student_id = :studentId AND revoked_at IS NULL AND valid_to = :lastDay', { studentId, lastDay })
      .andWhere('(planned_to IS NULL OR planned_to > valid_to)')
      .execute();
  }

  /** Takes rights away at once. */
  async revoke(match: AccessMatch): Promise<void> {
    await this.change(match, { revokedAt: this.session.now });
  }

  private async change(match: AccessMatch, values: Partial<StudentAccess>): Promise<void> {
    const statement = this.session.manager
      .createQueryBuilder()
      .update(StudentAccess)
      .set(values)
      .comment(scopeMarker(this.session.scope.marker))
      .where('revoked_at IS NULL');
    if (values.validTo) statement.andWhere('(valid_to IS NULL OR valid_to > :lastDay)', { lastDay: values.validTo });
    for (const [property, value] of Object.entries(match)) {
      if (value !== undefined) statement.andWhere(`${snake(property)} = :${property}`, { [property]: value });
    }
    await statement.execute();
  }
}
