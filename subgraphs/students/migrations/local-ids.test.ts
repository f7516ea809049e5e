import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../../platform/database/database';
import { migrate } from '../../../platform/database/migrate';
import type { MigrationClass } from '../../../platform/database/migration';
import { platformMigrations } from '../../../platform/tables';
import { databaseUrls } from '../../../test/harness/databases';
import { organizationMigrations } from './organizations';
import { studentMigrations } from './students';

const ALL = [...platformMigrations, organizationMigrations[0]!, ...studentMigrations];
const MOVING = ALL.findIndex((Migration) => new Migration().name?.startsWith('Move_student_local_id'));

/** Students by id: the id in the district on file, and the periods with theirs. */
const ON_FILE: Record<string, { localId: string; periods: [begin: string, end: string | null, localId: string | null][] }> = {
  stayed: { localId: 'L-1', periods: [['2024-08-01', null, null]] },
  moved: { localId: 'L-2', periods: [['2024-08-01', '2025-07-31', null], ['2025-08-01', null, null]] },
  claimed: { localId: 'L-3', periods: [['2024-08-01', '2025-07-31', null], ['2025-08-01', null, 'NEW-3']] },
  leaving: { localId: 'L-4', periods: [['2024-08-01', '2098-12-31', null], ['2099-01-01', null, 'NEXT-4']] },
}; // prettier-ignore
const MOVED = [
  ['claimed', null],
  ['claimed', 'NEW-3'],
  ['leaving', 'L-4'],
  ['leaving', 'NEXT-4'],
  ['moved', null],
  ['moved', 'L-2'],
  ['stayed', 'L-1'],
];

describe.each(databaseUrls())('upgrading a system in use on %s', (_engine, makeUrl) => {
  test('SER-25 ids in the district move from the student to the period that they belong to; what a period has of its own stays', async () => {
    const url = await makeUrl(mkdtempSync(join(tmpdir(), 'local-ids-')));
    const connect = (migrations: MigrationClass[]) =>
      Database.connect({ url, entities: [], protectedTables: [], migrations });
    const before = await connect(ALL.slice(0, MOVING));
    await migrate(before);
    const insert = (table: string, row: Record<string, unknown>) =>
      before.write((manager) =>
        manager.query(
          `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).map(() => '?').join(', ')})`,
          Object.values(row),
        ),
      ); // prettier-ignore
    for (const [studentId, { localId, periods }] of Object.entries(ON_FILE)) {
      await insert('student', {
        ...{ id: studentId, state_id: studentId, local_id: localId, first_name: 'Ana', last_name: 'Example' },
        ...{ search_key: 'example ana', hidden: 0, date_of_birth: '2015-03-08', gender: 'F', grade_level: '04' },
        ...{ status: 'PENDING', last_activity_on: '2026-02-01' },
      });
      for (const [begin, end, own] of periods)
        await insert('jurisdiction', {
          ...{ id: `${studentId}-${begin}`, student_id: studentId, lea_id: `lea-${begin}`, state_org_id: 'state-ca' },
          ...{ school_id: 'school', begin_date: begin, end_date: end, local_id: own },
        });
    }
    await before.close();

    const after = await connect(ALL);
    await migrate(after);
    const rows: { student_id: string; local_id: string | null }[] = await after.write((manager) =>
      manager.query('SELECT student_id, local_id FROM jurisdiction ORDER BY student_id, begin_date'),
    );
    await after.close();
    expect(rows.map(({ student_id, local_id }) => [student_id, local_id])).toEqual(MOVED);
  });
});
