import { scopeComment } from '../../../platform/database/guard';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { pdfText } from '../../../test/scenarios/pdf-text';
import { FormRepository } from '../form/form.repository';
import { GoalRepository } from '../goal/goal.repository';
import { codes, dataWriter, district, former, IepGraph, provider, TEAM, TICKED, TODAY } from '../iep.fixture';
import { AttestationRepository } from './attestation.repository';
import { contentHash } from './content-hash';
import { IepRepository } from './iep.repository';

const LATER = '2026-02-20';

describe.each(databaseUrls())('C.2 late agreement to a refused amendment on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());
  afterEach(() => graph.clock.set(new Date('2026-02-10T18:00:00Z')));

  const run = (sql: string, parameters: unknown[]) =>
    graph.write((session) => session.manager.query(scopeComment('system:test') + sql, parameters));
  const eventsOf = async (studentId: string): Promise<Record<string, unknown>[]> =>
    (
      await graph.select('SELECT type, payload FROM outbox_event WHERE student_id = ? ORDER BY sequence', [studentId])
    ).map(({ type, payload }) => ({
      type,
      ...((typeof payload === 'string' ? JSON.parse(payload) : payload) as Record<string, unknown>),
    }));
  const refuse = async (planId: string): Promise<string> => {
    const { iep } = await graph.mutate('amendIep', { iepId: planId });
    await graph.fill(iep.id, 'REFUSED');
    await graph.save(iep.id, 'amendment', { contactMethod: 'LETTER', whatChanged: 'Minutes.', why: 'Schedule.' });
    expect((await graph.affirm(iep.id, { purposes: ['AMENDMENT'] })).iep.state).toBe('CLOSED_NO_AGREEMENT');
    return iep.id as string;
  };
  /** A student whose parents refused an amendment of the plan in force. */
  const refused = async () => {
    const studentId = await graph.student(`late${++count}`);
    const plan = await graph.heldIep(studentId);
    await graph.service(`${studentId}-330`, studentId, plan, { state: 'ACTIVE' });
    await graph.affirm(plan);
    const amendment = await refuse(plan);
    await graph.service(`${studentId}-415`, studentId, amendment, { code: '415', start_date: '2026-02-11' });
    return { studentId, plan, amendment };
  };
  const input = async (iepId: string, over: object = {}) => ({
    iepId,
    version: (await graph.iep(iepId, 'version')).version as number,
    agreedOn: TODAY,
    signature: 'AGREE_ALL',
    attestation: TICKED,
    ...over,
  });
  const agree = async (iepId: string, over: object = {}, selection = 'iep { id state }', as = undefined as never) =>
    graph.mutate('recordLateAgreement', await input(iepId, over), selection, as);

  test('C.2, SEIS-52 the amendment becomes current; the plan before goes to history; services, status and reports are told', async () => {
    const { studentId, plan, amendment } = await refused();
    graph.clock.set(new Date(`${LATER}T18:00:00Z`));
    const { iep, errors } = await agree(
      amendment,
      { agreedOn: '2026-02-18', signature: 'AGREE_EXCEPT', exceptions: ' Not the bus. ' },
      'iep { state agreed signature heldOn affirmedAt affirmedBy { id } lateAgreement { agreedOn signature exceptions } notices parent { id } }',
    );
    expect(errors).toEqual([]);
    expect(iep).toEqual({
      state: 'CURRENT',
      agreed: true,
      signature: 'AGREE_EXCEPT',
      heldOn: '2026-02-18',
      affirmedAt: `${LATER}T18:00:00.000Z`,
      affirmedBy: { id: 'acct-cm' },
      lateAgreement: { agreedOn: '2026-02-18', signature: 'AGREE_EXCEPT', exceptions: 'Not the bus.' },
      notices: [],
      parent: { id: plan },
    });
    expect(await graph.iep(plan, 'state lateAgreement { agreedOn }')).toEqual({
      state: 'HISTORY',
      lateAgreement: null,
    });
    expect((await eventsOf(studentId)).at(-1)).toEqual({
      type: 'iep.affirmed',
      iepId: amendment,
      kind: 'AMENDMENT',
      meetingDate: '2026-02-05',
      affirmedOn: LATER,
      initial: false,
      agreed: true,
      previousIepId: plan,
      eligible: true,
      agreedOn: '2026-02-18',
    });
    const [row] = await graph.select('SELECT * FROM pub_iep WHERE id = ?', [amendment]);
    // SER-95: the annual clock is the parent's.
    expect(row).toMatchObject({ plan_review_date: '2026-02-05', meeting_date: '2026-02-05', affirmed_on: LATER });
  });

  test('SEIS-51 the refusal stays on the form; attestation, content hash and PDF hold the agreement', async () => {
    const { studentId, amendment } = await refused();
    await agree(amendment, { signature: 'AGREE_EXCEPT', exceptions: 'Not the bus.' });
    const shown = await graph.iep(
      amendment,
      'forms { kind ... on ParticipantsForm { signature { outcome exceptions } } } document { content }',
    );
    const participants = shown.forms.find((form: { kind: string }) => form.kind === 'PARTICIPANTS');
    expect(participants.signature).toEqual({ outcome: 'REFUSED', exceptions: null });
    const text = pdfText(Buffer.from(shown.document.content, 'base64')).replace(/\n/g, ' ');
    for (const words of [
      'refused this amendment first',
      `Agreed on: ${TODAY}`,
      'Except: Not the bus.',
      'Agree except',
      '415',
    ])
      expect(text).toContain(words);

    const content = await graph.write(async (session) => ({
      iep: (await session.get(IepRepository).findById(amendment))!,
      forms: await session.get(FormRepository).findByIeps([amendment]),
      goals: await session.get(GoalRepository).findByIeps([amendment]),
      attestation: (await session.get(AttestationRepository).findByIeps([amendment]))[0]!,
    }));
    expect(contentHash(content)).toBe(content.iep.contentHash);
    const otherDay = { ...content, attestation: { ...content.attestation, agreedOn: '2026-02-09' } };
    expect(contentHash(otherDay)).not.toBe(content.iep.contentHash);
    // What it orders begins with the agreement at the earliest; what it doesn't touch goes on (SER-96).
    expect(content.attestation.services.map(({ code, startDate }) => [code, startDate]).sort()).toEqual([
      ['330', TODAY],
      ['415', '2026-02-11'],
    ]);
    expect(content.attestation.studentId).toBe(studentId);
  });

  test('C.2 the day of the agreement: not in the future, not before the amendment was opened or held', async () => {
    const { amendment } = await refused();
    expect(codes(await agree(amendment, { agreedOn: '2026-02-11' }))).toEqual(['C.2']);
    expect(codes(await agree(amendment, { agreedOn: '2026-02-09' }))).toEqual(['C.2']);
    const [problem] = (await agree(amendment, { agreedOn: '2026-02-09' })).errors;
    expect(problem).toMatchObject({ path: ['agreedOn'], message: expect.stringContaining(TODAY) });
  });

  test('C.2 the answer must agree, and say to what not', async () => {
    const { amendment } = await refused();
    for (const signature of ['REFUSED', 'AWAITING', 'PARTICIPATION_ONLY', 'NO_LONGER_ELIGIBLE_ACK'])
      expect(codes(await agree(amendment, { signature }))).toEqual(['C.2']);
    expect(codes(await agree(amendment, { signature: 'AGREE_EXCEPT', exceptions: ' ' }))).toEqual(['C.2']);
    expect(codes(await agree(amendment, { exceptions: 'The bus.' }))).toEqual(['C.2']);
    const long = await graph.tryMutate(
      'recordLateAgreement',
      await input(amendment, { signature: 'AGREE_EXCEPT', exceptions: 'x'.repeat(8_001) }),
    );
    expect(long.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('V-005 the attest checklist; V-001 only the case manager; the district has no right; a former district finds nothing', async () => {
    const { studentId, plan, amendment } = await refused();
    const before = await eventsOf(studentId);
    expect(codes(await agree(amendment, { attestation: null }))).toEqual(['V-005', 'V-005', 'V-005', 'V-005']);
    expect(codes(await agree(amendment, { attestation: { ...TICKED, matchesSignedCopy: false } }))).toEqual(['V-005']);
    const asked = await input(amendment);
    expect(codes(await graph.mutate('recordLateAgreement', asked, 'iep { id }', provider))).toEqual(['V-001']);
    expect((await graph.tryMutate('recordLateAgreement', asked, undefined, district)).status).toBe(403);
    const formerly = { ...former, capabilities: [...former.capabilities, 'iep:affirm'] };
    const foreign = await graph.tryMutate('recordLateAgreement', asked, undefined, formerly);
    expect(foreign.errors![0]!.extensions.code).toBe('NOT_FOUND');
    expect(await eventsOf(studentId)).toEqual(before);
    expect(await graph.iep(amendment, 'state contentHash')).toEqual({
      state: 'CLOSED_NO_AGREEMENT',
      contentHash: null,
    });
    expect((await graph.iep(plan, 'state')).state).toBe('CURRENT');
  });

  test('SER-78 Louisiana’s data writer makes it official', async () => {
    const { amendment } = await refused();
    const { iep } = await graph.mutate('recordLateAgreement', await input(amendment), 'iep { id state }', dataWriter);
    expect(iep.state).toBe('CURRENT');
    const [row] = await graph.select('SELECT path FROM iep_attestation WHERE iep_id = ?', [amendment]);
    expect(row!.path).toBe('MAKE_OFFICIAL');
  });

  test('C.2 once: again is refused, another version is a CONFLICT, the same key answers the same', async () => {
    const { studentId, amendment } = await refused();
    const asked = await input(amendment, { idempotencyKey: `late-${amendment}` });
    const stale = await graph.tryMutate('recordLateAgreement', {
      ...asked,
      version: asked.version - 1,
      idempotencyKey: null,
    });
    expect(stale.errors![0]!.extensions.code).toBe('CONFLICT');
    for (let i = 0; i < 2; i++) expect((await graph.mutate('recordLateAgreement', asked)).iep.state).toBe('CURRENT');
    expect(codes(await agree(amendment))).toEqual(['V-013']);
    expect((await eventsOf(studentId)).filter((event) => event.agreedOn)).toHaveLength(1);
  });

  test('C.2 two at once: one agreement is recorded', async () => {
    const { studentId, amendment } = await refused();
    const asked = await input(amendment);
    const answers = await Promise.all([1, 2].map(() => graph.tryMutate('recordLateAgreement', asked)));
    const made = answers.filter(
      (answer) =>
        answer.data?.recordLateAgreement?.iep?.state === 'CURRENT' && !answer.data.recordLateAgreement.errors.length,
    );
    expect(made).toHaveLength(1);
    expect((await eventsOf(studentId)).filter((event) => event.agreedOn)).toHaveLength(1);
  });

  test('C.2 open, current and history documents have no late agreement', async () => {
    const { plan, amendment } = await refused();
    expect(codes(await agree(plan))).toEqual(['V-013']);
    await agree(amendment);
    expect(codes(await agree(plan))).toEqual(['V-014']);
    const { iep: draft } = await graph.mutate('amendIep', { iepId: amendment });
    expect(codes(await agree(draft.id))).toEqual(['C.2']);
  });

  test('C.2 refused when another amendment of the same plan took its place; the message says what to do', async () => {
    const { plan, amendment } = await refused();
    const { iep: second } = await graph.mutate('amendIep', { iepId: plan });
    await graph.fill(second.id);
    await graph.save(second.id, 'amendment', { contactMethod: 'LETTER', whatChanged: 'Place.', why: 'Moved.' });
    // Still open: it was copied from the plan that the late agreement would supersede.
    const [open] = (await agree(amendment)).errors;
    expect(open).toMatchObject({ code: 'SEIS-43', message: expect.stringContaining('discardIep') });
    await graph.affirm(second.id, { purposes: ['AMENDMENT'] });
    const { errors, iep } = await agree(amendment);
    expect([iep, codes({ errors })]).toEqual([null, ['C.2']]);
    expect(errors[0].message).toContain(second.id);
    expect(errors[0].message).toContain('amendIep');
  });

  test('SEIS-79 refused when a newer meeting is current, signed or not', async () => {
    const { studentId, amendment } = await refused();
    const review = await graph.heldIep(studentId, 'ANNUAL', 'AWAITING');
    await graph.affirm(review);
    const { errors } = await agree(amendment);
    expect(codes({ errors })).toEqual(['C.2']);
    // amendIep would be refused, too: the way out is the current plan's own agreement.
    expect(errors[0].message).toContain(review);
    expect(errors[0].message).toMatch(/continueIep.*reactivateIep/);
    expect(errors[0].message).not.toContain('amendIep');
    expect(codes(await graph.mutate('amendIep', { iepId: review }))).toEqual(['V-007']);
  });

  test('C.2 the open copy is discarded, and then the agreement is recorded', async () => {
    const { plan, amendment } = await refused();
    const { iep: second } = await graph.mutate('amendIep', { iepId: plan });
    await graph.mutate('discardIep', { iepId: second.id, version: second.version, reason: 'Not needed.' });
    expect((await agree(amendment)).iep.state).toBe('CURRENT');
  });

  test('C.2 a new review under way is no obstacle; its writer is told', async () => {
    const { studentId, amendment } = await refused();
    const review = await graph.heldIep(studentId, 'ANNUAL');
    const { iep, errors } = await agree(amendment);
    expect(iep.state).toBe('CURRENT');
    expect(errors).toMatchObject([{ code: 'SEIS-43', severity: 'WARNING' }]);
    expect((await graph.affirm(review)).iep.state).toBe('CURRENT');
  });

  test('C.3 an amendment of the former district’s time stays closed: that district would read the new owner’s act', async () => {
    const { studentId, amendment } = await refused();
    await graph.write(async (session) => {
      const access = session.get(AccessWriter);
      await access.close({ studentId, grantee: 'LEA:lea-a', relation: 'JURISDICTION' }, '2026-02-19');
      const since = { studentId, leaId: 'lea-b', validFrom: '2026-02-20' };
      await access.open({ ...since, grantee: 'LEA:lea-b', relation: 'JURISDICTION' });
    });
    graph.clock.set(new Date(`${LATER}T18:00:00Z`));
    expect(codes(await agree(amendment))).toEqual(['C.3']);
  });

  test('SEIS-49 the database opens this one step, once, with its attestation, and nothing else', async () => {
    const { amendment } = await refused();
    const immutable = 'affirmed content cannot be changed';
    for (const sql of [
      "UPDATE iep SET state = 'CURRENT' WHERE id = ?",
      "UPDATE iep SET state = 'CURRENT', content_hash = 'x', affirmed_at = '2026-02-10 10:00:00' WHERE id = ?",
      "UPDATE iep SET affirmed_at = '2026-02-10 10:00:00' WHERE id = ?",
      "UPDATE iep SET content_hash = 'x' WHERE id = ?",
      "UPDATE iep SET held_on = '2026-02-10' WHERE id = ?",
      "UPDATE iep SET state = 'HISTORY' WHERE id = ?",
      "UPDATE iep SET state = 'IN_REVIEW' WHERE id = ?",
      "UPDATE iep SET purpose_text = 'x' WHERE id = ?",
      "UPDATE iep SET reactivation_reason = 'x' WHERE id = ?",
      "UPDATE iep_form SET content = '{}' WHERE iep_id = ?",
    ])
      await expect(run(sql, [amendment])).rejects.toThrow(immutable);
    await agree(amendment);
    for (const sql of [
      "UPDATE iep SET affirmed_at = '2026-02-11 10:00:00' WHERE id = ?",
      "UPDATE iep SET affirmed_by_id = 'x' WHERE id = ?",
      "UPDATE iep SET content_hash = 'x' WHERE id = ?",
      'UPDATE iep SET content_hash = NULL WHERE id = ?',
      "UPDATE iep SET held_on = '2026-02-01' WHERE id = ?",
      "UPDATE iep SET state = 'CLOSED_NO_AGREEMENT' WHERE id = ?",
      "UPDATE iep_attestation SET agreed_on = '2026-02-01' WHERE iep_id = ?",
      "UPDATE iep_form SET content = '{}' WHERE iep_id = ?",
    ])
      await expect(run(sql, [amendment])).rejects.toThrow(immutable);
  });

  test('C.2 an amendment of one that was agreed to late goes on from it', async () => {
    const { amendment } = await refused();
    await agree(amendment);
    const { iep } = await graph.mutate('amendIep', { iepId: amendment }, 'iep { id amendmentNumber }');
    expect(iep.amendmentNumber).toBe(2);
    await graph.fill(iep.id);
    await graph.save(iep.id, 'amendment', { contactMethod: 'PHONE', whatChanged: 'Room.', why: 'Noise.' });
    await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'AGREE_ALL' } });
    expect((await graph.affirm(iep.id, { purposes: ['AMENDMENT'] })).iep.state).toBe('CURRENT');
    expect(await graph.iep(amendment, 'state lateAgreement { agreedOn }')).toEqual({
      state: 'HISTORY',
      lateAgreement: { agreedOn: TODAY },
    });
  });
});
