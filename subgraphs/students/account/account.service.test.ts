import { currentEpoch } from '../../../platform/scope/epoch';
import { verifySecret } from '../../../platform/secret';
import { databaseUrls } from '../../../test/harness/databases';
import { AccountRepository, RoleGrantRepository } from './account.repository';
import { onlyReads } from './capability-matrix';
import { DirectorySystem, MANTECA, RIPON, RIPON_SCHOOL } from './directory-system.fixture';
import { initialAccountId, seedAccounts } from './initial-accounts';
import { seedOrganizations } from '../organization/initial-organizations';
import { OrganizationRepository } from '../organization/organization.repository';

describe.each(databaseUrls())('accounts, roles and organizations on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  beforeAll(async () => void (system = await DirectorySystem.start(makeUrl)));
  afterAll(() => system?.database.close());

  test('the tables show no drift, and seeding twice changes nothing', async () => {
    const log = await system.database.schemaSource.driver.createSchemaBuilder().log();
    expect(
      log.upQueries
        .map(({ query }) => query)
        .filter((query) => /organization|account|role_grant|partner_grant/.test(query)),
    ).toEqual([]);
    const count = async () =>
      (
        await system.rows(
          'SELECT (SELECT COUNT(*) FROM organization) o, (SELECT COUNT(*) FROM account) a, (SELECT COUNT(*) FROM role_grant) g, (SELECT COUNT(*) FROM partner_grant) p',
        )
      )[0];
    const before = await count();
    await system.write(async (session) => {
      await seedOrganizations(session);
      await seedAccounts(session);
    });
    expect(await count()).toEqual(before);
  });

  describe('accounts and roles', () => {
    const person = {
      firstName: 'Maria',
      lastName: 'Garcia',
      role: 'CASE_MANAGER',
      organizationId: RIPON,
      email: 'maria@example.org',
    };
    const created = 'account { id username email active roles { role organization { id } isDefault } } initialPassword';

    test('SEIS-08 creates an account that can be signed in with', async () => {
      const { payload } = await system.act(
        'createAccount',
        person,
        await system.principalOf('district.ripon'),
        created,
      );
      expect(payload).toMatchObject({
        errors: [],
        account: {
          username: 'maria.garcia',
          active: true,
          roles: [{ role: 'CASE_MANAGER', organization: { id: RIPON }, isDefault: true }],
        },
      });
      const [credential] = await system.rows(
        "SELECT account_id, password_hash, active FROM pub_credential WHERE username = 'maria.garcia'",
      );
      expect(await verifySecret(payload.initialPassword, credential.password_hash)).toBe(true);
      expect(await verifySecret('maria.garcia', credential.password_hash)).toBe(false);
      const loaded = await system.internal('/internal/principal', {
        issuer: 'embedded',
        subject: credential.account_id,
        kind: 'staff',
      });
      expect(loaded.principal.role).toBe('CASE_MANAGER');
    });
    test('V-039 SIRAS-52 a user name exists once in the installation: two ways out, and not whose it is', async () => {
      const namesake = { ...person, lastName: 'Ochoa' };
      await system.act('createAccount', namesake, await system.principalOf('district.ripon'), created);
      const elsewhere = async (more: object = {}) =>
        (
          await system.act(
            'createAccount',
            { ...namesake, organizationId: MANTECA, ...more },
            await system.principalOf('district.manteca'),
            created,
          )
        ).payload;
      const taken = await elsewhere();
      expect(taken.account).toBeNull();
      expect(taken.errors[0]).toMatchObject({ code: 'V-039', path: ['username'] });
      expect(taken.errors[0].message).toMatch(/same person.*maria2\.ochoa or mariam\.ochoa/);
      expect(taken.errors[0].message).not.toMatch(/Ripon|Maria Ochoa/);
      expect((await elsewhere({ username: 'maria2.ochoa' })).account.username).toBe('maria2.ochoa');
    });
    test('V-039 two at the same time: exactly one wins, and the other is told of the name', async () => {
      const as = await system.principalOf('district.ripon');
      for (const firstName of ['Race', 'Racer', 'Racing', 'Races']) {
        const both = await Promise.all(
          [1, 2].map(() => system.act('createAccount', { ...person, firstName }, as, 'account { id }')),
        );
        expect(both.map(({ payload: { errors } }) => errors[0]?.path?.[0] ?? 'made').sort()).toEqual([
          'made',
          'username',
        ]);
      }
    });
    test('V-040 other variants, and other bad input', async () => {
      const as = await system.principalOf('district.ripon');
      const code = async (more: object) =>
        (await system.act('createAccount', { ...person, ...more }, as, 'account { id }')).payload.errors[0];
      expect(await code({ username: 'maria.garcia.1' })).toMatchObject({ code: 'V-040', path: ['username'] });
      expect(await code({ username: 'x' })).toMatchObject({ code: 'V-040' });
      expect(await code({ firstName: '' })).toMatchObject({ path: ['firstName'] });
      expect(await code({ firstName: 'x'.repeat(500) })).toMatchObject({ path: ['firstName'] });
      expect(await code({ lastName: 'New', email: 'nonsense' })).toMatchObject({ path: ['email'] });
      expect(await code({ lastName: 'New', issuer: 'http://login.example', subject: '1' })).toMatchObject({
        path: ['issuer'],
      });
    });
    test('A-63 an account of a foreign issuer has no password of ours, and only that issuer opens it', async () => {
      const { payload } = await system.act(
        'createAccount',
        { ...person, firstName: 'Foreign', issuer: 'https://login.example', subject: 'acct-teacher-ripon' },
        await system.principalOf('district.ripon'),
        created,
      );
      expect(payload.initialPassword).toBeNull();
      const foreign = await system.load('teacher.ripon', { issuer: 'https://login.example' });
      expect(foreign.principal).toMatchObject({ subject: payload.account.id, role: 'CASE_MANAGER' });
      expect((await system.principalOf('teacher.ripon')).subject).toBe('acct-teacher-ripon');
    });
    test('SEIS-08 nobody acts outside the own organization or above the own level', async () => {
      const as = await system.principalOf('district.ripon');
      const code = async (more: object) =>
        (await system.act('createAccount', { ...person, firstName: 'Other', ...more }, as, 'account { id }')).payload
          .errors[0];
      expect(await code({ organizationId: MANTECA })).toMatchObject({ code: 'SEIS-08', path: ['organizationId'] });
      expect(await code({ role: 'SELPA_ADMIN', organizationId: 'selpa-san-joaquin-county' })).toMatchObject({
        code: 'SEIS-08',
      });
      expect(await code({ role: 'SELPA_ADMIN' })).toMatchObject({ path: ['role'] });
      expect(await code({ role: 'SCHOOL' })).toMatchObject({ path: ['organizationId'] });
      // SER roles would carry "make official" into California.
      expect(await code({ role: 'DATA_WRITER' })).toMatchObject({ path: ['role'] });
      expect(await code({ role: 'PARTNER' })).toMatchObject({ path: ['role'] });
      expect(
        (await system.act('createAccount', { ...person, role: 'NONSENSE' }, as, 'account { id }')).errors[0].extensions
          .code,
      ).toBe('BAD_USER_INPUT');
      const foreign = await system.act(
        'grantRole',
        { accountId: 'acct-teacher-manteca', role: 'CASE_MANAGER', organizationId: RIPON },
        as,
        'roleGrant { id }',
      );
      const absent = await system.act(
        'grantRole',
        { accountId: 'acct-nobody', role: 'CASE_MANAGER', organizationId: RIPON },
        as,
        'roleGrant { id }',
      );
      expect(foreign.errors).toEqual(absent.errors);
      expect(
        (await system.act('revokeRole', { roleGrantId: 'role-teacher-manteca' }, as, 'roleGrant { id }')).errors[0]
          .extensions.code,
      ).toBe('NOT_FOUND');
      expect(
        (await system.act('createAccount', person, await system.principalOf('teacher.ripon'), 'account { id }')).status,
      ).toBe(403);
    });
    test('SEIS-08 who stands above the own level is neither deactivated nor loses a role', async () => {
      const below = { ...(await system.principalOf('district.ripon')), level: 'school' as const };
      const accountId = 'acct-coordinator-above';
      await system.write(async (session) => {
        const known = (await session.get(AccountRepository).findById('acct-teacher-ripon'))!;
        await session
          .get(AccountRepository)
          .insert({ ...known, id: accountId, subject: accountId, username: 'above.ripon' });
        await session.get(RoleGrantRepository).insert({
          ...{ id: 'role-above', accountId, role: 'SEDS_COORDINATOR', organizationId: RIPON, relation: null },
          ...{ readOnly: false, isDefault: true, validFrom: '2025-01-01', validTo: null, revokedAt: null },
          ...{ grantedBy: 'test', grantedAt: system.clock.now() },
        });
      });
      const above = {
        payload: { errors: [{ code: 'SEIS-08', message: expect.stringContaining('above your own level') }] },
      };
      expect(await system.act('revokeRole', { roleGrantId: 'role-above' }, below, 'roleGrant { id }')).toMatchObject(
        above,
      );
      expect(await system.act('deactivateAccount', { accountId }, below, 'account { id }')).toMatchObject(above);
    });
    test('SEIS-02 a SELPA administrator acts on every LEA of the SELPA', async () => {
      const as = await system.principalOf('selpa.sanjoaquin');
      const { payload } = await system.act(
        'createAccount',
        { ...person, firstName: 'Selpa', lastName: 'Made', organizationId: MANTECA },
        as,
        'account { id }',
      );
      expect(payload.errors).toEqual([]);
      expect(
        (
          await system.act(
            'createAccount',
            { ...person, firstName: 'Lodi', organizationId: 'ca-39685850000000' },
            as,
            'account { id }',
          )
        ).payload.errors[0].code,
      ).toBe('SEIS-08');
    });
    test('A-56, A-60 granting, revoking and deactivating make loaded principals stale in the same transaction', async () => {
      const admin = await system.principalOf('district.ripon');
      const teacher = await system.principalOf('teacher2.ripon');
      const granted = await system.act(
        'grantRole',
        {
          accountId: teacher.subject,
          role: 'SITE_PROVIDER',
          organizationId: RIPON_SCHOOL,
          relation: 'PROVIDER',
          readOnly: true,
        },
        admin,
        'roleGrant { id relation readOnly isDefault account { id } }',
      );
      expect(granted.payload).toMatchObject({
        errors: [],
        roleGrant: { relation: 'PROVIDER', readOnly: true, isDefault: false },
      });
      expect((await system.call('{ viewer { subject } }', teacher)).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
      const perspective = granted.payload.roleGrant.id;
      const site = await system.principalOf('teacher2.ripon', perspective);
      expect(site).toMatchObject({
        readOnly: true,
        grants: [{ relation: 'PROVIDER', grantee: 'STAFF:acct-teacher2-ripon' }],
      });
      expect(site.capabilities.every(onlyReads)).toBe(true);
      expect(
        (
          await system.act(
            'grantRole',
            { accountId: teacher.subject, role: 'SITE_PROVIDER', organizationId: RIPON_SCHOOL },
            admin,
            'roleGrant { id }',
          )
        ).payload.errors[0].code,
      ).toBe('SEIS-08');

      expect(
        (await system.act('revokeRole', { roleGrantId: perspective }, admin, 'roleGrant { revokedAt }')).payload
          .roleGrant.revokedAt,
      ).not.toBeNull();
      expect((await system.call('{ viewer { subject } }', site)).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
      expect((await system.load('teacher2.ripon', { perspective })).code).toBe('NO_PERSPECTIVE');

      const current = await system.principalOf('teacher2.ripon');
      expect(
        (await system.act('deactivateAccount', { accountId: teacher.subject }, admin, 'account { active }')).payload
          .account.active,
      ).toBe(false);
      expect((await system.call('{ viewer { subject } }', current)).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
      expect((await system.load('teacher2.ripon')).code).toBe('INACTIVE');
      expect(await currentEpoch(system.database.read, teacher.subject)).toBe(4);
      expect(
        (
          await system.act(
            'grantRole',
            { accountId: teacher.subject, role: 'CASE_MANAGER', organizationId: RIPON_SCHOOL },
            admin,
            'roleGrant { id }',
          )
        ).payload.errors[0].code,
      ).toBe('SEIS-08');
    });
    test('A-60 an administrator who was revoked acts no longer', async () => {
      const admin = await system.principalOf('district.lodi');
      await system.write((session) => session.get(RoleGrantRepository).revoke('role-district-lodi'));
      await system.database.write((manager) =>
        manager.query("UPDATE principal_epoch SET epoch = epoch + 1 WHERE subject = 'acct-district-lodi'"),
      );
      const tried = await system.act(
        'createAccount',
        { ...person, firstName: 'Late', organizationId: 'ca-39685850000000' },
        admin,
        'account { id }',
      );
      expect(tried.errors[0].extensions.code).toBe('STALE_PRINCIPAL');
      expect((await system.call('{ accounts { nodes { id } } }', admin)).errors[0].extensions.code).toBe(
        'STALE_PRINCIPAL',
      );
      expect((await system.load('district.lodi')).code).toBe('NO_PERSPECTIVE');
    });
    test('nobody locks the own account or role out; who also works elsewhere is not deactivated', async () => {
      const admin = await system.principalOf('district.ripon');
      expect(
        (await system.act('deactivateAccount', { accountId: admin.subject }, admin, 'account { id }')).payload.errors[0]
          .code,
      ).toBe('SEIS-08');
      expect(
        (await system.act('revokeRole', { roleGrantId: admin.perspective }, admin, 'roleGrant { id }')).payload
          .errors[0].code,
      ).toBe('SEIS-08');
      const selpa = await system.principalOf('selpa.sanjoaquin');
      await system.act(
        'grantRole',
        { accountId: 'acct-provider2-ripon', role: 'SERVICE_PROVIDER', organizationId: MANTECA },
        selpa,
        'roleGrant { id }',
      );
      expect(
        (
          await system.act(
            'deactivateAccount',
            { accountId: 'acct-provider2-ripon' },
            await system.principalOf('district.ripon'),
            'account { id }',
          )
        ).payload.errors[0].message,
      ).toMatch(/also works elsewhere/);
    });
    test('V-065 at most two persons of an LEA hold the Secure-ID right', async () => {
      const admin = await system.principalOf('district.acadia');
      const grant = (username: string) =>
        system.act(
          'grantRole',
          { accountId: initialAccountId(username), role: 'SECURE_ID_EDITOR', organizationId: 'la-001' },
          admin,
          'roleGrant { id }',
        );
      // One seat is taken by submitter.acadia: of two at the same time, one gets the other.
      const both = await Promise.all([grant('writer.acadia'), grant('reader.acadia')]);
      expect(both.map(({ payload }) => payload.errors[0]?.code ?? 'granted').sort()).toEqual(['V-065', 'granted']);
      const winner = both.find(({ payload }) => payload.roleGrant)!.payload.roleGrant.id;
      await system.act('revokeRole', { roleGrantId: winner }, admin, 'roleGrant { id }');
      expect((await grant('writer.acadia')).payload.errors).toEqual([]);
      expect((await system.principalOf('writer.acadia')).capabilities).toContain('stateid:write');
    });
    test('accounts are listed within the own organization; a name behind an id is open, the rest is not', async () => {
      const ripon = await system.principalOf('district.ripon');
      const list = await system.call(
        'query($f: AccountFilter) { accounts(filter: $f, first: 100) { nodes { id username } } }',
        ripon,
        { f: { text: 'RIPON' } },
      );
      const usernames = list.data.accounts.nodes.map((node: { username: string }) => node.username);
      expect(usernames).toEqual(expect.arrayContaining(['district.ripon', 'teacher.ripon', 'school.ripon']));
      expect(usernames.filter((username: string) => !username.includes('ripon'))).toEqual([]);
      const managers = await system.call('query($f: AccountFilter) { accounts(filter: $f) { nodes { id } } }', ripon, {
        f: { role: 'SCHOOL', organizationId: RIPON_SCHOOL },
      });
      expect(managers.data.accounts.nodes).toEqual([{ id: 'acct-school-ripon' }]);
      expect(
        (await system.call('{ accounts(filter: {text: "%"}) { totalCount } }', ripon)).data.accounts.totalCount,
      ).toBe(0);
      expect((await system.call('{ account(id: "acct-teacher-manteca") { id } }', ripon)).data.account).toBeNull();
      const entities = await system.call(
        '{ _entities(representations: [{__typename: "Account", id: "acct-teacher-manteca"}, {__typename: "Account", id: "nope"}]) { ... on Account { displayName username email roles { id } } } }',
        ripon,
      );
      expect(entities.data._entities).toEqual([
        { displayName: 'Samuel Ochoa', username: null, email: null, roles: [] },
        null,
      ]);
      expect((await system.call('{ accounts(first: 1000) { totalCount } }', ripon)).errors[0].extensions.code).toBe(
        'BAD_USER_INPUT',
      );
    });
    test('the viewer knows its perspectives', async () => {
      const { data } = await system.call(
        '{ viewer { subject displayName level capabilities perspective { id role relations organization { name } level readOnly } perspectives { id role } } }',
        await system.principalOf('selpa.lodi', 'role-selpa-lodi-3'),
      );
      expect(data.viewer).toMatchObject({
        subject: 'acct-selpa-lodi', displayName: 'Ines Calloway', level: 'DISTRICT',
        perspective: { id: 'role-selpa-lodi-3', role: 'DISTRICT_ADMIN', relations: ['JURISDICTION'], organization: { name: 'Oak View Union Elementary' }, readOnly: false },
        perspectives: [{ id: 'role-selpa-lodi' }, { id: 'role-selpa-lodi-2' }, { id: 'role-selpa-lodi-3' }],
      }); // prettier-ignore
      const state = await system.principalOf('state.ca');
      expect(
        (await system.call('{ viewer { perspective { readOnly } } }', state)).data.viewer.perspective.readOnly,
      ).toBe(true);
    });
    test('pub_role_grant and pub_account tell others who is active', async () => {
      const [grant] = await system.rows(
        "SELECT account_id, role, organization_id, active FROM pub_role_grant WHERE id = 'role-teacher2-ripon'",
      );
      expect([grant.account_id, grant.role, Number(grant.active)]).toEqual(['acct-teacher2-ripon', 'CASE_MANAGER', 0]);
      const [account] = await system.rows(
        "SELECT display_name, active FROM pub_account WHERE id = 'acct-teacher-ripon'",
      );
      expect([account.display_name, Number(account.active)]).toEqual(['Dana Whitfield', 1]);
    });
  });

  describe('organizations', () => {
    test('the directory is open to every signed-in caller, by name', async () => {
      const { principal } = await system.partner([]);
      const { data } = await system.call(
        '{ organization(code: "39686500000000") { id name kind parent { id kind parent { id kind } } contactEmail } organizations(parentId: "ca-39686500000000", text: "RIPON  élementary") { nodes { name kind } totalCount } }',
        principal,
      );
      expect(data.organization).toMatchObject({
        id: RIPON,
        name: 'Ripon Unified',
        kind: 'LEA',
        parent: { id: 'selpa-san-joaquin-county', kind: 'SELPA', parent: { id: 'state-ca', kind: 'STATE' } },
      });
      expect(data.organizations).toEqual({ nodes: [{ name: 'Ripon Elementary', kind: 'SCHOOL' }], totalCount: 1 });
    });
    test('pages, unknown ids and odd input', async () => {
      const as = await system.principalOf('district.ripon');
      const first = await system.call(
        '{ organizations(kind: SCHOOL, first: 3) { nodes { id } pageInfo { endCursor } totalCount } }',
        as,
      );
      const next = await system.call(
        'query($c: String) { organizations(kind: SCHOOL, first: 3, after: $c) { nodes { id } } }',
        as,
        { c: first.data.organizations.pageInfo.endCursor },
      );
      expect(
        new Set(
          [...first.data.organizations.nodes, ...next.data.organizations.nodes].map((node: { id: string }) => node.id),
        ).size,
      ).toBe(6);
      expect((await system.call('{ organization(id: "nope") { id } }', as)).data.organization).toBeNull();
      expect((await system.call('{ organization { id } }', as)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect((await system.call('{ organizations(text: "%") { totalCount } }', as)).data.organizations.totalCount).toBe(
        0,
      );
    });
    test('many references cost one statement', async () => {
      const representations = ['ca-39686506042477', RIPON, 'nope', MANTECA].map((organizationId) => ({
        __typename: 'Organization',
        id: organizationId,
      }));
      const statements: string[] = [];
      const stop = system.database.guard.listen((sql) => void statements.push(sql));
      const { data } = await system.call(
        'query($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { id } } }',
        await system.principalOf('teacher.ripon').then((p) => ((statements.length = 0), p)),
        { r: representations },
      );
      stop();
      expect(data._entities.map((row: { id: string } | null) => row?.id ?? null)).toEqual([
        'ca-39686506042477',
        RIPON,
        null,
        MANTECA,
      ]);
      expect(statements.filter((sql) => /organization/.test(sql))).toHaveLength(1);
    });
    test('the lineage of a school: what jurisdiction opens rights for', async () => {
      const lineage = await system.write((session) => session.get(OrganizationRepository).lineage(RIPON_SCHOOL));
      expect(lineage).toMatchObject({ stateId: 'state-ca', selpaId: 'selpa-san-joaquin-county', leaId: RIPON });
      expect(await system.write((session) => session.get(OrganizationRepository).lineage('la-001005'))).toMatchObject({
        stateId: 'state-la',
        selpaId: null,
        leaId: 'la-001',
      });
    });
  });
});
