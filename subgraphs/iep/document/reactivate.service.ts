import { badInput, conflict, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { iepChanged } from '../events';
import { FormRepository } from '../form/form.repository';
import { ValidationMark } from '../form/form-codes';
import { GoalRepository } from '../goal/goal.repository';
import { PublishedRepository } from '../published/published.repository';
import { SignedCopyRepository } from '../signed-copy/signed-copy.repository';
import { lockedIep, ofFormerOwner, stateAfter } from './iep-access';
import type { Iep } from './iep.entity';
import type { ReactivateIepInput } from './iep.inputs';
import { IepRepository } from './iep.repository';
import { IepService } from './iep.service';
import { IepState } from './iep-codes';

const REASON_LENGTH = 500;
/** The state whose districts reactivate (SK/143). Louisiana amends (SER-88); of New York no such act is known. */
const REACTIVATES = 'state-ca';

/** CURRENT → IN_REVIEW: the district's clerk opens a finalized meeting again, to be corrected and affirmed anew (C.2, B.3). */
export class ReactivateService {
  constructor(private readonly session: Session) {}

  /**
   * The affirmed document is left as it is, and in force; a new one IN_REVIEW takes over its content word for word. When the
   * case manager affirms it, the old one becomes history: the one extra archive (ADR 10). Services follow through
   * `iep.affirmed`: those of the replaced document go on.
   */
  async reactivate(input: ReactivateIepInput): Promise<WriteResult> {
    const reason = reasonOf(input);
    const current = await lockedIep(this.session, input.iepId);
    stateAfter(current, 'REACTIVATE', ['iepId']);
    if (current.version !== input.version)
      throw conflict('Somebody else has changed this record. Read it again and repeat your change.');
    await this.assertMayBeReactivated(current);
    await this.session.get(IepService).assertNoneOpen(current.studentId);
    const iep = await this.open(current, reason);
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
    return { ids: { iep: iep.id } };
  }

  private async assertMayBeReactivated(current: Iep): Promise<void> {
    const state = await this.session.get(PublishedRepository).stateOf(current.studentId);
    if (state === 'state-la')
      throw reject('SER-88', 'In Louisiana an official IEP changes only by amendment. Open one with amendIep.', [
        'iepId',
      ]);
    if (state !== REACTIVATES)
      throw reject('C.2', 'Only districts of California reactivate an affirmed IEP. Amend it with amendIep.', [
        'iepId',
      ]);
    if (current.submittedToState)
      throw reject('C.2', 'This IEP was submitted to the state. Amend it with amendIep.', ['iepId']);
    if (await ofFormerOwner(this.session, current)) {
      throw reject(
        'C.3',
        'This meeting was held by the former district. Amend the plan, or hold a meeting of your own.',
        ['iepId'],
      );
    }
  }

  private async open(current: Iep, reason: string): Promise<Iep> {
    const { today, now, principal } = this.session;
    const { id: _id, ...document } = current;
    const iep = await this.session.get(IepRepository).insert({
      ...document,
      state: IepState.IN_REVIEW,
      currentOf: null,
      futureOf: current.studentId,
      // The seven days to affirm and the ninety of an open document count from here (T-14, T-16).
      openedOn: today,
      reactivatesIepId: current.id,
      reactivatedAt: now,
      reactivatedById: principal.subject,
      reactivationReason: reason,
      ...NOT_AFFIRMED,
    });
    const owner = { iepId: iep.id, version: 1 };
    const forms = this.session.get(FormRepository);
    for (const { id: _form, ...form } of await forms.findByIeps([current.id]))
      await forms.insert({ ...form, ...owner, mark: ValidationMark.NOT_RUN });
    const goals = this.session.get(GoalRepository);
    for (const { id: _goal, ...goal } of await goals.findByIeps([current.id]))
      await goals.insert({ ...goal, ...owner });
    // The same meeting, the same signed paper (SEIS-53).
    const copies = this.session.get(SignedCopyRepository);
    for (const { id: _copy, ...copy } of (await copies.findByIeps([current.id])).reverse())
      await copies.insert({ ...copy, iepId: iep.id });
    return iep;
  }
}

const NOT_AFFIRMED = {
  affirmedAt: null,
  affirmedOn: null,
  affirmedById: null,
  contentHash: null,
  agreed: false,
  planReviewDate: null,
  submittedToState: false,
  submittedAt: null,
  openFindings: 0,
  version: 1,
} satisfies Partial<Iep>;

function reasonOf({ reason }: ReactivateIepInput): string {
  const text = reason.trim();
  if (!text) throw reject('C.2', 'Say why the IEP is reactivated.', ['reason']);
  if (text.length > REASON_LENGTH) throw badInput(`The reason is limited to ${REASON_LENGTH} characters.`, ['reason']);
  return text;
}
