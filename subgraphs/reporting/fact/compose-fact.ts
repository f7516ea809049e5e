import { computeDates, earliest, OPEN_STATES } from '../due-date/due-dates';
import type { IepRow, StudentSources } from './fact-sources.repository';
import { NEVER, type StudentFact } from './student-fact.entity';

/** Which document's state stands for the student: what is worked on comes before what is in force. */
const STATE_ORDER = ['IN_REVIEW', 'AMENDED_DRAFT', 'DRAFT', 'CURRENT', 'CLOSED_NO_AGREEMENT', 'HISTORY'];
const UNAFFIRMED_STATES = new Set(['IN_REVIEW', 'AMENDED_DRAFT']);

/** A student's row of the read model, computed from what the other subgraphs publish. Pure. */
export function composeFact(
  { student, jurisdiction, settled, ieps, evaluations, openServices, caseManager }: StudentSources,
  computedAt: Date,
): Omit<StudentFact, 'due'> {
  const status = student.status ?? 'PENDING';
  const dates = computeDates({ status, stateOrgId: jurisdiction?.stateOrgId ?? null, ieps, evaluations });
  const current = ieps.find((iep) => iep.state === 'CURRENT') ?? null;
  const alive = ieps.filter((iep) => iep.state === 'CURRENT' || OPEN_STATES.has(iep.state));
  return {
    id: student.id,
    stateId: student.stateId ?? '',
    lastName: student.lastName ?? '',
    firstName: student.firstName ?? '',
    nameKey: normalizeName(`${student.lastName ?? ''}, ${student.firstName ?? ''}`).slice(0, 250),
    ...birth(student.dateOfBirth),
    gradeLevel: student.gradeLevel,
    status,
    hidden: Boolean(Number(student.hidden ?? 0)),
    leaId: jurisdiction?.leaId ?? null,
    schoolId: jurisdiction?.schoolId ?? null,
    selpaId: jurisdiction?.selpaId ?? null,
    stateOrgId: jurisdiction?.stateOrgId ?? null,
    settledFor: settled?.grantee ?? null,
    settledFrom: settled?.validFrom ?? null,
    currentIepId: current?.id ?? null,
    iepState: stateOf(ieps),
    meetingDate: current?.meetingDate ?? null,
    planReviewDate: dates.planReviewDate,
    primaryDisability: current?.primaryDisability ?? null,
    federalEnvironment: current?.federalEnvironment ?? null,
    annualDue: dates.due.ANNUAL_REVIEW,
    triennialDue: dates.due.TRIENNIAL_REVIEW,
    affirmDue: dates.due.AFFIRMATION,
    openMeetingDue: dates.due.OPEN_MEETING,
    annualSort: dates.due.ANNUAL_REVIEW ?? NEVER,
    triennialSort: dates.due.TRIENNIAL_REVIEW ?? NEVER,
    nextSort: earliest(Object.values(dates.due)) ?? NEVER,
    lastAnnualDue: dates.lastAnnual?.due ?? null,
    lastAnnualHeld: dates.lastAnnual?.held ?? null,
    lastTriennialDue: dates.lastTriennial?.due ?? null,
    lastTriennialHeld: dates.lastTriennial?.held ?? null,
    caseManagerProviderId: caseManager?.providerId ?? null,
    caseManagerAccountId: caseManager?.accountId ?? null,
    openServices,
    openFindings: alive.reduce((sum, iep) => sum + Number(iep.openFindings ?? 0), 0),
    unaffirmed: ieps.some((iep) => UNAFFIRMED_STATES.has(iep.state) && iep.affirmedOn === null),
    meetingSessions: dates.sessions,
    computedAt,
  };
}

function birth(dateOfBirth: string | null): Pick<StudentFact, 'dateOfBirth' | 'birthYear' | 'birthMonthDay'> {
  if (!dateOfBirth) return { dateOfBirth: null, birthYear: null, birthMonthDay: null };
  const [year, month, day] = dateOfBirth.split('-').map(Number);
  return { dateOfBirth, birthYear: year!, birthMonthDay: month! * 100 + day! };
}

function stateOf(ieps: readonly IepRow[]): string | null {
  return STATE_ORDER.find((state) => ieps.some((iep) => iep.state === state)) ?? null;
}

/** Without case and accents, single spaces: the same text on both engines, whatever their collation. */
export function normalizeName(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}
