import { verifySecret } from '../../../platform/secret';
import { databaseUrls } from '../../../test/harness/databases';
import { DirectorySystem, RIPON } from '../account/directory-system.fixture';

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
      };
      const { payload } = await system.act('createPartnerGrant', bad, as, 'partnerGrant { id } clientSecret');
      expect(payload.errors.map((error: { path: string[] }) => error.path[0])).toEqual([
        'purpose',
        'legalBasis',
        'agreement',
        'expiresOn',
        'destructionDate',
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
});
