import { badInput, reject, Rejection, type RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { IepCheckService } from '../validation/iep-check.service';
import { Affirmation, type LateAgreement } from './affirmation';
import { affirmingPath } from './affirming-roles';
import { wayToAgree } from './agreeing';
import { lockedIep, ofFormerOwner, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { RecordLateAgreementInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepState, SIGNATURE_MEANING, SignatureOutcome } from './iep-codes';

const EXCEPTIONS_LENGTH = 8_000;
/** What to do where the amendment itself can't take effect any more: by the student's current IEP. */
function insteadOf(current: Iep | undefined): string {
  if (!current) return 'Start the next IEP with startIep.';
  if (!current.agreed) return `The current IEP (${current.id}) waits for its own agreement. ${wayToAgree(current)}`;
  return `Amend the current IEP (${current.id}) with amendIep, and record the agreement on the new amendment’s participants form.`;
}

/** CLOSED_NO_AGREEMENT → CURRENT: the parents agree to an amendment after all (domain C.2; SIRAS-42). */
export class LateAgreementService {
  constructor(private readonly session: Session) {}

  /**
   * The amendment takes effect as if it were affirmed with agreement, from the day of the agreement on. Its content stays as
   * it was closed, with the refusal on the form; the agreement is kept in the attestation, covered by content hash and PDF.
   * The error check is not run again: it ran when the amendment was closed, and nothing of it has changed since.
   */
  async record(input: RecordLateAgreementInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, input.iepId);
    stateAfter(iep, 'AGREE_LATE', ['iepId']);
    const late = agreementOf(input);
    this.assertDay(iep, late.agreedOn);
    const inForce = await this.parentInForce(iep);
    const warnings = await this.openDocumentOf(iep);
    const path = affirmingPath(this.session.principal.role);
    const refusals = await this.session.get(Affirmation).refusals(iep, path, input.attestation);
    if (refusals.length > 0) throw new Rejection(refusals);

    const subject = await this.session.get(IepCheckService).caseOf(iep);
    await this.session.get(Affirmation).makeCurrent(subject, inForce, {
      version: input.version,
      path,
      checklist: input.attestation!,
      effect: { agreed: true, eligible: true },
      changes: {
        // An amendment takes effect on its agreement, without a meeting of its own.
        heldOn: iep.heldOn ?? late.agreedOn,
        signature: late.agreement,
        planReviewDate: inForce.planReviewDate,
      },
      late,
    });
    return { ids: { iep: iep.id }, errors: warnings };
  }

  private assertDay(iep: Iep, agreedOn: string): void {
    const { today } = this.session;
    if (agreedOn > today)
      throw reject('C.2', 'The agreement lies in the future: record it when it is given.', ['agreedOn']);
    const earliest = iep.heldOn ?? iep.openedOn;
    if (agreedOn < earliest) {
      const what = iep.heldOn ? 'was held' : 'was opened';
      throw reject('C.2', `The amendment ${what} on ${earliest}: nobody agreed to it before.`, ['agreedOn']);
    }
  }

  /** An amendment changes one plan. Once something newer stands in its place, the change has nothing to apply to. */
  private async parentInForce(iep: Iep): Promise<Iep> {
    const ieps = this.session.get(IepRepository);
    const [current] = await ieps.findCurrent([iep.studentId]);
    if (await ofFormerOwner(this.session, iep)) {
      throw reject('C.3', `This amendment belongs to the time of the former district. ${insteadOf(current)}`, [
        'iepId',
      ]);
    }
    const inForce = await ieps.findInForce(iep.studentId);
    if (inForce && inForce.id === iep.parentIepId && inForce.state === IepState.CURRENT) return inForce;
    throw reject('C.2', `The plan that this amendment changes is not in force. ${insteadOf(current)}`, ['iepId']);
  }

  /**
   * An open amendment, continuation or reactivation of the same parent was copied from what the late agreement supersedes:
   * it must come to its end first. A new review stands on its own; whoever writes it is told what it doesn't hold.
   */
  private async openDocumentOf(iep: Iep): Promise<RuleError[]> {
    const [open] = await this.session.get(IepRepository).findFuture([iep.studentId]);
    if (!open) return [];
    if (open.parentIepId || open.reactivatesIepId) {
      const message = `The student has an open IEP (${open.id}) that was copied from the plan in force. Discard it with discardIep and record the agreement again; or affirm it, amend it with amendIep, and record the agreement there.`;
      throw reject('SEIS-43', message, ['iepId']);
    }
    const message = `The open IEP (${open.id}) was begun before this agreement and doesn’t hold what the amendment changes. Check it.`;
    return [{ code: 'SEIS-43', message, path: ['iepId'], severity: 'WARNING' }];
  }
}

/** @throws C.2 for an answer that agrees to nothing, or exceptions that are missing or that nobody asked for */
function agreementOf({ agreedOn, signature, exceptions }: RecordLateAgreementInput): LateAgreement {
  const text = exceptions?.trim() || null;
  if (text && text.length > EXCEPTIONS_LENGTH)
    throw badInput(`The exceptions are limited to ${EXCEPTIONS_LENGTH} characters.`, ['exceptions']);
  if (!SIGNATURE_MEANING[signature].agreed)
    throw reject('C.2', 'This answer is no agreement: the amendment stays closed.', ['signature']);
  if (signature === SignatureOutcome.AGREE_EXCEPT && !text)
    throw reject('C.2', 'Name the parts that are not agreed to.', ['exceptions']);
  if (signature === SignatureOutcome.AGREE_ALL && text)
    throw reject('C.2', 'Exceptions belong to the answer AGREE_EXCEPT.', ['exceptions']);
  return { agreedOn, agreement: signature, exceptions: text };
}
