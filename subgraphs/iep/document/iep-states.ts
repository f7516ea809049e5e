import { IepState, RecordSystem } from './iep-codes';

/** An act on an IEP that may change its state (domain C.2, column "trigger"). */
export type IepAct =
  | 'EDIT'
  | 'DISCARD'
  | 'HOLD_MEETING'
  | 'AFFIRM'
  | 'CLOSE'
  | 'AGREE_LATE'
  | 'SUPERSEDE'
  | 'AMEND'
  | 'CONTINUE'
  | 'REACTIVATE'
  | 'SUBMIT';

const { DRAFT, IN_REVIEW, CURRENT, AMENDED_DRAFT, CLOSED_NO_AGREEMENT, HISTORY, DISCARDED } = IepState;

/**
 * Domain C.2 as a table: from → act → the state afterwards. What is not here is not allowed. AMEND and CONTINUE leave the
 * parent as it is and open a child; REACTIVATE leaves it too and opens its like IN_REVIEW (ADR 10), which CLOSE ends when it
 * is an amendment; SUBMIT sets the flag `submittedToState`. DISCARD is ours: C.2 knows no way out of a draft that was started by
 * mistake.
 */
export const IEP_TRANSITIONS: Record<IepState, Partial<Record<IepAct, IepState>>> = {
  DRAFT: { EDIT: DRAFT, DISCARD: DISCARDED, HOLD_MEETING: IN_REVIEW },
  IN_REVIEW: {
    EDIT: IN_REVIEW,
    DISCARD: DISCARDED,
    HOLD_MEETING: IN_REVIEW,
    AFFIRM: CURRENT,
    CLOSE: CLOSED_NO_AGREEMENT,
  },
  AMENDED_DRAFT: {
    EDIT: AMENDED_DRAFT,
    DISCARD: DISCARDED,
    HOLD_MEETING: AMENDED_DRAFT,
    AFFIRM: CURRENT,
    CLOSE: CLOSED_NO_AGREEMENT,
  },
  CURRENT: { SUPERSEDE: HISTORY, AMEND: CURRENT, CONTINUE: CURRENT, REACTIVATE: CURRENT, SUBMIT: CURRENT },
  CLOSED_NO_AGREEMENT: { AGREE_LATE: CURRENT },
  HISTORY: {},
  DISCARDED: {},
};

/** The one editable copy of a student (SEIS-43). */
export const OPEN_STATES: readonly IepState[] = [DRAFT, IN_REVIEW, AMENDED_DRAFT];
/** Days after which an open document counts as left over (T-16, SIRAS-74, V-028). */
export const LEFTOVER_DAYS = 90;
/** States whose content is affirmed, closed or discarded: the database refuses to change it. */
export const FROZEN_STATES: readonly IepState[] = [CURRENT, CLOSED_NO_AGREEMENT, HISTORY, DISCARDED];
/** What stands in a student's IEP history. */
export const PAST_STATES: readonly IepState[] = [HISTORY, CLOSED_NO_AGREEMENT];

export const isOpen = (state: IepState): boolean => OPEN_STATES.includes(state);

/** How each system calls a state (domain C.2, first table). */
export const STATE_LABELS: Record<IepState, Record<RecordSystem, string>> = {
  DRAFT: { SEIS: 'Future', SER: 'Draft', SIRAS: 'Open meeting event', SESIS: 'Draft' },
  IN_REVIEW: { SEIS: 'Future (meeting held, not affirmed)', SER: 'Validated', SIRAS: 'Meeting held', SESIS: 'Review' },
  CURRENT: { SEIS: 'Current', SER: 'Official', SIRAS: 'Finalized', SESIS: 'Final' },
  AMENDED_DRAFT: { SEIS: 'Amendment in Future', SER: 'Amended-Draft', SIRAS: 'Amendment event', SESIS: 'Draft' },
  CLOSED_NO_AGREEMENT: {
    SEIS: 'District offer without agreement',
    SER: 'Not agreed',
    SIRAS: 'Finalized, plan not agreed',
    SESIS: 'Not agreed',
  },
  DISCARDED: { SEIS: 'Discarded', SER: 'Discarded', SIRAS: 'Discarded meeting event', SESIS: 'Discarded' },
  HISTORY: { SEIS: 'History', SER: 'Superseded official', SIRAS: 'Archived', SESIS: 'Superseded' },
};
