import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { codesOf, complaint } from './complaint';
import { post, type RawAnswer } from './raw-answer';

/** On one engine: none of these requests reaches a database with what is wrong about it. */
describe.each(databaseUrls().slice(0, 1))('issue 2, acceptance 7: bad requests, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await bootSystem(makeUrl);
  });
  afterAll(() => system?.stop());

  async function call(who: string, query: string, variables: unknown): Promise<RawAnswer> {
    return post(system, JSON.stringify({ query, variables }), { authorization: `Bearer ${await system.token(who)}` });
  }

  test.each([
    ['an impossible day, written out', '{ childCount(on: "2015-02-31", groupBy: [DISABILITY]) { total } }'],
    ['an impossible day in a filter', '{ students(filter: { dateOfBirth: "2015-02-31" }) { nodes { id } } }'],
    ['a number where text belongs', '{ searchStudents(text: 5) { totalCount } }'],
    ['an enum in quotes', '{ childCount(on: "2026-10-07", groupBy: ["DISABILITY"]) { total } }'],
    ['an unknown enum value', '{ students(orderBy: SHOE_SIZE) { nodes { id } } }'],
    ['no dimension', '{ childCount(on: "2026-10-07", groupBy: []) { total } }'],
    ['a dimension twice', '{ childCount(on: "2026-10-07", groupBy: [AGE, AGE]) { total } }'],
    [
      'a period that ends before it begins',
      '{ complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: { from: "2027-01-01", to: "2026-01-01" }) { total { total } } }',
    ],
    ['first: 0', '{ students(first: 0) { nodes { id } } }'],
    ['first: 101', '{ students(first: 101) { nodes { id } } }'],
    [
      'a bad page of a student’s history',
      '{ students(first: 1) { nodes { iepHistory(first: 1000) { nodes { id } } } } }',
    ],
    ['a cursor of one’s own making', '{ students(after: "bm90IGEgY3Vyc29y") { nodes { id } } }'],
    ['an unknown field', '{ students { nodes { id shoeSize } } }'],
    ['an unknown root field', '{ nobody { id } }'],
    ['an unknown argument', '{ students(colour: "red") { nodes { id } } }'],
    ['no selection', '{ students }'],
    ['a selection on a leaf', '{ viewer { level { id } } }'],
    ['an unknown fragment', '{ viewer { ...Nothing } }'],
    ['a fragment on an unknown type', '{ viewer { ... on Nothing { id } } }'],
    ['an unknown directive', '{ viewer @shout { level } }'],
    ['an undeclared variable', '{ student(id: $id) { id } }'],
    ['a variable of another type', 'query ($id: Int!) { student(id: $id) { id } }'],
    ['a subscription', 'subscription { students { id } }'],
    ['a field of federation', '{ _service { sdl } }'],
    [
      'entities by hand',
      '{ _entities(representations: [{ __typename: "Student", id: "stu-ripon-current-1" }]) { __typename } }',
    ],
    ['two operations and no name', 'query A { viewer { level } } query B { viewer { level } }'],
    ['no operation', 'fragment A on Viewer { level }'],
    ['text that is no GraphQL', 'SELECT * FROM student'],
    ['an open brace', '{ viewer { level }'],
    ['nothing', ''],
    ['blanks', ' \n '],
    ['a NUL', '{ viewer { level } }\u0000'],
    ['too deep', `{ student(id: "1") ${'{ currentIep { student '.repeat(15)}{ id }${' } }'.repeat(15)} }`],
    ['too many aliases', `{ ${Array.from({ length: 60 }, (_, i) => `a${i}: viewer { level }`).join(' ')} }`],
    ['too long a text', `{ viewer { ${'level '.repeat(6_000)} } }`],
    ['a fragment that spreads itself', 'query { viewer { ...A } } fragment A on Viewer { perspective { id } ...A }'],
  ])('7 operation: %s', async (_, query) => {
    const answer = await call('district.ripon', query, {});
    expect(complaint(answer)).toBeNull();
    expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(answer.text).not.toContain('Did you mean');
  });

  const QUERY = JSON.stringify({ query: '{ viewer { level } }' });
  const bodies: [what: string, body: () => BodyInit, status: number, headers?: Record<string, string>][] = [
    ['empty', () => '', 400],
    ['no JSON', () => '{ "query": ', 400],
    ['text', () => 'hello', 400],
    ['null', () => 'null', 400],
    ['a number', () => '1', 400],
    ['a text in quotes', () => '"{ viewer { level } }"', 400],
    ['a list of operations', () => `[${QUERY}, ${QUERY}]`, 400],
    ['no query', () => '{}', 400],
    ['a query that is a number', () => '{ "query": 5 }', 400],
    ['a query that is null', () => '{ "query": null }', 400],
    ['variables that are text', () => '{ "query": "{ viewer { level } }", "variables": "x" }', 400],
    ['variables that are a list', () => '{ "query": "{ viewer { level } }", "variables": [1] }', 400],
    ['an operation name that is a number', () => '{ "query": "{ viewer { level } }", "operationName": 5 }', 400],
    [
      'an operation name that is unknown',
      () => '{ "query": "query A { viewer { level } }", "operationName": "B" }',
      400,
    ],
    ['extensions that are text', () => '{ "query": "{ viewer { level } }", "extensions": "x" }', 400],
    [
      'a persisted query by hash',
      () => `{ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "${'a'.repeat(64)}" } } }`,
      400,
    ],
    ['half of a character', () => '{ "query": "{ viewer { level } }", "variables": { "a": "x\\ud800" } }', 400],
    ['half of a character in a key', () => '{ "query": "{ viewer { level } }", "variables": { "\\uDFFF": 1 } }', 400],
    [
      'a whole character in two escapes',
      () => '{ "query": "{ viewer { level } }", "variables": { "a": "\\ud83d\\ude00" } }',
      200,
    ],
    ['bytes that are no UTF-8', () => new Uint8Array([123, 34, 255, 254, 34, 58, 49, 125]), 400],
    ['deep JSON', () => `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 400],
    [
      'deep variables',
      () => `{ "query": "{ viewer { level } }", "variables": { "a": ${'['.repeat(20_000)}${']'.repeat(20_000)} } }`,
      200,
    ],
    [
      'an operation of more than a mebibyte',
      () => JSON.stringify({ query: `{ viewer { level } } # ${'x'.repeat(1024 * 1024)}` }),
      413,
    ],
    [
      'a mebibyte of variables from staff, as of a scanned copy',
      () => JSON.stringify({ query: '{ viewer { level } }', variables: { a: 'x'.repeat(1024 * 1024) } }),
      200,
    ],
    ['a form', () => 'query=%7Bviewer%7Blevel%7D%7D', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', () => QUERY, 415, { 'content-type': 'text/plain' }],
    ['another charset', () => QUERY, 415, { 'content-type': 'application/json; charset=utf-7' }],
    ['said to be compressed', () => QUERY, 415, { 'content-encoding': 'gzip' }],
  ];
  test.each(bodies)('7 body: %s', async (_, body, status, headers = {}) => {
    const answer = await post(system, body(), {
      authorization: `Bearer ${await system.token('district.ripon')}`,
      ...headers,
    });
    expect([answer.status, complaint(answer)]).toEqual([status, null]);
    expect(codesOf(answer)).toEqual(answer.json.data ? [] : ['BAD_USER_INPUT']);
  });

  test('7 other methods and paths are answered in words, too', async () => {
    for (const [method, path, status] of [
      ['GET', '/graphql', 405],
      ['PUT', '/graphql', 405],
      ['DELETE', '/graphql', 405],
      ['GET', '/nothing', 404],
      ['POST', '/internal/principal', 404],
    ] as const) {
      const response = await fetch(`${system.url}${path}`, { method });
      const text = await response.text();
      expect([
        method,
        path,
        response.status,
        complaint({ status: response.status, text, json: JSON.parse(text) }),
      ]).toEqual([method, path, status, null]);
    }
  });

  describe('7, 32 tokens', () => {
    const base64 = (value: unknown): string =>
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
    const shapes: [what: string, header: (token: string) => string | undefined][] = [
      ['no header', () => undefined],
      ['an empty header', () => ''],
      ['the scheme alone', () => 'Bearer'],
      ['the scheme and blanks', () => 'Bearer    '],
      ['a token without scheme', (token) => token],
      ['another scheme', (token) => `Basic ${token}`],
      ['user and password', () => `Basic ${Buffer.from('teacher.ripon:teacher.ripon').toString('base64')}`],
      ['two tokens', (token) => `Bearer ${token} ${token}`],
      ['two schemes', (token) => `Bearer Bearer ${token}`],
      ['a comma', (token) => `Bearer ${token}, Bearer ${token}`],
      ['quotes', (token) => `Bearer "${token}"`],
      ['one word', () => 'Bearer abc'],
      ['two dots', () => 'Bearer ..'],
      ['three letters', () => 'Bearer a.b.c'],
      ['four parts', (token) => `Bearer ${token}.x`],
      ['two parts', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}`],
      ['no signature', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`],
      ['a cut signature', (token) => `Bearer ${token.slice(0, -6)}`],
      [
        'a changed signature',
        (token) => `Bearer ${token.slice(0, -8)}${token.at(-8) === 'A' ? 'B' : 'A'}${token.slice(-7)}`,
      ],
      ['alg none', (token) => `Bearer ${base64({ alg: 'none', typ: 'at+jwt' })}.${token.split('.')[1]}.`],
      [
        'alg HS256 over the same claims',
        (token) => `Bearer ${base64({ alg: 'HS256', typ: 'at+jwt' })}.${token.split('.')[1]}.${base64('x'.repeat(32))}`,
      ],
      [
        'an unknown key',
        (token) => `Bearer ${base64({ alg: 'RS256', kid: 'nobody' })}.${token.split('.')[1]}.${token.split('.')[2]}`,
      ],
      [
        'the claims of somebody else',
        (token) => {
          const [head, claims, signature] = token.split('.') as [string, string, string];
          const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'acct-state-ca' };
          return `Bearer ${head}.${base64(changed)}.${signature}`;
        },
      ],
      [
        'claims that are no JSON',
        (token) => `Bearer ${token.split('.')[0]}.${base64('not json')}.${token.split('.')[2]}`,
      ],
      ['claims that are a list', (token) => `Bearer ${token.split('.')[0]}.${base64([])}.${token.split('.')[2]}`],
      ['claims that are null', (token) => `Bearer ${token.split('.')[0]}.${base64('null')}.${token.split('.')[2]}`],
      [
        'an issuer that is an object',
        (token) => `Bearer ${token.split('.')[0]}.${base64({ iss: { a: 1 } })}.${token.split('.')[2]}`,
      ],
      [
        'a foreign issuer',
        (token) => `Bearer ${token.split('.')[0]}.${base64({ iss: 'https://issuer.example' })}.${token.split('.')[2]}`,
      ],
      [
        'an issuer called __proto__',
        (token) => `Bearer ${token.split('.')[0]}.${base64({ iss: '__proto__' })}.${token.split('.')[2]}`,
      ],
      ['a head that is no JSON', (token) => `Bearer ${base64('{')}.${token.split('.').slice(1).join('.')}`],
      ['very long', () => `Bearer ${'a'.repeat(12_000)}`],
      ['an encrypted token’s shape', () => `Bearer ${base64({ alg: 'dir', enc: 'A256GCM' })}..aaaa.bbbb.cccc`],
      ['letters beyond ASCII', () => 'Bearer t\u00f6k\u00e9n'],
    ];
    test.each(shapes)('32 %s', async (_, header) => {
      const value = header(await system.token('teacher.ripon'));
      const answer = await post(system, QUERY, value === undefined ? {} : { authorization: value });
      expect([answer.status, codesOf(answer), complaint(answer)]).toEqual([401, ['UNAUTHENTICATED'], null]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });

    test('32 the refresh token, the client’s secret and the token of another audience are no access tokens', async () => {
      for (const value of ['regional-center', 'teacher.ripon']) {
        const answer = await post(system, QUERY, { authorization: `Bearer ${value}` });
        expect([answer.status, codesOf(answer)]).toEqual([401, ['UNAUTHENTICATED']]);
      }
    });

    test.each([
      'role-nobody',
      'role-district-manteca',
      'x'.repeat(65),
      'a b',
      '../role',
      "'; --",
      'null',
      '__proto__',
      'constructor',
    ])('61 perspective %s', async (perspective) => {
      const answer = await post(system, QUERY, {
        authorization: `Bearer ${await system.token('teacher.ripon')}`,
        'x-perspective': perspective,
      });
      expect([answer.status, codesOf(answer), complaint(answer)]).toEqual([403, ['UNAUTHENTICATED'], null]);
    });
  });
});
