import type { CalendarDay } from '../../platform/dates';
import { defineEvent } from '../../platform/outbox/event';

/** A service was proposed, activated, combined or terminated. */
export const serviceChanged = defineEvent<{ serviceId: string; state: string }>('service.changed', ['reporting']);
/** A provider or case manager was assigned to a student, or is no longer. */
export const assignmentChanged = defineEvent<{ providerId: string }>('assignment.changed', ['reporting']);

/** What the iep subgraph says when a document was affirmed. */
export interface IepAffirmed {
  iepId: string;
  kind: string;
  meetingDate: string;
  affirmedOn: string;
  initial: boolean;
  agreed: boolean;
  previousIepId: string | null;
  eligible: boolean;
  /** Of a late agreement: nothing of the plan began before this day. */
  agreedOn?: string;
}

/** What the iep subgraph says when a draft was discarded. */
export interface IepDiscarded {
  iepId: string;
}

/** What the students subgraph says when a jurisdiction changed; only what is read here. */
export interface JurisdictionChange {
  change: 'OPENED' | 'CLAIMED' | 'CLAIM_WITHDRAWN' | 'SCHOOL_TRANSFER' | 'CLOSED' | 'SELPA_JOINED';
  leaId: string;
  formerLeaId: string | null;
  /** Of the jurisdiction of `leaId`. */
  beginDate: CalendarDay;
  endDate: CalendarDay | null;
}
