import { Entity, Index, PrimaryColumn } from 'typeorm';
import { DayColumn, StringColumn } from '../database/columns';
import type { Database } from '../database/database';
import { scopeComment } from '../database/guard';
import {
  createTable,
  day,
  type EngineSql,
  isMysql,
  migration,
  type MigrationClass,
  ref,
  type RowEvent,
  rowTrigger,
  statement,
  string,
} from '../database/migration';
import { inLockedChunks } from './student-lock';

/**
 * In which order the students of an LEA, SELPA or agency stand in its lists: a page is read from where it begins, however many
 * they are. It says where to look and nothing else: each row that is shown is asked for its right besides, in the same statement.
 *
 * The database keeps it, by triggers, in the transaction of whoever changes a right, a name or a due date (ADR 25). Staff and
 * schools have few students and states nearly all; neither is listed.
 */
@Entity('student_listing')
@Index('student_listing_by_name', ['grantee', 'nameSort', 'studentId', 'lastDay'])
@Index('student_listing_by_due', ['grantee', 'dueSort', 'studentId', 'lastDay'])
@Index('student_listing_by_student', ['studentId'])
export class StudentListing {
  @PrimaryColumn({ type: 'varchar', length: 80 }) grantee: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) studentId: string;
  /** `student.search_key`. */
  @StringColumn(160, { default: '' }) nameSort: string;
  /** `student_fact.next_sort`. */
  @StringColumn(10, { default: '' }) dueSort: string;
  /** The last day of any right that was not revoked; 9999-12-31 when one has none. */
  @DayColumn() lastDay: string;
}

/** The orders that are kept, as columns of the listing. */
export type ListingOrder = 'name_sort' | 'due_sort';

const KINDS = ['LEA', 'SELPA', 'AGENCY'];
/** Grantees whose students are listed. */
export const isListed = (grantee: string): boolean => KINDS.includes(grantee.slice(0, grantee.indexOf(':')));
const listed = (column: string): string => `(${KINDS.map((kind) => `${column} LIKE '${kind}:%'`).join(' OR ')})`;

/** Lists students by the rights of theirs that a condition is about. */
const listing = (condition: string): string =>
  'INSERT INTO student_listing (grantee, student_id, last_day)' +
  " SELECT grantee, student_id, MAX(COALESCE(valid_to, '9999-12-31')) FROM student_access" +
  ` WHERE revoked_at IS NULL AND ${condition} GROUP BY grantee, student_id`;

/** After a change of a right: what the student's rights of the same grantee come to. A right never goes to another grantee or student. */
function relist(act: RowEvent): EngineSql {
  const row = act === 'DELETE' ? 'OLD' : 'NEW';
  const own = `grantee = ${row}.grantee AND student_id = ${row}.student_id`;
  return rowTrigger(`student_listing_on_${act.toLowerCase()}`, 'AFTER', act, 'student_access', {
    when: listed(`${row}.grantee`),
    body: [`DELETE FROM student_listing WHERE ${own}`, listing(own)],
  });
}

/**
 * Lists all students anew, in chunks that commit one by one: those that were there before the listing, and whatever a change by
 * hand past the triggers has left wrong. Under the students' locks: beside it nobody changes a right or a due date of theirs.
 * @returns how many students were looked at
 */
export function relistAll(database: Pick<Database, 'engine' | 'write'>): Promise<number> {
  const marker = scopeComment('system:list-students');
  return inLockedChunks(database, {
    async idsAfter(manager, last, limit) {
      const rows: { student_id: string }[] = await manager.query(
        `${marker}SELECT DISTINCT student_id FROM student_access WHERE student_id > ? ORDER BY student_id LIMIT ${limit}`,
        [last],
      );
      return rows.map(({ student_id }) => student_id);
    },
    async work(manager, ids) {
      const own = `student_id IN (${ids.map(() => '?').join(', ')})`;
      await manager.query(`${marker}DELETE FROM student_listing WHERE ${own}`, [...ids]);
      await manager.query(marker + listing(`${own} AND ${listed('grantee')}`), [...ids]);
    },
  });
}

export const studentListingMigrations: MigrationClass[] = [
  createTable(1771000000001, 'student_listing', {
    columns: {
      grantee: string(80),
      student_id: ref(),
      name_sort: string(160, { default: '' }),
      due_sort: string(10, { default: '' }),
      last_day: day(),
    },
    primaryKey: ['grantee', 'student_id'],
    indexes: {
      student_listing_by_name: ['grantee', 'name_sort', 'student_id', 'last_day'],
      student_listing_by_due: ['grantee', 'due_sort', 'student_id', 'last_day'],
      student_listing_by_student: ['student_id'],
    },
  }),
  // Behind the triggers of the orders (`listingFollows`): a right that is written meanwhile is listed with them, or not yet.
  statement(1771000000031, 'Student_listing_on_update', relist('UPDATE')),
  statement(1771000000032, 'Student_listing_on_delete', relist('DELETE')),
  statement(1771000000033, 'Student_listing_on_insert', relist('INSERT')),
  migration(1771000000041, 'Fill_student_listing_', async (runner) => {
    const { manager } = runner;
    await (isMysql(runner)
      ? relistAll({ engine: 'mysql', write: (work) => manager.transaction('READ COMMITTED', work) })
      : relistAll({ engine: 'sqlite', write: (work) => work(manager) }));
  }),
];

/**
 * Migrations after which an order of the listing follows a column of a subgraph's own table, whose `id` is the student's. Takes
 * three numbers, between those of the table and of the first listing.
 * @param column never null
 */
export function listingFollows(
  timestamp: number,
  order: ListingOrder,
  table: string,
  column: string,
): MigrationClass[] {
  const now = `COALESCE((SELECT ${column} FROM ${table} WHERE id = NEW.student_id), '')`;
  const follow = `UPDATE student_listing SET ${order} = NEW.${column} WHERE student_id = NEW.id`;
  const name = `student_listing_${order}`;
  const on = (act: RowEvent): EngineSql =>
    rowTrigger(`${name}_on_${act.toLowerCase()}`, 'AFTER', act, table, {
      when: act === 'UPDATE' ? `NEW.${column} <> OLD.${column}` : undefined,
      body: [follow],
    });
  return [
    statement(timestamp, `Insert_${name}`, on('INSERT')),
    statement(timestamp + 1, `Update_${name}`, on('UPDATE')),
    // MySQL changes the row on its way into the table, SQLite once it is there.
    statement(timestamp + 2, `Fill_${name}`, {
      sqlite: rowTrigger(name, 'AFTER', 'INSERT', 'student_listing', {
        body: [
          `UPDATE student_listing SET ${order} = ${now} WHERE grantee = NEW.grantee AND student_id = NEW.student_id`,
        ],
      }).sqlite,
      mysql: rowTrigger(name, 'BEFORE', 'INSERT', 'student_listing', { body: [`SET NEW.${order} = ${now}`] }).mysql,
    }),
  ];
}
