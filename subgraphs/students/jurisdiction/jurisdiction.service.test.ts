import type { Principal } from '../../../platform/principal/principal';
import { bumpEpoch } from '../../../platform/scope/epoch';
import { lockStudents } from '../../../platform/scope/student-lock';
import { databaseUrls } from '../../../test/harness/databases';
import { bundle, StudentsFixture } from '../student/students.fixture';

const CLAIM =
  'student { id stateId lastName localId jurisdiction { lea { id } school { id } beginDate } } jurisdiction { id lea { id } school { id } beginDate endDate localId }';
const JURISDICTIONS =
  'query($id: ID!) { student(id: $id) { id stateId lastName status localId guardians { id } statusHistory { status } spedActivities { entryOn exitOn } jurisdiction { id } jurisdictions { lea { id } beginDate endDate } } }';

describe.each(databaseUrls())('jurisdiction on %s', (_engine, makeUrl) => {
  let f: StudentsFixture;
  let a: Principal;
  let b: Principal;
  let c: Principal;
  let number = 0;

  /** A fresh student of LEA A, with a case manager there. */
  async function studentOfA(over = {}): Promise<{ id: string; stateId: string }> {
    const student = bundle(`s-${++number}`, over);
    await f.load(student);
    await f.grant({
      studentId: student.id,
      grantee: 'STAFF:acct-teacher-lea-a',
      relation: 'CASE_MANAGER',
      leaId: 'lea-a',
      validFrom: '2024-08-01',
    });
    return student;
  }
  const claimB = (stateId: string, over = {}) =>
    f.mutate(b, 'claimJurisdiction', { stateId, schoolId: 'school-b1', beginDate: '2026-02-10', ...over }, CLAIM);
  const sees = async (as: Principal, id: string) => (await f.call(as, JURISDICTIONS, { id })).data.student;

  beforeAll(async () => {
    f = await StudentsFixture.start(makeUrl);
    [a, b, c] = [f.district('lea-a'), f.district('lea-b'), f.district('lea-c')];
  });
  afterAll(() => f?.database.close());

  test('the schema of the tables shows no drift', async () => {
    const log = await f.database.schemaSource.driver.createSchemaBuilder().log();
    // Organizations have a drift test of their own.
    expect(log.upQueries.map((q) => q.query).filter((sql) => !/organization/.test(sql))).toEqual([]);
  });

  test('SER-21..25 a claim by unique id moves the owner; the former end is computed, the local id is new', async () => {
    const { id, stateId } = await studentOfA({ localId: 'A-77' });
    expect(await sees(b, id)).toBeNull();
    const claim = await claimB(stateId, { localId: 'B-1' });
    expect(claim.errors).toEqual([]);
    expect(claim.jurisdiction).toMatchObject({
      lea: { id: 'lea-b' },
      school: { id: 'school-b1' },
      beginDate: '2026-02-10',
      endDate: null,
      localId: 'B-1',
    });
    expect(claim.student).toMatchObject({
      id,
      lastName: 'Example',
      localId: 'B-1',
      jurisdiction: { lea: { id: 'lea-b' } },
    });
    expect((await sees(b, id)).jurisdictions).toEqual([
      { lea: { id: 'lea-b' }, beginDate: '2026-02-10', endDate: null },
      { lea: { id: 'lea-a' }, beginDate: '2024-08-01', endDate: '2026-02-09' },
    ]);
    expect((await f.events(id)).at(-1)).toEqual({
      type: 'jurisdiction.changed',
      payload: {
        change: 'CLAIMED',
        leaId: 'lea-b',
        schoolId: 'school-b1',
        formerLeaId: 'lea-a',
        beginDate: '2026-02-10',
        endDate: null,
      },
    });
  });

  test('SER-21 the database itself refuses a second open jurisdiction', async () => {
    const { id } = await studentOfA();
    const insert =
      "INSERT INTO jurisdiction (id, student_id, lea_id, school_id, state_org_id, begin_date, open_of) VALUES ('second', ?, 'lea-b', 'school-b1', 'state-ca', '2026-01-01', ?)";
    await expect(f.sql(insert, [id, id])).rejects.toThrow();
  });

  test('the former district sees its own period only, and the minimal card', async () => {
    const { id, stateId } = await studentOfA({
      statuses: [{ id: `x${number}`, status: 'ELIGIBLE_ACTIVE', effectiveOn: '2024-09-01' }],
      spedActivities: [{ id: `sp${number}`, entryOn: '2024-09-01' }],
    });
    await claimB(stateId);
    await f.mutate(b, 'setStudentStatus', {
      studentId: id,
      status: 'EXITED',
      effectiveOn: '2026-02-10',
      exitReason: 'MOVED_CONTINUING',
    });
    expect(await sees(b, id)).toMatchObject({
      status: 'EXITED',
      spedActivities: [{ entryOn: '2024-09-01', exitOn: '2026-02-10' }],
    });
    const former = await sees(a, id);
    expect(former).toEqual({
      id,
      stateId,
      lastName: null,
      status: null,
      localId: null,
      guardians: [],
      jurisdiction: null,
      statusHistory: [{ status: 'ELIGIBLE_ACTIVE' }],
      spedActivities: [{ entryOn: '2024-09-01', exitOn: null }],
      jurisdictions: [{ lea: { id: 'lea-a' }, beginDate: '2024-08-01', endDate: '2026-02-09' }],
    });
    const byKey = await f.call(
      a,
      `{ _entities(representations: [{__typename: "Student", stateId: "${stateId}"}, {__typename: "Student", id: "${id}", lastName: "forged"}]) { ... on Student { id lastName } } }`,
    );
    expect(byKey.data._entities).toEqual([
      { id, lastName: null },
      { id, lastName: null },
    ]);
    const lists = await f.call(
      a,
      `{ students(filter: {stateId: "${stateId}"}) { nodes { id } totalCount } searchStudents(text: "${stateId}") { nodes { id } } }`,
    );
    expect(lists.data).toEqual({ students: { nodes: [], totalCount: 0 }, searchStudents: { nodes: [] } });
    expect(await f.mutate(a, 'updateStudent', { id, version: 1, language: 'Spanish' })).toMatchObject({
      topLevel: 'NOT_FOUND',
    });
    expect(await sees(c, id)).toBeNull();
  });

  test('staff, school and partners of the former district lose the student in the claim itself; the state goes on', async () => {
    const { id, stateId } = await studentOfA();
    await f.grant({
      studentId: id,
      grantee: 'AGENCY:g1',
      relation: 'GRANT',
      leaId: 'lea-a',
      validFrom: '2025-01-01',
      validTo: '2026-12-31',
    });
    expect(await sees(f.teacher('lea-a'), id)).toMatchObject({ lastName: 'Example' });
    await claimB(stateId);
    expect(await sees(f.teacher('lea-a'), id)).toBeNull();
    const rows = await f.sql(
      'SELECT grantee, valid_from, valid_to, revoked_at FROM student_access WHERE student_id = ? ORDER BY grantee, valid_from',
      [id],
    );
    const open = rows.filter((row) => !row.revoked_at && !row.valid_to).map((row) => row.grantee);
    expect(open).toEqual(['LEA:lea-b', 'SCHOOL:school-b1', 'SELPA:selpa-2', 'STATE:state-ca']);
    const closed = rows.filter((row) => !row.revoked_at && row.valid_to).map((row) => [row.grantee, row.valid_to]);
    expect(closed).toEqual([
      ['LEA:lea-a', '2026-02-09'],
      ['SELPA:selpa-1', '2026-02-09'],
    ]);
    expect(rows.filter((row) => row.revoked_at).map((row) => row.grantee)).toEqual([
      'AGENCY:g1',
      'SCHOOL:school-a1',
      'STAFF:acct-teacher-lea-a',
    ]);
  });

  test('a claim inside one SELPA leaves the SELPA as it is', async () => {
    const { id, stateId } = await studentOfA();
    expect(
      (await f.mutate(c, 'claimJurisdiction', { stateId, schoolId: 'school-c1', beginDate: '2026-02-01' })).errors,
    ).toEqual([]);
    const rows = await f.sql(
      "SELECT valid_to, revoked_at FROM student_access WHERE student_id = ? AND grantee = 'SELPA:selpa-1'",
      [id],
    );
    expect(rows).toEqual([{ valid_to: null, revoked_at: null }]);
  });

  test('A-54 a partner of the SELPA keeps a student who moves within it, and loses one who leaves it in the claim itself', async () => {
    const { id, stateId } = await studentOfA();
    const partner: Principal = {
      ...a,
      subject: 'client-of-a-selpa',
      kind: 'partner',
      level: 'partner',
      grants: [{ relation: 'GRANT', grantee: 'AGENCY:of-selpa-1' }],
    };
    await f.system((session) => bumpEpoch(session, partner.subject));
    // As `PartnerGrantService` opens what a SELPA grants: under no LEA.
    await f.grant({
      studentId: id,
      grantee: 'AGENCY:of-selpa-1',
      relation: 'GRANT',
      leaId: null,
      validFrom: '2025-01-01',
      validTo: '2026-12-31',
    });
    const within = { stateId, schoolId: 'school-c1', beginDate: '2026-02-01' };
    expect((await f.mutate(c, 'claimJurisdiction', within)).errors).toEqual([]);
    expect(await sees(partner, id)).toMatchObject({ lastName: 'Example' });
    expect((await claimB(stateId)).errors).toEqual([]);
    expect(await sees(b, id)).toMatchObject({ lastName: 'Example' });
    expect(await sees(partner, id)).toBeNull();
  });

  test('V-046 SER-30 a SELPA claims and adds for its own LEAs, and for no LEA of another SELPA', async () => {
    const { id, stateId } = await studentOfA();
    const selpa: Principal = {
      ...f.district('selpa-1', { role: 'SELPA_ADMIN', level: 'selpa' }),
      grants: [{ relation: 'JURISDICTION', grantee: 'SELPA:selpa-1' }],
    };
    const person = {
      ...{ firstName: 'New', lastName: 'Selpa', dateOfBirth: '2016-05-05', gender: 'F', gradeLevel: '03' },
      ...{ stateId: `77${stateId.slice(2)}`, beginDate: '2026-02-02' },
    };
    const rows = () => f.sql('SELECT id, lea_id, end_date FROM jurisdiction ORDER BY id');
    const before = await rows();
    // An LEA of another SELPA, one of no SELPA, and one of another state.
    for (const schoolId of ['school-b1', 'school-d1', 'school-l1']) {
      const refusal = { errors: [{ code: 'V-046', path: ['schoolId'] }] };
      const claim = { stateId, schoolId, beginDate: '2026-02-01' };
      expect(await f.mutate(selpa, 'claimJurisdiction', claim)).toMatchObject(refusal);
      expect(await f.mutate(selpa, 'addStudent', { ...person, schoolId })).toMatchObject(refusal);
    }
    expect(await rows()).toEqual(before);
    const own = { stateId, schoolId: 'school-c1', beginDate: '2026-02-01' };
    expect((await f.mutate(selpa, 'claimJurisdiction', own)).errors).toEqual([]);
    expect(await sees(c, id)).toMatchObject({ lastName: 'Example' });
  });

  test('V-045 SER-28 SER-29 a claim with open services is refused and names the owner and its contact', async () => {
    const { id, stateId } = await studentOfA();
    await f.publish('pub_service', {
      id: `sv-${id}`,
      student_id: id,
      lea_id: 'lea-a',
      state: 'ACTIVE',
      end_date: '2026-06-12',
    });
    const before = await f.sql('SELECT * FROM jurisdiction WHERE student_id = ?', [id]);
    const refused = await claimB(stateId);
    expect(refused).toMatchObject({
      student: null,
      jurisdiction: null,
      errors: [{ code: 'V-045', path: ['stateId'] }],
    });
    expect(refused.errors[0].message).toContain('Name of lea-a (Contact of lea-a, 209-555-0199, lea-a@example.org)');
    // 34 CFR 99.32: who is refused has learned of the student all the same.
    expect(f.audited.at(-1)!.disclosed).toMatchObject({ 'student.card': [id] });
    expect(await f.sql('SELECT * FROM jurisdiction WHERE student_id = ?', [id])).toEqual(before);
    expect(await sees(b, id)).toBeNull();
    await f.sql("UPDATE pub_service SET state = 'TERMINATED', end_date = '2026-02-10' WHERE student_id = ?", [id]);
    expect((await claimB(stateId)).errors).toEqual([]);
  });

  test('V-045 own, proposed and ended services do not block', async () => {
    const { id, stateId } = await studentOfA();
    await f.publish('pub_service', {
      id: `s1-${id}`,
      student_id: id,
      lea_id: 'lea-b',
      state: 'ACTIVE',
      end_date: null,
    });
    await f.publish('pub_service', {
      id: `s2-${id}`,
      student_id: id,
      lea_id: 'lea-a',
      state: 'PROPOSED',
      end_date: null,
    });
    await f.publish('pub_service', {
      id: `s3-${id}`,
      student_id: id,
      lea_id: 'lea-a',
      state: 'ACTIVE',
      end_date: '2026-02-09',
    });
    // Withdrawn before it began, as with the draft that proposed it (C.5).
    await f.publish('pub_service', {
      id: `s4-${id}`,
      student_id: id,
      lea_id: 'lea-a',
      state: 'TERMINATED',
      start_date: '2026-04-01',
      end_date: '2026-02-10',
    });
    expect((await claimB(stateId)).errors).toEqual([]);
  });

  test('V-046 SER-22 SER-30 dates and LEA that can not be', async () => {
    const { id, stateId } = await studentOfA({
      jurisdictions: [
        {
          id: `jj${++number}`,
          leaId: 'lea-a',
          selpaId: 'selpa-1',
          stateOrgId: 'state-ca',
          schoolId: 'school-a1',
          beginDate: '2026-01-15',
        },
      ],
    });
    const codes = async (over: object) =>
      (await claimB(stateId, over)).errors.map((e: { code: string; path: string[] }) => [e.code, e.path[0]]);
    expect(await codes({ leaId: 'lea-a' })).toEqual([['V-046', 'leaId']]);
    expect(await codes({ beginDate: '2026-01-15' })).toEqual([['V-046', 'beginDate']]);
    expect(await codes({ beginDate: '2026-01-02' })).toEqual([['V-046', 'beginDate']]);
    expect(await codes({ beginDate: '2026-03-13' })).toEqual([['V-046', 'beginDate']]);
    expect(await codes({ beginDate: '2020-01-01' })).toEqual([['V-046', 'beginDate']]);
    expect(await codes({ schoolId: 'school-a1' })).toEqual([['SER-24', 'schoolId']]);
    expect(await codes({ localId: '123-45-6789' })).toEqual([['V-047', 'localId']]);
    expect(
      await f.mutate(a, 'claimJurisdiction', { stateId, schoolId: 'school-a2', beginDate: '2026-02-10' }),
    ).toMatchObject({ errors: [{ code: 'V-046', path: ['stateId'] }] });
    expect(await claimB(stateId, { leaId: 'lea-b', beginDate: '2026-01-16' })).toMatchObject({ errors: [] });
    expect(
      await f.mutate(b, 'claimJurisdiction', { stateId, schoolId: 'nowhere', beginDate: '2026-02-10' }),
    ).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect(
      (
        await f.call(
          b,
          `mutation { claimJurisdiction(input: {stateId: "${stateId}", schoolId: "school-b1", beginDate: "2015-02-31"}) { errors { code } } }`,
        )
      ).errors![0].message,
    ).toContain('a day that exists');
    expect((await sees(b, id)).jurisdictions).toHaveLength(2);
  });

  test('a student of another state, and one that does not exist, are not found alike', async () => {
    await f.load(
      bundle('s-91', {
        stateId: 'LA00000091',
        jurisdictions: [
          {
            id: 'j-91',
            leaId: 'lea-l',
            selpaId: null,
            stateOrgId: 'state-la',
            schoolId: 'school-l1',
            beginDate: '2024-08-01',
          },
        ],
      }),
    );
    const [foreign, absent] = [await claimB('LA00000091'), await claimB('LA00000092')];
    expect(foreign).toEqual(absent);
    expect(foreign).toMatchObject({ topLevel: 'NOT_FOUND' });
  });

  test('C.3 SER-23 a claim for a coming day: owner and staff keep the student until the day before, the claimant is told', async () => {
    const { id, stateId } = await studentOfA();
    const claim = await claimB(stateId, { beginDate: '2026-03-02' });
    expect(claim).toEqual({
      student: null,
      jurisdiction: null,
      errors: [expect.objectContaining({ code: 'SER-24', path: ['beginDate'] })],
    });
    expect(claim.errors[0].message).toContain('2026-03-02');
    expect(await sees(a, id)).toMatchObject({ lastName: 'Example' });
    expect(await sees(f.teacher('lea-a'), id)).toMatchObject({ lastName: 'Example' });
    expect(await sees(b, id)).toBeNull();
    // What the present owner can no longer change, and what a third LEA can't claim.
    const transfer = { studentId: id, schoolId: 'school-a2', beginDate: '2026-02-09' };
    expect(await f.mutate(a, 'transferSchool', transfer)).toMatchObject({ errors: [{ code: 'C.3' }] });
    const close = { studentId: id, endDate: '2026-02-09' };
    expect(await f.mutate(a, 'closeJurisdiction', close)).toMatchObject({ errors: [{ code: 'C.3' }] });
    expect(
      await f.mutate(c, 'claimJurisdiction', { stateId, schoolId: 'school-c1', beginDate: '2026-02-20' }),
    ).toMatchObject({ errors: [{ code: 'V-046' }] });
    // The last moment of the last day in California, and the first of the next.
    f.clock.set(new Date('2026-03-02T07:59:00Z'));
    expect(await sees(f.teacher('lea-a'), id)).toMatchObject({ lastName: 'Example' });
    expect(await sees(b, id)).toBeNull();
    f.clock.set(new Date('2026-03-02T08:00:00Z'));
    expect(await sees(b, id)).toMatchObject({ lastName: 'Example', jurisdiction: { id: expect.any(String) } });
    expect(await sees(a, id)).toMatchObject({ lastName: null });
    expect(await sees(f.teacher('lea-a'), id)).toBeNull();
    f.clock.set(new Date('2026-02-10T18:00:00Z'));
  });

  test('A-54 a right that was planned to last longer ends with the jurisdiction', async () => {
    const { id, stateId } = await studentOfA();
    await f.sql("UPDATE student_access SET valid_to = '2027-01-01' WHERE student_id = ? AND grantee LIKE 'STAFF:%'", [
      id,
    ]);
    expect((await claimB(stateId, { beginDate: '2026-02-12' })).student).toBeNull();
    f.clock.set(new Date('2026-02-12T18:00:00Z'));
    expect(await sees(f.teacher('lea-a'), id)).toBeNull();
    f.clock.set(new Date('2026-02-10T18:00:00Z'));
  });

  describe('C.3 a back-dated claim', () => {
    const codes = (answer: { errors: { code: string; message: string }[] }) => answer.errors.map(({ code }) => code);

    test('V-046 reaches back 30 days; further back the owner agrees by closing its period', async () => {
      const { id, stateId } = await studentOfA();
      const early = { beginDate: '2026-01-10' };
      const refused = await claimB(stateId, early);
      expect(codes(refused)).toEqual(['V-046']);
      expect(refused.errors[0].message).toContain('let it close its jurisdiction');
      await f.publish('pub_evaluation', {
        id: `ev-${id}`,
        student_id: id,
        kind: 'INITIAL',
        completed_on: '2025-01-01',
      });
      expect(await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-01-09' })).toMatchObject({
        errors: [],
      });
      expect(await claimB(stateId, early)).toMatchObject({ errors: [] });
      expect(await sees(b, id)).toMatchObject({ lastName: 'Example' });
    });

    test('V-046 never takes a record out of the period of the LEA that made it', async () => {
      const { id, stateId } = await studentOfA();
      await f.publish('pub_iep', {
        id: `iep-${id}`,
        student_id: id,
        state: 'CURRENT',
        held_on: '2026-02-05',
        affirmed_on: '2026-02-06',
      });
      const refused = await claimB(stateId, { beginDate: '2026-02-05' });
      expect(codes(refused)).toEqual(['V-046']);
      expect(refused.errors[0].message).not.toContain('2026-02-05');
      const closed = await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-02-04' });
      expect(closed.errors[0]).toMatchObject({ code: 'V-046', path: ['endDate'] });
      expect(await claimB(stateId, { beginDate: '2026-02-06' })).toMatchObject({ errors: [] });
    });

    test('A-55 what the successor dates back is nothing for the former owner; its own stays', async () => {
      const { id, stateId } = await studentOfA();
      const history = async (as: typeof a) =>
        (await f.call(as, `{ student(id: "${id}") { statusHistory { status effectiveOn } } }`)).data.student
          .statusHistory;
      const own = await history(a);
      expect(own.length).toBeGreaterThan(0);
      expect(await claimB(stateId, { beginDate: '2026-02-10' })).toMatchObject({ errors: [] });
      const status = {
        studentId: id,
        status: 'ELIGIBLE_NO_PLAN',
        effectiveOn: '2026-02-09',
        nonParticipationReason: 'FUTURE_START',
        priorWrittenNoticeOn: '2026-02-09',
      };
      expect(codes(await f.mutate(b, 'setStudentStatus', status))).toEqual(['C.1']);
      const [entry] = await f.sql('SELECT id FROM student_status_entry WHERE student_id = ?', [id]);
      const corrects = { correctsId: entry!.id, correctionReason: 'Wrong code entered.' };
      expect(await f.mutate(b, 'setStudentStatus', { ...status, ...corrects })).toMatchObject({ errors: [] });
      expect(await history(b)).toHaveLength(own.length + 1);
      expect(await history(a)).toEqual(own);
    });
  });

  test('two concurrent claims: exactly one wins, the loser gets CONFLICT or V-046', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, stateId } = await studentOfA();
      const [one, two] = await Promise.all([
        claimB(stateId),
        f.mutate(c, 'claimJurisdiction', { stateId, schoolId: 'school-c1', beginDate: '2026-02-10' }),
      ]);
      const won = [one, two].filter((answer) => answer.errors?.length === 0);
      const lost = [one, two].find((answer) => answer.errors?.length !== 0);
      expect(won).toHaveLength(1);
      expect(lost.topLevel ?? lost.errors[0].code).toMatch(/CONFLICT|V-046/);
      const open = await f.sql('SELECT lea_id FROM jurisdiction WHERE student_id = ? AND end_date IS NULL', [id]);
      expect(open).toHaveLength(1);
      const lea = open[0]!.lea_id;
      expect([await sees(b, id), await sees(c, id)].filter((seen) => seen?.lastName)).toHaveLength(1);
      expect(
        await f.sql(
          "SELECT grantee FROM student_access WHERE student_id = ? AND grantee LIKE 'LEA:%' AND valid_to IS NULL",
          [id],
        ),
      ).toEqual([{ grantee: `LEA:${lea}` }]);
    }
  });

  test('a claim beside an add-service: the service is first → V-045', async () => {
    const { id, stateId } = await studentOfA();
    let release!: () => void;
    let locked!: () => void;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const mayEnd = new Promise<void>((resolve) => (release = resolve));
    const adding = f.system(async (session) => {
      await lockStudents(session, [id]);
      locked();
      await mayEnd;
      await session.manager.query(
        "/* scope:fixture */ INSERT INTO pub_service (id, student_id, lea_id, state) VALUES (?, ?, 'lea-a', 'ACTIVE')",
        [`race-${id}`, id],
      );
    });
    await isLocked;
    const claiming = claimB(stateId);
    await new Promise((resolve) => setTimeout(resolve, 150));
    release();
    await adding;
    expect(await claiming).toMatchObject({ errors: [{ code: 'V-045' }] });
  });

  test('a claim beside an add-service: the claim is first → the service finds the new owner', async () => {
    const { id, stateId } = await studentOfA();
    const claiming = claimB(stateId);
    const owner = claiming.then(() =>
      f.system(async (session) => {
        await lockStudents(session, [id]);
        const [row] = await session.manager.query(
          '/* scope:fixture */ SELECT lea_id FROM pub_jurisdiction WHERE student_id = ? AND end_date IS NULL',
          [id],
        );
        return row.lea_id;
      }),
    );
    expect((await claiming).errors).toEqual([]);
    expect(await owner).toBe('lea-b');
  });

  test('a claim is one act: repeated with its idempotency key it answers the same', async () => {
    const { id, stateId } = await studentOfA();
    const first = await claimB(stateId, { idempotencyKey: 'claim-1' });
    expect(first.errors).toEqual([]);
    expect(await claimB(stateId, { idempotencyKey: 'claim-1' })).toEqual(first);
    expect(await f.sql('SELECT id FROM jurisdiction WHERE student_id = ?', [id])).toHaveLength(2);
  });

  test('SER-31 a transfer moves the student to another school of the LEA, whatever services are open', async () => {
    const { id } = await studentOfA();
    await f.publish('pub_service', { id: `t-${id}`, student_id: id, lea_id: 'lea-a', state: 'ACTIVE', end_date: null });
    const school = (schoolId: string) =>
      f.teacher('lea-a', {
        subject: `acct-school-${schoolId}`,
        level: 'school',
        grants: [{ relation: 'SCHOOL', grantee: `SCHOOL:${schoolId}` }],
      });
    expect(await sees(school('school-a1'), id)).toMatchObject({ lastName: 'Example' });
    const selection = 'jurisdiction { school { id } beginDate schools { school { id } beginDate endDate } }';
    const moved = await f.mutate(
      a,
      'transferSchool',
      { studentId: id, schoolId: 'school-a2', beginDate: '2026-02-02' },
      selection,
    );
    expect(moved).toEqual({
      errors: [],
      jurisdiction: {
        school: { id: 'school-a2' },
        beginDate: '2024-08-01',
        schools: [
          { school: { id: 'school-a1' }, beginDate: '2024-08-01', endDate: '2026-02-01' },
          { school: { id: 'school-a2' }, beginDate: '2026-02-02', endDate: null },
        ],
      },
    });
    expect(await sees(school('school-a1'), id)).toBeNull();
    expect(await sees(school('school-a2'), id)).toMatchObject({ lastName: 'Example' });
    for (const [input, code] of [
      [{ schoolId: 'school-a2', beginDate: '2026-02-05' }, 'SER-31'],
      [{ schoolId: 'school-a1', beginDate: '2026-02-02' }, 'SER-31'],
      [{ schoolId: 'school-a1', beginDate: '2026-02-11' }, 'SER-31'],
      [{ schoolId: 'school-b1', beginDate: '2026-02-05' }, 'SER-24'],
    ] as const) {
      expect((await f.mutate(a, 'transferSchool', { studentId: id, ...input })).errors[0].code).toBe(code);
    }
    expect(
      await f.mutate(b, 'transferSchool', { studentId: id, schoolId: 'school-b1', beginDate: '2026-02-05' }),
    ).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect((await f.events(id)).at(-1)!.payload).toMatchObject({ change: 'SCHOOL_TRANSFER', schoolId: 'school-a2' });
  });

  test('SER-61 a jurisdiction closes after the initial evaluation and without open services; the next claim follows it', async () => {
    const { id, stateId } = await studentOfA();
    const close = () =>
      f.mutate(
        a,
        'closeJurisdiction',
        { studentId: id, endDate: '2026-02-05' },
        'student { lastName } jurisdiction { endDate }',
      );
    expect((await close()).errors[0].code).toBe('SER-61');
    await f.publish('pub_evaluation', { id: `ev-${id}`, student_id: id, kind: 'INITIAL', completed_on: '2025-01-01' });
    await f.publish('pub_service', {
      id: `cl-${id}`,
      student_id: id,
      lea_id: 'lea-a',
      state: 'ACTIVE',
      end_date: null,
    });
    expect((await close()).errors[0].code).toBe('V-045');
    await f.sql('DELETE FROM pub_service WHERE student_id = ?', [id]);
    expect(await close()).toEqual({ errors: [], student: { lastName: null }, jurisdiction: { endDate: '2026-02-05' } });
    expect(await sees(f.teacher('lea-a'), id)).toBeNull();
    expect((await f.events(id)).at(-1)!.payload).toMatchObject({
      change: 'CLOSED',
      endDate: '2026-02-05',
      formerLeaId: 'lea-a',
    });
    expect((await claimB(stateId, { beginDate: '2026-02-05' })).errors[0].code).toBe('V-046');
    expect((await claimB(stateId, { beginDate: '2026-02-06' })).errors).toEqual([]);
    expect((await sees(b, id)).jurisdictions.map((row: { endDate: string }) => row.endDate)).toEqual([
      null,
      '2026-02-05',
    ]);
  });

  describe('A-54 a partner that is lent the students of an organization', () => {
    const ROWS =
      'query($id: ID!) { student(id: $id) { lastName } students(first: 100, filter: { includeInactive: true }) { nodes { id } } }';
    const lent = (relation: 'JURISDICTION' | 'SCHOOL', grantee: string, until = '2026-12-31'): Principal => ({
      ...a,
      subject: 'client-of-an-agency',
      kind: 'partner',
      level: 'partner',
      grants: [{ relation: 'GRANT', grantee: 'AGENCY:lent', lent: { from: [{ relation, grantee }], until } }],
      epoch: 1,
    });
    let ofLea: Principal;
    const reaches = async (as: Principal, id: string): Promise<boolean> => {
      const { data, errors } = await f.call(as, ROWS, { id });
      expect(errors).toBeUndefined();
      const listed = data.students.nodes.some((node: { id: string }) => node.id === id);
      expect(listed).toBe(data.student?.lastName === 'Example');
      return listed;
    };
    beforeAll(() => {
      ofLea = lent('JURISDICTION', 'LEA:lea-a');
      return f.system((session) => bumpEpoch(session, 'client-of-an-agency'));
    });

    test('has present and coming students of the LEA, until the very claim, and nothing of the former period', async () => {
      const { id, stateId } = await studentOfA();
      const ofB = lent('JURISDICTION', 'LEA:lea-b');
      expect([await reaches(ofLea, id), await reaches(ofB, id)]).toEqual([true, false]);
      await claimB(stateId);
      expect([await reaches(ofLea, id), await reaches(ofB, id)]).toEqual([false, true]);
      // The LEA itself keeps the records of its own period; what it lends is not lent any more.
      expect((await sees(a, id)).jurisdictions).toHaveLength(1);
      expect(await sees(ofLea, id)).toBeNull();
    });

    test('loses a student whose jurisdiction is closed when the LEA does', async () => {
      const { id } = await studentOfA();
      await f.publish('pub_evaluation', {
        id: `ev-${id}`,
        student_id: id,
        kind: 'INITIAL',
        completed_on: '2025-01-10',
      });
      const { errors } = await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-02-09' });
      expect([errors, await reaches(ofLea, id), (await sees(a, id)).lastName]).toEqual([[], false, null]);
    });

    test('of a school loses a student who goes to another one, which the LEA’s partner does not', async () => {
      const { id } = await studentOfA();
      const [from, to] = [lent('SCHOOL', 'SCHOOL:school-a1'), lent('SCHOOL', 'SCHOOL:school-a2')];
      expect([await reaches(from, id), await reaches(to, id)]).toEqual([true, false]);
      const moved = await f.mutate(a, 'transferSchool', {
        studentId: id,
        schoolId: 'school-a2',
        beginDate: '2026-02-10',
      });
      expect([moved.errors, await reaches(from, id), await reaches(to, id), await reaches(ofLea, id)]).toEqual([[], false, true, true]); // prettier-ignore
    });

    test('keeps a student who is claimed for a coming day until the day before', async () => {
      const { id, stateId } = await studentOfA();
      const ofB = lent('JURISDICTION', 'LEA:lea-b');
      const start = f.clock.now();
      expect((await claimB(stateId, { beginDate: '2026-02-20' })).errors).toEqual([
        expect.objectContaining({ code: 'SER-24' }),
      ]);
      expect([await reaches(ofLea, id), await reaches(ofB, id)]).toEqual([true, false]);
      f.clock.set(new Date('2026-02-20T18:00:00Z'));
      expect([await reaches(ofLea, id), await reaches(ofB, id)]).toEqual([false, true]);
      f.clock.set(start);
    });

    test('is out at midnight after its last day, also under a Principal of before; and under an outdated one', async () => {
      const { id } = await studentOfA();
      const start = f.clock.now();
      const today = lent('JURISDICTION', 'LEA:lea-a', '2026-02-10');
      f.clock.set(new Date('2026-02-11T07:59:59Z'));
      expect(await reaches(today, id)).toBe(true);
      f.clock.set(new Date('2026-02-11T08:00:00Z'));
      expect(await reaches(today, id)).toBe(false);
      f.clock.set(start);
      await f.system((session) => bumpEpoch(session, 'client-of-an-agency'));
      const outdated = await f.call(ofLea, ROWS, { id });
      expect(outdated.errors![0].extensions.code).toBe('STALE_PRINCIPAL');
    });
  });
});
