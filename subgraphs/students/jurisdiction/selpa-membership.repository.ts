import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import type { Session } from '../../../platform/scope/session';
import { RoleGrant } from '../account/role-grant.entity';
import { StudentRequest } from '../request/request.entity';
import { Jurisdiction } from './jurisdiction.entity';

/** The SELPA that the records of an LEA name. For the system's own work: whoever asks, every student of the LEA. */
export class SelpaMembershipRepository {
  constructor(private readonly session: Session) {}

  /** How many students of an LEA stand under another SELPA than this one, today or from a day to come. */
  studentsElsewhere(leaId: string, selpaId: string | null): Promise<number> {
    const query = this.inForce().andWhere('j.leaId = :leaId AND j.selpaId IS NOT NULL', { leaId });
    if (selpaId) query.andWhere('j.selpaId <> :selpaId', { selpaId });
    return query.getCount();
  }

  /** Students of these LEAs whose period names no SELPA. */
  async unplaced(leaIds: readonly string[], limit: number): Promise<{ studentId: string; leaId: string }[]> {
    if (leaIds.length === 0) return [];
    return this.inForce()
      .andWhere('j.leaId IN (:...leaIds) AND j.selpaId IS NULL', { leaIds })
      .orderBy('j.studentId')
      .limit(limit)
      .getMany();
  }

  /** The periods of these students at an LEA that name no SELPA. */
  periodsWithoutSelpa(leaId: string, studentIds: readonly string[]): Promise<Jurisdiction[]> {
    return this.inForce()
      .andWhere('j.leaId = :leaId AND j.selpaId IS NULL', { leaId })
      .andWhere('j.studentId IN (:...studentIds)', { studentIds })
      .getMany();
  }

  async nameSelpa(jurisdictionId: string, selpaId: string): Promise<void> {
    await this.session.manager
      .createQueryBuilder()
      .update(Jurisdiction)
      .set({ selpaId })
      .comment(scopeMarker(this.session.scope.marker))
      .where('id = :jurisdictionId', { jurisdictionId })
      .execute();
  }

  /** Puts the undecided requests of these LEAs into the queue of the SELPA that is above each (SEIS-02). */
  async moveQueues(leaIds: readonly string[]): Promise<void> {
    if (leaIds.length === 0) return;
    const above =
      "(SELECT p.id FROM organization o JOIN organization p ON p.id = o.parent_id AND p.kind = 'SELPA' WHERE o.id = lea_id)";
    await this.session.manager
      .createQueryBuilder()
      .update(StudentRequest)
      .set({ selpaId: () => above })
      .comment(scopeMarker(this.session.scope.marker))
      .where("state = 'SUBMITTED' AND lea_id IN (:...leaIds)", { leaIds })
      .andWhere(`COALESCE(selpa_id, '') <> COALESCE(${above}, '')`)
      .execute();
  }

  /** True when the school is or was anybody's, or somebody's place of work. */
  async isInUse(schoolId: string): Promise<boolean> {
    const attended = this.session.manager
      .createQueryBuilder(Jurisdiction, 'j')
      .comment(scopeMarker(this.session.scope.marker))
      .where(
        'j.schoolId = :schoolId OR EXISTS (SELECT 1 FROM school_period p WHERE p.jurisdiction_id = j.id AND p.school_id = :schoolId)',
        { schoolId },
      );
    if (await attended.getExists()) return true;
    return this.session.manager.existsBy(RoleGrant, { organizationId: schoolId });
  }

  /** Periods that hold today or begin on a day to come. */
  private inForce(): SelectQueryBuilder<Jurisdiction> {
    return this.session.manager
      .createQueryBuilder(Jurisdiction, 'j')
      .comment(scopeMarker(this.session.scope.marker))
      .where('j.withdrawnAt IS NULL AND (j.endDate IS NULL OR j.endDate >= :today)', { today: this.session.today });
  }
}
