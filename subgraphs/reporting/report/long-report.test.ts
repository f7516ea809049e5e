import { setTimeout as pause } from 'node:timers/promises';
import { insertValues } from '../../../platform/database/insert-rows';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { NOON, principal, ReportingWorld } from '../reporting.fixture';
import { type LoadPrincipal, ReportWorker } from './report-worker';
import { PART_ROWS } from './report.service';

/** A part, and a page and a half. */
const STUDENTS = PART_ROWS + 750;
const PAGE = 500;

describe.each(databaseUrls())('A report longer than a page and a part on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  let id: string;

  beforeAll(async () => {
    world = await ReportingWorld.open(makeUrl);
    await multiply('student_fact', 'id');
    await multiply('student_access', 'student_id');
    const { data } = await world.call(
      'mutation { runReport(input: { definitionId: "CASELOAD_ROSTER", parameters: { organizationId: "school-2" } }) { reportRun { id } } }',
    );
    id = data.runReport.reportRun.id;
    await worker().drain();
  }, 120_000);
  afterAll(() => world?.database.close());

  const worker = (loadPrincipal: LoadPrincipal = async () => principal()) => {
    const { database, clock, log, audit } = world;
    return new ReportWorker({ database, clock, log, audit, loadPrincipal });
  };
  const idOf = (i: number): string => `many-${String(i).padStart(5, '0')}`;
  /** So many more students like `s4`, after it in the order of the report. */
  async function multiply(table: string, column: string): Promise<void> {
    const [row] = await world.read(`SELECT * FROM ${table} WHERE ${column} = 's4'`);
    const like = (i: number) => ({
      ...row,
      id: idOf(i),
      [column]: idOf(i),
      ...('name_key' in row! && { name_key: 'zz' }),
    });
    const rows = Array.from({ length: STUDENTS - 2 }, (_, i) => Object.values(like(i)));
    await world.write(({ manager }) =>
      insertValues({ manager, scope: { marker: 'test' } }, table, Object.keys(row!), rows),
    );
  }
  const ask = async (part?: number) => {
    const before = world.audited.length;
    const query =
      'query($id: ID!, $part: Int) { reportRun(id: $id) { rowCount parts download(format: CSV, part: $part) { fileName size content } } }';
    const { data, errors } = await world.call(query, { id, part });
    const shown = world.audited.slice(before).flatMap(({ disclosed }) => (disclosed as { report: string[] }).report);
    return { run: data.reportRun, errors, shown };
  };
  const textOf = ({ run }: Awaited<ReturnType<typeof ask>>): string =>
    Buffer.from(run.download.content, 'base64').toString('utf8');

  test('it is computed a page at a time, and each page is on record by itself', () => {
    const pages = world.audited.filter((record) => record.requestId === id);
    const sizes = pages.map(({ disclosed }) => (disclosed as { report: string[] }).report.length);
    expect(sizes).toEqual([...Array(STUDENTS / PAGE - (STUDENTS % PAGE) / PAGE).fill(PAGE), STUDENTS % PAGE]);
  });

  test('its file comes in parts, which are the file one after another, and each shows its own students alone', async () => {
    const [first, second] = [await ask(1), await ask(2)];
    expect(first.run).toMatchObject({ rowCount: STUDENTS, parts: 2 });
    expect([first, second].map(({ run }) => run.download.fileName)).toEqual([
      'caseload-roster-2026-02-10-1-of-2.csv',
      'caseload-roster-2026-02-10-2-of-2.csv',
    ]);
    expect([first.shown.length, second.shown.length]).toEqual([PART_ROWS, STUDENTS - PART_ROWS]);
    expect(new Set([...first.shown, ...second.shown]).size).toBe(STUDENTS);
    const lines = (textOf(first) + textOf(second)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(STUDENTS + 1);
    expect(lines[0]).toContain('State id');
    expect(lines.slice(1).every((line) => line.startsWith('90s'))).toBe(true);
  });

  test('half a file is never taken for the whole, and there are no other parts', async () => {
    for (const part of [undefined, 0, -1, 3]) {
      const { run, errors, shown } = await ask(part);
      expect(run.download).toBeNull();
      expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect(shown).toEqual([]);
    }
  });

  test('A-62 a student that left the scope closes the part that it is in', async () => {
    await world.write((session) =>
      session.get(AccessWriter).revoke({ studentId: idOf(STUDENTS - 5), grantee: 'LEA:lea-1' }),
    );
    expect((await ask(1)).errors).toBeUndefined();
    const closed = await ask(2);
    expect(closed.errors[0]).toMatchObject({
      message: expect.stringContaining('Run it again'),
      extensions: { code: 'CONFLICT' },
    });
    expect(closed.run.download).toBeNull();
  });

  test('an attempt that died on the way leaves nothing behind', async () => {
    const rowsOf = (run: unknown) => world.read('SELECT position FROM report_row WHERE run_id = ?', [run]);
    const { data } = await world.call(
      'mutation { runReport(input: { definitionId: "CASELOAD_ROSTER", parameters: { organizationId: "school-2" } }) { reportRun { id } } }',
    );
    const again = data.runReport.reportRun.id;
    let pages = 0;
    const dying = worker(() => (pages++ < 3 ? Promise.resolve(principal()) : new Promise(() => undefined)));
    void dying.drain();
    while ((await rowsOf(again)).length < 3 * PAGE) await pause(20);
    world.clock.set(new Date(NOON.getTime() + 300_000));
    await worker().drain();
    world.clock.set(NOON);
    const positions = (await rowsOf(again)).map(({ position }) => Number(position));
    expect(positions.sort((a, b) => a - b)).toEqual(Array.from({ length: STUDENTS - 1 }, (_, i) => i));
  });

  test('SER-128 deleted, it is gone at once, and its rows soon', async () => {
    const rows = async () =>
      Number((await world.read('SELECT COUNT(*) AS n FROM report_row WHERE run_id = ?', [id]))[0]!.n);
    const remove = 'mutation($id: ID!) { deleteReportRun(input: { id: $id }) { deletedId } }';
    expect((await world.call(remove, { id })).data.deleteReportRun.deletedId).toBe(id);
    expect((await ask(1)).run).toBeNull();
    expect((await world.call('{ myReports { nodes { id } } }')).data.myReports.nodes).not.toContainEqual({ id });
    expect(await rows()).toBe(STUDENTS - 5_000);
    await worker().drain();
    expect(await rows()).toBe(0);
    expect(await world.read('SELECT id FROM report_run WHERE id = ?', [id])).toEqual([]);
  });
});
