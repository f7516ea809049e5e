import { scopeComment } from '../../platform/database/guard';
import { relistAll } from '../../platform/scope/student-listing';
import { StudentStatus } from '../../subgraphs/students/status/student-status';
import { databaseUrls } from '../harness/databases';
import { deliverEvents } from '../harness/events';
import { bootSystem, type TestSystem } from '../harness/system';
import { CaseWork, LODI, MANTECA, RIPON } from './case-work';
import { listingOf } from './listing';
import { select } from './record';

const ALL = Object.values(StudentStatus);
const LISTS = {
  students: (filter: string, first: number) =>
    `query Q($after: String) { list: students(filter: ${filter}, orderBy: NAME, first: ${first}, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } }`,
  worklist: (filter: string, first: number) =>
    `query Q($after: String) { list: studentWorklist(filter: ${filter}, orderBy: NEXT_DUE, first: ${first}, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { student { id } } } }`,
};
type List = keyof typeof LISTS;
const CALLERS: [who: string, ...lists: List[]][] = [
  ['district.ripon', 'students', 'worklist'],
  ['district.manteca', 'students', 'worklist'],
  ['selpa.sanjoaquin', 'students', 'worklist'],
  ['teacher.ripon', 'students', 'worklist'],
  ['regional-center', 'students'],
];

