import { databaseUrls } from '../harness/databases';
import { deliverEvents as deliverAll } from '../harness/events';
import { bootSystem, type TestSystem } from '../harness/system';
import {
  CaseWork,
  daysFromToday,
  type District,
  LODI,
  MANTECA,
  type Pupil,
  refusalsOf,
  RIPON,
  SERVICE,
  today,
} from './case-work';
import { listingOf } from './listing';
import { expectOneOwner, ownershipOf } from './ownership';
import { recordOf, select } from './record';

const PLAN_MEETING = daysFromToday(-20);
const STUDENT = `query($id: ID!) { student(id: $id) { id stateId lastName dateOfBirth gradeLevel status guardians { id } hasOpenServices
  jurisdiction { lea { id } } jurisdictions { beginDate endDate lea { id } } currentIep { id } services { id } caseManager { id } } }`;
const IEP = 'query($id: ID!) { iep(id: $id) { id state meetingDate document { size } goals { id } forms { kind } } }';
const IEPS = 'query($id: ID!) { ieps(filter: { studentId: $id }, first: 50) { totalCount nodes { id } } }';
const LOCATE =
  'query($stateId: String!) { locateStudent(by: { stateId: $stateId }) { stateId initials hasOpenServices lea { id name } } }';
const LOOKS = {
  student: '{ student(id: $id) { id } }',
  byStateId: '{ studentByStateId(stateId: $stateId) { id } }',
  searched: '{ searchStudents(text: $stateId) { totalCount } }',
  listed: '{ students(filter: { stateId: $stateId }) { totalCount } }',
  iep: '{ iep(id: $iepId) { id } }',
  worklist: '{ studentWorklist(filter: { text: $stateId }) { totalCount } }',
  caseload: '{ myCaseload(first: 100) { nodes { student { id } } } }',
};

