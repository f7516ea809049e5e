import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';
import { suggestedCaseManager } from './case-manager-suggestion';

const speech = {
  code: '415',
  frequency: 'WEEKLY',
  minutes: 60,
  delivery: 'INDIVIDUAL',
  startDate: '2026-01-05',
  state: 'ACTIVE',
} as const;
const managed = (accountId = 'acct-teacher-ripon') => [
  { providerId: 'prov-teacher-ripon', accountId, role: 'CASE_MANAGER' as const, validFrom: '2025-08-01' },
  { providerId: 'prov-teacher-ripon', accountId, role: 'PROVIDER' as const, validFrom: '2025-08-01' },
];
const codes = (payload: { errors?: { code: string }[]; failed?: string }) =>
  payload.failed ?? payload.errors?.map((error) => error.code);

describe('the default case manager', () => {
  test('SEIS-40 the provider of the greatest service is suggested', () => {
    const row = (
      providerId: string | null,
      minutes: number,
      frequency: 'WEEKLY' | 'DAILY',
      state: 'ACTIVE' | 'TERMINATED' = 'ACTIVE',
    ) => ({ providerId, minutes, frequency, state });
    expect(
      suggestedCaseManager([
        row('a', 60, 'WEEKLY'),
        row('b', 30, 'DAILY'),
        row('c', 90, 'DAILY', 'TERMINATED'),
        row(null, 300, 'DAILY'),
      ]),
    ).toBe('b');
    expect(suggestedCaseManager([])).toBeNull();
  });
});

