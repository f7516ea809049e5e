import type { CalendarDay } from '../../../platform/dates';
import { daysBetween } from '../../../platform/dates';
import { CODE_NAMES } from '../child-count/dimensions';
import type { StudentFact } from '../fact/student-fact.entity';

/** What a cell of a report is computed from. */
export interface ReportSubject {
  fact: StudentFact;
  today: CalendarDay;
  organizationName(id: string | null): string;
  providerName(id: string | null): string;
}

export interface ReportColumn {
  key: string;
  title: string;
  /** The right to the field; a caller without it gets the report without the column. */
  capability: string;
  value(subject: ReportSubject): string | number;
}

/** Which rows a report has; the repository turns it into SQL. */
export interface ReportSelection {
  /** Students with a review of this kind that falls due in the period. */
  due?: 'annualDue' | 'triennialDue';
  /** Students for whom anything is overdue or unaffirmed, or who have open findings. */
  needsAction?: true;
}

export interface ReportKind {
  id: string;
  name: string;
  description: string;
  /** The report of the sources that it answers (domain E.4). */
  source: string;
  /** Whether the report needs a period. */
  period: boolean;
  selection: ReportSelection;
  columns: readonly string[];
}

const days = (count: number): string => String(count);
const left = (today: CalendarDay, due: CalendarDay | null): string =>
  due && due >= today ? days(daysBetween(today, due)) : '';
const late = (today: CalendarDay, due: CalendarDay | null): string =>
  due && due < today ? days(daysBetween(due, today)) : '';

/** Every column that a report can have, once. Days overdue have a column of their own: a leading minus reads as a formula in a spreadsheet. */
export const REPORT_COLUMNS: readonly ReportColumn[] = [
  { key: 'stateId', title: 'State id', capability: 'student:read', value: ({ fact }) => fact.stateId },
  { key: 'lastName', title: 'Last name', capability: 'student.demographics:read', value: ({ fact }) => fact.lastName },
  {
    key: 'firstName',
    title: 'First name',
    capability: 'student.demographics:read',
    value: ({ fact }) => fact.firstName,
  },
  { key: 'grade', title: 'Grade', capability: 'student.demographics:read', value: ({ fact }) => fact.gradeLevel ?? '' },
  {
    key: 'lea',
    title: 'District',
    capability: 'student:read',
    value: ({ fact, organizationName }) => organizationName(fact.leaId),
  },
  {
    key: 'school',
    title: 'School',
    capability: 'student:read',
    value: ({ fact, organizationName }) => organizationName(fact.schoolId),
  },
  {
    key: 'caseManager',
    title: 'Case manager',
    capability: 'provider:read',
    value: ({ fact, providerName }) => providerName(fact.caseManagerProviderId),
  },
  {
    key: 'disability',
    title: 'Primary disability',
    capability: 'iep:read',
    value: ({ fact }) => nameOfDisability(fact.primaryDisability),
  },
  {
    key: 'lastReview',
    title: 'Last plan review',
    capability: 'report:read',
    value: ({ fact }) => fact.planReviewDate ?? '',
  },
  {
    key: 'annualDue',
    title: 'Annual review due',
    capability: 'report:read',
    value: ({ fact }) => fact.annualDue ?? '',
  },
  {
    key: 'annualLeft',
    title: 'Days left',
    capability: 'report:read',
    value: ({ fact, today }) => left(today, fact.annualDue),
  },
  {
    key: 'annualLate',
    title: 'Days overdue',
    capability: 'report:read',
    value: ({ fact, today }) => late(today, fact.annualDue),
  },
  {
    key: 'triennialDue',
    title: 'Triennial due',
    capability: 'report:read',
    value: ({ fact }) => fact.triennialDue ?? '',
  },
  {
    key: 'triennialLeft',
    title: 'Days left',
    capability: 'report:read',
    value: ({ fact, today }) => left(today, fact.triennialDue),
  },
  {
    key: 'triennialLate',
    title: 'Days overdue',
    capability: 'report:read',
    value: ({ fact, today }) => late(today, fact.triennialDue),
  },
  { key: 'affirmDue', title: 'Affirm by', capability: 'report:read', value: ({ fact }) => fact.affirmDue ?? '' },
  {
    key: 'openMeetingDue',
    title: 'Close meeting by',
    capability: 'report:read',
    value: ({ fact }) => fact.openMeetingDue ?? '',
  },
  { key: 'sessions', title: 'Meeting sessions', capability: 'report:read', value: ({ fact }) => fact.meetingSessions },
  { key: 'findings', title: 'Open findings', capability: 'report:read', value: ({ fact }) => fact.openFindings },
];

const WHO = ['stateId', 'lastName', 'firstName', 'grade', 'lea', 'school', 'caseManager'];

export const REPORT_KINDS: readonly ReportKind[] = [
  {
    id: 'ANNUAL_REVIEW_DETAIL',
    name: 'Annual reviews, student by student',
    description: 'Students whose annual plan review falls due in the period, with days left or overdue.',
    source: 'R-05',
    period: true,
    selection: { due: 'annualDue' },
    columns: [...WHO, 'disability', 'lastReview', 'annualDue', 'annualLeft', 'annualLate'],
  },
  {
    id: 'TRIENNIAL_DETAIL',
    name: 'Triennial evaluations, student by student',
    description: 'Students whose triennial evaluation falls due in the period, with days left or overdue.',
    source: 'R-06',
    period: true,
    selection: { due: 'triennialDue' },
    columns: [...WHO, 'disability', 'triennialDue', 'triennialLeft', 'triennialLate'],
  },
  {
    id: 'CASELOAD_ROSTER',
    name: 'Roster',
    description: 'All students with the anniversaries of plan and evaluation and the teacher of record.',
    source: 'R-07',
    period: false,
    selection: {},
    columns: [...WHO, 'disability', 'annualDue', 'triennialDue'],
  },
  {
    id: 'WORKLIST',
    name: 'Worklist',
    description:
      'Students for whom something is overdue, unaffirmed or marked by a finding; tabled meetings show their sessions.',
    source: 'R-11, R-13, R-14',
    period: false,
    selection: { needsAction: true },
    columns: [...WHO, 'annualDue', 'triennialDue', 'affirmDue', 'openMeetingDue', 'sessions', 'findings'],
  },
];

export const reportKind = (id: string): ReportKind | undefined => REPORT_KINDS.find((kind) => kind.id === id);

/** The columns by their keys, in the report's order. */
export const reportColumns = (keys: readonly string[]): ReportColumn[] =>
  keys.flatMap((key) => REPORT_COLUMNS.find((column) => column.key === key) ?? []);

/** The columns of a report that these capabilities allow. */
export const allowedColumns = (kind: ReportKind, capabilities: readonly string[]): string[] =>
  reportColumns(kind.columns).flatMap(({ key, capability }) => (capabilities.includes(capability) ? [key] : []));

const nameOfDisability = (code: string | null): string => (code ? (CODE_NAMES.DISABILITY?.[code] ?? code) : '');
