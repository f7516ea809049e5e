import { badInput, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { iepChanged, iepDiscarded } from '../events';
import { contentOf } from '../form/form.entity';
import { FormRepository } from '../form/form.repository';
import { IepFormKind } from '../form/form-codes';
import { SignedCopyRepository } from '../signed-copy/signed-copy.repository';
import { lockedIep, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { DiscardIepInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { SignatureOutcome } from './iep-codes';

const REASON_LENGTH = 500;

/** Open → DISCARDED: a draft that was started by mistake, however it was opened, leaves the student's one open place (SEIS-43). */
export class DiscardService {
  constructor(private readonly session: Session) {}

  /**
   * Nothing is removed: the document stays readable with who discarded it, when and why. Services that it proposed are
   * withdrawn by `iep.discarded`; its clocks (T-14, T-16) end with `iep.changed`.
   */
  async discard(input: DiscardIepInput): Promise<WriteResult> {
    const discardReason = reasonOf(input);
    const iep = await lockedIep(this.session, input.iepId);
    const state = stateAfter(iep, 'DISCARD', ['iepId']);
    await this.assertUnsigned(iep);
    const { now, principal } = this.session;
    const changes = { state, futureOf: null, discardedAt: now, discardedById: principal.subject, discardReason };
    await this.session.get(IepRepository).update(iep.id, { ...changes, openFindings: 0 }, input.version);
    await this.session.emit(iepDiscarded, iep.studentId, { iepId: iep.id });
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state });
    return { ids: { iep: iep.id } };
  }

  /** What was signed is the legal IEP (SEIS-53). Of a reactivated or continued document it is what has come since. */
  private async assertUnsigned(iep: Iep): Promise<void> {
    const source = iep.reactivatesIepId ?? (iep.continuation ? iep.parentIepId : null);
    const known = new Set(source ? await this.signedOn(source) : []);
    if ((await this.signedOn(iep.id)).every((signature) => known.has(signature))) return;
    const message =
      'This IEP is signed, and what is signed is not discarded. Affirm it; or, if the signature was entered by mistake, take it off the participants form first. A signed copy stays for good.';
    throw reject('SEIS-53', message, ['iepId']);
  }

  /** Every signature of a document: answers and days on the participants form, and scans. */
  private async signedOn(iepId: string): Promise<string[]> {
    const form = contentOf(await this.session.get(FormRepository).findByIeps([iepId]), IepFormKind.PARTICIPANTS);
    const copies = await this.session.get(SignedCopyRepository).findByIeps([iepId]);
    return [
      ...(form?.participants ?? []).filter((one) => one.signedOn).map((one) => `${one.name} ${one.signedOn}`),
      ...(form?.signature && form.signature.outcome !== SignatureOutcome.AWAITING
        ? [JSON.stringify(form.signature)]
        : []),
      ...(form?.secondConsentOn ? [form.secondConsentOn] : []),
      ...copies.map(({ documentId }) => documentId),
    ];
  }
}

function reasonOf({ reason }: DiscardIepInput): string {
  const text = reason.trim();
  if (!text) throw reject('C.2', 'Say why the draft is discarded.', ['reason']);
  if (text.length > REASON_LENGTH) throw badInput(`The reason is limited to ${REASON_LENGTH} characters.`, ['reason']);
  return text;
}
