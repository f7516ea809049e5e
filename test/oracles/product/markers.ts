/** Canaries: a word that is nowhere else in every text cell that hangs on a student, and whose right it takes to read it. */
import { scopeComment } from '../../../platform/database/guard';
import type { TestSystem } from '../../harness/system';
import { select } from '../../scenarios/record';
import type { Visible } from './rows-from-facts';

/** The coordinates under which a column is answered; none for what is never answered. */
interface MarkedColumn {
  table: string;
  column: string;
  coordinates: readonly string[];
  /** Texts within JSON. */
  json?: boolean;
  /** Filled although the initial data leave it empty. */
  fill?: boolean;
  /** Columns of the days that the row belongs to; without, a former district sees none of it. */
  days?: readonly [from: string, to: string];
}

const of = (table: string, prefix: string, days?: MarkedColumn['days']) => (column: string, field?: string) => ({
  table,
  column,
  days,
  fill: true,
  coordinates: [`${prefix}.${field ?? column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`],
});
const student = of('student', 'Student');
const guardian = of('guardian', 'Guardian');
const scopeDay = ['scope_date', 'scope_date'] as const;
const goal = of('iep_goal', 'Goal', scopeDay);

const COLUMNS: readonly MarkedColumn[] = [
  student('state_id'),
  ...['first_name', 'middle_name', 'last_name', 'language'].map((column) => student(column)),
  { table: 'student', column: 'search_key', coordinates: [] },
  ...['title', 'first_name', 'last_name', 'suffix', 'phone', 'email', 'address', 'language'].map((one) =>
    guardian(one),
  ),
  {
    ...of('jurisdiction', 'Jurisdiction', ['begin_date', 'end_date'])('local_id'),
    coordinates: ['Jurisdiction.localId', 'Student.localId'],
  },
  of('student_status_entry', 'StudentStatusEntry', ['effective_on', 'effective_on'])('note'),
  of('evaluation', 'Evaluation', scopeDay)('reason'),
  of('iep', 'Iep', scopeDay)('purpose_text'),
  { table: 'iep_attestation', column: 'attested_by_name', coordinates: [] },
  { table: 'iep_form', column: 'content', json: true, days: scopeDay, coordinates: ['NotesForm.discussion'] },
  ...['baseline', 'statement', 'responsible'].map((column) => goal(column)),
  { table: 'iep_goal', column: 'objectives', json: true, days: scopeDay, coordinates: ['Objective.statement'] },
  of('goal_progress', 'GoalProgress', ['reported_on', 'reported_on'])('comment'),
  of('student_service', 'Service', ['start_date', 'end_date'])('location'),
  of('first_attend', 'FirstAttend')('confirmation_number'),
];

/** Columns of the read model that repeat the student's. */
const REPEATED: readonly [factColumn: string, studentColumn: string][] = [
  ['state_id', 'state_id'],
  ['last_name', 'last_name'],
  ['first_name', 'first_name'],
];

export interface Marker {
  student: string;
  where: string;
  coordinates: readonly string[];
  days?: readonly [from: string, to: string | null];
}

const MARKER = /Qz[0-9a-z]{4}zQ/g;
export const markersIn = (text: string): string[] => [...new Set(text.match(MARKER) ?? [])];

