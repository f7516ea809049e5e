import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { scopeComment } from './guard';

export interface InsertRows {
  manager: EntityManager;
  /** The scope that the statements carry, for the guard. */
  scope: { marker: string };
}

/** Parameters of one statement: far below the engines' limits, and beyond it a longer statement is no faster. */
const MAX_PARAMETERS = 4_000;

/**
 * Inserts rows of an entity in multi-row statements, as TypeORM would store their values. For bulk doors: TypeORM's own builder
 * names each value and looks it up again and again, which is most of the time of a large load.
 * @param rows all with the properties of the first one; a column that it lacks gets its default
 * @throws Error when a row has other properties
 * @param over what stands there under the same id is written over
 */
export async function insertRows<E extends ObjectLiteral>(
  session: InsertRows,
  entity: EntityTarget<E>,
  rows: readonly E[],
  { over = false } = {},
): Promise<void> {
  if (rows.length === 0) return;
  const { tableName, columns, dataSource } = session.manager.getRepository(entity).metadata;
  const { driver } = dataSource;
  const given = columns.filter(({ propertyName }) => propertyName in rows[0]!);
  const names = given.map(({ databaseName }) => driver.escape(databaseName));
  const properties = Object.keys(rows[0]!).length;
  if (
    rows.some(
      (row) => Object.keys(row).length !== properties || given.some(({ propertyName }) => !(propertyName in row)),
    )
  )
    throw new Error(`Rows of ${tableName} that are inserted together have different properties`);
  const values = rows.map((row) =>
    given.map((column) => driver.preparePersistentValue(row[column.propertyName], column) ?? null),
  );
  const isSqlite = driver.options.type === 'better-sqlite3';
  await insertValues(session, tableName, names, values, over ? overwriting(isSqlite, names) : '');
}

/** The same for values as the database takes them, by the names of table and columns. */
export async function insertValues(
  { manager, scope }: InsertRows,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  ending = '',
): Promise<void> {
  const marks = `(${columns.map(() => '?').join(', ')})`;
  const most = powerOfTwo(MAX_PARAMETERS / columns.length);
  for (let from = 0; from < rows.length;) {
    // Few lengths of statements: each is prepared, and kept, once.
    const length = Math.min(most, powerOfTwo(rows.length - from));
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array(length).fill(marks).join(', ')}${ending}`;
    await manager.query(scopeComment(scope.marker) + sql, rows.slice(from, from + length).flat());
    from += length;
  }
}

/** The largest power of two up to a number. */
const powerOfTwo = (number: number): number => 2 ** Math.floor(Math.log2(number));

function overwriting(isSqlite: boolean, [id, ...others]: readonly string[]): string {
  return isSqlite
    ? ` ON CONFLICT (${id}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`
    : ` ON DUPLICATE KEY UPDATE ${others.map((name) => `${name} = VALUES(${name})`).join(', ')}`;
}
