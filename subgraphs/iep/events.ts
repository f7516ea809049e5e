import type { CalendarDay } from '../../platform/dates';
import { defineEvent } from '../../platform/outbox/event';
import type { IepState, MeetingKind } from './document/iep-codes';

/** An IEP became current. When `agreed`, it took effect; otherwise the prior plan stays put. */
export const iepAffirmed = defineEvent<{
  iepId: string;
  kind: MeetingKind;
  meetingDate: CalendarDay;
  affirmedOn: CalendarDay;
  /** The meeting was for a first plan (Part B, Part C, or C to B). */
  initial: boolean;
  agreed: boolean;
  /** The plan that was in force until now: the last one agreed to. */
  previousIepId: string | null;
  eligible: boolean;
  /** Of a late agreement: nothing of the plan began before this day. */
  agreedOn?: CalendarDay;
}>('iep.affirmed', ['students', 'services', 'reporting']);

/** Something about an IEP changed that due dates, findings or work lists depend on. */
export const iepChanged = defineEvent<{ iepId: string; state: IepState }>('iep.changed', ['reporting']);

/** A draft was discarded: what it proposed is withdrawn. */
export const iepDiscarded = defineEvent<{ iepId: string }>('iep.discarded', ['services']);

/** An evaluation has a date from which the next one is counted. */
export const evaluationDecided = defineEvent<{ evaluationId: string }>('evaluation.decided', ['reporting']);
