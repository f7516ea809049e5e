import { badInput, reject, Rejection, type RuleError } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { iepAffirmed, iepChanged } from '../events';
import { IepDocumentService } from '../pdf/iep-document.service';
import { PublishedRepository } from '../published/published.repository';
import type { PublishedService } from '../published/published-rows';
import { asRuleError, checkIep, isBlocking, type IepFinding } from '../validation/check-iep';
import { type IepCase, signatureIn } from '../validation/iep-case';
import { IepCheckService } from '../validation/iep-check.service';
import { affirmingPath } from './affirming-roles';
import type { AffirmingPath, Attestation } from './attestation.entity';
import { AttestationRepository } from './attestation.repository';
import { contentHash } from './content-hash';
import { lockedIep, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { AffirmIepInput, AttestationInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepState, MeetingKind, MeetingPurpose, SIGNATURE_MEANING } from './iep-codes';
import { MEETING_KINDS } from './meeting-kinds';

const PURPOSE_TEXT_LENGTH = 500;

/** What the parent's answer does to the plan. */
interface Effect {
  agreed: boolean;
  eligible: boolean;
}

/** Affirm/attest (SEIS-44, SEIS-48 to SEIS-54), which Louisiana calls making official (SER-75 to SER-79, SER-85). */
export class AffirmService {
  constructor(private readonly session: Session) {}

  /**
   * All in one transaction: the old current IEP becomes history, this one current and immutable, with attestation, content
   * hash and PDF; `iep.affirmed` tells the other subgraphs. Any error: nothing changed (domain G.3, F1).
   */
  async affirm(input: AffirmIepInput): Promise<WriteResult> {
    const known = await lockedIep(this.session, input.iepId);
    stateAfter(known, 'AFFIRM', ['iepId']);
    const path = affirmingPath(this.session.principal.role);
    const iep = this.withPurposes(known, input);
    const subject = await this.session.get(IepCheckService).caseOf(iep);
    const findings = checkIep(subject, path === 'AFFIRM' ? ['affirm'] : ['official']);
    const refusals = [
      ...(await this.attesterErrors(iep, path)),
      ...checklistErrors(input),
      ...findingErrors(findings, path),
    ];
    if (refusals.length > 0) throw new Rejection(refusals);
    const effect = effectOf(subject);
    if (iep.kind === MeetingKind.AMENDMENT && !effect.agreed) return this.closeAmendment(subject, input.version);

    await this.session.get(IepCheckService).keepMarks(subject, findings);
    const previous = await this.session.get(IepRepository).findInForce(iep.studentId);
    await this.supersedeCurrent(iep.studentId);
    const affirmed = await this.makeCurrent(subject, input, path, effect, previous);
    await this.session.emit(iepAffirmed, iep.studentId, {
      iepId: iep.id,
      kind: iep.kind,
      meetingDate: affirmed.meetingDate!,
      affirmedOn: affirmed.affirmedOn!,
      initial: MEETING_KINDS[iep.kind].initial,
      agreed: effect.agreed,
      previousIepId: previous?.id ?? null,
      eligible: effect.eligible,
    });
    return { ids: { iep: iep.id }, errors: warnings(findings, path) };
  }

  private withPurposes(iep: Iep, { purposes, purposeText, toBeContinued = false }: AffirmIepInput): Iep {
    const text = purposeText?.trim() || null;
    if (text && text.length > PURPOSE_TEXT_LENGTH)
      throw badInput(`The purpose text is limited to ${PURPOSE_TEXT_LENGTH} characters.`, ['purposeText']);
    if (toBeContinued && purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE)) {
      throw reject('SEIS-75', 'A final offer without signature closes the meeting: it can’t be continued.', [
        'toBeContinued',
      ]);
    }
    return Object.assign(Object.create(Object.getPrototypeOf(iep) as object), iep, {
      purposes: [...new Set(purposes)],
      purposeText: text,
      toBeContinued,
    }) as Iep;
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

  private async makeCurrent(
    subject: IepCase,
    input: AffirmIepInput,
    path: AffirmingPath,
    effect: Effect,
    previous: Iep | null,
  ): Promise<Iep> {
    const { iep, forms, goals } = subject;
    const services = await this.attestedServices(subject, previous);
    const { now, today, principal } = this.session;
    const attestation = this.attestation(iep, services, input.attestation!, path);
    const affirmed: Iep = {
      ...iep,
      state: IepState.CURRENT,
      currentOf: iep.studentId,
      futureOf: null,
      // An amendment takes effect on its agreement, without a meeting of its own.
      heldOn: iep.heldOn ?? today,
      affirmedAt: now,
      affirmedOn: today,
      affirmedById: principal.subject,
      signature: signatureIn(subject),
      agreed: effect.agreed,
      planReviewDate: planReviewDate(iep, effect, previous),
      openFindings: 0,
    };
    affirmed.contentHash = contentHash({ iep: affirmed, forms, goals, attestation });
    await this.session.get(AttestationRepository).insert(attestation);
    await this.session.get(IepDocumentService).store({ iep: affirmed, forms, goals, attestation });
    const { id: _id, version: _version, ...values } = affirmed;
    await this.session.get(IepRepository).update(iep.id, values, input.version);
    return affirmed;
  }

  private attestation(
    iep: Iep,
    services: PublishedService[],
    checklist: AttestationInput,
    path: AffirmingPath,
  ): Attestation {
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
    };
  }

  /** The plan's services; an amendment or continuation carries on those of the plan in force that it does not order anew. */
  private async attestedServices({ iep, services }: IepCase, previous: Iep | null): Promise<PublishedService[]> {
    if (!iep.parentIepId || !previous) return [...services];
    const inForce = await this.session.get(PublishedRepository).servicesOf([previous.id]);
    const ordered = new Set(services.map((service) => service.code));
    return [...services, ...inForce.filter((service) => service.state === 'ACTIVE' && !ordered.has(service.code))];
  }

  /** The parents do not agree to an amendment: it is closed, and the prior plan stays in force (stay put). */
  private async closeAmendment({ iep }: IepCase, version: number): Promise<WriteResult> {
    const known = (await this.session.get(IepRepository).findForChange(iep.id))!;
    const state = stateAfter(known, 'CLOSE');
    const changes = { state, futureOf: null, purposes: iep.purposes, purposeText: iep.purposeText, agreed: false };
    await this.session.get(IepRepository).update(iep.id, changes, version);
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state });
    return { ids: { iep: iep.id } };
  }
}

