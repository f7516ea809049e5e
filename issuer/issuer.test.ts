import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
} from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { FixedClock } from '../platform/clock';
import { Database } from '../platform/database/database';
import { scopeComment } from '../platform/database/guard';
import { migrate } from '../platform/database/migrate';
import { bool, createTable, day, instant, json, ref, string } from '../platform/database/migration';
import { createLogger } from '../platform/log';
import { hashSecret } from '../platform/secret';
import { databaseUrls } from '../test/harness/databases';
import {
  CLI_CLIENT,
  createIssuer,
  type Issuer,
  issuerEntities,
  issuerMigrations,
  keyStates,
  retireKeys,
  rotateKeys,
  WEB_CLIENT,
} from './index';
import { PayloadAdapter, purgeExpired } from './payload-adapter';
import { strictTransport } from '../platform/strict-transport';
import { readIssuerSettings } from './settings';
import { OidcKey, OidcPayload } from './tables';

const AUDIENCE = 'urn:iep-graph:api';
const GATEWAY = 'http://localhost:4000';
const WEB = { client_id: WEB_CLIENT, redirect_uri: `${GATEWAY}/signed-in` };
const CLI = { client_id: CLI_CLIENT, redirect_uri: 'http://127.0.0.1:51234/callback' };
const MARK = scopeComment('system:test');

/** What `students` publishes, as tables of the same name and columns. */
const published = [
  createTable(1764910000001, 'pub_credential', {
    columns: {
      account_id: { ...ref(), isPrimary: true },
      username: string(100),
      password_hash: string(200),
      active: bool(),
    },
  }),
  createTable(1764910000002, 'pub_client', {
    columns: {
      client_id: { ...ref(), isPrimary: true },
      secret_hash: string(200),
      scopes: string(500),
      active: bool(),
      expires_on: day({ nullable: true }),
      public_keys: json({ nullable: true }),
      previous_secret_hash: string(200, { nullable: true }),
      previous_keys: json({ nullable: true }),
      previous_until: instant({ nullable: true }),
      tokens_from: instant({ nullable: true }),
    },
  }),
];

const pkce = () => {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
};

interface TokenAnswer {
  status: number;
  error?: string;
  access_token: string;
  refresh_token: string;
}
const answerOf = async (response: Response): Promise<TokenAnswer> => ({
  ...((await response.json()) as TokenAnswer),
  status: response.status,
});

/** A browser as far as a sign-in needs one: cookies, redirects one by one, forms. */
class Browser {
  private readonly cookies = new Map<string, string>();
  async open(address: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      redirect: 'manual',
      headers: { accept: 'text/html', cookie, ...headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value) this.cookies.set(name!, value);
      else this.cookies.delete(name!);
    }
    return response;
  }
  /** Follows redirects until there is a page, or an address outside of the issuer. */
  async follow(first: Response, inside: string): Promise<{ page?: Response; left?: URL; at: string }> {
    let response = first;
    let at = first.url;
    while (response.headers.has('location')) {
      at = new URL(response.headers.get('location')!, at).href;
      if (!at.startsWith(inside)) return { left: new URL(at), at };
      response = await this.open(at);
    }
    return { page: response, at };
  }
}

test('the environment of an issuer process is checked', () => {
  const env = { EMBEDDED_ISSUER: 'http://localhost:4005/oidc', PUBLIC_URL: GATEWAY };
  expect(readIssuerSettings(env)).toMatchObject({
    issuerUrl: env.EMBEDDED_ISSUER,
    gatewayUrl: GATEWAY,
    trustProxy: false,
  });
  expect(() => readIssuerSettings({ PUBLIC_URL: GATEWAY })).toThrow('EMBEDDED_ISSUER');
  expect(() => readIssuerSettings({ ...env, PUBLIC_URL: '' })).toThrow('PUBLIC_URL');
});

