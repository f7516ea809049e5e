import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '../../../platform/principal/principal';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';
import { FirstAttendRepository } from './first-attend.repository';
import { SELF_ADD_LIMIT } from './self-add-limit';

const codes = (payload: { errors?: { code: string }[]; failed?: string }) =>
  payload.failed ?? payload.errors?.map((error) => error.code);
const SEEING = ['student:read', 'service:read', 'provider:read'];
const mandated = (id: string, code = '415', iepId: string | null = `plan-${id}`) => ({
  services: [
    {
      id,
      iepId,
      code,
      state: 'ACTIVE' as const,
      frequency: 'WEEKLY' as const,
      minutes: 60,
      delivery: 'GROUP' as const,
      startDate: '2026-01-05',
    },
  ],
});

describe.each(databaseUrls())('caseloads on %s', (_engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
    await graph.student('n1', 'nyc', mandated('n1-s'));
    await graph.student('n2', 'nyc', mandated('n2-s'));
    await graph.student('n3', 'nyc', mandated('n3-s', '450'));
    await graph.student('n4', 'nyc', mandated('n4-s', '415', null));
    await graph.student('n5', 'nyc-2', mandated('n5-s'));
    await graph.student('n6', 'nyc', mandated('n6-s'));
  });
  afterAll(() => graph?.database.close());
  const add = (username: string, input: object, over: Partial<Principal> = {}) =>
    graph.mutate(
      username,
      'addToCaseload',
      input,
      'results { asked outcome student { id } error { code } } provider { id }',
      over,
    );
  const attend = (username: string, input: object, over: Partial<Principal> = {}) =>
    graph.mutate(
      username,
      'reportFirstAttend',
      input,
      'confirmationNumber firstAttend { service { code } } caseloadEntry { relation student { id } }',
      over,
    );
  const caseload = async (username: string) =>
    (await graph.call(username, '{ myCaseload { nodes { student { id } relation since } totalCount } }')).data
      .myCaseload;
  const outcomes = (payload: { results: { asked: string; outcome: string; error: { code: string } | null }[] }) =>
    payload.results.map((row) => `${row.asked} ${row.error?.code ?? row.outcome}`);

  test('SESIS-03 SESIS-04 SESIS-06..10 SESIS-12..15 V-066..068 a supervisor finds a provider, opens the caseload and adds several students at once, each with its own result', async () => {
    // SESIS-07..09: staff quick search, one of the results, and that person's caseload.
    const found = await graph.call('supervisor.nyc', '{ providers(filter: { text: "Agency" }) { nodes { id } } }');
    expect(found.data.providers.nodes).toEqual([{ id: 'prov-agency-provider-nyc' }]);
    const opened = async () =>
      (
        await graph.call(
          'supervisor.nyc',
          '{ provider(id: "prov-agency-provider-nyc") { displayName caseload { nodes { student { id } } } } }',
        )
      ).data.provider;
    expect(await opened()).toEqual({ displayName: 'agency provider nyc', caseload: { nodes: [] } });
    const input = { providerId: 'prov-agency-provider-nyc', studentIds: ['n1', 'n4', 'n5', 'nobody', 'n1'] };
    expect((await caseload('agency.provider.nyc')).nodes).toEqual([]);
    const added = await add('supervisor.nyc', input);
    expect(outcomes(added)).toEqual(['n1 ADDED', 'n4 V-066', 'n5 V-068', 'nobody V-068', 'n1 ALREADY_THERE']);
    expect(added.provider.id).toBe('prov-agency-provider-nyc');
    // 34 CFR 99.32: the student was shown to whoever has it on the caseload now.
    expect(graph.disclosed.at(-1)!.caseload).toEqual(['n1']);
    // SESIS-15: being on the caseload opens the student; repeating changes nothing (SESIS-14).
    expect(await caseload('agency.provider.nyc')).toEqual({
      totalCount: 1,
      nodes: [{ student: { id: 'n1' }, relation: 'PROVIDER', since: TODAY }],
    });
    expect((await opened()).caseload.nodes).toEqual([{ student: { id: 'n1' } }]);
    expect((await graph.ofStudent('agency.provider.nyc', 'n1', 'services { code }')).services).toEqual([
      { code: '415' },
    ]);
    expect(outcomes(await add('supervisor.nyc', { ...input, studentIds: ['n1'] }))).toEqual(['n1 ALREADY_THERE']);
    expect(outcomes(await add('supervisor.nyc', { providerId: 'prov-doe-provider-nyc', studentIds: ['n3'] }))).toEqual([
      'n3 V-067',
    ]);
    expect(codes(await add('supervisor.nyc', { providerId: 'prov-teacher-ripon', studentIds: ['n2'] }))).toEqual([
      'V-068',
    ]);
    expect(codes(await add('supervisor.nyc', { providerId: 'prov-agency-provider-nyc', studentIds: [] }))).toBe(
      'BAD_USER_INPUT',
    );
  });

  test('SESIS-21 agency providers do not add themselves; V-068 a provider is no supervisor', async () => {
    expect(codes(await add('agency.provider.nyc', { studentIds: ['n2'] }))).toEqual(['SESIS-21']);
    expect(
      codes(await attend('agency.provider.nyc', { studentId: 'n2', serviceCode: '415', attendedOn: TODAY })),
    ).toEqual(['SESIS-21']);
    expect(
      codes(await add('doe.provider.nyc', { providerId: 'prov-agency-provider-nyc', studentIds: ['n2'] })),
    ).toEqual(['V-068']);
    // Nor of a student of its own.
    await graph.student('n7', 'nyc', mandated('n7-s'));
    const own = { grantee: 'STAFF:acct-doe-provider-nyc', relation: 'PROVIDER', leaId: 'nyc' } as const;
    await graph.write((session) => session.get(AccessWriter).open({ studentId: 'n7', ...own, validFrom: TODAY }));
    expect(await add('doe.provider.nyc', { providerId: 'prov-agency-provider-nyc', studentIds: ['n7'] })).toMatchObject(
      {
        errors: [{ code: 'V-068', path: ['providerId'] }],
        results: [],
      },
    );
  });

  test('SESIS-21 whoever adds itself has the right to, beside being of that kind', async () => {
    expect(
      codes(await add('doe.provider.nyc', { studentIds: ['n2'] }, { capabilities: [...SEEING, 'caseload:supervise'] })),
    ).toEqual(['SESIS-21']);
  });

  test('SESIS-16 SESIS-19 V-069 self-add needs a first attend, and tells nothing of students elsewhere', async () => {
    expect(
      outcomes(await add('doe.provider.nyc', { studentIds: ['n2'], stateIds: ['U-n6', 'U-n5', 'U-nobody'] })),
    ).toEqual(['n2 V-069', 'U-n6 V-069', 'U-n5 V-066', 'U-nobody V-066']);
    expect(await graph.ofStudent('doe.provider.nyc', 'n2', 'services { id }')).toEqual({ services: [] });
  });

  test('SESIS-16 V-069 somebody else’s first attend opens nothing', async () => {
    const other = { providerId: 'prov-agency-provider-nyc', accountId: 'acct-agency-provider-nyc' };
    await graph.student('n8', 'nyc', {
      ...mandated('n8-s'),
      assignments: [{ ...other, role: 'PROVIDER', validFrom: TODAY }],
    });
    await graph.write((session) =>
      session.get(FirstAttendRepository).insert({
        studentId: 'n8',
        serviceId: 'n8-s',
        providerId: other.providerId,
        attendedOn: TODAY,
        reportedAt: session.now,
        confirmationNumber: 'FA-1-1',
      }),
    );
    expect(outcomes(await add('doe.provider.nyc', { studentIds: ['n8'] }))).toEqual(['n8 V-069']);
  });

  test('SESIS-16 SESIS-17 a first attend is confirmed, and puts the student on the caseload', async () => {
    const input = { stateId: 'U-n2', serviceCode: '415', attendedOn: '2026-02-09' };
    expect(codes(await attend('doe.provider.nyc', { ...input, attendedOn: '2026-02-11' }))).toEqual(['SESIS-16']);
    expect(codes(await attend('doe.provider.nyc', { ...input, attendedOn: '2026-01-04' }))).toEqual(['SESIS-16']);
    expect(codes(await attend('doe.provider.nyc', { ...input, serviceCode: '450' }))).toEqual(['V-066']);
    expect(codes(await attend('doe.provider.nyc', { ...input, stateId: 'U-n5' }))).toEqual(['V-066']);
    expect(codes(await attend('doe.provider.nyc', { ...input, stateId: 'U-nobody' }))).toEqual(['V-066']);
    expect(codes(await attend('doe.provider.nyc', { ...input, studentId: 'n2' }))).toBe('BAD_USER_INPUT');
    const reported = await attend('doe.provider.nyc', { ...input, idempotencyKey: 'fa' });
    expect(reported).toMatchObject({
      errors: [],
      firstAttend: { service: { code: '415' } },
      caseloadEntry: { relation: 'PROVIDER', student: { id: 'n2' } },
    });
    expect(reported.confirmationNumber).toMatch(/^FA-\d{6}-\d{6}$/);
    expect((await attend('doe.provider.nyc', { ...input, idempotencyKey: 'fa' })).confirmationNumber).toBe(
      reported.confirmationNumber,
    );
    const again = await attend('doe.provider.nyc', input);
    expect(codes(again)).toEqual(['SESIS-16']);
    expect(again.errors[0].message).toContain(reported.confirmationNumber);
    expect(
      (await caseload('doe.provider.nyc')).nodes.map((row: { student: { id: string } }) => row.student.id),
    ).toEqual(['n2']);
    expect((await graph.ofStudent('doe.provider.nyc', 'n2', 'services { code }')).services).toEqual([{ code: '415' }]);
  });

  test('SESIS-05 V-067 V-070 without permission the report stands, and after 48 hours the supervisor is told; self-add closes it', async () => {
    const reported = await attend('doe.provider.nyc', { studentId: 'n3', serviceCode: '450', attendedOn: TODAY });
    expect(reported.errors).toEqual([expect.objectContaining({ code: 'V-067', severity: 'WARNING' })]);
    expect(reported).toMatchObject({ caseloadEntry: null, confirmationNumber: expect.any(String) });
    const late = async () =>
      (await graph.call('supervisor.nyc', '{ lateFirstAttends { nodes { student { id } provider { id } } } }')).data
        .lateFirstAttends.nodes;
    expect(await late()).toEqual([]);
    graph.clock.set(new Date('2026-02-13T18:00:00Z'));
    expect(await late()).toEqual([{ student: { id: 'n3' }, provider: { id: 'prov-doe-provider-nyc' } }]);
    expect(outcomes(await add('doe.provider.nyc', { studentIds: ['n3'] }))).toEqual(['n3 V-067']);
    await graph.write((session) =>
      session.manager.query('UPDATE provider SET service_codes = ? WHERE id = ?', [
        '["415","450"]',
        'prov-doe-provider-nyc',
      ]),
    );
    expect(outcomes(await add('doe.provider.nyc', { studentIds: ['n3'] }))).toEqual(['n3 ADDED']);
    expect(await late()).toEqual([]);
  });

  test('SESIS-19 A-43 nobody tries all ids: students named on the own path are counted, on the supervisor’s they are not', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `no-${i}`);
    const tried = [];
    for (let i = 0; i * many.length <= SELF_ADD_LIMIT.points; i++)
      tried.push(codes(await add('supervisor.nyc', { stateIds: many })));
    expect(tried.at(-1)).toBe('RATE_LIMITED');
    // A first attend names a student as well.
    const attended = { stateId: 'no-1', serviceCode: '415', attendedOn: TODAY };
    expect(codes(await attend('supervisor.nyc', attended, { capabilities: [...SEEING, 'caseload:self-add'] }))).toBe(
      'RATE_LIMITED',
    );
    const supervised = await add('supervisor.nyc', { providerId: 'prov-agency-provider-nyc', studentIds: ['nobody'] });
    expect(outcomes(supervised)).toEqual(['nobody V-068']);
  });

  test('SEIS-20 SESIS-18 SESIS-20 the caseload has a student once, pages, and ends with the assignment', async () => {
    const page = await graph.call(
      'doe.provider.nyc',
      '{ myCaseload(first: 1) { nodes { student { id } } pageInfo { hasNextPage endCursor } } }',
    );
    expect(page.data.myCaseload.pageInfo.hasNextPage).toBe(true);
    const next = await graph.call(
      'doe.provider.nyc',
      'query($c: String) { myCaseload(after: $c) { nodes { student { id } } pageInfo { hasNextPage } } }',
      { c: page.data.myCaseload.pageInfo.endCursor },
    );
    expect(
      [...page.data.myCaseload.nodes, ...next.data.myCaseload.nodes]
        .map((row: { student: { id: string } }) => row.student.id)
        .sort(),
    ).toEqual(['n2', 'n3']);
    await graph.mutate(
      'supervisor.nyc',
      'removeProvider',
      { studentId: 'n2', providerId: 'prov-doe-provider-nyc' },
      'student { id }',
    );
    expect((await caseload('doe.provider.nyc')).totalCount).toBe(1);
    expect(
      (await graph.call('doe.provider.nyc', '{ myCaseload(first: 101) { totalCount } }')).errors?.[0]?.extensions.code,
    ).toBe('BAD_USER_INPUT');
  });
});
