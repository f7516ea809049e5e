import { databaseUrls } from '../../../test/harness/databases';
import { RoleGrantRepository } from '../account/account.repository';
import { DirectorySystem, RIPON, SERVICE_KEY } from '../account/directory-system.fixture';
import { INITIAL_ACCOUNTS, initialAccountId } from '../account/initial-accounts';
import { roleOf, ROLES, type RoleName } from '../account/roles';
import { OrganizationRepository } from '../organization/organization.repository';
import { internalRoutes, type StudentsRuntime } from './internal-routes';

const roleNames = Object.keys(ROLES) as RoleName[];

describe.each(databaseUrls())('principals on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  beforeAll(async () => void (system = await DirectorySystem.start(makeUrl)));
  afterAll(() => system?.database.close());

  describe('the principal endpoint', () => {
    test('no or a wrong service key → 401, bad bodies → 400', async () => {
      const body = { issuer: 'embedded', subject: 'acct-teacher-ripon', kind: 'staff' };
      expect((await system.internal('/internal/principal', body, {})).status).toBe(401);
      expect((await system.internal('/internal/principal', body, { 'x-service-key': `${SERVICE_KEY}x` })).status).toBe(
        401,
      );
      expect((await system.internal('/internal/principal', '{')).status).toBe(400);
      expect((await system.internal('/internal/principal', { ...body, kind: 'other' })).status).toBe(400);
      expect((await system.internal('/internal/principal', body, undefined, 'GET')).status).toBe(405);
      expect((await system.internal('/internal/audit', { records: [] }, {})).status).toBe(401);
      expect(() => internalRoutes({ serviceKey: 'x'.repeat(15) } as StudentsRuntime)).toThrow('16 characters');
    });
    test('the gateway hands its audit records over', async () => {
      const [kept, forged] = [
        { kind: 'request', record: { operation: 'x' } },
        { kind: 'disclosure', record: { subject: 'somebody' } },
      ];
      const hand = (records: unknown) => system.internal('/internal/audit', { records });
      const before = system.audited.length;
      // One that is none of the gateway's, or no record at all, doesn't take the others along.
      const records = [kept, forged, null, { kind: 'refusal', record: {} }];
      expect(await hand(records)).toMatchObject({ status: 200, kept: [true, false, false, true] });
      expect(system.audited.slice(before)).toEqual([kept, records[3]]);
      for (const none of [[], Array(501).fill(kept), kept]) expect((await hand(none)).status).toBe(400);
      expect(system.audited).toHaveLength(before + 2);
    });
    test.each(INITIAL_ACCOUNTS.map(([username, , role, organizationId]) => [username, role, organizationId] as const))(
      'SIRAS-133..146 %s stands as %s with the capabilities of the table',
      async (username, role, organizationId) => {
        const { principal, status } = await system.load(username);
        expect(status).toBe(200);
        expect(principal).toMatchObject({
          subject: initialAccountId(username),
          kind: 'staff',
          role,
          organizationId,
          level: roleOf(role).level,
          epoch: 1,
        });
        if (username !== 'submitter.acadia') expect(principal.capabilities).toEqual(roleOf(role).capabilities);
        expect(principal.grants.length).toBeGreaterThan(0);
      },
    );
    test('every role of B.2, held where it belongs, gets its rows', async () => {
      const places = {
        STATE: 'state-ca',
        SELPA: 'selpa-lodi-area',
        LEA: 'ca-39685850000000',
        SCHOOL: 'ca-39685853934783',
        NPS: 'ca-39686500000001',
      };
      await system.write(async (session) => {
        const base = { stateCode: 'CA', timeZone: 'America/Los_Angeles', parentId: RIPON };
        await session.get(OrganizationRepository).insert([
          { id: 'npa-1', code: 'npa-1', name: 'Speech Agency', kind: 'NPA', ...base },
          { id: 'private-1', code: 'private-1', name: 'Private School', kind: 'PRIVATE_SCHOOL', ...base },
        ]);
        for (const role of roleNames) {
          const kind = roleOf(role).heldAt[0]!;
          const organizationId = { ...places, NPA: 'npa-1', PRIVATE_SCHOOL: 'private-1', PARTNER_AGENCY: '' }[kind];
          await session.get(RoleGrantRepository).insert({
            id: `every-${role}`, accountId: initialAccountId('independent.provider.nyc'), role, organizationId, relation: null, readOnly: false, isDefault: false,
            validFrom: '2025-01-01', validTo: null, revokedAt: null, grantedBy: 'test', grantedAt: system.clock.now(),
          }); // prettier-ignore
        }
      });
      const rows: Record<string, string[]> = {};
      for (const role of roleNames) {
        const { principal, code } = await system.load('independent.provider.nyc', { perspective: `every-${role}` });
        rows[role] = principal
          ? principal.grants.map(
              ({ relation, grantee }: { relation: string; grantee: string }) => `${relation} ${grantee.split(':')[0]}`,
            )
          : [code];
      }
      expect(rows).toEqual({
        SELPA_ADMIN: ['JURISDICTION SELPA'], SELPA_SPECIALIST: ['JURISDICTION SELPA'],
        DISTRICT_ADMIN: ['JURISDICTION LEA'], SEDS_COORDINATOR: ['JURISDICTION LEA'], SIS_COORDINATOR: ['JURISDICTION LEA'],
        CASE_MANAGER: ['CASE_MANAGER STAFF'], SERVICE_PROVIDER: ['PROVIDER STAFF'], GENERAL_USER: ['CASE_MANAGER STAFF', 'PROVIDER STAFF'],
        SITE_PROVIDER: ['CASE_MANAGER STAFF', 'PROVIDER STAFF', 'SCHOOL SCHOOL'], DISTRICT_PROVIDER: ['CASE_MANAGER STAFF', 'PROVIDER STAFF', 'JURISDICTION LEA'],
        REPORTING_LEA: ['REPORTING LEA'], DSEA: ['ACCOUNTABILITY LEA'], DOR: ['RESIDENCE LEA'], DOL: ['LOCATION LEA'],
        SCHOOL: ['SCHOOL SCHOOL'], PRIVATE_SCHOOL: ['PRIVATE_SCHOOL SCHOOL'], NPA_PROVIDER: ['PROVIDER STAFF'], NPS_ADMIN: ['NPS SCHOOL'], NPS_PROVIDER: ['PROVIDER STAFF'],
        CDE_MONITOR: ['GRANT STAFF'], DATA_READER: ['JURISDICTION LEA'], DATA_WRITER: ['JURISDICTION LEA'], STATE_ADMIN: ['JURISDICTION STATE'],
        SUPERVISOR: ['JURISDICTION LEA'], DOE_PROVIDER: ['PROVIDER STAFF'], AGENCY_PROVIDER: ['PROVIDER STAFF'], INDEPENDENT_PROVIDER: ['PROVIDER STAFF'],
        // Additive permissions are no perspectives.
        CALPADS_REPORTER: ['NO_PERSPECTIVE'], IEP_SUBMITTER: ['NO_PERSPECTIVE'], SECURE_ID_EDITOR: ['NO_PERSPECTIVE'],
      }); // prettier-ignore
      expect((await system.principalOf('independent.provider.nyc', 'every-STATE_ADMIN')).readOnly).toBe(true);
      // At the same LEA stands CALPADS_REPORTER: it joins DISTRICT_ADMIN (SIRAS-85), and not CASE_MANAGER.
      expect((await system.principalOf('independent.provider.nyc', 'every-DISTRICT_ADMIN')).capabilities).toContain(
        'transaction:send',
      );
      expect((await system.principalOf('independent.provider.nyc', 'every-CASE_MANAGER')).capabilities).not.toContain(
        'transaction:send',
      );
    });
    test('SER-44, SER-80 additive permissions join the perspective of the same organization', async () => {
      expect((await system.principalOf('submitter.acadia')).capabilities).toEqual(
        expect.arrayContaining(['iep:submit', 'stateid:write']),
      );
      expect((await system.principalOf('writer.acadia')).capabilities).not.toContain('iep:submit');
    });
    test('SEIS-35, A-61 a direct-service district is another perspective, without union', async () => {
      const selpa = await system.principalOf('selpa.lodi');
      expect(selpa.grants).toEqual([{ relation: 'JURISDICTION', grantee: 'SELPA:selpa-lodi-area' }]);
      const district = await system.principalOf('selpa.lodi', 'role-selpa-lodi-2');
      expect(district).toMatchObject({
        role: 'DISTRICT_ADMIN',
        level: 'district',
        grants: [{ relation: 'JURISDICTION', grantee: 'LEA:ca-39686190000000' }],
      });
      expect(district.capabilities).not.toContain('certification:selpa-approve');
    });
    test('A-60, A-61 a caseload belongs to the role at its LEA: neither another perspective has it, nor does it outlive the role', async () => {
      const LODI = 'ca-39685850000000';
      const at = (organizationId: string, over: object = {}) => ({
        ...{
          accountId: initialAccountId('teacher2.ripon'),
          role: 'CASE_MANAGER' as const,
          relation: null,
          readOnly: false,
        },
        ...{ isDefault: false, validFrom: '2025-01-01', validTo: null, revokedAt: null, grantedBy: 'test' },
        ...{ id: `moved-${organizationId}`, organizationId, grantedAt: system.clock.now() },
        ...over,
      });
      const cases = { relation: 'CASE_MANAGER', grantee: `STAFF:${initialAccountId('teacher2.ripon')}` };
      const grantsAt = async (perspective: string) => (await system.principalOf('teacher2.ripon', perspective)).grants;
      const [ripon, lodi] = ['role-teacher2-ripon', `moved-${LODI}`];
      await system.write((session) => session.get(RoleGrantRepository).insert(at(LODI, { validFrom: '2100-01-01' })));
      expect(await grantsAt(ripon)).toEqual([cases]);
      await system.write(
        async ({ manager }) => void (await manager.update('RoleGrant', lodi, { validFrom: '2025-01-01' })),
      );
      expect(await grantsAt(ripon)).toEqual([{ ...cases, exceptLeas: [LODI] }]);
      expect(await grantsAt(lodi)).toEqual([{ ...cases, exceptLeas: [RIPON] }]);
      await system.write((session) => session.get(RoleGrantRepository).revoke(ripon));
      expect(await grantsAt(lodi)).toEqual([{ ...cases, exceptLeas: [RIPON] }]);
    });
    test('A-60 a role counts from its first to its last day; what it adds, at its own organization and as long as it is held', async () => {
      const change = (values: object) =>
        system.write(async ({ manager }) => void (await manager.update('RoleGrant', 'dated', values)));
      const role = {
        accountId: initialAccountId('submitter.acadia'),
        relation: null,
        readOnly: false,
        isDefault: false,
      };
      const ofDates = { validFrom: '2026-02-11', validTo: null, revokedAt: null };
      await system.write((session) =>
        session.get(RoleGrantRepository).insert({
          ...{ ...role, ...ofDates, id: 'dated', role: 'DATA_READER', organizationId: 'la-001' },
          ...{ grantedBy: 'test', grantedAt: system.clock.now() },
        }),
      );
      const dated = () => system.load('submitter.acadia', { perspective: 'dated' });
      const refused = { status: 403, code: 'NO_PERSPECTIVE' };
      expect(await dated()).toEqual(refused);
      await change({ validFrom: '2026-02-10', validTo: '2026-02-10' });
      expect(await dated()).toMatchObject({ status: 200 });
      await change({ validFrom: '2026-02-01', validTo: '2026-02-09' });
      expect(await dated()).toEqual(refused);
      const mayMakeOfficial = async () =>
        (await system.principalOf('writer.acadia')).capabilities.includes('iep:submit');
      const adding = { accountId: initialAccountId('writer.acadia'), role: 'IEP_SUBMITTER', validTo: null };
      await change({ ...adding, organizationId: 'state-la' });
      expect(await mayMakeOfficial()).toBe(false);
      await change({ organizationId: (await system.principalOf('writer.acadia')).organizationId });
      expect(await mayMakeOfficial()).toBe(true);
      await change({ revokedAt: system.clock.now() });
      expect(await mayMakeOfficial()).toBe(false);
    });
    test('A-60, A-63 unknown, foreign, inactive and borrowed', async () => {
      expect(await system.load('nobody.here')).toEqual({ status: 403, code: 'NO_ACCOUNT' });
      expect(await system.load('teacher.ripon', { issuer: 'https://login.example' })).toEqual({
        status: 403,
        code: 'NO_ACCOUNT',
      });
      expect(await system.load('teacher.ripon', { kind: 'partner' })).toEqual({ status: 403, code: 'NO_ACCOUNT' });
      expect(await system.load('teacher.ripon', { perspective: 'role-district-ripon' })).toEqual({
        status: 403,
        code: 'NO_PERSPECTIVE',
      });
    });
    test('the day of the last use is kept, without making principals stale', async () => {
      const before = await system.principalOf('provider2.lodi');
      const [row] = await system.rows("SELECT last_login_at AS at FROM account WHERE username = 'provider2.lodi'");
      expect(row.at).not.toBeNull();
      expect((await system.principalOf('provider2.lodi')).epoch).toBe(before.epoch);
    });
  });
});
