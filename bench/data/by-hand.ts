/**
 * What somebody would write for just these operations and one caller: statements with the caller's rights in them, rows put
 * together, JSON. No schema, no token, no right to a field; a record of who was shown what only with RECORDED=1.
 * `by-hand.js`, the database in DATABASE_URL, the district in LEA and the account in SUBJECT.
 */
import { createServer } from 'node:http';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { listen, runProgram } from '../../platform/process';
import { answerCpu } from './measured-process';
import { PERIOD } from './operations';
import { Records } from './records';

const { DATABASE_URL, LEA, SUBJECT, RECORDED } = process.env as Record<string, string>;
const pool = createPool({
  uri: DATABASE_URL!.replace(/^mariadb:/, 'mysql:'),
  charset: 'utf8mb4_bin',
  dateStrings: ['DATE'],
  connectionLimit: 10,
});
const records = RECORDED && new Records(pool, { subject: SUBJECT, role: 'DISTRICT_ADMIN', organization: LEA });
const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' }).format(new Date());
const rows = async (sql: string, values: unknown[] = []): Promise<RowDataPacket[]> =>
  (await pool.query<RowDataPacket[]>(sql, values))[0];

const OPEN =
  "sa.relation = 'JURISDICTION' AND sa.grantee = ? AND sa.revoked_at IS NULL AND sa.valid_from <= ? AND (sa.valid_to IS NULL OR sa.valid_to >= ?)";
const FRESH = 'EXISTS (SELECT 1 FROM principal_epoch WHERE subject = ? AND epoch = 1)';
const OWN = [`LEA:${LEA}`, today, today];
/** All students of the district. */
const listed = (column: string): string =>
  `${column} IN (SELECT sa.student_id FROM student_access sa WHERE ${OPEN}) AND ${FRESH}`;
const LISTED = [...OWN, SUBJECT];
/** The same as a page in the order of the product's listing, of which it is a column: what stands between SELECT and ORDER BY. */
const inOrder = (table: string): string =>
  `FROM student_listing l STRAIGHT_JOIN ${table} t ON t.id = l.student_id AND l.grantee = ? AND l.last_day >= ? WHERE ${each('t.id')}`;
const IN_ORDER = [`LEA:${LEA}`, today, ...LISTED];
/** Rows of a student that the district has, or of the time in which it had it. */
const dated = (column: string, from: string, to: string): string =>
  `((EXISTS (SELECT 1 FROM student_access sa WHERE sa.student_id = ${column} AND ${OPEN})) = 1 OR EXISTS (SELECT 1 FROM` +
  ` student_access fo WHERE fo.student_id = ${column} AND fo.relation = 'JURISDICTION' AND fo.grantee = ? AND fo.revoked_at IS NULL` +
  ` AND fo.valid_to < ? AND ${from} <= fo.valid_to AND (${to} IS NULL OR ${to} >= fo.valid_from))) AND ${FRESH}`;
const DATED = [...OWN, `LEA:${LEA}`, today, SUBJECT];
const each = (column: string): string =>
  `(EXISTS (SELECT 1 FROM student_access sa WHERE sa.student_id = ${column} AND ${OPEN})) = 1 AND ${FRESH}`;

function grouped<T extends RowDataPacket>(found: T[], key: string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of found) {
    const group = groups.get(row[key]);
    if (group) group.push(row);
    else groups.set(row[key], [row]);
  }
  return groups;
}

const DUE = {
  annual_due: 'ANNUAL_REVIEW',
  triennial_due: 'TRIENNIAL_REVIEW',
  affirm_due: 'AFFIRMATION',
  open_meeting_due: 'OPEN_MEETING',
};

/** Data, and whose it is. */
type Answered = [data: object, students: readonly string[]];