/** Consumers are stopped: events wait until a test delivers them. */
describe.each(databaseUrls())('claiming a student on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    work = new CaseWork(system);
  });
  afterAll(() => system?.stop());

  async function deliverEvents(): Promise<void> {
    await deliverAll(system);
    expect(await select(system.database, "SELECT * FROM outbox_delivery WHERE state <> 'DONE'")).toEqual([]);
  }
  const ownership = (pupil: Pupil) => ownershipOf(system.database, pupil.id);
  const student = async (who: string, id: string) => (await system.ask(who, STUDENT, { id })).data.student;
  const iepsSeen = async (who: string, id: string): Promise<string[]> =>
    (await work.see(who, IEPS, { id })).ieps.nodes.map((iep: { id: string }) => iep.id);

  /** A student of Ripon with an affirmed plan whose services run. */
  async function servedStudent(): Promise<{ pupil: Pupil; iepId: string }> {
    const pupil = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, pupil.id, 'PART_B_INITIAL', PLAN_MEETING);
    expect((await work.affirm(RIPON.teacher, iepId)).errors).toEqual([]);
    await deliverEvents();
    return { pupil, iepId };
  }
  async function endServices({ id }: Pupil, endDate = daysFromToday(-1)): Promise<void> {
    const { student: found } = await work.see(
      RIPON.administrator,
      'query($id: ID!) { student(id: $id) { services(state: ACTIVE) { id version } } }',
      { id },
    );
    for (const service of found.services) await work.terminateService(RIPON.administrator, service, endDate);
  }

  describe('one student from Ripon to Manteca, and on', () => {
    let pupil: Pupil;
    let iepId: string;
    let newerIep: string;
    beforeAll(async () => {
      ({ pupil, iepId } = await servedStudent());
    });

    test('SER-28 SER-29 V-045 a claim with open services is refused, names the owner and whom to ask, and changes nothing', async () => {
      const { locateStudent } = await work.see(MANTECA.administrator, LOCATE, { stateId: pupil.stateId });
      expect(locateStudent).toEqual([
        { stateId: pupil.stateId, initials: 'RS', hasOpenServices: true, lea: { id: RIPON.leaId, name: RIPON.name } },
      ]);
      const before = await recordOf(system.database, pupil.id);
      const { data } = await work.claim(MANTECA, pupil.stateId);
      expect(data.claimJurisdiction).toMatchObject({
        student: null,
        jurisdiction: null,
        errors: [{ code: 'V-045', path: ['stateId'] }],
      });
      const [{ message }] = data.claimJurisdiction.errors;
      expect(message).toContain('Ripon Unified');
      expect(message).toMatch(/555-01\d\d/);
      expect(message).toMatch(/\S+@\S+\.example/);
      expect(await recordOf(system.database, pupil.id)).toEqual(before);
    });

    test('SER-22 V-046 neither a begin date inside the present period nor another LEA than the own is taken', async () => {
      await endServices(pupil);
      const before = await recordOf(system.database, pupil.id);
      expect(refusalsOf(await work.claim(MANTECA, pupil.stateId, daysFromToday(-250)))).toEqual(['V-046']);
      expect(refusalsOf(await work.claim(MANTECA, pupil.stateId, daysFromToday(60)))).toEqual(['V-046']);
      const input = { stateId: pupil.stateId, schoolId: MANTECA.schoolId, beginDate: today(), leaId: LODI.leaId };
      expect(refusalsOf(await work.attempt(MANTECA.administrator, 'claimJurisdiction', input))).toEqual(['V-046']);
      expect(await recordOf(system.database, pupil.id)).toEqual(before);
    });

    test('SER-23 SER-24 after the services are closed the claim succeeds, and the system computes the end of the old period', async () => {
      const { data, errors } = await work.claim(MANTECA, pupil.stateId);
      expect(errors).toBeUndefined();
      expect(data.claimJurisdiction).toMatchObject({
        student: { id: pupil.id },
        jurisdiction: { beginDate: today(), endDate: null, lea: { id: MANTECA.leaId } },
        errors: [],
      });
      expect((await student(MANTECA.administrator, pupil.id)).jurisdictions).toEqual([
        { beginDate: today(), endDate: null, lea: { id: MANTECA.leaId } },
        { beginDate: daysFromToday(-200), endDate: daysFromToday(-1), lea: { id: RIPON.leaId } },
      ]);
      expectOneOwner(await ownership(pupil));
      expect((await ownership(pupil)).seeing).toEqual([`LEA:${MANTECA.leaId}`]);
      await deliverEvents();
      expectOneOwner(await ownership(pupil));
    });

    test('C.3 the former district sees the masked student and the records of its own period, read only', async () => {
      const seen = await student(RIPON.administrator, pupil.id);
      expect(seen).toMatchObject({
        id: pupil.id,
        stateId: pupil.stateId,
        lastName: null,
        dateOfBirth: null,
        gradeLevel: null,
        jurisdiction: null,
      });
      expect(seen.guardians ?? []).toEqual([]);
      expect(seen.jurisdictions).toEqual([
        { beginDate: daysFromToday(-200), endDate: daysFromToday(-1), lea: { id: RIPON.leaId } },
      ]);
      const { iep } = await work.see(RIPON.administrator, IEP, { id: iepId });
      expect(iep).toMatchObject({ id: iepId, meetingDate: PLAN_MEETING, goals: [expect.anything()] });
      expect(iep.document.size).toBeGreaterThan(1000);

      const before = await recordOf(system.database, pupil.id);
      const service = { ...SERVICE, studentId: pupil.id, code: '415', startDate: today() };
      expect(refusalsOf(await work.attempt(RIPON.administrator, 'addService', service))).toEqual(['SER-101']);
      expect(
        refusalsOf(
          await work.attempt(RIPON.administrator, 'assignProvider', {
            studentId: pupil.id,
            providerId: 'prov-teacher-ripon',
          }),
        ),
      ).toEqual(['SER-101']);
      for (const [mutation, input] of [
        ['startIep', { studentId: pupil.id, kind: 'ANNUAL' }],
        ['setStudentStatus', { studentId: pupil.id, status: 'ELIGIBLE_NO_PLAN' }],
        ['transferSchool', { studentId: pupil.id, schoolId: RIPON.schoolId, beginDate: today() }],
        ['updateStudent', { id: pupil.id, version: 1, gradeLevel: '05' }],
      ] as const) {
        expect([mutation, refusalsOf(await work.attempt(RIPON.administrator, mutation, input))]).toEqual([
          mutation,
          ['NOT_FOUND'],
        ]);
      }
      expect(await recordOf(system.database, pupil.id)).toEqual(before);
    });

    test('A-55 nothing newer than its own period reaches the former district', async () => {
      await work.assignCaseManager(MANTECA, pupil.id);
      newerIep = await work.heldPlan(MANTECA, pupil.id, 'THIRTY_DAY', today());
      expect((await work.affirm(MANTECA.teacher, newerIep, { purposes: ['INTERIM'] })).errors).toEqual([]);
      await deliverEvents();
      expect(await iepsSeen(MANTECA.administrator, pupil.id)).toEqual(expect.arrayContaining([iepId, newerIep]));

      expect(await iepsSeen(RIPON.administrator, pupil.id)).toEqual([iepId]);
      expect((await system.ask(RIPON.administrator, IEP, { id: newerIep })).data.iep).toBeNull();
      const seen = await student(RIPON.administrator, pupil.id);
      expect(seen.currentIep?.id).not.toBe(newerIep);
      const { student: manteca } = await work.see(MANTECA.administrator, STUDENT, { id: pupil.id });
      const active = manteca.services.filter(
        ({ id }: { id: string }) => !seen.services.some((own: { id: string }) => own.id === id),
      );
      expect(active.length).toBeGreaterThan(0);
      expect(seen.caseManager).toBeNull();
      const { studentWorklist } = await work.see(
        RIPON.administrator,
        'query($t: String!) { studentWorklist(filter: { text: $t }) { totalCount } }',
        { t: pupil.stateId },
      );
      expect(studentWorklist.totalCount).toBe(0);
    });

    test('SER-23 a claim that begins tomorrow leaves the student with today’s owner until then', async () => {
      const services = await work.see(
        MANTECA.administrator,
        'query($id: ID!) { student(id: $id) { services(state: ACTIVE) { id version } } }',
        { id: pupil.id },
      );
      for (const service of services.student.services) await work.terminateService(MANTECA.administrator, service);
      expect(refusalsOf(await work.claim(LODI, pupil.stateId, daysFromToday(1)))).toEqual([]);
      await deliverEvents();
      const { periods } = await ownership(pupil);
      expect(periods.slice(-2)).toEqual([
        { leaId: MANTECA.leaId, beginDate: today(), endDate: today() },
        { leaId: LODI.leaId, beginDate: daysFromToday(1), endDate: null },
      ]);
      expect((await student(MANTECA.administrator, pupil.id)).lastName).toBe(pupil.lastName);
      expect(await student(LODI.administrator, pupil.id)).toBeNull();
    });
  });

  test('A-55 a move to another SELPA closes the former SELPA out of what is newer, and leaves it its own period', async () => {
    const { pupil, iepId } = await servedStudent();
    await endServices(pupil);
    expect((await student('selpa.sanjoaquin', pupil.id)).lastName).toBe(pupil.lastName);
    expect(refusalsOf(await work.claim(LODI, pupil.stateId))).toEqual([]);
    await work.assignCaseManager(LODI, pupil.id);
    const newerIep = await work.heldPlan(LODI, pupil.id, 'THIRTY_DAY', today());
    expect((await work.affirm(LODI.teacher, newerIep, { purposes: ['INTERIM'] })).errors).toEqual([]);
    await deliverEvents();
    for (const former of ['selpa.sanjoaquin', RIPON.administrator]) {
      expect(await iepsSeen(former, pupil.id)).toEqual([iepId]);
      expect((await system.ask(former, IEP, { id: newerIep })).data.iep).toBeNull();
      expect(await student(former, pupil.id)).toMatchObject({
        lastName: null,
        dateOfBirth: null,
        jurisdiction: null,
        caseManager: null,
      });
    }
    expect((await iepsSeen('selpa.lodi', pupil.id)).sort()).toEqual([iepId, newerIep].sort());
    expect((await student('state.ca', pupil.id)).jurisdictions).toHaveLength(2);
    expectOneOwner(await ownership(pupil));
  });

  test('A-54 the former teachers lose the student in the claim itself: no event was delivered, dated records are gone too', async () => {
    const { pupil, iepId } = await servedStudent();
    await work.done(RIPON.administrator, 'assignProvider', { studentId: pupil.id, providerId: 'prov-provider-ripon' });
    await endServices(pupil);
    const variables = { id: pupil.id, stateId: pupil.stateId, iepId };
    const seenBy = async (who: string): Promise<Record<string, unknown>> => {
      const seen: Record<string, unknown> = {};
      for (const [look, selection] of Object.entries(LOOKS)) {
        const used = Object.entries(variables).filter(([name]) => new RegExp(`\\$${name}\\b`).test(selection));
        const types = used.map(([name]) => `$${name}: ${name === 'stateId' ? 'String' : 'ID'}!`).join(', ');
        const { data } = await system.ask(
          who,
          `query ${types ? `(${types})` : ''} ${selection}`,
          Object.fromEntries(used),
        );
        const [root] = Object.values(data ?? {}) as {
          id?: string;
          totalCount?: number;
          nodes?: { student: { id: string } }[];
        }[];
        seen[look] = root?.nodes
          ? root.nodes.some((entry) => entry.student?.id === pupil.id)
          : (root?.totalCount ?? root?.id ?? null) || null;
      }
      return seen;
    };
    await deliverEvents();
    expect(await seenBy(RIPON.teacher)).toEqual({
      student: pupil.id,
      byStateId: pupil.id,
      searched: 1,
      listed: 1,
      iep: iepId,
      worklist: 1,
      caseload: true,
    });
    expect(await seenBy(RIPON.provider)).toMatchObject({ student: pupil.id, caseload: true });

    expect(refusalsOf(await work.claim(MANTECA, pupil.stateId))).toEqual([]);
    const nothing = {
      student: null,
      byStateId: null,
      searched: null,
      listed: null,
      iep: null,
      worklist: null,
      caseload: false,
    };
    expect(await seenBy(RIPON.teacher)).toEqual(nothing);
    expect(await seenBy(RIPON.provider)).toEqual(nothing);
    const version = { iepId, version: 1, presentLevels: {} };
    expect(refusalsOf(await work.attempt(RIPON.teacher, 'saveIepForm', version))).toEqual(['NOT_FOUND']);
    expect(
      await select(
        system.database,
        "SELECT state FROM outbox_delivery WHERE student_id = ? AND consumer = 'services' AND state <> 'DONE'",
        [pupil.id],
      ),
    ).not.toEqual([]);

    await deliverEvents();
    expect(await seenBy(RIPON.teacher)).toEqual(nothing);
    expect(
      await select(
        system.database,
        'SELECT id FROM provider_assignment WHERE student_id = ? AND revoked_at IS NULL AND valid_to IS NULL',
        [pupil.id],
      ),
    ).toEqual([]);
  });

  test('G.3 F3 a plan affirmed just before the claim opens no service for the former owner', async () => {
    const pupil = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, pupil.id);
    expect((await work.affirm(RIPON.teacher, iepId)).errors).toEqual([]);
    expect(refusalsOf(await work.claim(MANTECA, pupil.stateId))).toEqual([]);
    await deliverEvents();
    expectOneOwner(await ownership(pupil));
    expect((await ownership(pupil)).serving).toEqual([]);
    expect((await ownership(pupil)).seeing).toEqual([`LEA:${MANTECA.leaId}`]);
  });

  test('SER-21 of two concurrent claims exactly one wins, and the other is told so', async () => {
    const pupils: Pupil[] = [];
    for (let i = 0; i < 8; i++) pupils.push(await work.addStudent(RIPON));
    for (const pupil of pupils) {
      const answers = await Promise.all([work.claim(MANTECA, pupil.stateId), work.claim(LODI, pupil.stateId)]);
      const refused = answers.map(refusalsOf);
      expect(refused.filter((codes) => codes.length === 0)).toHaveLength(1);
      // Too late by a hair is CONFLICT; who begins after the winner is told that the dates don't follow.
      expect(['CONFLICT', 'V-046']).toContain(refused.find((codes) => codes.length > 0)![0]);
      const now = await ownership(pupil);
      expectOneOwner(now);
      expect(now.owner).toBe(refused[0]!.length === 0 ? MANTECA.leaId : LODI.leaId);
      expect(now.periods).toHaveLength(2);
    }
  });

  describe('SER-28 SER-101 a claim beside an added service: never both', () => {
    const addByHand = ({ administrator }: District, studentId: string) =>
      work.attempt(administrator, 'addService', { ...SERVICE, studentId, startDate: today() }, 'service { id state }');

    /** Lets both wait for the student, in this order, and then lets them go. */
    async function inOrder<T>(pupil: Pupil, first: () => Promise<T>, second: () => Promise<T>): Promise<[T, T]> {
      let [one, two]: Promise<T>[] = [];
      await system.database.write(async (manager) => {
        if (system.database.engine === 'mysql')
          await manager.query('SELECT student_id FROM student_lock WHERE student_id = ? FOR UPDATE', [pupil.id]);
        one = first();
        await new Promise((resolve) => setTimeout(resolve, 250));
        two = second();
        await new Promise((resolve) => setTimeout(resolve, 250));
      });
      return Promise.all([one!, two!]);
    }

    test('the claim first: the service finds the new owner', async () => {
      const pupil = await work.addStudent(RIPON);
      const [claimed, added] = await inOrder(
        pupil,
        () => work.claim(LODI, pupil.stateId),
        () => addByHand(RIPON, pupil.id),
      );
      expect([refusalsOf(claimed), refusalsOf(added)]).toEqual([[], ['SER-101']]);
      expect(await ownership(pupil)).toMatchObject({ owner: LODI.leaId, serving: [] });
      expectOneOwner(await ownership(pupil));
    });

    test('the service first: the claim finds it open', async () => {
      const pupil = await work.addStudent(RIPON);
      const [added, claimed] = await inOrder(
        pupil,
        () => addByHand(RIPON, pupil.id),
        () => work.claim(LODI, pupil.stateId),
      );
      expect([refusalsOf(added), refusalsOf(claimed)]).toEqual([[], ['V-045']]);
      expect(await ownership(pupil)).toMatchObject({ owner: RIPON.leaId, serving: [RIPON.leaId] });
      expectOneOwner(await ownership(pupil));
    });

    test('C.3 V-045 a withdrawal of a claim for a coming day beside an added service: in either order', async () => {
      const pupil = await work.addStudent(RIPON);
      const comes = daysFromToday(7);
      const claim = async () =>
        (
          await work.attempt(
            LODI.administrator,
            'claimJurisdiction',
            { stateId: pupil.stateId, schoolId: LODI.schoolId, beginDate: comes },
            'student { id } claim { id }',
          )
        ).data.claimJurisdiction.claim.id as string;
      const withdraw = (claimId: string) =>
        work.attempt(LODI.administrator, 'withdrawClaim', { claimId }, 'claim { withdrawn }');
      const first = await claim();
      const [added, withdrawn] = await inOrder(
        pupil,
        () => addByHand(RIPON, pupil.id),
        () => withdraw(first),
      );
      expect([refusalsOf(added), refusalsOf(withdrawn)]).toEqual([['V-045'], []]);
      expect(added.data.addService.errors[0].message).toContain('Lodi Unified');
      const again = await claim();
      const [withdrawnAgain, addedAfter] = await inOrder(
        pupil,
        () => withdraw(again),
        () => addByHand(RIPON, pupil.id),
      );
      expect([refusalsOf(withdrawnAgain), refusalsOf(addedAfter)]).toEqual([[], []]);
      await deliverEvents();
      expect(await ownership(pupil)).toMatchObject({ owner: RIPON.leaId, serving: [RIPON.leaId] });
      expectOneOwner(await ownership(pupil));
    });

    test('at the same instant, over 24 students', async () => {
      const pupils: Pupil[] = [];
      for (let i = 0; i < 24; i++) pupils.push(await work.addStudent(RIPON));
      const outcomes: Record<string, number> = {};
      await Promise.all(
        pupils.map(async (pupil, i) => {
          const claimer = i % 4 < 2 ? MANTECA : LODI;
          const acts = [() => work.claim(claimer, pupil.stateId), () => addByHand(RIPON, pupil.id)];
          if (i % 2 === 1) acts.reverse();
          const answers = await Promise.all(acts.map((act) => act()));
          const refused = answers.flatMap(refusalsOf);
          expect(answers.filter((answer) => refusalsOf(answer).length === 0)).toHaveLength(1);
          outcomes[refused.join()] = (outcomes[refused.join()] ?? 0) + 1;
          expectOneOwner(await ownership(pupil));
        }),
      );
      for (const code of Object.keys(outcomes)) expect(['V-045', 'SER-101']).toContain(code);
      await deliverEvents();
      for (const pupil of pupils) expectOneOwner(await ownership(pupil));
      const { kept, due } = await listingOf(system.database);
      expect(kept).toEqual(due);
    });
  });
});
