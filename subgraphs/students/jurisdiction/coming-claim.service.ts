import { addDays } from '../../../platform/dates';
import { notFound, type Rejection, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { jurisdictionChanged } from '../events';
import { StudentRepository } from '../student/student.repository';
import { JurisdictionAccess } from './jurisdiction-access';
import type { Jurisdiction } from './jurisdiction.entity';
import { JurisdictionRepository, SchoolPeriodRepository } from './jurisdiction.repository';
import type { Claimed } from './jurisdiction.service';
import { contactsOf } from './lea-contact';
import { PlacementService } from './placement';

/**
 * A claim between the act and its first day (domain C.3, ADR 11). The present owner isn't asked and can't decline it: open
 * services are what it holds against a claim. It is told whom to phone. Who claimed may withdraw.
 */
export class ComingClaimService {
  private readonly cross: Session;
  private readonly jurisdictions: JurisdictionRepository;

  constructor(private readonly session: Session) {
    this.cross = session.crossScope('claim');
    this.jurisdictions = this.cross.get(JurisdictionRepository);
  }

  /**
   * What a claim meets that finds another one standing. Under the student's lock.
   * @throws C.3 for the present owner; V-046 for any other LEA, which learns neither who has claimed nor from when on
   */
  async secondClaim(standing: Jurisdiction, leaId: string): Promise<Claimed> {
    if (standing.leaId === leaId) {
      const message = `Your LEA has claimed this student already: claim ${standing.id} begins on ${standing.beginDate}. To claim for another day or school, withdraw it first.`;
      return {
        ids: { jurisdiction: standing.id },
        errors: [{ code: 'V-046', message, path: ['stateId'], severity: 'ERROR' }],
      };
    }
    const owner = await this.periodBefore(standing);
    if (owner && owner.leaId === leaId) throw await this.leaving(owner, 'stateId');
    throw reject(
      'V-046',
      'Another LEA has claimed this student already: ask the owning LEA, or claim once that claim has begun.',
      ['stateId'],
    );
  }

  /** What the present owner is told who wants to change its period: until when it is its own, and whom to phone. */
  async leaving({ studentId, endDate }: Jurisdiction, path: string): Promise<Rejection> {
    const last = (await this.jurisdictions.lastBeyondScope([studentId])).get(studentId);
    const claimant = await contactsOf(this.cross, last ? [last.leaId] : []);
    const message = `Another LEA has claimed this student: your jurisdiction ends on ${endDate} and can’t be changed any more. If that is a mistake, ask ${claimant} to withdraw the claim.`;
    return reject('C.3', message, [path]);
  }

  /**
   * Withdraws a claim whose first day hasn't come: by the LEA that claimed, its SELPA, or the state. The present owner's
   * period goes on as it was, the claimant's rights to come are taken away; the row stays as a trace. Repeated, it does nothing.
   * @throws NOT_FOUND for the claim of somebody else; C.3 once it has begun
   */
  async withdraw(claimId: string): Promise<{ jurisdiction: string }> {
    const seen = await this.jurisdictions.oneBeyondScope(claimId);
    if (!seen || !(await this.isOfCaller(seen))) throw notFound('The claim');
    await this.session.lock(seen.studentId);
    const claim = await this.jurisdictions.oneBeyondScope(claimId);
    if (!claim) throw notFound('The claim');
    this.session.disclosures.add('student.card', [claim.studentId]);
    if (claim.withdrawnAt) return { jurisdiction: claim.id };
    if (claim.beginDate <= this.session.today) {
      throw reject(
        'C.3',
        `This jurisdiction has begun on ${claim.beginDate} and can’t be withdrawn: let the other LEA claim the student back.`,
        ['claimId'],
      );
    }
    await this.undo(claim);
    return { jurisdiction: claim.id };
  }

  private async undo(claim: Jurisdiction): Promise<void> {
    const { studentId, leaId, schoolId, beginDate } = claim;
    const lastDay = addDays(beginDate, -1);
    const { now: withdrawnAt, principal, today: lastActivityOn } = this.session;
    const schools = this.cross.get(SchoolPeriodRepository);
    // An empty period: no day lies in it.
    const empty = { endDate: lastDay };
    const attended = await schools.open(claim.id);
    if (attended) await schools.update(attended.id, empty);
    await this.jurisdictions.update(claim.id, {
      ...empty,
      openOf: null,
      withdrawnAt,
      withdrawnBy: principal.subject,
    });
    const former = await this.periodBefore(claim);
    if (former) {
      await this.jurisdictions.update(former.id, { endDate: null, openOf: studentId });
      await schools.reopen(former.id, lastDay);
    }
    await this.cross.get(JurisdictionAccess).withdraw(claim, former);
    await this.cross.get(StudentRepository).update(studentId, { lastActivityOn });
    await this.session.emit(jurisdictionChanged, studentId, {
      change: 'CLAIM_WITHDRAWN',
      leaId,
      schoolId,
      formerLeaId: former?.leaId ?? null,
      beginDate,
      endDate: lastDay,
    });
  }

  private async periodBefore({ tookFromId }: Jurisdiction): Promise<Jurisdiction | null> {
    return tookFromId ? this.jurisdictions.oneBeyondScope(tookFromId) : null;
  }

  private async isOfCaller({ leaId, selpaId, stateOrgId }: Jurisdiction): Promise<boolean> {
    const own = await this.session.get(PlacementService).caller();
    if (!own) return false;
    if (own.leaId) return own.leaId === leaId;
    if (own.selpaId) return own.selpaId === selpaId;
    return this.session.principal.level === 'state' && own.stateId === stateOrgId;
  }
}
