import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import {
  accountIdOf,
  CaseWork,
  checklist,
  codes,
  daysFromToday,
  LEVELS,
  type Pupil,
  refusalsOf,
  RIPON,
  today,
} from './case-work';
import { pdfText } from './pdf-text';
import { delivered, eventually, recordOf } from './record';

const FIRST_MEETING = daysFromToday(-30);
const SECOND_MEETING = daysFromToday(-3);
const { administrator, teacher, colleague, provider, leaId } = RIPON;

/** What the affirmation of a plan changes, as the case manager and the district see it. */
const STUDENT = `query($id: ID!) { student(id: $id) {
  status spedActivities { entryOn exitOn } services { id code state startDate endDate } dueDates { kind dueOn }
  currentIep { id state } futureIep { id state } iepHistory(first: 10) { nodes { id state } } } }`;
const WORKLIST = `query($filter: WorklistFilter!) { studentWorklist(filter: $filter) {
  totalCount nodes { annualDue affirmDue unaffirmed openFindings student { id } caseManager { id } } } }`;
const SUMMARY = `query($leaId: ID!, $period: PeriodInput!) { complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: $period, organizationId: $leaId) {
  total { inTimeline outOfTimeline total } rows { organization { id } total } } }`;
const DOCUMENT = `query($id: ID!) { iep(id: $id) { state contentHash affirmedBy { displayName } document { mediaType size content } } }`;

/** Days on which the next annual of a plan of this meeting date can fall due. */
const dueAYearAfter = (day: string) => ({
  from: `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`,
  to: `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`,
});

