import { scopeComment } from '../../../platform/database/guard';
import { databaseUrls } from '../../../test/harness/databases';
import { caseManager, codes, district, former, GOAL, IepGraph, OFFER, provider, TEAM, TODAY } from '../iep.fixture';

const REASON = 'Started for the wrong meeting.';
const UNSIGNED_TEAM = {
  ...TEAM,
  participants: TEAM.participants.map(({ name, role }) => ({ name, role, attended: true })),
};
const SCAN = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');

describe.each(databaseUrls())('SEIS-43 a draft that was started by mistake on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());

  const newStudent = () => graph.student(`discard${++count}`);
  const start = async (studentId: string, kind = 'PART_B_INITIAL') =>
    (await graph.mutate('startIep', { studentId, kind })).iep.id as string;
  const asked = async (iepId: string, over: object = {}) => ({
    iepId,
    version: (await graph.iep(iepId, 'version')).version as number,
    reason: REASON,
    ...over,
  });
  const discard = async (iepId: string, over: object = {}, as = caseManager(), selection = 'iep { state }') =>
    graph.mutate('discardIep', await asked(iepId, over), selection, as);
  const eventsOf = async (studentId: string): Promise<string[]> =>
    (await graph.select('SELECT type FROM outbox_event WHERE student_id = ? ORDER BY sequence', [studentId])).map(
      ({ type }) => type as string,
    );

  test('SEIS-43 it leaves the open place and keeps its content, with who, when and why; services and clocks are told', async () => {
    const studentId = await newStudent();
    const iepId = await start(studentId);
    await graph.save(iepId, 'offer', OFFER);
    await graph.mutate('addGoal', { iepId, ...GOAL }, 'goal { id }');
    expect(codes(await graph.mutate('startIep', { studentId, kind: 'PART_B_INITIAL' }))).toEqual(['SEIS-43']);
    const { iep, errors } = await discard(
      iepId,
      {},
      caseManager(),
      'iep { state stateLabel notices findings { message } goals { statement } discard { discardedAt reason discardedBy { id } } forms { ... on OfferForm { offers } } }',
    );
    expect(errors).toEqual([]);
    expect(iep).toMatchObject({
      state: 'DISCARDED',
      stateLabel: 'Discarded',
      notices: ['Discarded: a draft that never took effect.'],
      findings: [],
      goals: [{ statement: GOAL.statement }],
      discard: { discardedAt: '2026-02-10T18:00:00.000Z', reason: REASON, discardedBy: { id: 'acct-cm' } },
    });
    expect(iep.forms).toContainEqual({ offers: OFFER.offers });
    expect((await eventsOf(studentId)).slice(-2)).toEqual(['iep.discarded', 'iep.changed']);
    const history = await graph.call(
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { futureIep { id } iepHistory { nodes { id } } } } }',
      { r: [{ __typename: 'Student', id: studentId }] },
    );
    expect(history.data._entities[0]).toEqual({ futureIep: null, iepHistory: { nodes: [] } });
    expect((await graph.mutate('startIep', { studentId, kind: 'PART_B_INITIAL' })).iep.state).toBe('DRAFT');
  });

  test('C.2 an amendment, a continuation and a reactivated document: the affirmed IEP stays as it was', async () => {
    const studentId = await newStudent();
    const plan = await graph.heldIep(studentId);
    await graph.affirm(plan);
    const before = await graph.iep(plan, 'state version contentHash');
    for (const open of [
      () => graph.mutate('amendIep', { iepId: plan }),
      () => graph.mutate('continueIep', { iepId: plan }),
      // Signature and signed copies come with the copy: they are those of the affirmed IEP.
      async () => graph.mutate('reactivateIep', await asked(plan), undefined, district),
    ]) {
      const { iep } = await open();
      expect((await discard(iep.id, {}, district)).iep.state).toBe('DISCARDED');
      expect(await graph.iep(plan, 'state version contentHash')).toEqual(before);
    }
  });

  test('SEIS-53 what is signed is not discarded: an answer, a participant’s day, a scan', async () => {
    const iepId = await graph.heldIep(await newStudent());
    const state = async () => (await graph.iep(iepId, 'state')).state;
    expect(codes(await discard(iepId))).toEqual(['SEIS-53']);
    await graph.save(iepId, 'participants', { ...TEAM, signature: null });
    expect(codes(await discard(iepId))).toEqual(['SEIS-53']);
    await graph.save(iepId, 'participants', { ...UNSIGNED_TEAM, signature: { outcome: 'REFUSED' } });
    expect(codes(await discard(iepId))).toEqual(['SEIS-53']);
    await graph.save(iepId, 'participants', { ...UNSIGNED_TEAM, signature: { outcome: 'AWAITING' } });
    await graph.mutate('attachSignedCopy', { iepId, fileName: 'signed.pdf', content: SCAN }, 'iep { id }');
    expect(codes(await discard(iepId))).toEqual(['SEIS-53']);
    expect(await state()).toBe('IN_REVIEW');
    const held = await graph.heldIep(await newStudent(), 'PART_B_INITIAL', null);
    await graph.save(held, 'participants', UNSIGNED_TEAM);
    expect((await discard(held)).iep.state).toBe('DISCARDED');
  });

  test('SEIS-53 a signature that came after the reactivation keeps the reactivated document', async () => {
    const studentId = await newStudent();
    const plan = await graph.heldIep(studentId, 'PART_B_INITIAL', 'AWAITING');
    await graph.affirm(plan);
    const { iep } = await graph.mutate('reactivateIep', await asked(plan), undefined, district);
    await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'AGREE_ALL', signedOn: TODAY } });
    expect(codes(await discard(iep.id))).toEqual(['SEIS-53']);
  });

  test('V-013 V-014 only drafts, once; another version is a CONFLICT; the same key answers the same; a reason is asked for', async () => {
    const studentId = await newStudent();
    const iepId = await start(studentId);
    expect(codes(await discard(iepId, { reason: '  ' }))).toEqual(['C.2']);
    const long = await graph.tryMutate('discardIep', await asked(iepId, { reason: 'x'.repeat(501) }));
    expect(long.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    const stale = await graph.tryMutate('discardIep', await asked(iepId, { version: 9 }));
    expect(stale.errors![0]!.extensions.code).toBe('CONFLICT');
    const input = await asked(iepId, { idempotencyKey: `discard-${iepId}` });
    for (let i = 0; i < 2; i++) expect((await graph.mutate('discardIep', input)).iep.state).toBe('DISCARDED');
    expect((await eventsOf(studentId)).filter((type) => type === 'iep.discarded')).toHaveLength(1);
    expect(codes(await discard(iepId))).toEqual(['V-014']);
    const plan = await graph.heldIep(studentId);
    await graph.affirm(plan);
    expect(codes(await discard(plan))).toEqual(['V-013']);
  });

  test('V-014 a discarded draft takes nothing more, also from the database', async () => {
    const iepId = await start(await newStudent());
    const { goal } = await graph.mutate('addGoal', { iepId, ...GOAL }, 'goal { id }');
    await discard(iepId);
    const progress = { goalId: goal.id, reportedOn: TODAY, rating: 'SUFFICIENT' };
    const scan = { iepId, fileName: 'signed.pdf', content: SCAN };
    for (const refused of [
      await graph.mutate('saveIepForm', { iepId, version: 1, offer: OFFER }),
      await graph.mutate('addGoal', { iepId, ...GOAL }, 'goal { id }'),
      await graph.mutate('removeGoal', { goalId: goal.id, version: 1 }),
      await graph.mutate('recordGoalProgress', progress, 'progress { id }'),
      await graph.mutate('attachSignedCopy', scan),
      await graph.mutate('holdMeeting', { iepId, version: 9, meetingDate: TODAY }),
      await graph.affirm(iepId),
      await graph.mutate('amendIep', { iepId }),
    ])
      expect(codes(refused)).toEqual(['V-014']);
    for (const sql of [
      "UPDATE iep SET state = 'DRAFT' WHERE id = ?",
      'UPDATE iep SET discard_reason = NULL WHERE id = ?',
      'DELETE FROM iep WHERE id = ?',
      "UPDATE iep_form SET content = '{}' WHERE iep_id = ?",
      'DELETE FROM iep_goal WHERE iep_id = ?',
    ])
      await expect(
        graph.write((session) => session.manager.query(scopeComment('system:test') + sql, [iepId])),
      ).rejects.toThrow('a discarded draft stays as it is');
    const other = await start(await newStudent());
    for (const table of ['iep_form', 'iep_goal']) {
      if (table === 'iep_goal') await graph.mutate('addGoal', { iepId: other, ...GOAL }, 'goal { id }');
      const moved = `${scopeComment('system:test')} UPDATE ${table} SET iep_id = ? WHERE iep_id = ?`;
      await expect(graph.write((session) => session.manager.query(moved, [iepId, other]))).rejects.toThrow(
        /a discarded draft stays as it is|affirmed content cannot be changed/,
      );
    }
  });

  test('A-57 who may not start an IEP discards none; a former district finds nothing', async () => {
    const iepId = await start(await newStudent());
    const input = await asked(iepId);
    const reader = { ...provider, capabilities: provider.capabilities.filter((one) => one !== 'iep:write') };
    expect((await graph.tryMutate('discardIep', input, undefined, reader)).status).toBe(403);
    const foreign = await graph.tryMutate('discardIep', input, undefined, former);
    expect(foreign.errors![0]!.extensions.code).toBe('NOT_FOUND');
    expect((await graph.iep(iepId, 'state')).state).toBe('DRAFT');
  });
});
