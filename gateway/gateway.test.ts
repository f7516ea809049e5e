import { getIntrospectionQuery } from 'graphql';
import { generateKeyPair, SignJWT } from 'jose';
import {
  AUDIENCE,
  EMBEDDED,
  FOREIGN,
  reply,
  type Running,
  SERVICE_KEY,
  startGateway,
  student,
} from './gateway.fixture';

let running: Running;
beforeAll(async () => {
  running = await startGateway();
});
afterAll(() => running.stop());
beforeEach(() => {
  const { graph } = running;
  graph.reset();
  graph.respond = {
    students: ({ query }) => {
      if (query.startsWith('mutation')) return reply({ rename: { student }, touch: { student } });
      return reply({ student, students: [student, { ...student, id: 's2' }], born: [student] });
    },
    iep: ({ query, variables }) => {
      if (query.startsWith('mutation')) return reply({ affirm: { ok: true } });
      if (query.includes('news')) return reply({ news: 'none' });
      return reply({
        _entities: (variables.representations as { id: string }[]).map(({ id }) => ({
          __typename: 'Student',
          currentIep: { __typename: 'Iep', id: `iep-${id}`, state: 'CURRENT' },
        })),
      });
    },
  };
});
const codes = (errors: any[] | undefined) => errors?.map((error) => [error.path?.join('.'), error.extensions.code]);

