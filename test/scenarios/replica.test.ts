import { mariadbAtHand, ReplicaPair } from '../harness/replica-pair';
import { bootSystem, type TestSystem } from '../harness/system';
import { CaseWork, MANTECA, providerIdOf } from './case-work';
import { eventually, select } from './record';

const { administrator, provider } = MANTECA;
const STUDENT = 'query($id: ID!) { student(id: $id) { id lastName } }';
const LIST = '{ students(first: 20) { totalCount nodes { id lastName services { id } } } }';

/** Needs the programs of MariaDB: skipped, and counted as skipped, where they are not installed. */
(mariadbAtHand ? describe : describe.skip)('a replica for the reads of queries', () => {
  let pair: ReplicaPair;
  let system: TestSystem;
  let work: CaseWork;
  let studentId: string;

  beforeAll(async () => {
    pair = await ReplicaPair.start();
    const { url, replicaUrl } = await pair.makeDatabase();
    system = await bootSystem(async () => url, { replicaUrl });
    work = new CaseWork(system);
    for (const server of [pair.primary, pair.replica]) await server.query('SET GLOBAL general_log = 1');
    const [row] = await select<{ id: string }>(
      system.database,
      "SELECT j.student_id AS id FROM jurisdiction j WHERE j.lea_id = ? AND j.end_date IS NULL AND NOT EXISTS (SELECT 1 FROM student_access a WHERE a.student_id = j.student_id AND a.grantee = 'STAFF:acct-provider-manteca') LIMIT 1",
      [MANTECA.leaId],
    );
    studentId = row!.id;
  });
  afterAll(async () => {
    pair?.replica.wake();
    await system?.stop();
    await pair?.stop();
  });

  /** Statements under the caller's scope that each of the two was sent meanwhile. */
  async function readsOf<T>(act: () => Promise<T>): Promise<{ result: T; primary: number; replica: number }> {
    const before = [await pair.primary.scopedReads(), await pair.replica.scopedReads()] as const;
    const result = await act();
    const [primary, replica] = [await pair.primary.scopedReads(), await pair.replica.scopedReads()];
    return { result, primary: primary - before[0], replica: replica - before[1] };
  }
  const isSeen = async (): Promise<boolean> => (await work.see(provider, STUDENT, { id: studentId })).student !== null;
  const assignment = () => ({ studentId, providerId: providerIdOf(provider) });
  const assign = () => work.done(administrator, 'assignProvider', assignment());
  const remove = () => work.done(administrator, 'removeProvider', assignment());
  const replicaAnswers = () =>
    eventually(async () => {
      const { primary, replica } = await readsOf(() => work.see(administrator, LIST));
      expect(replica).toBeGreaterThan(0);
      expect(primary).toBe(0);
    }, 20_000);

  test('answers queries once it has come as far as the primary, and no mutation', async () => {
    await replicaAnswers();
    const { primary, replica } = await readsOf(assign);
    expect(replica).toBe(0);
    expect(primary).toBeGreaterThan(0);
    await remove();
  });

  test('A-56 what was written is read, and what was revoked is gone, with the next request', async () => {
    for (let i = 0; i < 10; i++) {
      await assign();
      expect([i, await isSeen()]).toEqual([i, true]);
      await remove();
      expect([i, await isSeen()]).toEqual([i, false]);
    }
    await replicaAnswers();
  });

  test('A-56 behind the primary it is not read: a revocation that it has not heard of holds', async () => {
    await assign();
    expect(await isSeen()).toBe(true);
    await replicaAnswers();
    await pair.replica.query('STOP SLAVE SQL_THREAD');
    await remove();
    const { result, replica } = await readsOf(isSeen);
    expect([result, replica]).toEqual([false, 0]);
    const [open] = await pair.replica.query(
      `SELECT COUNT(*) AS number FROM iep.student_access WHERE student_id = '${studentId}' AND grantee = 'STAFF:acct-provider-manteca' AND revoked_at IS NULL`,
    );
    expect(Number(open!.number)).toBe(1);
    await assign();
    expect(await isSeen()).toBe(true);
    await remove();
    expect(await isSeen()).toBe(false);
    await pair.replica.query('START SLAVE SQL_THREAD');
    await replicaAnswers();
    expect(await isSeen()).toBe(false);
  });

  test('A-56 a primary that has counted less than the replica, as one that was set back, is read itself', async () => {
    await assign();
    await replicaAnswers();
    await pair.replica.query('STOP SLAVE SQL_THREAD');
    await pair.primary.query('DELETE FROM iep.write_count');
    await remove();
    const { result, replica } = await readsOf(isSeen);
    expect([result, replica]).toEqual([false, 0]);
    expect(await isSeen()).toBe(false);
    await pair.replica.query('START SLAVE SQL_THREAD');
    await replicaAnswers();
    expect(await isSeen()).toBe(false);
  });

  test('one that hangs, or is gone, is missed by nobody; it is read again when it is back', async () => {
    const { totalCount } = (await work.see(administrator, LIST)).students;
    pair.replica.hang();
    expect((await work.see(administrator, LIST)).students.totalCount).toBe(totalCount);
    pair.replica.wake();
    await replicaAnswers();
    await pair.replica.kill();
    for (let i = 0; i < 3; i++) expect((await work.see(administrator, LIST)).students.totalCount).toBe(totalCount);
    await pair.replica.start();
    await pair.replica.query('SET GLOBAL general_log = 1');
    await pair.replica.query('START SLAVE');
    await replicaAnswers();
  });
});
