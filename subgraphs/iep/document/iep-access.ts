import { notFound, reject } from '../../../platform/errors';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import { FormRepository } from '../form/form.repository';
import { GoalRepository } from '../goal/goal.repository';
import { wayToAgree } from './agreeing';
import type { Iep } from './iep.entity';
import { IepRepository } from './iep.repository';
import { IepState } from './iep-codes';
import { type IepAct, IEP_TRANSITIONS } from './iep-states';

/**
 * The IEP for a change, its student locked first. Found before the lock only to know the student; read again under it.
 * An open one that a former owner began becomes the present owner's: the former one must not read on.
 * @throws NOT_FOUND when it does not exist, is out of scope, or belongs to a student who is no longer the caller's
 */
export async function lockedIep(session: Session, id: string): Promise<Iep> {
  const known = await session.get(IepRepository).findForChange(id);
  if (!known) throw notFound('The IEP');
  await session.lock(known.studentId);
  const iep = await session.get(IepRepository).findForChange(id);
  if (!iep) throw notFound('The IEP');
  if (iep.futureOf) await redate(session, iep, await scopeDateOf(session, iep.studentId, iep.scopeDate));
  return iep;
}

/** True for a document of a former owner's time, which that owner keeps reading: what is new about it must not be told there. */
export async function ofFormerOwner(session: Session, iep: Iep): Promise<boolean> {
  return (await scopeDateOf(session, iep.studentId, iep.scopeDate)) !== iep.scopeDate;
}

/** Dates an open IEP, and its forms and goals with it. */
export async function redate(session: Session, iep: Iep, scopeDate: string): Promise<void> {
  if (scopeDate === iep.scopeDate) return;
  await session.get(IepRepository).update(iep.id, { scopeDate });
  await session.get(FormRepository).redate(iep.id, scopeDate);
  await session.get(GoalRepository).redate(iep.id, scopeDate);
  iep.scopeDate = scopeDate;
}

/**
 * The state after an act, by the table of domain C.2.
 * @throws V-013 on an affirmed IEP, V-014 on history, SEIS-44 where the act comes too early
 */
export function stateAfter(iep: Iep, act: IepAct, path?: string[]): IepState {
  const next = IEP_TRANSITIONS[iep.state][act];
  if (next) return next;
  if (iep.state === IepState.CURRENT) throw reject('V-013', `This IEP is affirmed and read-only. ${wayOn(iep)}`, path);
  if (iep.state === IepState.CLOSED_NO_AGREEMENT) {
    const message =
      'This amendment was closed without agreement and stays as it is. When the parents agree after all, the case manager records it with recordLateAgreement.';
    throw reject('V-014', message, path);
  }
  if (iep.state === IepState.DISCARDED)
    throw reject('V-014', 'This draft was discarded and stays as it is. Open another one with startIep.', path);
  if (iep.state === IepState.HISTORY) throw reject('V-014', 'This IEP is history and stays as it is.', path);
  if (act === 'AGREE_LATE') {
    const message =
      'A late agreement follows a refusal. Record the answer on the participants form of this open document, and affirm it.';
    throw reject('C.2', message, path);
  }
  if (act === 'AFFIRM')
    throw reject('SEIS-44', 'An IEP is affirmed after its meeting. Record the meeting with holdMeeting first.', path);
  throw reject('SEIS-44', 'This is not possible before the IEP is affirmed.', path);
}

/** Who goes on from an affirmed document, and with which act. */
function wayOn(iep: Iep): string {
  if (!iep.agreed) return wayToAgree(iep);
  return 'The case manager or the district amends it with amendIep, or goes on with its meeting with continueIep.';
}