describe.each(databaseUrls())('the order in which students are listed on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    work = new CaseWork(system);
  });
  afterAll(() => system?.stop());

  /** All pages of a list. What names every status is a filter, and is read without the listing. */
  async function pages(who: string, list: List, isListed = true, first = 3): Promise<string[]> {
    const filter = isListed ? '{}' : `{ status: [${ALL.join(', ')}] }`;
    const ids: string[] = [];
    let after: string | undefined;
    for (let more = true; more;) {
      const { data, errors } = await system.ask(who, LISTS[list](filter, first), { after });
      expect(errors ?? []).toEqual([]);
      const { nodes, pageInfo, totalCount } = data.list;
      ids.push(...nodes.map((node: { id?: string; student: { id: string } }) => node.id ?? node.student.id));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
      if (!more) expect(ids).toHaveLength(totalCount);
    }
    return ids;
  }
  const sql = (text: string, parameters: unknown[] = []): Promise<unknown> =>
    system.database.write((manager) => manager.query(scopeComment('system:test') + text, parameters));
  async function expectKept(): Promise<void> {
    const { kept, due } = await listingOf(system.database);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(due);
  }
  const listedOf = (id: string) =>
    select(system.database, 'SELECT grantee FROM student_listing WHERE student_id = ? ORDER BY grantee', [id]);

  test('follows from rights, names and due dates in the initial data', expectKept);

  test.each(CALLERS)('%s has the same lists with it and without it', async (who, ...lists) => {
    for (const list of lists) {
      const listed = await pages(who, list);
      expect(listed.length).toBeGreaterThan(0);
      expect(listed).toEqual(await pages(who, list, false));
      expect(listed).toEqual(await pages(who, list, true, 100));
    }
  });

  test('is what a page of a district is read along, and of a teacher not', async () => {
    const read = async (who: string) =>
      (await system.statements(() => system.ask(who, LISTS.students('{}', 5)))).sql.filter((one) =>
        one.includes('student_listing'),
      ).length;
    expect([await read('district.ripon'), await read('teacher.ripon')]).toEqual([1, 0]);
  });

  test('follows a name in the transaction that changes it', async () => {
    const [first, ...others] = await pages('district.ripon', 'students');
    await sql("UPDATE student SET search_key = 'zzz, last' WHERE id = ?", [first]);
    expect(await pages('district.ripon', 'students')).toEqual([...others, first]);
    await expectKept();
  });

  test('follows a due date', async () => {
    const before = await pages('district.ripon', 'worklist');
    const last = before.at(-1);
    await sql("UPDATE student_fact SET next_sort = '1990-01-01' WHERE id = ?", [last]);
    expect(await pages('district.ripon', 'worklist')).toEqual([last, ...before.slice(0, -1)]);
    await expectKept();
  });

  test('follows a student who is claimed by another district', async () => {
    const pupil = await work.addStudent(RIPON);
    await deliverEvents(system);
    expect(await pages('district.ripon', 'students')).toContain(pupil.id);
    await work.claim(LODI, pupil.stateId);
    await deliverEvents(system);
    expect(await pages('district.ripon', 'students')).not.toContain(pupil.id);
    expect(await pages('district.lodi', 'students')).toContain(pupil.id);
    expect(await pages('district.lodi', 'worklist')).toContain(pupil.id);
    await expectKept();
  });

  test('forgets a right that is revoked or removed, and has it back', async () => {
    const [id] = await pages('district.manteca', 'students');
    const before = await listedOf(id!);
    const grantee = `LEA:${MANTECA.leaId}`;
    const own = 'WHERE student_id = ? AND grantee = ?';
    await sql(`UPDATE student_access SET revoked_at = '2026-01-01 00:00:00.000' ${own}`, [id, grantee]);
    expect(await pages('district.manteca', 'students')).not.toContain(id);
    expect(await listedOf(id!)).toEqual(before.filter((row) => row.grantee !== grantee));
    await sql(`UPDATE student_access SET revoked_at = NULL ${own}`, [id, grantee]);
    expect(await pages('district.manteca', 'students')).toContain(id);
    await expectKept();
    await sql(`DELETE FROM student_access ${own}`, [id, grantee]);
    expect(await pages('district.manteca', 'students')).not.toContain(id);
    await expectKept();
  });

  test('what is rolled back leaves it', async () => {
    const [id] = await pages('district.ripon', 'students');
    const failed = system.database.write(async (manager) => {
      await manager.query(`${scopeComment('system:test')}DELETE FROM student_access WHERE student_id = ?`, [id]);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await pages('district.ripon', 'students')).toContain(id);
    await expectKept();
  });

  test('gives no right: a stranger, a student of the past and one of the future in it are not shown', async () => {
    const [mine] = await pages('district.ripon', 'students');
    const [stranger] = await pages('district.lodi', 'students');
    await sql('INSERT INTO student_listing (grantee, student_id, last_day) VALUES (?, ?, ?)', [
      ...[`LEA:${RIPON.leaId}`, stranger, '9999-12-31'],
    ]);
    const before = await pages('district.ripon', 'students', false);
    expect(before).toContain(mine);
    expect(before).not.toContain(stranger);
    expect(await pages('district.ripon', 'students')).toEqual(before);
    const dates = 'UPDATE student_access SET valid_from = ? WHERE student_id = ? AND grantee = ?';
    await sql(dates, ['2099-01-01', mine, `LEA:${RIPON.leaId}`]);
    expect(await pages('district.ripon', 'students')).not.toContain(mine);
    await sql(dates, ['2020-01-01', mine, `LEA:${RIPON.leaId}`]);
    await sql('UPDATE student_access SET valid_to = ? WHERE student_id = ? AND grantee = ?', [
      ...['2021-01-01', mine, `LEA:${RIPON.leaId}`],
    ]);
    expect(await pages('district.ripon', 'students')).not.toContain(mine);
  });

  test('where a change by hand left it wrong, loses nobody, and is made anew', async () => {
    const all = await pages('district.manteca', 'students');
    const grantee = `LEA:${MANTECA.leaId}`;
    const wrong = 'UPDATE student_listing SET name_sort = ? WHERE student_id = ? AND grantee = ?';
    await sql(wrong, ['', all[7], grantee]);
    await sql(wrong, ['zzz', all[0], grantee]);
    const found = await pages('district.manteca', 'students');
    expect(found).not.toEqual(all);
    expect([...found].sort()).toEqual([...all].sort());
    await sql('DELETE FROM student_listing WHERE grantee = ?', [grantee]);
    expect(await relistAll(system.database)).toBeGreaterThan(0);
    expect(await pages('district.manteca', 'students')).toEqual(all);
    await expectKept();
  });
});
