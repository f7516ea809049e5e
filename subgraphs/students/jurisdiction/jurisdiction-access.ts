import { addDays, type CalendarDay } from '../../../platform/dates';
import { ACCESS_RELATIONS, type AccessRelation } from '../../../platform/principal/principal';
import { type AccessMatch, type AccessRow, AccessWriter } from '../../../platform/scope/access-writer';
import type { Session } from '../../../platform/scope/session';
import type { Jurisdiction } from './jurisdiction.entity';

/** The relation in which a school stands, by its kind. */
const SCHOOL_RELATION: Record<string, AccessRelation> = {
  SCHOOL: 'SCHOOL',
  NPS: 'NPS',
  PRIVATE_SCHOOL: 'PRIVATE_SCHOOL',
};
const SCHOOL_RELATIONS = Object.values(SCHOOL_RELATION);

type Owners = Pick<Jurisdiction, 'leaId' | 'selpaId' | 'stateOrgId'>;

/** Grantees that see a student because of a jurisdiction. */
export function ownersOf({ leaId, selpaId, stateOrgId }: Owners): string[] {
  return [`STATE:${stateOrgId}`, ...(selpaId ? [`SELPA:${selpaId}`] : []), `LEA:${leaId}`];
}

/** The rights that follow from a school. */
export function schoolRow(
  studentId: string,
  leaId: string,
  school: { id: string; kind: string },
  validFrom: CalendarDay,
): AccessRow {
  return {
    studentId,
    grantee: `SCHOOL:${school.id}`,
    relation: SCHOOL_RELATION[school.kind] ?? 'SCHOOL',
    leaId,
    validFrom,
  };
}

/** Moves the rights on a student in the transaction that moves the jurisdiction (architecture, section 4). */
export class JurisdictionAccess {
  private readonly writer: AccessWriter;

  constructor(private readonly session: Session) {
    this.writer = session.get(AccessWriter);
  }

  /** Rights of the owners and the school from the first day on. What is open already, such as the same state's, goes on. */
  async open(jurisdiction: Jurisdiction, school: { id: string; kind: string }): Promise<void> {
    const { studentId, leaId, beginDate } = jurisdiction;
    const owners = ownersOf(jurisdiction).map((grantee): AccessRow => ({
      studentId,
      grantee,
      relation: 'JURISDICTION',
      leaId,
      validFrom: beginDate,
    }));
    await this.writer.open(...owners, schoolRow(studentId, leaId, school, beginDate));
  }

  /**
   * Ends the rights that came through an LEA. Its own and its SELPA's end with the last day, and keep the dated records of
   * that time. Everything else that came through the LEA (staff, schools, relations, partner grants) ends with a last day that
   * is still to come, and is taken away at once when it is over.
   * @param successor owners that follow: who is among them goes on
   */
  async end(former: Jurisdiction, lastDay: CalendarDay, successor?: Owners): Promise<void> {
    const { studentId, leaId } = former;
    const goOn = new Set(successor ? ownersOf(successor) : [`STATE:${former.stateOrgId}`]);
    for (const grantee of ownersOf(former)) {
      if (!goOn.has(grantee)) await this.writer.close({ studentId, grantee, relation: 'JURISDICTION' }, lastDay);
    }
    for (const relation of ACCESS_RELATIONS) {
      if (relation !== 'JURISDICTION') await this.endBy(lastDay, { studentId, leaId, relation });
    }
    // A SELPA that loses the student takes its partner grants along; they name no LEA.
    if (former.selpaId && former.selpaId !== successor?.selpaId)
      await this.endBy(lastDay, { studentId, relation: 'GRANT' });
  }

  /** Undoes a claim that has not begun: what it opened is taken away at once, what it would have ended goes on as planned. */
  async withdraw({ studentId, leaId, beginDate }: Jurisdiction, former: Jurisdiction | null): Promise<void> {
    await this.writer.revoke({ studentId, leaId, validFrom: beginDate });
    if (former) await this.writer.reopen(studentId, addDays(beginDate, -1));
  }

  private endBy(lastDay: CalendarDay, match: AccessMatch): Promise<void> {
    return lastDay >= this.session.today ? this.writer.close(match, lastDay) : this.writer.revoke(match);
  }

  /** The former school loses the student at once, the new one gains it (SER-31). */
  async moveSchool(
    jurisdiction: Jurisdiction,
    school: { id: string; kind: string },
    validFrom: CalendarDay,
  ): Promise<void> {
    const { studentId, leaId } = jurisdiction;
    for (const relation of SCHOOL_RELATIONS) await this.writer.revoke({ studentId, leaId, relation });
    await this.writer.open(schoolRow(studentId, leaId, school, validFrom));
  }
}