async function students(): Promise<Answered> {
  const years = String(Number(today.slice(0, 4)) - 5) + today.slice(4);
  const people = await rows(
    `SELECT t.id, t.first_name, t.last_name ${inOrder('student')} AND t.hidden = 0 AND t.last_activity_on > ? ORDER BY l.name_sort, l.student_id LIMIT 101`,
    [...IN_ORDER, years],
  );
  people.length = Math.min(people.length, 100);
  const ids = people.map(({ id }) => id as string);
  const [jurisdictions, ieps, services, facts] = await Promise.all([
    rows(
      `SELECT j.student_id, j.begin_date, j.lea_id FROM jurisdiction j WHERE ${dated('j.student_id', 'j.begin_date', 'j.end_date')} AND j.withdrawn_at IS NULL AND j.begin_date <= ? AND (j.end_date IS NULL OR j.end_date >= ?) AND j.student_id IN (?)`,
      [...DATED, today, today, ids],
    ),
    rows(
      `SELECT i.id, i.current_of, i.state, i.meeting_date FROM iep i WHERE ${dated('i.student_id', 'i.scope_date', 'i.scope_date')} AND i.current_of IN (?)`,
      [...DATED, ids],
    ),
    rows(
      `SELECT v.id, v.student_id, v.code, v.minutes, v.provider_id FROM student_service v WHERE ${dated('v.student_id', 'v.start_date', 'v.end_date')} AND v.state = 'ACTIVE' AND v.student_id IN (?) ORDER BY v.start_date DESC, v.id DESC`,
      [...DATED, ids],
    ),
    rows(
      `SELECT f.id, f.annual_due, f.triennial_due, f.affirm_due, f.open_meeting_due FROM student_fact f WHERE ${each('f.id')} AND f.id IN (?)`,
      [...LISTED, ids],
    ),
  ]);
  const distinct = (found: RowDataPacket[], key: string): string[] => [
    ...new Set(found.map((row) => row[key] as string)),
  ];
  const [leas, goals, providers] = await Promise.all([
    rows('SELECT id, name FROM organization WHERE id IN (?)', [distinct(jurisdictions, 'lea_id')]),
    rows(
      `SELECT g.id, g.iep_id, g.area, g.statement FROM iep_goal g WHERE ${dated('g.student_id', 'g.scope_date', 'g.scope_date')} AND g.iep_id IN (?) ORDER BY g.position, g.id`,
      [...DATED, ieps.map(({ id }) => id)],
    ),
    rows('SELECT id, display_name FROM provider WHERE id IN (?)', [distinct(services, 'provider_id')]),
  ]);
  const lea = new Map(leas.map((row) => [row.id, row]));
  const provider = new Map(providers.map((row) => [row.id, { id: row.id, displayName: row.display_name }]));
  const jurisdictionOf = new Map(jurisdictions.map((row) => [row.student_id, row]));
  const iepOf = new Map(ieps.map((row) => [row.current_of, row]));
  const factOf = new Map(facts.map((row) => [row.id, row]));
  const goalsOf = grouped(goals, 'iep_id');
  const servicesOf = grouped(services, 'student_id');
  const nodes = people.map((person) => {
    const jurisdiction = jurisdictionOf.get(person.id);
    const iep = iepOf.get(person.id);
    const fact = factOf.get(person.id)!;
    return {
      id: person.id,
      firstName: person.first_name,
      lastName: person.last_name,
      jurisdiction: jurisdiction && {
        beginDate: jurisdiction.begin_date,
        lea: { id: jurisdiction.lea_id, name: lea.get(jurisdiction.lea_id)!.name },
      },
      currentIep: iep
        ? {
            id: iep.id,
            state: iep.state,
            meetingDate: iep.meeting_date,
            goals: (goalsOf.get(iep.id) ?? []).map(({ id, area, statement }) => ({ id, area, statement })),
          }
        : null,
      services: (servicesOf.get(person.id) ?? []).map(({ id, code, minutes, provider_id }) => ({
        ...{ id, code, minutes },
        provider: provider.get(provider_id) ?? null,
      })),
      dueDates: Object.entries(DUE)
        .flatMap(([column, kind]) => (fact[column] ? [{ kind, dueOn: fact[column] as string }] : []))
        .sort((a, b) => (a.dueOn < b.dueOn ? -1 : a.dueOn > b.dueOn ? 1 : 0)),
    };
  });
  return [{ students: { nodes } }, ids];
}

async function worklist(): Promise<Answered> {
  const facts = await rows(
    `SELECT t.id, t.annual_due, t.unaffirmed ${inOrder('student_fact')} AND t.hidden = 0 ORDER BY l.due_sort, l.student_id LIMIT 26`,
    IN_ORDER,
  );
  facts.length = Math.min(facts.length, 25);
  const people = await rows(`SELECT s.id, s.last_name FROM student s WHERE ${each('s.id')} AND s.id IN (?)`, [
    ...LISTED,
    facts.map(({ id }) => id),
  ]);
  const names = new Map(people.map(({ id, last_name }) => [id, last_name]));
  const nodes = facts.map(({ id, annual_due, unaffirmed }) => ({
    annualDue: annual_due,
    unaffirmed: unaffirmed === 1,
    student: { id, lastName: names.get(id) },
  }));
  return [{ studentWorklist: { nodes } }, [...names.keys()]];
}

async function summary(): Promise<Answered> {
  const [from, to] = [PERIOD.from, PERIOD.to];
  const isDue = 'f.annual_due BETWEEN ? AND ?';
  const wasDue = 'f.last_annual_due BETWEEN ? AND ?';
  const sums = await rows(
    `SELECT f.lea_id, SUM((${isDue} AND f.annual_due >= ?) + COALESCE(${wasDue} AND f.last_annual_held <= f.last_annual_due, 0)) AS inside,` +
      ` SUM((${isDue} AND f.annual_due < ?) + COALESCE(${wasDue} AND f.last_annual_held > f.last_annual_due, 0)) AS outside FROM student_fact f` +
      ` WHERE ${listed('f.id')} AND f.hidden = 0 AND f.status = 'ELIGIBLE_ACTIVE' AND (${isDue} OR ${wasDue}) GROUP BY f.lea_id`,
    [from, to, today, from, to, from, to, today, from, to, ...LISTED, from, to, from, to],
  );
  const total = (key: string): number => sums.reduce((sum, row) => sum + Number(row[key]), 0);
  return [{ complianceSummary: { total: { inTimeline: total('inside'), outOfTimeline: total('outside') } } }, []];
}

const ANSWERS: Record<string, () => Promise<Answered>> = {
  '/students': students,
  '/worklist': worklist,
  '/summary': summary,
};

async function answer(path: string): Promise<object> {
  const [data, shown] = await ANSWERS[path]!();
  if (records) await records.keep(path, shown);
  return data;
}

const server = createServer((request, response) => {
  answer(request.url ?? '').then(
    (data) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data })),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
runProgram(async () => {
  const port = await listen(server, 0, '127.0.0.1');
  answerCpu();
  process.send!({ url: `http://127.0.0.1:${port}` });
});
