import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import {
  CaseWork,
  checklist,
  codes,
  daysFromToday,
  NOTES,
  OFFER,
  type Pupil,
  refusalsOf,
  RIPON,
  team,
  today,
} from './case-work';
import { delivered, eventually, recordOf } from './record';

const MEETING = daysFromToday(-40);
const { administrator, teacher, provider, colleague } = RIPON;

const STUDENT = `query($id: ID!) { student(id: $id) {
  status spedActivities { entryOn exitOn } services { id code minutes state startDate endDate } dueDates { kind dueOn }
  currentIep { id state signature lateAgreement { agreedOn } reactivation { reason replaces { id state } } services { code state } notices }
  futureIep { id state } iepHistory(first: 10) { nodes { id state document { size } } } } }`;
const WORKLIST = `query($filter: WorklistFilter!) { studentWorklist(filter: $filter) {
  nodes { annualDue affirmDue unaffirmed } } }`;
const aYearAfter = (day: string) => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;

describe.each(databaseUrls())(
  'an affirmed plan that changes after all, through four subgraphs, on %s',
  (_engine, makeUrl) => {
    let system: TestSystem;
    let work: CaseWork;
    beforeAll(async () => {
      system = await bootSystem(makeUrl);
      work = new CaseWork(system);
    });
    afterAll(() => system?.stop());

    const student = async (pupil: Pupil) => {
      await delivered(system.database, [pupil.id]);
      return (await work.see(teacher, STUDENT, { id: pupil.id })).student;
    };
    const record = async (pupil: Pupil) => {
      await delivered(system.database, [pupil.id]);
      return recordOf(system.database, pupil.id);
    };
    const worklistRow = async (pupil: Pupil) =>
      (await work.see(administrator, WORKLIST, { filter: { text: pupil.stateId } })).studentWorklist.nodes[0];
    const shortly = (services: any[]) =>
      services
        .map(({ code, minutes, state, startDate, endDate }) =>
          [code, minutes, state, startDate, endDate].filter(Boolean).join(' '),
        )
        .sort();
    const newPlan = async () => {
      const pupil = await work.newCase(RIPON, daysFromToday(-60));
      const plan = await work.heldPlan(RIPON, pupil.id, 'PART_B_INITIAL', MEETING);
      expect((await work.affirm(teacher, plan)).iep.state).toBe('CURRENT');
      return { pupil, plan };
    };
    const amend = async (plan: string, signature: object) => {
      const { iep } = await work.done(teacher, 'amendIep', { iepId: plan }, 'iep { id }');
      for (const [form, content] of Object.entries({
        offer: OFFER,
        participants: { ...team(today()), signature },
        notes: NOTES,
        amendment: { contactMethod: 'PHONE', whatChanged: 'Minutes.', why: 'Progress.' },
      })) {
        const kind = form.toUpperCase();
        const version = await work.formVersion(teacher, iep.id, kind);
        await work.done(teacher, 'saveIepForm', { iepId: iep.id, version, [form]: content }, 'form { id }');
      }
      return iep.id as string;
    };
    const agreeInput = async (iepId: string, over: object = {}) => ({
      iepId,
      version: await work.version(teacher, iepId),
      agreedOn: today(),
      signature: 'AGREE_ALL',
      attestation: checklist(),
      ...over,
    });

    test('C.2 SIRAS-42 the refused amendment is agreed to late: its services begin, the plan before is history, the annual clock stays', async () => {
      const { pupil, plan } = await newPlan();
      const amendment = await amend(plan, { outcome: 'REFUSED' });
      await work.addService(teacher, pupil.id, { iepId: amendment, minutes: 120 });
      await work.addService(teacher, pupil.id, { iepId: amendment, code: '415' });
      expect((await work.affirm(teacher, amendment, { purposes: ['AMENDMENT'] })).iep.state).toBe(
        'CLOSED_NO_AGREEMENT',
      );
      // Stay put: the prior plan remains in force.
      const closed = await student(pupil);
      expect(closed.currentIep.id).toBe(plan);
      expect(shortly(closed.services).filter((row) => row.includes('ACTIVE'))).toEqual([`330 60 ACTIVE ${MEETING}`]);

      const before = await record(pupil);
      const input = await agreeInput(amendment);
      for (const who of [administrator, provider]) {
        const refused = await work.attempt(who, 'recordLateAgreement', input, 'iep { id }');
        expect([refusalsOf(refused), refused.data ?? null]).toEqual([['UNAUTHORIZED_FIELD_OR_TYPE'], null]);
      }
      expect(refusalsOf(await work.attempt(colleague, 'recordLateAgreement', input, 'iep { id }'))).toEqual([
        'NOT_FOUND',
      ]);
      expect(
        codes(await work.act(teacher, 'recordLateAgreement', { ...input, attestation: null }, 'iep { id }')),
      ).toEqual(Array(4).fill('V-005'));
      expect(await record(pupil)).toEqual(before);

      expect((await work.act(teacher, 'recordLateAgreement', input, 'iep { id state }')).iep).toEqual({
        id: amendment,
        state: 'CURRENT',
      });
      const now = await student(pupil);
      expect(now).toMatchObject({
        status: 'ELIGIBLE_ACTIVE',
        spedActivities: [{ entryOn: MEETING, exitOn: null }],
        currentIep: { id: amendment, signature: 'AGREE_ALL', lateAgreement: { agreedOn: today() }, notices: [] },
        futureIep: null,
        iepHistory: { nodes: [{ id: plan, state: 'HISTORY' }] },
      });
      expect(shortly(now.services)).toEqual([
        `330 120 ACTIVE ${today()}`,
        `330 60 TERMINATED ${MEETING} ${daysFromToday(-1)}`,
        `415 60 ACTIVE ${today()}`,
      ]);
      expect(now.dueDates).toContainEqual({ kind: 'ANNUAL_REVIEW', dueOn: aYearAfter(MEETING) });
      expect(await worklistRow(pupil)).toMatchObject({ annualDue: aYearAfter(MEETING), unaffirmed: false });
    });

    test('C.2 B.3 the district reactivates, the case manager affirms again: one extra archive, services neither doubled nor lost', async () => {
      const { pupil, plan } = await newPlan();
      await work.done(administrator, 'assignProvider', { studentId: pupil.id, providerId: 'prov-provider-ripon' });
      const { services: known } = await student(pupil);
      const input = {
        iepId: plan,
        version: await work.version(teacher, plan),
        reason: 'The environment was typed wrongly.',
      };
      const before = await record(pupil);
      for (const who of [teacher, provider, 'selpa.sanjoaquin', 'state.ca', 'regional-center'])
        expect(refusalsOf(await work.attempt(who, 'reactivateIep', input, 'iep { id }'))).toEqual([
          'UNAUTHORIZED_FIELD_OR_TYPE',
        ]);
      expect(refusalsOf(await work.attempt('district.manteca', 'reactivateIep', input, 'iep { id }'))).toEqual([
        'NOT_FOUND',
      ]);
      expect(await record(pupil)).toEqual(before);

      const { iep } = await work.done(administrator, 'reactivateIep', input, 'iep { id state }');
      expect(iep.state).toBe('IN_REVIEW');
      await delivered(system.database, [pupil.id]);
      const meanwhile = await student(pupil);
      expect(meanwhile).toMatchObject({ currentIep: { id: plan, state: 'CURRENT' }, futureIep: { id: iep.id } });
      expect(meanwhile.services).toEqual(known);
      await eventually(async () =>
        expect(await worklistRow(pupil)).toMatchObject({
          unaffirmed: true,
          affirmDue: daysFromToday(7),
          annualDue: aYearAfter(MEETING),
        }),
      );

      await work.saveForm(teacher, iep.id, 'offer', {
        ...OFFER,
        federalEnvironment: 'RC79TO40',
        percentInsideRegularClass: 60,
      });
      expect(codes(await work.affirm(teacher, iep.id))).toEqual([]);
      const now = await student(pupil);
      expect(now.services).toEqual([expect.objectContaining({ id: known[0].id, state: 'ACTIVE', endDate: null })]);
      expect(now).toMatchObject({
        status: 'ELIGIBLE_ACTIVE',
        spedActivities: [{ entryOn: MEETING, exitOn: null }],
        currentIep: {
          id: iep.id,
          reactivation: { reason: input.reason, replaces: { id: plan, state: 'HISTORY' } },
          services: [{ code: '330', state: 'ACTIVE' }],
        },
        futureIep: null,
        iepHistory: { nodes: [{ id: plan, state: 'HISTORY' }] },
      });
      expect(now.iepHistory.nodes[0].document.size).toBeGreaterThan(1_000);
      expect(await worklistRow(pupil)).toMatchObject({
        unaffirmed: false,
        affirmDue: null,
        annualDue: aYearAfter(MEETING),
      });
    });

    test('C.2 SEIS-79 reactivated because the signature came later: the plan takes effect now', async () => {
      const pupil = await work.newCase(RIPON, daysFromToday(-60));
      const plan = await work.heldPlan(RIPON, pupil.id, 'PART_B_INITIAL', MEETING);
      await work.saveForm(teacher, plan, 'participants', { ...team(MEETING), signature: { outcome: 'AWAITING' } });
      await work.affirm(teacher, plan);
      expect(await student(pupil)).toMatchObject({
        status: 'PENDING',
        services: [{ state: 'PROPOSED' }],
        spedActivities: [],
      });

      const input = { iepId: plan, version: await work.version(teacher, plan), reason: 'The signed page came back.' };
      const { iep } = await work.done(administrator, 'reactivateIep', input, 'iep { id }');
      await work.saveForm(teacher, iep.id, 'participants', team(today()));
      expect(codes(await work.affirm(teacher, iep.id))).toEqual([]);
      const now = await student(pupil);
      expect(now).toMatchObject({
        status: 'ELIGIBLE_ACTIVE',
        currentIep: { id: iep.id, services: [{ code: '330', state: 'ACTIVE' }] },
      });
      expect(now.services).toMatchObject([{ code: '330', state: 'ACTIVE' }]);
      expect(now.dueDates).toContainEqual({ kind: 'ANNUAL_REVIEW', dueOn: aYearAfter(MEETING) });
    });

    test('SER-88 Louisiana amends: its data writer has no right to reactivate', async () => {
      const refused = await work.attempt(
        'writer.acadia',
        'reactivateIep',
        { iepId: 'any', version: 1, reason: 'x' },
        'iep { id }',
      );
      expect(refusalsOf(refused)).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
    });
  },
);
