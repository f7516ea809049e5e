import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import {
  CaseWork,
  codes,
  daysFromToday,
  GOAL,
  LEVELS,
  MANTECA,
  NOTES,
  OFFER,
  providerIdOf,
  type Pupil,
  refusalsOf,
  RIPON,
  SERVICE,
  today,
} from './case-work';
import { expectOneOwner, ownershipOf } from './ownership';
import { delivered, recordOf, select } from './record';

const { administrator, teacher, colleague } = RIPON;
const MEETING = daysFromToday(-2);
const FORMS = `query($id: ID!) { iep(id: $id) { version state goals { id version statement } forms { kind version mark
  ... on PresentLevelsForm { strengths parentConcerns health } ... on NotesForm { discussion } } } }`;

const succeeded = (answers: GraphqlAnswer[]): GraphqlAnswer[] =>
  answers.filter((answer) => refusalsOf(answer).length === 0);
const refused = (answers: GraphqlAnswer[]): string[] => answers.flatMap(refusalsOf).sort();

describe.each(databaseUrls())('several people at the same record, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;
  let pupil: Pupil;
  let iepId: string;

  beforeAll(async () => {
    system = await bootSystem(makeUrl);
    work = new CaseWork(system);
    pupil = await work.newCase(RIPON);
    iepId = await work.startIep(teacher, pupil.id);
    await work.writePlan(teacher, pupil.id, iepId, MEETING);
  });
  afterAll(() => system?.stop());

  const read = async () => (await work.see(teacher, FORMS, { id: iepId })).iep;
  const form = async (kind: string) => (await read()).forms.find((one: { kind: string }) => one.kind === kind);
  const save = (who: string, version: number, content: object) =>
    work.attempt(who, 'saveIepForm', { iepId, version, ...content }, 'form { version }');

  test('SEIS-43 the second of two editors of one form gets CONFLICT, and neither text is lost', async () => {
    const { version } = await form('PRESENT_LEVELS');
    const first = { presentLevels: { ...LEVELS, strengths: 'Reads maps.' } };
    const second = { presentLevels: { ...LEVELS, parentConcerns: 'Being understood.' } };
    expect(refusalsOf(await save(teacher, version, first))).toEqual([]);
    expect(refusalsOf(await save(administrator, version, second))).toEqual(['CONFLICT']);
    expect(await form('PRESENT_LEVELS')).toMatchObject({
      version: version + 1,
      strengths: 'Reads maps.',
      parentConcerns: LEVELS.parentConcerns,
    });

    const merged = { presentLevels: { ...first.presentLevels, parentConcerns: 'Being understood.' } };
    expect(refusalsOf(await save(administrator, version + 1, merged))).toEqual([]);
    expect(await form('PRESENT_LEVELS')).toMatchObject({
      version: version + 2,
      strengths: 'Reads maps.',
      parentConcerns: 'Being understood.',
    });
  });

  test('of six saves at the same instant exactly one is kept, whole, and five are told', async () => {
    for (let round = 0; round < 3; round++) {
      const { version } = await form('PRESENT_LEVELS');
      const texts = Array.from({ length: 6 }, (_, i) => `Round ${round}, editor ${i}.`);
      const answers = await Promise.all(
        texts.map((text, i) =>
          save(i % 2 ? teacher : administrator, version, {
            presentLevels: { ...LEVELS, strengths: text, health: text },
          }),
        ),
      );
      expect(refused(answers)).toEqual(Array(5).fill('CONFLICT'));
      const winner = texts[answers.findIndex((answer) => refusalsOf(answer).length === 0)];
      expect(await form('PRESENT_LEVELS')).toMatchObject({ version: version + 1, strengths: winner, health: winner });
    }
  });

  test('editors of different forms of one IEP do not disturb each other', async () => {
    const versions = Object.fromEntries(
      (await read()).forms.map((one: { kind: string; version: number }) => [one.kind, one.version]),
    );
    const answers = await Promise.all([
      save(teacher, versions.PRESENT_LEVELS, { presentLevels: { ...LEVELS, strengths: 'Kept together.' } }),
      save(administrator, versions.NOTES, { notes: { ...NOTES, discussion: 'Kept as well.' } }),
      save(teacher, versions.OFFER, { offer: OFFER }),
      work.attempt(
        administrator,
        'addGoal',
        { iepId, ...GOAL, statement: 'Within a year writes a paragraph.' },
        'goal { id }',
      ),
    ]);
    expect(refused(answers)).toEqual([]);
    expect(await form('PRESENT_LEVELS')).toMatchObject({ strengths: 'Kept together.' });
    expect(await form('NOTES')).toMatchObject({ discussion: 'Kept as well.' });
    expect((await read()).goals.map((goal: { statement: string }) => goal.statement)).toContain(
      'Within a year writes a paragraph.',
    );
  });

  test('two editors of one goal, one profile, one service: one each', async () => {
    const [goal] = (await read()).goals;
    const student = await work.see(administrator, 'query($id: ID!) { student(id: $id) { version } }', { id: pupil.id });
    const { service } = await work.addService(administrator, pupil.id, { code: '415', startDate: today() });
    const pairs: [mutation: string, inputs: object[]][] = [
      [
        'addGoal',
        ['One.', 'Two.'].map((statement) => ({ ...GOAL, iepId, goalId: goal.id, version: goal.version, statement })),
      ],
      [
        'updateStudent',
        ['03', '05'].map((gradeLevel) => ({ id: pupil.id, version: student.student.version, gradeLevel })),
      ],
      [
        'terminateService',
        ['MOVED', 'GOAL_MET'].map((terminationReason) => ({
          serviceId: service.id,
          version: service.version,
          endDate: today(),
          terminationReason,
        })),
      ],
    ];
    for (const [mutation, inputs] of pairs) {
      const answers = await Promise.all(inputs.map((input) => work.attempt(administrator, mutation, input)));
      expect([mutation, refused(answers)]).toEqual([mutation, ['CONFLICT']]);
    }
  });

  test('SEIS-43 two people open the editable IEP at once: there is one', async () => {
    const other = await work.newCase(RIPON);
    const answers = await Promise.all(
      [teacher, administrator, teacher].map((who) =>
        work.attempt(who, 'startIep', { studentId: other.id, kind: 'PART_B_INITIAL' }, 'iep { id }'),
      ),
    );
    expect(succeeded(answers)).toHaveLength(1);
    const open = await select(
      system.database,
      "SELECT id FROM pub_iep WHERE student_id = ? AND state IN ('DRAFT', 'IN_REVIEW')",
      [other.id],
    );
    expect(open).toHaveLength(1);
    expect(refused(answers)).not.toContain('INTERNAL');
  });

  test('V-019 two changes of the case manager at once leave exactly one', async () => {
    const other = await work.newCase(RIPON);
    await work.done(administrator, 'assignProvider', { studentId: other.id, providerId: providerIdOf(colleague) });
    await work.done(administrator, 'assignProvider', { studentId: other.id, providerId: 'prov-provider-ripon' });
    const changes = [colleague, 'provider.ripon', colleague].map((to) => ({
      studentId: other.id,
      providerId: providerIdOf(to),
      currentCaseManagerId: providerIdOf(teacher),
    }));
    const answers = await Promise.all(
      changes.map((change) => work.attempt(administrator, 'changeCaseManager', change)),
    );
    expect(succeeded(answers)).toHaveLength(1);
    expect(refused(answers)).toEqual(['CONFLICT', 'CONFLICT']);
    const managers =
      "SELECT grantee FROM student_access WHERE student_id = ? AND relation = 'CASE_MANAGER' AND revoked_at IS NULL AND valid_to IS NULL";
    expect(await select(system.database, managers, [other.id])).toHaveLength(1);
  });

  test('a repeated mutation under one key is done once, also when the repetitions come at once', async () => {
    const input = { ...SERVICE, code: '450', studentId: pupil.id, startDate: today(), idempotencyKey: 'add-450' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => work.attempt(administrator, 'addService', input, 'service { id }')),
    );
    expect(refused(answers)).toEqual([]);
    expect(new Set(answers.map((answer) => answer.data.addService.service.id)).size).toBe(1);
    expect(
      await select(system.database, "SELECT id FROM pub_service WHERE student_id = ? AND code = '450'", [pupil.id]),
    ).toHaveLength(1);
  });

  test('SEIS-52 an affirmation beside a save: what was attested is what was read, never the other text', async () => {
    for (let round = 0; round < 4; round++) {
      const other = await work.newCase(RIPON);
      const held = await work.heldPlan(RIPON, other.id);
      const version = await work.formVersion(teacher, held, 'PRESENT_LEVELS');
      const edit = { iepId: held, version, presentLevels: { ...LEVELS, strengths: 'Edited while affirmed.' } };
      const affirmation = await work.affirmInput(teacher, held);
      const acts = [
        () => work.attempt(teacher, 'affirmIep', affirmation, 'iep { state }'),
        () => work.attempt(administrator, 'saveIepForm', edit, 'form { version }'),
      ];
      if (round % 2) acts.reverse();
      const answers = await Promise.all(acts.map((act) => act()));
      expect(succeeded(answers)).toHaveLength(1);
      const { iep } = await work.see(teacher, FORMS, { id: held });
      const { strengths } = iep.forms.find((one: { kind: string }) => one.kind === 'PRESENT_LEVELS');
      if (iep.state === 'CURRENT') expect([strengths, refused(answers)]).toEqual([LEVELS.strengths, ['V-013']]);
      else
        expect([iep.state, strengths, refused(answers)]).toEqual(['IN_REVIEW', 'Edited while affirmed.', ['CONFLICT']]);
    }
  });

  test('SEIS-50 two affirmations at once: one current IEP, one attestation, one event', async () => {
    const other = await work.newCase(RIPON);
    const held = await work.heldPlan(RIPON, other.id);
    const input = await work.affirmInput(teacher, held);
    const answers = await Promise.all([1, 2, 3].map(() => work.attempt(teacher, 'affirmIep', input, 'iep { state }')));
    expect(succeeded(answers)).toHaveLength(1);
    for (const code of refused(answers)) expect(['V-013', 'CONFLICT']).toContain(code);
    await delivered(system.database, [other.id]);
    const { outbox_event: events } = await recordOf(system.database, other.id);
    expect(events!.filter((row) => row.includes('iep.affirmed'))).toHaveLength(1);
    expect(await select(system.database, 'SELECT id FROM iep_attestation WHERE iep_id = ?', [held])).toHaveLength(1);
  });

  test('G.3 F3 affirmations beside claims: one owner, and no service of the former one', async () => {
    const cases: { student: Pupil; held: string }[] = [];
    for (let i = 0; i < 6; i++) {
      const student = await work.newCase(RIPON);
      cases.push({ student, held: await work.heldPlan(RIPON, student.id) });
    }
    const inputs = await Promise.all(cases.map(({ held }) => work.affirmInput(teacher, held)));
    await Promise.all(
      cases.map(async ({ student }, i) => {
        const acts = [
          () => work.claim(MANTECA, student.stateId),
          () => work.attempt(teacher, 'affirmIep', inputs[i]!, 'iep { state }'),
        ];
        if (i % 2) acts.reverse();
        const answers = await Promise.all(acts.map((act) => act()));
        expect(succeeded(answers).length).toBeGreaterThan(0);
        expectOneOwner(await ownershipOf(system.database, student.id));
      }),
    );
    await delivered(
      system.database,
      cases.map(({ student }) => student.id),
    );
    for (const { student } of cases) {
      const { owner, seeing, ...rest } = await ownershipOf(system.database, student.id);
      expectOneOwner({ owner, seeing, ...rest });
      if (owner === MANTECA.leaId) expect(seeing).toEqual([`LEA:${MANTECA.leaId}`]);
    }
  });

  test('V-013 nothing of this has left the plan of the first test half done', async () => {
    await work.holdMeeting(teacher, iepId, MEETING);
    const payload = await work.affirm(teacher, iepId);
    expect([codes(payload), payload.iep.state]).toEqual([[], 'CURRENT']);
  });
});