/** Writes the markers into the database, past its triggers, as its owner. */
export async function plantMarkers(system: TestSystem): Promise<ReadonlyMap<string, Marker>> {
  const { database } = system;
  const markers = new Map<string, Marker>();
  await dropTriggers(system);
  await database.write(async (manager) => {
    const run = (sql: string, parameters: unknown[] = []) =>
      manager.query(scopeComment('system:test') + sql, parameters);
    const newId = database.engine === 'sqlite' ? "'gp-' || id" : "CONCAT('gp-', id)";
    await run(
      'INSERT INTO goal_progress (id, goal_id, iep_id, student_id, reported_on, rating, comment, recorded_by_id, recorded_at)' +
        ` SELECT ${newId}, id, iep_id, student_id, scope_date, 'SUFFICIENT', 'x', 'x', '2026-01-01 00:00:00.000' FROM iep_goal`,
    );
    const tables = new Map<string, MarkedColumn[]>();
    for (const one of COLUMNS) tables.set(one.table, [...(tables.get(one.table) ?? []), one]);
    for (const [table, columns] of tables) {
      for (const row of await run(`SELECT * FROM ${table}`)) {
        const days = columns[0]!.days;
        const mark = ({ column, coordinates }: MarkedColumn): string => {
          const marker = `Qz${markers.size.toString(36).padStart(4, '0')}zQ`;
          markers.set(marker, {
            student: row.student_id ?? row.id,
            where: `${table}.${column} of ${row.id}`,
            coordinates,
            ...(days && { days: [day(row[days[0]])!, day(row[days[1]])] }),
          });
          return marker;
        };
        const marked = columns.filter(({ column, fill }) => fill || row[column] !== null);
        const values = marked.map((one) => (one.json ? markedJson(row[one.column], () => mark(one)) : mark(one)));
        if (!marked.length) continue;
        await run(`UPDATE ${table} SET ${marked.map(({ column }) => `${column} = ?`).join(', ')} WHERE id = ?`, [
          ...values,
          row.id,
        ]);
      }
    }
    for (const [fact, column] of REPEATED)
      await run(`UPDATE student_fact SET ${fact} = (SELECT s.${column} FROM student s WHERE s.id = student_fact.id)`);
  });
  return markers;
}

/** As owner of the database. */
export async function dropTriggers(system: TestSystem): Promise<void> {
  for (const trigger of await triggers(system))
    await system.database.write((manager) => manager.query(`DROP TRIGGER ${trigger}`));
}

/** Names of the triggers that keep affirmed records as they are: the oracles change what is behind them. */
async function triggers({ database }: TestSystem): Promise<string[]> {
  const rows = await select<{ name: string }>(
    database,
    database.engine === 'sqlite'
      ? "SELECT name FROM sqlite_master WHERE type = 'trigger'"
      : 'SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()',
  );
  return rows.map(({ name }) => name);
}

/** Sentences and names become markers; codes and days stay what they are. */
function markedJson(json: unknown, mark: () => string): string {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return /[a-z]/.test(value) && /\s/.test(value) ? mark() : value;
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return JSON.stringify(walk(typeof json === 'string' ? JSON.parse(json) : json));
}

const day = (value: unknown): string | null =>
  value === null || value === undefined
    ? null
    : value instanceof Date
      ? value.toISOString().slice(0, 10)
      : String(value).slice(0, 10);

/**
 * Why a caller may not be shown a marker; undefined when it may.
 * @param holds whether the caller has the right to a coordinate, by the policy snapshot
 */
export function forbidden(
  marker: Marker,
  visible: Visible,
  holds: (coordinate: string) => boolean,
): string | undefined {
  const { student: id, where, coordinates, days } = marker;
  if (!coordinates.some(holds)) return `${where}: the field is not the caller's`;
  if (visible.students.has(id)) return undefined;
  const periods = visible.periods.get(id) ?? [];
  // SER-21: of whom it let go, a former district knows the unique id, and the records of its own period.
  if (periods.length && coordinates.includes('Student.stateId')) return undefined;
  if (days && periods.some(([from, to]) => days[0] <= (to ?? '9999') && (days[1] === null || days[1] >= from)))
    return undefined;
  return `${where}: the row is not the caller's`;
}

/** Reads the policy snapshot: `field  Student.stateId  scopes[student:read]`. */
export function readPolicy(text: string): Map<string, (capabilities: ReadonlySet<string>, level: string) => boolean> {
  const lines = [...text.matchAll(/^field\s+(\S+)\s\s(.*)$/gm)];
  return new Map(
    lines.map(([, coordinate, rule]) => {
      const alternatives = rule!.split(' OR ').map((one) => one.split(' AND '));
      const has = (atom: string, capabilities: ReadonlySet<string>, level: string): boolean => {
        const [, kind, words = ''] = /^(\w+)(?:\[(.*)\])?$/.exec(atom)!;
        if (kind === 'authenticated' || kind === 'always') return true;
        return words.split(', ').every((word) => (kind === 'scopes' ? capabilities.has(word) : level === word));
      };
      return [
        coordinate!,
        (capabilities, level) => alternatives.some((all) => all.every((atom) => has(atom, capabilities, level))),
      ];
    }),
  );
}
