import type { Principal } from '../../../platform/principal/principal';
import { databaseUrls } from '../../../test/harness/databases';
import { CROSSING_LIMIT } from '../student/crossing-limit';
import { bundle, newcomer, StudentsFixture } from '../student/students.fixture';

describe.each(databaseUrls())('SEIS-02 who decides requests, on %s', (_engine, makeUrl) => {
  let f: StudentsFixture;
  let a: Principal;
  let teacher: Principal;
  const without = (who: Principal, ...missing: string[]): Principal => ({
    ...who,
    capabilities: who.capabilities.filter((capability) => !missing.includes(capability)),
  });
  const process = (as: Principal, id: string, over: object = {}) =>
    f.mutate(as, 'processRequest', { id, version: 1, decision: 'ACCEPT', ...over }, 'request { state }');
  const deny = (as: Principal, id: string, note = 'Not ours') => process(as, id, { decision: 'DENY', note });
  const stateOf = async (id: string) =>
    (await f.sql<{ state: string }>('SELECT state FROM student_request WHERE id = ?', [id]))[0]!.state;
  const askForAdd = async (stateId: string, over: object = {}, as = teacher): Promise<string> => {
    const input = newcomer({ stateId, lastName: `Comer${stateId}`, ...over });
    return (await f.mutate(as, 'addStudent', input, 'request { id }')).request.id;
  };
  const queueOf = async (as: Principal): Promise<string[]> =>
    (await f.call(as, '{ requests(first: 100) { nodes { id } } }')).data.requests.nodes.map(
      ({ id }: { id: string }) => id,
    );

  beforeAll(async () => {
    f = await StudentsFixture.start(makeUrl);
    [a, teacher] = [f.district('lea-a'), f.teacher('lea-a')];
    const [owned] = bundle('s-9').jurisdictions;
    await f.load(
      bundle('s-1'),
      bundle('s-9', {
        stateId: '9000000009',
        jurisdictions: [{ ...owned!, leaId: 'lea-b', selpaId: 'selpa-2', schoolId: 'school-b1' }],
      }),
    );
    await f.publish('pub_service', { id: 'sv9', student_id: 's-9', lea_id: 'lea-b', state: 'ACTIVE', end_date: null });
  });
  afterAll(() => f?.database.close());

  test('SEIS-23 who has asked sees the request, and does not decide it without owning the student', async () => {
    const residence = { relation: 'RESIDENCE', grantee: 'LEA:lea-c' } as const;
    await f.grant({ ...residence, studentId: 's-1', leaId: 'lea-a', validFrom: '2024-08-01' });
    const asker = f.district('lea-c', { grants: [residence] });
    const exit = { studentId: 's-1', exitOn: '2026-02-06', reason: 'OUT_OF_STATE' };
    const { request } = await f.mutate(asker, 'requestExit', exit, 'request { id }');
    expect(await queueOf(asker)).toEqual([request.id]);
    const unknown = await deny(asker, 'nothing');
    expect(unknown).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect([await deny(asker, request.id), await process(asker, request.id)]).toEqual([unknown, unknown]);
    expect(await stateOf(request.id)).toBe('SUBMITTED');
    expect(await deny(a, request.id)).toMatchObject({ errors: [], request: { state: 'DENIED' } });
  });

  test('SESIS-06 accepting needs the right to the act; denying does not', async () => {
    const supervisor = without(a, 'student:write', 'status:write', 'exit:process', 'jurisdiction:write');
    const [add, other] = [await askForAdd('8000000101'), await askForAdd('8000000102')];
    expect(await process(supervisor, add)).toMatchObject({
      errors: [{ code: 'C.9', message: expect.stringContaining('student:write'), path: ['decision'] }],
      request: null,
    });
    expect([await stateOf(add), await f.sql("SELECT id FROM student WHERE state_id = '8000000101'")]).toEqual([
      'SUBMITTED',
      [],
    ]);
    expect(await deny(supervisor, other)).toMatchObject({ errors: [], request: { state: 'DENIED' } });
  });

  test('SER-28 accepting an add of a student on file is a claim, and needs the right to claim', async () => {
    const request = await askForAdd('9000000009');
    expect(await process(without(a, 'jurisdiction:write'), request)).toMatchObject({
      errors: [{ code: 'C.9', message: expect.stringContaining('jurisdiction:write'), path: ['decision'] }],
      request: null,
    });
    expect((await process(a, request)).errors).toMatchObject([{ code: 'V-045' }]);
    expect(await stateOf(request)).toBe('SUBMITTED');
  });

  test('A-43 accepting an add is a look beyond the scope, and counted as one', async () => {
    const busy = f.district('lea-c');
    const request = await askForAdd('9000000009', { schoolId: 'school-c1' }, f.teacher('lea-c'));
    for (let i = 0; i < CROSSING_LIMIT.points; i++) await process(busy, request);
    expect(await process(busy, request)).toMatchObject({ topLevel: 'RATE_LIMITED' });
  });

  test('SIRAS-02 a queue is for who decides: the others of the district see what they have asked for', async () => {
    const request = await askForAdd('8000000103');
    expect(await queueOf(a)).toContain(request);
    const coordinator = without({ ...a, perspective: 'p-coordinator' }, 'request:process');
    expect(await queueOf(coordinator)).toEqual([]);
  });

  test('A-60 under outdated rights there is no queue, whatever is asked for beside it', async () => {
    await askForAdd('8000000104');
    const both = '{ student(id: "s-1") { id } requests(first: 1) { nodes { proposedName } } }';
    expect((await f.call(a, both)).data.requests.nodes).toHaveLength(1);
    const { data, errors } = await f.call({ ...a, epoch: 0 }, both);
    expect([data?.requests ?? null, errors![0].extensions.code]).toEqual([null, 'STALE_PRINCIPAL']);
  });

  test('C.9 of two deciders at the same instant one is told that the other was faster', async () => {
    const requests = await Promise.all(
      Array.from({ length: 8 }, (_, i) => askForAdd(`80000002${String(i).padStart(2, '0')}`)),
    );
    for (const request of requests) {
      const answers = await Promise.all(['one', 'another'].map((note) => deny(a, request, note)));
      expect(answers.map((answer) => answer.topLevel ?? answer.request.state).sort()).toEqual(['CONFLICT', 'DENIED']);
    }
  });
});
