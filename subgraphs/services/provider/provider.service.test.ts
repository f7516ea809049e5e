import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../../test/harness/databases';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import { ServicesFixture } from '../services.fixture';
import { isDummyStaffId, keepStaffId, setStaffIdKey, withoutStaffId } from './staff-id';
import { STAFF_ID_LIMIT } from './staff-id-limit';

const codes = (payload: { errors?: { code: string }[]; failed?: string }) =>
  payload.failed ?? payload.errors?.map((error) => error.code);
const PROVIDER =
  'provider { id displayName kind serviceCodes active version organization { id } agency { id } account { id } }';

describe('staff numbers', () => {
  test('V-048 SER-109 made-up social security numbers are refused', () => {
    for (const dummy of [
      '111111111',
      '123456789',
      '123-45-6789',
      '000123456',
      '666123456',
      '912345678',
      '123004567',
      '123450000',
      '12345',
      '0000000',
      'unknown',
      '',
    ])
      expect([dummy, isDummyStaffId(dummy)]).toEqual([dummy, true]);
    for (const real of ['219-09-9998', '219 09 9998', '1043377', 'E-104337']) expect(isDummyStaffId(real)).toBe(false);
  });

  test('X7 a number is kept as keyed hash and last four, apart for each state and each installation', () => {
    setStaffIdKey('one secret of an installation');
    const kept = keepStaffId('219-09-9998', 'LA');
    expect(kept).toEqual({ staffIdHash: expect.stringMatching(/^[0-9a-f]{64}$/), staffIdLastFour: '9998' });
    expect(keepStaffId('219099998', 'LA')).toEqual(kept);
    expect(keepStaffId('219099998', 'CA').staffIdHash).not.toBe(kept.staffIdHash);
    expect(withoutStaffId({ staffId: '219099998', a: 1 })).toEqual({
      staffId: expect.stringMatching(/^[0-9a-f]{64}$/),
      a: 1,
    });
    setStaffIdKey('another secret');
    expect(keepStaffId('219099998', 'LA').staffIdHash).not.toBe(kept.staffIdHash);
    setStaffIdKey(undefined);
    expect(() => keepStaffId('219099998', 'LA')).toThrow('X7');
    expect(withoutStaffId({ staffId: '219099998' })).toEqual({ staffId: null });
  });
});

