import type { Principal } from '../../../platform/principal/principal';
import { bumpEpoch } from '../../../platform/scope/epoch';
import { databaseUrls } from '../../../test/harness/databases';
import { AccountRepository, RoleGrantRepository } from '../account/account.repository';
import { DirectorySystem, RIPON, RIPON_SCHOOL } from '../account/directory-system.fixture';
import { initialAccountId } from '../account/initial-accounts';

const MANTECA_SCHOOL = 'ca-39685933935103';
const GRANT =
  'studentAccessGrants { id student { id } account { displayName } grantor { id } purpose startsOn expiresOn revokedAt }';

describe.each(databaseUrls())('grants to monitors on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  let district: Principal;
  const ids: string[] = [];

  beforeAll(async () => {
    system = await DirectorySystem.start(makeUrl);
    district = await system.principalOf('district.ripon');
    for (const lastName of ['Alder', 'Birch', 'Cedar']) ids.push((await enrol(lastName)).id);
  });
  afterAll(() => system?.database.close());

  let enrolled = 0;
  async function enrol(lastName: string): Promise<{ id: string; stateId: string }> {
    const { payload } = await system.act(
      'addStudent',
      {
        ...{ stateId: `500000000${++enrolled}`, firstName: 'Mia', lastName, dateOfBirth: `2015-01-0${enrolled}` },
        ...{ gender: 'F', gradeLevel: '04', schoolId: RIPON_SCHOOL, beginDate: '2025-08-15' },
      },
      district,
      'student { id stateId }',
    );
    return payload.student;
  }
  const monitor = () => system.principalOf('monitor.ca');
  const input = (over: object = {}) => ({
    ...{ accountId: initialAccountId('monitor.ca'), studentIds: [ids[0]], purpose: 'Overdue meetings' },
    ...{ expiresOn: '2026-06-30', ...over },
  });
  const grant = (over: object = {}, as = district) => system.act('grantStudentAccess', input(over), as, GRANT);
  const revoke = (studentAccessGrantId: string, as: Principal) =>
    system.act('revokeStudentAccess', { studentAccessGrantId }, as, 'studentAccessGrant { revokedAt }');
  const names = async (as: Principal) =>
    (await system.call('{ students(first: 50) { totalCount nodes { lastName } } }', as)).data.students.nodes.map(
      (node: { lastName: string }) => node.lastName,
    );
  const grants = async (as: Principal, filter = '{}') =>
    (
      await system.call(
        `{ studentAccessGrants(filter: ${filter}) { totalCount nodes { student { lastName } revokedAt } } }`,
        as,
      )
    ).data.studentAccessGrants;

  test('SIRAS-25 a monitor sees nobody, then the students granted and nobody else, and changes nothing', async () => {
    const before = await monitor();
    expect(before.readOnly).toBe(true);
    expect(await names(before)).toEqual([]);
    const { data } = await system.call('{ monitors { nodes { id displayName username } } }', district);
    expect(data.monitors.nodes).toEqual([
      { id: initialAccountId('monitor.ca'), displayName: 'Ingrid Solberg', username: null },
    ]);
    const { payload } = await grant({ studentIds: [ids[0], ids[1], ids[0]], idempotencyKey: 'once' });
    expect(payload.errors).toEqual([]);
    expect(payload.studentAccessGrants).toMatchObject(
      [ids[0], ids[1]].map((id) => ({
        ...{ student: { id }, account: { displayName: 'Ingrid Solberg' }, grantor: { id: RIPON } },
        ...{ purpose: 'Overdue meetings', startsOn: '2026-02-10', expiresOn: '2026-06-30', revokedAt: null },
      })),
    );
    // Its rights have changed: what was loaded before is stale.
    expect((await system.call('{ viewer { subject } }', before)).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
    const now = await monitor();
    expect(await names(now)).toEqual(['Alder', 'Birch']);
    expect((await system.call(`{ student(id: "${ids[2]}") { id } }`, now)).data.student).toBeNull();
    const edit = await system.act('updateStudent', { id: ids[0], version: 1, gradeLevel: '05' }, now, 'student { id }');
    expect(edit.status).toBe(403);
    const again = await grant({ studentIds: [ids[0], ids[1], ids[0]], idempotencyKey: 'once' });
    expect(again.payload).toEqual(payload);
    expect((await grants(district)).totalCount).toBe(2);
  });

  test('SIRAS-25 purpose, students and an expiry within a year are needed', async () => {
    const paths = async (over: object) =>
      (await grant(over)).payload.errors.map((error: { path: string[]; code: string }) => [error.code, error.path[0]]);
    expect(await paths({ purpose: ' ', studentIds: [], expiresOn: '2026-02-09' })).toEqual([
      ['SIRAS-25', 'purpose'],
      ['SIRAS-25', 'studentIds'],
      ['SIRAS-25', 'expiresOn'],
    ]);
    expect(await paths({ expiresOn: '2027-02-11' })).toEqual([['SIRAS-25', 'expiresOn']]);
    expect(await paths({ purpose: 'x'.repeat(501) })).toEqual([['SIRAS-25', 'purpose']]);
    expect((await grant({ expiresOn: undefined })).errors).toBeDefined();
  });

  test('A-41 a student out of scope and one that does not exist answer alike, and nothing is granted', async () => {
    const before = await names(await monitor());
    const [foreign, absent] = [
      await grant({ studentIds: [ids[2], 's9'] }),
      await grant({ studentIds: [ids[2], 'no'] }),
    ];
    expect(foreign.errors[0].extensions.code).toBe('NOT_FOUND');
    expect(foreign.errors).toEqual(absent.errors);
    expect(await names(await monitor())).toEqual(before);
  });

  test('SIRAS-25 only a monitor of the same state, and only by who may grant external access', async () => {
    const nobody = (await grant({ accountId: 'acct-nobody' })).payload.errors;
    expect(nobody).toMatchObject([{ code: 'SIRAS-25', path: ['accountId'] }]);
    for (const who of ['state.ca', 'teacher.ripon'])
      expect((await grant({ accountId: initialAccountId(who) })).payload.errors).toEqual(nobody);
    await system.write((session) =>
      session.get(RoleGrantRepository).insert({
        ...{ id: 'elsewhere', accountId: initialAccountId('reader.acadia'), role: 'CDE_MONITOR' as const },
        ...{ organizationId: 'state-la', relation: null, readOnly: false, isDefault: false, validFrom: '2025-01-01' },
        ...{ validTo: null, revokedAt: null, grantedBy: 'test', grantedAt: system.clock.now() },
      }),
    );
    expect((await grant({ accountId: initialAccountId('reader.acadia') })).payload.errors).toEqual(nobody);
    for (const who of ['teacher.ripon', 'state.ca', 'monitor.ca'])
      expect((await grant({}, await system.principalOf(who))).status).toBe(403);
    await system.write(async ({ manager }) => {
      await manager.update('RoleGrant', 'role-monitor-ca', { validTo: '2026-02-09' });
    });
    expect((await grant()).payload.errors).toEqual(nobody);
    await system.write(async ({ manager }) => {
      await manager.update('RoleGrant', 'role-monitor-ca', { validTo: null, revokedAt: system.clock.now() });
    });
    expect((await grant()).payload.errors).toEqual(nobody);
    await system.write(async ({ manager }) => {
      await manager.update('RoleGrant', 'role-monitor-ca', { revokedAt: null });
    });
  });

  /** Of these students, those that the monitor sees. */
  const seen = async (of: string[], as?: Principal) =>
    (await names(as ?? (await monitor()))).filter((lastName: string) => of.includes(lastName));

  test('A-56 a grant ends at once, and only that one', async () => {
    const both = ['Dogwood', 'Elm'];
    const [dogwood, elm] = [await enrol('Dogwood'), await enrol('Elm')];
    const inForce = async () =>
      (await grants(district, `{ studentId: "${dogwood.id}", inForceOn: "2026-02-10" }`)).totalCount;
    const granted = (await grant({ studentIds: [dogwood.id, elm.id] })).payload.studentAccessGrants;
    const twice = (await grant({ studentIds: [dogwood.id], purpose: 'A second look' })).payload.studentAccessGrants[0];
    expect(await inForce()).toBe(2);
    const loaded = await monitor();
    expect((await revoke(twice.id, await system.principalOf('district.manteca'))).errors[0].extensions.code).toBe(
      'NOT_FOUND',
    );
    expect(await seen(both, loaded)).toEqual(both);
    expect((await revoke(twice.id, district)).payload.studentAccessGrant.revokedAt).not.toBeNull();
    expect((await system.call('{ students { totalCount } }', loaded)).errors[0].extensions.code).toBe(
      'STALE_PRINCIPAL',
    );
    // The first grant of the same student to the same monitor goes on.
    expect(await seen(both)).toEqual(both);
    expect(await inForce()).toBe(1);
    // A SELPA sees and ends what its LEAs granted.
    await revoke(granted[1].id, await system.principalOf('selpa.sanjoaquin'));
    expect(await seen(both)).toEqual(['Dogwood']);
    expect((await revoke('nope', district)).errors[0].extensions.code).toBe('NOT_FOUND');
  });

  test('A-54 a claim by another LEA ends what the former owner granted', async () => {
    const { id, stateId } = await enrol('Fir');
    for (const purpose of ['Overdue meetings', 'A second look']) await grant({ studentIds: [id], purpose });
    expect(await seen(['Fir'])).toEqual(['Fir']);
    const manteca = await system.principalOf('district.manteca');
    const claimed = await system.act(
      'claimJurisdiction',
      { stateId, schoolId: MANTECA_SCHOOL, beginDate: '2026-02-10' },
      manteca,
      'student { id }',
    );
    expect(claimed.payload.errors).toEqual([]);
    expect(await seen(['Fir'])).toEqual([]);
    expect((await system.call(`{ student(id: "${id}") { id } }`, await monitor())).data.student).toBeNull();
    // Who owns the student now sees that it has ended; the former owner sees nothing of it any more.
    expect(
      (await grants(manteca, `{ studentId: "${id}" }`)).nodes.map(
        (node: { revokedAt: string }) => node.revokedAt === null,
      ),
    ).toEqual([false, false]);
    expect((await grants(district, `{ studentId: "${id}" }`)).totalCount).toBe(0);
    expect((await grants(manteca, `{ studentId: "${id}", inForceOn: "2026-02-10" }`)).totalCount).toBe(0);
    expect((await grants(await system.principalOf('district.lodi'))).totalCount).toBe(0);
  });

  test('A-54 a grant past its last day, and a monitor whose account is deactivated, see nothing', async () => {
    const { id } = await enrol('Gum');
    expect((await grant({ studentIds: [id] })).payload.errors).toEqual([]);
    expect(await seen(['Gum'])).toEqual(['Gum']);
    system.clock.set(new Date('2026-07-01T18:00:00Z'));
    expect(await names(await monitor())).toEqual([]);
    system.clock.set(new Date('2026-06-30T18:00:00Z'));
    expect(await seen(['Gum'])).toEqual(['Gum']);
    await system.write(async (session) => {
      await bumpEpoch(session, initialAccountId('monitor.ca'));
      await session.get(AccountRepository).deactivate(initialAccountId('monitor.ca'));
    });
    expect(await system.load('monitor.ca')).toMatchObject({ status: 403, code: 'INACTIVE' });
    expect((await grant({ studentIds: [id], expiresOn: '2026-12-31' })).payload.errors).toMatchObject([
      { code: 'SIRAS-25', path: ['accountId'] },
    ]);
  });
});
