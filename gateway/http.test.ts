import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { AUDIENCE, EMBEDDED, reply, type Running, startGateway, student } from './gateway.fixture';
import { TokenVerifier } from './authenticate/token-verifier';
import { readGatewayConfig } from './config';
import { httpTransport } from './create-gateway';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the HTTP door', () => {
  let running: Running;
  let authorization: string;
  beforeAll(async () => {
    running = await startGateway(
      {
        limits: { bodyBytes: 2_000, textLength: 2_000, uploadPace: { graceMs: 1_000, bytesPerSecond: 1_000_000 } },
        demoAccounts: ['teacher.ripon', '</script>'],
        mounts: {
          '/oidc': (request, response) =>
            void response.end(`${request.url} of ${(request as never as { originalUrl: string }).originalUrl}`),
        },
      },
      false,
    );
    authorization = `Bearer ${await running.token()}`;
  });
  afterAll(() => running.stop());
  beforeEach(() => {
    running.graph.reset();
    running.graph.respond.students = () => reply({ student });
  });

  const raw = (body: BodyInit | undefined, headers: Record<string, string> = {}, method = 'POST') =>
    fetch(`${running.origin}/graphql`, {
      method,
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body,
    });
  const QUERY = '{"query":"{ student(id: 1) { id } }"}';

  describe('what was valid once is not parsed again, and answered the same', () => {
    const TWO = 'query A { student(id: 1) { id } } query B($id: ID!) { student(id: $id) { name } }';
    const hard = { message: 'kept', path: ['rename'], extensions: { code: 'CONFLICT', written: true, secret: 1 } };
    test.each<[string, object, { errors: { message: string }[] }?]>([
      ['data', { query: '{ student(id: 1) { id name } }' }],
      ['an operation of two, by name', { query: TWO, operationName: 'A' }],
      ['the other of the two, with variables', { query: TWO, operationName: 'B', variables: { id: '2' } }],
      ['none of the two is named', { query: TWO }],
      ['a name that is none', { query: TWO, operationName: 'C' }],
      ['an empty name', { query: 'mutation { rename(id: 1) { student { id } } }', operationName: '' }],
      ['a variable is missing', { query: TWO, operationName: 'B', variables: {} }],
      ['variables are no object', { query: '{ student(id: 1) { id name } }', variables: [1] }],
      ['extensions', { query: '{ student(id: 1) { id name } }', extensions: { persistedQuery: { version: 1 } } }],
      ['an error of a subgraph', { query: 'mutation { rename(id: 1) { student { id } } }' }, { errors: [hard] }],
      ['a failure', { query: '{ student(id: 2) { id } }' }, { errors: [{ message: 'SELECT 1' }] }],
      ['the schema', { query: '{ __schema { queryType { name } } }' }],
      ['a wrong text', { query: '{ student(id: 1) { nmae } }' }],
    ])('%s', async (...given) => {
      const [, body, answer] = given;
      if (answer) running.graph.respond.students = () => ({ data: null, ...answer });
      const [first, second, third] = await Promise.all(
        ['application/json', 'application/json', 'application/graphql-response+json'].map(async (accept, at) => {
          // One after the other.
          await new Promise((resolve) => setTimeout(resolve, at * 50));
          const answered = await raw(JSON.stringify(body), { accept, 'x-request-id': 'the-same' });
          return {
            status: answered.status,
            headers: [...answered.headers].filter(([name]) => name !== 'date'),
            text: await answered.text(),
          };
        }),
      );
      expect(second).toEqual(first);
      expect(third).toMatchObject({ status: first!.status, text: first!.text });
      expect(Object.fromEntries(third!.headers)['content-type']).toContain('application/graphql-response+json');
      expect(first!.text).not.toMatch(/SELECT|written|secret/);
      if ((body as { operationName?: string }).operationName === '')
        expect([first!.status, running.graph.fetched]).toEqual([400, []]);
    });

    test('of a text with two operations each request gets the one that it names', async () => {
      const query = `${TWO} # known of one of them only`;
      const answers: Record<string, object> = { A: { id: student.id }, B: { name: student.name } };
      for (const operationName of ['A', 'A', 'B', 'B', 'A']) {
        const { data } = (await (
          await raw(JSON.stringify({ query, operationName, variables: { id: '1' } }))
        ).json()) as any;
        expect([operationName, data]).toEqual([operationName, { student: answers[operationName] }]);
      }
    });
  });

  test('an answer that nobody would take is not made: 406, nothing runs', async () => {
    const body = '{"query":"mutation { rename(id: 1) { student { id } } }"}';
    for (const accept of ['text/html', 'application/xml', 'application/json;q=0'])
      expect([accept, (await raw(body, { accept })).status]).toEqual([accept, 406]);
    expect(running.graph.seen).toEqual([]);
    for (const accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1'])
      expect([accept, (await raw(QUERY, { accept })).status]).toEqual([accept, 200]);
  });

  test('A-31 a batched array → 400', async () => {
    const answer = await raw(`[${QUERY},${QUERY}]`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { errors: [{ message: 'Send one operation per request.', extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    for (const body of [
      '',
      'x',
      '5',
      'null',
      '"x"',
      '{}',
      '{"query":5}',
      '{"query":{"kind":"Document"}}',
      '{"query":"{news}","variables":"{}"}',
      '{"query":"{news}","extensions":[]}',
    ]) {
      const bad = await raw(body);
      expect([body, bad.status, ((await bad.json()) as any).errors[0].extensions.code]).toEqual([
        body,
        400,
        'BAD_USER_INPUT',
      ]);
    }
    expect((await raw(Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
    expect(running.graph.fetched).toEqual([]);
  });

  test('A-28 an id that nobody registered is refused', async () => {
    const answer = await raw(JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } }));
    expect([answer.status, ((await answer.json()) as any).errors[0].extensions]).toEqual([
      400,
      { code: 'BAD_USER_INPUT' },
    ]);
  });

  test('A-52, A-53 only plain JSON in UTF-8, by POST', async () => {
    expect((await raw(QUERY)).status).toBe(200);
    expect((await raw(QUERY, { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(200);
    for (const type of [
      'text/plain',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/graphql',
      'message/external-body; application/json',
    ]) {
      expect([type, (await raw(QUERY, { 'content-type': type })).status]).toEqual([type, 415]);
    }
    for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip'])
      expect((await raw(gzipSync(QUERY), { 'content-encoding': encoding })).status).toBe(415);
    for (const type of ['text/plain', 'message/external-body; application/json'])
      expect((await raw(undefined, { 'content-type': type }, 'GET')).status).toBe(415);
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await raw(undefined, {}, method);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect((await fetch(`${running.origin}/graphql?query={news}`, { headers: { authorization } })).status).toBe(405);
  });

  test('a body over the limit → 413, declared or not', async () => {
    const long = JSON.stringify({ query: `{ news } # ${'x'.repeat(3_000)}` });
    expect((await raw(long)).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        `${running.origin}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json', authorization } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      request.on('error', reject);
      request.write(long);
      request.end();
    });
    expect(status).toBe(413);
  });

  describe('SEIS-53 large bodies, for scanned copies', () => {
    const RENAME = 'mutation($name: String) { rename(id: 1, name: $name) { student { id } } }';
    const body = (length: number, query = RENAME) => JSON.stringify({ query, variables: { name: 'x'.repeat(length) } });
    /** Announces a body and sends its first bytes only: what is answered was decided without reading the rest. */
    const announce = (length: number, headers: Record<string, string>) =>
      new Promise<{ status: number; text: string; end(): void }>((resolve, reject) => {
        const request = httpRequest(
          `${running.origin}/graphql`,
          { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': length, ...headers } },
          (answer) => {
            let text = '';
            answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
            answer.on('end', () => resolve({ status: answer.statusCode!, text, end: () => request.destroy() }));
          },
        );
        request.on('error', reject);
        request.write('{"query":');
      });
    beforeEach(() => {
      running.graph.respond.students = ({ variables }) =>
        reply({ rename: { student: { id: String((variables.name as string).length) } } });
    });

    test('signed-in staff send one as a variable; it is sealed and handed on whole', async () => {
      const answer = await raw(body(5_000));
      expect([answer.status, await answer.json()]).toEqual([200, { data: { rename: { student: { id: '5000' } } } }]);
    });

    test('without a token, or with a partner’s → 413, with a wrong one → 401: the body is not waited for', async () => {
      const anonymous = await announce(4_000_000, {});
      expect([anonymous.status, JSON.parse(anonymous.text).errors[0].extensions.code]).toEqual([413, 'BAD_USER_INPUT']);
      const partner = await announce(4_000_000, {
        authorization: `Bearer ${await running.token({ kind: 'partner', sub: 'agency', scope: 'student:read' })}`,
      });
      expect(partner.status).toBe(413);
      expect((await announce(4_000_000, { authorization: 'Bearer nonsense' })).status).toBe(401);
      expect((await announce(40_000_000, { authorization })).status).toBe(413);
      expect(running.graph.fetched).toEqual([]);
    });

    test('a read-only perspective → 413', async () => {
      const principal = jest.spyOn(running.graph, 'principal');
      principal.mockReturnValue({ ...running.graph.principal(), readOnly: true });
      const token = await running.token({ sub: 'reader' });
      const answer = await announce(4_000_000, { authorization: `Bearer ${token}` });
      principal.mockRestore();
      expect(answer.status).toBe(413);
    });

    test('the text of the operation keeps the limit of everybody, and so does a body of unknown length', async () => {
      const long = `${RENAME} # ${'x'.repeat(3_000)}`;
      expect((await raw(body(5_000, long))).status).toBe(413);
      const unannounced = await fetch(`${running.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: new Blob([body(5_000)]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect(unannounced.status).toBe(413);
      expect(running.graph.fetched).toEqual([]);
    });

    test('a few at a time: the next is told to come again, small ones pass, and places are given back', async () => {
      let answerAll = (): void => undefined;
      const asked = new Promise<void>((resolve) => (answerAll = resolve));
      let waiting = 0;
      running.graph.respond.students = async ({ variables }) => {
        if (((variables.name as string | undefined) ?? '').length > 2_000) {
          waiting += 1;
          await asked;
        }
        return reply({ rename: { student: { id: '1' } } });
      };
      const as = async (sub: string) => ({ authorization: `Bearer ${await running.token({ sub })}` });
      const large = [];
      for (const sub of ['a', 'b', 'c', 'd']) large.push(raw(body(5_000), await as(sub)));
      while (waiting < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      const fifth = await announce(5_000, { authorization });
      expect([fifth.status, JSON.parse(fifth.text).errors[0]]).toEqual([
        429,
        {
          message: 'Several large files are being taken in at this moment: try again soon.',
          extensions: { code: 'RATE_LIMITED' },
        },
      ]);
      expect((await raw(body(10))).status).toBe(200);
      answerAll();
      expect((await Promise.all(large)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await raw(body(5_000))).status).toBe(200);
    });

    test('a large body of many values is refused before they are read', async () => {
      const many = JSON.stringify({ query: RENAME, variables: { name: Array.from({ length: 600_000 }, () => 0) } });
      const answer = await raw(many);
      expect([answer.status, await answer.json()]).toEqual([
        413,
        {
          errors: [
            {
              message: 'A large body is for a large text, such as a scan: this one holds too many values.',
              extensions: { code: 'BAD_USER_INPUT' },
            },
          ],
        },
      ]);
      expect((await raw(body(1_200_000))).status).toBe(200);
    });

    test('nobody holds two places: the second is told to wait, those of others are free', async () => {
      const first = announce(5_000, { authorization });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const second = await announce(5_000, { authorization: `Bearer ${await running.token()}` });
      expect([second.status, JSON.parse(second.text).errors[0]]).toEqual([
        429,
        {
          message: 'Another large file of yours is being taken in: send one after the other.',
          extensions: { code: 'RATE_LIMITED' },
        },
      ]);
      const other = `Bearer ${await running.token({ sub: 'other' })}`;
      expect((await raw(body(5_000), { authorization: other })).status).toBe(200);
      await first;
    });

    test('a body that trickles loses its place, also when it began fast', async () => {
      const silent = await announce(4_000_000, { authorization });
      expect([silent.status, JSON.parse(silent.text).errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
      expect((await raw(body(5_000))).status).toBe(200);

      const slow = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': 4_000_000, authorization };
        const request = httpRequest(`${running.origin}/graphql`, { method: 'POST', headers }, (answer) => {
          clearInterval(drip);
          answer.resume();
          resolve(answer.statusCode);
        });
        request.on('error', reject);
        request.write('x'.repeat(300_000));
        const drip = setInterval(() => request.write('x'), 50);
      });
      expect(slow).toBe(429);
      expect(running.graph.fetched).toHaveLength(1);
    });
  });

  test('health, ready, headers, mounts, and nothing else', async () => {
    const get = (path: string) => fetch(`${running.origin}${path}`, { redirect: 'manual' });
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    const ready = await get('/ready');
    expect([ready.status, ready.headers.get('x-content-type-options'), ready.headers.get('cache-control')]).toEqual([
      200,
      'nosniff',
      'no-store',
    ]);
    const headers = [ready, await raw(QUERY), await raw('x'), await get('/nowhere')].map((answer) =>
      Object.fromEntries(answer.headers),
    );
    for (const one of headers)
      expect(one).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    expect(headers.some((one) => 'strict-transport-security' in one)).toBe(false);
    expect(await (await get('/oidc/auth?x=1')).text()).toBe('/auth?x=1 of /oidc/auth?x=1');
    expect(await (await get('/oidc')).text()).toBe('/ of /oidc');
    for (const path of [
      '/oidcx',
      '/internal/principal',
      '/graphiql/../main.ts',
      '/graphiql/constructor',
      '/_service',
    ]) {
      const answer = await get(path);
      expect([path, answer.status, ((await answer.json()) as any).errors[0].extensions.code]).toEqual([
        path,
        404,
        'NOT_FOUND',
      ]);
    }
  });

  test('behind TLS every answer says so, those of mounted handlers too', async () => {
    const secure = await startGateway({
      publicUrl: 'https://iep.example.org',
      mounts: { '/oidc': (_request, response) => void response.end('x') },
    });
    for (const path of ['/health', '/graphql', '/oidc/auth', '/nowhere'])
      expect((await fetch(`${secure.origin}${path}`)).headers.get('strict-transport-security')).toBe(
        'max-age=31536000',
      );
    await secure.stop();
  });

  test('GraphiQL comes from here alone, with its sign-in', async () => {
    const page = await fetch(`${running.origin}/graphql`, { headers: { accept: 'text/html,*/*' } });
    const html = await page.text();
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("connect-src 'self' http://issuer.test");
    const settings = /id="settings">(.*?)<\/script>/.exec(html)![1]!;
    expect(JSON.parse(settings)).toEqual({
      issuer: EMBEDDED,
      audience: AUDIENCE,
      clientId: 'iep-graph-web',
      demoAccounts: ['teacher.ripon', '</script>'],
      graphiql: expect.stringMatching(/^\/graphiql\/graphiql\.js\?v=/),
    });
    const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    // GraphiQL asks for the schema as soon as it runs: the page itself does not load it.
    expect(html).not.toContain('src="/graphiql/graphiql.js');
    loaded.push(JSON.parse(settings).graphiql);
    expect(loaded.filter((address) => !address.startsWith('/graphiql/'))).toEqual(['data:,']);
    for (const address of loaded.filter((one) => one.startsWith('/'))) {
      const asset = await fetch(`${running.origin}${address}`);
      expect([asset.status, asset.headers.get('content-encoding')]).toEqual([200, 'gzip']);
      const text = await asset.text();
      expect(text).not.toMatch(/@import|url\(["']?https?:/);
      if (address.includes('.js')) expect(() => new Function(text)).not.toThrow();
    }
    const signedIn = await (await fetch(`${running.origin}/signed-in?code=x`)).text();
    expect(signedIn).toContain('/graphiql/account.js');
    expect((await fetch(`${running.origin}/`, { redirect: 'manual' })).headers.get('location')).toBe('/graphql');
  });

  test('in production there is no introspection and no GraphiQL', async () => {
    const production = await startGateway({ development: false });
    const { status, errors } = await production.post('{ __schema { queryType { name } } }');
    expect([status, errors![0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect((await fetch(`${production.origin}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(405);
    expect((await fetch(`${production.origin}/signed-in`)).status).toBe(404);
    await production.stop();
  });

  describe('x-explain: true', () => {
    const OPERATIONS: [query: string, outcome: string, variables: object][] = [
      ['{ student(id: 1) { id } }', 'allowed', {}],
      ['{ student(id: 1) { id born: dateOfBirth } }', 'filtered', {}],
      ['{ student(id: 1) { currentIep { id } } }', 'filtered', {}],
      ['mutation { rename(id: 1) { student { id dateOfBirth } } }', 'rejected', {}],
      ['query($on: String) { born(on: $on) { id } }', 'rejected', { on: '2015-03-08' }],
      ['{ __schema { queryType { name } } }', 'allowed', {}],
    ];
    const REFUSED: [query: string, variables?: object][] = [
      ['{ nope }'],
      ['query($id: ID!) { student(id: $id) { id } }'],
      [`{ ${'a'.repeat(10)}: student(id: 1) { id } ${Array.from({ length: 60 }, (_, i) => `b${i}: news`).join(' ')} }`],
      ['{ student(id: 1) { id } __schema { queryType { name } } }'],
    ];
    /** Status and bytes as a caller who has only a part of the rights gets them, with the header and without. */
    async function bothAnswers({ origin, graph, token }: Running, query: string, variables?: object, value = 'true') {
      graph.reset();
      graph.capabilities = ['student:read', 'student:write'];
      graph.respond.students = () => reply({ student });
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token({ sub: 'part' })}` };
      const ask = async (more: object) => {
        const body = JSON.stringify({ query, variables });
        const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers: { ...headers, ...more }, body });
        const seen = { fetched: graph.fetched.splice(0).length, audited: graph.audited.splice(0).map(outcomeOf) };
        graph.seen = [];
        return { status: answer.status, text: await answer.text(), ...seen };
      };
      return { plain: await ask({}), asked: await ask({ 'x-explain': value }) };
    }
    const outcomeOf = ({ record }: Record<string, any>) => [record.outcome, record.denials];

    test.each(OPERATIONS)('%s is %s: why, beside an answer that stays as it is', async (query, outcome, variables) => {
      const { plain, asked } = await bothAnswers(running, query, variables);
      const { extensions, ...answer } = JSON.parse(asked.text);
      expect({ ...asked, text: `${JSON.stringify(answer)}\n` }).toEqual(plain);
      expect(extensions.explain.outcome).toBe(outcome);
      // No value of a row, and none of a variable.
      expect(asked.text.replace(JSON.stringify(answer).slice(1, -1), '')).not.toMatch(/Ada|2015-03-08/);
    });

    test('of each selection and reading input: the way to it, what it takes, and what is missing', async () => {
      const filtered = await bothAnswers(running, '{ student(id: 1) { id born: dateOfBirth } }');
      const takes = 'authenticated AND scopes[student:read]';
      const all = { allowed: true, missing: null };
      expect(JSON.parse(filtered.asked.text).extensions.explain).toEqual({
        outcome: 'filtered',
        selections: [
          { ...all, path: ['student'], coordinate: 'Query.student', requirement: takes },
          { ...all, path: ['student', 'id'], coordinate: 'Student.id', requirement: 'scopes[student:read]' },
          {
            ...{ path: ['student', 'born'], coordinate: 'Student.dateOfBirth', allowed: false },
            requirement: 'scopes[student.demographics:read, student:read]',
            missing: 'scopes[student.demographics:read]',
          },
        ],
        inputs: [],
      });
      const rejected = await bothAnswers(running, '{ born(on: "2015-03-08") { id } }');
      expect(JSON.parse(rejected.asked.text)).toMatchObject({
        data: null,
        extensions: {
          explain: {
            inputs: [{ coordinate: 'Query.born(on:)', path: ['born'], input: ['on'], reads: ['Student.dateOfBirth'] }],
          },
        },
      });
    });

    test('what is refused before it is judged is not explained, nor what asks by another value', async () => {
      for (const [query, variables] of REFUSED) {
        const { plain, asked } = await bothAnswers(running, query, variables);
        expect([asked, plain.status]).toEqual([plain, 400]);
      }
      const { plain, asked } = await bothAnswers(running, OPERATIONS[1]![0], {}, '1');
      expect(asked).toEqual(plain);
    });

    test.each([
      ['in production', { development: false, demoAccounts: ['teacher.ripon'] }, false],
      ['without accounts of the initial data', {}, false],
      ['where the staff sign in elsewhere', { demoAccounts: ['teacher.ripon'] }, true],
    ])('A-39 %s the header changes no byte', async (_, options, foreignIssuer) => {
      const silent = await startGateway(options, foreignIssuer);
      for (const [query, , variables] of OPERATIONS) {
        const { plain, asked } = await bothAnswers(silent, query, variables);
        expect(asked).toEqual(plain);
        expect(asked.text).not.toContain('extensions":{"explain');
      }
      await silent.stop();
    });
  });

  test('close: the operation under way is answered, new ones are refused', async () => {
    const closing = await startGateway();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    closing.graph.respond.students = async () => {
      await held;
      return reply({ student });
    };
    const underWay = closing.post('{ student(id: 1) { id } }');
    while (closing.graph.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = closing.gateway.close();
    expect(closing.gateway.ready()).toBe(false);
    expect((await fetch(`${closing.origin}/ready`)).status).toBe(503);
    expect((await closing.post('{ student(id: 1) { id } }')).status).toBe(503);
    release();
    expect((await underWay).data).toEqual({ student: { id: 's1' } });
    await closed;
    await closing.stop();
  });
});

describe('how long is waited', () => {
  const QUERY = '{ student(id: 1) { id currentIep { id } } }';
  let hasty: Running;
  beforeAll(async () => {
    hasty = await startGateway({ limits: { deadlineMs: 500 } });
    // What is only done once, such as the plan, is done.
    await hasty.post(QUERY);
  });
  afterAll(() => hasty.stop());
  beforeEach(() => hasty.graph.reset());

  test('one subgraph that does not answer: what the other answered, and a coded error in its place', async () => {
    hasty.graph.respond.students = () => reply({ student });
    hasty.graph.respond.iep = () => new Promise(() => undefined);
    const { status, data, errors } = await hasty.post(QUERY);
    expect([status, data]).toEqual([200, { student: { id: 's1', currentIep: null } }]);
    expect(errors).toEqual([expect.objectContaining({ path: ['student', 'currentIep'] })]);
    expect(errors![0].extensions.code).toBe('INTERNAL');
  });

  test.each(['/internal/principal', '/internal/audit'])(
    'nobody answers %s: 503, not a request that hangs',
    async (path) => {
      hasty.graph.respond.students = () => reply({ student });
      hasty.graph.silent = [path];
      const { status, data, errors } = await hasty.post('{ student(id: 1) { id } }');
      expect([status, data, errors![0].extensions.code]).toEqual([503, undefined, 'INTERNAL']);
    },
  );
});

describe('a client that is gone', () => {
  const waits = [
    ['a query asks no further', '{ student(id: 1) { id currentIep { id } } }', ['students']],
    ['a mutation goes on', 'mutation { rename(id: 1) { student { id } } affirm(id: 1) { ok } }', ['students', 'iep']],
  ] as const;
  test.each(waits)('%s', async (_name, query, asked) => {
    const { graph, gateway, origin, token, stop } = await startGateway();
    const left = new AbortController();
    let answered!: () => void;
    const isAsked = new Promise<void>((resolve) => {
      graph.respond.students = async () => {
        resolve();
        await new Promise<void>((done) => (answered = done));
        return reply({ student, rename: { student } });
      };
    });
    graph.respond.iep = () => reply({ affirm: { ok: true }, _entities: [{ currentIep: { id: 'i1' } }] });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token()}` };
    const request = fetch(`${origin}/graphql`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ query }), signal: left.signal },
    });
    await isAsked;
    left.abort();
    await expect(request).rejects.toThrow();
    // The connection's end arrives at the gateway before what is asked of it next.
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    answered();
    // Waits for what is under way.
    await gateway.close();
    expect(graph.seen.map(({ subgraph }) => subgraph)).toEqual(asked);
    expect(graph.audited).toHaveLength(1);
    await stop();
  });
});

test('A-44 an environment that switches a protection of the planner off stops the start', async () => {
  process.env.APOLLO_DISABLE_SECURITY_RECURSIVE_SELECTIONS_CHECK = 'false';
  try {
    await expect(startGateway()).rejects.toThrow(
      'APOLLO_DISABLE_SECURITY_RECURSIVE_SELECTIONS_CHECK: switches a protection off',
    );
  } finally {
    delete process.env.APOLLO_DISABLE_SECURITY_RECURSIVE_SELECTIONS_CHECK;
  }
});

describe('keys of an issuer', () => {
  test('A-33 a key that was published in time is known when it first signs, without a fetch of its own', async () => {
    const pair = () => generateKeyPair('ES256');
    const pairs = { old: await pair(), new: await pair() };
    const published: (keyof typeof pairs)[] = ['old'];
    let fetches = 0;
    const server = createServer(async (_request, response) => {
      fetches += 1;
      const keys = published.map(async (kid) => ({ ...(await exportJWK(pairs[kid].publicKey)), kid, alg: 'ES256' }));
      response.end(JSON.stringify({ keys: await Promise.all(keys) }));
    });
    const url = await listen(server);
    const verifier = new TokenVerifier([{ url, jwksUri: `${url}/keys`, audience: AUDIENCE, embedded: true }]);
    const verify = async (kid: keyof typeof pairs, sub: string) => {
      const jwt = new SignJWT({ sub }).setProtectedHeader({ alg: 'ES256', kid }).setIssuer(url).setAudience(AUDIENCE);
      return verifier.verify(
        `Bearer ${await jwt.setExpirationTime(Date.now() / 1_000 + 300).sign(pairs[kid].privateKey)}`,
      );
    };
    const started = Date.now();
    const clock = jest.spyOn(Date, 'now');
    const at = (minutes: number) => clock.mockReturnValue(started + minutes * 60_000);
    try {
      at(0);
      await verify('old', 'before');
      published.unshift('new');
      // The keys that a gateway has are good for ten minutes: then it fetches them, whoever signed.
      at(11);
      await verify('old', 'meanwhile');
      at(15);
      expect(await verify('new', 'first')).toMatchObject({ subject: 'first' });
      expect(await verify('old', 'last')).toMatchObject({ subject: 'last' });
      expect(fetches).toBe(2);
      published.splice(1);
      at(30);
      expect(await verify('new', 'after')).toMatchObject({ subject: 'after' });
      await expect(verify('old', 'too late')).rejects.toMatchObject({ status: 401 });
      expect(fetches).toBe(3);
    } finally {
      clock.mockRestore();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('A-33 a flood of unknown key ids: keys are fetched once; discovery finds them', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const asked: string[] = [];
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] };
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const issuer = request.url!.startsWith('/other') ? 'https://login.example' : origin;
      const body = request.url === '/keys' ? jwks : { issuer, jwks_uri: `${origin}/keys` };
      response.end(JSON.stringify(body));
    });
    const origin = await listen(server);
    const verifier = new TokenVerifier([{ url: origin, audience: AUDIENCE, embedded: false }]);
    const token = (kid: string) =>
      new SignJWT({ sub: 'x' })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(origin)
        .setAudience(AUDIENCE)
        .setExpirationTime('5m')
        .sign(privateKey);
    expect(await verifier.verify(`Bearer ${await token('k1')}`)).toMatchObject({
      issuer: origin,
      subject: 'x',
      kind: 'staff',
    });
    for (let n = 0; n < 50; n += 1)
      await expect(verifier.verify(`Bearer ${await token(`k-${n}`)}`)).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    const misled = new TokenVerifier([{ url: `${origin}/other`, audience: AUDIENCE, embedded: false }]);
    const ofOther = await new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(`${origin}/other`)
      .setAudience(AUDIENCE)
      .setExpirationTime('5m')
      .sign(privateKey);
    await expect(misled.verify(`Bearer ${ofOther}`)).rejects.toThrow('is not the configuration of');
    await new Promise((resolve) => server.close(resolve));
    const orphan = new TokenVerifier([{ url: origin, jwksUri: `${origin}/keys`, audience: AUDIENCE, embedded: false }]);
    await expect(orphan.verify(`Bearer ${await token('k1')}`)).rejects.not.toMatchObject({ status: 401 });
  });
});

describe('subgraphs over HTTP', () => {
  test('headers and body arrive, the answer comes back; too long, too late or nobody there → an error', async () => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.url === '/base/late') return;
      response.statusCode = 403;
      response.end(
        JSON.stringify({
          url: request.url,
          header: request.headers['x-principal'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    const origin = await listen(server);
    const transport = httpTransport(`${origin}/base/`, { timeoutMs: 2_000 });
    const { status, body } = await transport.send('/graphql', 'é', { 'x-principal': 'p' });
    expect([status, JSON.parse(body)]).toEqual([403, { url: '/base/graphql', header: 'p', body: 'é' }]);
    await expect(transport.send('/late', '', {}, AbortSignal.timeout(30))).rejects.toThrow();
    await expect(httpTransport(origin, { maxAnswerBytes: 10 }).send('/x', '', {})).rejects.toThrow('longer than');
    await transport.close!();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(httpTransport(origin).send('/x', '', {})).rejects.toThrow();
  });
});

describe('configuration of a gateway process', () => {
  const key = 'k'.repeat(32);
  const env = {
    SUBGRAPH_URLS: 'students=http://s:1,iep=http://i:2',
    PRINCIPAL_KEYS: `students=${key},iep=${key}`,
    SERVICE_KEY: key,
    EMBEDDED_ISSUER: 'http://x/oidc',
    DEMO_ACCOUNTS: 'a, b',
  };
  test('a complete one', () => {
    const config = readGatewayConfig({ ...env, OIDC_ISSUER: 'https://staff.example' });
    expect(config.issuers).toEqual([
      { url: 'http://x/oidc', jwksUri: undefined, audience: AUDIENCE, embedded: true },
      { url: 'https://staff.example', jwksUri: undefined, audience: AUDIENCE, embedded: false },
    ]);
    expect(config).toMatchObject({
      development: true,
      demoAccounts: ['a', 'b'],
      supergraphFile: 'schema/supergraph.graphql',
    });
    expect(readGatewayConfig({ ...env, NODE_ENV: 'production' })).toMatchObject({
      development: false,
      demoAccounts: [],
    });
  });
  test('an incomplete one names every fault', () => {
    expect(() =>
      readGatewayConfig({
        ...env,
        SUBGRAPH_URLS: 'iep=nowhere',
        PRINCIPAL_KEYS: 'students=short',
        EMBEDDED_ISSUER: '',
      }),
    ).toThrow(
      /iep is not a URL of http or https\n.*none for iep\n.*at least 32 characters\n.*students is needed.*\n.*EMBEDDED_ISSUER/,
    );
  });
});
