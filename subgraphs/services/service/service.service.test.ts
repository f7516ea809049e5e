import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';
import { SERVICE_NAMES } from './service-codes';
import { checkNewService, checkTermination, type StandingService } from './service.rules';

const speech = { code: '415', frequency: 'WEEKLY', minutes: 60, delivery: 'INDIVIDUAL', startDate: '2026-01-05' };
const SERVICE = 'service { id code name state minutes doNotReport version endDate terminationReason provider { id } }';
const codes = (payload: { errors?: { code: string }[]; failed?: string }) =>
  payload.failed ?? payload.errors?.map((error) => error.code);

describe('rules of services', () => {
  const standing: StandingService = {
    id: 'a',
    state: 'ACTIVE',
    code: '415',
    frequency: 'WEEKLY',
    minutes: 60,
    delivery: 'INDIVIDUAL',
    location: null,
    doNotReport: false,
    parentServiceId: null,
  };
  const terms = { ...standing, location: null };
  const spoken = (over: object) => checkNewService({ ...terms, ...over }, [standing]).map((error) => error.code);

  test('V-016 the duplicate key is code, frequency, delivery and location (C.5)', () => {
    expect(spoken({})).toEqual(['V-016']);
    expect(spoken({ delivery: 'GROUP' })).toEqual([]);
    expect(spoken({ location: 'home' })).toEqual([]);
    expect(spoken({ code: '450' })).toEqual([]);
  });
  test('V-017, V-018 another frequency goes under the main row, with do-not-report', () => {
    expect(spoken({ frequency: 'MONTHLY' })).toEqual(['V-017']);
    expect(spoken({ frequency: 'MONTHLY', doNotReport: true, parentServiceId: 'a' })).toEqual([]);
    expect(spoken({ frequency: 'MONTHLY', doNotReport: true })).toEqual(['V-018']);
    expect(spoken({ code: '450', doNotReport: true, parentServiceId: 'a' })).toEqual(['V-018']);
    expect(spoken({ parentServiceId: 'a' })).toEqual(['V-018']);
  });
  test('V-137 a service lasts at least ten minutes, and no longer than its period', () => {
    expect(spoken({ code: '450', minutes: 9 })).toEqual(['V-137']);
    expect(spoken({ code: '450', minutes: 10 })).toEqual([]);
    expect(spoken({ code: '450', minutes: 1_441, frequency: 'DAILY' })).toEqual(['V-137']);
  });
  test('V-062 SER-112 termination needs both fields, within the life of the service', () => {
    const active = { startDate: '2026-01-05', state: 'ACTIVE' as const };
    const ended = (over: object) => checkTermination(over, active, TODAY).map((error) => error.path?.[0]);
    expect(ended({})).toEqual(['endDate', 'terminationReason']);
    expect(ended({ endDate: '2026-01-04', terminationReason: 'MOVED' })).toEqual(['endDate']);
    expect(ended({ endDate: '2026-02-11', terminationReason: 'MOVED' })).toEqual(['endDate']);
    expect(ended({ endDate: '2026-01-05', terminationReason: 'MOVED' })).toEqual([]);
    const coming = (state: 'ACTIVE' | 'PROPOSED', endDate: string) =>
      checkTermination({ endDate, terminationReason: 'OTHER' }, { startDate: '2026-03-01', state }, TODAY);
    for (const state of ['ACTIVE', 'PROPOSED'] as const) {
      expect(coming(state, TODAY)).toEqual([]);
      expect(coming(state, '2026-03-01')).toEqual([
        expect.objectContaining({
          code: 'V-062',
          message: expect.stringMatching(/withdraw it, enter today, 2026-02-10/),
        }),
      ]);
    }
  });
});

