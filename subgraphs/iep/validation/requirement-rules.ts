import type { Rule, RuleMoment } from './rules';

type Row = [id: string, message: string, fix?: string, when?: RuleMoment];

/**
 * The guards that have no number in domain D: they answer with the id of the requirement, the section of a state machine or the
 * law that they come from (docs/adr/0007), and several conditions share one. What an error itself says is more precise.
 */
const ROWS: readonly Row[] = [
  ['34-CFR-99.35', 'A grant to a partner agency lacks a term, or a term is not possible.'],
  ['C.1', 'The status of the student, or its date, can’t follow on the present one.'],
  ['C.2', 'The state of the IEP, or the date that is given, does not allow this step.'],
  ['C.3', 'The jurisdiction over the student, or its date, does not allow this step.'],
  ['C.4', 'The state of the evaluation, or the date that is given, does not allow this step.'],
  ['C.5', 'The state of the service does not allow this step.'],
  ['C.6', 'Progress can’t be recorded ahead of its day.', 'Enter today or a day before.'],
  ['C.7', 'The student can’t be exited in this way, or on this day.'],
  ['C.9', 'The state of the request, or the rights of who decides, do not allow this decision.'],
  ['SEIS-08', 'The account, or the role that is to be granted, is not one that you may use here.'],
  ['SEIS-16', 'The student has a record already.', 'Claim the student, or look for the record within your reach.'],
  ['SEIS-18', 'The days of the assignment are out of order.', 'Correct one of them.'],
  ['SEIS-36', 'This person can’t be designated, or not by you.', 'Choose an administrator of the district.'],
  ['SEIS-43', 'A student has one open IEP at most.', 'Affirm or close it first.'],
  [
    'SEIS-44',
    'An IEP is affirmed after its meeting, and only then used as the plan.',
    'Record the meeting with holdMeeting.',
  ],
  ['SEIS-53', 'The signed copy is missing its meeting, or the file is no scan of one.'],
  [
    'SEIS-67',
    'Progress is recorded on the goal, which stays with it.',
    'Say in the goal that it is not pursued any more.',
  ],
  ['SEIS-74', 'A final offer without signature is one that no parent has signed.', 'Choose other purposes.', 'affirm'],
  ['SEIS-75', 'A final offer without signature closes its meeting.', 'Start the next IEP as usual, with startIep.'],
  ['SEIS-91', 'The meeting is recorded already.', 'Give the day on which it was reconvened.'],
  [
    'SER-101',
    'Services and providers belong to the LEA that has the student, in its own time.',
    'Claim the student first.',
  ],
  ['SER-105', 'A service has nobody who delivers it.', 'Assign a provider.'],
  ['SER-108', 'A required value of the service is missing or not on its list.', 'Choose out of serviceCodes.'],
  ['SER-115', 'Services are still, or already, with a provider.', 'Reassign them.'],
  ['SER-117', 'Another provider has this id.', 'Change that provider, or check the number.'],
  ['SER-123', 'The period of the report is missing or ends before it begins.', 'Give its first and last day.'],
  ['SER-126', 'Too many of your reports are waiting.', 'Let them finish, or delete one.'],
  ['SER-127', 'Your finished reports have too many rows.', 'Delete a report that you no longer need.'],
  ['SER-24', 'The school belongs to another LEA, or the claim needs a look.', 'Choose a school of this LEA.', 'claim'],
  ['SER-31', 'The student can’t move to this school on this day.', 'Choose another school or day.'],
  ['SER-60', 'A triennial waiver is not an evaluation of its own.', 'Use recordTriennialWaiver.'],
  ['SER-61', 'The initial evaluation is not entered.', 'Enter it before the jurisdiction is closed.'],
  ['SER-68', 'A re-evaluation has no parent decision.', 'Leave it empty.'],
  ['SER-83', 'This form belongs to every IEP.', 'Remove only forms that were added.'],
  ['SER-88', 'An official IEP changes only by amendment.', 'Use amendIep.'],
  ['SESIS-01', 'The kind of provider does not fit the state, the organization or the employing agency.'],
  ['SESIS-16', 'The first attend is on file already, or its day is not possible.'],
  ['SESIS-21', 'Only providers of the department add students to their own caseload.', 'Ask your supervisor.'],
  ['SIRAS-25', 'Access of a monitor lacks a term, or the account is no monitor of this state.'],
  ['SIRAS-58', 'A plan review needs a plan that was agreed to.', 'Open the initial meeting instead.'],
  ['SIRAS-61', '"Not enrolled" follows only an enrolment error that the state posted.', 'Enter its code.'],
  ['X7', 'This installation keeps no staff numbers.', 'Leave it empty, or have STAFF_ID_KEY set.'],
];

const WARNINGS: readonly string[] = ['SER-105'];

export const REQUIREMENT_RULES: readonly Rule[] = ROWS.map(([id, message, fix = null, when = 'save']) => ({
  id,
  when: [when],
  severity: WARNINGS.includes(id) ? 'WARNING' : 'ERROR',
  message,
  fix,
  source: /^[CX]/.test(id) ? `domain ${id}` : id.replace(/^34-CFR-/, '34 CFR '),
}));
