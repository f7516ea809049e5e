/** The operations that are asked all day long, each on its own, with everything that usually hangs on it. */
export interface HotOperation {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
  /** Adds up or counts all students of the caller: of a state that is everybody. */
  sums?: boolean;
  /** Few students fit: of whatever scope, they are where it begins. */
  narrow?: boolean;
}

const STUDENT = `
  id stateId firstName lastName gradeLevel status localId
  jurisdiction { beginDate lea { id name } }
  jurisdictions { beginDate }
  statusHistory { status }
  spedActivities { id }
  guardians { id lastName }
  currentIep { id state meetingDate forms { kind } goals { id area statement } }
  futureIep { id }
  evaluations { id }
  services(state: ACTIVE) { id code name minutes provider { id displayName } }
  caseManager { id displayName }
  providers { id }
  dueDates { kind dueOn }`;

const PERIOD = { from: '2026-07-01', to: '2027-06-30' };
const page = (order: string, after?: string): HotOperation => ({
  name: `page of students by ${order}`,
  query: `query Page($after: String) { students(first: 25, after: $after, orderBy: ${order}) { nodes { id lastName } pageInfo { endCursor } } }`,
  variables: { after },
});
const worklist = (order: string, filter: Record<string, unknown> = {}): HotOperation => ({
  name: `worklist by ${order} ${JSON.stringify(filter)}`,
  query: `query Worklist($filter: WorklistFilter!) { studentWorklist(first: 25, orderBy: ${order}, filter: $filter) { nodes { annualDue student { id } } } }`,
  variables: { filter },
});

const narrowed = (filter: Record<string, unknown>): HotOperation => ({
  name: `page of students ${JSON.stringify(filter)}`,
  query: 'query Page($filter: StudentFilter!) { students(first: 25, filter: $filter) { nodes { id lastName } } }',
  variables: { filter },
  narrow: true,
});

/** A student in the caller's scope, and where it is. */
export interface Somebody {
  id: string;
  stateId: string;
  leaId: string;
  schoolId: string;
  /** Id of the provider. */
  caseManagerId: string;
}

export const hotOperations = ({ id: student, stateId, leaId, schoolId, caseManagerId }: Somebody): HotOperation[] => [
  ...['NAME', 'STATE_ID', 'DATE_OF_BIRTH', 'GRADE_LEVEL'].map((order) => page(order)),
  { name: 'students with all that hangs on them', query: `{ students(first: 25) { nodes { ${STUDENT} } } }` },
  { name: 'how many students', query: '{ students(first: 1) { totalCount } }', sums: true },
  {
    name: 'one student',
    query: `query One($id: ID!) { student(id: $id) { ${STUDENT} } }`,
    variables: { id: student },
  },
  {
    name: 'search by name',
    query: '{ searchStudents(text: "Garcia", first: 25) { nodes { id lastName } } }',
  },
  {
    name: 'search by state id',
    query: 'query Search($text: String!) { searchStudents(text: $text, first: 25) { nodes { id } } }',
    variables: { text: stateId },
  },
  ...['NEXT_DUE', 'ANNUAL_DUE', 'TRIENNIAL_DUE', 'NAME', 'OPEN_FINDINGS'].map((order) => worklist(order)),
  worklist('NEXT_DUE', { overdue: ['ANNUAL_REVIEW'] }),
  ...[{ leaId }, { schoolId }, { caseManagerId }].map((filter) => ({ ...worklist('NEXT_DUE', filter), narrow: true })),
  ...[{ leaId }, { schoolId }, { localId: 'none' }].map(narrowed),
  { name: 'my caseload', query: '{ myCaseload(first: 25) { nodes { student { id } } } }' },
  {
    name: 'IEPs, the newest first',
    query: '{ ieps(first: 25) { nodes { id state student { id } } } }',
  },
  {
    name: 'district summary',
    query:
      'query Summary($period: PeriodInput!) { complianceSummary(report: ANNUAL_REVIEW, groupBy: SCHOOL, period: $period) { total { inTimeline } } }',
    variables: { period: PERIOD },
    sums: true,
  },
  {
    name: 'child count',
    query: '{ childCount(on: "2026-10-07", groupBy: [DISABILITY, ENVIRONMENT]) { total } }',
    sums: true,
  },
  {
    name: 'disclosures of a student',
    query: 'query Disclosures($id: ID!) { disclosures(studentId: $id, first: 25) { nodes { at } } }',
    variables: { id: student },
  },
  {
    name: 'why a student is open',
    query: 'query Why($id: ID!) { explainAccess(studentId: $id) { account { id } } }',
    variables: { id: student },
  },
];
