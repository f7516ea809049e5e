import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type GenerateKeyPairResult,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { AUDIENCE } from '../../gateway/gateway.fixture';
import { callsOf } from './call-counter';
import { type RecordingGateway, recordingGateway } from './recording-gateway';

const supergraph = readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8');
const QUERY = '{ students { totalCount } }';

/** The product's gateway before an OpenID provider of our own, whose every request is counted. */
describe('attacks on who the caller is', () => {
  const asked: string[] = [];
  let issuer: Server;
  let url: string;
  let keys: GenerateKeyPairResult;
  let gateway: RecordingGateway;

  beforeAll(async () => {
    keys = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'real', alg: 'RS256', use: 'sig' };
    issuer = createServer((request, response) => {
      asked.push(request.url!);
      const answer = request.url === '/keys' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` };
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    gateway = await recordingGateway(supergraph, undefined, { issuers: [{ url, audience: AUDIENCE, embedded: true }] });
  });
  afterAll(async () => {
    await gateway?.stop();
    issuer?.closeAllConnections();
    await new Promise((resolve) => issuer?.close(resolve));
  });
  beforeEach(() => {
    gateway.forget();
    gateway.graph.asked = [];
  });

  const token = (
    key: CryptoKey | Uint8Array,
    header: Partial<JWTHeaderParameters> = {},
    claims: Record<string, unknown> = {},
  ): Promise<string> =>
    new SignJWT({ sub: 'somebody', iss: url, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 300, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'real', ...header })
      .sign(key);
  const expectRefused = async (bearer: string): Promise<void> => {
    const { status, errors } = await gateway.post(QUERY, { token: bearer });
    expect([status, errors?.[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    // Not even who it would be was looked up.
    expect([gateway.graph.asked, gateway.fetches]).toEqual([[], []]);
  };

  test('A-32 the real key, and nothing else, opens the gateway', async () => {
    expect((await gateway.post(QUERY, { token: await token(keys.privateKey) })).status).toBe(200);
  });

  test('A-32 the public key as a shared secret: HS256 over everything that an attacker knows of it', async () => {
    const pem = await exportSPKI(keys.publicKey);
    const jwk = await exportJWK(keys.publicKey);
    const known = [
      pem,
      pem.trim(),
      pem.replace(/-----[A-Z ]+-----|\n/g, ''),
      JSON.stringify(jwk),
      jwk.n!,
      Buffer.from(jwk.n!, 'base64url').toString('latin1'),
    ];
    for (const secret of known)
      for (const alg of ['HS256', 'HS384', 'HS512'])
        await expectRefused(await token(new TextEncoder().encode(secret.padEnd(64, '\0')), { alg }));
  });

  test('A-32 a key that the token brings along or points to', async () => {
    const other = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(other.publicKey);
    const before = asked.length;
    for (const header of [
      { jwk },
      { jku: `${url}/evil` },
      { x5u: `${url}/evil` },
      { kid: '../keys' },
      { kid: 'real', jwk },
      { kid: undefined },
    ])
      await expectRefused(await token(other.privateKey, header as never));
    expect(asked.slice(before).filter((path) => path.includes('evil'))).toEqual([]);
  });

  test.each(['none', 'None', 'NONE', 'nOnE', ''])('A-32 alg "%s" with and without a signature', async (alg) => {
    const [, claims, signature] = (await token(keys.privateKey)).split('.');
    const header = Buffer.from(JSON.stringify({ alg, kid: 'real' })).toString('base64url');
    for (const end of ['', signature]) await expectRefused(`${header}.${claims}.${end}`);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'urn:other' }],
    ['no audience', { aud: undefined }],
    ['an audience that begins like ours', { aud: `${AUDIENCE}.evil` }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an issuer with a slash more', { iss: 'SLASH' }],
    ['a list of issuers', { iss: [] }],
    ['no end', { exp: undefined }],
    ['an end in the past', { exp: 1 }],
    ['an end that is no number', { exp: '9999999999' }],
    ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 60 }],
    ['nobody', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a kind that there is not', { kind: 'admin' }],
  ])('A-32 signed with the real key, but with %s', async (_, claims) => {
    const made = claims.iss === 'SLASH' ? { iss: `${url}/` } : claims;
    await expectRefused(await token(keys.privateKey, {}, made));
  });

  test('A-33 a flood of unknown key ids at once: the keys are fetched at most once more', async () => {
    asked.length = 0;
    const other = await generateKeyPair('RS256');
    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, i) => token(other.privateKey, { kid: `unknown-${i}` })),
    );
    for (let start = 0; start < flood.length; start += 25)
      await Promise.all(flood.slice(start, start + 25).map(expectRefused));
    expect(asked.length).toBeLessThanOrEqual(1);
    expect(
      (await gateway.post(QUERY, { token: await token(keys.privateKey, {}, { sub: 'after the flood' }) })).status,
    ).toBe(200);
  });

  test('A-63 a subject is somebody only together with its issuer and its kind', async () => {
    for (const sub of ['acct-state-ca', 'state.ca', 'regional-center', 'system:seed', 'gateway'])
      await gateway.post(QUERY, { token: await token(keys.privateKey, {}, { sub }) });
    expect(gateway.graph.asked.map(({ issuer: from, kind }) => [from, kind])).toEqual(
      Array(5).fill(['embedded', 'staff']),
    );
  });

  describe('bodies', () => {
    const send = async (body: BodyInit, headers: Record<string, string>): Promise<number> => {
      const authorization = `Bearer ${await token(keys.privateKey)}`;
      return (
        await fetch(`${gateway.origin}/graphql`, { method: 'POST', headers: { authorization, ...headers }, body })
      ).status;
    };
    const operation = JSON.stringify({ query: QUERY });
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));

    test.each(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'identity, gzip', 'GZIP'])(
      'A-53 content-encoding %s: 50 megabytes in 50 kilobytes are refused before they are inflated',
      async (encoding) => {
        const { calls, result } = await callsOf(() =>
          send(bomb, { 'content-type': 'application/json', 'content-encoding': encoding }),
        );
        expect(result).toBe(415);
        expect(calls).toBeLessThan(50_000);
        expect([gateway.graph.asked, gateway.fetches]).toEqual([[], []]);
      },
    );

    test.each([
      'utf-7',
      'utf-16',
      'utf-16le',
      'utf-32',
      'ibm500',
      'shift_jis',
      'iso-8859-1',
      'us-ascii',
      'utf-8, utf-16',
      'x',
    ])('A-53 charset %s', async (charset) => {
      expect(await send(operation, { 'content-type': `application/json; charset=${charset}` })).toBe(415);
      expect(gateway.fetches).toEqual([]);
    });

    test('A-53 a body that is in another encoding than it says', async () => {
      for (const bytes of [
        Buffer.from(operation, 'utf16le'),
        Buffer.from([0xff, 0xfe, ...Buffer.from(operation, 'utf16le')]),
        gzipSync(operation),
        Buffer.from([0x7b, 0x22, 0xff, 0xfe]),
      ])
        expect(await send(bytes, { 'content-type': 'application/json' })).toBe(400);
      expect(gateway.fetches).toEqual([]);
    });

    test.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/graphql',
      'application/jsonx',
      'message/http; application/json',
      '; application/json',
      'application/json, text/plain',
      '',
    ])('A-52 content type "%s": what a form of another site could send is refused', async (type) => {
      expect(await send(new Blob([operation]), { 'content-type': type })).toBe(415);
      expect(gateway.fetches).toEqual([]);
    });

    test('A-52 nor is anything answered to GET, with whatever content type', async () => {
      const authorization = `Bearer ${await token(keys.privateKey)}`;
      for (const type of ['application/json', 'text/plain', 'message/external-body; application/json', 'x'])
        for (const method of ['GET', 'HEAD']) {
          const answer = await fetch(`${gateway.origin}/graphql?query=${encodeURIComponent(QUERY)}`, {
            method,
            headers: { authorization, 'content-type': type },
          });
          expect([405, 415]).toContain(answer.status);
        }
      expect(gateway.fetches).toEqual([]);
    });

    test('A-31 several operations in one body', async () => {
      for (const body of [
        `[${operation}]`,
        `[${operation},${operation}]`,
        '[]',
        `{"0":${operation}}`,
        `${operation}${operation}`,
        `${operation}\n${operation}`,
      ])
        expect([body.slice(0, 20), await send(body, { 'content-type': 'application/json' })]).toEqual([
          body.slice(0, 20),
          400,
        ]);
      expect(gateway.fetches).toEqual([]);
    });
  });
});
