import { addDays } from '../../platform/dates';
import type { EventHandlers } from '../../platform/outbox/dispatcher';
import type { DeliveredEvent } from '../../platform/outbox/event';
import type { Session } from '../../platform/scope/session';
import { AssignmentAccess } from './assignment/assignment.access';
import { AssignmentRepository } from './assignment/assignment.repository';
import type { IepAffirmed, IepDiscarded, JurisdictionChange } from './events';
import { OwnershipRepository } from './ownership/ownership.repository';
import { PlanEffects } from './service/plan-effects';

/** What this subgraph does on the events of the others. Each runs under the student's lock, in one transaction with its inbox row. */
export const consumers: EventHandlers = {
  'iep.affirmed': (session: Session, { studentId, payload }: DeliveredEvent<IepAffirmed>) =>
    session.get(PlanEffects).apply(studentId, payload),
  'iep.discarded': (session: Session, { studentId, payload }: DeliveredEvent<IepDiscarded>) =>
    session.get(PlanEffects).withdraw(studentId, payload.iepId),
  'jurisdiction.changed': (session: Session, event: DeliveredEvent<JurisdictionChange>) =>
    event.payload.change === 'CLAIM_WITHDRAWN'
      ? goOn(session, event)
      : endFormerAssignments(session, event.studentId, event.payload),
};

/** A claim that was withdrawn before its first day: the assignments of the owner and its plans take effect as if it had not been. */
async function goOn(
  session: Session,
  { id, studentId, payload: { formerLeaId, beginDate } }: DeliveredEvent<JurisdictionChange>,
): Promise<void> {
  if (!formerLeaId) return;
  const rows = await session.get(AssignmentRepository).findEndedEarly(studentId, formerLeaId, addDays(beginDate, -1));
  // A case manager who was chosen before this was delivered stays: there is one at a time (V-019).
  const open = await session.get(AssignmentRepository).findOpen(studentId);
  const isReplaced = ({ id: own, role }: (typeof rows)[number]): boolean =>
    role === 'CASE_MANAGER' && open.some((other) => other.role === 'CASE_MANAGER' && other.id !== own);
  const replaced = rows.filter(isReplaced);
  const going = rows.filter((row) => !isReplaced(row));
  if (replaced.length > 0) await session.get(AssignmentAccess).end(replaced);
  if (going.length > 0) await session.get(AssignmentAccess).restore(going);
  await session.get(PlanEffects).catchUp(studentId, id);
}

/**
 * A claim, or the end of a jurisdiction, ends the assignments that came through the former LEA with its last day (C.3). The
 * access itself ends by the claim's own transaction; ending it here again is harmless.
 */
async function endFormerAssignments(
  session: Session,
  studentId: string,
  { change, leaId, formerLeaId, beginDate, endDate }: JurisdictionChange,
): Promise<void> {
  const ended =
    change === 'CLAIMED'
      ? { leaId: formerLeaId, lastDay: addDays(beginDate, -1) }
      : { leaId: change === 'CLOSED' ? (formerLeaId ?? leaId) : null, lastDay: endDate };
  if (!ended.leaId || !ended.lastDay) return;
  // Withdrawn meanwhile: the claim ends nothing, however late it is delivered.
  if (change === 'CLAIMED' && !(await session.get(OwnershipRepository).begins(studentId, leaId, beginDate))) return;
  // A former LEA that owns the student again by now keeps what it opened since.
  const since = await session.get(OwnershipRepository).returnAfter(studentId, ended.leaId, ended.lastDay);
  const open = await session.get(AssignmentRepository).findOpen(studentId);
  const rows = open.filter((row) => row.leaId === ended.leaId && (since === null || row.validFrom < since));
  if (rows.length > 0) await session.get(AssignmentAccess).end(rows, ended.lastDay, { isWhole: true });
}
