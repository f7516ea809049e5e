/** Changes to the record of one student, in the database itself: whoever may not see the student must not notice any. */
import type { EntityManager } from 'typeorm';
import { scopeComment } from '../../../platform/database/guard';
import type { TestSystem } from '../../harness/system';
import { type Draw, oneOf } from '../run';

type Row = Record<string, unknown>;
type Run = (sql: string, parameters?: unknown[]) => Promise<Row[]>;
type Change = (run: Run, system: TestSystem, student: string, draw: Draw) => Promise<unknown>;

/** Rows that hang on a student, parents first as far as it matters; all of them but the transport of events. */
function tables({ database }: TestSystem): { table: string; key: string; columns: string[] }[] {
  return database.schemaSource.entityMetadatas
    .filter(({ tableName }) => !/^(outbox|audit|report)_/.test(tableName))
    .map(({ tableName, columns }) => ({ table: tableName, columns: columns.map(({ databaseName }) => databaseName) }))
    .filter(({ table, columns }) => columns.includes('student_id') || /^student(_fact)?$/.test(table))
    .map((one) => ({ ...one, key: one.columns.includes('student_id') ? 'student_id' : 'id' }));
}

let copies = 0;

/** A twin of the same name and birth date in the same school, with everything on file. */
const twin: Change = async (run, system, student) => {
  const copy = `copy${++copies}`;
  const all = await Promise.all(
    tables(system).map(async (one) => ({
      ...one,
      rows: await run(`SELECT * FROM ${one.table} WHERE ${one.key} = ?`, [student]),
    })),
  );
  const ids = new Map<unknown, string>([[student, `${copy}-${student}`.slice(0, 64)]]);
  for (const [index, row] of all.flatMap(({ rows }) => rows).entries())
    if (typeof row.id === 'string' && !ids.has(row.id)) ids.set(row.id, `${copy}-${index}`);
  for (const { table, columns, rows } of all) {
    for (const row of rows) {
      const values = columns.map((column) => {
        const value = ids.get(row[column]) ?? row[column];
        if (column === 'state_id') return copy;
        if (column === 'confirmation_number') return ids.get(row.id);
        return typeof value === 'object' && value !== null && !(value instanceof Date) ? JSON.stringify(value) : value;
      });
      await run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, values);
    }
  }
};

const forget: Change = async (run, system, student) => {
  for (const { table, key } of tables(system)) await run(`DELETE FROM ${table} WHERE ${key} = ?`, [student]);
};

const CHANGES: Record<string, Change> = {
  twin,
  forget,
  rename: async (run, _system, student, draw) => {
    const [first, last] = [`Aa${draw(99)}`, `Aaa${draw(99)}`];
    const key = `${last}, ${first}`.toLowerCase();
    const names = [first, last, key, '2012-02-03'];
    await run('UPDATE student SET first_name = ?, last_name = ?, search_key = ?, date_of_birth = ? WHERE id = ?', [
      ...names,
      student,
    ]);
    await run('UPDATE student_fact SET first_name = ?, last_name = ?, name_key = ?, date_of_birth = ? WHERE id = ?', [
      ...names,
      student,
    ]);
  },
  status: async (run, _system, student) => {
    for (const table of ['student', 'student_fact'])
      await run(`UPDATE ${table} SET status = 'EXITED', hidden = 1 WHERE id = ?`, [student]);
  },
  documents: async (run, _system, student) => {
    for (const table of ['iep_goal', 'iep_form', 'evaluation', 'iep_attestation'])
      await run(`DELETE FROM ${table} WHERE student_id = ?`, [student]);
    await run("UPDATE iep SET purpose_text = 'changed', meeting_date = '2025-01-01', agreed = 0 WHERE student_id = ?", [
      student,
    ]);
  },
  services: async (run, _system, student) =>
    run("UPDATE student_service SET minutes = 7, location = 'changed', end_date = '2026-01-01' WHERE student_id = ?", [
      student,
    ]),
  guardians: async (run, _system, student) =>
    run("UPDATE guardian SET last_name = 'Changed', phone = '1' WHERE student_id = ?", [student]),
  facts: async (run, _system, student) =>
    run(
      "UPDATE student_fact SET annual_due = '2020-01-01', triennial_due = '2020-01-01', annual_sort = '2020-01-01', triennial_sort = '2020-01-01'," +
        " next_sort = '2020-01-01', open_findings = 9, unaffirmed = 1, open_services = 9, primary_disability = 'AUT' WHERE id = ?",
      [student],
    ),
};

/** One drawn change; returns its name. */
export async function changeRecord(system: TestSystem, student: string, draw: Draw): Promise<string> {
  const name = oneOf(draw, Object.keys(CHANGES));
  await system.database.write(async (manager: EntityManager) => {
    const run: Run = (sql, parameters = []) => manager.query(scopeComment('system:test') + sql, parameters);
    await CHANGES[name]!(run, system, student, draw);
  });
  return name;
}
