import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { createIssuer, type Issuer, issuerEntities, issuerMigrations } from '../../issuer';
import { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { bool, createTable, day, instant, json, ref, string } from '../../platform/database/migration';
import { createLogger } from '../../platform/log';
import { hashSecret } from '../../platform/secret';
import { clientCredentials, signIn } from './obtain-token';

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

describe('a token without a browser', () => {
  let database: Database;
  let embedded: Issuer;
  let server: Server;
  let issuer: string;

  beforeAll(async () => {
    const url = `sqlite:${join(mkdtempSync(join(tmpdir(), 'token-')), 'iep.db')}`;
    database = await Database.connect({
      url,
      entities: issuerEntities,
      protectedTables: [],
      migrations: [...issuerMigrations, ...published],
    });
    await migrate(database);
    const mark = scopeComment('system:test');
    const password = await hashSecret('pässwörd & more', { N: 1024 });
    await database.write(async (manager) => {
      await manager.query(`${mark}INSERT INTO pub_credential VALUES ('acct-teacher-ripon', 'teacher.ripon', ?, 1)`, [
        password,
      ]);
      await manager.query(
        `${mark}INSERT INTO pub_client (client_id, secret_hash, scopes, active, expires_on) VALUES ('regional-center', ?, 'student:read service:read', 1, NULL)`,
        [await hashSecret('a:b%c+d', { N: 1024 })],
      );
    });
    server = createServer((request, response) =>
      request.url!.startsWith('/oidc') ? embedded.handler(request, response) : response.writeHead(404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://localhost:${(server.address() as AddressInfo).port}/oidc`;
    embedded = await createIssuer({
      database,
      log: createLogger('test', 'silent'),
      issuerUrl: issuer,
      gatewayUrl: 'http://localhost:4000',
      audience: 'urn:iep-graph:api',
    });
  });
  afterAll(async () => {
    await embedded?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
    await database?.close();
  });

  test('a person signs in through the pages', async () => {
    const { accessToken, expiresIn } = await signIn({ issuer, username: 'teacher.ripon', password: 'pässwörd & more' });
    expect(decodeJwt(accessToken)).toMatchObject({
      iss: issuer,
      sub: 'acct-teacher-ripon',
      kind: 'staff',
      aud: 'urn:iep-graph:api',
    });
    expect(expiresIn).toBe(600);
    const elsewhere = await signIn({
      issuer: issuer.replace('localhost', '127.0.0.1'),
      username: 'teacher.ripon',
      password: 'pässwörd & more',
    });
    expect(decodeJwt(elsewhere.accessToken).iss).toBe(issuer);
  });

  test('a partner client gets its scopes, or fewer', async () => {
    const all = await clientCredentials({ issuer, clientId: 'regional-center', clientSecret: 'a:b%c+d' });
    expect(decodeJwt(all.accessToken)).toMatchObject({
      sub: 'regional-center',
      kind: 'partner',
      scope: 'student:read service:read',
    });
    const fewer = await clientCredentials({
      issuer,
      clientId: 'regional-center',
      clientSecret: 'a:b%c+d',
      scope: 'service:read',
    });
    expect(fewer.scope).toBe('service:read');
  });

  test('what went wrong is said in words', async () => {
    await expect(signIn({ issuer, username: 'teacher.ripon', password: 'wrong' })).rejects.toThrow(
      'do not match an active account',
    );
    await expect(clientCredentials({ issuer, clientId: 'regional-center', clientSecret: 'wrong' })).rejects.toThrow(
      'its secret is wrong',
    );
    await expect(
      clientCredentials({ issuer, clientId: 'regional-center', clientSecret: 'a:b%c+d', scope: 'iep:read' }),
    ).rejects.toThrow('none of these scopes');
    await expect(signIn({ issuer: issuer.replace('/oidc', ''), username: 'a', password: 'b' })).rejects.toThrow(
      'no OpenID provider',
    );
    const closed = createServer().listen(0);
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(signIn({ issuer: `http://localhost:${port}/oidc`, username: 'a', password: 'b' })).rejects.toThrow(
      'npm start',
    );
  });
});
