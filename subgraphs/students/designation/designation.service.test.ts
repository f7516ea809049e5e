import type { Principal } from '../../../platform/principal/principal';
import { databaseUrls } from '../../../test/harness/databases';
import { RoleGrantRepository } from '../account/account.repository';
import { DirectorySystem, MANTECA, RIPON } from '../account/directory-system.fixture';
import { initialAccountId } from '../account/initial-accounts';
import type { RoleName } from '../account/roles';
import { seedDesignations } from './initial-designations';

const LODI = 'ca-39685850000000';
const ACADIA = 'la-001';

describe.each(databaseUrls())('designated managers on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  let ripon: Principal;
  let selpa: Principal;
  beforeAll(async () => {
    system = await DirectorySystem.start(makeUrl);
    ripon = await system.principalOf('district.ripon');
    selpa = await system.principalOf('selpa.sanjoaquin');
  });
  afterAll(() => system?.database.close());

  const holds = (username: string, role: RoleName, organizationId: string) =>
    system.write((session) =>
      session.get(RoleGrantRepository).insert({
        ...{ id: `${username}-${role}`, accountId: initialAccountId(username), role, organizationId, relation: null },
        ...{ readOnly: false, isDefault: false, validFrom: '2025-01-01', validTo: null, revokedAt: null },
        ...{ grantedBy: 'test', grantedAt: system.clock.now() },
      }),
    );
  const designate = async (username: string, kind: string, as: Principal, organizationId = RIPON, over = {}) =>
    await system.act(
      'designateManager',
      { organizationId, accountId: initialAccountId(username), kind, ...over },
      as,
      'designation { id kind halfTime endedAt account { displayName } organization { id } }',
    );
  const district = async (as: Principal, id = RIPON) =>
    (
      await system.call(
        '{ organization(id: "ID") { designations { id kind account { displayName } } findings { rule { id severity } message path } } }'.replace('ID', id), // prettier-ignore
        as,
      )
    ).data.organization;
  const named = async (as: Principal, id = RIPON) =>
    (await district(as, id)).designations.map(
      ({ kind, account }: { kind: string; account: { displayName: string } }) => `${kind} ${account.displayName}`,
    );
  const lacking = async (as: Principal) =>
    (
      await system.call('{ organizations(withoutDesignation: true, first: 100) { nodes { id } totalCount } }', as)
    ).data.organizations.nodes.map(({ id }: { id: string }) => id);
  const found = async (as: Principal, id = RIPON) =>
    (await district(as, id)).findings.map(({ path }: { path: string[] }) => path[1]);

  test('SEIS-36 a district has one system manager and one back-up; a new one takes the place of the former', async () => {
    expect(await named(ripon)).toEqual(['PRIMARY Owen Fairbanks', 'BACKUP Wendell Pryce']);
    await holds('teacher2.ripon', 'DISTRICT_ADMIN', RIPON);
    const { payload } = await designate('teacher2.ripon', 'BACKUP', ripon, RIPON, { halfTime: true });
    expect(payload).toMatchObject({
      errors: [],
      designation: {
        ...{ kind: 'BACKUP', halfTime: true, endedAt: null },
        ...{ account: { displayName: 'Hugo Brandt' }, organization: { id: RIPON } },
      },
    });
    expect(await named(selpa)).toEqual(['PRIMARY Owen Fairbanks', 'BACKUP Hugo Brandt']);
    const again = await designate('teacher2.ripon', 'BACKUP', ripon, RIPON, { halfTime: true });
    expect(again.payload.designation.id).toBe(payload.designation.id);
    await designate('backup.ripon', 'BACKUP', selpa);
    expect(await named(ripon)).toEqual(['PRIMARY Owen Fairbanks', 'BACKUP Wendell Pryce']);
    expect(await system.rows('SELECT id FROM manager_designation WHERE organization_id = ?', [RIPON])).toHaveLength(4);
  });

  test('SEIS-36 the same person is not both, not even at the same moment', async () => {
    expect((await designate('district.ripon', 'BACKUP', ripon)).payload.errors).toMatchObject([
      { code: 'SEIS-36', path: ['accountId'] },
    ]);
    const both = await Promise.all(['PRIMARY', 'BACKUP'].map((kind) => designate('teacher2.ripon', kind, ripon)));
    expect(both.map(({ payload }) => payload.errors.length).sort()).toEqual([0, 1]);
    await designate('backup.ripon', 'BACKUP', ripon);
    await designate('district.ripon', 'PRIMARY', ripon);
    expect(await named(ripon)).toEqual(['PRIMARY Owen Fairbanks', 'BACKUP Wendell Pryce']);
  });

  test('SIRAS-71, SIRAS-72 only an active administrator of that district, and only inside the own organization', async () => {
    const refused = async (username: string, as: Principal, at = RIPON) =>
      (await designate(username, 'PRIMARY', as, at)).payload?.errors.map(({ path }: { path: string[] }) => path[0]);
    expect(await refused('teacher.ripon', ripon)).toEqual(['accountId']);
    // An administrator of another district of the SELPA.
    expect(await refused('district.manteca', selpa)).toEqual(['accountId']);
    expect(await refused('district.manteca', ripon, MANTECA)).toEqual(['organizationId']);
    expect(await refused('selpa.sanjoaquin', selpa, 'selpa-san-joaquin-county')).toEqual(['organizationId']);
    expect(await refused('district.lodi', selpa, LODI)).toEqual(['organizationId']);
    expect((await designate('district.ripon', 'PRIMARY', await system.principalOf('teacher.ripon'))).status).toBe(403);
  });

  test('A-41 accounts and designations out of reach answer like those that do not exist', async () => {
    const [foreign, absent] = [
      await designate('district.lodi', 'PRIMARY', ripon),
      await designate('nobody.here', 'PRIMARY', ripon),
    ];
    expect(foreign.errors[0].extensions.code).toBe('NOT_FOUND');
    expect(foreign.errors).toEqual(absent.errors);
    const end = (designationId: string) =>
      system.act('endDesignation', { designationId }, ripon, 'designation { endedAt }');
    const [other, none] = [await end(`designation-${MANTECA}-primary`), await end('nothing')];
    expect(other.errors[0].extensions.code).toBe('NOT_FOUND');
    expect(other.errors).toEqual(none.errors);
    expect(await named(selpa, MANTECA)).toEqual(['PRIMARY Priya Raman']);
  });

  test('A-41 what is designated elsewhere is not told, nor which districts lack a manager', async () => {
    expect(await district(ripon, LODI)).toEqual({ designations: null, findings: null });
    expect(await lacking(ripon)).toEqual([]);
    expect(await lacking(await system.principalOf('district.lodi'))).toEqual([LODI]);
    const teacher = await system.principalOf('teacher.ripon');
    for (const query of [
      '{ organizations(first: 1) { nodes { designations { id } } } }',
      '{ organizations(first: 1) { nodes { findings { message } } } }',
    ])
      // prettier-ignore
      expect((await system.call(query, teacher)).status).toBe(403);
  });

  test('V-027 a district without system manager or back-up is a finding, and its SELPA can list them', async () => {
    expect((await district(selpa, MANTECA)).findings).toEqual([
      {
        rule: { id: 'V-027', severity: 'ALERT' },
        message: 'Manteca Unified has no designated back-up of the system manager.',
        path: ['designations', 'BACKUP'],
      },
    ]);
    expect(await found(ripon)).toEqual([]);
    const all = await lacking(selpa);
    expect(all).toContain(MANTECA);
    expect(all).not.toContain(RIPON);
    expect(all.every((id: string) => id.startsWith('ca-') && id !== LODI)).toBe(true);
    // Each of the SELPA but Ripon.
    const [{ total }] = await system.rows(
      "SELECT COUNT(*) AS total FROM organization WHERE parent_id = 'selpa-san-joaquin-county'",
    );
    expect(all).toHaveLength(Number(total) - 1);
    expect(await found(await system.principalOf('district.lodi'), LODI)).toEqual(['PRIMARY', 'BACKUP']);
    // The rule is California's, and it speaks of districts.
    expect((await district(await system.principalOf('district.acadia'), ACADIA)).findings).toEqual([]);
    expect((await district(selpa, 'selpa-san-joaquin-county')).findings).toEqual([]);
  });

  test('V-027 comes again when the role is revoked, the account deactivated or the designation ended', async () => {
    const act = (name: string, input: object, selection: string) => system.act(name, input, selpa, selection);
    await act('revokeRole', { roleGrantId: 'role-backup-ripon' }, 'roleGrant { id }');
    expect(await found(ripon)).toEqual(['BACKUP']);
    expect(await named(ripon)).toEqual(['PRIMARY Owen Fairbanks']);
    expect(await lacking(selpa)).toContain(RIPON);

    await designate('teacher2.ripon', 'BACKUP', ripon);
    expect(await found(ripon)).toEqual([]);
    const role = 'teacher2.ripon-DISTRICT_ADMIN';
    const change = (values: object) =>
      system.write(async ({ manager }) => void (await manager.update('RoleGrant', role, values)));
    await change({ readOnly: true });
    expect(await found(ripon)).toEqual(['BACKUP']);
    await change({ readOnly: false, validTo: '2026-02-09' });
    expect(await found(ripon)).toEqual(['BACKUP']);
    await change({ validTo: null });
    expect(await found(ripon)).toEqual([]);

    const deactivated = { accountId: initialAccountId('teacher2.ripon') };
    await act('deactivateAccount', deactivated, 'account { id }');
    expect(await found(selpa)).toEqual(['BACKUP']);
    const { designations } = await district(ripon);
    const ended = await act('endDesignation', { designationId: designations[0].id }, 'designation { endedAt }');
    expect(ended.payload.designation.endedAt).not.toBeNull();
    expect(await found(ripon)).toEqual(['PRIMARY', 'BACKUP']);
  });

  test('the initial designations are made once', async () => {
    const count = async () => (await system.rows('SELECT id FROM manager_designation')).length;
    const before = await count();
    await system.write(seedDesignations);
    expect(await count()).toBe(before);
  });
});
