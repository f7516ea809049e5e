import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlattenedSign, importJWK } from 'jose';
import { readSettings } from '../../platform/config';
import { startGateway, student, reply, type Running } from '../gateway.fixture';
import { hashOf, makeSigningKey, openManifest, signManifest } from './manifest';
import { openOperations } from './open-operations';
import { RegisteredOperations } from './registered-operations';

const LISTED = 'query Listed { student(id: "s1") { id name } }';
const OTHER = 'query Other { student(id: "s1") { id } }';
const folder = mkdtempSync(join(tmpdir(), 'iep-operations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a gateway that answers registered operations alone', () => {
  let running: Running;
  beforeAll(async () => {
    running = await startGateway({ operations: new RegisteredOperations(new Map([[hashOf(LISTED), LISTED]]), true) });
  });
  beforeEach(() => {
    running.graph.reset();
    running.graph.respond = { students: () => reply({ student }) };
  });
  afterAll(() => running.stop());

  const send = async (body: object, token?: string | null): Promise<{ status: number; data?: any; code?: string }> => {
    const bearer = token === undefined ? await running.token() : token;
    const answer = await fetch(`${running.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify(body),
    });
    const { data, errors } = (await answer.json()) as any;
    return { status: answer.status, data, code: errors?.[0].extensions.code };
  };
  const REFUSED = { status: 400, data: undefined, code: 'BAD_USER_INPUT' };
  const persisted = (sha256Hash: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

  test('A-30 a registered one is answered, by text and by either kind of id', async () => {
    for (const body of [
      { query: LISTED },
      { documentId: `sha256:${hashOf(LISTED)}` },
      { documentId: hashOf(LISTED) },
      persisted(hashOf(LISTED)),
      { query: LISTED, ...persisted(hashOf(LISTED)) },
    ])
      expect(await send(body)).toMatchObject({ status: 200, data: { student: { id: 's1', name: 'Ada' } } });
  });

  test('A-30 an unregistered one is refused before anything is fetched, and recorded', async () => {
    for (const query of [OTHER, `${LISTED} `, `${LISTED}\n${OTHER}`, '{ __schema { types { name } } }'])
      expect(await send({ query, operationName: 'Other' })).toEqual(REFUSED);
    expect(running.graph.fetched).toEqual([]);
    expect(running.graph.audited.length).toBeGreaterThan(0);
  });

  test('A-30 who builds reports may ask anything; a partner may not, whatever it was granted', async () => {
    running.graph.capabilities.push('report:build');
    expect((await send({ query: OTHER }, await running.token({ sub: 'builder' }))).status).toBe(200);
    const operations = new RegisteredOperations(new Map(), true);
    expect(operations.resolve({ query: OTHER }, { kind: 'partner', capabilities: ['report:build'] })).toBeInstanceOf(
      Error,
    );
  });

  test('A-28 an id that is not the text’s is refused, and so is one that nobody registered', async () => {
    for (const body of [
      { query: OTHER, ...persisted(hashOf(LISTED)) },
      { query: LISTED, documentId: hashOf(OTHER) },
      persisted(hashOf(OTHER)),
      persisted('abc'),
      { documentId: 7 },
      { documentId: null },
      { documentId: '__proto__' },
    ])
      expect([body, await send(body)]).toEqual([body, REFUSED]);
    expect(running.graph.fetched).toEqual([]);
  });

  test('A-29 no request registers an operation, with or without a token', async () => {
    expect((await send({ query: OTHER, ...persisted(hashOf(OTHER)) }, null)).status).toBe(401);
    expect(await send({ query: OTHER, ...persisted(hashOf(OTHER)) })).toEqual(REFUSED);
    expect(await send(persisted(hashOf(OTHER)))).toEqual(REFUSED);
  });
});

describe('the signed list', () => {
  test('A-30 is taken from who may sign it, whole and unchanged', async () => {
    const [ours, next, foreign] = [await makeSigningKey(), await makeSigningKey(), await makeSigningKey()];
    const file = await signManifest([LISTED, OTHER, LISTED], ours.privateKey);
    const known = await openManifest(file, [next.publicKey, ours.publicKey]);
    expect([...known].sort()).toEqual([LISTED, OTHER].map((text) => [hashOf(text), text]).sort());
    await expect(openManifest(file, [foreign.publicKey])).rejects.toThrow('not signed by a key');
    await expect(openManifest(file, [])).rejects.toThrow('not signed by a key');
    const jws = JSON.parse(file);
    const forged = Buffer.from(JSON.stringify({ operations: { [hashOf(OTHER)]: OTHER } })).toString('base64url');
    for (const change of [{ payload: forged }, { protected: Buffer.from('{"alg":"none"}').toString('base64url') }])
      await expect(openManifest(JSON.stringify({ ...jws, ...change }), [ours.publicKey])).rejects.toThrow('not signed');
    for (const text of ['', '[]', '{"operations":{}}'])
      await expect(openManifest(text, [ours.publicKey])).rejects.toThrow('not a manifest');
  });

  test('A-30 what its key has signed is no list when it was signed as something else, or holds a text under another’s hash', async () => {
    const { privateKey, publicKey } = await makeSigningKey();
    const sign = async (typ: string, operations: Record<string, string>) => {
      const jws = await new FlattenedSign(new TextEncoder().encode(JSON.stringify({ operations })))
        .setProtectedHeader({ alg: 'EdDSA', typ })
        .sign(await importJWK(privateKey, 'EdDSA'));
      return openManifest(JSON.stringify(jws), [publicKey]);
    };
    const typ = 'iep-graph-operations+jws';
    expect((await sign(typ, { [hashOf(OTHER)]: OTHER })).size).toBe(1);
    await expect(sign('JWT', { [hashOf(OTHER)]: OTHER })).rejects.toThrow('not signed by a key');
    await expect(sign(typ, { [hashOf(LISTED)]: OTHER })).rejects.toThrow(`another text under ${hashOf(LISTED)}`);
  });

  test('is needed where only registered operations are answered, as in production', async () => {
    const key = 'x'.repeat(43);
    const open = (environment: Record<string, string>) => openOperations(readSettings(environment));
    await expect(open({ NODE_ENV: 'production' })).rejects.toThrow(/OPERATIONS_FILE: is needed.*OPERATIONS=any/);
    await expect(open({ OPERATIONS: 'registered' })).rejects.toThrow('OPERATIONS_FILE: is needed');
    await expect(open({ OPERATIONS_FILE: 'x' })).rejects.toThrow('OPERATIONS_KEY: is needed');
    await expect(open({ OPERATIONS_FILE: join(folder, 'none'), OPERATIONS_KEY: key })).rejects.toThrow("can't be read");
    expect(() => readSettings({ OPERATIONS_KEY: 'short' })).toThrow('OPERATIONS_KEY');
    for (const environment of [{}, { NODE_ENV: 'production', OPERATIONS: 'any' }] as Record<string, string>[]) {
      const operations = await open(environment);
      expect(operations.resolve({ query: OTHER }, { kind: 'partner', capabilities: [] })).toEqual({ query: OTHER });
    }
  });
});
