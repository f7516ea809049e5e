import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { verifySecret } from '../../../platform/secret';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { DirectorySystem, MANTECA, RIPON, RIPON_SCHOOL } from '../account/directory-system.fixture';
import { ROLES, roleOf, type RoleName } from '../account/roles';

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string =>
  String(key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }));
const jwk = (key: KeyObject) => key.export({ format: 'jwk' });

describe.each(databaseUrls())('partners on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  beforeAll(async () => void (system = await DirectorySystem.start(makeUrl)));
  afterAll(() => system?.database.close());

  describe('partners', () => {
    test('capabilities are what both token and grant allow', async () => {
      const { principal } = await system.partner(['student:read', 'service:read', 'iep:read']);
      expect(principal).toMatchObject({
        subject: 'regional-center', kind: 'partner', level: 'partner', role: 'PARTNER', readOnly: true,
        capabilities: ['student:read', 'service:read'], grants: [{ relation: 'GRANT', grantee: 'AGENCY:grant-regional-center' }],
      }); // prettier-ignore
      expect((await system.partner([])).principal.capabilities).toEqual([]);
      expect((await system.partner(['student:read'], { perspective: 'other' })).code).toBe('NO_PERSPECTIVE');
      const viewer = await system.call(
        '{ viewer { subject level perspective { id role relations organization { id } } perspectives { id } capabilities } }',
        principal,
      );
      expect(viewer.data.viewer).toMatchObject({
        level: 'PARTNER',
        perspective: { role: 'PARTNER', relations: ['GRANT'], organization: { id: 'agency-regional-center' } },
      });
    });
    test('a grant past its last day → EXPIRED', async () => {
      system.clock.set(new Date('2029-02-12T18:00:00Z'));
      expect((await system.partner(['student:read'])).code).toBe('EXPIRED');
      system.clock.set(new Date('2026-02-10T18:00:00Z'));
    });
    test('A-54 the day of a grant is that of the organization that granted, wherever the agency is', async () => {
      const zone = async (id: string) =>
        (await system.rows('SELECT time_zone FROM organization WHERE id = ?', [id]))[0]!.time_zone;
      const own = await zone('agency-regional-center');
      const move = (timeZone: string) =>
        system.write(async ({ manager }) => {
          await manager.update('Organization', 'agency-regional-center', { timeZone });
        });
      await move('America/New_York');
      const { principal } = await system.partner(['student:read']);
      await move(own);
      expect(principal.timeZone).toBe(await zone(RIPON));
    });
    const complete = {
      agencyId: 'agency-regional-center', studentIds: ['s3', 's4'], scopes: ['student:read'], purpose: 'Coordination', legalBasis: '34 CFR 99.30', agreement: 'A-1',
      expiresOn: '2026-12-31', destructionDate: '2027-01-31', clientId: 'second-client',
    }; // prettier-ignore
    test('34 CFR 99.35 no grant without agreement, purpose, legal basis, expiry and destruction date', async () => {
      const as = await system.principalOf('district.ripon');
      const bad = {
        ...complete,
        purpose: ' ',
        legalBasis: '',
        agreement: '',
        expiresOn: '2026-01-01',
        destructionDate: '2025-01-01',
        scopes: ['student:read', 'iep.narrative:read'],
        clientId: 'Second Client',
      };
      const { payload } = await system.act('createPartnerGrant', bad, as, 'partnerGrant { id } clientSecret');
      expect(payload.errors.map((error: { path: string[] }) => error.path[0])).toEqual([
        'purpose',
        'legalBasis',
        'agreement',
        'expiresOn',
        'destructionDate',
        'scopes',
        'clientId',
      ]);
      expect(payload.partnerGrant).toBeNull();
      expect(
        (await system.act('createPartnerGrant', { ...complete, scopes: ['iep.narrative:read'] }, as, 'clientSecret'))
          .payload.errors[0].path,
      ).toEqual(['scopes']);
      expect(
        (await system.act('createPartnerGrant', { ...complete, clientId: 'acct-teacher-ripon' }, as, 'clientSecret'))
          .payload.errors[0].path,
      ).toEqual(['clientId']);
      expect(
        (await system.act('createPartnerGrant', { ...complete, agencyId: RIPON }, as, 'clientSecret')).payload.errors[0]
          .path,
      ).toEqual(['agencyId']);
      const late = { ...complete, expiresOn: '2029-02-11', destructionDate: '2029-03-01' };
      expect((await system.act('createPartnerGrant', late, as, 'clientSecret')).payload.errors[0].path).toEqual([
        'expiresOn',
      ]);
      // Nobody grants what is not the own, whatever the roles are.
      const lacking = { ...as, capabilities: as.capabilities.filter((one) => one !== 'student:read') };
      expect(
        (await system.act('createPartnerGrant', complete, lacking, 'clientSecret')).payload.errors[0].path,
      ).toEqual(['scopes']);
      const account = await system.act(
        'createAccount',
        { ...{ firstName: 'Same', lastName: 'Subject', role: 'CASE_MANAGER', organizationId: RIPON } },
        as,
        'account { id }',
      );
      const asAccount = { ...complete, clientId: account.payload.account.id };
      expect((await system.act('createPartnerGrant', asAccount, as, 'clientSecret')).payload.errors[0].path).toEqual([
        'clientId',
      ]);
      expect(
        (await system.act('createPartnerGrant', complete, await system.principalOf('teacher.ripon'), 'clientSecret'))
          .status,
      ).toBe(403);
    });
    test('A-41 a student out of scope and one that does not exist answer alike, and nothing is granted', async () => {
      const as = await system.principalOf('district.ripon');
      const [foreign, absent] = [
        await system.act('createPartnerGrant', { ...complete, studentIds: ['s3', 's9'] }, as, 'clientSecret'),
        await system.act('createPartnerGrant', { ...complete, studentIds: ['s3', 'nope'] }, as, 'clientSecret'),
      ];
      expect(foreign.errors[0].extensions.code).toBe('NOT_FOUND');
      expect(foreign.errors).toEqual(absent.errors);
      expect(
        await system.internal('/internal/principal', { issuer: 'embedded', subject: 'second-client', kind: 'partner' }),
      ).toMatchObject({ code: 'NO_ACCOUNT' });
    });
    test('a grant opens its students, shows its secret once, and ends at once when revoked', async () => {
      const as = await system.principalOf('district.ripon');
      const input = { ...complete, idempotencyKey: 'grant-1' };
      const created = await system.act(
        'createPartnerGrant',
        input,
        as,
        'clientSecret partnerGrant { id clientId expiresOn scopes agency { id } grantor { id } createdBy { displayName } }',
      );
      expect(created.payload).toMatchObject({
        errors: [],
        partnerGrant: {
          clientId: 'second-client',
          agency: { id: 'agency-regional-center' },
          grantor: { id: RIPON },
          createdBy: { displayName: 'Owen Fairbanks' },
        },
      });
      const grantId = created.payload.partnerGrant.id;
      const [client] = await system.rows(
        "SELECT secret_hash, scopes, active, expires_on FROM pub_client WHERE client_id = 'second-client'",
      );
      expect(await verifySecret(created.payload.clientSecret, client.secret_hash)).toBe(true);
      expect([Number(client.active), client.expires_on, String(client.scopes)]).toEqual([
        1,
        '2026-12-31',
        expect.stringContaining('student:read'),
      ]);
      const again = await system.act('createPartnerGrant', input, as, 'clientSecret partnerGrant { id }');
      expect(again.payload).toMatchObject({ clientSecret: null, partnerGrant: { id: grantId } });
      expect((await system.act('createPartnerGrant', complete, as, 'clientSecret')).payload.errors[0].path).toEqual([
        'clientId',
      ]);

      const open = async () =>
        (
          await system.rows(
            `SELECT student_id FROM student_access WHERE grantee = ? AND revoked_at IS NULL ORDER BY student_id`,
            [`AGENCY:${grantId}`],
          )
        ).map((row: { student_id: string }) => row.student_id);
      expect(await open()).toEqual(['s3', 's4']);
      const list = await system.call('{ partnerGrants { nodes { id clientId } totalCount } }', as);
      expect(list.data.partnerGrants.nodes.map((node: { clientId: string }) => node.clientId).sort()).toEqual([
        'regional-center',
        'second-client',
      ]);
      expect(
        (await system.call('{ partnerGrants { totalCount } }', await system.principalOf('district.manteca'))).data
          .partnerGrants.totalCount,
      ).toBe(0);

      const before = await system.internal('/internal/principal', {
        issuer: 'embedded',
        subject: 'second-client',
        kind: 'partner',
        scopes: ['student:read'],
      });
      expect(
        (
          await system.act(
            'revokePartnerGrant',
            { partnerGrantId: grantId },
            await system.principalOf('district.manteca'),
            'partnerGrant { id }',
          )
        ).errors[0].extensions.code,
      ).toBe('NOT_FOUND');
      expect(
        (await system.act('revokePartnerGrant', { partnerGrantId: grantId }, as, 'partnerGrant { revokedAt }')).payload
          .partnerGrant.revokedAt,
      ).not.toBeNull();
      expect(await open()).toEqual([]);
      expect((await system.call('{ viewer { subject } }', before.principal)).errors[0].extensions.code).toBe(
        'STALE_PRINCIPAL',
      );
      expect(
        (
          await system.internal('/internal/principal', {
            issuer: 'embedded',
            subject: 'second-client',
            kind: 'partner',
          })
        ).code,
      ).toBe('INACTIVE');
    });
  });

  const TERMS = {
    agencyId: 'agency-regional-center', scopes: ['student:read'], purpose: 'Coordination', legalBasis: '34 CFR 99.30', agreement: 'A-2',
    expiresOn: '2026-12-31', destructionDate: '2027-01-31',
  }; // prettier-ignore
  const FULL =
    'clientSecret partnerGrant { id clientId startsOn organizations { id } students { id } studentCount publicKeys credentialChangedAt previousCredentialUntil redisclosureRecipients { name interest } destroyedBy destroyedOn destructionMethod destructionConfirmedAt destructionConfirmedBy { id } }';
  const as = (who = 'district.ripon') => system.principalOf(who);
  const grant = async (more: object, who?: string) =>
    (await system.act('createPartnerGrant', { ...TERMS, ...more }, await as(who), FULL)).payload;
  const rotate = async (partnerGrantId: string, more: object = {}, who?: string) =>
    system.act('rotatePartnerCredential', { partnerGrantId, ...more }, await as(who), FULL);
  const load = (clientId: string, more: object = {}) =>
    system.internal('/internal/principal', {
      issuer: 'embedded',
      subject: clientId,
      kind: 'partner',
      scopes: ['student:read'],
      ...more,
    });
  const client = async (clientId: string) =>
    (await system.rows('SELECT * FROM pub_client WHERE client_id = ?', [clientId]))[0];
  const json = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  const instant = (value: string | Date) => new Date(value instanceof Date ? value : `${value.replace(' ', 'T')}Z`);
  const START = new Date('2026-02-10T18:00:00Z');
  const later = (hours: number, ms = 0) => new Date(START.getTime() + hours * 3_600_000 + ms);
  afterEach(() => system.clock.set(START));

  describe('the students of organizations', () => {
    const lent = (grantId: string, ...from: object[]) => [
      {
        relation: 'GRANT',
        grantee: `AGENCY:${grantId}`,
        ...(from.length > 0 && { lent: { from, until: '2026-12-31' } }),
      },
    ];
    const ofRipon = { relation: 'JURISDICTION', grantee: `LEA:${RIPON}` };

    test('an LEA and a school are lent, named students beside them; the grantor sees how many students that opens', async () => {
      const { errors, partnerGrant } = await grant({
        organizationIds: [RIPON, RIPON_SCHOOL, RIPON],
        studentIds: ['s3'],
      });
      expect(errors).toEqual([]);
      expect(partnerGrant).toMatchObject({ organizations: [{ id: RIPON }, { id: RIPON_SCHOOL }], studentCount: 4 });
      const { principal } = await load(partnerGrant.clientId);
      expect(principal.grants).toEqual(
        lent(partnerGrant.id, ofRipon, { relation: 'SCHOOL', grantee: `SCHOOL:${RIPON_SCHOOL}` }),
      );
      const named = await grant({ studentIds: ['s3', 's4'] });
      expect(named.partnerGrant).toMatchObject({ organizations: [], studentCount: 2 });
      const list = await system.call(
        '{ partnerGrants { nodes { id studentCount organizations { id } } } }',
        await as(),
      );
      expect(list.data.partnerGrants.nodes).toEqual(
        expect.arrayContaining([
          { id: partnerGrant.id, studentCount: 4, organizations: [{ id: RIPON }, { id: RIPON_SCHOOL }] },
          { id: named.partnerGrant.id, studentCount: 2, organizations: [] },
        ]),
      );
      await system.act('revokePartnerGrant', { partnerGrantId: partnerGrant.id }, await as(), '');
      const again = await system.call('{ partnerGrants { nodes { id studentCount } } }', await as());
      expect(again.data.partnerGrants.nodes).toContainEqual({ id: partnerGrant.id, studentCount: 0 });
    });

    test('A-41 only of an LEA or school that is the own one or below it; what does not exist answers alike', async () => {
      const refusals = async (organizationIds: string[], who?: string) =>
        (await grant({ organizationIds }, who)).errors;
      const [absent] = await refusals(['nowhere']);
      expect(absent).toMatchObject({ code: '34-CFR-99.35', path: ['organizationIds'] });
      const [ripons] = await system.rows('SELECT parent_id AS selpa FROM organization WHERE id = ?', [RIPON]);
      for (const wrong of [[MANTECA], [RIPON, MANTECA], [ripons.selpa], ['state-ca'], ['agency-regional-center']])
        expect([wrong, await refusals(wrong)]).toEqual([wrong, [absent]]);
      expect(await refusals([ripons.selpa], 'selpa.sanjoaquin')).toEqual([absent]);
      expect(await refusals([RIPON], 'selpa.sanjoaquin')).toEqual([]);
      expect(await refusals([RIPON], 'district.manteca')).toEqual([absent]);
    });

    test('neither students nor organizations, or too many of them, is no grant', async () => {
      const pathsOf = async (more: object) => (await grant(more)).errors.map(({ path }: { path: string[] }) => path[0]);
      expect(await pathsOf({})).toEqual(['studentIds']);
      expect(await pathsOf({ studentIds: [], organizationIds: [] })).toEqual(['studentIds']);
      expect(await pathsOf({ organizationIds: Array.from({ length: 51 }, (_, i) => `o${i}`) })).toEqual([
        'organizationIds',
      ]);
      expect(await pathsOf({ organizationIds: [RIPON], scopes: ['iep.narrative:read'] })).toEqual(['scopes']);
    });

    test('A-61 who does not own all students of its organization lends none, nor a scope that it does not hold', async () => {
      const owner = await as();
      const act = async (principal: typeof owner, more: object = {}) =>
        (await system.act('createPartnerGrant', { ...TERMS, organizationIds: [RIPON], ...more }, principal, FULL))
          .payload;
      for (const grants of [[], [{ relation: 'REPORTING' as const, grantee: `LEA:${RIPON}` }]])
        expect((await act({ ...owner, grants })).errors[0].path).toEqual(['organizationIds']);
      const capabilities = owner.capabilities.filter((capability) => capability !== 'service:read');
      const excess = await act({ ...owner, capabilities }, { scopes: ['student:read', 'service:read'] });
      expect(excess.errors[0].path).toEqual(['scopes']);
    });

    test('"grant external access": SELPA and district administrators alone, for every act on grants', async () => {
      const may = (Object.keys(ROLES) as RoleName[]).filter((role) =>
        roleOf(role).capabilities.includes('partner:manage'),
      );
      expect(may.sort()).toEqual(['DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'SELPA_ADMIN']);
      const partnerGrantId = 'grant-regional-center';
      const acts = {
        createPartnerGrant: { ...TERMS, organizationIds: [RIPON] },
        rotatePartnerCredential: { partnerGrantId },
        confirmPartnerDestruction: {
          partnerGrantId,
          destroyedBy: 'Them',
          destroyedOn: '2026-02-01',
          method: 'Shredded',
        },
        revokePartnerGrant: { partnerGrantId },
      };
      for (const who of ['teacher.ripon', 'school.ripon', 'state.ca'])
        for (const [name, input] of Object.entries(acts))
          expect([who, name, (await system.act(name, input, await as(who), 'partnerGrant { id }')).status]).toEqual([
            who,
            name,
            403,
          ]);
      for (const [name, input] of Object.entries(acts).slice(1)) {
        const { errors } = await system.act(name, input, await as('district.manteca'), 'partnerGrant { id }');
        expect([name, errors[0].extensions.code]).toEqual([name, 'NOT_FOUND']);
      }
    });

    test('a grant opens nothing before its first day', async () => {
      const { partnerGrant } = await grant({ organizationIds: [RIPON], studentIds: ['s3'], startsOn: '2026-02-11' });
      expect(partnerGrant).toMatchObject({ startsOn: '2026-02-11', studentCount: 0 });
      expect((await load(partnerGrant.clientId)).code).toBe('EXPIRED');
      const rows = await system.rows('SELECT valid_from FROM student_access WHERE grantee = ?', [
        `AGENCY:${partnerGrant.id}`,
      ]);
      expect(rows).toEqual([{ valid_from: '2026-02-11' }]);
      system.clock.set(later(24));
      expect((await load(partnerGrant.clientId)).principal.grants).toEqual(lent(partnerGrant.id, ofRipon));
      for (const startsOn of ['2026-02-10', '2027-01-01'])
        expect((await grant({ studentIds: ['s3'], startsOn })).errors[0].path).toEqual(['startsOn']);
    });

    test('A-41 students of a grant are counted as far as they are in the scope of whoever asks', async () => {
      const { partnerGrant } = await grant({ studentIds: ['s3', 's4'] });
      const some = { ...(await as()), grants: [{ relation: 'CASE_MANAGER' as const, grantee: 'STAFF:counting' }] };
      const caseload = { ...some.grants[0]!, studentId: 's3', leaId: RIPON, validFrom: '2025-09-01' };
      await system.write((session) => session.get(AccessWriter).open(caseload));
      const { data } = await system.call('{ partnerGrants(first: 100) { nodes { id studentCount } } }', some);
      expect(data.partnerGrants.nodes).toContainEqual({ id: partnerGrant.id, studentCount: 1 });
    });

    test('what has come under somebody else is not the grantor’s to lend', async () => {
      const { partnerGrant } = await grant({ organizationIds: [RIPON, RIPON_SCHOOL] });
      const move = (parent: string) =>
        system.write((session) =>
          session.manager.query('UPDATE organization SET parent_id = ? WHERE id = ?', [parent, RIPON_SCHOOL]),
        );
      await move(MANTECA);
      expect((await load(partnerGrant.clientId)).principal.grants).toEqual(lent(partnerGrant.id, ofRipon));
      await move(RIPON);
    });
  });

  describe('RFC 7523 a public key in place of a secret', () => {
    test('in PEM, as JWK or as JWKS: kept without anything private, and no secret is made', async () => {
      const [one, two] = [ec(), generateKeyPairSync('ed25519')];
      const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const texts: [string, object[]][] = [
        [pem(one.publicKey), [jwk(one.publicKey)]],
        [pem(rsa.publicKey), [jwk(rsa.publicKey)]],
        [JSON.stringify({ ...jwk(one.publicKey), kid: 'k1', alg: 'ES256', use: 'sig', x5t: 'left out' }), [{ ...jwk(one.publicKey), kid: 'k1', alg: 'ES256' }]],
        [JSON.stringify({ keys: [jwk(one.publicKey), jwk(two.publicKey)] }), [jwk(one.publicKey), jwk(two.publicKey)]],
      ]; // prettier-ignore
      for (const [publicKey, kept] of texts) {
        const { errors, clientSecret, partnerGrant } = await grant({ studentIds: ['s3'], publicKey });
        expect([errors, clientSecret]).toEqual([[], null]);
        const row = await client(partnerGrant.clientId);
        expect([row.secret_hash, json(row.public_keys)]).toEqual([
          '',
          kept.map((key) => ({ kid: expect.any(String), ...key })),
        ]);
        expect(JSON.parse(partnerGrant.publicKeys)).toEqual({ keys: json(row.public_keys) });
      }
    });

    test('private, shared, weak and unreadable keys are refused, with what to do, and nothing of them is kept or echoed', async () => {
      const { privateKey, publicKey } = ec();
      const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
      const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
      const refused: [string, RegExp][] = [
        [pem(privateKey), /private key/],
        [String(privateKey.export({ type: 'sec1', format: 'pem' })), /private key/],
        [`${pem(publicKey)}${pem(privateKey)}`, /private key/],
        [JSON.stringify(jwk(privateKey)), /private key/],
        [JSON.stringify({ keys: [jwk(publicKey), jwk(privateKey)] }), /private key/],
        [JSON.stringify({ kty: 'oct', k: Buffer.from('shared').toString('base64url') }), /private key/],
        [pem(weak), /2048 bits/],
        [pem(p384), /P-256/],
        [JSON.stringify({ ...jwk(publicKey), y: jwk(publicKey).x }), /can’t be read/],
        [JSON.stringify({ ...jwk(publicKey), use: 'enc' }), /signatures/],
        [JSON.stringify({ ...jwk(publicKey), alg: 'HS256' }), /ES256/],
        [JSON.stringify({ ...jwk(publicKey), kid: 7 }), /kid/],
        [JSON.stringify({ keys: [] }), /1 to 4 keys/],
        [JSON.stringify({ keys: [jwk(publicKey), jwk(publicKey)] }), /same kid/],
        [JSON.stringify({ keys: ['a', null] }), /can’t be read/],
        ['{', /no JSON/],
        ['', /PEM/],
        ['ssh-ed25519 AAAA', /PEM/],
        ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /PEM/],
        [`{"kty":"EC","x":"${'a'.repeat(10_000)}"}`, /10000/],
      ];
      const count = async () => Number((await system.rows('SELECT COUNT(*) AS n FROM partner_grant'))[0].n);
      const before = await count();
      for (const [text, message] of refused) {
        const { errors, partnerGrant } = await grant({
          studentIds: ['s3'],
          publicKey: text,
          idempotencyKey: `k${text}`.slice(0, 9),
        });
        expect([text, errors, partnerGrant]).toEqual([
          text,
          [{ code: 'BAD_USER_INPUT', message: expect.stringMatching(message), path: ['publicKey'] }],
          null,
        ]);
        expect(JSON.stringify(errors)).not.toContain(String(jwk(privateKey).d));
      }
      expect(await count()).toBe(before);
    });
  });

  describe('another credential', () => {
    test('the old secret counts for a day unless told otherwise; the list says since when and until when; never more than two', async () => {
      const { partnerGrant, clientSecret } = await grant({ studentIds: ['s3'] });
      const { id, clientId } = partnerGrant;
      const first = await client(clientId);
      system.clock.set(later(1));
      const { payload } = await rotate(id);
      expect(payload.errors).toEqual([]);
      expect(payload.partnerGrant).toMatchObject({
        credentialChangedAt: later(1).toISOString(),
        previousCredentialUntil: later(25).toISOString(),
      });
      const row = await client(clientId);
      expect(payload.clientSecret).not.toBe(clientSecret);
      expect(await verifySecret(payload.clientSecret, row.secret_hash)).toBe(true);
      expect([row.previous_secret_hash, instant(row.previous_until)]).toEqual([first.secret_hash, later(25)]);
      expect((await load(clientId)).status).toBe(200);

      system.clock.set(later(2));
      await rotate(id, { overlapHours: 168 });
      const third = await client(clientId);
      expect([third.previous_secret_hash, instant(third.previous_until)]).toEqual([row.secret_hash, later(170)]);
      system.clock.set(later(170));
      const { data } = await system.call(
        '{ partnerGrants(first: 100) { nodes { id previousCredentialUntil } } }',
        await as(),
      );
      expect(data.partnerGrants.nodes).toContainEqual({ id, previousCredentialUntil: null });
    });

    test('with an overlap of 0 the old one ends at once, with its tokens and what was loaded for them', async () => {
      const { partnerGrant } = await grant({ studentIds: ['s3'] });
      const { id, clientId } = partnerGrant;
      await rotate(id, { overlapHours: 24 });
      const before = await load(clientId);
      system.clock.set(later(0, 700));
      await rotate(id, { overlapHours: 0 });
      const row = await client(clientId);
      expect([row.previous_secret_hash, row.previous_until]).toEqual([null, null]);
      expect((await system.call('{ viewer { subject } }', before.principal)).errors[0].extensions.code).toBe(
        'STALE_PRINCIPAL',
      );
      // Whatever a clock says: the issuer's may be ahead.
      const outcome = async (more: object) => (await load(clientId, more)).code;
      const credential = instant((await client(clientId)).tokens_from).getTime();
      expect(await outcome({ credential })).toBeUndefined();
      for (const other of [undefined, 0, credential - 1, credential + 60_000])
        expect([other, await outcome({ credential: other })]).toEqual([other, 'INACTIVE']);
      // Another credential beside it ends no token; again at once, those of this one end too.
      await rotate(id, { overlapHours: 24 });
      expect(await outcome({ credential })).toBeUndefined();
      system.clock.set(later(0, 900));
      await rotate(id, { overlapHours: 0 });
      expect(await outcome({ credential })).toBe('INACTIVE');
    });

    test('a key follows a secret, a secret a key; a key that the client has is no new one', async () => {
      const [one, two] = [ec(), ec()];
      const { partnerGrant } = await grant({ studentIds: ['s3'], publicKey: pem(one.publicKey) });
      const { id, clientId } = partnerGrant;
      const toTwo = (await rotate(id, { publicKey: pem(two.publicKey), overlapHours: 1 })).payload;
      expect([toTwo.errors, toTwo.clientSecret]).toEqual([[], null]);
      const both = await client(clientId);
      expect([json(both.public_keys), json(both.previous_keys)]).toEqual([
        [expect.objectContaining(jwk(two.publicKey))],
        [expect.objectContaining(jwk(one.publicKey))],
      ]);
      for (const { publicKey } of [one, two])
        expect(
          (await rotate(id, { publicKey: JSON.stringify({ ...jwk(publicKey), kid: 'new' }) })).payload.errors,
        ).toEqual([expect.objectContaining({ code: 'BAD_USER_INPUT', path: ['publicKey'] })]);
      const toSecret = (await rotate(id)).payload;
      const last = await client(clientId);
      expect(await verifySecret(toSecret.clientSecret, last.secret_hash)).toBe(true);
      expect([last.public_keys, json(last.previous_keys)]).toEqual([null, json(both.public_keys)]);
    });

    test('not for hours out of bounds, a private key, a grant that has ended, or twice under one key', async () => {
      const { partnerGrant } = await grant({
        studentIds: ['s3'],
        expiresOn: '2026-02-11',
        destructionDate: '2026-02-12',
      });
      const { id, clientId } = partnerGrant;
      for (const overlapHours of [-1, 169])
        expect((await rotate(id, { overlapHours })).payload.errors[0].path).toEqual(['overlapHours']);
      expect((await rotate(id, { publicKey: pem(ec().privateKey) })).payload.errors[0].path).toEqual(['publicKey']);
      const once = (await rotate(id, { idempotencyKey: 'once' })).payload;
      const twice = (await rotate(id, { idempotencyKey: 'once' })).payload;
      expect(twice).toMatchObject({ clientSecret: null, partnerGrant: { id } });
      expect(await verifySecret(once.clientSecret, (await client(clientId)).secret_hash)).toBe(true);
      system.clock.set(later(48));
      expect((await rotate(id)).payload.errors[0].path).toEqual(['partnerGrantId']);
      system.clock.set(START);
      await system.act('revokePartnerGrant', { partnerGrantId: id }, await as(), '');
      expect((await rotate(id)).payload.errors[0].path).toEqual(['partnerGrantId']);
    });
  });

  test('34 CFR 99.32(b), 99.33 the parties to whom an agency may pass records on travel with it, as the grant names them', async () => {
    const redisclosureRecipients = [{ name: ' Valley Clinic ', interest: 'Therapy that the center pays for' }];
    const { partnerGrant } = await grant({ studentIds: ['s3'], redisclosureRecipients });
    const named = [{ name: 'Valley Clinic', interest: 'Therapy that the center pays for' }];
    expect(partnerGrant.redisclosureRecipients).toEqual(named);
    expect((await load(partnerGrant.clientId)).principal.redisclosure).toEqual(named);
    const one = { name: 'A party', interest: 'x'.repeat(490) };
    for (const wrong of [
      [{ ...one, name: ' ' }],
      [{ ...one, interest: '' }],
      Array(11).fill(named[0]),
      Array(6).fill(one),
    ]) {
      const { errors } = await grant({ studentIds: ['s3'], redisclosureRecipients: wrong });
      expect(errors[0].path).toEqual(['redisclosureRecipients']);
    }
  });

  test('34 CFR 99.35(b) destruction: put on record once, after the end of the grant; the list finds what is overdue', async () => {
    const ending = { expiresOn: '2026-02-11', destructionDate: '2026-02-13' };
    const { partnerGrant } = await grant({ studentIds: ['s3'], ...ending });
    const { id } = partnerGrant;
    const confirm = async (more: object = {}) =>
      (
        await system.act(
          'confirmPartnerDestruction',
          {
            partnerGrantId: id,
            destroyedBy: 'R. Diaz, records officer',
            destroyedOn: '2026-02-12',
            method: 'Media shredded',
            ...more,
          },
          await as(),
          FULL.replace('clientSecret ', ''),
        )
      ).payload;
    const overdue = async (destructionOverdue: boolean, who?: string) =>
      (
        await system.call(
          'query($o: Boolean) { partnerGrants(first: 100, filter: { destructionOverdue: $o }) { nodes { id } } }',
          await as(who),
          { o: destructionOverdue },
        )
      ).data.partnerGrants.nodes.some((node: { id: string }) => node.id === id);
    expect((await confirm({ destroyedOn: '2026-02-10' })).errors).toEqual([
      { code: '34-CFR-99.35', message: expect.stringContaining('in force'), path: ['partnerGrantId'] },
    ]);
    system.clock.set(new Date('2026-02-13T18:00:00Z'));
    expect([await overdue(true), await overdue(false)]).toEqual([false, true]);
    system.clock.set(new Date('2026-02-14T18:00:00Z'));
    expect([await overdue(true), await overdue(false), await overdue(true, 'district.manteca')]).toEqual([
      true,
      false,
      false,
    ]);
    for (const [field, wrong] of [
      ['destroyedBy', ' '],
      ['method', ''],
      ['destroyedOn', '2026-02-15'],
      // While records could still be read.
      ['destroyedOn', '2026-02-10'],
    ] as const)
      // prettier-ignore
      expect((await confirm({ [field]: wrong })).errors[0].path).toEqual([field]);
    expect((await confirm()).partnerGrant).toMatchObject({
      destroyedBy: 'R. Diaz, records officer',
      destroyedOn: '2026-02-12',
      destructionMethod: 'Media shredded',
      destructionConfirmedAt: '2026-02-14T18:00:00.000Z',
      destructionConfirmedBy: { id: 'acct-district-ripon' },
    });
    expect([await overdue(true), await overdue(false)]).toEqual([false, true]);
    expect((await confirm({ method: 'Otherwise' })).errors[0].message).toContain('already');
    expect((await system.rows('SELECT destruction_method AS m FROM partner_grant WHERE id = ?', [id]))[0].m).toBe(
      'Media shredded',
    );
    const revoked = (await grant({ studentIds: ['s3'], expiresOn: '2026-12-31' })).partnerGrant;
    await system.act('revokePartnerGrant', { partnerGrantId: revoked.id }, await as(), '');
    expect((await confirm({ partnerGrantId: revoked.id, destroyedOn: '2026-02-14' })).errors).toEqual([]);
  });
});
