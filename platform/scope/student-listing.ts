import { Entity, Index, PrimaryColumn } from 'typeorm';
import { DayColumn, StringColumn } from '../database/columns';
import {
  createTable,
  day,
  type EngineSql,
  type MigrationClass,
  ref,
  type RowEvent,
  rowTrigger,
  statement,
  string,
} from '../database/migration';

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

/** Grantees whose students are listed. */
export const isListed = (grantee: string): boolean => /^(LEA|SELPA|AGENCY):/.test(grantee);
const LISTED = (grantee: string): string =>
  `(${['LEA', 'SELPA', 'AGENCY'].map((kind) => `${grantee} LIKE '${kind}:%'`).join(' OR ')})`;

const openRights = (where: string): string =>
  'INSERT INTO student_listing (grantee, student_id, last_day)' +
  " SELECT grantee, student_id, MAX(COALESCE(valid_to, '9999-12-31')) FROM student_access" +
  ` WHERE revoked_at IS NULL AND ${where} GROUP BY grantee, student_id`;

/** After a change of a right: what the student's rights of the same grantee come to. */
function relist(act: RowEvent): EngineSql {
  const row = act === 'DELETE' ? 'OLD' : 'NEW';
  const own = `grantee = ${row}.grantee AND student_id = ${row}.student_id`;
  return rowTrigger(`student_listing_on_${act.toLowerCase()}`, 'AFTER', act, 'student_access', {
    when: LISTED(`${row}.grantee`),
    body: [`DELETE FROM student_listing WHERE ${own}`, openRights(own)],
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
  statement(1771000000002, 'Student_listing_on_insert', relist('INSERT')),
  statement(1771000000003, 'Student_listing_on_update', relist('UPDATE')),
  statement(1771000000004, 'Student_listing_on_delete', relist('DELETE')),
  // Behind the triggers of the orders, which fill it.
  statement(1771000000031, 'Fill_student_listing', {
    sqlite: `/* scope:system:migration */ ${openRights(LISTED('grantee')).replace('INSERT', 'INSERT OR IGNORE')}`,
    mysql: `/* scope:system:migration */ ${openRights(LISTED('grantee')).replace('INSERT', 'INSERT IGNORE')}`,
  }),
];

/**
 * Migrations after which an order of the listing follows a column of a subgraph's own table, whose `id` is the student's. Takes
 * three numbers.
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
    // MySQL changes the row on its way into the table, SQLite once it is there.
    statement(timestamp, `Fill_${name}`, {
      sqlite: rowTrigger(name, 'AFTER', 'INSERT', 'student_listing', {
        body: [
          `UPDATE student_listing SET ${order} = ${now} WHERE grantee = NEW.grantee AND student_id = NEW.student_id`,
        ],
      }).sqlite,
      mysql: rowTrigger(name, 'BEFORE', 'INSERT', 'student_listing', { body: [`SET NEW.${order} = ${now}`] }).mysql,
    }),
    statement(timestamp + 1, `Insert_${name}`, on('INSERT')),
    statement(timestamp + 2, `Update_${name}`, on('UPDATE')),
  ];
}
