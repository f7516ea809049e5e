import { IepState, RecordSystem } from './iep-codes';

/** An act on an IEP that may change its state (domain C.2, column "trigger"). */
export type IepAct =
  | 'EDIT'
  | 'HOLD_MEETING'
  | 'AFFIRM'
  | 'CLOSE'
  | 'AGREE_LATE'
  | 'SUPERSEDE'
  | 'AMEND'
  | 'CONTINUE'
  | 'REACTIVATE'
  | 'SUBMIT';

const { DRAFT, IN_REVIEW, CURRENT, AMENDED_DRAFT, CLOSED_NO_AGREEMENT, HISTORY } = IepState;

/**
 * Domain C.2 as a table: from → act → the state afterwards. What is not here is not allowed. AMEND and CONTINUE leave the
 * parent as it is and open a child; REACTIVATE leaves it too and opens its like IN_REVIEW (ADR 10), which CLOSE ends when it
 * is an amendment; SUBMIT sets the flag `submittedToState`.
 */
export const IEP_TRANSITIONS: Record<IepState, Partial<Record<IepAct, IepState>>> = {
  DRAFT: { EDIT: DRAFT, HOLD_MEETING: IN_REVIEW },
  IN_REVIEW: { EDIT: IN_REVIEW, HOLD_MEETING: IN_REVIEW, AFFIRM: CURRENT, CLOSE: CLOSED_NO_AGREEMENT },
  AMENDED_DRAFT: { EDIT: AMENDED_DRAFT, HOLD_MEETING: AMENDED_DRAFT, AFFIRM: CURRENT, CLOSE: CLOSED_NO_AGREEMENT },
  CURRENT: { SUPERSEDE: HISTORY, AMEND: CURRENT, CONTINUE: CURRENT, REACTIVATE: CURRENT, SUBMIT: CURRENT },
  CLOSED_NO_AGREEMENT: { AGREE_LATE: CURRENT },
  HISTORY: {},
};

/** The one editable copy of a student (SEIS-43). */
export const OPEN_STATES: readonly IepState[] = [DRAFT, IN_REVIEW, AMENDED_DRAFT];
/** Days after which an open document counts as left over (T-16, SIRAS-74, V-028). */
export const LEFTOVER_DAYS = 90;
/** States whose content is affirmed or closed: the database refuses to change it. */
export const FROZEN_STATES: readonly IepState[] = [CURRENT, CLOSED_NO_AGREEMENT, HISTORY];
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
  HISTORY: { SEIS: 'History', SER: 'Superseded official', SIRAS: 'Archived', SESIS: 'Superseded' },
};
