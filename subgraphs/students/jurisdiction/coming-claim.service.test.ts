import type { Principal } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import { lockStudents } from '../../../platform/scope/student-lock';
import { databaseUrls } from '../../../test/harness/databases';
import { bundle, StudentsFixture } from '../student/students.fixture';
import { followSelpas } from './selpa-membership';

const TODAY = new Date('2026-02-10T18:00:00Z');
const FIRST_DAY = '2026-03-02';
const ON_FIRST_DAY = new Date('2026-03-02T18:00:00Z');
const CLAIM = 'student { id } jurisdiction { id } claim { id beginDate withdrawn }';
const STUDENT =
  'query($id: ID!) { student(id: $id) { lastName localId jurisdiction { lea { id } endDate } jurisdictions { lea { id } localId beginDate endDate } } }';

describe.each(databaseUrls())('a claim before its first day on %s', (_engine, makeUrl) => {
  let f: StudentsFixture;
  let a: Principal;
  let b: Principal;
  let c: Principal;
  let number = 500;

  async function studentOfA(over = {}): Promise<{ id: string; stateId: string }> {
    const student = bundle(`s-${++number}`, over);
    await f.load(student);
    const through = { studentId: student.id, leaId: 'lea-a', validFrom: '2024-08-01' };
    await f.grant(
      { ...through, grantee: 'STAFF:acct-teacher-lea-a', relation: 'CASE_MANAGER' },
      { ...through, grantee: 'AGENCY:later', relation: 'GRANT', validTo: '2026-12-31' },
      { ...through, grantee: 'AGENCY:sooner', relation: 'GRANT', validTo: '2026-02-20' },
      { ...through, grantee: 'AGENCY:same', relation: 'GRANT', validTo: '2026-03-01' },
    );
    return student;
  }
  const claim = (stateId: string, over = {}, as = b) =>
    f.mutate(as, 'claimJurisdiction', { stateId, schoolId: 'school-b1', beginDate: FIRST_DAY, ...over }, CLAIM);
  const withdraw = (claimId: string, as = b, over = {}) =>
    f.mutate(as, 'withdrawClaim', { claimId, ...over }, 'claim { id beginDate withdrawn }');
  const claimed = async (stateId: string, over = {}): Promise<string> => (await claim(stateId, over)).claim.id;
  const sees = async (as: Principal, id: string) => (await f.call(as, STUDENT, { id })).data.student;
  const codes = (answer: { errors: { code: string }[] }) => answer.errors.map(({ code }) => code);
  /** What is in force or will be: without traces of what was withdrawn or revoked. */
  const standing = async (id: string) => ({
    access: await f.sql(
      'SELECT grantee, relation, lea_id, valid_from, valid_to, planned_to FROM student_access WHERE student_id = ? AND revoked_at IS NULL ORDER BY grantee',
      [id],
    ),
    periods: await f.sql('SELECT * FROM pub_jurisdiction WHERE student_id = ?', [id]),
    own: await f.sql('SELECT * FROM jurisdiction WHERE student_id = ? AND withdrawn_at IS NULL', [id]),
    schools: await f.sql(
      'SELECT school_id, begin_date, end_date FROM school_period WHERE student_id = ? AND (end_date IS NULL OR end_date >= begin_date)',
      [id],
    ),
  });
  const principal = (over: Partial<Principal>) => f.district('lea-b', over);

  beforeAll(async () => {
    f = await StudentsFixture.start(makeUrl);
    [a, b, c] = [f.district('lea-a'), f.district('lea-b'), f.district('lea-c')];
  });
  afterEach(() => f.clock.set(TODAY));
  afterAll(() => f?.database.close());

  test('C.3 SER-24 the claimant holds a receipt, and is told by unique id what stands from when on', async () => {
    const { stateId } = await studentOfA();
    const made = await claim(stateId, { idempotencyKey: 'receipt' });
    expect(made).toMatchObject({
      student: null,
      jurisdiction: null,
      claim: { beginDate: FIRST_DAY, withdrawn: false },
    });
    expect(codes(made)).toEqual(['SER-24']);
    for (const said of [stateId, made.claim.id, FIRST_DAY]) expect(made.errors[0].message).toContain(said);
    expect(await claim(stateId, { idempotencyKey: 'receipt' })).toEqual(made);
    const now = await claim((await studentOfA()).stateId, { beginDate: '2026-02-10' });
    expect(now).toMatchObject({ errors: [], claim: { id: now.jurisdiction.id, withdrawn: false } });
  });

  test('V-046 repeated, a claim names the one that stands and its first day; another LEA learns neither', async () => {
    const { id, stateId } = await studentOfA();
    const claimId = await claimed(stateId);
    const before = await standing(id);
    for (const over of [{}, { beginDate: '2026-02-20' }, { beginDate: '2026-02-10' }]) {
      const again = await claim(stateId, over);
      expect(again).toMatchObject({ student: null, claim: { id: claimId, beginDate: FIRST_DAY } });
      expect(again.errors).toMatchObject([{ code: 'V-046', path: ['stateId'] }]);
      expect(again.errors[0].message).toContain(`claim ${claimId} begins on ${FIRST_DAY}`);
    }
    for (const beginDate of ['2026-02-20', '2026-03-05']) {
      const third = await claim(stateId, { schoolId: 'school-c1', beginDate }, c);
      expect(third).toMatchObject({ claim: null, errors: [{ code: 'V-046', path: ['stateId'] }] });
      expect(third.errors[0].message).not.toMatch(/lea-b|2026-03-0/);
    }
    expect(await standing(id)).toEqual(before);
  });

  test('C.3 SER-29 the present owner is told until when it owns, and whom to phone', async () => {
    const { id, stateId } = await studentOfA();
    await claimed(stateId);
    const transfer = { studentId: id, schoolId: 'school-a2', beginDate: '2026-02-09' };
    const answers = [
      await f.mutate(a, 'transferSchool', transfer),
      await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-02-09' }),
      await claim(stateId, { schoolId: 'school-a1' }, a),
    ];
    for (const { errors } of answers) {
      expect(errors).toMatchObject([{ code: 'C.3' }]);
      expect(errors[0].message).toContain('2026-03-01');
      expect(errors[0].message).toContain('Name of lea-b (Contact of lea-b, 209-555-0199, lea-b@example.org)');
    }
  });

  test('C.3 withdrawn, the owner goes on as if there had been no claim, and the claimant has nothing left', async () => {
    const { id, stateId } = await studentOfA({ localId: 'A-1' });
    const before = await standing(id);
    const claimId = await claimed(stateId, { localId: 'B-1' });
    expect(await standing(id)).not.toEqual(before);
    expect(await withdraw(claimId)).toEqual({
      errors: [],
      claim: { id: claimId, beginDate: FIRST_DAY, withdrawn: true },
    });
    expect(await standing(id)).toEqual(before);
    expect((await f.events(id)).at(-1)).toEqual({
      type: 'jurisdiction.changed',
      payload: {
        change: 'CLAIM_WITHDRAWN',
        leaId: 'lea-b',
        schoolId: 'school-b1',
        formerLeaId: 'lea-a',
        beginDate: FIRST_DAY,
        endDate: '2026-03-01',
      },
    });
    // The trace: who withdrew, and when.
    expect(await f.sql('SELECT withdrawn_by, end_date, open_of FROM jurisdiction WHERE id = ?', [claimId])).toEqual([
      { withdrawn_by: 'acct-district-lea-b', end_date: '2026-03-01', open_of: null },
    ]);
    expect(f.audited.at(-1)!.disclosed).toMatchObject({ 'student.card': [id] });
    const transfer = { studentId: id, schoolId: 'school-a2', beginDate: '2026-02-09' };
    expect(codes(await f.mutate(a, 'transferSchool', transfer))).toEqual([]);
    f.clock.set(ON_FIRST_DAY);
    expect(await sees(b, id)).toBeNull();
    expect(await sees(a, id)).toEqual({
      lastName: 'Example',
      localId: 'A-1',
      jurisdiction: { lea: { id: 'lea-a' }, endDate: null },
      jurisdictions: [{ lea: { id: 'lea-a' }, localId: 'A-1', beginDate: '2024-08-01', endDate: null }],
    });
    expect(await sees(f.teacher('lea-a'), id)).toMatchObject({ lastName: 'Example' });
  });

  test('C.3 what the owner changed while the claim stood stays changed; what was given then lasts as planned', async () => {
    const { id, stateId } = await studentOfA();
    const claimId = await claimed(stateId);
    const given = { studentId: id, leaId: 'lea-a', relation: 'GRANT' as const, validFrom: '2026-02-10' };
    await f.grant({ ...given, grantee: 'AGENCY:new', validTo: '2026-03-01', plannedTo: '2026-09-30' });
    await f.sql(
      "UPDATE student_access SET revoked_at = '2026-02-10 18:00:00.000' WHERE student_id = ? AND grantee = ?",
      [id, 'STAFF:acct-teacher-lea-a'],
    );
    expect(codes(await withdraw(claimId))).toEqual([]);
    const { access } = await standing(id);
    const ends = Object.fromEntries(access.map((row) => [row.grantee, row.valid_to]));
    expect(ends).toEqual({
      'AGENCY:later': '2026-12-31',
      'AGENCY:new': '2026-09-30',
      'AGENCY:same': '2026-03-01',
      'AGENCY:sooner': '2026-02-20',
      'LEA:lea-a': null,
      'SCHOOL:school-a1': null,
      'SELPA:selpa-1': null,
      'STATE:state-ca': null,
    });
  });

  test('C.3 withdrawn after the owner had closed its period, a claim leaves it closed', async () => {
    const { id, stateId } = await studentOfA();
    await f.publish('pub_evaluation', { id: `ev-${id}`, student_id: id, kind: 'INITIAL', completed_on: '2025-01-01' });
    expect(codes(await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-02-10' }))).toEqual([]);
    const before = await standing(id);
    const claimId = await claimed(stateId, { beginDate: '2026-02-11' });
    expect(codes(await withdraw(claimId))).toEqual([]);
    expect(await standing(id)).toEqual(before);
    expect(await claim(stateId, { beginDate: '2026-02-11' })).toMatchObject({ errors: [{ code: 'SER-24' }] });
  });

  test('C.3 a SELPA that its LEA joined while a claim stood owns the days before the claim, and after its withdrawal all', async () => {
    // LEA D has no SELPA yet; LEA C, the claimant, is under the one that D joins.
    const inLeaD = { leaId: 'lea-d', selpaId: null, stateOrgId: 'state-ca', schoolId: 'school-d1' };
    const { id, stateId } = await studentOfA({
      jurisdictions: [{ ...inLeaD, id: `j-s-${number + 1}`, beginDate: '2024-08-01' }],
    });
    const selpa = f.district('lea-c', {
      level: 'selpa',
      organizationId: 'selpa-1',
      grants: [{ relation: 'JURISDICTION', grantee: 'SELPA:selpa-1' }],
    });
    const made = await claim(stateId, { schoolId: 'school-c1' }, c);
    expect(codes(made)).toEqual(['SER-24']);
    expect(await sees(selpa, id)).toBeNull();
    await f.sql("UPDATE organization SET parent_id = 'selpa-1' WHERE id = 'lea-d'");
    expect(await followSelpas(f.database, f.clock, ['lea-d'])).toBe(1);
    expect(await sees(selpa, id)).toMatchObject({ jurisdictions: [{ lea: { id: 'lea-d' }, endDate: '2026-03-01' }] });
    expect(codes(await withdraw(made.claim.id, c))).toEqual([]);
    f.clock.set(ON_FIRST_DAY);
    expect(await sees(selpa, id)).toMatchObject({ jurisdiction: { lea: { id: 'lea-d' }, endDate: null } });
  });

  test('C.3 the claimant withdraws, its SELPA, or the state; nobody else finds the claim; none after its first day', async () => {
    const selpa = (id: string) => principal({ organizationId: id, level: 'selpa', grants: [] });
    const state = (id: string, level: Principal['level'] = 'state') =>
      principal({ organizationId: id, level, grants: [] });
    const { id, stateId } = await studentOfA();
    let claimId = await claimed(stateId);
    const strangers = [a, c, f.district('lea-l'), selpa('selpa-1'), state('state-la'), state('state-ca', 'partner')];
    const before = await standing(id);
    for (const stranger of strangers) {
      const answer = await withdraw(claimId, stranger);
      expect(answer).toEqual(await withdraw('no-such-claim', stranger));
      expect(answer).toMatchObject({ topLevel: 'NOT_FOUND' });
    }
    expect(await withdraw(`j-s-${number}`)).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect(await standing(id)).toEqual(before);
    for (const may of [selpa('selpa-2'), state('state-ca'), b]) {
      expect(await withdraw(claimId, may)).toMatchObject({ errors: [], claim: { withdrawn: true } });
      claimId = await claimed(stateId);
    }
    f.clock.set(ON_FIRST_DAY);
    const late = await withdraw(claimId);
    expect(late.errors).toMatchObject([{ code: 'C.3', path: ['claimId'] }]);
    expect(await sees(b, id)).toMatchObject({ lastName: 'Example' });
  });

  test('C.3 a withdrawal is one act: repeated it answers the same and does nothing', async () => {
    const { id, stateId } = await studentOfA();
    const claimId = await claimed(stateId);
    const both = await Promise.all([withdraw(claimId), withdraw(claimId)]);
    expect(both[0]).toMatchObject({ errors: [], claim: { withdrawn: true } });
    expect(both[1]).toEqual(both[0]);
    const [events, after] = [await f.events(id), await standing(id)];
    // Nor does it touch a claim that was made since.
    expect(await withdraw(claimId)).toEqual(both[0]);
    expect(await f.events(id)).toEqual(events);
    expect(await standing(id)).toEqual(after);
    const next = await claimed(stateId);
    const claimedAgain = await standing(id);
    expect(await withdraw(claimId)).toEqual(both[0]);
    expect(await standing(id)).toEqual(claimedAgain);
    expect(next).not.toBe(claimId);
  });

  describe('C.3 concurrent with a withdrawal', () => {
    /** Starts acts while another transaction holds the student, and lets them go after `meanwhile`. */
    async function behind<T>(id: string, start: () => Promise<T>, meanwhile?: (session: Session) => Promise<void>) {
      let locked!: () => void;
      let release!: () => void;
      const isLocked = new Promise<void>((resolve) => (locked = resolve));
      const mayEnd = new Promise<void>((resolve) => (release = resolve));
      const holding = f.system(async (session) => {
        await lockStudents(session, [id]);
        locked();
        await mayEnd;
        await meanwhile?.(session);
      });
      await isLocked;
      const started = start();
      await new Promise((resolve) => setTimeout(resolve, 150));
      release();
      await holding;
      return started;
    }
    /** What addService asks under the lock: the last day of the owner of today. */
    const ownersLastDay = async (session: Session, id: string): Promise<string | null> => {
      const [row] = await session.manager.query(
        "/* scope:fixture */ SELECT end_date FROM pub_jurisdiction WHERE student_id = ? AND lea_id = 'lea-a'",
        [id],
      );
      return row.end_date;
    };

    test('an add-service that is first is refused by the claim; one that is second finds the owner as before', async () => {
      const { id, stateId } = await studentOfA();
      const claimId = await claimed(stateId);
      const first = await behind(
        id,
        () => withdraw(claimId),
        async (session) => expect(await ownersLastDay(session, id)).toBe('2026-03-01'),
      );
      expect(first).toMatchObject({ errors: [], claim: { withdrawn: true } });
      const again = await claimed(stateId);
      const withdrawing = withdraw(again);
      const second = withdrawing.then(() =>
        f.system(async (session) => {
          await lockStudents(session, [id]);
          return ownersLastDay(session, id);
        }),
      );
      expect(codes(await withdrawing)).toEqual([]);
      expect(await second).toBeNull();
    });

    test('the first day that comes while the withdrawal waits wins', async () => {
      const { id, stateId } = await studentOfA();
      const claimId = await claimed(stateId);
      const answer = await behind(
        id,
        () => withdraw(claimId),
        async () => f.clock.set(new Date('2026-03-02T08:00:00Z')),
      );
      expect(codes(answer)).toEqual(['C.3']);
      expect(await sees(b, id)).toMatchObject({ lastName: 'Example' });
    });

    test('a claim by a third LEA is refused, in conflict, or first; the student has one owner at any time', async () => {
      for (let round = 0; round < 4; round++) {
        const { id, stateId } = await studentOfA();
        const claimId = await claimed(stateId);
        const third = () => claim(stateId, { schoolId: 'school-c1', beginDate: '2026-03-05' }, c);
        const [withdrawn, other] = await behind(id, () =>
          Promise.all(round % 2 ? [withdraw(claimId), third()] : [third(), withdraw(claimId)].reverse()),
        );
        const answer = other;
        expect(withdrawn).toMatchObject({ errors: [], claim: { withdrawn: true } });
        expect(answer.topLevel ?? answer.errors[0].code).toMatch(/CONFLICT|V-046|SER-24/);
        const open = await f.sql('SELECT lea_id FROM jurisdiction WHERE open_of = ?', [id]);
        expect(open).toEqual([{ lea_id: answer.claim ? 'lea-c' : 'lea-a' }]);
        expect(await sees(a, id)).toMatchObject({ lastName: 'Example', jurisdiction: { lea: { id: 'lea-a' } } });
      }
    });
  });

  test('SER-25 the local id is that of the owner of the day: each LEA edits and sees its own', async () => {
    const { id, stateId } = await studentOfA({ localId: 'A-31' });
    await claimed(stateId, { localId: 'B-31' });
    expect(await f.mutate(a, 'updateStudent', { id, version: 1, localId: 'A-32' }, 'student { localId }')).toEqual({
      errors: [],
      student: { localId: 'A-32' },
    });
    const found = async (as: Principal, localId: string) =>
      (await f.call(as, `{ students(filter: {localId: "${localId}"}) { nodes { id } } }`)).data.students.nodes.length;
    expect([await found(a, 'A-32'), await found(a, 'A-31'), await found(a, 'B-31')]).toEqual([1, 0, 0]);
    f.clock.set(ON_FIRST_DAY);
    expect(await sees(b, id)).toMatchObject({ localId: 'B-31' });
    expect(await sees(a, id)).toMatchObject({ localId: null, jurisdictions: [{ localId: 'A-32' }] });
    expect([await found(b, 'B-31'), await found(b, 'A-32'), await found(a, 'A-32')]).toEqual([1, 0, 0]);
    await f.mutate(b, 'updateStudent', { id, version: 2, localId: null });
    expect(await sees(b, id)).toMatchObject({ localId: null });
    expect((await sees(a, id)).jurisdictions).toMatchObject([{ localId: 'A-32' }]);
  });

  test('C.3 SEIS-16 before its first day nobody reads the coming period: the owner sees its own last day, a finder the owner', async () => {
    const { id, stateId } = await studentOfA();
    await claimed(stateId);
    const own = [{ lea: { id: 'lea-a' }, localId: null, beginDate: '2024-08-01', endDate: '2026-03-01' }];
    const state = f.district('lea-a', {
      organizationId: 'state-ca',
      level: 'state',
      grants: [{ relation: 'JURISDICTION', grantee: 'STATE:state-ca' }],
    });
    for (const reader of [a, f.teacher('lea-a'), state]) expect((await sees(reader, id)).jurisdictions).toEqual(own);
    const located = async (as: Principal) =>
      (await f.call(as, `{ locateStudent(by: {stateId: "${stateId}"}) { lea { id } } }`)).data.locateStudent;
    expect([await located(b), await located(c)]).toEqual([[{ lea: { id: 'lea-a' } }], [{ lea: { id: 'lea-a' } }]]);
    f.clock.set(ON_FIRST_DAY);
    expect(await located(c)).toEqual([{ lea: { id: 'lea-b' } }]);
    expect((await sees(b, id)).jurisdictions).toHaveLength(2);
    expect((await sees(a, id)).jurisdictions).toEqual(own);
  });

  test('A-55 what an owner affirmed on its last day is dated into its own period, however late the event arrives', async () => {
    const HISTORY = '{ statusHistory { status effectiveOn } spedActivities { entryOn } }';
    const history = async (as: Principal, id: string) =>
      (await f.call(as, `{ student(id: "${id}") ${HISTORY} }`)).data.student;
    const affirmedBy = async (affirmedOn: string) => {
      const { id, stateId } = await studentOfA();
      await claimed(stateId);
      f.clock.set(ON_FIRST_DAY);
      await f.affirm(id, { meetingDate: '2026-02-25', affirmedOn });
      const seen = await history(a, id);
      expect((await history(b, id)).spedActivities).toEqual([{ entryOn: '2026-02-25' }]);
      f.clock.set(TODAY);
      return seen;
    };
    const mine = await affirmedBy('2026-03-01');
    expect(mine.statusHistory).toContainEqual({ status: 'ELIGIBLE_ACTIVE', effectiveOn: '2026-02-25' });
    expect(mine.spedActivities).toEqual([{ entryOn: '2026-02-25' }]);
    const successors = await affirmedBy(FIRST_DAY);
    expect(successors.statusHistory).toHaveLength(1);
    expect(successors.spedActivities).toEqual([]);
  });

  test('V-046 a meeting of a discarded draft dates no period', async () => {
    const { id, stateId } = await studentOfA();
    const meeting = { id: `iep-${id}`, student_id: id, held_on: '2026-02-05' };
    await f.publish('pub_iep', { ...meeting, state: 'DISCARDED' });
    expect(codes(await claim(stateId, { beginDate: '2026-02-03' }))).toEqual([]);
  });

  test('V-046 no back-dated claim takes progress, a red-window change or an undecided evaluation out of its period', async () => {
    for (const [view, column] of [
      ['pub_goal_progress', 'recorded_of'],
      ['pub_red_window_override', 'recorded_of'],
      ['pub_evaluation', 'scope_date'],
    ] as const) {
      const { id, stateId } = await studentOfA();
      const kind: Record<string, string> = view === 'pub_evaluation' ? { kind: 'REEVALUATION' } : {};
      await f.publish(view, { id: `${view}-${id}`.slice(0, 60), student_id: id, [column]: '2026-02-05', ...kind });
      expect([view, codes(await claim(stateId, { beginDate: '2026-02-05' }))]).toEqual([view, ['V-046']]);
      await f.publish('pub_evaluation', {
        id: `in-${id}`,
        student_id: id,
        kind: 'INITIAL',
        completed_on: '2025-01-01',
      });
      const closed = await f.mutate(a, 'closeJurisdiction', { studentId: id, endDate: '2026-02-04' });
      expect(closed.errors).toMatchObject([{ code: 'V-046', path: ['endDate'] }]);
      expect(codes(await claim(stateId, { beginDate: '2026-02-06' }))).toEqual([]);
    }
  });
});
