import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scopeComment } from '../../../platform/database/guard';
import { databaseUrls } from '../../../test/harness/databases';
import { type EvaluationBundle, type IepBundle, loadEvaluations, loadIeps } from '../document/load-ieps';
import { caseManager, district, former, IepGraph, provider } from '../iep.fixture';
import { RULE_CATALOGUE } from './catalogue';

const OF_STUDENTS =
  'query($students: [_Any!]!) { _entities(representations: $students) { ... on Student { id findings { rule { id } severity message fix path } } } }';
const RULES =
  'query($filter: ValidationRuleFilter) { validationRules(filter: $filter) { id when severity message fix source } }';

describe.each(databaseUrls())('findings of students on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  const newStudent = () => graph.student(`f${++count}`);
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());

  const affirmed = { at: new Date('2025-02-12T17:00:00Z'), on: '2025-02-12', byId: 'acct-cm', byName: 'Casey Manager' };
  const current = (studentId: string, meetingDate: string): IepBundle => ({
    studentId,
    state: 'CURRENT',
    kind: 'ANNUAL',
    openedOn: meetingDate,
    meetingDate,
    planReviewDate: meetingDate,
    affirmed,
  });
  const evaluated = (
    studentId: string,
    completedOn: string,
    over: Partial<EvaluationBundle> = {},
  ): EvaluationBundle => ({
    studentId,
    kind: 'INITIAL',
    state: 'COMPLETED',
    completedOn,
    ...over,
  });
  const load = (ieps: IepBundle[], evaluations: EvaluationBundle[] = []) =>
    graph.write(async (session) => {
      await loadIeps(session, ieps);
      await loadEvaluations(session, evaluations);
    });
  const exited = (studentId: string) =>
    graph.write((session) =>
      session.manager.query(`${scopeComment('system:test')}UPDATE pub_student SET status = 'EXITED' WHERE id = ?`, [
        studentId,
      ]),
    );
  async function findings(studentIds: string[], as = caseManager()): Promise<any[]> {
    const students = studentIds.map((id) => ({ __typename: 'Student', id }));
    const answer = await graph.call(OF_STUDENTS, { students }, as);
    expect(answer.errors).toBeUndefined();
    return answer.data._entities.map((student: any) => student.findings);
  }
  const rulesOf = async (studentId: string, as = caseManager()): Promise<string[] | null> =>
    (await findings([studentId], as))[0]?.map((one: any) => one.rule.id) ?? null;

  test('V-208 V-209 a late annual review and a late re-evaluation; on the due day itself both are in time', async () => {
    const [late, onTime] = [await newStudent(), await newStudent()];
    await load(
      [current(late, '2025-02-09'), current(onTime, '2025-02-10')],
      [
        evaluated(late, '2023-02-09'),
        evaluated(late, '2020-02-09'),
        evaluated(onTime, '2020-02-09'),
        // A waiver carries the last evaluation on (SER-71).
        evaluated(onTime, '2023-02-10', { kind: 'TRIENNIAL_WAIVER' }),
        evaluated(onTime, '2026-02-01', { state: 'IN_PROGRESS', completedOn: null, requestedOn: '2026-02-01' }),
      ],
    );
    expect(await findings([late, onTime])).toEqual([
      [
        {
          rule: { id: 'V-208' },
          severity: 'ALERT',
          message: 'The annual review is late. It was due on 2026-02-09.',
          fix: 'Hold the annual review.',
          path: null,
        },
        expect.objectContaining({
          rule: { id: 'V-209' },
          severity: 'ALERT',
          message: 'The re-evaluation is late. It was due on 2026-02-09.',
        }),
      ],
      [],
    ]);
    await exited(late);
    expect(await rulesOf(late)).toEqual([]);
  });

  test('V-028 V-008 SEIS-21 the open IEP: what the check finds, open for 91 days, held and not affirmed for eight', async () => {
    const [old, young, held] = [await newStudent(), await newStudent(), await newStudent()];
    const draft = { state: 'DRAFT', kind: 'PART_B_INITIAL' } as const;
    const { iep } = await graph.mutate('startIep', { studentId: held, kind: 'PART_B_INITIAL' });
    await graph.fill(iep.id);
    await graph.mutate('holdMeeting', {
      iepId: iep.id,
      version: (await graph.iep(iep.id, 'version')).version,
      meetingDate: '2026-02-02',
    });
    await load([
      { ...draft, studentId: old, openedOn: '2025-11-11' },
      { ...draft, studentId: young, openedOn: '2025-11-12' },
    ]);
    const [ofOld, ofYoung, ofHeld] = await findings([old, young, held]);
    expect(ofOld.map((one: any) => one.rule.id)).toEqual(expect.arrayContaining(['V-009', 'V-028']));
    expect(ofYoung.map((one: any) => one.rule.id)).toContain('V-009');
    expect(ofYoung.map((one: any) => one.rule.id)).not.toContain('V-028');
    expect(ofHeld).toEqual([expect.objectContaining({ rule: { id: 'V-008' }, path: ['meetingDate'] })]);
    // The same as at the document.
    expect((await graph.iep(iep.id, 'findings { rule { id } }')).findings).toEqual([{ rule: { id: 'V-008' } }]);
    await exited(old);
    expect(await rulesOf(old)).not.toContain('V-028');
    expect(await rulesOf(old)).toContain('V-009');
  });

  test('V-008 SER-95 an amendment keeps the old meeting date; its clock runs from its own session', async () => {
    const studentId = await newStudent();
    const amendment = { studentId, state: 'AMENDED_DRAFT', kind: 'AMENDMENT', openedOn: '2026-02-01' } as const;
    await load([current(studentId, '2025-09-10'), { ...amendment, meetingDate: '2025-09-10' }]);
    const hold = (heldOn: string) =>
      graph.write((session) =>
        session.manager.query(`${scopeComment('system:test')}UPDATE iep SET held_on = ? WHERE future_of = ?`, [
          heldOn,
          studentId,
        ]),
      );
    await hold('2026-02-03');
    expect(await rulesOf(studentId)).not.toContain('V-008');
    await hold('2026-02-02');
    expect(await rulesOf(studentId)).toContain('V-008');
  });

  test('V-007 SEIS-79 the current IEP waits for its answer: said as at the document, until it is there', async () => {
    const studentId = await newStudent();
    const iepId = await graph.heldIep(studentId, 'PART_B_INITIAL', 'AWAITING');
    await graph.affirm(iepId);
    const [found] = await findings([studentId]);
    expect(found).toEqual([
      {
        rule: { id: 'V-007' },
        severity: 'WARNING',
        message: expect.stringMatching(/not agreed.*stays in force/),
        fix: expect.stringMatching(/continueIep.*reactivateIep/),
        path: null,
      },
    ]);
    expect((await graph.iep(iepId, 'notices')).notices).toEqual([expect.stringMatching(/not agreed.*stays in force/)]);
    await exited(studentId);
    expect(await rulesOf(studentId)).toEqual([]);
    // An answer that agrees to nothing is one all the same.
    const declined = await newStudent();
    await graph.affirm(await graph.heldIep(declined, 'PART_B_INITIAL', 'DECLINE_INITIAL_SERVICES'));
    expect(await rulesOf(declined)).toEqual([]);
  });

  test('null for a student who is not the caller’s today: a former district reads its old plan, not what is open now', async () => {
    const studentId = await newStudent();
    await load([current(studentId, '2024-10-10')]);
    expect(await rulesOf(studentId, district)).toEqual(['V-208']);
    expect(await rulesOf(studentId, provider)).toEqual(['V-208']);
    expect(await rulesOf(studentId, former)).toBeNull();
    expect(await rulesOf('nobody')).toBeNull();
    const noIeps = { ...caseManager(), capabilities: ['student:read'] };
    const refused = await graph.call(OF_STUDENTS, { students: [{ __typename: 'Student', id: studentId }] }, noIeps);
    expect([refused.status, refused.errors![0]!.extensions.code]).toEqual([403, 'UNAUTHORIZED_FIELD_OR_TYPE']);
  });

  test('SER-138 SER-139 SER-140 the catalogue: each rule with what is wrong, what to do and where it comes from; filtered', async () => {
    const ask = (filter?: object) => graph.call(RULES, { filter }, { ...caseManager(), capabilities: [] });
    const { data } = await ask();
    expect(data.validationRules.map((rule: any) => rule.id)).toEqual(RULE_CATALOGUE.map(({ id }) => id));
    expect(data.validationRules.find((rule: any) => rule.id === 'V-208')).toEqual({
      id: 'V-208',
      when: ['nightly'],
      severity: 'ALERT',
      message: 'The annual review is late.',
      fix: 'Hold the annual review.',
      source: '34 CFR 300.324(b); T-07',
    });
    const ids = async (filter: object) => (await ask(filter)).data.validationRules.map((rule: any) => rule.id);
    expect(await ids({ ids: ['V-045', 'V-009', 'V-999'] })).toEqual(['V-009', 'V-045']);
    expect(await ids({ when: ['nightly', 'claim'] })).toEqual([
      'SER-24',
      'V-008',
      'V-027',
      'V-028',
      'V-045',
      'V-046',
      'V-071',
      'V-208',
      'V-209',
    ]);
    expect((await ask({ ids: ['SER-61'] })).data.validationRules).toEqual([
      {
        ...{ id: 'SER-61', when: ['save'], severity: 'ERROR', source: 'SER-61' },
        message: 'The initial evaluation is not entered.',
        fix: 'Enter it before the jurisdiction is closed.',
      },
    ]);
    expect(await ids({ when: ['affirm'], severity: ['WARNING'] })).toEqual(['V-007', 'V-011', 'V-012', 'V-024']);
    expect(await ids({ ids: [] })).toEqual([]);
    expect((await ask({ when: ['census'] })).errors![0]).toMatchObject({
      message: '`when` knows the moments save, validate, affirm, official, submit, claim, bulk, nightly.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});

/** As code of an error: the same ids stand as `source` of rules. */
const RULE_ID = /(?<=(?<!source: )['"`])(?:V-\d{3}|(?:SEIS|SIRAS|SER|SESIS)-\d+|C\.\d+|X\d|34-CFR-[\d.]+)(?=['"`])/g;

test('SER-138 the catalogue holds every rule that the product answers with, and no other', () => {
  const folder = join(__dirname, '..', '..');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file) && !/(catalogue|requirement-rules)\.ts$/.test(file),
  );
  const answered = new Set(sources.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(RULE_ID) ?? []));
  const known = RULE_CATALOGUE.map(({ id }) => id);
  expect(known).toEqual([...answered].sort((a, b) => a.localeCompare(b)));
  expect(known).toEqual([...new Set(known)]);
});
