import type { CalendarDay } from '../../../platform/dates';
import type { RuleError } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { iepAffirmed } from '../events';
import { IepDocumentService } from '../pdf/iep-document.service';
import { PublishedRepository } from '../published/published.repository';
import type { PublishedService } from '../published/published-rows';
import type { IepCase } from '../validation/iep-case';
import type { AffirmingPath, Attestation } from './attestation.entity';
import { AttestationRepository } from './attestation.repository';
import { contentHash } from './content-hash';
import { stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { AttestationInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepState } from './iep-codes';
import { MEETING_KINDS } from './meeting-kinds';
import { PlannedServices } from './planned-services';

/** What the parent's answer does to the plan. */
export interface Effect {
  agreed: boolean;
  eligible: boolean;
}

/** An agreement to an amendment that was refused first (C.2). */
export type LateAgreement = Pick<Attestation, 'agreedOn' | 'agreement' | 'exceptions'> & { agreedOn: CalendarDay };

export interface Affirming {
  /** The document's version as the attester read it. */
  version: number;
  path: AffirmingPath;
  checklist: AttestationInput;
  effect: Effect;
  /** What the act changes on the document beside its state and its affirmation. */
  changes: Partial<Iep>;
  late?: LateAgreement;
}

/** What both ways to a current IEP have in common: affirming it, and recording a late agreement to it. */
export class Affirmation {
  constructor(private readonly session: Session) {}

  /** Why this caller can't attest (V-001, SEIS-52), and what is open on the checklist (V-005). */
  async refusals(
    iep: Iep,
    path: AffirmingPath,
    checklist: AttestationInput | null | undefined,
    isUnsigned = false,
  ): Promise<RuleError[]> {
    const { today } = this.session;
    return [
      ...(await this.attesterErrors(iep, path)),
      ...checklistErrors(checklist, isUnsigned, today, iep.meetingDate),
    ];
  }

  /**
   * The old current IEP becomes history, this one current and immutable, with attestation, content hash and PDF;
   * `iep.affirmed` tells the other subgraphs. In the caller's transaction, under the student's lock (domain G.3, F1).
   */
  async makeCurrent(subject: IepCase, previous: Iep | null, act: Affirming): Promise<void> {
    const { iep, forms, goals } = subject;
    const { now, today, principal } = this.session;
    await this.supersedeCurrent(iep.studentId);
    const services = await this.session.get(PlannedServices).of(iep, startingFrom(subject, act.late), previous);
    const attestation = this.attestation(iep, services, act);
    const changes: Partial<Iep> = {
      ...act.changes,
      state: IepState.CURRENT,
      currentOf: iep.studentId,
      futureOf: null,
      affirmedAt: now,
      affirmedOn: today,
      affirmedById: principal.subject,
      agreed: act.effect.agreed,
      openFindings: 0,
    };
    const affirmed: Iep = { ...iep, ...changes };
    affirmed.contentHash = changes.contentHash = contentHash({ iep: affirmed, forms, goals, attestation });
    await this.session.get(AttestationRepository).insert(attestation);
    await this.session.get(IepDocumentService).store({ iep: affirmed, forms, goals, attestation });
    await this.session.get(IepRepository).update(iep.id, changes, act.version);
    await this.session.emit(iepAffirmed, iep.studentId, {
      iepId: iep.id,
      kind: iep.kind,
      meetingDate: iep.meetingDate!,
      affirmedOn: today,
      initial: MEETING_KINDS[iep.kind].initial,
      agreed: act.effect.agreed,
      previousIepId: previous?.id ?? null,
      eligible: act.effect.eligible,
      ...(act.late && { agreedOn: act.late.agreedOn }),
    });
  }

  /** Only the case manager attests (SEIS-52); the relation is read under the lock. */
  private async attesterErrors(iep: Iep, path: AffirmingPath): Promise<RuleError[]> {
    if (path === 'MAKE_OFFICIAL') return [];
    const { subject } = this.session.principal;
    if (await this.session.get(PublishedRepository).isCaseManager(iep.studentId, subject, this.session.today))
      return [];
    const message =
      'Only the student’s case manager can attest this IEP. Let the case manager act, or change the case manager first.';
    return [{ code: 'V-001', message, path: ['iepId'], severity: 'ERROR' }];
  }

  private async supersedeCurrent(studentId: string): Promise<void> {
    const ieps = this.session.get(IepRepository);
    const [current] = await ieps.findCurrent([studentId]);
    if (!current) return;
    await ieps.update(current.id, { state: stateAfter(current, 'SUPERSEDE'), currentOf: null }, current.version);
  }

  private attestation(iep: Iep, services: PublishedService[], { path, checklist, late }: Affirming): Attestation {
    const { principal, now } = this.session;
    return {
      id: newId(),
      iepId: iep.id,
      studentId: iep.studentId,
      scopeDate: iep.scopeDate,
      path,
      attestedById: principal.subject,
      attestedByName: principal.displayName.slice(0, 200),
      attestedAt: now,
      handwrittenChangesTyped: checklist.handwrittenChangesTyped,
      matchesSignedCopy: checklist.matchesSignedCopy,
      copyGivenToParent: checklist.copyGivenToParent,
      copyGivenOn: checklist.copyGivenOn ?? null,
      services,
      agreedOn: late?.agreedOn ?? null,
      agreement: late?.agreement ?? null,
      exceptions: late?.exceptions ?? null,
    };
  }
}

/** The services that the document orders. Nothing of a plan that was agreed to late began before the agreement. */
function startingFrom({ services }: IepCase, late?: LateAgreement): PublishedService[] {
  if (!late) return [...services];
  return services.map((service) => ({
    ...service,
    startDate: service.startDate && service.startDate > late.agreedOn ? service.startDate : late.agreedOn,
  }));
}

/** V-005: each tick, and the day on which the parent got the copy. */
function checklistErrors(
  attestation: AttestationInput | null | undefined,
  isUnsigned: boolean,
  today: CalendarDay,
  meetingDate: CalendarDay | null,
): RuleError[] {
  const givenOn = attestation?.copyGivenOn;
  const isGiven = !!givenOn && givenOn <= today && givenOn >= (meetingDate ?? givenOn);
  const open: [item: keyof AttestationInput, what: string, done: boolean][] = [
    ['handwrittenChangesTyped', 'Type in the handwritten changes.', !!attestation?.handwrittenChangesTyped],
    ['matchesSignedCopy', 'Compare the document with the signed copy.', !!attestation?.matchesSignedCopy || isUnsigned],
    ['copyGivenToParent', 'Give the parent the final document.', !!attestation?.copyGivenToParent],
    ['copyGivenOn', 'Enter the day on which the parent got the document, between the meeting and today.', isGiven],
  ];
  return open
    .filter(([, , done]) => !done)
    .map(([item, what]) => ({
      code: 'V-005',
      message: `The attest checklist is incomplete. ${what}`,
      path: ['attestation', item],
      severity: 'ERROR',
    }));
}
