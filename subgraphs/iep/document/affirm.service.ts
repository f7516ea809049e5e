import { badInput, reject, Rejection, type RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { iepChanged } from '../events';
import { asRuleError, checkIep, isBlocking, type IepFinding } from '../validation/check-iep';
import { type IepCase, signatureIn } from '../validation/iep-case';
import { IepCheckService } from '../validation/iep-check.service';
import { Affirmation, type Effect } from './affirmation';
import { affirmingPath } from './affirming-roles';
import type { AffirmingPath } from './attestation.entity';
import { lockedIep, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { AffirmIepInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { MeetingKind, MeetingPurpose, SIGNATURE_MEANING } from './iep-codes';
import { MEETING_KINDS } from './meeting-kinds';

const PURPOSE_TEXT_LENGTH = 500;

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
    const isUnsigned = input.purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE);
    const refusals = [
      ...(await this.session.get(Affirmation).refusals(iep, path, input.attestation, isUnsigned)),
      ...findingErrors(findings, path),
    ];
    if (refusals.length > 0) throw new Rejection(refusals);
    const effect = effectOf(subject);
    if (iep.kind === MeetingKind.AMENDMENT && !effect.agreed) return this.closeAmendment(subject, input.version);

    await this.session.get(IepCheckService).keepMarks(subject, findings);
    const previous = await this.session.get(IepRepository).findInForce(iep.studentId);
    const { purposes, purposeText, toBeContinued } = iep;
    await this.session.get(Affirmation).makeCurrent(subject, previous, {
      version: input.version,
      path,
      checklist: input.attestation!,
      effect,
      changes: {
        purposes,
        purposeText,
        toBeContinued,
        // An amendment takes effect on its agreement, without a meeting of its own.
        heldOn: iep.heldOn ?? this.session.today,
        signature: signatureIn(subject),
        planReviewDate: planReviewDate(iep, effect, previous),
      },
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
  return { agreed: meaning.agreed, eligible: meaning.eligible };
}

/** The next annual counts from an agreed review; anything else keeps the date of the plan in force (T-07, SER-95). */
function planReviewDate(iep: Iep, { agreed }: Effect, previous: Iep | null): string | null {
  const isReview = MEETING_KINDS[iep.kind].planReview || previous === null;
  return agreed && isReview ? iep.meetingDate : (previous?.planReviewDate ?? null);
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