describe('sign-in', () => {
  test('A-32 missing, malformed, expired, early, foreign or forged tokens → 401, nothing asked', async () => {
    const { token, post, graph } = running;
    const other = await generateKeyPair('ES256');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ iss: EMBEDDED, aud: AUDIENCE, sub: 'x', exp: 9e9 })).toString('base64url')}.`;
    const withoutExpiry = await new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(EMBEDDED)
      .setAudience(AUDIENCE)
      .sign(other.privateKey);
    const bad = [
      null,
      'nonsense',
      'a.b.c',
      unsigned,
      withoutExpiry,
      await token({}, { expires: Math.floor(Date.now() / 1000) - 60 }),
      await token({}, { notBefore: '5m' }),
      await token({}, { issuer: 'https://evil.example' }),
      await token({}, { audience: 'urn:other' }),
      await token({}, { key: other.privateKey }),
      await token({}, { alg: 'HS256', key: new TextEncoder().encode('k'.repeat(32)) }),
      await token({}, { kid: 'unknown' }),
      await token({ kind: 'robot' }),
    ];
    for (const one of bad) {
      const { status, errors, headers } = await post('{ student(id: 1) { id } }', { token: one });
      expect([status, errors![0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    const basic = await post('{ student(id: 1) { id } }', { token: null, headers: { authorization: 'Basic eDp5' } });
    expect(basic.status).toBe(401);
    expect(graph.asked).toEqual([]);
    expect(graph.fetched).toEqual([]);
  });

  test('A-63 kind and scopes count only from the embedded issuer', async () => {
    const { token, post, graph } = running;
    const claims = { sub: 'regional-center', kind: 'partner', scope: 'student:read iep:read' };
    await post('{ student(id: 1) { id } }', { token: await token(claims) });
    await post('{ student(id: 1) { id } }', {
      token: await token(claims, { issuer: FOREIGN }),
      headers: { 'x-perspective': 'p9' },
    });
    expect(graph.asked).toEqual([
      {
        issuer: 'embedded',
        subject: 'regional-center',
        kind: 'partner',
        scopes: ['iep:read', 'student:read'],
        credential: 0,
        perspective: null,
        key: SERVICE_KEY,
      },
      { issuer: FOREIGN, subject: 'regional-center', kind: 'staff', scopes: [], perspective: 'p9', key: SERVICE_KEY },
    ]);
    // Nor is one of these remembered for the other: each differs from one before in one thing alone.
    const others = [
      { ...claims, scope: 'student:read' },
      { ...claims, scope: '' },
      { ...claims, scope: '', kind: 'staff' },
      { ...claims, credential: 5 },
    ];
    for (const other of others) await post('{ student(id: 1) { id } }', { token: await token(other) });
    await post('{ student(id: 1) { id } }', { token: await token(claims, { issuer: FOREIGN }) });
    expect(graph.asked.slice(2)).toMatchObject([
      { kind: 'partner', scopes: ['student:read'] },
      { kind: 'partner', scopes: [] },
      { kind: 'staff', scopes: [] },
      { kind: 'partner', credential: 5 },
      { issuer: FOREIGN, kind: 'staff', scopes: [] },
    ]);
  });

  test('a sign-in without account, or a foreign perspective → 403; students down → 503, and neither is remembered', async () => {
    const { post, graph, token } = running;
    const bearer = await token({ sub: 'stranger' });
    graph.principalStatus = 404;
    const stranger = await post('{ student(id: 1) { id } }', { token: bearer });
    expect([stranger.status, stranger.errors![0].extensions.code]).toEqual([403, 'UNAUTHENTICATED']);
    graph.principalStatus = 500;
    const down = await post('{ student(id: 1) { id } }', { token: bearer });
    expect([down.status, down.errors![0].extensions.code, down.errors![0].extensions.requestId]).toEqual([
      503,
      'INTERNAL',
      down.headers.get('x-request-id'),
    ]);
    expect(
      (await post('{ student(id: 1) { id } }', { token: bearer, headers: { 'x-perspective': 'a b' } })).status,
    ).toBe(403);
    graph.principalStatus = 200;
    expect((await post('{ student(id: 1) { id } }', { token: bearer })).data).toEqual({ student: { id: 's1' } });
    await post('{ student(id: 1) { id } }', { token: bearer });
    expect(graph.asked).toHaveLength(3);
  });

  test('A-34 no header of the client reaches a subgraph', async () => {
    const { post, graph } = running;
    const headers = {
      'x-principal': 'forged',
      'x-service-key': 'forged',
      'x-request-id': 'client-chosen-1',
      cookie: 'a=b',
      'x-perspective': 'p1',
    };
    const { headers: answered } = await post('{ student(id: 1) { id currentIep { id } } }', { headers });
    expect(answered.get('x-request-id')).toBe('client-chosen-1');
    expect(graph.seen).toHaveLength(2);
    for (const seen of graph.seen) {
      expect(Object.keys(seen.headers).sort()).toEqual(['x-principal', 'x-request-id']);
      expect(seen).toMatchObject({ requestId: 'client-chosen-1', principal: { subject: 'acct-1', epoch: 1 } });
    }
    const odd = await post('{ student(id: 1) { id } }', { headers: { 'x-request-id': 'a b{}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('authorization', () => {
  test('a denied field is removed before planning: null, one error, nothing fetched for it', async () => {
    const { post, graph } = running;
    graph.capabilities = ['student:read'];
    graph.respond.students = () => reply({ students: [student, { ...student, id: 's2' }] });
    const { data, errors, status } = await post(
      'query Q { list: students { id name born: dateOfBirth currentIep { id } } }',
    );
    expect(status).toBe(200);
    expect(data).toEqual({
      list: [
        { id: 's1', name: 'Ada', born: null, currentIep: null },
        { id: 's2', name: 'Ada', born: null, currentIep: null },
      ],
    });
    expect(codes(errors)).toEqual([
      ['list.@.born', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['list.@.currentIep', 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ]);
    expect(graph.fetched).toHaveLength(1);
    expect(graph.fetched[0]).not.toMatch(/dateOfBirth|currentIep/);
    expect(graph.audited).toEqual([
      {
        kind: 'request',
        record: expect.objectContaining({
          subject: 'acct-1',
          perspective: 'p1',
          operationName: 'Q',
          outcome: 'filtered',
          denials: ['Student.dateOfBirth', 'Student.currentIep'],
        }),
      },
    ]);
  });

  test('an operation denied wholly → data null, nothing fetched', async () => {
    const { post, graph } = running;
    graph.capabilities = [];
    const { data, errors } = await post('{ student(id: 1) { id } }');
    expect([data, codes(errors)]).toEqual([null, [['student', 'UNAUTHORIZED_FIELD_OR_TYPE']]]);
    expect(graph.fetched).toEqual([]);
  });

  test('A-22 a mutation with a denied selection is rejected whole', async () => {
    const { post, graph } = running;
    graph.capabilities = ['student:read', 'student:write'];
    const { data, errors } = await post('mutation { rename(id: 1) { student { id dateOfBirth } } }');
    expect([data, codes(errors)]).toEqual([null, [['rename.student.dateOfBirth', 'UNAUTHORIZED_FIELD_OR_TYPE']]]);
    expect(graph.fetched).toEqual([]);
    expect(graph.audited[0]).toMatchObject({ record: { outcome: 'rejected', operationType: 'mutation' } });
    expect((await post('mutation { rename(id: 1) { student { id } } }')).data).toEqual({
      rename: { student: { id: 's1' } },
    });
  });

  test('a partner with a denied selection is rejected whole', async () => {
    const { post, graph, token } = running;
    Object.assign(graph, { level: 'partner', capabilities: ['student:read'] });
    const bearer = await token({ kind: 'partner', sub: 'agency', scope: 'student:read' });
    const { data, errors } = await post('{ student(id: 1) { id dateOfBirth currentIep { state } } }', {
      token: bearer,
    });
    expect(data).toBeNull();
    expect(codes(errors)).toEqual([
      ['student.dateOfBirth', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      ['student.currentIep', 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ]);
    expect(graph.fetched).toEqual([]);
    expect((await post('{ student(id: 1) { id } }', { token: bearer })).data).toEqual({ student: { id: 's1' } });
  });

  test('A-23 a denied input, inline, through a variable or its default → rejected', async () => {
    const { post, graph } = running;
    graph.capabilities = ['student:read'];
    const operations: [string, Record<string, unknown>?][] = [
      ['{ born(on: "2015-03-08") { id } }'],
      ['query($on: String) { born(on: $on) { id } }', { on: '2015-03-08' }],
      ['query($on: String = "2015-03-08") { born(on: $on) { id } }'],
      ['query($f: StudentFilter) { students(filter: $f) { id } }', { f: { dateOfBirth: null } }],
    ];
    for (const [query, variables] of operations) {
      const { data, errors } = await post(query, { variables });
      expect([data, errors![0].extensions.code]).toEqual([null, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    }
    expect(graph.fetched).toEqual([]);
    expect(
      (await post('query($f: StudentFilter) { students(filter: $f) { id } }', { variables: { f: { name: 'A' } } }))
        .errors,
    ).toBeUndefined();
  });

  test.each([
    ['less first', false],
    ['more first', true],
  ])('A-25 plans are not shared between rights: %s', async (name, moreFirst) => {
    const { post, graph } = running;
    const query = `query Plan${moreFirst} { student(id: "${name}") { id dateOfBirth currentIep { state } } }`;
    const ask = async (more: boolean) => {
      graph.seen = [];
      graph.capabilities = more ? ['student:read', 'student.demographics:read', 'iep:read'] : ['student:read'];
      const { data } = await post(query, { operationName: `Plan${moreFirst}` });
      expect(data.student).toEqual(
        more
          ? { id: 's1', dateOfBirth: '2015-03-08', currentIep: { state: 'CURRENT' } }
          : { id: 's1', dateOfBirth: null, currentIep: null },
      );
      expect(graph.fetched.join().includes('dateOfBirth')).toBe(more);
      expect(graph.seen.some(({ subgraph }) => subgraph === 'iep')).toBe(more);
    };
    for (const more of [moreFirst, !moreFirst, moreFirst]) await ask(more);
  });

  test('A-39 introspection shows the schema that the caller may use', async () => {
    const { post, graph } = running;
    graph.capabilities = ['student:read'];
    const fieldsOf = (data: any, name: string) =>
      data.__schema.types.find((type: any) => type.name === name)?.fields?.map((field: any) => field.name);
    const { data } = await post(getIntrospectionQuery());
    expect(fieldsOf(data, 'Student')).toEqual(['id', 'name']);
    expect(fieldsOf(data, 'Iep')).toBeUndefined();
    expect(data.__schema.mutationType).toBeNull();
    expect(data.__schema.types.find((type: any) => type.name === 'StudentFilter').inputFields).toHaveLength(1);
    expect(graph.fetched).toEqual([]);
    graph.reset();
    const full = (await post(getIntrospectionQuery())).data;
    expect(fieldsOf(full, 'Student')).toContain('currentIep');
    expect((await post('query($n: String!) { __type(name: $n) { name } }', { variables: { n: 'Iep' } })).data).toEqual({
      __type: { name: 'Iep' },
    });
    expect((await post('{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect((await post('{ news __schema { queryType { name } } }')).errors![0].extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('rights that change while a request runs', () => {
  const stale = (path: string[], extensions = {}) => ({
    message: 'changed',
    path,
    extensions: { code: 'STALE_PRINCIPAL', ...extensions },
  });

  test('A-56 a query under an outdated Principal is repeated once with the new one', async () => {
    const { post, graph, token } = running;
    const bearer = await token({ sub: 'changing' });
    graph.respond.students = ({ principal }) =>
      principal!.epoch === graph.epoch ? reply({ student }) : { data: { student: null }, errors: [stale(['student'])] };
    await post('{ student(id: 1) { id dateOfBirth } }', { token: bearer });
    Object.assign(graph, { epoch: 2, capabilities: ['student:read'], seen: [], audited: [] });
    const { data, errors } = await post('{ student(id: 1) { id dateOfBirth } }', { token: bearer });
    expect([data, codes(errors)]).toEqual([
      { student: { id: 's1', dateOfBirth: null } },
      [['student.dateOfBirth', 'UNAUTHORIZED_FIELD_OR_TYPE']],
    ]);
    expect(graph.seen.map(({ principal }) => principal!.epoch)).toEqual([1, 2]);
    expect(graph.audited).toHaveLength(2);
    graph.respond.students = () => ({ data: { student: null }, errors: [stale(['student'])] });
    graph.seen = [];
    const again = await post('{ student(id: 1) { id } }', { token: bearer });
    expect([again.data, codes(again.errors)]).toEqual([null, [[undefined, 'CONFLICT']]]);
    expect(graph.seen).toHaveLength(2);
  });

  test('A-60 no rights left: the caller is refused as at the next request, and the record is kept', async () => {
    const { post, graph, token } = running;
    for (const operation of ['{ student(id: 1) { id } }', 'mutation { rename(id: 1) { student { id } } }']) {
      const bearer = await token({ sub: `leaving-${operation.length}` });
      graph.principalStatus = 200;
      graph.respond.students = () => reply({ student, rename: { student } });
      await post(operation, { token: bearer });
      Object.assign(graph, { principalStatus: 403, audited: [] });
      graph.respond.students = () => ({
        data: null,
        errors: [stale([operation.startsWith('{') ? 'student' : 'rename'])],
      });
      const now = await post(operation, { token: bearer });
      const next = await post(operation, { token: bearer });
      expect([now.status, now.data, now.errors]).toEqual([next.status, next.data, next.errors]);
      expect([now.status, codes(now.errors)]).toEqual([403, [[undefined, 'UNAUTHENTICATED']]]);
      expect(graph.audited).toHaveLength(1);
    }
  });

  const MUTATION = 'mutation { rename(id: 1) { student { id } } affirm(id: 1) { ok } }';
  test('a mutation is repeated only when nothing ran', async () => {
    const { post, graph } = running;
    graph.respond.students = () => {
      graph.epoch += 1;
      return graph.epoch > 2 ? reply({ rename: { student } }) : { data: null, errors: [stale(['rename'])] };
    };
    const single = await post('mutation { rename(id: 1) { student { id } } }');
    expect(single.data).toEqual({ rename: { student: { id: 's1' } } });
    const ids = graph.seen.map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(2);

    for (const refused of [
      stale(['rename'], { written: true }),
      { message: 'no', path: ['rename'], extensions: { code: 'CONFLICT' } },
    ]) {
      graph.seen = [];
      graph.respond.students = () => ({ data: null, errors: [refused] });
      const { errors } = await post('mutation { rename(id: 1) { student { id } } }');
      expect([codes(errors)![0]![1], graph.seen.length]).toEqual(['CONFLICT', 1]);
    }
  });

  test('of two mutations the second was refused: the first is not repeated', async () => {
    const { post, graph } = running;
    graph.respond.iep = () => ({ data: null, errors: [stale(['affirm'])] });
    const { data, errors } = await post(MUTATION);
    expect([data, codes(errors)]).toEqual([null, [[undefined, 'CONFLICT']]]);
    expect(graph.fetched).toHaveLength(2);
  });
});

describe('faults', () => {
  test('A-40 a failing subgraph: partial data, masked error at the field that asked', async () => {
    const { post, graph } = running;
    graph.respond.iep = () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7:4002');
    };
    const down = await post('{ students { id currentIep { id } } }');
    expect(down.data.students[1]).toEqual({ id: 's2', currentIep: null });
    expect(down.errors).toEqual([
      {
        message: 'A part of the system is not available. Try again in a moment.',
        path: ['students', '@', 'currentIep'],
        extensions: { code: 'INTERNAL', requestId: down.headers.get('x-request-id') },
      },
    ]);
    const answers = [
      {
        data: { student: null },
        errors: [
          {
            message: 'SELECT secret FROM t',
            path: ['student'],
            extensions: { code: 'ER_PARSE', sql: 'SELECT', stacktrace: ['at x'] },
          },
        ],
      },
      { status: 500, body: JSON.stringify({ errors: [{ message: 'at /srv/x.js:1' }] }) },
      { status: 502, body: '<html>10.0.0.7</html>' },
      {
        status: 401,
        body: JSON.stringify({
          errors: [{ message: 'A valid signed principal is needed.', extensions: { code: 'UNAUTHENTICATED' } }],
        }),
      },
    ];
    for (const answer of answers) {
      graph.respond.students = () => answer;
      const { data, errors, status } = await post('{ student(id: 1) { id } }');
      expect([status, data, codes(errors)]).toEqual([200, { student: null }, [['student', 'INTERNAL']]]);
      expect(JSON.stringify(errors)).not.toMatch(/SELECT|srv|10\.0|signed|students|serviceName/);
    }
  });

  test('codes meant for the caller keep their message and place', async () => {
    const { post, graph } = running;
    graph.respond.students = () => ({
      data: null,
      errors: [
        {
          message: 'The student was not found.',
          path: ['rename'],
          extensions: { code: 'NOT_FOUND', argumentPath: ['input', 'id'] },
        },
      ],
    });
    const { errors } = await post('mutation { rename(id: 1) { student { id } } }');
    expect(errors).toEqual([
      {
        message: 'The student was not found.',
        path: ['rename'],
        extensions: { code: 'NOT_FOUND', argumentPath: ['input', 'id'] },
      },
    ]);
    graph.respond.students = () => ({
      status: 400,
      body: JSON.stringify({
        errors: [
          {
            message: 'Expected value of type "Date", found "2015-02-31".',
            locations: [{ line: 1, column: 1 }],
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      }),
    });
    const bad = await post('{ born(on: "2015-02-31") { id } }');
    expect(bad.errors).toEqual([
      {
        message: 'Expected value of type "Date", found "2015-02-31".',
        path: ['born'],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
  });

  test('subgraphs learn the name of the operation, for the record of what they disclose', async () => {
    const { post, graph } = running;
    await post('query Prepare { student(id: 1) { id } }');
    await post('{ student(id: 1) { id } }');
    expect(graph.seen.map(({ operation }) => operation)).toEqual(['Prepare', null]);
  });

  test('callers who are not let in are counted: nothing of a bad token, of a valid one whose it is', async () => {
    const own = await startGateway();
    const bad = await own.token({}, { audience: 'another' });
    for (const token of [null, bad, bad]) expect((await own.post('{ news }', { token })).status).toBe(401);
    own.graph.principalStatus = 403;
    const stranger = await own.token({ sub: 'stranger' });
    for (let n = 0; n < 2; n++) expect((await own.post('{ news }', { token: stranger })).status).toBe(403);
    expect(own.graph.audited).toEqual([]);
    await own.stop();
    expect(own.graph.audited).toEqual([
      {
        kind: 'refusal',
        record: {
          since: expect.any(String),
          until: expect.any(String),
          refused: [
            { status: 401, count: 3 },
            { status: 403, issuer: 'embedded', subject: 'stranger', count: 2 },
          ],
        },
      },
    ]);
  });

  test('no audit record, no answer', async () => {
    const { post, graph } = running;
    graph.auditStatus = 500;
    const { status, data, errors } = await post('{ student(id: 1) { id } }');
    expect([status, data, codes(errors)]).toEqual([503, undefined, [[undefined, 'INTERNAL']]]);
  });

  test('answers wait each its own record, and records that come while others are kept go in one call', async () => {
    const { post, graph } = running;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    graph.keeps = ({ record }) =>
      record.operationName === 'First' ? held.then(() => true) : record.operationName !== 'Bad';
    const asked = (name: string) => post(`query ${name} { student(id: 1) { id } }`);
    const arrived = async (n: number) => {
      while (graph.fetched.length < n) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    graph.respond.students = () => reply({ student });
    const first = asked('First');
    await arrived(1);
    const others = Promise.all(['Good', 'Bad', 'Fine'].map(asked));
    await arrived(4);
    expect(await Promise.race([first, others, new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))])).toBe(
      'waiting',
    );
    goOn();
    expect([await first, ...(await others)].map(({ status }) => status)).toEqual([200, 200, 503, 200]);
    expect(graph.auditCalls).toEqual([1, 3]);
  });

  test('a call to the log that fails takes those along that wait for it, and nobody waits for a second one', async () => {
    const { post, graph } = running;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    graph.keeps = () => held.then(() => Promise.reject(new Error('the log is gone')));
    graph.respond.students = () => reply({ student });
    const asked = (name: string) => post(`query ${name} { student(id: 1) { id } }`);
    const arrived = async (n: number) => {
      while (graph.fetched.length < n) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const first = asked('First');
    await arrived(1);
    const others = Promise.all(['Second', 'Third'].map(asked));
    await arrived(3);
    goOn();
    expect([await first, ...(await others)].map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(graph.auditCalls).toEqual([1]);
  });

  test('what a subgraph says without a code is told to nobody; keys of the plan neither', async () => {
    const { post, graph } = running;
    graph.respond.students = () => ({
      status: 400,
      body: '{"errors":[{"message":"Cannot query field \\"c_x\\" on type \\"Student\\"."}]}',
    });
    const { errors, status } = await post('{ x: student(id: 1) { id } }');
    expect([status, JSON.stringify(errors)]).toEqual([200, expect.not.stringMatching(/Cannot|c_x|Student/)]);
    expect(codes(errors)).toEqual([['x', 'INTERNAL']]);
    graph.respond.students = () => ({
      data: { c_x: { __typename: 'Student', c_c_id: null } },
      errors: [{ message: 'No', path: ['c_x', 'c_c_id'], extensions: { code: 'NOT_FOUND' } }],
    });
    expect(codes((await post('{ x: student(id: 1) { c_id: id } }')).errors)).toEqual([['x.c_id', 'NOT_FOUND']]);
  });

  test('a mutation is not repeated for what was refused below the field, asked for or not', async () => {
    const { post, graph } = running;
    graph.respond.students = () => ({
      data: { rename: { __typename: 'RenamePayload' } },
      errors: [{ message: 'outdated', path: ['rename', 'student'], extensions: { code: 'STALE_PRINCIPAL' } }],
    });
    const { errors } = await post('mutation { rename(id: 1) { __typename } }');
    expect([codes(errors), graph.fetched.length]).toEqual([[[undefined, 'CONFLICT']], 1]);
  });

  test('bad operations are coded, readable, and 400', async () => {
    const { post, graph } = running;
    const bad: [string, Record<string, unknown>?][] = [
      ['{ student(id: 1) { idd } }'],
      ['{ student(id: 1 { id } }'],
      ['query($id: ID!) { student(id: $id) { id } }'],
      ['query($id: ID!) { student(id: $id) { id } }', { id: { no: 1 } }],
      ['query A { news } query B { news }'],
      ['subscription { news }'],
      [''],
      ['fragment F on Query { news }'],
      [`{ ${Array.from({ length: 2_000 }, (_, n) => `a${n}: __typename`).join(' ')} }`],
      [`{ ${Array.from({ length: 60 }, (_, n) => `a${n}: news`).join(' ')} }`],
      ['query { ...A } fragment A on Query { news ...B } fragment B on Query { ...A }'],
    ];
    for (const [query, variables] of bad) {
      const { status, errors, data } = await post(query, { variables });
      expect([query.slice(0, 40), status, data, errors![0].extensions]).toEqual([
        query.slice(0, 40),
        400,
        undefined,
        { code: 'BAD_USER_INPUT' },
      ]);
      expect(errors![0].message).not.toMatch(/Did you mean|stack|undefined/);
    }
    expect(graph.fetched).toEqual([]);
    expect(graph.audited).toHaveLength(bad.length);
  });

  // Step by step they are more than could ever be visited.
  test('A-44 fragments that double at each step are refused', async () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Student { ...F${n + 1} ...F${n + 1} }`,
    ).join(' ');
    const { status } = await running.post(`{ student(id: 1) { ...F0 } } ${fragments} fragment F60 on Student { id }`);
    expect(status).toBe(400);
  });

  test('A-51 names of Object.prototype are harmless', async () => {
    const { post, graph } = running;
    graph.respond.students = () => ({
      status: 200,
      body: '{"data":{"__proto__":{"id":"evil","name":"x"},"c_constructor":{"__proto__":{"id":"evil"},"id":"s1"},"c_toString":null}}',
    });
    const { data } = await post(
      'query($__proto__: ID = "1", $constructor: ID = "1") { constructor: student(id: $constructor) { id } toString: student(id: $__proto__) { id } }',
    );
    expect(data).toEqual({ constructor: { id: 's1' }, toString: null });
    expect(({} as any).id).toBeUndefined();
  });
});