describe.each(databaseUrls())('the issuer on %s', (_engine, makeUrl) => {
  let database: Database;
  let issuer: Issuer;
  let server: Server;
  let issuerUrl: string;
  let host: string;
  const clock = new FixedClock(new Date());
  const log = createLogger('test', 'silent');
  const start = () => createIssuer({ database, clock, log, issuerUrl, gatewayUrl: GATEWAY, audience: AUDIENCE });

  const setActive = (table: string, key: string, id: string, active: number) =>
    database.write((manager) => manager.query(`${MARK}UPDATE ${table} SET active = ? WHERE ${key} = ?`, [active, id]));
  const authorizeUrl = (parameters: Record<string, string>) =>
    `${issuerUrl}/auth?${new URLSearchParams({ response_type: 'code', scope: 'openid', state: 's1', ...parameters })}`;
  const token = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${issuerUrl}/token`, { method: 'POST', body: new URLSearchParams(form), headers });
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  });
  const partner = (secret: string, scope?: string, id = 'regional-center') =>
    token({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }, basic(id, secret));
  const verify = async (jwt: string): Promise<JWTPayload> =>
    (
      await jwtVerify(jwt, createRemoteJWKSet(new URL(`${issuerUrl}/jwks`)), {
        issuer: issuerUrl,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        typ: 'at+jwt',
      })
    ).payload;

  async function signIn(
    client: typeof WEB,
    { username = 'teacher.ripon', password = 'teacher.ripon', browser = new Browser() } = {},
  ) {
    const { verifier, challenge } = pkce();
    const form = await browser.follow(
      await browser.open(authorizeUrl({ ...client, code_challenge: challenge, code_challenge_method: 'S256' })),
      issuerUrl,
    );
    if (form.left) return { verifier, browser, form, ...form };
    const end = await browser.follow(await browser.open(form.at, { username, password }), issuerUrl);
    return { verifier, browser, form, ...end };
  }
  async function tokensOf(client: typeof WEB, { left, verifier }: { left?: URL; verifier: string }) {
    const response = await token({
      grant_type: 'authorization_code',
      ...client,
      code: left!.searchParams.get('code')!,
      code_verifier: verifier,
    });
    return answerOf(response);
  }

  beforeAll(async () => {
    database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'issuer-'))),
      entities: issuerEntities,
      protectedTables: [],
      migrations: [...issuerMigrations, ...published],
    });
    await migrate(database);
    const hash = (secret: string) => hashSecret(secret, { N: 1024 });
    await database.write(async (manager) => {
      for (const [account, name, active] of [
        ['acct-teacher-ripon', 'teacher.ripon', 1],
        ['acct-gone', 'gone.user', 0],
        ['acct-leaver', 'leaver.user', 1],
        ['acct-guessed', 'guessed.user', 1],
        ['acct-other', 'other.user', 1],
      ] as const) {
        await manager.query(`${MARK}INSERT INTO pub_credential VALUES (?, ?, ?, ?)`, [
          account,
          name,
          await hash(name),
          active,
        ]);
      }
      const scopes = 'student:read student.demographics:read service:read';
      for (const [id, active, expires] of [
        ['regional-center', 1, '2099-12-31'],
        ['switched-off', 0, null],
        ['ended', 1, '2020-01-31'],
        ['acct-teacher-ripon', 1, null],
        ['guessed-client', 1, null],
      ] as const) {
        await manager.query(
          `${MARK}INSERT INTO pub_client (client_id, secret_hash, scopes, active, expires_on) VALUES (?, ?, ?, ?, ?)`,
          [id, await hash(id), id === 'ended' ? JSON.stringify(scopes.split(' ')) : scopes, active, expires],
        );
      }
    });
    server = createServer((request, response) => {
      if (request.url!.startsWith('/oidc')) issuer.handler(request, response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `http://localhost:${(server.address() as AddressInfo).port}`;
    issuerUrl = `${host}/oidc`;
    issuer = await start();
  });
  afterAll(async () => {
    await issuer?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
    await database?.close();
  });

  test('its tables show no drift', async () => {
    const { upQueries } = await database.schemaSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query).filter((query) => /oidc_/.test(query))).toEqual([]);
  });

  test('discovery names addresses below the mount path and nothing that is off, whatever Host says', async () => {
    const document = await (await fetch(`${issuerUrl}/.well-known/openid-configuration`)).json();
    expect(document).toMatchObject({
      issuer: issuerUrl,
      authorization_endpoint: `${issuerUrl}/auth`,
      token_endpoint: `${issuerUrl}/token`,
      jwks_uri: `${issuerUrl}/jwks`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'],
    });
    expect([...document.grant_types_supported].sort()).toEqual([
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ]);
    for (const off of [
      'registration_endpoint',
      'userinfo_endpoint',
      'introspection_endpoint',
      'device_authorization_endpoint',
    ])
      expect(document).not.toHaveProperty(off);
    const forged = await fetch(`${issuerUrl}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(await forged.json()).toEqual(document);
    const { keys } = (await (await fetch(`${issuerUrl}/jwks`)).json()) as { keys: Record<string, string>[] };
    expect(keys).toEqual([expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })]);
    expect(keys[0]).not.toHaveProperty('d');
  });

  test('answers that are no pages load nothing, are framed nowhere, and behind TLS say so', async () => {
    const answers = [
      await fetch(`${issuerUrl}/jwks`),
      await token({ grant_type: 'x' }),
      await fetch(`${issuerUrl}/none`),
    ];
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual([
        'nosniff',
        'same-origin',
      ]);
      expect(headers.get('strict-transport-security')).toBeNull();
    }
    expect(answers[1]!.headers.get('cache-control')).toBe('no-store');
    expect(strictTransport('https://iep.example.org/oidc')).toEqual({
      'strict-transport-security': 'max-age=31536000',
    });
    expect(strictTransport(issuerUrl)).toEqual({});
  });

  test('staff sign in by code flow with PKCE and get a token that verifies', async () => {
    const end = await signIn(WEB);
    expect(end.form.page!.status).toBe(200);
    expect(`${end.left!.origin}${end.left!.pathname}`).toBe(WEB.redirect_uri);
    expect(end.left!.searchParams.get('state')).toBe('s1');
    const tokens = await tokensOf(WEB, end);
    expect(tokens).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 600 });
    const payload = await verify(tokens.access_token);
    expect(payload).toMatchObject({ sub: 'acct-teacher-ripon', kind: 'staff', client_id: WEB_CLIENT });
    expect(payload.exp! - payload.iat!).toBe(600);
    expect(decodeProtectedHeader(tokens.access_token).alg).toBe('ES256');
  });

  test('the sign-in page loads nothing, has labels, and can be cancelled', async () => {
    const { challenge } = pkce();
    const browser = new Browser();
    const { page, at } = await browser.follow(
      await browser.open(authorizeUrl({ ...WEB, code_challenge: challenge, code_challenge_method: 'S256' })),
      issuerUrl,
    );
    expect(page!.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*form-action 'self' http:\/\/localhost:4000.*frame-ancestors 'none'/,
    );
    expect(page!.headers.get('cache-control')).toBe('no-store');
    const html = await page!.text();
    expect(html).toMatch(
      /<label for="username">[^]*autocomplete="username"[^]*<label for="password">[^]*autocomplete="current-password"/,
    );
    expect(html).not.toMatch(/<script|https?:\/\//);
    const { left } = await browser.follow(await browser.open(at, { cancel: 'yes' }), issuerUrl);
    expect(left!.searchParams.get('error')).toBe('access_denied');
    const stranger = await new Browser().open(at);
    expect([stranger.status, await stranger.text()]).toEqual([400, expect.stringContaining('no longer open')]);
  });

  test('a wrong password, an unknown user and an inactive account look the same', async () => {
    const pages = [];
    for (const [username, password] of [
      ['teacher.ripon', 'wrong'],
      ['nobody.here', 'nobody.here'],
      ['gone.user', 'gone.user'],
      ["' OR 1=1 --", 'x'],
    ] as const) {
      const { page, left } = await signIn(WEB, { username, password });
      expect(left).toBeUndefined();
      expect(page!.status).toBe(422);
      pages.push((await page!.text()).replace(/value="[^"]*"/g, ''));
    }
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain('role="alert"');
  });

  test('what a user typed is escaped', async () => {
    const { page } = await signIn(WEB, { username: '"><script>alert(1)</script>', password: 'x' });
    expect(await page!.text()).not.toContain('<script>');
  });

  test('ten failures lock a user name at that address, and only that; a success takes its attempt back', async () => {
    for (let n = 0; n < 12; n++) expect((await signIn(WEB)).left).toBeDefined();
    for (let n = 0; n < 10; n++)
      expect((await signIn(WEB, { username: 'guessed.user', password: `guess ${n}` })).page!.status).toBe(422);
    const { page } = await signIn(WEB, { username: 'guessed.user', password: 'guessed.user' });
    expect(page!.status).toBe(429);
    expect(Number(page!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn(WEB)).left).toBeDefined();
    await Promise.all(Array.from({ length: 50 }, () => partner('wrong', undefined, 'guessed-client')));
    expect((await partner('guessed-client', undefined, 'guessed-client')).status).toBe(401);
  });

  test('without PKCE, with the plain method, or to a foreign address there is no code', async () => {
    const { challenge } = pkce();
    const refused = async (parameters: Record<string, string>) =>
      (await new Browser().open(authorizeUrl(parameters))).headers.get('location') ?? '';
    expect(await refused(WEB)).toContain('error=invalid_request');
    expect(await refused({ ...WEB, code_challenge: challenge, code_challenge_method: 'plain' })).toContain(
      'error=invalid_request',
    );
    const foreign = await new Browser().open(
      authorizeUrl({
        ...WEB,
        redirect_uri: 'https://evil.example/signed-in',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      }),
    );
    expect([foreign.status, foreign.headers.get('location')]).toEqual([400, null]);
    expect(foreign.headers.get('content-security-policy')).toContain("default-src 'none'");
    const otherAudience = await refused({
      ...WEB,
      resource: 'urn:other:api',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    expect(otherAudience).toContain('error=invalid_target');
  });

  test('a code counts once, with its own verifier only, also when both try at the same time', async () => {
    const wrong = await signIn(WEB);
    expect(await tokensOf(WEB, { ...wrong, verifier: pkce().verifier })).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
    const end = await signIn(WEB);
    const both = await Promise.all([tokensOf(WEB, end), tokensOf(WEB, end)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(await tokensOf(WEB, end)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  test('refresh tokens rotate; a used one ends them all; an account switched off gets none', async () => {
    const refresh = async (refreshToken: string) => {
      const response = await token({ grant_type: 'refresh_token', client_id: WEB_CLIENT, refresh_token: refreshToken });
      return answerOf(response);
    };
    const first = await tokensOf(WEB, await signIn(WEB));
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await verify(second.access_token)).toMatchObject({ sub: 'acct-teacher-ripon', kind: 'staff' });
    expect((await refresh(first.refresh_token)).error).toBe('invalid_grant');
    expect((await refresh(second.refresh_token)).error).toBe('invalid_grant');

    const leaver = { username: 'leaver.user', password: 'leaver.user' };
    const end = await signIn(WEB, leaver);
    const tokens = await tokensOf(WEB, end);
    await setActive('pub_credential', 'account_id', 'acct-leaver', 0);
    expect((await refresh(tokens.refresh_token)).error).toBe('invalid_grant');
    const { form } = await signIn(WEB, { ...leaver, browser: end.browser });
    expect(form.left).toBeUndefined();
    const silent = await end.browser.open(
      authorizeUrl({ ...WEB, prompt: 'none', code_challenge: pkce().challenge, code_challenge_method: 'S256' }),
    );
    expect(silent.headers.get('location')).toContain('error=login_required');
  });

  test('a session spares the web client the form; a native application is confirmed first', async () => {
    const { browser } = await signIn(WEB);
    const again = await signIn(WEB, { browser });
    expect(again.form.left?.searchParams.has('code')).toBe(true);
    const { verifier, challenge } = pkce();
    const asked = await browser.follow(
      await browser.open(authorizeUrl({ ...CLI, code_challenge: challenge, code_challenge_method: 'S256' })),
      issuerUrl,
    );
    expect(await asked.page!.text()).toContain('data-form="confirm"');
    const confirmed = await browser.follow(await browser.open(asked.at, { confirm: 'yes' }), issuerUrl);
    expect(await tokensOf(CLI, { left: confirmed.left, verifier })).toMatchObject({ status: 200 });
    const end = await signIn(CLI);
    expect(end.left!.origin).toBe('http://127.0.0.1:51234');
    expect(await verify((await tokensOf(CLI, end)).access_token)).toMatchObject({
      sub: 'acct-teacher-ripon',
      client_id: CLI_CLIENT,
    });
  });

  test('another account can be chosen while one is signed in', async () => {
    const { browser } = await signIn(WEB);
    const { verifier, challenge } = pkce();
    const asked = {
      ...WEB,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      prompt: 'login',
      login_hint: 'other.user',
    };
    const { page, at } = await browser.follow(
      await browser.open(authorizeUrl({ ...asked, resource: AUDIENCE })),
      issuerUrl,
    );
    expect(await page!.text()).toContain('value="other.user"');
    const form = { username: 'other.user', password: 'other.user' };
    const ending = await (await browser.follow(await browser.open(at, form), issuerUrl)).page!.text();
    const [, action] = /action="([^"]+)"/.exec(ending)!;
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(ending)!;
    const { left } = await browser.follow(await browser.open(action!, { xsrf: xsrf!, logout: 'yes' }), issuerUrl);
    const tokens = await tokensOf(WEB, { left, verifier });
    expect(await verify(tokens.access_token)).toMatchObject({ sub: 'acct-other' });
  });

  test('signing out ends the session and its refresh token', async () => {
    const end = await signIn(WEB);
    const tokens = await tokensOf(WEB, end);
    const logout = `${issuerUrl}/session/end?${new URLSearchParams({ client_id: WEB_CLIENT, post_logout_redirect_uri: `${GATEWAY}/graphql` })}`;
    const page = await (await end.browser.open(logout)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)![1]!;
    const { left } = await end.browser.follow(
      await end.browser.open(`${issuerUrl}/session/end/confirm`, { xsrf, logout: 'yes' }),
      issuerUrl,
    );
    expect(left!.href).toBe(`${GATEWAY}/graphql`);
    expect(
      (await token({ grant_type: 'refresh_token', client_id: WEB_CLIENT, refresh_token: tokens.refresh_token })).status,
    ).toBe(400);
    expect((await signIn(WEB, { browser: end.browser })).form.left).toBeUndefined();
  });

  test('partners get a token for their client credentials: requested scopes ∩ their own', async () => {
    const all = await (await partner('regional-center')).json();
    expect(all).toMatchObject({
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'student:read student.demographics:read service:read',
    });
    expect(all).not.toHaveProperty('refresh_token');
    expect(await verify(all.access_token)).toMatchObject({
      sub: 'regional-center',
      client_id: 'regional-center',
      kind: 'partner',
      scope: all.scope,
    });
    const some = await (await partner('regional-center', 'student:read iep:read jurisdiction:write')).json();
    expect(await verify(some.access_token)).toMatchObject({ scope: 'student:read' });
    const none = await partner('regional-center', 'iep:read');
    expect([none.status, (await none.json()).error]).toEqual([400, 'invalid_scope']);
    const byPost = await token({
      grant_type: 'client_credentials',
      client_id: 'regional-center',
      client_secret: 'regional-center',
    });
    expect(byPost.status).toBe(200);
  });

  test('a wrong secret, the stored hash as secret, an unknown, inactive or expired client → invalid_client', async () => {
    const [row] = await database.read.query(
      `${MARK}SELECT secret_hash FROM pub_client WHERE client_id = 'regional-center'`,
    );
    const attempts = [
      partner('wrong'),
      partner(row.secret_hash),
      partner('x', undefined, 'nobody'),
      partner('switched-off', undefined, 'switched-off'),
      partner('ended', undefined, 'ended'),
    ];
    for (const response of await Promise.all(attempts))
      expect([response.status, (await response.json()).error]).toEqual([401, 'invalid_client']);
    await setActive('pub_client', 'client_id', 'regional-center', 0);
    expect((await partner('regional-center')).status).toBe(401);
    await setActive('pub_client', 'client_id', 'regional-center', 1);
    expect((await partner('regional-center')).status).toBe(200);
  });

  test('A-63 a client id equal to an account id is told apart by kind; a public client gets no token of its own', async () => {
    const { access_token } = await (await partner('acct-teacher-ripon', undefined, 'acct-teacher-ripon')).json();
    expect(await verify(access_token)).toMatchObject({ sub: 'acct-teacher-ripon', kind: 'partner' });
    const own = await token({ grant_type: 'client_credentials', client_id: WEB_CLIENT });
    expect([own.status, (await own.json()).error]).toEqual([400, 'invalid_request']);
    const password = await token({
      grant_type: 'password',
      client_id: WEB_CLIENT,
      username: 'teacher.ripon',
      password: 'teacher.ripon',
    });
    expect((await password.json()).error).toBe('unsupported_grant_type');
  });

  describe('RFC 7523 partners that sign (private_key_jwt)', () => {
    interface Signer {
      privateKey: KeyObject;
      jwk: JWK;
      alg: string;
    }
    const ofKind = (alg: string, { publicKey, privateKey }: KeyPairKeyObjectResult, kid?: string): Signer => ({
      privateKey,
      jwk: { ...(publicKey.export({ format: 'jwk' }) as JWK), ...(kid && { kid }) },
      alg,
    });
    const onP256 = (kid?: string) => ofKind('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid);
    const first = onP256('first');
    const rsa = ofKind('PS256', generateKeyPairSync('rsa', { modulusLength: 2048 }));
    const ed = ofKind('EdDSA', generateKeyPairSync('ed25519'));
    const other = onP256();
    const secret = 'a-secret-of-before';

    let made = 0;
    const claimsOf = (client: string) => ({ iss: client, sub: client, aud: issuerUrl, jti: `jti-${++made}` });
    const sign = ({ privateKey, alg }: Signer, claims: JWTPayload, header: object = {}) =>
      new SignJWT({ exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg, ...header })
        .sign(privateKey);
    const send = async (assertion: string, more: Record<string, string> = {}) =>
      answerOf(
        await token({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
          ...more,
        }),
      );
    const ask = async (signer: Signer, client: string) => send(await sign(signer, claimsOf(client)));
    const client = async (id: string, more: Record<string, unknown>) => {
      const row = { client_id: id, secret_hash: '', scopes: 'student:read', active: 1, ...more };
      const columns = Object.keys(row);
      await database.write((manager) =>
        manager.query(
          `${MARK}INSERT INTO pub_client (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
          Object.values(row),
        ),
      );
    };
    const keys = (...signers: Signer[]) => JSON.stringify(signers.map(({ jwk }) => jwk));
    const inHours = (n: number) =>
      new Date(clock.now().getTime() + n * 3_600_000).toISOString().replace('T', ' ').replace('Z', '');
    const refused = { status: 401, error: 'invalid_client' };

    beforeAll(async () => {
      await client('signs', { public_keys: keys(first, rsa, ed) });
      await client('replaced', { public_keys: keys(first), tokens_from: '2026-02-10 18:00:00.700' });
      await client('signs-too', { public_keys: keys(other) });
      await client('takes-over', {
        public_keys: keys(other),
        previous_secret_hash: await hashSecret(secret, { N: 1024 }),
        previous_until: inHours(2),
      });
      await client('rotates', { public_keys: keys(other), previous_keys: keys(first), previous_until: inHours(2) });
      await client('shares', {
        secret_hash: await hashSecret('the-new-one', { N: 1024 }),
        previous_secret_hash: await hashSecret(secret, { N: 1024 }),
        previous_until: inHours(2),
      });
    });

    test('a signed assertion gets a token of its client, by every kind of key, with and without kid', async () => {
      for (const signer of [first, rsa, ed]) {
        const { status, access_token } = await ask(signer, 'signs');
        expect([signer.alg, status]).toEqual([signer.alg, 200]);
        expect(await verify(access_token)).toMatchObject({ sub: 'signs', kind: 'partner', scope: 'student:read' });
      }
      // Which credential it was got with, for the end of one that is replaced at once.
      for (const [id, credential] of [
        ['signs', 0],
        ['replaced', Date.parse('2026-02-10T18:00:00.700Z')],
      ] as const)
        expect(await verify((await ask(first, id)).access_token)).toMatchObject({ sub: id, credential });
      expect((await send(await sign(first, claimsOf('signs'), { kid: 'first' }))).status).toBe(200);
      const aud = `${issuerUrl}/token`;
      expect((await send(await sign(first, { ...claimsOf('signs'), aud }))).status).toBe(200);
    });

    test('an assertion counts once, also when both come at the same time', async () => {
      const assertion = await sign(first, claimsOf('signs'));
      const both = await Promise.all([send(assertion), send(assertion)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
      expect(await send(assertion)).toMatchObject(refused);
    });

    test('another audience, key, client, algorithm or time is refused', async () => {
      const claims = () => claimsOf('signs');
      const now = Math.floor(Date.now() / 1000);
      const publicPem = createPublicKey({ key: first.jwk as never, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      const [, body] = (await sign(first, claims())).split('.');
      const without = (name: string) => ({ ...claims(), [name]: undefined });
      const assertions = {
        'made for the API': await sign(first, { ...claims(), aud: AUDIENCE }),
        'made for another issuer': await sign(first, { ...claims(), aud: 'https://other.example/oidc' }),
        'without audience': await sign(first, without('aud')),
        'by the key of another client': await sign(other, claims()),
        'of another client, by its key': await sign(other, { ...claims(), iss: 'signs-too' }),
        'by this key for another client': await sign(first, claimsOf('signs-too')),
        'by the public key as a shared secret': await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('1m')
          .sign(Buffer.from(publicPem)),
        unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
        ended: await sign(first, { ...claims(), exp: now - 60 }),
        'not yet begun': await sign(first, { ...claims(), nbf: now + 60 }),
        'that ends next year': await sign(first, { ...claims(), exp: now + 31_000_000 }),
        'without end': await sign(first, without('exp')),
        'without jti': await sign(first, without('jti')),
        'of a kid that the client lacks': await sign(first, claims(), { kid: 'second' }),
      };
      for (const [what, assertion] of Object.entries(assertions))
        expect([what, await send(assertion)]).toEqual([what, expect.objectContaining(refused)]);
      expect(await send(await sign(first, claims()), { client_id: 'signs-too' })).toMatchObject({ status: 400 });
      expect(await send('no assertion')).toMatchObject({ status: 400 });
    });

    test('who has a key has no secret, and who has a secret no key', async () => {
      for (const attempt of ['', 'signs', keys(first)]) {
        const { status } = await partner(attempt, undefined, 'signs');
        expect([attempt, [400, 401].includes(status)]).toEqual([attempt, true]);
      }
      expect(await ask(first, 'regional-center')).toMatchObject(refused);
    });

    test('the credential of before counts until its hour, and not a moment longer', async () => {
      const statuses = async () => ({
        secretBeforeKey: (await partner(secret, undefined, 'takes-over')).status,
        keyAfterSecret: (await ask(other, 'takes-over')).status,
        keyBefore: (await ask(first, 'rotates')).status,
        keyAfter: (await ask(other, 'rotates')).status,
        secretBefore: (await partner(secret, undefined, 'shares')).status,
        secretAfter: (await partner('the-new-one', undefined, 'shares')).status,
      });
      const present = { keyAfterSecret: 200, keyAfter: 200, secretAfter: 200 };
      const start = clock.now();
      const at = (hours: number, ms: number) => clock.set(new Date(start.getTime() + hours * 3_600_000 + ms));
      at(2, -1);
      expect(await statuses()).toEqual({ ...present, secretBeforeKey: 200, keyBefore: 200, secretBefore: 200 });
      at(2, 0);
      expect(await statuses()).toEqual({ ...present, secretBeforeKey: 401, keyBefore: 401, secretBefore: 401 });
      clock.set(start);
    });
  });

  test('scripts may call the token endpoint from the gateway only', async () => {
    const from = (origin: string) =>
      token({ grant_type: 'refresh_token', client_id: WEB_CLIENT, refresh_token: 'x' }, { origin });
    expect((await from(GATEWAY)).headers.get('access-control-allow-origin')).toBe(GATEWAY);
    expect((await from('http://127.0.0.1:4000')).headers.get('access-control-allow-origin')).toBe(
      'http://127.0.0.1:4000',
    );
    const evil = await from('https://evil.example');
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([400, null]);
  });

  test('odd requests get an answer, never a stack trace', async () => {
    const { challenge } = pkce();
    const pkceParameters = { code_challenge: challenge, code_challenge_method: 'S256' };
    const browser = new Browser();
    const { at } = await browser.follow(await browser.open(authorizeUrl({ ...WEB, ...pkceParameters })), issuerUrl);
    const responses = [
      await browser.open(at, { username: 'x'.repeat(9_000) }),
      await browser.open(at, { username: 'a'.repeat(300), password: 'b'.repeat(2_000) }),
      await browser.open(at, {}),
      await fetch(`${issuerUrl}/token`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }),
      await token({ grant_type: 'client_credentials' }, { authorization: 'Basic ???' }),
      await fetch(`${issuerUrl}/interaction/${'x'.repeat(100)}`),
      await fetch(`${issuerUrl}/auth?client_id=nobody`),
      await browser.open(authorizeUrl({ ...WEB, ...pkceParameters, login_hint: '"><b>' })),
    ];
    for (const response of responses) {
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).not.toMatch(/node_modules|\.js:\d+|at async/);
    }
  });

  test('it can be mounted on a stripped path, and stand alone behind one', async () => {
    const stripped = createServer((request, response) => {
      const incoming = request as IncomingMessage & { originalUrl?: string };
      incoming.originalUrl = request.url;
      request.url = request.url!.replace(/^\/oidc/, '');
      issuer.handler(request, response);
    });
    await new Promise<void>((resolve) => stripped.listen(0, '127.0.0.1', resolve));
    const { port } = stripped.address() as AddressInfo;
    const document = await (await fetch(`http://127.0.0.1:${port}/oidc/.well-known/openid-configuration`)).json();
    expect(document).toMatchObject({ issuer: issuerUrl, token_endpoint: `http://127.0.0.1:${port}/oidc/token` });
    const bare = await (await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`)).json();
    expect(bare.token_endpoint).toBe(`http://127.0.0.1:${port}/oidc/token`);
    stripped.closeAllConnections();
    await new Promise((resolve) => stripped.close(resolve));
  });

  test('a restart keeps the keys and the sessions; two processes that start at once share them', async () => {
    const jwks = async () =>
      (await (await fetch(`${issuerUrl}/jwks`)).json()).keys.map(({ kid }: { kid: string }) => kid);
    const before = await jwks();
    const tokens = await tokensOf(WEB, await signIn(WEB));
    await issuer.close();
    issuer = await start();
    expect(await jwks()).toEqual(before);
    expect(await verify(tokens.access_token)).toMatchObject({ sub: 'acct-teacher-ripon' });
    expect(
      (await token({ grant_type: 'refresh_token', client_id: WEB_CLIENT, refresh_token: tokens.refresh_token })).status,
    ).toBe(200);
    await issuer.close();
    await database.write((manager) => manager.query('DELETE FROM oidc_key'));
    const [one, two] = await Promise.all([start(), start()]);
    expect(await database.read.countBy(OidcKey, { kind: 'signing' })).toBe(1);
    const kids: string[][] = [];
    for (const each of [one, two]) {
      issuer = each;
      kids.push(await jwks());
    }
    expect(kids[0]).toEqual(kids[1]);
    await one.close();
  });

  test('keys are exchanged while two issuers run: nothing fails, whoever is asked, before, meanwhile or after', async () => {
    const [one, two] = [issuer, await start()];
    const began = clock.now().getTime() + 3_600_000;
    clock.set(new Date(began));
    const at = async (minutes: number, ...looking: Issuer[]): Promise<void> => {
      clock.set(new Date(began + minutes * 60_000));
      for (const each of looking) await each.renewKeys();
    };
    const asking = async <T>(each: Issuer, work: () => Promise<T>): Promise<T> => {
      issuer = each;
      return work();
    };
    const tokenOf = (each: Issuer): Promise<string> =>
      asking(each, async () => (await answerOf(await partner('regional-center'))).access_token);
    /** As a gateway fetches them. */
    const keysOf = (each: Issuer) =>
      asking(each, async () => createLocalJWKSet((await (await fetch(`${issuerUrl}/jwks`)).json()) as JSONWebKeySet));
    type Keys = Awaited<ReturnType<typeof keysOf>>;
    const holds = async (jwt: string, keys: Keys): Promise<string> =>
      (await jwtVerify(jwt, keys, { issuer: issuerUrl, audience: AUDIENCE })).payload.sub!;
    const kid = (jwt: string) => decodeProtectedHeader(jwt).kid!;
    const browser = new Browser();
    const staysSignedIn = async (each: Issuer): Promise<void> => {
      const { left } = await asking(each, () => signIn(WEB, { browser }));
      expect(left?.searchParams.get('code')).toBeTruthy();
    };
    await asking(one, () => signIn(WEB, { browser }));

    const before = await tokenOf(one);
    const old = kid(before);
    await rotateKeys(database, clock);
    // One has looked, the other one not yet: whatever either signs, the keys of both verify.
    await at(1, one);
    for (const signer of [one, two]) {
      const jwt = await tokenOf(signer);
      expect(kid(jwt)).toBe(old);
      for (const publisher of [one, two]) expect(await holds(jwt, await keysOf(publisher))).toBe('regional-center');
      await staysSignedIn(signer);
    }
    await at(2, two);
    const fetched = await keysOf(two);
    expect((await keyStates(database, clock)).map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'signing signs from',
      'signing signs',
      'cookie signs from',
      'cookie signs',
    ]);
    // The new one signs at one of them: keys that were fetched long ago, and those of the other one, know it.
    await at(15, one);
    const [byNew, byOld] = [await tokenOf(one), await tokenOf(two)];
    expect([kid(byNew) === old, kid(byOld) === old]).toEqual([false, true]);
    for (const jwt of [before, byNew, byOld])
      for (const keys of [fetched, await keysOf(one), await keysOf(two)])
        expect(await holds(jwt, keys)).toBe('regional-center');
    // Signed in anew, with a cookie of the new key, and with the one of before.
    for (const each of [one, two, one]) await staysSignedIn(each);
    await at(16, two);
    expect(kid(await tokenOf(two))).toBe(kid(byNew));

    // Nothing is removed while what it signed is good.
    await at(29);
    expect(await retireKeys(database, clock)).toEqual([]);
    await at(30);
    expect(await retireKeys(database, clock)).toHaveLength(1);
    for (const each of [one, two]) await each.renewKeys();
    expect(await holds(byNew, await keysOf(two))).toBe('regional-center');
    await expect(holds(byOld, await keysOf(two))).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    for (const each of [one, two]) await staysSignedIn(each);
    await at(15 + 10 * 60 + 5, one, two);
    expect(await retireKeys(database, clock)).toHaveLength(1);
    expect((await keyStates(database, clock)).map(({ state }) => state)).toEqual(['signs', 'signs']);

    // A key that others know: gone at once, and the new one signs.
    await rotateKeys(database, clock);
    expect(await retireKeys(database, clock, true)).toHaveLength(2);
    for (const each of [one, two]) await each.renewKeys();
    const keys = await keysOf(one);
    expect(await holds(await tokenOf(two), keys)).toBe('regional-center');
    await expect(holds(byNew, keys)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    expect((await asking(one, () => signIn(WEB, { browser: browser }))).form.page?.status).toBe(200);
    await two.close();
    issuer = one;
  });

  test('what has expired is not found, and is removed', async () => {
    const codes = new PayloadAdapter('AuthorizationCode', database, clock);
    await codes.upsert('c1', { grantId: 'g1', kind: 'AuthorizationCode' }, 60);
    await codes.upsert('c2', { grantId: 'g1' }, 3600);
    await codes.upsert('c2', { grantId: 'g1', clientId: 'changed' }, 3600);
    expect(await codes.find('c1')).toEqual({ grantId: 'g1', kind: 'AuthorizationCode' });
    expect(await codes.find('c2')).toMatchObject({ clientId: 'changed' });
    const sessions = new PayloadAdapter('Session', database, clock);
    await sessions.upsert('c1', { uid: 'u1' }, 3600);
    expect(await sessions.findByUid('u1')).toEqual({ uid: 'u1' });
    await codes.consume('c2');
    await expect(codes.consume('c2')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await codes.find('c2')).toHaveProperty('consumed');
    clock.set(new Date(clock.now().getTime() + 61_000));
    expect(await codes.find('c1')).toBeUndefined();
    expect(await purgeExpired(database, clock)).toBeGreaterThan(0);
    expect(await database.read.existsBy(OidcPayload, { kind: 'AuthorizationCode', id: 'c1' })).toBe(false);
    expect(await codes.find('c2')).toBeDefined();
    await codes.revokeByGrantId('g1');
    expect(await codes.find('c2')).toBeUndefined();
    expect(await sessions.find('c1')).toBeDefined();
    await sessions.destroy('c1');
    expect(await sessions.find('c1')).toBeUndefined();
  });
});
