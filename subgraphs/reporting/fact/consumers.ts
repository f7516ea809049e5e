import type { EventHandlers } from '../../../platform/outbox/dispatcher';
import { FactService } from './fact.service';

/** Every event of a student means the same here: something about the student changed, compute the row anew. */
const EVENTS = [
  'student.changed',
  'jurisdiction.changed',
  'status.changed',
  'spedActivity.changed',
  'iep.affirmed',
  'iep.changed',
  'evaluation.decided',
  'service.changed',
  'assignment.changed',
];

export const factConsumers: EventHandlers = Object.fromEntries(
  EVENTS.map((type) => [
    type,
    (session, event) => session.get(FactService).recompute([(event as { studentId: string }).studentId]),
  ]),
);
