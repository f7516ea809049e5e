/** What is asked of both: of the product as GraphQL, of the program by hand as an address. */
export interface Operation {
  name: string;
  /** How much of the throughput of the program by hand the product should have. */
  target: number;
  path: string;
  query: string;
}

export const PERIOD = { from: '2026-07-01', to: '2027-06-30' };

export const OPERATIONS: readonly Operation[] = [
  {
    name: '100 students with all that is due',
    target: 0.5,
    path: '/students',
    query: `{ students(first: 100) { nodes { id firstName lastName jurisdiction { beginDate lea { id name } }
      currentIep { id state meetingDate goals { id area statement } }
      services(state: ACTIVE) { id code minutes provider { id displayName } } dueDates { kind dueOn } } } }`,
  },
  {
    name: 'a page of the worklist',
    target: 0.8,
    path: '/worklist',
    query:
      '{ studentWorklist(first: 25, orderBy: NEXT_DUE, filter: {}) { nodes { annualDue unaffirmed student { id lastName } } } }',
  },
  {
    name: 'the summary of a district',
    target: 0.8,
    path: '/summary',
    query: `{ complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: { from: "${PERIOD.from}", to: "${PERIOD.to}" }) { total { inTimeline outOfTimeline } } }`,
  },
];
