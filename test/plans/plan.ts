import type { Connection } from 'mysql2/promise';
import type { EntityManager } from 'typeorm';
import type { Engine } from '../../platform/database/database';
import type { RunStatement } from '../harness/system';

/** How a statement reads one table. */
export interface Access {
  table: string;
  /** `SEARCH`: by the entries of an index that match; `WALK`: along an index until a page is full; `SCAN`: all of it. */
  how: 'SEARCH' | 'WALK' | 'SCAN';
  /** As the database says it. */
  detail: string;
}

/** The tables that grow with the number of students, and the views on them. */
export const STUDENT_SIZED =
  /^(pub_)?(student|student_access|student_listing|student_fact|student_lock|guardian|jurisdiction|school_period|student_status_entry|sped_activity|iep|iep_form|iep_goal|goal_progress|iep_attestation|attestation|evaluation|student_service|service|planned_service|provider_assignment|assignment)$/;

/** How the database would read the tables of a statement, by its own account. */
export async function planOf(
  manager: EntityManager,
  engine: Engine,
  { sql, parameters }: RunStatement,
): Promise<Access[]> {
  const tables = aliases(sql);
  const rows = await explain(manager, engine, sql, parameters);
  return engine === 'sqlite' ? sqlitePlan(rows, tables) : mysqlPlan(rows, tables, sql);
}

const explain = (
  manager: EntityManager,
  engine: Engine,
  sql: string,
  parameters: unknown[],
): Promise<Record<string, string | number | null>[]> =>
  // The marker of the scope stays in front: the guard looks for it in every statement.
  manager.query((engine === 'sqlite' ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN ') + sql, parameters);

/** Names of tables by the names that a statement gives them. */
function aliases(sql: string): Map<string, string> {
  const named = [...sql.matchAll(/(?:FROM|JOIN)\s+["`]?(\w+)["`]?(?:\s+(?:AS\s+)?["`]?(\w+)["`]?)?/gi)];
  const keywords = /^(where|on|join|left|inner|order|group|limit|for)$/i;
  return new Map(named.map(([, table, alias]) => [alias && !keywords.test(alias) ? alias : table!, table!]));
}

function sqlitePlan(rows: Record<string, string | number | null>[], tables: Map<string, string>): Access[] {
  const details = rows.map(({ detail }) => String(detail));
  const isSorted = details.some((detail) => detail.startsWith('USE TEMP B-TREE FOR ORDER BY'));
  return details.flatMap((detail): Access[] => {
    const [, verb, name] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? [];
    if (!verb) return [];
    const table = tables.get(name!) ?? name!;
    if (verb === 'SEARCH') return [{ table, how: 'SEARCH', detail }];
    return [{ table, how: /USING (COVERING )?INDEX/.test(detail) && !isSorted ? 'WALK' : 'SCAN', detail }];
  });
}

function mysqlPlan(rows: Record<string, string | number | null>[], tables: Map<string, string>, sql: string): Access[] {
  const hasLimit = /\bLIMIT\s+\d+\s*$/i.test(sql.trim());
  return rows.flatMap((row): Access[] => {
    if (row.table === null || row.type === null) return [];
    const table = tables.get(String(row.table)) ?? String(row.table);
    const detail = `${row.table} ${row.type} ${row.key} ${row.rows} ${row.Extra}`;
    if (row.type === 'ALL') return [{ table, how: 'SCAN', detail }];
    const isWalk = hasLimit && !/filesort|temporary/.test(String(row.Extra));
    return [{ table, how: row.type === 'index' ? (isWalk ? 'WALK' : 'SCAN') : 'SEARCH', detail }];
  });
}

/**
 * How many rows and entries of indexes MariaDB or MySQL reads for a statement, by its own counters. The counters are those of a
 * connection: give one that nobody else uses.
 */
export async function rowsExamined(connection: Connection, { sql, parameters }: RunStatement): Promise<number> {
  await connection.query('FLUSH STATUS');
  await connection.query(sql, parameters);
  const [rows] = await connection.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
}