describe.each(databaseUrls())('services on %s', (engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
  });
  afterAll(() => graph?.database.close());
  const add = (username: string, input: object) =>
    graph.mutate(username, 'addService', { ...speech, ...input }, SERVICE);
  const terminate = (username: string, input: object) => graph.mutate(username, 'terminateService', input, SERVICE);

  test('the tables show no drift', async () => {
    const log = await graph.database.schemaSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map((q) => q.query)).toEqual([]);
  });

  test('SER-97 SER-99 SER-100 SER-103 SER-104 SER-107 a service entered by hand is active, and its provider sees the student', async () => {
    await graph.student('hand');
    expect(await graph.ofStudent('provider.ripon', 'hand', 'services { id }')).toEqual({ services: [] });
    const { service, errors } = await add('district.ripon', { studentId: 'hand', providerId: 'prov-provider-ripon' });
    expect(errors).toEqual([]);
    expect(service).toMatchObject({
      state: 'ACTIVE',
      name: 'Speech and language',
      version: 1,
      provider: { id: 'prov-provider-ripon' },
    });
    await add('district.ripon', { studentId: 'hand', code: '450', startDate: '2026-02-01' });
    const seen = await graph.ofStudent(
      'provider.ripon',
      'hand',
      'hasOpenServices services { code recipient } active: services(state: ACTIVE) { code } ended: services(state: TERMINATED) { code }',
    );
    // SER-100 most recent first; SER-107 the recipient is the student unless said otherwise
    expect(seen).toEqual({
      hasOpenServices: true,
      services: [
        { code: '450', recipient: 'STUDENT' },
        { code: '415', recipient: 'STUDENT' },
      ],
      active: [{ code: '450' }, { code: '415' }],
      ended: [],
    });
    // SER-103: eligible for adapted physical education later on
    expect(codes(await add('district.ripon', { studentId: 'hand', code: '425', startDate: TODAY }))).toEqual([]);
    expect((await graph.ofStudent('district.ripon', 'hand', 'services { code }')).services[0]).toEqual({ code: '425' });
  });

  test('SER-102 after the initial plan of a student new to special education services are entered row by row', async () => {
    await graph.student('initial');
    await graph.plan('initial-1', 'initial', 'CURRENT');
    for (const code of ['330', '415'])
      expect(codes(await add('district.ripon', { studentId: 'initial', code }))).toEqual([]);
    expect(codes(await add('district.ripon', { studentId: 'initial', code: '330' }))).toEqual(['V-016']);
    expect(
      (await graph.ofStudent('district.ripon', 'initial', 'services(state: ACTIVE) { code }')).services,
    ).toHaveLength(2);
  });

  test('V-016..018 SEIS-71..73 duplicates are refused, combined or entered as extra rows', async () => {
    await graph.student('dup');
    const main = await add('district.ripon', { studentId: 'dup' });
    expect(codes(await add('district.ripon', { studentId: 'dup' }))).toEqual(['V-016']);
    expect(codes(await add('district.ripon', { studentId: 'dup', frequency: 'MONTHLY' }))).toEqual(['V-017']);
    expect(
      codes(
        await add('district.ripon', { studentId: 'dup', frequency: 'MONTHLY', combineWithServiceId: main.service.id }),
      ),
    ).toEqual(['V-017']);
    const sum = await add('district.ripon', {
      studentId: 'dup',
      minutes: 30,
      delivery: 'GROUP',
      combineWithServiceId: main.service.id,
    });
    expect(sum.service).toMatchObject({ id: main.service.id, minutes: 90, version: 2 });
    expect(codes(await add('district.ripon', { studentId: 'dup', frequency: 'MONTHLY', doNotReport: true }))).toEqual([
      'V-018',
    ]);
    const extra = await add('district.ripon', {
      studentId: 'dup',
      frequency: 'MONTHLY',
      doNotReport: true,
      parentServiceId: main.service.id,
    });
    expect(extra).toMatchObject({ errors: [], service: { doNotReport: true } });
    const ended = await terminate('district.ripon', {
      serviceId: main.service.id,
      version: 2,
      endDate: TODAY,
      terminationReason: 'COMPLETED',
    });
    expect(ended.service.state).toBe('TERMINATED');
    expect(await graph.ofStudent('district.ripon', 'dup', 'hasOpenServices')).toEqual({ hasOpenServices: false });
  });

  test('SER-108 the codes to choose from, with what they stand for, are everybody’s who signed in', async () => {
    const ask = '{ serviceCodes { code name } }';
    const { serviceCodes } = (await graph.call('teacher.ripon', ask, {}, { capabilities: [] })).data;
    expect(serviceCodes).toEqual(Object.entries(SERVICE_NAMES).map(([code, name]) => ({ code, name })));
    expect(serviceCodes).toContainEqual({ code: '415', name: 'Speech and language' });
  });

  test('SER-108 bad input gives a coded error and changes nothing', async () => {
    await graph.student('bad');
    expect(codes(await add('district.ripon', { studentId: 'bad', code: '999', minutes: 5 }))).toEqual([
      'SER-108',
      'V-137',
    ]);
    expect(codes(await add('district.ripon', { studentId: 'bad', location: 'x'.repeat(81) }))).toEqual(['SER-108']);
    expect(
      (
        await graph.call(
          'district.ripon',
          'mutation($input: AddServiceInput!) { addService(input: $input) { errors { code } } }',
          { input: { ...speech, studentId: 'bad', startDate: '2026-02-31' } },
        )
      ).errors?.[0]?.extensions.code,
    ).toBe('BAD_USER_INPUT');
    expect(codes(await add('district.ripon', { studentId: 'nobody' }))).toBe('NOT_FOUND');
    expect(codes(await add('district.manteca', { studentId: 'bad' }))).toBe('NOT_FOUND');
    expect(codes(await add('district.ripon', { studentId: 'bad', providerId: 'nobody' }))).toBe('NOT_FOUND');
    expect(codes(await add('district.ripon', { studentId: 'bad', providerId: 'prov-gone-ripon' }))).toEqual(['V-067']);
    expect(codes(await add('district.ripon', { studentId: 'bad', providerId: 'prov-doe-provider-nyc' }))).toBe(
      'NOT_FOUND',
    );
    expect(
      codes(await add('district.ripon', { studentId: 'bad', code: '450', providerId: 'prov-speech-only' })),
    ).toEqual(['V-067']);
    expect(codes(await add('district.ripon', { studentId: 'bad', iepId: 'nothing' }))).toBe('NOT_FOUND');
    expect(await graph.ofStudent('district.ripon', 'bad', 'services { id }')).toEqual({ services: [] });
  });

  test('SER-110..112 V-062 termination: rules, conflict, and the access that hung on the service', async () => {
    await graph.student('end');
    const { service } = await add('district.ripon', { studentId: 'end', providerId: 'prov-provider-ripon' });
    expect(codes(await terminate('district.ripon', { serviceId: service.id, version: 1 }))).toEqual(['V-062', 'V-062']);
    expect(
      codes(
        await terminate('district.ripon', {
          serviceId: service.id,
          version: 7,
          endDate: TODAY,
          terminationReason: 'MOVED',
        }),
      ),
    ).toBe('CONFLICT');
    expect(
      codes(
        await terminate('district.manteca', {
          serviceId: service.id,
          version: 1,
          endDate: TODAY,
          terminationReason: 'MOVED',
        }),
      ),
    ).toBe('NOT_FOUND');
    const ended = await terminate('district.ripon', {
      serviceId: service.id,
      version: 1,
      endDate: '2026-02-09',
      terminationReason: 'MOVED',
    });
    expect(ended.service).toMatchObject({
      state: 'TERMINATED',
      endDate: '2026-02-09',
      terminationReason: 'MOVED',
      version: 2,
    });
    expect(
      codes(
        await terminate('district.ripon', {
          serviceId: service.id,
          version: 2,
          endDate: TODAY,
          terminationReason: 'MOVED',
        }),
      ),
    ).toEqual(['C.5']);
    expect(await graph.ofStudent('provider.ripon', 'end', 'services { id }')).toEqual({ services: [] });
  });

  test('V-062 C.5 a service that begins on a coming day is withdrawn, and whoever was to deliver it sees the student no longer', async () => {
    await graph.student('withdraw');
    const startDate = '2026-03-01';
    const input = { studentId: 'withdraw', providerId: 'prov-provider-ripon', startDate };
    const { service } = await add('district.ripon', input);
    expect(await graph.ofStudent('provider.ripon', 'withdraw', 'services { id }')).toEqual({
      services: [{ id: service.id }],
    });
    const end = { serviceId: service.id, version: 1, endDate: TODAY, terminationReason: 'OTHER' };
    const ended = await terminate('district.ripon', end);
    expect(ended).toMatchObject({ service: { state: 'TERMINATED', endDate: TODAY }, errors: [] });
    expect(await graph.ofStudent('provider.ripon', 'withdraw', 'services { id }')).toEqual({ services: [] });
  });

  test('C.5 an affirmed plan activates its services and ends those it does not continue', async () => {
    await graph.student('plan');
    await graph.plan('plan-1', 'plan', 'IN_REVIEW');
    await graph.plan('plan-2', 'plan', 'DRAFT');
    await graph.plan('plan-3', 'plan', 'AMENDED_DRAFT', 'plan-2');
    const affirmed = (iepId: string, previousIepId: string | null, over = {}) =>
      graph.deliver('iep.affirmed', 'plan', {
        iepId,
        previousIepId,
        kind: 'ANNUAL',
        meetingDate: '2026-02-01',
        affirmedOn: TODAY,
        initial: false,
        agreed: true,
        eligible: true,
        ...over,
      });
    const states = async (fields = 'code state') =>
      (await graph.ofStudent('district.ripon', 'plan', `services { ${fields} }`)).services;
    for (const code of ['415', '450']) await add('teacher.ripon', { studentId: 'plan', iepId: 'plan-1', code });
    expect(await states()).toEqual([]); // a case manager of somebody else's student
    for (const code of ['415', '450']) {
      const added = await add('district.ripon', {
        studentId: 'plan',
        iepId: 'plan-1',
        code,
        providerId: 'prov-provider-ripon',
      });
      expect(added.service.state).toBe('PROPOSED');
    }
    expect(await graph.ofStudent('district.ripon', 'plan', 'hasOpenServices')).toEqual({ hasOpenServices: false });
    await affirmed('plan-1', null, { agreed: false });
    expect((await states('state')).every((row: { state: string }) => row.state === 'PROPOSED')).toBe(true);
    await affirmed('plan-1', null);
    await affirmed('plan-1', null);
    expect((await states('state')).every((row: { state: string }) => row.state === 'ACTIVE')).toBe(true);
    expect(await graph.ofStudent('provider.ripon', 'plan', 'hasOpenServices')).toEqual({ hasOpenServices: true });

    await add('district.ripon', {
      studentId: 'plan',
      iepId: 'plan-2',
      startDate: '2026-02-05',
      minutes: 90,
      providerId: 'prov-teacher-ripon',
    });
    await affirmed('plan-2', 'plan-1');
    expect(await states('code state minutes endDate terminationReason')).toEqual([
      { code: '415', state: 'ACTIVE', minutes: 90, endDate: null, terminationReason: null },
      expect.objectContaining({ state: 'TERMINATED', terminationReason: 'IEP_CHANGE' }),
      expect.objectContaining({ state: 'TERMINATED', terminationReason: 'IEP_CHANGE' }),
    ]);
    const ended = Object.fromEntries(
      (await states('code state endDate')).map((row: any) => [`${row.code} ${row.state}`, row.endDate]),
    );
    expect(ended).toMatchObject({ '415 TERMINATED': '2026-02-04', '450 TERMINATED': '2026-02-09' });
    expect(await graph.ofStudent('provider.ripon', 'plan', 'services { id }')).toEqual({ services: [] });

    await add('district.ripon', { studentId: 'plan', iepId: 'plan-3', code: '425', startDate: '2026-02-06' });
    await affirmed('plan-3', 'plan-2', { kind: 'AMENDMENT' });
    const plans = await graph.call(
      'district.ripon',
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Iep { services { code state } } } }',
      {
        r: ['plan-2', 'plan-3'].map((iepId) => ({ __typename: 'Iep', id: iepId })),
      },
    );
    // The amendment carries on what it doesn't touch; the superseded plan still shows what it ordered.
    expect(plans.data._entities).toEqual([
      { services: [{ code: '415', state: 'ACTIVE' }] },
      {
        services: [
          { code: '425', state: 'ACTIVE' },
          { code: '415', state: 'ACTIVE' },
        ],
      },
    ]);
  });

  test('V-013 V-014 an affirmed plan takes no new service', async () => {
    await graph.student('frozen');
    await graph.plan('frozen-1', 'frozen', 'CURRENT');
    await graph.plan('frozen-0', 'frozen', 'HISTORY');
    expect(codes(await add('district.ripon', { studentId: 'frozen', iepId: 'frozen-1' }))).toEqual(['V-013']);
    expect(codes(await add('district.ripon', { studentId: 'frozen', iepId: 'frozen-0' }))).toEqual(['V-014']);
    expect(codes(await add('district.ripon', { studentId: 'frozen', iepId: 'plan-2' }))).toBe('NOT_FOUND');
  });

  test('F3 SER-101 a service that waited for a claim finds the new owner and is refused', async () => {
    await graph.student('claimed');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let locked = (): void => undefined;
    const started = new Promise<void>((resolve) => (locked = resolve));
    const claim = graph.write(async (session) => {
      await session.lock('claimed');
      await graph.claim(session, 'claimed', 'ripon', 'manteca', TODAY);
      locked();
      await held;
    });
    await started;
    const adding = add('district.ripon', { studentId: 'claimed' });
    setTimeout(release, 200);
    await claim;
    const refused = await adding;
    expect(codes(refused)).toEqual(['SER-101']);
    expect(refused.errors[0].message).not.toContain('Manteca');
    expect(codes(await add('district.manteca', { studentId: 'claimed' }))).toEqual(['SER-101']); // begins before the own period
    expect(codes(await add('district.manteca', { studentId: 'claimed', startDate: TODAY }))).toEqual([]);
    expect(await graph.ofStudent('district.manteca', 'claimed', 'services { startDate }')).toEqual({
      services: [{ startDate: TODAY }],
    });
  });

  test('F3 the other interleaving: a claim that waited finds the open service', async () => {
    await graph.student('faster');
    const adding = add('district.ripon', { studentId: 'faster' });
    await adding;
    const open = await graph.write(async (session) => {
      await session.lock('faster');
      return graph.sql(session, "SELECT lea_id FROM pub_service WHERE student_id = ? AND state = 'ACTIVE'", ['faster']);
    });
    expect(open).toEqual([{ lea_id: 'ripon' }]);
  });

  test('A-54 the former district keeps the services of its own period, read only', async () => {
    await graph.student('moved');
    const { service } = await add('district.ripon', { studentId: 'moved' });
    await terminate('district.ripon', {
      serviceId: service.id,
      version: 1,
      endDate: '2026-02-01',
      terminationReason: 'MOVED',
    });
    await graph.write((session) => graph.claim(session, 'moved', 'ripon', 'manteca', '2026-02-02'));
    await add('district.manteca', { studentId: 'moved', startDate: '2026-02-03', code: '450' });
    expect(await graph.ofStudent('district.ripon', 'moved', 'services { code }')).toEqual({
      services: [{ code: '415' }],
    });
    expect((await graph.ofStudent('district.manteca', 'moved', 'services { code }')).services).toEqual([
      { code: '450' },
      { code: '415' },
    ]);
    expect(
      codes(
        await terminate('district.ripon', {
          serviceId: service.id,
          version: 2,
          endDate: TODAY,
          terminationReason: 'MOVED',
        }),
      ),
    ).toEqual(['SER-101']);
  });

  test('A-61 a relation that only reads changes nothing', async () => {
    await graph.student('residence', 'manteca');
    await graph.write((session) =>
      graph.sql(
        session,
        "INSERT INTO student_access (id, student_id, grantee, relation, lea_id, valid_from) VALUES ('residence-1', 'residence', 'LEA:ripon', 'RESIDENCE', 'ripon', '2025-07-01')",
        [],
      ),
    );
    expect(codes(await add('residence.ripon', { studentId: 'residence' }))).toEqual(['SER-101']);
  });

  test('A-37 services out of scope are null in _entities, and one statement serves a batch', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `batch-${i}`);
    for (const studentId of ids) {
      const services = ['415', '450'].map(
        (code, n) =>
          ({ id: `${studentId}-${n}`, ...speech, code, state: 'ACTIVE', providerId: 'prov-provider-ripon' }) as never,
      );
      const assignments = [
        {
          providerId: 'prov-teacher-ripon',
          accountId: 'acct-teacher-ripon',
          role: 'CASE_MANAGER' as const,
          validFrom: '2025-08-01',
        },
      ];
      await graph.student(studentId, studentId === 'batch-99' ? 'manteca' : 'ripon', { services, assignments });
    }
    const query =
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { services { code provider { displayName } } caseManager { id } providers { id } } } }';
    const ask = () =>
      graph.call('district.ripon', query, { r: ids.map((studentId) => ({ __typename: 'Student', id: studentId })) });
    const answer = await ask();
    expect(answer.data._entities[0]).toEqual({
      services: [
        { code: '450', provider: { displayName: 'provider ripon' } },
        { code: '415', provider: { displayName: 'provider ripon' } },
      ],
      caseManager: { id: 'prov-teacher-ripon' },
      providers: [{ id: 'prov-teacher-ripon' }],
    });
    expect(answer.data._entities[99]).toEqual({ services: [], caseManager: null, providers: [] });
    expect(await graph.statements('student_service', ask)).toBe(1);
    expect(await graph.statements('provider_assignment', ask)).toBe(1);
    expect(await graph.statements('provider', ask)).toBe(1);
    const refs = {
      r: ['batch-0-0', 'batch-99-0', 'nothing'].map((serviceId) => ({
        __typename: 'Service',
        id: serviceId,
        code: 'forged',
      })),
    };
    const services = await graph.call(
      'district.ripon',
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Service { id code } } }',
      refs,
    );
    expect(services.data._entities).toEqual([{ id: 'batch-0-0', code: '415' }, null, null]);
    // The case manager sees only the own students.
    expect((await graph.ofStudent('teacher.ripon', 'batch-0', 'services { id }')).services).toHaveLength(2);
    expect((await graph.ofStudent('teacher.ripon', 'hand', 'services { id }')).services).toEqual([]);
  });

  test('an idempotency key makes one service of two requests', async () => {
    await graph.student('once');
    const first = await add('district.ripon', { studentId: 'once', idempotencyKey: 'k1' });
    const second = await add('district.ripon', { studentId: 'once', idempotencyKey: 'k1' });
    expect(second.service.id).toBe(first.service.id);
    expect((await graph.ofStudent('district.ripon', 'once', 'services { id }')).services).toHaveLength(1);
  });

  test('a caller without the capability is refused by the second lock', async () => {
    const { status } = await graph.call(
      'provider.ripon',
      'mutation($input: TerminateServiceInput!) { terminateService(input: $input) { errors { code } } }',
      { input: { serviceId: 'x', version: 1 } },
    );
    expect(status).toBe(403);
    expect(engine).toMatch(/sqlite|mysql/);
  });
});
