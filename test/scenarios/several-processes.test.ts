import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { request } from 'undici';
import type { Database } from '../../platform/database/database';
import { newId } from '../../platform/ids';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import { connectOwner } from '../../scripts/runtime';
import { databaseUrls } from '../harness/databases';
import { accountIdOf, CaseWork, MANTECA, providerIdOf, RIPON } from './case-work';
import { ComposedProduct } from './composed-product';
import { buildIfStale } from './product-process';
import { delivered, eventually, select } from './record';

const PROGRAMS = ['gateway', 'students', 'iep', 'services', 'reporting', 'issuer'] as const;
const TWO = 2;
const LIST = '{ students(first: 20) { totalCount nodes { id services { id } currentIep { id } dueDates { kind } } } }';
const STUDENT =
  'query($id: ID!) { student(id: $id) { id spedActivities { entryOn } currentIep { state } services { id } } }';

const mysql = databaseUrls().find(([engine]) => engine === 'mysql');
/** Needs a MariaDB or MySQL: skipped, and counted as skipped, when none answers. */
(mysql ? describe : describe.skip)('every program in two processes, on one database', () => {
  let product: ComposedProduct;
  let work: CaseWork;
  let owner: Database;

  beforeAll(async () => {
    buildIfStale();
    const url = await mysql![1](tmpdir());
    product = await ComposedProduct.start(url, { processes: TWO });
    owner = await connectOwner(url);
    work = new CaseWork(product);
    // Eighteen programs take their time on a small machine.
  }, 400_000);
  afterAll(async () => {
    await product?.stop();
    await owner?.close();
  });

  const processesOf = (name: (typeof PROGRAMS)[number]): number[] =>
    execFileSync('pgrep', ['-P', String(product.firstOf(name).pid)], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
      .map(Number);
  const haveTwo = () =>
    eventually(async () => {
      expect(PROGRAMS.map((name) => [name, processesOf(name).length])).toEqual(PROGRAMS.map((name) => [name, TWO]));
    }, 20_000);

  test('both answer: each writes a chain of its own in the audit log', async () => {
    await haveTwo();
    await eventually(async () => {
      await Promise.all(Array.from({ length: 8 }, () => work.see(RIPON.teacher, LIST)));
      const chains = await select<{ process: string; chains: number }>(
        owner,
        "SELECT c.process AS process, COUNT(DISTINCT e.chain) AS chains FROM audit_chain c JOIN audit_entry e ON e.chain = c.id AND e.kind = 'disclosure' GROUP BY c.process ORDER BY 1",
      );
      expect(chains.map((row) => [row.process, Number(row.chains)])).toEqual(
        ['iep', 'reporting', 'services', 'students'].map((name) => [name, TWO]),
      );
    }, 20_000);
  });

  test('a mutation under one key that comes twice at once is done once', async () => {
    const input = { studentId: '', providerId: providerIdOf(MANTECA.provider), idempotencyKey: newId() };
    const { students } = await work.see(MANTECA.administrator, LIST);
    input.studentId = students.nodes[0].id;
    const before = await select(owner, 'SELECT id FROM provider_assignment WHERE student_id = ?', [input.studentId]);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => work.attempt(MANTECA.administrator, 'assignProvider', input)),
    );
    for (const { data } of answers) expect(data.assignProvider.errors).toEqual([]);
    const after = await select(owner, 'SELECT id FROM provider_assignment WHERE student_id = ?', [input.studentId]);
    expect(after.length - before.length).toBe(1);
    delete (input as Partial<typeof input>).idempotencyKey;
    await work.done(MANTECA.administrator, 'removeProvider', input);
  });

  test('A-35 a signed mutation is taken once, whichever process it comes to', async () => {
    const [address] = product.addressesOf('students');
    const principal = await request(`${address}/internal/principal`, {
      method: 'POST',
      headers: { 'x-service-key': product.setting('gateway', 'SERVICE_KEY') },
      body: JSON.stringify({ account: accountIdOf(RIPON.administrator), perspective: null }),
    }).then(async ({ body }) => ((await body.json()) as { principal: never }).principal);
    const body = JSON.stringify({ query: 'mutation { __typename }' });
    const key = new TextEncoder().encode(product.setting('students', 'PRINCIPAL_KEY'));
    const sealed = sealPrincipal({ principal, requestId: newId() }, 'students', body, key);
    // New connections go to the two processes in turn.
    const headers = { [PRINCIPAL_HEADER]: sealed, connection: 'close' };
    const statuses = await Promise.all(
      Array.from({ length: 6 }, () => fetch(`${address}/graphql`, { method: 'POST', headers, body })),
    ).then((answers) => answers.map(({ status }) => status));
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401, 401]);
  });

  test('what an act sets going is done once, and in its order', async () => {
    const pupil = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, pupil.id);
    expect((await work.affirm(RIPON.teacher, iepId)).errors).toEqual([]);
    await delivered(owner, [pupil.id]);
    const { student } = await work.see(RIPON.teacher, STUDENT, { id: pupil.id });
    expect(student.currentIep.state).toBe('CURRENT');
    expect([student.spedActivities.length, student.services.length]).toEqual([1, 1]);
    const twice = await select(
      owner,
      'SELECT event_id FROM outbox_delivery WHERE student_id = ? GROUP BY event_id, consumer HAVING COUNT(*) > 1',
      [pupil.id],
    );
    expect(twice).toEqual([]);
  });

  test('A-56 what is revoked through one process is gone in all of them', async () => {
    const { students } = await work.see(MANTECA.administrator, LIST);
    const assigned = { studentId: students.nodes[1].id, providerId: providerIdOf(MANTECA.provider) };
    const seen = async (): Promise<number> => {
      const looks = Array.from({ length: 6 }, () => work.see(MANTECA.provider, STUDENT, { id: assigned.studentId }));
      return (await Promise.all(looks)).filter(({ student }) => student !== null).length;
    };
    for (let round = 0; round < 3; round++) {
      await work.done(MANTECA.administrator, 'assignProvider', assigned);
      expect(await seen()).toBe(6);
      await work.done(MANTECA.administrator, 'removeProvider', assigned);
      expect(await seen()).toBe(0);
    }
  });

  test('a process that dies is replaced; meanwhile the other one answers', async () => {
    const killed = PROGRAMS.map((name) => processesOf(name)[0]!);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await eventually(() => work.see(RIPON.teacher, LIST), 10_000);
    await haveTwo();
    for (const name of PROGRAMS) for (const pid of processesOf(name)) expect(killed).not.toContain(pid);
    await work.see(RIPON.teacher, LIST);
  });

  test('asked to end, every process closes its chain in the audit log', async () => {
    for (const name of PROGRAMS) {
      const first = product.firstOf(name);
      const ended = once(first, 'exit');
      first.kill('SIGTERM');
      expect([name, await ended]).toEqual([name, [0, null]]);
    }
    const chains = await select<{ closed: number }>(
      owner,
      "SELECT (SELECT COUNT(*) FROM audit_checkpoint k WHERE k.chain = c.id AND k.closes) AS closed FROM audit_chain c WHERE c.process <> 'system'",
    );
    const closed = chains.filter((chain) => Number(chain.closed) > 0).length;
    // All but those of the four that were killed.
    expect([chains.length, closed]).toEqual([12, 8]);
  });
});
