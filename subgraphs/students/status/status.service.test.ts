import type { Principal } from '../../../platform/principal/principal';
import { databaseUrls } from '../../../test/harness/databases';
import { bundle, StudentsFixture } from '../student/students.fixture';
import { findTransition, STATUS_TRANSITIONS, StudentStatus } from './student-status';

describe('SER C.1 the table of transitions', () => {
  test('every status can be reached, and nothing leaves a status that nothing leads to', () => {
    for (const status of Object.values(StudentStatus))
      expect(STATUS_TRANSITIONS.some((row) => row.to === status)).toBe(true);
    expect(findTransition(StudentStatus.PENDING, StudentStatus.ELIGIBLE_ACTIVE, 'CASE_MANAGER')).toBeNull();
    expect(findTransition(StudentStatus.ELIGIBLE_ACTIVE, StudentStatus.ELIGIBLE_NOT_ENROLLED, 'DISTRICT')).toBeNull();
  });
});

describe.each(databaseUrls())('status on %s', (_engine, makeUrl) => {
  let f: StudentsFixture;
  let a: Principal;
  let teacher: Principal;
  let number = 100;
  const SELECTION =
    'student { status statusHistory { id status effectiveOn correctsId } spedActivities { entryOn exitOn exitReason } } request { id kind state version proposedStatus }';

  async function student(status: string, over = {}): Promise<string> {
    const made = bundle(`s-${++number}`, {
      statuses: [{ id: `st-${number}`, status, effectiveOn: '2025-09-01' }],
      ...over,
    });
    await f.load(made);
    await f.grant({
      studentId: made.id,
      grantee: 'STAFF:acct-teacher-lea-a',
      relation: 'CASE_MANAGER',
      leaId: 'lea-a',
      validFrom: '2024-08-01',
    });
    return made.id;
  }
  const set = (as: Principal, studentId: string, input: object) =>
    f.mutate(as, 'setStudentStatus', { studentId, ...input }, SELECTION);
  const codes = async (as: Principal, studentId: string, input: object) =>
    (await set(as, studentId, input)).errors.map((e: { code: string; path: string[] }) => [e.code, e.path?.[0]]);
  const exit = {
    status: 'EXITED',
    effectiveOn: '2026-02-09',
    exitReason: 'DROPPED_OUT',
    nonParticipationReason: 'DROPPED_OUT',
  };

  beforeAll(async () => {
    f = await StudentsFixture.start(makeUrl);
    [a, teacher] = [f.district('lea-a'), f.teacher('lea-a')];
  });
  afterAll(() => f?.database.close());

  test('SIRAS-62 V-043 a status is appended; entries are never changed, not even by the database', async () => {
    const id = await student('REFERRED');
    const appended = await set(a, id, { status: 'PENDING' });
    expect(appended.errors).toEqual([]);
    expect(appended.student).toMatchObject({
      status: 'PENDING',
      statusHistory: [{ status: 'PENDING', effectiveOn: '2026-02-10' }, { status: 'REFERRED' }],
    });
    await expect(f.sql("UPDATE student_status_entry SET status = 'EXITED' WHERE student_id = ?", [id])).rejects.toThrow(
      /never changed/,
    );
    await expect(f.sql('DELETE FROM student_status_entry WHERE student_id = ?', [id])).rejects.toThrow(/never removed/);
    expect(await codes(a, id, { status: 'INELIGIBLE', effectiveOn: '2025-10-01' })).toEqual([['V-043', 'effectiveOn']]);
    const [wrong] = appended.student.statusHistory;
    expect(await codes(a, id, { status: 'REFERRED', correctsId: wrong.id })).toEqual([['V-043', 'correctionReason']]);
    const corrected = await set(a, id, {
      status: 'REFERRED',
      correctsId: wrong.id,
      correctionReason: 'Entered for the wrong student',
    });
    expect(corrected.student).toMatchObject({
      status: 'REFERRED',
      statusHistory: [{ status: 'REFERRED', correctsId: wrong.id }, { status: 'PENDING' }, { status: 'REFERRED' }],
    });
    expect((await f.events(id)).filter((event) => event.type === 'status.changed')).toHaveLength(2);
  });

  test('V-041 SIRAS-38 an inactive record needs date, type and, when reported, a non-participation reason', async () => {
    const id = await student('ELIGIBLE_ACTIVE');
    expect(await codes(a, id, { ...exit, effectiveOn: null })).toEqual([['V-041', 'effectiveOn']]);
    expect(await codes(a, id, { ...exit, exitReason: null })).toEqual([['V-041', 'exitReason']]);
    expect(await codes(a, id, { ...exit, nonParticipationReason: null })).toEqual([
      ['V-041', 'nonParticipationReason'],
    ]);
    expect(await codes(a, id, { ...exit, exitReason: 'MAXIMUM_AGE' })).toEqual([['C.7', 'exitReason']]);
    expect(await codes(a, id, { ...exit, exitReason: 'MOVED_CONTINUING', nonParticipationReason: null })).toEqual([]);
  });

  test('V-042 SIRAS-114 cessation or withdrawal of a resident needs a prior written notice', async () => {
    const id = await student('ELIGIBLE_ACTIVE');
    const withdrawal = { ...exit, exitReason: 'PARENT_WITHDRAWAL', nonParticipationReason: 'WITHDRAWAL' };
    expect(await codes(a, id, withdrawal)).toEqual([['V-042', 'priorWrittenNoticeOn']]);
    expect(
      await codes(a, id, {
        status: 'ELIGIBLE_NO_PLAN',
        effectiveOn: '2026-02-09',
        nonParticipationReason: 'CESSATION',
      }),
    ).toEqual([['V-042', 'priorWrittenNoticeOn']]);
    expect(await codes(a, id, { ...withdrawal, priorWrittenNoticeOn: '2026-02-01' })).toEqual([]);
    const away = await student('ELIGIBLE_ACTIVE');
    expect(await codes(a, away, { ...withdrawal, stillResident: false })).toEqual([]);
  });

  test('SIRAS-60 SIRAS-61 "not enrolled" follows "no plan" only, after a posted error', async () => {
    const id = await student('ELIGIBLE_NO_PLAN');
    const wanted = { status: 'ELIGIBLE_NOT_ENROLLED', effectiveOn: '2026-02-09', nonParticipationReason: 'NO_SHOW' };
    expect(await codes(a, id, wanted)).toEqual([['SIRAS-61', 'postedError']]);
    expect(await codes(a, id, { ...wanted, postedError: 'SWDS0123' })).toEqual([]);
    expect(await codes(a, await student('ELIGIBLE_ACTIVE'), { ...wanted, postedError: 'SWDS0123' })).toEqual([
      ['C.1', 'status'],
    ]);
  });

  test('SEIS-37 the district makes eligible: with an affirmed IEP and a guardian on file (V-052)', async () => {
    const id = await student('PENDING', { guardians: [] });
    expect(await codes(a, id, { status: 'ELIGIBLE_ACTIVE' })).toEqual([['V-052', 'studentId']]);
    await f.mutate(a, 'addGuardian', { studentId: id, firstName: 'Eva', lastName: 'E', relationship: 'MOTHER' });
    expect(await codes(a, id, { status: 'ELIGIBLE_ACTIVE' })).toEqual([['C.1', 'status']]);
    await f.publish('pub_iep', { id: `iep-${id}`, student_id: id, state: 'CURRENT', affirmed_on: '2026-01-10' });
    expect(await codes(a, id, { status: 'ELIGIBLE_ACTIVE' })).toEqual([]);
  });

  test('SEIS-19 SEIS-23 a case manager sets PENDING, and asks the district for the rest', async () => {
    const id = await student('REFERRED');
    expect((await set(teacher, id, { status: 'PENDING' })).student.status).toBe('PENDING');
    const asked = await set(teacher, id, { status: 'INELIGIBLE' });
    expect(asked).toMatchObject({
      errors: [],
      student: { status: 'PENDING' },
      request: { kind: 'STATUS_CHANGE', state: 'SUBMITTED', proposedStatus: 'INELIGIBLE' },
    });
    const accept = (requestId: string) =>
      f.mutate(a, 'processRequest', { id: requestId, version: 1, decision: 'ACCEPT' }, 'student { status }');
    expect(await accept(asked.request.id)).toEqual({ errors: [], student: { status: 'INELIGIBLE' } });
    const active = await student('ELIGIBLE_ACTIVE', {
      spedActivities: [{ id: `sp-${number + 1}`, entryOn: '2025-09-01' }],
    });
    const request = (
      await f.mutate(
        teacher,
        'requestExit',
        { studentId: active, exitOn: '2026-02-06', reason: 'OUT_OF_STATE', nonParticipationReason: 'OUT_OF_STATE' },
        'request { id kind student { id } }',
      )
    ).request;
    expect(request).toMatchObject({ kind: 'EXIT', student: { id: active } });
    await f.publish('pub_service', {
      id: `x-${active}`,
      student_id: active,
      lea_id: 'lea-a',
      start_date: '2025-09-01',
      state: 'ACTIVE',
      end_date: null,
    });
    expect((await accept(request.id)).errors[0].code).toBe('C.7');
    await f.sql("UPDATE pub_service SET state = 'TERMINATED', end_date = '2026-02-07' WHERE student_id = ?", [active]);
    expect((await accept(request.id)).errors[0]).toMatchObject({ code: 'C.7', path: ['effectiveOn'] });
    await f.sql("UPDATE pub_service SET end_date = '2026-02-06' WHERE student_id = ?", [active]);
    expect(await accept(request.id)).toEqual({ errors: [], student: { status: 'EXITED' } });
    const { data } = await f.call(
      a,
      'query($id: ID!) { student(id: $id) { spedActivities { entryOn exitOn exitReason } } }',
      { id: active },
    );
    expect(data.student.spedActivities).toEqual([
      { entryOn: '2025-09-01', exitOn: '2026-02-06', exitReason: 'OUT_OF_STATE' },
    ]);
    expect(await set(f.district('lea-b'), id, { status: 'PENDING' })).toMatchObject({ topLevel: 'NOT_FOUND' });
  });

  test('SER-113 SER-114 an affirmed initial IEP activates the student and opens the sped activity, once', async () => {
    const id = await student('PENDING');
    const now = async () =>
      (
        await f.call(
          a,
          'query($id: ID!) { student(id: $id) { status statusHistory { status } spedActivities { entryOn exitOn } } }',
          { id },
        )
      ).data.student;
    await f.affirm(id, { agreed: false });
    expect(await now()).toMatchObject({ status: 'PENDING', spedActivities: [] });
    await f.affirm(id);
    expect(await now()).toEqual({
      status: 'ELIGIBLE_ACTIVE',
      statusHistory: [{ status: 'ELIGIBLE_ACTIVE' }, { status: 'PENDING' }],
      spedActivities: [{ entryOn: '2026-02-01', exitOn: null }],
    });
    await f.affirm(id, { initial: false, meetingDate: '2026-02-08' });
    expect(await now()).toMatchObject({
      statusHistory: [{}, {}],
      spedActivities: [{ entryOn: '2026-02-01', exitOn: null }],
    });
    expect(
      (await f.events(id)).filter((event) => event.type === 'spedActivity.changed').map((event) => event.payload),
    ).toEqual([{ opened: true, on: '2026-02-01' }]);
    await set(a, id, exit);
    await set(a, id, { status: 'PENDING' });
    await f.affirm(id, { initial: false, meetingDate: '2026-02-10' });
    expect(await now()).toMatchObject({
      status: 'ELIGIBLE_ACTIVE',
      spedActivities: [
        { entryOn: '2026-02-10', exitOn: null },
        { entryOn: '2026-02-01', exitOn: '2026-02-09' },
      ],
    });
    const other = await student('PENDING');
    await f.affirm(other, { eligible: false, agreed: true });
    expect(
      (await f.call(a, 'query($id: ID!) { student(id: $id) { status spedActivities { entryOn } } }', { id: other }))
        .data.student,
    ).toEqual({ status: 'INELIGIBLE', spedActivities: [] });
  });
});
