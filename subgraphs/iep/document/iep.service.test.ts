import { scopeComment } from '../../../platform/database/guard';
import { databaseUrls } from '../../../test/harness/databases';
import {
  caseManager,
  codes,
  dataWriter,
  district,
  former,
  GOAL,
  IepGraph,
  LEVELS,
  NOTES,
  OFFER,
  provider,
  TEAM,
  TICKED,
  TODAY,
} from '../iep.fixture';
import { IEP_TRANSITIONS } from './iep-states';

describe.each(databaseUrls())('IEP documents on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  const newStudent = () => graph.student(`s${++count}`);
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());

  const events = async (studentId: string) =>
    (
      await graph.select('SELECT type, payload FROM outbox_event WHERE student_id = ? ORDER BY sequence', [studentId])
    ).map(
      ({ type, payload }) =>
        ({ type, ...(typeof payload === 'string' ? JSON.parse(payload) : (payload as object)) }) as Record<
          string,
          unknown
        >,
    );
  const pubIep = async (iepId: string) => (await graph.select('SELECT * FROM pub_iep WHERE id = ?', [iepId]))[0]!;

  test('the schema of the tables shows no drift', async () => {
    const log = await graph.database.schemaSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map((statement) => statement.query)).toEqual([]);
  });

  describe('start and draft', () => {
    test('SEIS-43 one open IEP per student; the form set comes with the meeting; every page is marked draft (SEIS-68)', async () => {
      const studentId = await newStudent();
      const { iep } = await graph.mutate(
        'startIep',
        { studentId, kind: 'PART_B_INITIAL' },
        'iep { id state openedOn stateLabel notices forms { kind draft mark stateReportedFields } }',
      );
      expect(iep).toMatchObject({
        state: 'DRAFT',
        openedOn: TODAY,
        stateLabel: 'Future',
        notices: ['Draft: not affirmed.'],
      });
      expect(iep.forms.map((form: { kind: string }) => form.kind)).toEqual([
        'NOTES',
        'OFFER',
        'PARTICIPANTS',
        'PRESENT_LEVELS',
      ]);
      expect(iep.forms[1]).toMatchObject({ draft: true, mark: 'NOT_RUN' });
      expect(iep.forms[1].stateReportedFields).toContain('federalEnvironment');
      expect(codes(await graph.mutate('startIep', { studentId, kind: 'TRIENNIAL' }))).toEqual(['SEIS-43']);
    });

    test('SIRAS-58 a plan review needs an agreed plan; amendments have their own door', async () => {
      const studentId = await newStudent();
      expect(codes(await graph.mutate('startIep', { studentId, kind: 'ANNUAL' }))).toEqual(['SIRAS-58']);
      expect(codes(await graph.mutate('startIep', { studentId, kind: 'AMENDMENT' }))).toEqual(['SER-88']);
    });

    test('C.2 a planned day that is over: the message names the day and the way to record a meeting that was held', async () => {
      const input = { studentId: await newStudent(), kind: 'PART_B_INITIAL', plannedMeetingDate: '2026-02-09' };
      const { iep, errors } = await graph.mutate('startIep', input);
      expect(iep).toBeNull();
      expect(errors).toEqual([
        {
          code: 'C.2',
          message:
            'The planned day, 2026-02-09, is over: only today or a later day is planned. If the meeting was held on it, start the IEP without plannedMeetingDate, and record the meeting with holdMeeting.',
          path: ['plannedMeetingDate'],
          severity: 'ERROR',
        },
      ]);
    });

    test('an unknown student and one out of scope give the same NOT_FOUND; a former district starts and edits nothing', async () => {
      const studentId = await newStudent();
      const unknown = await graph.tryMutate('startIep', { studentId: 'nobody', kind: 'PART_B_INITIAL' });
      const foreign = await graph.tryMutate('startIep', { studentId, kind: 'PART_B_INITIAL' }, undefined, former);
      expect(unknown.errors![0]).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
      expect(foreign.errors![0]!.message).toBe(unknown.errors![0]!.message);
    });

    test('save: CONFLICT by form version, lengths and days are checked, exactly one form at a time', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      const save = (over: object) =>
        graph.tryMutate(
          'saveIepForm',
          { iepId: iep.id, ...over },
          'form { mark version } findings { rule { id source } path } iep { version }',
        );
      const first = await save({ version: 1, presentLevels: { ...LEVELS, health: '  ' } });
      expect(first.data.saveIepForm).toMatchObject({ form: { mark: 'FAIL', version: 2 }, iep: { version: 2 } });
      expect(first.data.saveIepForm.findings).toEqual([
        { rule: { id: 'V-009', source: 'SEIS-64' }, path: ['presentLevels', 'health'] },
      ]);
      expect((await save({ version: 1, presentLevels: LEVELS })).errors![0]!.extensions.code).toBe('CONFLICT');
      expect((await save({ version: 2, presentLevels: LEVELS })).data.saveIepForm.form).toEqual({
        mark: 'PASS',
        version: 3,
      });
      for (const bad of [
        { version: 3, presentLevels: { ...LEVELS, health: 'x'.repeat(8001) } },
        { version: 1, offer: { ...OFFER, percentInsideRegularClass: 101 } },
        { version: 1, participants: { signature: { outcome: 'AGREE_ALL', signedOn: '2015-02-31' } } },
        { version: 3, presentLevels: LEVELS, offer: OFFER },
        { version: 1 },
        { presentLevels: LEVELS },
        { version: 1, amendment: { why: 'x' } },
      ]) {
        expect((await save(bad)).errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
      }
    });

    test('SER-81 to SER-84 a form is added, listed and removed; fixed forms stay', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      await graph.save(iep.id, 'siteDetermination', { site: 'Elm Street', reason: 'Home school.' });
      const kinds = async () =>
        (await graph.iep(iep.id, 'forms { kind }')).forms.map((form: { kind: string }) => form.kind);
      expect(await kinds()).toContain('SITE_DETERMINATION');
      await graph.mutate('saveIepForm', { iepId: iep.id, remove: 'SITE_DETERMINATION' });
      expect(await kinds()).not.toContain('SITE_DETERMINATION');
      expect(codes(await graph.mutate('saveIepForm', { iepId: iep.id, remove: 'OFFER' }))).toEqual(['SER-83']);
    });

    test('SEIS-65, SEIS-70, SEIS-85, V-009 to V-012, V-022, V-128: findings name rule, form and field; marks are red, yellow, green (SER-76 to SER-78)', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      await graph.fill(iep.id);
      await graph.save(iep.id, 'presentLevels', { ...LEVELS, health: 'N/A', strengths: ' n/a. ' });
      await graph.save(iep.id, 'notes', { ...NOTES, safeguards: '', topics: [{ topic: 'ESY', discussed: true }] });
      await graph.save(iep.id, 'participants', { ...TEAM, participation: { confirmed: false, concern: 'Too fast.' } });
      await graph.save(iep.id, 'offer', { ...OFFER, percentInsideRegularClass: 50 });
      const { findings, iep: checked } = await graph.mutate(
        'validateIep',
        { iepId: iep.id },
        'findings { rule { id } severity path } iep { forms { kind mark } }',
      );
      expect(
        findings.map((one: { rule: { id: string }; path: string[] }) => `${one.rule.id} ${one.path.join('.')}`),
      ).toEqual([
        'V-010 presentLevels.strengths',
        'V-010 presentLevels.health',
        'V-011 notes.topics.0.comment',
        'V-012 notes.safeguards',
        'V-022 participants.participation.discussion',
        'V-022 participants.participation.decision',
        'V-128 offer.percentInsideRegularClass',
      ]);
      expect(checked.forms.map((form: { mark: string }) => form.mark)).toEqual(['WARNING', 'FAIL', 'FAIL', 'FAIL']);
      expect(Number((await pubIep(iep.id)).case_open_findings)).toBe(5);
      const { forms } = await graph.iep(
        iep.id,
        'forms { ... on NotesForm { usableAsPriorWrittenNotice } ... on OfferForm { offerCount percentOutsideRegularClass } }',
      );
      expect(forms[0]).toEqual({ usableAsPriorWrittenNotice: false });
      expect(forms[1]).toEqual({ offerCount: 1, percentOutsideRegularClass: 50 });
    });
  });

  describe('the meeting', () => {
    test('C.2 held means: not in the future, somebody attended; V-021 without the parent the absence is documented', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      const hold = (over: object) =>
        graph.mutate(
          'holdMeeting',
          { iepId: iep.id, version: 1, meetingDate: '2026-02-05', ...over },
          'iep { state meetingDate heldOn version }',
        );
      expect(codes(await hold({ meetingDate: '2026-02-11' }))).toEqual(['C.2']);
      expect(codes(await hold({}))).toEqual(['C.2']);
      const staff = [{ name: 'Casey', role: 'CASE_MANAGER', attended: true }];
      expect(codes(await hold({ participants: staff }))).toEqual(['V-021']);
      expect(
        (await hold({ participants: staff, parentAbsence: 'Called three times, did not come.' })).iep,
      ).toMatchObject({ state: 'IN_REVIEW', meetingDate: '2026-02-05', heldOn: '2026-02-05' });
      const bad = await graph.tryMutate('holdMeeting', { iepId: iep.id, version: 1, meetingDate: '2015-02-31' });
      expect(bad.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    });

    test('SEIS-91, V-023, V-024 a tabled meeting reconvenes: first date stays, second consent page is asked for', async () => {
      const iepId = await graph.heldIep(await newStudent());
      const { version } = await graph.iep(iepId, 'version');
      const hold = (over: object) =>
        graph.mutate(
          'holdMeeting',
          { iepId, version, meetingDate: '2026-02-05', ...over },
          'iep { meetingDate heldOn reconvenedOn state }',
        );
      expect(codes(await hold({}))).toEqual(['SEIS-91']);
      expect(codes(await hold({ meetingDate: '2026-02-09', reconvenedOn: '2026-02-09' }))).toEqual(['V-023']);
      const again = await hold({ reconvenedOn: '2026-02-09' });
      expect(codes(again)).toEqual(['V-024']);
      expect(again.iep).toEqual({
        meetingDate: '2026-02-05',
        heldOn: '2026-02-05',
        reconvenedOn: '2026-02-09',
        state: 'IN_REVIEW',
      });
      await graph.save(iepId, 'participants', {
        ...TEAM,
        signature: { outcome: 'AGREE_ALL' },
        secondConsentOn: '2026-02-09',
      });
      expect((await graph.iep(iepId, 'findings { rule { id } }')).findings).toEqual([]);
    });

    test('SIRAS-13, V-008 a held meeting that is not affirmed within seven days raises an alert and stands on the unaffirmed list', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      graph.clock.set(new Date('2026-02-13T18:00:00Z'));
      const alert = await graph.iep(iepId, 'findings { rule { id } severity }');
      graph.clock.set(new Date('2026-02-12T18:00:00Z'));
      const onTime = await graph.iep(iepId, 'findings { rule { id } }');
      graph.clock.set(new Date('2026-02-10T18:00:00Z'));
      expect(alert.findings).toEqual([{ rule: { id: 'V-008' }, severity: 'ALERT' }]);
      expect(onTime.findings).toEqual([]);
      const list = await graph.call(
        'query($s: ID) { ieps(filter: { studentId: $s, unaffirmed: true }) { nodes { id } totalCount } }',
        { s: studentId },
      );
      expect(list.data.ieps).toEqual({ nodes: [{ id: iepId }], totalCount: 1 });
    });
  });

  describe('affirm', () => {
    test('V-001 only the case manager attests: not the provider, not the district; nothing changes', async () => {
      const iepId = await graph.heldIep(await newStudent());
      expect(codes(await graph.affirm(iepId, {}, provider))).toEqual(['V-001']);
      expect(
        (await graph.tryMutate('affirmIep', { iepId, version: 1, purposes: [] }, undefined, district)).status,
      ).toBe(403);
      expect((await graph.iep(iepId, 'state')).state).toBe('IN_REVIEW');
    });

    test('V-001 SEIS-38 nor whose case it was until a moment ago', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      await graph.write((session) =>
        session.manager.query(
          `${scopeComment('system:test')}UPDATE pub_assignment SET revoked_at = '2026-02-10 17:59:00' WHERE id = ?`,
          [`${studentId}-cm`],
        ),
      );
      expect(codes(await graph.affirm(iepId))).toEqual(['V-001']);
    });

    test('SEIS-44 not before the meeting', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      expect(codes(await graph.affirm(iep.id))).toEqual(['SEIS-44']);
    });

    test('SEIS-83, SEIS-86, V-002 to V-006, V-016 every error is named at once, and nothing is affirmed', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      await graph.save(iepId, 'offer', { ...OFFER, offers: ['One.', 'Two.'], fapeStatement: null });
      await graph.service('x1', studentId, iepId);
      await graph.service('x2', studentId, iepId);
      const payload = await graph.affirm(iepId, {
        purposes: ['OTHER'],
        attestation: { ...TICKED, handwrittenChangesTyped: false, copyGivenOn: null },
      });
      expect(codes(payload).sort()).toEqual(['V-002', 'V-004', 'V-005', 'V-005', 'V-006', 'V-009', 'V-016']);
      expect(codes(await graph.affirm(iepId, { purposes: [], attestation: null }))).toEqual(
        expect.arrayContaining(['V-003', 'V-005']),
      );
      // The parent got the document between the meeting and today.
      for (const copyGivenOn of ['2026-02-04', '2026-02-11'])
        expect((await graph.affirm(iepId, { attestation: { ...TICKED, copyGivenOn } })).errors).toContainEqual(
          expect.objectContaining({ code: 'V-005', path: ['attestation', 'copyGivenOn'] }),
        );
      expect(await graph.iep(iepId, 'state version contentHash document { id }')).toMatchObject({
        state: 'IN_REVIEW',
        contentHash: null,
        document: null,
      });
      expect((await events(studentId)).some((event) => event.type === 'iep.affirmed')).toBe(false);
    });

    test('V-016 the extra row marked "do not report" clears the duplicate', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      await graph.service('y1', studentId, iepId);
      await graph.service('y2', studentId, iepId, { do_not_report: 1 });
      await graph.service('y3', studentId, iepId, { frequency: 'MONTHLY' });
      expect((await graph.affirm(iepId)).iep.state).toBe('CURRENT');
    });

    test('SEIS-44, SEIS-48 to SEIS-52 affirmed by the case manager: current, hashed, printed, told; twice is refused', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      await graph.service(`${studentId}-v1`, studentId, iepId);
      const { version } = await graph.iep(iepId, 'version');
      const stale = await graph.tryMutate('affirmIep', {
        iepId,
        version: version - 1,
        purposes: ['INITIAL'],
        attestation: TICKED,
      });
      expect(stale.errors![0]!.extensions.code).toBe('CONFLICT');
      const input = { iepId, version, purposes: ['INITIAL', 'TRANSITION'], attestation: TICKED };
      const { iep, errors } = await graph.mutate(
        'affirmIep',
        input,
        'iep { id state agreed signature affirmedAt affirmedBy { id } contentHash document { fileName mediaType size content } forms { draft mark } }',
      );
      expect(errors).toEqual([]);
      expect(iep).toMatchObject({
        state: 'CURRENT',
        agreed: true,
        signature: 'AGREE_ALL',
        affirmedBy: { id: 'acct-cm' },
        affirmedAt: '2026-02-10T18:00:00.000Z',
      });
      expect(iep.contentHash).toMatch(/^[0-9a-f]{64}$/);
      expect(iep.forms).toEqual(Array.from({ length: 4 }, () => ({ draft: false, mark: 'PASS' })));
      const bytes = Buffer.from(iep.document.content, 'base64');
      expect(iep.document).toMatchObject({ mediaType: 'application/pdf', size: bytes.length });
      expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
      expect((await events(studentId)).at(-1)).toEqual({
        type: 'iep.affirmed',
        iepId,
        kind: 'PART_B_INITIAL',
        meetingDate: '2026-02-05',
        affirmedOn: TODAY,
        initial: true,
        agreed: true,
        previousIepId: null,
        eligible: true,
      });
      expect(await pubIep(iepId)).toMatchObject({
        state: 'CURRENT',
        plan_review_date: '2026-02-05',
        primary_disability: 'SLD',
        federal_environment: 'RC80',
        affirmed_on: TODAY,
      });
      const before = await graph.select('SELECT COUNT(*) AS n FROM outbox_event WHERE student_id = ?', [studentId]);
      expect(codes(await graph.affirm(iepId))).toEqual(['V-013']);
      expect(await graph.select('SELECT COUNT(*) AS n FROM outbox_event WHERE student_id = ?', [studentId])).toEqual(
        before,
      );
    });

    test('an idempotency key affirms once', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      const { version } = await graph.iep(iepId, 'version');
      const input = { iepId, version, purposes: ['INITIAL'], attestation: TICKED, idempotencyKey: `k-${studentId}` };
      for (let i = 0; i < 2; i++) expect((await graph.mutate('affirmIep', input)).iep.state).toBe('CURRENT');
      expect((await events(studentId)).filter((event) => event.type === 'iep.affirmed')).toHaveLength(1);
    });

    test('SEIS-50, T-07 the next plan moves the old one to history and restarts the annual clock; content is copied in', async () => {
      const studentId = await newStudent();
      const first = await graph.heldIep(studentId);
      await graph.affirm(first);
      const second = await graph.heldIep(studentId, 'ANNUAL');
      expect((await graph.iep(second, 'goals { statement discussed progress { id } }')).goals).toEqual([
        { statement: GOAL.statement, discussed: false, progress: [] },
      ]);
      const read = (as = caseManager()) =>
        graph.call(
          'query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { currentIep { id notices } futureIep { id } iepHistory { nodes { id state document { size } } } } } }',
          { r: [{ __typename: 'Student', id: studentId }] },
          as,
        );
      const before = (await read()).data._entities[0];
      expect(before).toMatchObject({ currentIep: { id: first }, futureIep: { id: second }, iepHistory: { nodes: [] } });
      expect(before.currentIep.notices).toEqual([
        'A meeting was held on 2026-02-05 and is not affirmed: this is not the latest document.',
      ]);
      await graph.affirm(second);
      const after = (await read()).data._entities[0];
      expect(after).toMatchObject({
        currentIep: { id: second, notices: [] },
        futureIep: null,
        iepHistory: { nodes: [{ id: first, state: 'HISTORY' }] },
      });
      expect(after.iepHistory.nodes[0].document.size).toBeGreaterThan(1000);
      expect((await events(studentId)).at(-1)).toMatchObject({ kind: 'ANNUAL', initial: false, previousIepId: first });
      expect(codes(await graph.affirm(first))).toEqual(['V-014']);
      expect(codes(await graph.mutate('saveIepForm', { iepId: first, version: 9, offer: OFFER }))).toEqual(['V-014']);
    });

    test('V-007 no signature warns and changes no service: the prior plan stays put and keeps its clock (SEIS-79)', async () => {
      const studentId = await newStudent();
      const first = await graph.heldIep(studentId);
      await graph.affirm(first);
      graph.clock.set(new Date('2026-03-10T18:00:00Z'));
      const { iep: draft } = await graph.mutate('startIep', { studentId, kind: 'ANNUAL' });
      await graph.fill(draft.id, 'AWAITING');
      const { version } = await graph.iep(draft.id, 'version');
      await graph.mutate('holdMeeting', { iepId: draft.id, version, meetingDate: '2026-03-09' });
      const payload = await graph.affirm(draft.id);
      graph.clock.set(new Date('2026-02-10T18:00:00Z'));
      expect(payload).toMatchObject({ iep: { state: 'CURRENT' }, errors: [{ code: 'V-007', severity: 'WARNING' }] });
      expect((await events(studentId)).at(-1)).toMatchObject({ agreed: false, eligible: true, previousIepId: first });
      expect(await pubIep(draft.id)).toMatchObject({ meeting_date: '2026-03-09', plan_review_date: '2026-02-05' });
      expect((await graph.iep(draft.id, 'notices')).notices).toEqual([
        'The parent has not agreed: the plan that was agreed to before stays in force.',
      ]);
      const list = await graph.call(
        'query($s: ID) { ieps(filter: { studentId: $s, unsigned: true }) { nodes { id } } }',
        { s: studentId },
      );
      expect(list.data.ieps.nodes).toEqual([{ id: draft.id }]);
    });

    test('SEIS-21 V-006 V-007 the check on demand tells what the affirmation will, as soon as that can come', async () => {
      const studentId = await newStudent();
      const { iep } = await graph.mutate('startIep', { studentId, kind: 'PART_B_INITIAL' });
      await graph.fill(iep.id, null);
      await graph.save(iep.id, 'offer', { ...OFFER, offers: [] });
      const check = async () =>
        (
          await graph.mutate(
            'validateIep',
            { iepId: iep.id },
            'findings { rule { id } severity fix } iep { findings { rule { id } } }',
          )
        ).findings.map((one: any) => `${one.rule.id} ${one.severity}`);
      expect(await check()).toEqual([]);
      const { version } = await graph.iep(iep.id, 'version');
      await graph.mutate('holdMeeting', { iepId: iep.id, version, meetingDate: TODAY });
      expect(await check()).toEqual(['V-006 ERROR', 'V-007 WARNING']);
      await graph.save(iep.id, 'offer', OFFER);
      expect(await check()).toEqual(['V-007 WARNING']);
      const { findings, forms } = await graph.iep(iep.id, 'findings { fix } forms { kind mark }');
      expect(findings[0].fix).toMatch(
        /saveIepForm.*DISTRICT_OFFER_NO_SIGNATURE.*case manager.*continueIep.*reactivateIep/,
      );
      expect(forms).toContainEqual({ kind: 'PARTICIPANTS', mark: 'WARNING' });
      expect((await graph.affirm(iep.id)).errors).toMatchObject([{ code: 'V-007', severity: 'WARNING' }]);
    });

    test('V-007 V-013 SEIS-79 a plan without agreement is not amended; its late signature comes with a continuation', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId, 'PART_B_INITIAL', 'AWAITING');
      await graph.service(`${studentId}-late`, studentId, iepId);
      await graph.affirm(iepId);
      const refusals = [
        ...(await graph.mutate('amendIep', { iepId })).errors,
        ...(await graph.mutate('saveIepForm', { iepId, version: 2, offer: OFFER })).errors,
      ];
      expect(codes({ errors: refusals })).toEqual(['V-007', 'V-013']);
      for (const { message } of refusals)
        expect(message).toMatch(/the case manager goes on.*continueIep.*reactivateIep/);
      const { iep } = await graph.mutate('continueIep', { iepId });
      await graph.mutate('holdMeeting', { iepId: iep.id, version: 1, meetingDate: '2026-02-05', reconvenedOn: TODAY });
      const signature = { outcome: 'AGREE_ALL', signedOn: TODAY };
      await graph.save(iep.id, 'participants', { ...TEAM, signature, secondConsentOn: TODAY });
      expect(await graph.affirm(iep.id)).toMatchObject({ iep: { state: 'CURRENT' }, errors: [] });
      expect((await events(studentId)).at(-1)).toMatchObject({ type: 'iep.affirmed', agreed: true, iepId: iep.id });
      expect(await pubIep(iep.id)).toMatchObject({ plan_review_date: '2026-02-05' });
      // What the unsigned plan proposed belongs to the one that is signed.
      const [attested] = await graph.select('SELECT services FROM iep_attestation WHERE iep_id = ?', [iep.id]);
      const services = attested!.services;
      expect(typeof services === 'string' ? JSON.parse(services) : services).toMatchObject([{ code: '330' }]);
      expect(
        (await graph.mutate('saveIepForm', { iepId: iep.id, version: 9, offer: OFFER })).errors[0].message,
      ).toMatch(/case manager or the district.*amendIep.*continueIep/);
    });

    test('SEIS-74, SEIS-75, V-004, V-029 the final offer without signature: text and contact attempts, then no warning and no effect', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId, 'PART_B_INITIAL', 'REFUSED');
      const unsigned = {
        purposes: ['INITIAL', 'DISTRICT_OFFER_NO_SIGNATURE'],
        attestation: { ...TICKED, matchesSignedCopy: false },
      };
      expect(codes(await graph.affirm(iepId, unsigned))).toEqual(['V-004', 'V-029']);
      const attempts = [{ on: '2026-02-06', method: 'PHONE', result: 'No answer.' }];
      await graph.save(iepId, 'participants', {
        ...TEAM,
        signature: { outcome: 'REFUSED' },
        contactAttempts: attempts,
      });
      const text = { purposeText: 'Final offer made; the parent did not sign.' };
      expect(codes(await graph.affirm(iepId, { ...unsigned, ...text, toBeContinued: true }))).toEqual(['SEIS-75']);
      const payload = await graph.affirm(iepId, { ...unsigned, ...text });
      expect(payload).toMatchObject({ iep: { state: 'CURRENT' }, errors: [] });
      expect((await events(studentId)).at(-1)).toMatchObject({ type: 'iep.affirmed', agreed: false, eligible: true });
      expect(codes(await graph.mutate('continueIep', { iepId }))).toEqual(['SEIS-75']);
      expect((await graph.mutate('amendIep', { iepId })).errors[0].message).toMatch(/reactivateIep.*startIep/);
    });

    test('a student who does not qualify needs no offer and no goals; the event says so', async () => {
      const studentId = await newStudent();
      const { iep } = await graph.mutate('startIep', { studentId, kind: 'PART_B_INITIAL' });
      await graph.save(iep.id, 'presentLevels', LEVELS);
      await graph.save(iep.id, 'notes', NOTES);
      await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'NOT_ELIGIBLE_ACK' } });
      const { version } = await graph.iep(iep.id, 'version');
      await graph.mutate('holdMeeting', { iepId: iep.id, version, meetingDate: TODAY });
      expect(await graph.affirm(iep.id)).toMatchObject({ iep: { state: 'CURRENT' }, errors: [] });
      expect((await events(studentId)).at(-1)).toMatchObject({ agreed: false, eligible: false });
    });

    test('SER-75 to SER-80, SER-85 to SER-87 Louisiana: made official by the data writer, red X blocks (V-057), then submitted (V-059)', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId);
      await graph.save(iepId, 'presentLevels', { ...LEVELS, health: null });
      expect(codes(await graph.affirm(iepId, {}, dataWriter))).toEqual(['V-057', 'V-009']);
      expect(codes(await graph.mutate('submitIep', { iepId }, undefined, dataWriter))).toEqual(['V-059']);
      await graph.save(iepId, 'presentLevels', LEVELS);
      await graph.save(iepId, 'notes', { ...NOTES, reason: '' });
      const official = await graph.affirm(iepId, {}, dataWriter);
      expect(official).toMatchObject({ iep: { state: 'CURRENT' }, errors: [{ code: 'V-058' }, { code: 'V-012' }] });
      expect((await graph.tryMutate('submitIep', { iepId })).status).toBe(403);
      for (let i = 0; i < 2; i++) {
        const { iep } = await graph.mutate(
          'submitIep',
          { iepId },
          'iep { submittedToState stateLabel(system: SER) }',
          dataWriter,
        );
        expect(iep).toEqual({ submittedToState: true, stateLabel: 'Official' });
      }
    });
  });

  describe('amend and continue', () => {
    test('SER-88 to SER-96, V-060, V-061 an amendment keeps the meeting date, counts up, and supersedes when agreed', async () => {
      const studentId = await newStudent();
      const plan = await graph.heldIep(studentId);
      await graph.affirm(plan);
      expect(codes(await graph.mutate('saveIepForm', { iepId: plan, version: 2, offer: OFFER }))).toEqual(['V-013']);
      expect(codes(await graph.mutate('amendIep', { iepId: plan, meetingDate: TODAY }))).toEqual(['V-061']);
      await graph.service(`${studentId}-kept`, studentId, plan, { state: 'ACTIVE', code: '415' });
      let current = plan;
      for (const number of [1, 2]) {
        const { iep } = await graph.mutate(
          'amendIep',
          { iepId: current },
          'iep { id state kind amendmentNumber meetingDate parent { id } forms { kind } goals { statement } stateLabel(system: SER) }',
        );
        expect(iep).toMatchObject({
          state: 'AMENDED_DRAFT',
          kind: 'AMENDMENT',
          amendmentNumber: number,
          meetingDate: '2026-02-05',
          parent: { id: current },
          stateLabel: 'Amended-Draft',
        });
        expect(iep.forms.map((form: { kind: string }) => form.kind)).toContain('AMENDMENT');
        expect(iep.goals).toEqual([{ statement: GOAL.statement }]);
        await graph.fill(iep.id);
        expect(codes(await graph.affirm(iep.id))).toEqual(['V-002', 'V-060', 'V-060', 'V-060']);
        await graph.save(iep.id, 'amendment', {
          contactMethod: 'PHONE',
          contactedOn: TODAY,
          whatChanged: 'Minutes.',
          why: 'Progress.',
        });
        const { version } = await graph.iep(iep.id, 'version');
        expect(codes(await graph.mutate('holdMeeting', { iepId: iep.id, version, meetingDate: TODAY }))).toEqual([
          'V-061',
        ]);
        expect((await graph.affirm(iep.id)).iep.state).toBe('CURRENT');
        expect((await events(studentId)).at(-1)).toMatchObject({
          kind: 'AMENDMENT',
          initial: false,
          agreed: true,
          previousIepId: current,
        });
        expect((await graph.iep(current, 'state')).state).toBe('HISTORY');
        expect(await pubIep(iep.id)).toMatchObject({ plan_review_date: '2026-02-05', meeting_date: '2026-02-05' });
        if (number === 1) {
          const [attested] = await graph.select('SELECT services FROM iep_attestation WHERE iep_id = ?', [iep.id]);
          const services = attested!.services;
          expect(typeof services === 'string' ? JSON.parse(services) : services).toMatchObject([{ code: '415' }]);
        }
        current = iep.id;
      }
    });

    test('C.2 an amendment without agreement is closed, the prior plan stays; an open answer is asked for', async () => {
      const studentId = await newStudent();
      const plan = await graph.heldIep(studentId);
      await graph.affirm(plan);
      const { iep } = await graph.mutate('amendIep', { iepId: plan });
      await graph.fill(iep.id, 'AWAITING');
      await graph.save(iep.id, 'amendment', { contactMethod: 'LETTER', whatChanged: 'Minutes.', why: 'Schedule.' });
      const { findings } = await graph.mutate('validateIep', { iepId: iep.id }, 'findings { rule { id } severity }');
      expect(findings).toEqual([{ rule: { id: 'V-007' }, severity: 'ERROR' }]);
      expect(codes(await graph.affirm(iep.id))).toEqual(['V-007']);
      await graph.save(iep.id, 'participants', { ...TEAM, signature: { outcome: 'REFUSED' } });
      expect((await graph.mutate('validateIep', { iepId: iep.id }, 'findings { severity }')).findings).toEqual([]);
      expect((await graph.affirm(iep.id)).iep.state).toBe('CLOSED_NO_AGREEMENT');
      expect((await graph.iep(plan, 'state')).state).toBe('CURRENT');
      expect((await events(studentId)).at(-1)).toMatchObject({ type: 'iep.changed', state: 'CLOSED_NO_AGREEMENT' });
      expect(codes(await graph.affirm(iep.id))).toEqual(['V-014']);
      const [closed] = (await graph.mutate('amendIep', { iepId: iep.id })).errors;
      expect(closed).toMatchObject({
        code: 'V-014',
        message: expect.stringMatching(/case manager.*recordLateAgreement/),
      });
      expect((await graph.mutate('amendIep', { iepId: plan })).errors).toEqual([]);
    });

    test('SEIS-24, SEIS-76 to SEIS-78, V-023 a meeting that goes on: affirmed without its offer, continued with all forms and its date', async () => {
      const studentId = await newStudent();
      const iepId = await graph.heldIep(studentId, 'PART_B_INITIAL', 'PARTICIPATION_ONLY');
      await graph.save(iepId, 'offer', { ...OFFER, offers: [] });
      expect(codes(await graph.affirm(iepId))).toEqual(['V-006']);
      expect((await graph.affirm(iepId, { toBeContinued: true })).iep.state).toBe('CURRENT');
      expect(codes(await graph.mutate('continueIep', { iepId, meetingDate: TODAY }))).toEqual(['V-023']);
      const { iep } = await graph.mutate(
        'continueIep',
        { iepId },
        'iep { id kind continuation meetingDate version forms { kind ... on NotesForm { discussion } ... on ParticipantsForm { participants { name } signature { outcome } } } }',
      );
      expect(iep).toMatchObject({ kind: 'PART_B_INITIAL', continuation: true, meetingDate: '2026-02-05' });
      expect(iep.forms[0].discussion).toBe(NOTES.discussion);
      expect(iep.forms[2]).toMatchObject({
        participants: [{ name: 'Maria Nuñez' }, { name: 'Casey Manager' }],
        signature: null,
      });
      expect(codes(await graph.mutate('holdMeeting', { iepId: iep.id, version: 1, meetingDate: TODAY }))).toEqual([
        'V-023',
      ]);
      await graph.mutate('holdMeeting', { iepId: iep.id, version: 1, meetingDate: '2026-02-05', reconvenedOn: TODAY });
      await graph.save(iep.id, 'offer', OFFER);
      await graph.save(iep.id, 'participants', {
        ...TEAM,
        signature: { outcome: 'AGREE_ALL' },
        secondConsentOn: TODAY,
      });
      expect(await graph.affirm(iep.id)).toMatchObject({ iep: { state: 'CURRENT' }, errors: [] });
      expect((await events(studentId)).at(-1)).toMatchObject({
        kind: 'PART_B_INITIAL',
        meetingDate: '2026-02-05',
        agreed: true,
        previousIepId: null,
      });
    });
  });

  test('C.2 the table knows every state, and leads out of history nowhere', () => {
    expect(Object.keys(IEP_TRANSITIONS).sort()).toEqual([
      'AMENDED_DRAFT',
      'CLOSED_NO_AGREEMENT',
      'CURRENT',
      'DISCARDED',
      'DRAFT',
      'HISTORY',
      'IN_REVIEW',
    ]);
    expect([IEP_TRANSITIONS.HISTORY, IEP_TRANSITIONS.DISCARDED]).toEqual([{}, {}]);
  });
});
