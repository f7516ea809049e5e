import { scopeComment } from '../../platform/database/guard';
import { CountDimension, keySql } from '../../subgraphs/reporting/child-count/dimensions';
import type { Level } from './callers';

/** Asks the gateway over HTTP; answers data. @throws when there are errors */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of an answer is that of its query
export type Asked = (query: string, variables?: Record<string, unknown>) => Promise<any>;

export interface Question {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
  /** What sums over a state, written by hand: with the rights of the state asked for each student, and without. */
  sql?: { scoped: string; unscoped: string };
}

const STUDENTS =
  'query Page($after: String) { students(first: 25, after: $after) { nodes { id firstName lastName } pageInfo { endCursor } } }';
const WORKLIST =
  'query Worklist($after: String) { studentWorklist(first: 25, after: $after, orderBy: NEXT_DUE, filter: {}) { nodes { annualDue unaffirmed student { id lastName } } pageInfo { endCursor } } }';
const ONE = `query One($id: ID!) { student(id: $id) { id firstName lastName jurisdiction { lea { id name } }
  currentIep { id state meetingDate goals { id area } } services(state: ACTIVE) { id name } dueDates { kind dueOn } } }`;
const SUMMARY =
  'query Summary($period: PeriodInput!) { complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: $period) { total { inTimeline outOfTimeline } } }';
const COUNT = '{ childCount(on: "2026-10-07", groupBy: [DISABILITY, ENVIRONMENT]) { total } }';
const PERIOD = { from: '2026-07-01', to: '2027-06-30' };
/** How many pages deep. */
const DEPTH = 40;

/** What a caller of a level asks; the student and the cursors are its own. */
export async function questions(level: Level, ask: Asked): Promise<Question[]> {
  const first = await ask(STUDENTS);
  const deep = async (query: string, field: string): Promise<string | null> => {
    let after: string | null = null;
    for (let page = 0; page < DEPTH; page++) {
      const next: string | null = (await ask(query.replace('first: 25', 'first: 100'), { after }))[field].pageInfo
        .endCursor;
      if (next === null) break;
      after = next;
    }
    return after;
  };
  const pages: Question[] = [
    { name: 'page of students', query: STUDENTS },
    { name: 'worklist', query: WORKLIST },
    { name: 'single student', query: ONE, variables: { id: first.students.nodes[0].id } },
  ];
  if (level === 'selpa' || level === 'largest' || level === 'state')
    pages.push(
      { name: 'page of students at depth', query: STUDENTS, variables: { after: await deep(STUDENTS, 'students') } },
      { name: 'worklist at depth', query: WORKLIST, variables: { after: await deep(WORKLIST, 'studentWorklist') } },
    );
  if (level === 'teacher') return pages;
  const isState = level === 'state';
  return [
    ...pages,
    {
      name: 'summary',
      query: SUMMARY,
      variables: { period: PERIOD },
      ...(isState && { sql: byHand(SUMS, 'f.lea_id') }),
    },
    { name: 'child count', query: COUNT, ...(isState && { sql: byHand(COUNTED, COUNT_KEYS) }) },
  ];
}

const TODAY = new Date().toISOString().slice(0, 10);
const between = (column: string): string => `${column} BETWEEN '${PERIOD.from}' AND '${PERIOD.to}'`;
/** As the product adds them up: due in the period and not yet late, or held in time; due and late, or held late. */
const sumOf = (open: string, held: string): string =>
  `SUM(CASE WHEN ${between('f.annual_due')} AND f.annual_due ${open} '${TODAY}' THEN 1 ELSE 0 END +` +
  ` CASE WHEN ${between('f.last_annual_due')} AND f.last_annual_held ${held} f.last_annual_due THEN 1 ELSE 0 END)`;
const SUMS = {
  what: `f.lea_id, ${sumOf('>=', '<=')}, ${sumOf('<', '>')}`,
  where: `f.hidden = 0 AND f.status = 'ELIGIBLE_ACTIVE' AND (${between('f.annual_due')} OR ${between('f.last_annual_due')})`,
};
const snake = (sql: string): string =>
  sql.replace(/f\.\w+/g, (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
const KEYS = [CountDimension.DISABILITY, CountDimension.ENVIRONMENT].map((key) => snake(keySql(key, '2026-10-07')));
const COUNT_KEYS = KEYS.join(', ');
const COUNTED = {
  what: `${COUNT_KEYS}, COUNT(*)`,
  where:
    "f.hidden = 0 AND f.status = 'ELIGIBLE_ACTIVE' AND f.current_iep_id IS NOT NULL AND f.lea_id IS NOT NULL AND" +
    ' (2026 - f.birth_year - CASE WHEN f.birth_month_day > 1007 THEN 1 ELSE 0 END) BETWEEN 3 AND 21',
};

function byHand({ what, where }: { what: string; where: string }, keys: string): { scoped: string; unscoped: string } {
  const select = (condition: string): string =>
    `${scopeComment('system:bench')}SELECT ${what} FROM student_fact f WHERE ${where}${condition} GROUP BY ${keys}`;
  const scope =
    " AND EXISTS (SELECT 1 FROM student_access sa WHERE sa.student_id = f.id AND sa.relation = 'JURISDICTION' AND" +
    ` sa.grantee = 'STATE:state-ca' AND sa.revoked_at IS NULL AND sa.valid_from <= '${TODAY}' AND (sa.valid_to IS NULL OR sa.valid_to >= '${TODAY}'))`;
  return { scoped: select(scope), unscoped: select('') };
}