/** What the answer does; a final offer without signature leaves services and status as they are (stay put, SEIS-75). */
function effectOf(subject: IepCase): Effect {
  const signature = signatureIn(subject);
  const meaning = signature ? SIGNATURE_MEANING[signature] : { agreed: false, eligible: true };
  if (subject.iep.purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE)) {
    if (meaning.agreed)
      throw reject('SEIS-74', 'The parent has signed: this is not an offer without signature.', ['purposes']);
    return { agreed: false, eligible: meaning.eligible };
  }
  if (subject.iep.kind === MeetingKind.AMENDMENT && !meaning.agreed && signature !== 'REFUSED') {
    throw reject(
      'V-007',
      'An amendment takes effect when the parents agree. Record their answer on the participants form.',
      ['iepId'],
    );
  }
  return { agreed: meaning.agreed, eligible: meaning.eligible };
}

/** The next annual counts from an agreed review; anything else keeps the date of the plan in force (T-07, SER-95). */
function planReviewDate(iep: Iep, { agreed }: Effect, previous: Iep | null): string | null {
  const isReview = MEETING_KINDS[iep.kind].planReview || previous === null;
  return agreed && isReview ? iep.meetingDate : (previous?.planReviewDate ?? null);
}

/** V-005: each tick, and the day on which the parent got the copy. */
function checklistErrors({ attestation, purposes }: AffirmIepInput): RuleError[] {
  const isUnsigned = purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE);
  const open: [item: keyof AttestationInput, what: string, done: boolean][] = [
    ['handwrittenChangesTyped', 'Type in the handwritten changes.', !!attestation?.handwrittenChangesTyped],
    ['matchesSignedCopy', 'Compare the document with the signed copy.', !!attestation?.matchesSignedCopy || isUnsigned],
    ['copyGivenToParent', 'Give the parent the final document.', !!attestation?.copyGivenToParent],
    ['copyGivenOn', 'Enter the day on which the parent got the document.', !!attestation?.copyGivenOn],
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

/** The findings that block; errors of the check on demand are headed by the rule of the act: V-002, in Louisiana V-057. */
function findingErrors(findings: readonly IepFinding[], path: AffirmingPath): RuleError[] {
  const blocking = findings.filter(isBlocking);
  if (!blocking.some((one) => one.rule.when.includes('validate'))) return blocking.map(asRuleError);
  const head: RuleError =
    path === 'AFFIRM'
      ? {
          code: 'V-002',
          message: 'State-data errors remain. Correct the errors listed here.',
          path: ['iepId'],
          severity: 'ERROR',
        }
      : {
          code: 'V-057',
          message: 'Forms with a red X remain. Correct the errors listed here.',
          path: ['iepId'],
          severity: 'ERROR',
        };
  return [head, ...blocking.map(asRuleError)];
}

function warnings(findings: readonly IepFinding[], path: AffirmingPath): RuleError[] {
  const found = findings.filter((one) => one.severity === 'WARNING').map(asRuleError);
  if (found.length === 0 || path === 'AFFIRM') return found;
  return [
    { code: 'V-058', message: 'Forms with potential errors. Check them.', path: ['iepId'], severity: 'WARNING' },
    ...found,
  ];
}
