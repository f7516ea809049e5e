/** Issue 2, acceptance 2: a page of students with what four subgraphs know about them. */
export const PAGE = `query Page($first: Int!, $after: String) {
  students(filter: { includeInactive: true }, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id stateId lastName
      guardians { lastName }
      jurisdiction { id lea { id name } school { id name } }
      currentIep { id state goals { id area statement } }
      services { id code provider { id displayName staffIdLastFour } }
      dueDates { kind dueOn overdue }
    }
  }
}`;
/** Selections of PAGE that some callers may not have. */
export const STAFF_ID = 'students.nodes.@.services.@.provider.staffIdLastFour';
export const GUARDIANS = 'students.nodes.@.guardians';
export const STATEMENT = 'students.nodes.@.currentIep.goals.@.statement';

/** How many students a caller has, looked up once in ten minutes for the plan of its pages (`scope-size.ts`). */
const SIZE_OF_SCOPE = /FROM \(SELECT 1 FROM student_access\b/;

/** What a page that is read along the listing begins with: the table of its rows comes next. */
const LISTING = /\bFROM student_listing listing \w+ ?JOIN\b/;

/**
 * Statements by the table that they read first, the listing of students aside; those of no table under ''. Without the report
 * worker's, who looks around by itself, and without the size of the scope.
 */
export function byTable(sql: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const statement of sql) {
    if (SIZE_OF_SCOPE.test(statement)) continue;
    const text = statement.replace(/\/\*.*?\*\//g, '').replace(LISTING, 'FROM');
    const table = /\b(?:FROM|INTO|UPDATE)\s+[`"]?(\w+)/i.exec(text)?.[1] ?? '';
    if (table !== 'report_run') counts[table] = (counts[table] ?? 0) + 1;
  }
  return counts;
}

/** What PAGE may cost: one statement per batch of entities and subgraph, however many students are on the page. */
export const ROUNDS = {
  student: 2, // students: the page, and totalCount
  guardian: 1, // students: guardians of the page
  jurisdiction: 1, // students: periods of the page
  organization: 1, // students: LEAs and schools of all periods together
  iep: 1, // iep: the current plans of the page
  iep_goal: 1, // iep: goals of all these plans
  student_service: 1, // services: services of the page
  provider: 1, // services: providers of all these services
  student_fact: 1, // reporting: due dates of the page
};