describe.each(databaseUrls())('affirming an IEP, through three subgraphs, on %s', (engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;
  let pupil: Pupil;
  let first: string;
  let second: string;

  beforeAll(async () => {
    system = await bootSystem(makeUrl);
    work = new CaseWork(system);
    pupil = await work.newCase(RIPON);
    await work.done(administrator, 'assignProvider', { studentId: pupil.id, providerId: 'prov-provider-ripon' });
  });
  afterAll(() => system?.stop());

  const record = async () => {
    await delivered(system.database, [pupil.id]);
    return recordOf(system.database, pupil.id);
  };
  const student = async () => (await work.see(teacher, STUDENT, { id: pupil.id })).student;
  const worklistRow = async (who = teacher) =>
    (await work.see(who, WORKLIST, { filter: { text: pupil.stateId } })).studentWorklist.nodes[0];
  const summary = async (meetingDate: string) => {
    const { complianceSummary } = await work.see(administrator, SUMMARY, { leaId, period: dueAYearAfter(meetingDate) });
    return complianceSummary.total;
  };

  test('SEIS-43 SEIS-64 the case manager drafts; blank items and "N/A" are findings on the form (V-009, V-010)', async () => {
    first = await work.startIep(teacher, pupil.id);
    await work.writePlan(teacher, pupil.id, first, FIRST_MEETING);
    const saved = await work.saveForm(teacher, first, 'presentLevels', { ...LEVELS, strengths: 'N/A', health: null });
    expect(saved.form.mark).toBe('FAIL');
    const found = saved.findings.map((finding: { rule: { id: string }; path: string[] }) => [
      finding.rule.id,
      finding.path.at(-1),
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['V-009', 'health'],
        ['V-010', 'strengths'],
      ]),
    );
    const { services, status, futureIep, currentIep } = await student();
    expect(services).toEqual([expect.objectContaining({ code: '330', state: 'PROPOSED' })]);
    expect([status, futureIep.id, currentIep]).toEqual(['PENDING', first, null]);
  });

  test('SEIS-44 a draft is not affirmed before its meeting was held', async () => {
    const before = await record();
    expect(codes(await work.affirm(teacher, first))).toEqual(['SEIS-44']);
    expect(await record()).toEqual(before);
  });

  test('SEIS-54 V-002 with open errors the check names them and affirming changes nothing', async () => {
    await work.holdMeeting(teacher, first, FIRST_MEETING);
    const checked = await work.done(teacher, 'validateIep', { iepId: first }, 'findings { rule { id } severity }');
    const errors = checked.findings.filter((finding: { severity: string }) => finding.severity === 'ERROR');
    expect(errors.map((finding: { rule: { id: string } }) => finding.rule.id).sort()).toEqual(['V-009', 'V-010']);

    const before = await record();
    const refused = await work.affirm(teacher, first);
    expect(codes(refused)).toEqual(['V-002', 'V-009', 'V-010']);
    expect(refused.iep).toBeNull();
    expect(await record()).toEqual(before);
    expect(await worklistRow()).toMatchObject({ unaffirmed: true, annualDue: null });
    await work.saveForm(teacher, first, 'presentLevels', LEVELS);
  });

  test('V-005 the attest checklist must be complete; V-003 a purpose must be chosen; nothing changes', async () => {
    const before = await record();
    const unticked = await work.affirm(teacher, first, { attestation: { ...checklist(), matchesSignedCopy: false } });
    expect(codes(unticked)).toEqual(['V-005']);
    expect(codes(await work.affirm(teacher, first, { attestation: null }))).toEqual(Array(4).fill('V-005'));
    expect(codes(await work.affirm(teacher, first, { purposes: [] }))).toEqual(['V-003']);
    const { version, ...rest } = (await work.affirmInput(teacher, first)) as { version: number };
    expect(
      refusalsOf(await work.attempt(teacher, 'affirmIep', { ...rest, version: version - 1 }, 'iep { id }')),
    ).toEqual(['CONFLICT']);
    expect(await record()).toEqual(before);
  });

  test('SEIS-52 the district and the provider have no right to affirm; another case manager finds no such IEP', async () => {
    const before = await record();
    const input = await work.affirmInput(teacher, first);
    for (const who of [administrator, provider]) {
      const refused = await work.attempt(who, 'affirmIep', input, 'iep { id }');
      expect([refusalsOf(refused), refused.data ?? null]).toEqual([['UNAUTHORIZED_FIELD_OR_TYPE'], null]);
    }
    expect(refusalsOf(await work.attempt(colleague, 'affirmIep', input, 'iep { id }'))).toEqual(['NOT_FOUND']);
    expect(await record()).toEqual(before);
  });

  test('V-001 somebody who may affirm and serves the student, but does not manage the case, is refused by the rule', async () => {
    // SIRAS-133: a general user may finalize meetings, of students whose case is marked as the user's own.
    const grant = { accountId: accountIdOf('provider.ripon'), role: 'GENERAL_USER', organizationId: leaId };
    const { roleGrant } = await work.done(administrator, 'grantRole', grant, 'roleGrant { id }');
    const before = await record();
    const input = await work.affirmInput(teacher, first);
    const mutation =
      'mutation($input: AffirmIepInput!) { affirmIep(input: $input) { iep { id } errors { code message } } }';
    const refused = await system.ask(provider, mutation, { input }, { 'x-perspective': roleGrant.id });
    expect(refused.errors).toBeUndefined();
    expect(refused.data.affirmIep).toMatchObject({
      iep: null,
      errors: [{ code: 'V-001', message: expect.stringMatching(/case manager/) }],
    });
    expect(await record()).toEqual(before);
  });

  test('SEIS-44 C.1 SER-114 the case manager affirms: services, status, sped activity, worklist and summary follow', async () => {
    const before = await summary(FIRST_MEETING);
    const affirmedAt = Date.now();
    const payload = await work.affirm(teacher, first);
    expect(payload.errors).toEqual([]);
    expect(payload.iep).toMatchObject({ id: first, state: 'CURRENT' });

    await eventually(async () =>
      expect(await worklistRow()).toMatchObject({
        annualDue: dueAYearAfter(FIRST_MEETING).from,
        unaffirmed: false,
        affirmDue: null,
      }),
    );
    const onWorklist = Date.now() - affirmedAt;
    await eventually(async () => {
      expect(await student()).toMatchObject({
        status: 'ELIGIBLE_ACTIVE',
        spedActivities: [{ entryOn: FIRST_MEETING, exitOn: null }],
        services: [{ state: 'ACTIVE' }],
        currentIep: { id: first, state: 'CURRENT' },
        futureIep: null,
      });
      expect(await summary(FIRST_MEETING)).toEqual({
        ...before,
        inTimeline: before.inTimeline + 1,
        total: before.total + 1,
      });
    });
    process.stdout.write(
      `${engine}: ${onWorklist} ms from the affirmation to the worklist, ${Date.now() - affirmedAt} ms to everything (target: a second)\n`,
    );
    expect((await student()).dueDates).toContainEqual({
      kind: 'ANNUAL_REVIEW',
      dueOn: dueAYearAfter(FIRST_MEETING).from,
    });
    expect(await worklistRow(administrator)).toMatchObject({
      student: { id: pupil.id },
      caseManager: { id: 'prov-teacher-ripon' },
    });
  });

  test('V-013 affirming twice, and editing what is affirmed, is refused and changes nothing', async () => {
    const before = await record();
    expect(codes(await work.affirm(teacher, first))).toEqual(['V-013']);
    const version = await work.formVersion(teacher, first, 'PRESENT_LEVELS');
    const edit = await work.act(
      teacher,
      'saveIepForm',
      { iepId: first, version, presentLevels: LEVELS },
      'form { id }',
    );
    expect(codes(edit)).toEqual(['V-013']);
    expect(await record()).toEqual(before);
  });

  test('a repeated affirmation under its idempotency key answers the same and does not affirm again', async () => {
    const other = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, other.id);
    const input = { ...(await work.affirmInput(teacher, iepId)), idempotencyKey: `affirm-${iepId}` };
    const answers = await Promise.all(
      [1, 2, 3].map(() => work.attempt(teacher, 'affirmIep', input, 'iep { id state }')),
    );
    answers.push(await work.attempt(teacher, 'affirmIep', input, 'iep { id state }'));
    for (const { data } of answers)
      expect(data?.affirmIep).toEqual({ iep: { id: iepId, state: 'CURRENT' }, errors: [] });
    const another = await work.attempt(teacher, 'affirmIep', { ...input, purposes: ['OTHER'] }, 'iep { id }');
    expect(refusalsOf(another)).toEqual(['CONFLICT']);
    await delivered(system.database, [other.id]);
    const { outbox_event: events } = await recordOf(system.database, other.id);
    expect(events!.filter((row) => row.includes('iep.affirmed'))).toHaveLength(1);
  });

  test('SEIS-50 SEIS-51 the next affirmation moves the current IEP to history, and its services give way', async () => {
    second = await work.heldPlan(RIPON, pupil.id, 'ANNUAL', SECOND_MEETING);
    const before = await summary(SECOND_MEETING);
    const payload = await work.affirm(teacher, second, { purposes: ['ANNUAL'] });
    expect(payload.iep).toMatchObject({ id: second, state: 'CURRENT' });
    await eventually(async () => {
      const now = await student();
      expect(now).toMatchObject({
        status: 'ELIGIBLE_ACTIVE',
        currentIep: { id: second },
        futureIep: null,
        iepHistory: { nodes: [{ id: first, state: 'HISTORY' }] },
      });
      expect(now.spedActivities).toEqual([{ entryOn: FIRST_MEETING, exitOn: null }]);
      expect(now.services.map((service: { state: string }) => service.state).sort()).toEqual(['ACTIVE', 'TERMINATED']);
      expect(now.services.find((service: { state: string }) => service.state === 'TERMINATED').endDate).toBe(
        daysFromToday(-4),
      );
      expect(await worklistRow()).toMatchObject({ annualDue: dueAYearAfter(SECOND_MEETING).from });
      expect((await summary(SECOND_MEETING)).total).toBe(before.total + 1);
    });
  });

  test('SEIS-51 the history is a PDF that shows the plan, its student and its date', async () => {
    const { iep } = await work.see(teacher, DOCUMENT, { id: first });
    expect(iep).toMatchObject({
      state: 'HISTORY',
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      affirmedBy: { displayName: 'Dana Whitfield' },
    });
    expect(iep.document.mediaType).toBe('application/pdf');
    const pdf = Buffer.from(iep.document.content, 'base64');
    expect(pdf).toHaveLength(iep.document.size);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const text = pdfText(pdf);
    for (const shown of [
      pupil.lastName,
      FIRST_MEETING,
      `Affirmed ${today().slice(0, 4)}`,
      LEVELS.strengths!,
      'signed hard copy',
    ])
      expect(text).toContain(shown);
    expect(text).not.toContain('DRAFT');
    expect(codes(await work.affirm(teacher, first))).toEqual(['V-014']);
  });

  test('all of this was done by database users who may do no more than their part (architecture, section 5)', async () => {
    const parts = Object.entries(system.databases);
    // SQLite knows no users: one process is one connection for all parts.
    if (engine === 'sqlite') return expect(new Set(parts.map(([, database]) => database)).size).toBe(1);
    for (const [name, { read }] of parts) {
      const [{ user }] = await read.query('SELECT CURRENT_USER() AS user');
      expect(user).toMatch(new RegExp(`^iep_test_\\w{8}_${name}@%$`));
    }
  });
});