describe.each(databaseUrls())('assignments on %s', (_engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
  });
  afterAll(() => graph?.database.close());
  const assign = (username: string, input: object) =>
    graph.mutate(
      username,
      'assignProvider',
      input,
      'assignment { id role validFrom validTo provider { id } } student { providers { id } }',
    );
  const remove = (username: string, input: object) => graph.mutate(username, 'removeProvider', input, 'student { id }');
  const change = (username: string, input: object) =>
    graph.mutate(username, 'changeCaseManager', input, 'caseManager { id } student { caseManager { id } }');
  const reassign = (username: string, input: object) =>
    graph.mutate(
      username,
      'reassignProviders',
      input,
      'updatedCount results { studentId studentName updated student { id } error { code message } }',
    );
  const sees = async (username: string, studentId: string) =>
    (await graph.ofStudent(username, studentId, 'providers { id }')).providers.length > 0;

  test('SEIS-18 assigning opens the student at once, removing the last assignment takes it away at once', async () => {
    await graph.student('s1', 'ripon', { services: [{ ...speech, id: 's1-speech' }] });
    const services = async () => (await graph.ofStudent('provider.ripon', 's1', 'services { id }')).services;
    expect(await sees('provider.ripon', 's1')).toBe(false);
    const { assignment, errors } = await assign('district.ripon', {
      studentId: 's1',
      providerId: 'prov-provider-ripon',
    });
    expect(errors).toEqual([]);
    expect(assignment).toMatchObject({ role: 'PROVIDER', validFrom: TODAY, provider: { id: 'prov-provider-ripon' } });
    expect(await sees('provider.ripon', 's1')).toBe(true);
    expect(await services()).toEqual([{ id: 's1-speech' }]);
    // Again: nothing is doubled.
    expect((await assign('district.ripon', { studentId: 's1', providerId: 'prov-provider-ripon' })).assignment.id).toBe(
      assignment.id,
    );
    expect(codes(await remove('district.ripon', { studentId: 's1', providerId: 'prov-provider-ripon' }))).toEqual([]);
    expect([await sees('provider.ripon', 's1'), await services()]).toEqual([false, []]);
    expect(codes(await remove('district.ripon', { studentId: 's1', providerId: 'prov-provider-ripon' }))).toBe(
      'NOT_FOUND',
    );
  });

  test('SEIS-18 an assignment with a last day ends by itself; a longer one goes on with its own last day', async () => {
    await graph.student('until');
    const input = { studentId: 'until', providerId: 'prov-provider-ripon' };
    expect(codes(await assign('district.ripon', { ...input, since: '2026-02-01', until: '2026-01-31' }))).toEqual([
      'SEIS-18',
    ]);
    expect(codes(await assign('district.ripon', { ...input, since: '2025-06-30' }))).toEqual(['SER-101']);
    await assign('district.ripon', { ...input, since: '2026-01-01', until: '2026-02-09' });
    expect(await sees('provider.ripon', 'until')).toBe(false);
    await assign('district.ripon', { ...input, until: '2026-02-10' });
    expect(await sees('provider.ripon', 'until')).toBe(true);
  });

  test('SER-105 a service gets its provider, the teacher of record, by assignment, and has none when the provider is removed', async () => {
    await graph.student('speech', 'ripon', { services: [{ ...speech, id: 'speech-1' }] });
    expect(
      codes(
        await assign('district.ripon', {
          studentId: 'speech',
          providerId: 'prov-provider-ripon',
          serviceId: 'speech-1',
        }),
      ),
    ).toEqual([]);
    expect(
      codes(
        await assign('district.ripon', {
          studentId: 'speech',
          providerId: 'prov-teacher-ripon',
          serviceId: 'speech-1',
        }),
      ),
    ).toEqual(['SER-115']);
    expect(
      codes(
        await assign('district.ripon', { studentId: 'speech', providerId: 'prov-teacher-ripon', serviceId: 'nothing' }),
      ),
    ).toBe('NOT_FOUND');
    const removed = await remove('district.ripon', { studentId: 'speech', providerId: 'prov-provider-ripon' });
    expect(removed.errors).toEqual([expect.objectContaining({ code: 'SER-105', severity: 'WARNING' })]);
    expect(
      await graph.ofStudent('district.ripon', 'speech', 'hasOpenServices services { provider { id } version }'),
    ).toEqual({ hasOpenServices: true, services: [{ provider: null, version: 3 }] });
  });

  test('SEIS-40 the provider of the greatest service is suggested, and somebody else can be named', async () => {
    const assigned = ['prov-teacher-ripon', 'prov-provider-ripon'].map((providerId) => ({
      ...{ providerId, accountId: providerId.replace('prov', 'acct'), validFrom: '2025-08-01' },
      role: 'PROVIDER' as const,
    }));
    await graph.student('suggest', 'ripon', {
      services: [
        { ...speech, id: 'suggest-1', providerId: 'prov-teacher-ripon', minutes: 90 },
        { ...speech, id: 'suggest-2', providerId: 'prov-provider-ripon', code: '330', frequency: 'DAILY', minutes: 30 },
      ],
      assignments: assigned,
    });
    expect(
      await graph.ofStudent('district.ripon', 'suggest', 'caseManager { id } suggestedCaseManager { id }'),
    ).toEqual({
      caseManager: null,
      suggestedCaseManager: { id: 'prov-provider-ripon' },
    });
    expect(codes(await change('district.ripon', { studentId: 'suggest', providerId: 'prov-teacher-ripon' }))).toEqual(
      [],
    );
  });

  test('SEIS-38 V-019 V-020 exactly one case manager, who is an assigned provider', async () => {
    await graph.student('cm', 'ripon', { assignments: managed() });
    const next = { studentId: 'cm', providerId: 'prov-provider-ripon' };
    expect(codes(await assign('district.ripon', { ...next, role: 'CASE_MANAGER' }))).toEqual(['V-019']);
    expect(codes(await change('district.ripon', next))).toEqual(['V-020']);
    await assign('district.ripon', next);
    expect(codes(await assign('district.ripon', { ...next, role: 'CASE_MANAGER' }))).toEqual(['V-019']);
    expect(codes(await change('district.ripon', { ...next, currentCaseManagerId: 'prov-visiting-ripon' }))).toBe(
      'CONFLICT',
    );
    expect(codes(await remove('district.ripon', { studentId: 'cm', providerId: 'prov-teacher-ripon' }))).toEqual([
      'V-019',
    ]);
    expect(await sees('teacher.ripon', 'cm')).toBe(true);
    // The case manager hands the case over, and loses it in the same transaction.
    const changed = await change('teacher.ripon', { ...next, currentCaseManagerId: 'prov-teacher-ripon' });
    expect(changed.errors).toEqual([]);
    expect(await sees('teacher.ripon', 'cm')).toBe(false);
    expect(await graph.ofStudent('district.ripon', 'cm', 'caseManager { id } providers { id }')).toEqual({
      caseManager: { id: 'prov-provider-ripon' },
      providers: [{ id: 'prov-provider-ripon' }, { id: 'prov-teacher-ripon' }],
    });
    const manager = { grants: [{ relation: 'CASE_MANAGER' as const, grantee: 'STAFF:acct-provider-ripon' }] };
    const seen = await graph.call(
      'provider.ripon',
      '{ myCaseload { nodes { relation student { id } } } }',
      {},
      manager,
    );
    expect(seen.data.myCaseload.nodes).toEqual([{ relation: 'CASE_MANAGER', student: { id: 'cm' } }]);
  });

  test('V-020 a case manager needs an account; V-067 providers who have left, A-41 or work in another state', async () => {
    await graph.student('v20', 'ripon', { assignments: managed() });
    await assign('district.ripon', { studentId: 'v20', providerId: 'prov-visiting-ripon' });
    expect(codes(await change('district.ripon', { studentId: 'v20', providerId: 'prov-visiting-ripon' }))).toEqual([
      'V-020',
    ]);
    expect(codes(await assign('district.ripon', { studentId: 'v20', providerId: 'prov-gone-ripon' }))).toEqual([
      'V-067',
    ]);
    expect(codes(await assign('district.ripon', { studentId: 'v20', providerId: 'prov-doe-provider-nyc' }))).toBe(
      'NOT_FOUND',
    );
    expect(codes(await assign('district.manteca', { studentId: 'v20', providerId: 'prov-teacher-manteca' }))).toBe(
      'NOT_FOUND',
    );
    expect(codes(await assign('district.ripon', { studentId: 'v20', providerId: 'nobody' }))).toBe('NOT_FOUND');
  });

  test('V-020 the case manager stays an assigned provider when the service ends', async () => {
    await graph.student('stays', 'ripon', {
      services: [{ ...speech, id: 'stays-1', providerId: 'prov-teacher-ripon' }],
      assignments: [managed()[0]!, { ...managed()[1]!, serviceId: 'stays-1' }],
    });
    await graph.mutate(
      'district.ripon',
      'terminateService',
      { serviceId: 'stays-1', version: 1, endDate: TODAY, terminationReason: 'GOAL_MET' },
      'service { id }',
    );
    expect(await graph.ofStudent('district.ripon', 'stays', 'caseManager { id } providers { id }')).toEqual({
      caseManager: { id: 'prov-teacher-ripon' },
      providers: [{ id: 'prov-teacher-ripon' }],
    });
  });

  test('F3 a claim ends the assignments of the former LEA; delivering it twice changes nothing', async () => {
    await graph.student('gone', 'ripon', { assignments: managed() });
    await graph.write((session) => graph.claim(session, 'gone', 'ripon', 'manteca', '2026-02-05'));
    expect(await sees('teacher.ripon', 'gone')).toBe(false); // before any consumer ran
    await assign('district.manteca', { studentId: 'gone', providerId: 'prov-teacher-manteca' });
    const claimed = {
      change: 'CLAIMED',
      leaId: 'manteca',
      schoolId: 'x',
      formerLeaId: 'ripon',
      beginDate: '2026-02-05',
      endDate: null,
    };
    for (let i = 0; i < 2; i++) await graph.deliver('jurisdiction.changed', 'gone', claimed);
    await graph.deliver('jurisdiction.changed', 'gone', {
      ...claimed,
      change: 'SCHOOL_TRANSFER',
      formerLeaId: 'manteca',
    });
    expect(await graph.ofStudent('district.manteca', 'gone', 'caseManager { id } providers { id }')).toEqual({
      caseManager: null,
      providers: [{ id: 'prov-teacher-manteca' }],
    });
    expect(codes(await assign('district.ripon', { studentId: 'gone', providerId: 'prov-teacher-ripon' }))).toEqual([
      'SER-101',
    ]);
  });

  test('SER-115..121 V-063 V-064 bulk update: per-row result, names, partial success', async () => {
    const old = { providerId: 'prov-teacher2-ripon', accountId: 'acct-teacher2-ripon', validFrom: '2025-08-01' };
    for (const studentId of ['bulk-1', 'bulk-2', 'bulk-3', 'bulk-4']) {
      await graph.student(studentId, studentId === 'bulk-4' ? 'manteca' : 'ripon', {
        services: [
          {
            ...speech,
            id: `${studentId}-s`,
            providerId: 'prov-teacher2-ripon',
            code: studentId === 'bulk-3' ? '450' : '415',
          },
        ],
        assignments: [
          { ...old, role: 'PROVIDER' },
          ...(studentId === 'bulk-1' ? [{ ...old, role: 'CASE_MANAGER' as const }] : []),
        ],
      });
    }
    await graph.student('bulk-5');
    const from = { fromProviderId: 'prov-teacher2-ripon', toProviderId: 'prov-speech-only' };
    expect(codes(await reassign('district.ripon', { ...from, toProviderId: from.fromProviderId, all: true }))).toEqual([
      'V-064',
    ]);
    expect(codes(await reassign('district.ripon', { ...from, toProviderId: 'nobody', all: true }))).toEqual(['V-064']);
    expect(codes(await reassign('district.ripon', from))).toBe('BAD_USER_INPUT');
    // SER-118: the list to pick from is the old provider's caseload, within the caller's scope.
    const list = await graph.call(
      'district.ripon',
      '{ provider(id: "prov-teacher2-ripon") { caseload { totalCount nodes { relation student { id } } } } }',
    );
    expect(list.data.provider.caseload.totalCount).toBe(3);
    expect(list.data.provider.caseload.nodes).toContainEqual({ relation: 'CASE_MANAGER', student: { id: 'bulk-1' } });
    const first = await reassign('district.ripon', { ...from, studentIds: ['bulk-1', 'bulk-3', 'bulk-4', 'bulk-5'] });
    expect(first.updatedCount).toBe(1);
    expect(first.results[0]).toEqual({
      studentId: 'bulk-1',
      studentName: 'Ana of bulk-1',
      updated: true,
      student: { id: 'bulk-1' },
      error: null,
    });
    expect(first.results[1].error).toEqual({
      code: 'V-063',
      message: expect.stringMatching(/^Ana of bulk-3 was not reassigned: .*Occupational/),
    });
    expect(first.results[2]).toMatchObject({
      studentName: null,
      updated: false,
      error: { message: 'bulk-4 was not reassigned: The student was not found.' },
    });
    expect(first.results[3].error.message).toContain('does not serve');
    expect(first.errors).toHaveLength(3);
    const bulk1 = await graph.ofStudent(
      'district.ripon',
      'bulk-1',
      'caseManager { id } providers { id } services { provider { id } }',
    );
    expect(bulk1).toEqual({
      caseManager: { id: 'prov-speech-only' },
      providers: [{ id: 'prov-speech-only' }],
      services: [{ provider: { id: 'prov-speech-only' } }],
    });
    expect((await graph.ofStudent('district.ripon', 'bulk-3', 'services { provider { id } }')).services).toEqual([
      { provider: { id: 'prov-teacher2-ripon' } },
    ]);
    const all = await reassign('district.ripon', {
      fromProviderId: 'prov-teacher2-ripon',
      toProviderId: 'prov-provider-ripon',
      all: true,
    });
    expect(all).toMatchObject({ updatedCount: 2, errors: [] });
    expect(await sees('provider.ripon', 'bulk-2')).toBe(true);
    const teacher = await graph.call(
      'teacher.ripon',
      'mutation($input: ReassignProvidersInput!) { reassignProviders(input: $input) { updatedCount } }',
      { input: { ...from, all: true } },
    );
    expect(teacher.status).toBe(403);
  });

  test('providers are listed within the own organization; any provider resolves as a reference', async () => {
    const list =
      '{ providers(filter: { active: true }) { totalCount nodes { id displayName serviceCodes organization { id } account { id } } } }';
    const { data } = await graph.call('district.ripon', list);
    expect(data.providers.nodes.map((row: { id: string }) => row.id)).toEqual([
      'prov-provider-ripon',
      'prov-speech-only',
      'prov-teacher-ripon',
      'prov-teacher2-ripon',
      'prov-visiting-ripon',
    ]);
    expect(data.providers.totalCount).toBe(5);
    const ids = async (filter: object) =>
      (
        await graph.call('district.ripon', 'query($f: ProviderFilter) { providers(filter: $f) { nodes { id } } }', {
          f: filter,
        })
      ).data.providers.nodes.map((row: { id: string }) => row.id);
    expect(await ids({ text: 'SPEECH' })).toEqual(['prov-speech-only']);
    expect(await ids({ text: '%' })).toEqual([]);
    expect(await ids({ serviceCode: '450', text: 'speech' })).toEqual([]);
    expect(await ids({ serviceCode: '415', text: 'speech' })).toEqual(['prov-speech-only']);
    expect(await ids({ kind: 'DOE_STAFF' })).toEqual([]);
    expect(
      (await graph.call('district.ripon', '{ provider(id: "prov-teacher-manteca") { id } }')).data.provider,
    ).toBeNull();
    const reference = {
      r: [
        { __typename: 'Provider', id: 'prov-teacher-manteca' },
        { __typename: 'Provider', id: 'nobody' },
      ],
    };
    expect(
      (
        await graph.call(
          'district.ripon',
          'query($r: [_Any!]!) { _entities(representations: $r) { ... on Provider { id kind } } }',
          reference,
        )
      ).data._entities,
    ).toEqual([{ id: 'prov-teacher-manteca', kind: 'LEA_STAFF' }, null]);
    expect(
      (await graph.call('district.ripon', list, {}, { epoch: 7, organizationId: 'nowhere' })).errors?.[0]?.extensions
        .code,
    ).toBe('STALE_PRINCIPAL');
  });

  test('B.4 the last four digits of a staff number are for district editors only', async () => {
    const query = '{ provider(id: "prov-teacher-ripon") { staffIdLastFour } }';
    expect((await graph.call('district.ripon', query)).status).toBe(200);
    expect((await graph.call('teacher.ripon', query)).status).toBe(403);
  });

  test('A-54 C.3 who is assigned before a claimed day leaves with it, though the LEA returns later', async () => {
    const id = 'returning';
    await graph.student(id);
    await graph.write(async (session) => {
      await graph.claim(session, id, 'ripon', 'manteca', '2026-02-20');
      await graph.sql(session, 'UPDATE pub_jurisdiction SET end_date = ? WHERE student_id = ? AND lea_id = ?', [
        '2026-03-01',
        id,
        'manteca',
      ]);
      await graph.sql(
        session,
        'INSERT INTO pub_jurisdiction (id, student_id, lea_id, begin_date) VALUES (?, ?, ?, ?)',
        ['j3-returning', id, 'ripon', '2026-03-02'],
      );
    });
    const input = { studentId: id, providerId: 'prov-provider-ripon', role: 'PROVIDER' };
    const answer = await graph.mutate('district.ripon', 'assignProvider', input, 'assignment { validTo }');
    expect(answer).toMatchObject({ errors: [], assignment: { validTo: '2026-02-19' } });
  });

  describe('C.3 between a claim and its first day', () => {
    const FIRST_DAY = '2026-02-20';
    const event = (change: string) => ({
      change,
      leaId: 'manteca',
      schoolId: 'x',
      formerLeaId: 'ripon',
      beginDate: FIRST_DAY,
      endDate: change === 'CLAIMED' ? null : '2026-02-19',
    });
    const announced = (id: string, change: string) => graph.deliver('jurisdiction.changed', id, event(change));
    const claim = (id: string) => graph.write((session) => graph.claim(session, id, 'ripon', 'manteca', FIRST_DAY));
    const withdraw = (id: string) =>
      graph.write((session) => graph.withdraw(session, id, 'ripon', 'manteca', FIRST_DAY));
    const rows = (table: string, id: string): Promise<Record<string, unknown>[]> =>
      graph.write(
        (session) =>
          graph.sql(
            session,
            `SELECT valid_to, revoked_at FROM ${table} WHERE student_id = ? AND revoked_at IS NULL ORDER BY valid_to`,
            [id],
          ) as Promise<Record<string, unknown>[]>,
      );
    const at = (day: string) => graph.clock.set(new Date(`${day}T18:00:00Z`));
    afterEach(() => at(TODAY));

    test('SER-101 nobody is assigned from a day on which the owner is a former one', async () => {
      await graph.student('leaving', 'ripon');
      await claim('leaving');
      const input = { studentId: 'leaving', providerId: 'prov-provider-ripon', role: 'PROVIDER' };
      const late = await assign('district.ripon', { ...input, since: FIRST_DAY });
      expect(late.errors).toMatchObject([{ code: 'SER-101', path: ['since'] }]);
      const planned = await assign('district.ripon', { ...input, since: '2026-02-19', until: '2026-12-31' });
      expect(planned).toMatchObject({ errors: [], assignment: { validTo: '2026-02-19' } });
    });

    test('withdrawn, the assignments and their access last as they were planned, also those made meanwhile', async () => {
      const id = 'withdrawn';
      await graph.student(id, 'ripon', { assignments: managed() });
      const until = { studentId: id, providerId: 'prov-speech-only', until: '2026-02-15' };
      await assign('district.ripon', until);
      await claim(id);
      await announced(id, 'CLAIMED');
      const meanwhile = { studentId: id, providerId: 'prov-provider-ripon', until: '2026-06-30' };
      expect(await assign('district.ripon', meanwhile)).toMatchObject({ assignment: { validTo: '2026-02-19' } });
      await withdraw(id);
      await announced(id, 'CLAIM_WITHDRAWN');
      const days = (found: Record<string, unknown>[]) => found.map((row) => row.valid_to).sort();
      expect(days(await rows('provider_assignment', id))).toEqual(['2026-02-15', '2026-06-30', null, null]);
      // The district, the case manager twice, and the two providers.
      expect(days(await rows('student_access', id))).toEqual(['2026-02-15', '2026-06-30', null, null, null]);
      at('2026-03-10');
      expect(await sees('teacher.ripon', id)).toBe(true);
      expect(await sees('provider.ripon', id)).toBe(true);
      expect(await sees('district.manteca', id)).toBe(false);
    });

    test('withdrawn before any event was delivered, the claim ends nothing, however late that is', async () => {
      for (const [id, deliveredOn] of [
        ['soon', '2026-02-12'],
        ['late', '2026-02-25'],
      ] as const) {
        at(TODAY);
        await graph.student(id, 'ripon', { assignments: managed() });
        await claim(id);
        await withdraw(id);
        at(deliveredOn);
        await announced(id, 'CLAIMED');
        await announced(id, 'CLAIM_WITHDRAWN');
        expect((await rows('provider_assignment', id)).map((row) => row.valid_to)).toEqual([null, null]);
        expect(await sees('teacher.ripon', id)).toBe(true);
      }
    });

    test('withdrawn on the last day and delivered after it, nobody has lost the student', async () => {
      const id = 'midnight';
      await graph.student(id, 'ripon', { assignments: managed() });
      await claim(id);
      await announced(id, 'CLAIMED');
      at('2026-02-19');
      await withdraw(id);
      expect((await rows('student_access', id)).map((row) => row.valid_to)).toEqual([null, null, null]);
      at('2026-02-20');
      await announced(id, 'CLAIM_WITHDRAWN');
      expect((await rows('provider_assignment', id)).map((row) => row.valid_to)).toEqual([null, null]);
      expect(await sees('teacher.ripon', id)).toBe(true);
      // A second claim of the same day ends them again, and the first withdrawal, delivered once more, restores nothing.
      at(TODAY);
      await claim(id);
      await announced(id, 'CLAIMED');
      await announced(id, 'CLAIM_WITHDRAWN');
      expect((await rows('provider_assignment', id)).map((row) => row.valid_to)).toEqual(['2026-02-19', '2026-02-19']);
      at(FIRST_DAY);
      expect(await sees('teacher.ripon', id)).toBe(false);
    });

    test('withdrawn, a plan that was affirmed meanwhile opens its services; one that nobody agreed to does not', async () => {
      for (const agreed of [true, false]) {
        const id = `planned-${agreed}`;
        const iepId = `iep-${id}`;
        await graph.student(id, 'ripon', {
          services: [{ ...speech, id: `sv-${id}`, state: 'PROPOSED', iepId, providerId: 'prov-provider-ripon' }],
        });
        await graph.plan(iepId, id, 'CURRENT');
        await claim(id);
        await announced(id, 'CLAIMED');
        const plan = {
          iepId, kind: 'ANNUAL', meetingDate: TODAY, affirmedOn: TODAY, initial: true, agreed, previousIepId: null, eligible: true,
        }; // prettier-ignore
        await graph.deliver('iep.affirmed', id, plan);
        const state = async () =>
          (await graph.ofStudent('district.ripon', id, 'services { state provider { id } }')).services[0].state;
        expect(await state()).toBe('PROPOSED');
        await withdraw(id);
        await announced(id, 'CLAIM_WITHDRAWN');
        expect(await state()).toBe(agreed ? 'ACTIVE' : 'PROPOSED');
        expect(await sees('provider.ripon', id)).toBe(agreed);
        await announced(id, 'CLAIM_WITHDRAWN');
        expect(await state()).toBe(agreed ? 'ACTIVE' : 'PROPOSED');
      }
    });

    const affirmed = (id: string, iepId: string, over: object = {}) =>
      graph.deliver('iep.affirmed', id, {
        iepId, kind: 'ANNUAL', meetingDate: TODAY, affirmedOn: TODAY, initial: true, agreed: true, previousIepId: null, eligible: true,
        ...over,
      }); // prettier-ignore
    const states = async (id: string) =>
      (await graph.ofStudent('district.ripon', id, 'services { code state }')).services
        .map(({ code, state }: Record<string, string>) => `${code} ${state}`)
        .sort();

    test('SEIS-79 withdrawn, a plan that was signed late meanwhile opens what the one before it proposed', async () => {
      const id = 'signed-late';
      const [offer, signed] = [`offer-${id}`, `signed-${id}`];
      await graph.student(id, 'ripon', {
        services: [{ ...speech, id: `sv-${id}`, state: 'PROPOSED', iepId: offer }],
      });
      await graph.plan(offer, id, 'CLOSED_NO_AGREEMENT');
      await affirmed(id, offer, { agreed: false });
      await graph.plan(signed, id, 'CURRENT', null, offer);
      await claim(id);
      await announced(id, 'CLAIMED');
      await affirmed(id, signed, { agreedOn: TODAY });
      expect(await states(id)).toEqual(['415 PROPOSED']);
      await withdraw(id);
      await announced(id, 'CLAIM_WITHDRAWN');
      expect(await states(id)).toEqual(['415 ACTIVE']);
    });

    test('withdrawn, what was ordered in an earlier stay of the owner is not opened again', async () => {
      const id = 'stayed-before';
      const [old, present] = [`old-${id}`, `new-${id}`];
      await graph.student(id, 'ripon', {
        services: [{ ...speech, id: `sv-${id}`, state: 'PROPOSED', iepId: old }],
      });
      await graph.plan(old, id, 'HISTORY');
      // Affirmed while another LEA's claim stood, in a stay that is over: the present one began in February.
      await graph.write((session) =>
        graph.sql(session, 'UPDATE pub_jurisdiction SET end_date = ?, lea_id = ? WHERE student_id = ?', [
          '2025-12-31',
          'manteca',
          id,
        ]),
      );
      await affirmed(id, old, { affirmedOn: '2025-10-01', meetingDate: '2025-10-01' });
      await graph.write((session) =>
        graph.sql(session, 'INSERT INTO pub_jurisdiction (id, student_id, lea_id, begin_date) VALUES (?, ?, ?, ?)', [
          `j3-${id}`,
          id,
          'ripon',
          '2026-01-01',
        ]),
      );
      await graph.plan(present, id, 'CURRENT');
      await claim(id);
      await announced(id, 'CLAIMED');
      await withdraw(id);
      await announced(id, 'CLAIM_WITHDRAWN');
      expect(await states(id)).toEqual(['415 PROPOSED']);
    });

    test('V-019 a case manager who was chosen before the withdrawal was delivered stays the only one', async () => {
      const id = 'chosen';
      await graph.student(id, 'ripon', { assignments: managed() });
      await claim(id);
      await announced(id, 'CLAIMED');
      await withdraw(id);
      // The first ended with the claim's last day; that the claim is withdrawn is not known here yet.
      at('2026-02-21');
      const chosen = { studentId: id, providerId: 'prov-teacher2-ripon' };
      expect(await assign('district.ripon', chosen)).toMatchObject({ errors: [] });
      expect(codes(await change('district.ripon', chosen))).toEqual([]);
      await announced(id, 'CLAIM_WITHDRAWN');
      const { caseManager } = await graph.ofStudent('district.ripon', id, 'caseManager { id }');
      expect(caseManager).toEqual({ id: 'prov-teacher2-ripon' });
      const managers = await graph.write((session) =>
        graph.sql(
          session,
          "SELECT provider_id FROM provider_assignment WHERE student_id = ? AND role = 'CASE_MANAGER' AND revoked_at IS NULL AND (valid_to IS NULL OR valid_to >= '2026-02-21')",
          [id],
        ),
      );
      expect(managers).toEqual([{ provider_id: 'prov-teacher2-ripon' }]);
    });
  });
});
