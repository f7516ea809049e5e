import type { Principal } from '../../../platform/principal/principal';
import { databaseUrls } from '../../../test/harness/databases';
import { NOON, principal, ReportingWorld, teacher } from '../reporting.fixture';
import { ReportRun } from './report-run.entity';
import { type LoadPrincipal, ReportWorker } from './report-worker';

describe.each(databaseUrls())('Reports that are kept, and no longer, on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  beforeAll(async () => {
    world = await ReportingWorld.open(makeUrl);
  });
  afterAll(() => world?.database.close());

  const load: LoadPrincipal = async (subject) => (subject === 'acct-t' ? teacher : principal());
  const worker = (loadPrincipal = load) => {
    const { database, clock, log, audit } = world;
    return new ReportWorker({ database, clock, log, audit, loadPrincipal, pollMs: 20 });
  };
  const run =
    'mutation { runReport(input: { definitionId: "WORKLIST" }) { reportRun { id } errors { code message } } }';
  const ask = async (as?: Principal) => (await world.call(run, {}, as)).data.runReport;
  const idOf = async (as?: Principal): Promise<string> => (await ask(as)).reportRun.id;
  const reportRun = async (id: string) =>
    (await world.call('query($id: ID!) { reportRun(id: $id) { state failure } }', { id })).data.reportRun;

  test('SER-127 what has expired goes some at a time, between two runs of a busy queue, and not after the stop', async () => {
    const expired = await idOf();
    await world.write(async ({ manager }) => {
      const like = await manager.findOneByOrFail(ReportRun, { id: expired });
      const runs = Array.from({ length: 50 }, (_, i) => ({ ...like, id: `old-${i}`, expiresAt: like.createdAt }));
      await manager.insert(ReportRun, runs as never);
    });
    world.clock.set(new Date(NOON.getTime() + 1));
    const left = async () => (await world.read("SELECT id FROM report_run WHERE id LIKE 'old-%'")).length;

    // One lane is held by a long run; the other always finds one of the teacher's.
    await idOf(teacher);
    let go = (): void => undefined;
    const isLong = new Promise<void>((resolve) => (go = resolve));
    const seen: number[] = [];
    let stopped: Promise<void> | undefined;
    const busy = worker(async (subject, perspective) => {
      if (subject !== 'acct-t') await isLong;
      else {
        seen.push(await left());
        if (seen.length < 5) await idOf(teacher);
        else {
          stopped = busy.stop();
          go();
        }
      }
      return load(subject, perspective);
    });
    busy.start();
    await isLong;
    await stopped;
    expect(seen).toEqual([0, 1, 2, 3, 4].map((chunks) => seen[0]! - chunks));
    expect(await left()).toBe(seen[4]);
    await worker().drain();
    expect(await left()).toBe(0);
    world.clock.set(NOON);
  });

  test('SER-127 whose finished reports have two million rows deletes one first; a run under way ends', async () => {
    const [kept, underWay, waiting] = [await idOf(), await idOf(), await idOf()];
    const rowsOfKept = (rows: number) => world.sql('UPDATE report_run SET row_count = ? WHERE id = ?', [rows, kept]);
    let runs = 0;
    await worker(async (...whose) => {
      if (++runs === 2) await rowsOfKept(2_000_000);
      return load(...whose);
    }).drain();
    expect((await reportRun(underWay)).state).toBe('DONE');
    const tooMuch = expect.stringContaining('2,000,000 rows or more. Delete a report that you no longer need');
    expect(await reportRun(waiting)).toEqual({ state: 'FAILED', failure: tooMuch });
    expect(await ask()).toEqual({ reportRun: null, errors: [{ code: 'SER-127', message: tooMuch }] });
    for (const other of [teacher, principal({ perspective: 'p-other' })]) expect((await ask(other)).errors).toEqual([]);

    await world.call('mutation($id: ID!) { deleteReportRun(input: { id: $id }) { deletedId } }', { id: kept });
    expect((await ask()).errors).toEqual([]);
  });
});