describe.each(databaseUrls())('providers on %s', (_engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
  });
  afterAll(() => graph?.database.close());
  const person = { displayName: 'Iris Novak', kind: 'LEA_STAFF', organizationId: 'ripon' };
  const create = (username: string, input: object = {}) =>
    graph.mutate(username, 'createProvider', { ...person, ...input }, PROVIDER);
  const update = (username: string, input: object) => graph.mutate(username, 'updateProvider', input, PROVIDER);
  const deactivate = (username: string, input: object) => graph.mutate(username, 'deactivateProvider', input, PROVIDER);
  const assignable = async (username: string, studentId: string, more = {}, over = {}) => {
    const query = 'query($f: ProviderFilter) { providers(filter: $f, first: 100) { totalCount nodes { id } } }';
    const { data, errors } = await graph.call(username, query, { f: { assignableTo: studentId, ...more } }, over);
    if (errors) throw new Error(JSON.stringify(errors));
    expect(data.providers.totalCount).toBe(data.providers.nodes.length);
    return data.providers.nodes.map((row: { id: string }) => row.id);
  };
  const assign = (username: string, studentId: string, providerId: string, more = {}) =>
    graph.mutate(username, 'assignProvider', { studentId, providerId, ...more }, 'assignment { id }');
  const lastFour = (username: string, id: string) =>
    graph.call(username, `{ providers(filter: { text: "${id}" }) { nodes { staffIdLastFour } } }`);

  test('SESIS-01 SESIS-04 a provider is entered with kind, place, permission and account', async () => {
    const made = await create('district.ripon', {
      displayName: '  Zoë   O’Hara ',
      organizationId: 'ripon-high',
      accountId: 'acct-new-ripon',
      serviceCodes: ['450', '415', '415'],
      idempotencyKey: 'zoe',
    });
    expect(made).toMatchObject({
      errors: [],
      provider: {
        displayName: 'Zoë O’Hara',
        kind: 'LEA_STAFF',
        serviceCodes: ['415', '450'],
        active: true,
        version: 1,
        organization: { id: 'ripon-high' },
        agency: null,
        account: { id: 'acct-new-ripon' },
      },
    });
    const again = await create('district.ripon', {
      displayName: '  Zoë   O’Hara ',
      organizationId: 'ripon-high',
      accountId: 'acct-new-ripon',
      serviceCodes: ['450', '415', '415'],
      idempotencyKey: 'zoe',
    });
    expect(again.provider.id).toBe(made.provider.id);
    // Found by name without accents, assigned, and seeing the student from then on.
    const found = await graph.call('district.ripon', '{ providers(filter: { text: "zoe ohara" }) { nodes { id } } }');
    expect(found.data.providers.nodes).toEqual([{ id: made.provider.id }]);
    await graph.student('new-1');
    expect(codes(await assign('district.ripon', 'new-1', made.provider.id))).toEqual([]);
    const access = await graph.write((session) =>
      graph.sql(session, "SELECT grantee FROM student_access WHERE student_id = 'new-1' AND relation = 'PROVIDER'", []),
    );
    expect(access).toEqual([{ grantee: 'STAFF:acct-new-ripon' }]);
  });

  test('SESIS-01 a kind belongs to a state and to an organization', async () => {
    expect(codes(await create('district.ripon', { kind: 'DOE_STAFF' }))).toEqual(['SESIS-01']);
    expect(codes(await create('supervisor.nyc', { organizationId: 'nyc', kind: 'LEA_STAFF' }))).toEqual(['SESIS-01']);
    for (const kind of ['DOE_STAFF', 'CONTRACTED_AGENCY', 'INDEPENDENT'])
      expect(codes(await create('supervisor.nyc', { organizationId: 'nyc', kind }))).toEqual([]);
    expect(codes(await create('writer.acadia', { organizationId: 'acadia-high' }))).toEqual([]);
    expect(codes(await create('selpa.sanjoaquin', { organizationId: 'selpa' }))).toEqual([]);
    const contracted = { kind: 'NPA_STAFF' };
    expect(codes(await create('district.ripon', contracted))).toEqual(['SESIS-01']);
    expect(codes(await create('district.ripon', { ...contracted, agencyId: 'regional-center' }))).toEqual(['SESIS-01']);
    expect(codes(await create('district.ripon', { ...contracted, agencyId: 'nothing' }))).toEqual(['SESIS-01']);
    expect(codes(await create('district.ripon', { agencyId: 'npa' }))).toEqual(['SESIS-01']);
    const { provider } = await create('district.ripon', { ...contracted, agencyId: 'npa' });
    expect(provider.agency).toEqual({ id: 'npa' });
  });

  test('V-068 A-41 only at the own organization and below; a foreign provider does not exist', async () => {
    for (const organizationId of ['manteca', 'selpa', 'nothing'])
      expect(codes(await create('district.ripon', { organizationId }))).toEqual(['V-068']);
    expect(codes(await create('selpa.sanjoaquin', { organizationId: 'lodi' }))).toEqual(['V-068']);
    expect(codes(await create('selpa.sanjoaquin', { organizationId: 'manteca-high' }))).toEqual([]);
    const foreign = { providerId: 'prov-teacher-manteca', version: 1 };
    const nobody = { providerId: 'nobody', version: 1 };
    for (const act of [update, deactivate])
      expect(await act('district.ripon', foreign)).toEqual(await act('district.ripon', nobody));
    expect(codes(await deactivate('district.ripon', foreign))).toBe('NOT_FOUND');
    const { status } = await graph.call(
      'teacher.ripon',
      'mutation($input: CreateProviderInput!) { createProvider(input: $input) { errors { code } } }',
      { input: person },
    );
    expect(status).toBe(403);
  });

  test('SEIS-08 the account is one of the own organization, at work and nobody else’s', async () => {
    expect(codes(await create('district.ripon', { accountId: 'nothing' }))).toBe('NOT_FOUND');
    expect(codes(await create('district.ripon', { accountId: 'acct-new-manteca' }))).toBe('NOT_FOUND');
    expect(codes(await create('district.ripon', { accountId: 'acct-former-ripon' }))).toEqual(['SEIS-08']);
    expect(codes(await create('district.ripon', { accountId: 'acct-teacher-ripon' }))).toEqual(['SEIS-08']);
  });

  test('SER-108 bad values are refused with their field', async () => {
    const fields = async (input: object) =>
      (await create('district.ripon', input)).errors.map(
        (e: { code: string; path: string[] }) => `${e.code} ${e.path[0]}`,
      );
    expect(await fields({ serviceCodes: ['415', '999'] })).toEqual(['SER-108 serviceCodes']);
    expect(await fields({ displayName: ' … ' })).toEqual(['BAD_USER_INPUT displayName']);
    expect(await fields({ displayName: 'x'.repeat(161) })).toEqual(['BAD_USER_INPUT displayName']);
    expect(await fields({ staffId: '111-11-1111' })).toEqual(['V-048 staffId']);
    expect(await fields({ staffId: '' })).toEqual(['V-048 staffId']);
  });

  test('X7 B.4 SER-117 A-43 a staff number is never kept or shown, and tells nothing of whoever has it elsewhere', async () => {
    const staffId = '219-09-9998';
    const first = await create('writer.acadia', {
      ...person,
      organizationId: 'acadia',
      staffId,
      idempotencyKey: 'ssn',
    });
    expect(codes(first)).toEqual([]);
    const kept = await graph.write((session) =>
      graph.sql(session, 'SELECT * FROM provider WHERE id = ?', [first.provider.id]),
    );
    expect(JSON.stringify(kept)).not.toMatch(/219-?09/);
    expect(kept).toEqual([expect.objectContaining({ staff_id_last_four: '9998' })]);
    // A repetition is recognized by the number too, without keeping a plain hash of it.
    const sent = { ...person, organizationId: 'acadia', idempotencyKey: 'ssn' };
    expect((await create('writer.acadia', { ...sent, staffId })).provider.id).toBe(first.provider.id);
    expect(codes(await create('writer.acadia', { ...sent, staffId: '219-09-9997' }))).toBe('CONFLICT');
    // Where the holder is in reach, the refusal names the provider to change; elsewhere in the state it names nobody.
    const named = await create('writer.acadia', { organizationId: 'acadia-high', staffId: '219099998' });
    expect(named.errors).toEqual([expect.objectContaining({ code: 'SER-117', path: ['staffId'] })]);
    expect(named.errors[0].message).toContain('Iris Novak');
    await graph.write((session) =>
      session.manager.query("UPDATE provider SET organization_id = 'state-la' WHERE id = ?", [first.provider.id]),
    );
    const silent = await create('writer.acadia', { organizationId: 'acadia', staffId });
    expect(silent.errors).toEqual([expect.objectContaining({ code: 'SER-117' })]);
    expect(JSON.stringify(silent)).not.toMatch(/Iris|state-la|prov-/);
    // Another state knows nothing of it.
    expect(codes(await create('district.ripon', { staffId }))).toEqual([]);
  });

  test('B.4 the last four are shown to district editors, of their own providers only', async () => {
    await create('district.manteca', { displayName: 'Four Manteca', organizationId: 'manteca', staffId: '1043377' });
    const own = await lastFour('district.manteca', 'four manteca');
    expect(own.data.providers.nodes).toEqual([{ staffIdLastFour: '3377' }]);
    expect((await lastFour('teacher.ripon', 'four manteca')).status).toBe(403);
    await graph.student('four');
    const foreign = await graph.call(
      'district.ripon',
      '{ providers(filter: { assignableTo: "four", text: "four manteca" }) { nodes { displayName staffIdLastFour } } }',
    );
    expect(foreign.data.providers.nodes).toEqual([{ displayName: 'Four Manteca', staffIdLastFour: null }]);
  });

  test('A-43 nobody tries all staff numbers', async () => {
    const username = 'selpa.sanjoaquin';
    const tried = [];
    for (let i = 0; i <= STAFF_ID_LIMIT.points; i++)
      tried.push(codes(await create(username, { kind: 'DOE_STAFF', staffId: `30${i}` })));
    expect(tried.at(-1)).toEqual(['SESIS-01']); // refused before the number is looked at: not counted
    for (let i = 0; i <= STAFF_ID_LIMIT.points; i++) tried.push(codes(await create(username, { staffId: '1' })));
    expect(tried.at(-1)).toBe('RATE_LIMITED');
  });

  test('two editors of one provider: the second is told; what is left out stays', async () => {
    const { provider } = await create('district.ripon', { serviceCodes: ['415'], staffId: '1043388' });
    const first = await update('district.ripon', {
      providerId: provider.id,
      version: 1,
      displayName: 'Iris Novak-Bell',
    });
    expect(first).toMatchObject({
      errors: [],
      provider: { displayName: 'Iris Novak-Bell', serviceCodes: ['415'], version: 2, kind: 'LEA_STAFF' },
    });
    expect(codes(await update('district.ripon', { providerId: provider.id, version: 1, serviceCodes: [] }))).toBe(
      'CONFLICT',
    );
    const widened = await update('district.ripon', { providerId: provider.id, version: 2, serviceCodes: null });
    expect(widened.provider).toMatchObject({ serviceCodes: null, version: 3 });
    const own = await update('district.ripon', { providerId: provider.id, version: 3, staffId: '1043388' });
    expect(own).toMatchObject({ errors: [], provider: { version: 4 } });
    for (const bad of [{ displayName: null }, { kind: null }, { organizationId: null }])
      expect(codes(await update('district.ripon', { providerId: provider.id, version: 4, ...bad }))).toEqual([
        'BAD_USER_INPUT',
      ]);
    expect(
      codes(await update('district.ripon', { providerId: provider.id, version: 4, organizationId: 'manteca' })),
    ).toEqual(['V-068']);
    expect(codes(await update('district.ripon', { providerId: provider.id, version: 4, kind: 'DOE_STAFF' }))).toEqual([
      'SESIS-01',
    ]);
  });

  test('V-019 SER-115 nobody leaves while students depend on them; handed over, the access is gone; coming back is possible', async () => {
    const { provider } = await create('district.ripon', { accountId: 'acct-back-ripon' });
    const assignment = { providerId: provider.id, accountId: 'acct-back-ripon', validFrom: '2025-08-01' };
    await graph.student('leave-1', 'ripon', {
      assignments: [
        { ...assignment, role: 'CASE_MANAGER' },
        { ...assignment, role: 'PROVIDER' },
      ],
    });
    await graph.student('leave-2', 'ripon', {
      services: [
        {
          ...{ id: 'leave-2-s', iepId: 'leave-plan', code: '415', state: 'PROPOSED', providerId: provider.id },
          ...{ frequency: 'WEEKLY', minutes: 30, delivery: 'GROUP', startDate: '2026-01-05' },
        },
      ],
    });
    await graph.student('leave-3', 'manteca', { assignments: [{ ...assignment, role: 'PROVIDER' }] });
    const leaving = { providerId: provider.id, version: 1 };
    const refused = await deactivate('district.ripon', leaving);
    expect(codes(refused)).toEqual(['V-019', 'SER-115']);
    expect(refused.errors[1].message).toMatch(/2 of yours.*reassignProviders/);
    // Access doesn't move to another account with the students.
    expect(codes(await update('district.ripon', { ...leaving, accountId: null }))).toEqual(['V-019', 'SER-115']);
    const handedOver = await graph.mutate(
      'district.ripon',
      'reassignProviders',
      { fromProviderId: provider.id, toProviderId: 'prov-teacher-ripon', all: true },
      'updatedCount',
    );
    expect(handedOver).toEqual({ updatedCount: 2, errors: [] });
    const beyond = await deactivate('district.ripon', leaving);
    expect(codes(beyond)).toEqual(['SER-115']);
    expect(beyond.errors[0].message).toContain('beyond your own');
    expect(JSON.stringify(beyond)).not.toMatch(/leave-3|Manteca/);
    await graph.mutate(
      'district.manteca',
      'removeProvider',
      { studentId: 'leave-3', providerId: provider.id },
      'student { id }',
    );

    expect(await deactivate('district.ripon', { ...leaving, version: 7 })).toMatchObject({ failed: 'CONFLICT' });
    expect(await deactivate('district.ripon', leaving)).toMatchObject({
      errors: [],
      provider: { active: false, version: 2 },
    });
    const open = await graph.write((session) =>
      graph.sql(
        session,
        "SELECT id FROM student_access WHERE grantee = 'STAFF:acct-back-ripon' AND revoked_at IS NULL",
        [],
      ),
    );
    expect(open).toEqual([]);
    expect(codes(await assign('district.ripon', 'leave-1', provider.id))).toEqual(['V-067']);
    // Meanwhile somebody else has the account: it is theirs.
    const heir = await create('district.ripon', { displayName: 'Heir', accountId: 'acct-back-ripon' });
    const back = { providerId: provider.id, version: 2, reactivate: true };
    expect(codes(await update('district.ripon', back))).toEqual(['SEIS-08']);
    expect(codes(await deactivate('district.ripon', { providerId: heir.provider.id, version: 1 }))).toEqual([]);
    expect(await update('district.ripon', back)).toMatchObject({
      errors: [],
      provider: { active: true, version: 3, account: { id: 'acct-back-ripon' } },
    });
    expect(codes(await assign('district.ripon', 'leave-1', provider.id))).toEqual([]);
  });

  test('SER-115 somebody who is given a student right now does not leave meanwhile', async () => {
    await graph.student('race');
    for (let round = 0; round < 3; round++) {
      const { provider } = await create('district.ripon', { displayName: `Race ${round}` });
      const [given, left] = await Promise.all([
        assign('district.ripon', 'race', provider.id),
        deactivate('district.ripon', { providerId: provider.id, version: 1 }),
      ]);
      const outcome = [codes(given), codes(left)];
      expect([
        [[], ['SER-115']],
        [['V-067'], []],
      ]).toContainEqual(outcome);
    }
  });

  test('V-067 SESIS-04 who may serve: the LEA, its schools, its SELPA, other LEAs of the SELPA, agencies of the state', async () => {
    await graph.student('serve');
    const may = await assignable('district.ripon', 'serve', { text: '' });
    for (const id of ['teacher-ripon', 'teacher2-ripon', 'specialist-selpa', 'teacher-manteca', 'therapist-npa'])
      expect(may).toContain(`prov-${id}`);
    for (const id of [
      'gone-ripon',
      'school-manteca',
      'teacher-lodi',
      'worker-center',
      'teacher-acadia',
      'doe-provider-nyc',
    ])
      expect(may).not.toContain(`prov-${id}`);
    // What the list shows can be assigned, by a case manager too; what nothing shows does not exist.
    const manager = { providerId: 'prov-teacher-ripon', accountId: 'acct-teacher-ripon', validFrom: '2025-08-01' };
    await graph.student('serve-2', 'ripon', {
      assignments: [
        { ...manager, role: 'CASE_MANAGER' },
        { ...manager, role: 'PROVIDER' },
      ],
    });
    expect(await assignable('teacher.ripon', 'serve-2')).toEqual(await assignable('district.ripon', 'serve-2'));
    expect(await assignable('teacher.ripon', 'serve-2', { text: 'lodi' })).toEqual([]);
    expect(await assignable('teacher.ripon', 'serve')).toEqual([]); // not a student of the case manager
    expect(await assignable('teacher.ripon', 'nobody')).toEqual([]);
    expect(await assignable('teacher.ripon', 'serve-2', {}, { capabilities: ['provider:read'] })).toEqual([]);
    for (const id of ['therapist-npa', 'teacher-manteca', 'specialist-selpa'])
      expect(codes(await assign('teacher.ripon', 'serve-2', `prov-${id}`))).toEqual([]);
    const refusedAs = async (id: string) => assign('teacher.ripon', 'serve-2', id);
    for (const id of ['teacher-lodi', 'school-manteca', 'worker-center', 'teacher-acadia', 'doe-provider-nyc'])
      expect(await refusedAs(`prov-${id}`)).toEqual(await refusedAs('nobody'));
    expect(codes(await refusedAs('prov-teacher-lodi'))).toBe('NOT_FOUND');
    // Whoever sees the provider is told what to do.
    await graph.write((session) =>
      session.get(AccessWriter).open({
        studentId: 'serve',
        grantee: 'SELPA:selpa',
        relation: 'JURISDICTION',
        leaId: 'ripon',
        validFrom: '2025-07-01',
      }),
    );
    const told = await assign('selpa.sanjoaquin', 'serve', 'prov-school-manteca');
    expect(told.errors).toEqual([
      expect.objectContaining({ code: 'V-067', message: expect.stringContaining('assignable') }),
    ]);
  });

  test('V-067 A-41 the same holds for services, case managers and the bulk update', async () => {
    const old = {
      providerId: 'prov-teacher2-ripon',
      accountId: 'acct-teacher2-ripon',
      role: 'PROVIDER' as const,
      validFrom: '2025-08-01',
    };
    // A provider of another SELPA, as records from before may have one.
    const legacy = { ...old, providerId: 'prov-teacher-lodi', accountId: 'acct-teacher-lodi' };
    await graph.student('paths', 'ripon', { assignments: [old, legacy] });
    const service = {
      studentId: 'paths',
      ...{ code: '415', frequency: 'WEEKLY', minutes: 30, delivery: 'GROUP', startDate: '2026-02-01' },
    };
    const add = (providerId: string) =>
      graph.mutate('district.ripon', 'addService', { ...service, providerId }, 'service { id }');
    expect(await add('prov-school-manteca')).toEqual(await add('nobody'));
    const change = (providerId: string) =>
      graph.mutate('district.ripon', 'changeCaseManager', { studentId: 'paths', providerId }, 'caseManager { id }');
    expect(await change('prov-school-manteca')).toEqual(await change('nobody'));
    expect(codes(await change('prov-teacher-lodi'))).toEqual(['V-067']); // the record shows this one
    const reassign = (toProviderId: string, fromProviderId = 'prov-teacher2-ripon') =>
      graph.mutate(
        'district.ripon',
        'reassignProviders',
        { fromProviderId, toProviderId, studentIds: ['paths'] },
        'updatedCount results { error { code } }',
      );
    for (const stranger of ['prov-school-manteca', 'prov-doe-provider-nyc'])
      expect(await reassign(stranger)).toEqual(await reassign('nobody'));
    expect(await reassign('prov-teacher-ripon', 'prov-school-manteca')).toEqual(
      await reassign('prov-teacher-ripon', 'nobody'),
    );
    expect(await reassign('prov-teacher-manteca')).toMatchObject({ updatedCount: 1, errors: [] });
  });

  test('V-067 in New York everybody of the city’s kinds may serve; self-add stays with the own district', async () => {
    await graph.student('city', 'nyc', {
      services: [
        {
          ...{ id: 'city-s', iepId: 'city-plan', code: '415', state: 'ACTIVE' as const, frequency: 'WEEKLY' as const },
          ...{ minutes: 30, delivery: 'GROUP' as const, startDate: '2026-01-05' },
        },
      ],
    });
    expect(await assignable('supervisor.nyc', 'city')).toEqual(
      expect.arrayContaining(['prov-doe-provider-nyc', 'prov-doe2-provider-nyc', 'prov-agency-provider-nyc']),
    );
    expect(codes(await assign('supervisor.nyc', 'city', 'prov-doe2-provider-nyc'))).toEqual([]);
    const asOther = {
      subject: 'acct-doe2-provider-nyc',
      grants: [{ relation: 'PROVIDER' as const, grantee: 'STAFF:acct-doe2-provider-nyc' }],
      organizationId: 'nyc-2',
    };
    await graph.student('city-2', 'nyc', {
      services: [
        {
          ...{
            id: 'city-2-s',
            iepId: 'city-plan-2',
            code: '415',
            state: 'ACTIVE' as const,
            frequency: 'WEEKLY' as const,
          },
          ...{ minutes: 30, delivery: 'GROUP' as const, startDate: '2026-01-05' },
        },
      ],
    });
    await graph.write((session) => bumpEpoch(session, asOther.subject));
    const attend = await graph.call(
      'doe.provider.nyc',
      'mutation($input: ReportFirstAttendInput!) { reportFirstAttend(input: $input) { errors { code } } }',
      { input: { stateId: 'U-city-2', serviceCode: '415', attendedOn: '2026-02-09' } },
      asOther,
    );
    expect(attend.data.reportFirstAttend.errors).toEqual([expect.objectContaining({ code: 'V-066' })]);
  });

  test('Louisiana has no SELPA: the parish and its schools, and nobody of another state', async () => {
    await graph.student('parish', 'acadia');
    const may = await assignable('writer.acadia', 'parish');
    expect(may).toContain('prov-teacher-acadia');
    expect(may.filter((id: string) => /ripon|manteca|selpa|nyc|npa/.test(id))).toEqual([]);
  });
});
