import { defineEvent } from '../../platform/outbox/event';

/** What happened to a jurisdiction: where the student is, and where the student came from. */
export interface JurisdictionChange {
  /**
   * `SELPA_JOINED`: the LEA, and the student with it, came under its SELPA. `CLAIM_WITHDRAWN`: the claim of `leaId` for the
   * coming `beginDate` is undone; `formerLeaId` is the LEA that the claim would have ended.
   */
  change: 'OPENED' | 'CLAIMED' | 'CLAIM_WITHDRAWN' | 'SCHOOL_TRANSFER' | 'CLOSED' | 'SELPA_JOINED';
  leaId: string;
  schoolId: string;
  formerLeaId: string | null;
  beginDate: string;
  endDate: string | null;
}

/** Identity, profile or guardians of a student were added or edited. */
export const studentChanged = defineEvent<Record<string, never>>('student.changed', ['reporting']);
export const jurisdictionChanged = defineEvent<JurisdictionChange>('jurisdiction.changed', ['services', 'reporting']);
/** A determination was appended to the status history (SIRAS-62). */
export const statusChanged = defineEvent<{ status: string; effectiveOn: string }>('status.changed', ['reporting']);
/** Special education began or ended (SER-113). */
export const spedActivityChanged = defineEvent<{ opened: boolean; on: string }>('spedActivity.changed', ['reporting']);

/** What the iep subgraph says when a document was affirmed; only what is read here. */
export interface IepAffirmed {
  iepId: string;
  meetingDate: string;
  /** The day of the act, whenever the event is delivered. */
  affirmedOn: string;
  initial: boolean;
  agreed: boolean;
  eligible: boolean;
}
