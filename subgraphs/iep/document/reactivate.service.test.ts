import { scopeComment } from '../../../platform/database/guard';
import type { Principal } from '../../../platform/principal/principal';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { pdfText } from '../../../test/scenarios/pdf-text';
import {
  caseManager,
  codes,
  dataWriter,
  district,
  former,
  GOAL,
  IepGraph,
  NOTES,
  OFFER,
  provider,
  TEAM,
  TICKED,
  TODAY,
} from '../iep.fixture';

const LATER = '2026-03-01';
const REASON = 'The environment was typed wrongly.';

describe.each(databaseUrls())('C.2 reactivating a finalized meeting on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());
  afterEach(() => graph.clock.set(new Date('2026-02-10T18:00:00Z')));
  const later = () => graph.clock.set(new Date(`${LATER}T18:00:00Z`));

  const run = (sql: string, parameters: unknown[]) =>
    graph.write((session) => session.manager.query(scopeComment('system:test') + sql, parameters));
  const eventsOf = async (studentId: string): Promise<Record<string, unknown>[]> =>
    (
      await graph.select('SELECT type, payload FROM outbox_event WHERE student_id = ? ORDER BY sequence', [studentId])
    ).map(({ type, payload }) => ({
      type,
      ...((typeof payload === 'string' ? JSON.parse(payload) : payload) as Record<string, unknown>),
    }));
  const affirmed = async (signature = 'AGREE_ALL', kind = 'PART_B_INITIAL') => {
    const studentId = await graph.student(`again${++count}`);
    const iepId = await graph.heldIep(studentId, kind, signature);
    await graph.service(`${studentId}-330`, studentId, iepId, {
      state: signature === 'AGREE_ALL' ? 'ACTIVE' : 'PROPOSED',
    });
    await graph.affirm(iepId, { purposes: ['INITIAL', 'TRANSITION'] });
    return { studentId, iepId };
  };
  const asked = async (iepId: string, over: object = {}) => ({
    iepId,
    version: (await graph.iep(iepId, 'version')).version as number,
    reason: REASON,
    ...over,
  });
  const reactivate = async (iepId: string, over: object = {}, selection?: string, as: Principal = district) =>
    graph.mutate('reactivateIep', await asked(iepId, over), selection, as);

  const CONTENT = `kind purposes purposeText continuation amendmentNumber meetingDate heldOn reconvenedOn signature
    forms { kind ... on ParticipantsForm { participants { name signedOn } signature { outcome signedOn } participation { confirmed } }
      ... on NotesForm { discussion actionProposed } ... on OfferForm { offers federalEnvironment } ... on PresentLevelsForm { strengths health } }
    goals { position area baseline statement discussed objectives { statement targetDate } } parent { id }`;

  test('B.3 the clerk opens it again: same content word for word, in review; the affirmed one is untouched and in force', async () => {
    const { studentId, iepId } = await affirmed();
    const before = await graph.select('SELECT * FROM iep WHERE id = ?', [iepId]);
    const shown = await graph.iep(iepId, CONTENT);
    expect(shown.forms.find((form: { kind: string }) => form.kind === 'NOTES').discussion).toBe(NOTES.discussion);
    expect(shown.goals).toMatchObject([{ statement: GOAL.statement, discussed: true }]);
    later();
    const { iep, errors } = await reactivate(
      iepId,
      {},
      `iep { id state openedOn agreed affirmedAt contentHash version stateLabel notices ${CONTENT}
        reactivation { reactivatedAt reason reactivatedBy { id } replaces { id state } } document { id } }`,
    );
    expect(errors).toEqual([]);
    expect(iep).toMatchObject({
      ...shown,
      state: 'IN_REVIEW',
      openedOn: LATER,
      agreed: false,
      affirmedAt: null,
      contentHash: null,
      version: 1,
      document: null,
      reactivation: {
        reactivatedAt: `${LATER}T18:00:00.000Z`,
        reason: REASON,
        reactivatedBy: { id: 'acct-district' },
        replaces: { id: iepId, state: 'CURRENT' },
      },
    });
    expect(iep.notices).toContain(
      `Reactivated on ${LATER}: the affirmed IEP stays in force until this one is affirmed.`,
    );
    expect(await graph.select('SELECT * FROM iep WHERE id = ?', [iepId])).toEqual(before);
    expect(await graph.iep(iepId, 'notices reactivation { reason }')).toEqual({
      notices: [`Reactivated on ${LATER} to be corrected: this IEP stays in force until that is affirmed.`],
      reactivation: null,
    });
    expect((await eventsOf(studentId)).at(-1)).toEqual({ type: 'iep.changed', iepId: iep.id, state: 'IN_REVIEW' });
    const unaffirmed = await graph.call(
      'query($s: ID) { ieps(filter: { studentId: $s, unaffirmed: true }) { nodes { id } } }',
      { s: studentId },
    );
    expect(unaffirmed.data.ieps.nodes).toEqual([{ id: iep.id }]);
  });

  test('SEIS-52 finalize again: the case manager corrects and affirms; one extra archive; the annual clock stays (T-07)', async () => {
    const { studentId, iepId } = await affirmed();
    const before = await graph.iep(iepId, 'contentHash document { content }');
    later();
    const { iep } = await reactivate(iepId);
    // SEIS-52: not in place of the case manager.
    expect(
      (
        await graph.tryMutate(
          'affirmIep',
          { iepId: iep.id, version: 1, purposes: ['INITIAL'], attestation: TICKED },
          undefined,
          district,
        )
      ).status,
    ).toBe(403);
    await graph.save(iep.id, 'offer', { ...OFFER, federalEnvironment: 'RC79TO40', percentInsideRegularClass: 60 });
    expect(await graph.affirm(iep.id, { purposes: ['INITIAL'] })).toMatchObject({
      iep: { state: 'CURRENT' },
      errors: [],
    });

    expect(await graph.iep(iepId, 'state contentHash document { content }')).toEqual({ state: 'HISTORY', ...before });
    expect((await eventsOf(studentId)).at(-1)).toEqual({
      type: 'iep.affirmed',
      iepId: iep.id,
      kind: 'PART_B_INITIAL',
      meetingDate: '2026-02-05',
      affirmedOn: LATER,
      initial: true,
      agreed: true,
      previousIepId: iepId,
      eligible: true,
    });
    const [row] = await graph.select('SELECT * FROM pub_iep WHERE id = ?', [iep.id]);
    expect(row).toMatchObject({
      plan_review_date: '2026-02-05',
      meeting_date: '2026-02-05',
      federal_environment: 'RC79TO40',
      reactivates_iep_id: iepId,
      parent_iep_id: null,
    });
    const [attested] = await graph.select('SELECT services FROM iep_attestation WHERE iep_id = ?', [iep.id]);
    const services = attested!.services;
    expect(typeof services === 'string' ? JSON.parse(services) : services).toMatchObject([{ id: `${studentId}-330` }]);
    const { document } = await graph.iep(iep.id, 'document { content }');
    const text = pdfText(Buffer.from(document.content, 'base64'));
    expect(text).toContain(REASON);
    expect(text).toContain('330');
    await expect(run("UPDATE iep SET reactivation_reason = 'x' WHERE id = ?", [iep.id])).rejects.toThrow(
      'affirmed content cannot be changed',
    );
    await expect(run('UPDATE iep SET reactivates_iep_id = NULL WHERE id = ?', [iep.id])).rejects.toThrow(
      'affirmed content cannot be changed',
    );
  });

  test('T-14, V-008 the seven days count from the reactivation: the meeting was affirmed once before', async () => {
    const { iepId } = await affirmed();
    later();
    const { iep } = await reactivate(iepId);
    const alerts = async () =>
      (await graph.iep(iep.id, 'findings { rule { id } }')).findings.map(
        (one: { rule: { id: string } }) => one.rule.id,
      );
    expect(await alerts()).toEqual([]);
    graph.clock.set(new Date('2026-03-08T18:00:00Z'));
    expect(await alerts()).toEqual([]);
    graph.clock.set(new Date('2026-03-09T18:00:00Z'));
    expect(await alerts()).toEqual(['V-008']);
  });

  test('C.2 an amendment is reactivated as one: parent, number and date stay; what it carried on is attested again', async () => {
    const { studentId, iepId: plan } = await affirmed();
    const { iep: amendment } = await graph.mutate('amendIep', { iepId: plan });
    await graph.fill(amendment.id);
    await graph.save(amendment.id, 'amendment', { contactMethod: 'PHONE', whatChanged: 'Minutes.', why: 'Schedule.' });
    await graph.affirm(amendment.id, { purposes: ['AMENDMENT'] });
    // What the services subgraph does on the event.
    await run('UPDATE pub_service SET iep_id = ? WHERE id = ?', [amendment.id, `${studentId}-330`]);
    const { iep } = await reactivate(
      amendment.id,
      {},
      'iep { id state kind amendmentNumber parent { id } version forms { ... on AmendmentForm { why } } }',
    );
    expect(iep).toMatchObject({ state: 'IN_REVIEW', kind: 'AMENDMENT', amendmentNumber: 1, parent: { id: plan } });
    expect(iep.forms).toContainEqual({ why: 'Schedule.' });
    expect((await graph.affirm(iep.id, { purposes: ['AMENDMENT'] })).iep.state).toBe('CURRENT');
    expect((await eventsOf(studentId)).at(-1)).toMatchObject({
      kind: 'AMENDMENT',
      agreed: true,
      previousIepId: amendment.id,
    });
    const [row] = await graph.select('SELECT * FROM pub_iep WHERE id = ?', [iep.id]);
    expect(row).toMatchObject({ plan_review_date: '2026-02-05', parent_iep_id: plan });
    const [attested] = await graph.select('SELECT services FROM iep_attestation WHERE iep_id = ?', [iep.id]);
    const services = attested!.services;
    expect(typeof services === 'string' ? JSON.parse(services) : services).toHaveLength(1);
  });

  test('C.2 an amendment that turns out to be refused is closed; what took effect stays in force', async () => {
    const { iepId: plan } = await affirmed();
    const { iep: amendment } = await graph.mutate('amendIep', { iepId: plan });
    await graph.fill(amendment.id);
    await graph.save(amendment.id, 'amendment', { contactMethod: 'PHONE', whatChanged: 'Minutes.', why: 'Schedule.' });
    await graph.affirm(amendment.id, { purposes: ['AMENDMENT'] });
    const { iep } = await reactivate(amendment.id);
    await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'REFUSED' } });
    expect((await graph.affirm(iep.id, { purposes: ['AMENDMENT'] })).iep.state).toBe('CLOSED_NO_AGREEMENT');
    expect(await graph.iep(amendment.id, 'state agreed')).toEqual({ state: 'CURRENT', agreed: true });
    const { version } = await graph.iep(iep.id, 'version');
    const late = { iepId: iep.id, version, agreedOn: TODAY, signature: 'AGREE_ALL', attestation: TICKED };
    expect(codes(await graph.mutate('recordLateAgreement', late))).toEqual(['C.2']);
  });

  test('SEIS-79 one without agreement is reactivated with its offer: the services that it proposed are attested', async () => {
    const { studentId, iepId } = await affirmed('AWAITING');
    const { iep } = await reactivate(iepId);
    await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'AGREE_ALL', signedOn: TODAY } });
    expect((await graph.affirm(iep.id, { purposes: ['INITIAL'] })).iep.state).toBe('CURRENT');
    expect((await eventsOf(studentId)).at(-1)).toMatchObject({ agreed: true, previousIepId: null });
    const [row] = await graph.select('SELECT * FROM pub_iep WHERE id = ?', [iep.id]);
    expect(row!.plan_review_date).toBe('2026-02-05');
    const [attested] = await graph.select('SELECT services FROM iep_attestation WHERE iep_id = ?', [iep.id]);
    const services = attested!.services;
    expect(typeof services === 'string' ? JSON.parse(services) : services).toMatchObject([{ code: '330' }]);
  });

  test('B.3 only the district’s clerk: not case manager, provider or data writer; a former district finds nothing', async () => {
    const { studentId, iepId } = await affirmed();
    const before = await eventsOf(studentId);
    const input = await asked(iepId);
    for (const who of [caseManager(), provider, dataWriter])
      expect((await graph.tryMutate('reactivateIep', input, undefined, who)).status).toBe(403);
    const formerly = { ...former, capabilities: [...former.capabilities, 'iep:reactivate'] };
    const foreign = await graph.tryMutate('reactivateIep', input, undefined, formerly);
    expect(foreign.errors![0]!.extensions.code).toBe('NOT_FOUND');
    const unknown = await graph.tryMutate('reactivateIep', { ...input, iepId: 'none' }, undefined, district);
    expect(unknown.errors![0]!.message).toBe(foreign.errors![0]!.message);
    expect(await eventsOf(studentId)).toEqual(before);
  });

  test('C.2 a reason, a version that is the newest, and no other open IEP (SEIS-43)', async () => {
    const { studentId, iepId } = await affirmed();
    expect(codes(await reactivate(iepId, { reason: '  ' }))).toEqual(['C.2']);
    for (const [over, code] of [
      [{ reason: 'x'.repeat(501) }, 'BAD_USER_INPUT'],
      [{ version: 1 }, 'CONFLICT'],
    ] as const) {
      const answer = await graph.tryMutate('reactivateIep', await asked(iepId, over), undefined, district);
      expect(answer.errors![0]!.extensions.code).toBe(code);
    }
    await graph.mutate('startIep', { studentId, kind: 'ANNUAL' });
    expect(codes(await reactivate(iepId))).toEqual(['SEIS-43']);
  });

  test('C.2 once: two at a time open one, the same key answers the same, and nothing else is opened beside it', async () => {
    const { studentId, iepId } = await affirmed();
    const input = await asked(iepId, { idempotencyKey: `again-${iepId}` });
    const [one, other] = await Promise.all([
      graph.tryMutate('reactivateIep', input, undefined, district),
      graph.tryMutate('reactivateIep', { ...input, idempotencyKey: null }, undefined, district),
    ]);
    const opened = [one, other].flatMap((answer) => answer.data?.reactivateIep?.iep ?? []);
    expect(opened).toHaveLength(1);
    const open = await graph.select('SELECT id FROM iep WHERE future_of = ?', [studentId]);
    expect(open).toEqual([{ id: opened[0].id }]);
    expect(codes(await graph.mutate('amendIep', { iepId }))).toEqual(['SEIS-43']);
    expect(codes(await graph.mutate('startIep', { studentId, kind: 'ANNUAL' }))).toEqual(['SEIS-43']);
  });

  test('C.2 open, closed and history documents are not reactivated (SEIS-44, V-014)', async () => {
    const { studentId, iepId } = await affirmed();
    const { iep } = await reactivate(iepId);
    expect(codes(await reactivate(iep.id))).toEqual(['SEIS-44']);
    await graph.affirm(iep.id, { purposes: ['INITIAL'] });
    expect(codes(await reactivate(iepId))).toEqual(['V-014']);
    expect(codes(await reactivate(iep.id))).toEqual([]);
    expect(await graph.select('SELECT id FROM iep WHERE student_id = ?', [studentId])).toHaveLength(3);
  });

  test('SER-88 in Louisiana an official IEP changes only by amendment; elsewhere nothing of this kind is known', async () => {
    const { studentId, iepId } = await affirmed();
    for (const [state, code] of [
      ['state-la', 'SER-88'],
      ['state-ny', 'C.2'],
    ] as const) {
      await run('UPDATE pub_jurisdiction SET state_org_id = ? WHERE student_id = ?', [state, studentId]);
      const { iep, errors } = await reactivate(iepId);
      expect([iep, codes({ errors })]).toEqual([null, [code]]);
      expect(errors[0].message).toContain('amendIep');
    }
  });

  test('C.2 not after it was submitted to the state', async () => {
    const { iepId } = await affirmed();
    await graph.mutate('submitIep', { iepId }, undefined, dataWriter);
    expect(codes(await reactivate(iepId))).toEqual(['C.2']);
  });

  test('C.3 a meeting of the former district’s time is not held again by the new one', async () => {
    const { studentId, iepId } = await affirmed();
    await graph.write(async (session) => {
      const access = session.get(AccessWriter);
      await access.close({ studentId, grantee: 'LEA:lea-a', relation: 'JURISDICTION' }, '2026-02-19');
      await access.open({
        studentId,
        leaId: 'lea-b',
        grantee: 'LEA:lea-b',
        relation: 'JURISDICTION',
        validFrom: '2026-02-20',
      });
    });
    later();
    const next = { ...district, grants: [{ relation: 'JURISDICTION' as const, grantee: 'LEA:lea-b' }] };
    const { version } = await graph.iep(iepId, 'version', next);
    const input = { iepId, version, reason: REASON };
    expect(codes(await graph.mutate('reactivateIep', input, 'iep { id }', next))).toEqual(['C.3']);
    const asFormer = await graph.tryMutate('reactivateIep', input, undefined, district);
    expect(asFormer.errors![0]!.extensions.code).toBe('NOT_FOUND');
  });
});
