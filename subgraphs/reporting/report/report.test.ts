import type { Principal } from '../../../platform/principal/principal';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { NOON, principal, ReportingWorld, selpa, teacher } from '../reporting.fixture';
import { ReportWorker, startReportWorker } from './report-worker';

describe.each(databaseUrls())('My Reports on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  const call = (query: string, variables?: object, as?: Principal) => world.call(query, variables, as);
  beforeAll(async () => {
    world = await ReportingWorld.open(makeUrl);
  });
  afterAll(() => world?.database.close());

  const run =
    'mutation($i: RunReportInput!) { runReport(input: $i) { reportRun { id state createdAt expiresAt definition { id columns } } errors { code path } } }';
  const saved =
    'query($id: ID!) { reportRun(id: $id) { id state rowCount failure download(format: CSV) { fileName mediaType size content } } }';
  const rights = new Map<string, Principal | null>();
  const runtime = () => ({ database: world.database, clock: world.clock, log: world.log, audit: world.audit });
  const worker = () =>
    new ReportWorker({
      ...runtime(),
      loadPrincipal: async (subject, perspective) => rights.get(`${subject}/${perspective}`) ?? null,
    });
  const ask = async (definitionId: string, parameters: object | null = null, as = principal()): Promise<string> => {
    rights.set(`${as.subject}/${as.perspective}`, as);
    const { data, errors } = await call(run, { i: { definitionId, parameters } }, as);
    expect(errors).toBeUndefined();
    expect(data.runReport.errors).toEqual([]);
    return data.runReport.reportRun.id;
  };
  const csvOf = (answer: { data: { reportRun: { download: { content: string } } } }): string[] =>
    Buffer.from(answer.data.reportRun.download.content, 'base64').toString('utf8').trim().split('\r\n');

  test('SER-126 SER-128 a report is queued, computed, listed and saved as CSV; formulas are harmless', async () => {
    const id = await ask('CASELOAD_ROSTER', { organizationId: 'school-2' });
    expect((await call('query($id: ID!) { reportRun(id: $id) { state rowCount } }', { id })).data.reportRun).toEqual({
      state: 'QUEUED',
      rowCount: null,
    });
    expect((await call(saved, { id })).errors[0].extensions.code).toBe('CONFLICT');
    await worker().drain();
    const answer = await call(saved, { id });
    expect(answer.data.reportRun).toMatchObject({
      state: 'DONE',
      rowCount: 2,
      download: { fileName: 'caseload-roster-2026-02-10.csv', mediaType: 'text/csv' },
    });
    expect(csvOf(answer)).toEqual([
      'State id,Last name,First name,Grade,District,School,Case manager,Primary disability,Annual review due,Triennial due',
      "90s4,Diaz,'=Dan,PS,Ripon Unified,Colony Oak,,Speech or language impairment,2026-03-01,2028-03-01",
      '90s5,Diaz,Eve,KN,Ripon Unified,Colony Oak,,Speech or language impairment,2026-03-02,2028-03-02',
    ]);
    const second = 'query($id: ID!) { reportRun(id: $id) { download(format: CSV, part: 2) { id } } }';
    expect((await call(second, { id })).errors[0].message).toBe('This report has one part.');
    expect(world.audited.filter((record) => record.requestId === id)).toEqual([
      expect.objectContaining({ subject: 'acct-d', disclosed: { report: ['s4', 's5'] } }),
    ]);
    const { data } = await call('{ myReports { nodes { id definition { id } } totalCount } }');
    expect(data.myReports).toEqual({ nodes: [{ id, definition: { id: 'CASELOAD_ROSTER' } }], totalCount: 1 });
  });

  test('R-05 SER-137 details of a period show days left or overdue', async () => {
    const id = await ask('ANNUAL_REVIEW_DETAIL', { period: { from: '2026-01-01', to: '2026-02-28' } });
    await worker().drain();
    expect(csvOf(await call(saved, { id })).map((line) => line.split(',').slice(-3).join())).toEqual([
      'Annual review due,Days left,Days overdue',
      '2026-02-01,,9',
      '2026-02-20,10,',
      '2026-01-30,,11',
    ]);
    const refused = await call(run, { i: { definitionId: 'ANNUAL_REVIEW_DETAIL' } });
    expect(refused.data.runReport).toEqual({
      reportRun: null,
      errors: [{ code: 'SER-123', path: ['parameters', 'period'] }],
    });
    expect((await call(run, { i: { definitionId: 'NONE' } })).errors[0].extensions.code).toBe('NOT_FOUND');
  });

  test('A-61 only the owner, and only under the same perspective; a read-only perspective may run reports', async () => {
    const id = await ask('WORKLIST', null, selpa);
    await worker().drain();
    expect((await call(saved, { id }, selpa)).data.reportRun.rowCount).toBe(3);
    for (const other of [
      principal(),
      principal({ ...selpa, perspective: 'p-other' }),
      principal({ ...selpa, subject: 'acct-d' }),
    ]) {
      expect((await call(saved, { id }, other)).data.reportRun).toBeNull();
      expect(
        (await call('mutation($id: ID!) { deleteReportRun(input: { id: $id }) { deletedId } }', { id }, other))
          .errors[0].extensions.code,
      ).toBe('NOT_FOUND');
    }
  });

  test('columns follow the rights of the runner', async () => {
    const clerk = principal({
      subject: 'acct-s',
      perspective: 'p-clerk',
      capabilities: ['student:read', 'report:read'],
    });
    const id = await ask('CASELOAD_ROSTER', { organizationId: 'school-2' }, clerk);
    await worker().drain();
    expect(csvOf(await call(saved, { id }, clerk))[0]).toBe('State id,District,School,Annual review due,Triennial due');
    const more = await ask('CASELOAD_ROSTER', null, principal());
    await worker().drain();
    expect(
      (await call(saved, { id: more }, principal({ capabilities: ['student:read', 'report:read'] }))).errors[0].message,
    ).toContain('Run it again');
  });

  test('A-62 a student that left the scope closes the file: run it again', async () => {
    const id = await ask('CASELOAD_ROSTER', null, teacher);
    await worker().drain();
    expect((await call(saved, { id }, teacher)).data.reportRun.rowCount).toBe(2);
    const asSystem = (work: (access: AccessWriter) => Promise<void>) =>
      world.write((session) => work(session.get(AccessWriter)));
    await asSystem((access) => access.revoke({ studentId: 's1', grantee: 'STAFF:acct-t' }));
    const closed = await call(saved, { id }, teacher);
    expect(closed.errors[0]).toMatchObject({
      message: expect.stringContaining('Run it again'),
      extensions: { code: 'CONFLICT' },
    });
    expect(closed.data.reportRun.download).toBeNull();
    const again = await ask('CASELOAD_ROSTER', null, teacher);
    await worker().drain();
    expect((await call(saved, { id: again }, teacher)).data.reportRun.rowCount).toBe(1);
    await asSystem((access) =>
      access.open({
        studentId: 's1',
        grantee: 'STAFF:acct-t',
        relation: 'CASE_MANAGER',
        leaId: 'lea-1',
        validFrom: '2020-01-01',
      }),
    );
  });

  test('a run computes with the rights of now: without them, or with outdated ones, it fails or loads them anew', async () => {
    const id = await ask('CASELOAD_ROSTER');
    rights.set('acct-d/p-d', null);
    await worker().drain();
    expect((await call('query($id: ID!) { reportRun(id: $id) { state failure } }', { id })).data.reportRun).toEqual({
      state: 'FAILED',
      failure: 'You no longer have the right to run this report.',
    });
    for (const [capabilities, failure] of [
      [['student:read', 'student.demographics:read', 'iep:read', 'provider:read'], 'You no longer have the right'],
      [['student:read', 'report:read'], 'Your rights changed'],
    ] as const) {
      const less = await ask('CASELOAD_ROSTER');
      rights.set('acct-d/p-d', principal({ capabilities: [...capabilities] }));
      await worker().drain();
      const { reportRun } = (await call('query($id: ID!) { reportRun(id: $id) { state failure } }', { id: less })).data;
      expect(reportRun).toEqual({ state: 'FAILED', failure: expect.stringContaining(failure) });
    }
    const next = await ask('CASELOAD_ROSTER');
    let loads = 0;
    await new ReportWorker({
      ...runtime(),
      loadPrincipal: async () => principal({ epoch: loads++ === 0 ? 0 : 1 }),
    }).drain();
    expect(loads).toBe(2);
    expect((await call('query($id: ID!) { reportRun(id: $id) { state } }', { id: next })).data.reportRun.state).toBe(
      'DONE',
    );
  });

  test('a run whose worker died is taken up again; two workers never share one', async () => {
    const id = await ask('CASELOAD_ROSTER', { organizationId: 'school-2' });
    const never = new ReportWorker({
      ...runtime(),
      loadPrincipal: () => new Promise(() => undefined),
    });
    void never.drain();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await worker().drain();
    const state = async () =>
      (await call('query($id: ID!) { reportRun(id: $id) { state rowCount } }', { id })).data.reportRun;
    expect((await state()).state).toBe('RUNNING');
    world.clock.set(new Date(NOON.getTime() + 300_000));
    await Promise.all([worker().drain(), worker().drain()]);
    expect(await state()).toEqual({ state: 'DONE', rowCount: 2 });
    world.clock.set(NOON);
  });

  test('the worker of a process wakes at the commit of a run, and stops', async () => {
    const started = startReportWorker({
      ...runtime(),
      loadPrincipal: async () => principal(),
      pollMs: 60_000,
    });
    const id = await ask('WORKLIST');
    let state = 'QUEUED';
    for (let i = 0; i < 100 && state !== 'DONE'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      state = (await call('query($id: ID!) { reportRun(id: $id) { state } }', { id })).data.reportRun.state;
    }
    await started.stop();
    expect(state).toBe('DONE');
  });

  test('a long run keeps its own owner waiting, and nobody else', async () => {
    const long = await ask('CASELOAD_ROSTER');
    const [next, short] = [await ask('WORKLIST'), await ask('WORKLIST', null, teacher)];
    let go = (): void => undefined;
    const isLong = new Promise<void>((resolve) => (go = resolve));
    const started = startReportWorker({
      ...runtime(),
      loadPrincipal: async (subject) => (subject === 'acct-t' ? teacher : isLong.then(() => principal())),
      pollMs: 20,
    });
    const states = async () => {
      const states = new Map(
        (await world.read('SELECT id, state FROM report_run')).map(({ id, state }) => [id, state]),
      );
      return [long, next, short].map((id) => states.get(id));
    };
    const until = async (expected: string[]) => {
      for (let i = 0; i < 200 && String(await states()) !== String(expected); i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await states()).toEqual(expected);
    };
    await until(['RUNNING', 'QUEUED', 'DONE']);
    go();
    await until(['DONE', 'DONE', 'DONE']);
    await started.stop();
  });

  test('SER-128 deleting removes the rows; SER-127 T-25 after 14 days a run is gone by itself', async () => {
    const rows = async (id: string) =>
      Number((await world.read('SELECT COUNT(*) AS n FROM report_row WHERE run_id = ?', [id]))[0]!.n);
    const [first, second] = [await ask('CASELOAD_ROSTER'), await ask('CASELOAD_ROSTER')];
    await worker().drain();
    expect([await rows(first), await rows(second)]).toEqual([5, 5]);
    expect(
      (
        await call('mutation($id: ID!) { deleteReportRun(input: { id: $id }) { deletedId errors { code } } }', {
          id: first,
        })
      ).data.deleteReportRun,
    ).toEqual({ deletedId: first, errors: [] });
    expect(await rows(first)).toBe(0);
    world.clock.set(new Date(NOON.getTime() + 14 * 86_400_000 - 1));
    expect((await call(saved, { id: second })).data.reportRun.state).toBe('DONE');
    world.clock.set(new Date(NOON.getTime() + 14 * 86_400_000));
    expect((await call(saved, { id: second })).data.reportRun).toBeNull();
    world.clock.set(new Date(NOON.getTime() + 14 * 86_400_000 + 1));
    await worker().drain();
    expect(await rows(second)).toBe(0);
    world.clock.set(NOON);
  });
});
