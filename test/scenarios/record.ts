import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { OutboxDelivery } from '../../platform/outbox/tables';

type Row = Record<string, unknown>;

/** Rows of a statement of the test's own, beyond every scope. */
export function select<T = Row>(database: Database, sql: string, parameters: unknown[] = []): Promise<T[]> {
  return database.read.query(scopeComment('system:scenario') + sql, parameters);
}

/** Tables that keep rows of a student. The audit log is left out: a refused act is recorded there, and should be. */
function tablesOfStudents(database: Database): { table: string; column: string }[] {
  return database.schemaSource.entityMetadatas
    .filter(({ tableName }) => !tableName.startsWith('audit'))
    .flatMap(({ tableName, columns }) => {
      const column = columns.find(({ databaseName }) => databaseName === 'student_id')?.databaseName;
      const isKey = tableName === 'student' || tableName === 'student_fact';
      return column || isKey ? [{ table: tableName, column: column ?? 'id' }] : [];
    })
    .sort((a, b) => a.table.localeCompare(b.table));
}

/** Everything that is on file about a student, in every table: what "nothing changed" is compared by. */
export async function recordOf(database: Database, studentId: string): Promise<Record<string, string[]>> {
  const record: Record<string, string[]> = {};
  for (const { table, column } of tablesOfStudents(database)) {
    const rows = await select(database, `SELECT * FROM ${table} WHERE ${column} = ?`, [studentId]);
    record[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return record;
}

/** Tries again until the check holds. @throws what the check threw last, when the time is up */
export async function eventually<T>(check: () => Promise<T>, withinMs = 5_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Waits until every event of the students is delivered. */
export async function delivered(database: Database, studentIds: readonly string[], withinMs = 10_000): Promise<void> {
  if (studentIds.length === 0) return;
  await eventually(async () => {
    const open = await database.read
      .createQueryBuilder(OutboxDelivery, 'd')
      .where("d.studentId IN (:...studentIds) AND d.state <> 'DONE'", { studentIds: [...studentIds] })
      .getMany();
    if (open.length > 0) throw new Error(`${open.length} deliveries open: ${JSON.stringify(open.slice(0, 3))}`);
  }, withinMs);
}
