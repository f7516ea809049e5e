import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { allMigrations } from '../../scripts/graph';
import { databaseUrls } from '../harness/databases';
import { listingOf } from './listing';

const stampOf = (Migration: (typeof allMigrations)[number]): number =>
  Number(/\d{13}$/.exec(new Migration().name!)![0]);
const ALL = [...allMigrations].sort((a, b) => stampOf(a) - stampOf(b));
const FIRST = ALL.findIndex((Migration) => stampOf(Migration) === 1771000000001);
const LAST = ALL.findIndex((Migration) => stampOf(Migration) === 1771000000041);

describe.each(databaseUrls())('the listing of a system in use, made on %s', (_engine, makeUrl) => {
  test('misses nothing that is written before, between and after its steps', async () => {
    const url = await makeUrl(mkdtempSync(join(tmpdir(), 'listing-')));
    const open = (steps: number) =>
      Database.connect({ url, entities: [], protectedTables: [], migrations: ALL.slice(0, steps) });
    const names: string[] = [];
    for (let steps = FIRST; steps <= LAST + 1; steps++) {
      const database = await open(steps);
      await migrate(database);
      await database.write(async (manager) => {
        const run = (sql: string, parameters: unknown[]) =>
          manager.query(scopeComment('system:test') + sql, parameters);
        const change = async (name: string, sort: string): Promise<void> => {
          await run('UPDATE student SET search_key = ? WHERE id = ?', [sort, name]);
          await run('UPDATE student_fact SET next_sort = ? WHERE id = ?', [sort.slice(0, 10), name]);
          const until = 'UPDATE student_access SET valid_to = ? WHERE student_id = ? AND relation = ?';
          await run(until, ['2031-01-01', name, 'JURISDICTION']);
        };
        // Whoever was there before is renamed, is due on another day and has its right ended at another one, at every step.
        for (const name of names) await change(name, `${name} at ${steps}`);
        const name = `n${steps}`;
        names.push(name);
        await run(
          'INSERT INTO student (id, state_id, first_name, last_name, search_key, hidden, date_of_birth, gender, grade_level, status, last_activity_on)' +
            " VALUES (?, ?, 'Ana', 'Example', ?, 0, '2015-03-08', 'F', '04', 'PENDING', '2026-02-01')",
          [name, name, name],
        );
        const right =
          "INSERT INTO student_access (id, student_id, grantee, relation, valid_from, valid_to) VALUES (?, ?, 'LEA:lea-1', ?, '2026-01-01', ?)";
        await run(right, [`${name}-1`, name, 'JURISDICTION', '2030-01-01']);
        await run(right, [`${name}-2`, name, 'SERVICE', null]);
        await run(
          'INSERT INTO student_fact (id, state_id, last_name, first_name, name_key, status, hidden, annual_sort, triennial_sort, next_sort, open_services, open_findings, unaffirmed, meeting_sessions, computed_at)' +
            " VALUES (?, ?, 'Example', 'Ana', ?, 'PENDING', 0, '2026-01-01', '2026-01-01', ?, 0, 0, 0, 0, '2026-02-01 00:00:00.000')",
          [name, name, name, `due ${steps}`.slice(0, 10)],
        );
        if (steps % 2) await run('DELETE FROM student_access WHERE id = ?', [`${name}-2`]);
      });
      await database.close();
    }
    const after = await open(ALL.length);
    await migrate(after);
    const { kept, due } = await listingOf(after);
    await after.close();
    expect(kept).toHaveLength(names.length);
    expect(kept).toEqual(due);
  });
});
