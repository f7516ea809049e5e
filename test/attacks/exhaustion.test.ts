import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { composeGraph } from '../../gateway/schema/compose';
import { readSchemaCosts } from '../../gateway/cost/schema-costs';
import { DEFAULT_LIMITS, OperationLimits } from '../../gateway/limits';
import { callsOf } from './call-counter';
import { type RecordingGateway, recordingGateway } from './recording-gateway';

const supergraph = readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8');
const costs = readSchemaCosts(supergraph);
const many = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nest = (depth: number, open: string, leaf: string): string =>
  `${`${open} { `.repeat(depth)}${leaf}${' }'.repeat(depth)}`;
const students = (selections: string): string => `{ students { nodes { ${selections} } } }`;

describe('attacks that would exhaust the gateway of the product', () => {
  let gateway: RecordingGateway;
  let token: string;
  beforeAll(async () => {
    gateway = await recordingGateway(supergraph);
    token = await gateway.token();
    gateway.graph.capabilities = [
      ...['student:read', 'student.demographics:read', 'student.contacts:read', 'iep:read', 'evaluation:read'],
      ...['service:read', 'provider:read', 'report:read'],
    ];
    // Whatever is only done once is done.
    for (const operation of ['{ students { nodes { id } } }', '{ nothing }', '{ __schema { queryType { name } } }'])
      await ask(operation);
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.forget());
  const ask = (query: string, variables?: Record<string, unknown>) => gateway.post(query, { token, variables });
  const refused = async (query: string, message: RegExp): Promise<void> => {
    gateway.forget();
    const { status, data, errors } = await ask(query);
    expect([query.slice(0, 80), status, data, errors?.[0].extensions.code]).toEqual([
      query.slice(0, 80),
      400,
      undefined,
      'BAD_USER_INPUT',
    ]);
    expect(errors![0].message).toMatch(message);
    expect(gateway.fetches).toEqual([]);
  };

  const chain = (length: number, level: (next: string) => string): string =>
    many(length, (i) => `fragment F${i} on Student { ${level(`...F${i + 1}`)} }`) +
    ` fragment F${length} on Student { id }`;

  test.each<[string, string]>([
    ['a fragment that spreads itself', `${students('...F')} fragment F on Student { id ...F }`],
    [
      'two that spread each other below a field',
      `${students('...A')} fragment A on Student { currentIep { student { ...B } } } fragment B on Student { currentIep { student { ...A } } }`,
    ],
    [
      'a binary tree of aliases',
      `${students('...F0')} ${chain(40, (f) => `a: currentIep { student { ${f} } } b: currentIep { student { ${f} } }`)}`,
    ],
    ['a binary tree of spreads', `${students('...F0')} ${chain(60, (f) => `${f} ${f}`)}`],
    [
      'a binary tree of spreads below fields',
      `${students('...F0')} ${chain(40, (f) => `currentIep { student { ${f} ${f} } }`)}`,
    ],
    ['a tree of inline fragments', students(nest(21, 'currentIep { student', `id }`.repeat(1)) + '}'.repeat(20))],
    [
      'a cycle that no operation uses',
      `{ viewer { level } } fragment A on Student { ...B } fragment B on Student { ...A }`,
    ],
  ])('A-44 %s: refused before it costs anything', async (_, query) => {
    const { calls } = await callsOf(() => refused(query, /./));
    // The refusal of a short operation costs some 20,000 calls, those of the HTTP request included.
    expect(calls).toBeLessThan(20_000 + 20 * query.length);
  });

  describe('A-45 operations made for many equal plans', () => {
    // Every leaf lives in two of eight subgraphs: n of them can be fetched in 2ⁿ ways.
    const names = ['students', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const leaves = Array.from({ length: 48 }, (_, i) => i);
    const sdl = (at: number): string => `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated"])
      type Query @authenticated { t: T @shareable }
      type T @key(fields: "id") @authenticated { id: ID! next: T @shareable
        ${leaves
          .filter((i) => (at - i + 48) % 8 < 2)
          .map((i) => `l${i}: Int @shareable`)
          .join(' ')} }`;
    let equal: RecordingGateway;
    beforeAll(async () => {
      equal = await recordingGateway(composeGraph(names.map((name, at) => ({ name, sdl: sdl(at) }))).supergraph);
      await equal.post('{ t { id } }');
    });
    afterAll(() => equal?.stop());
    const planning = async (query: string): Promise<number> => {
      const { calls, result } = await callsOf(() => equal.post(query));
      expect([result.status, result.errors]).toEqual([200, undefined]);
      return calls;
    };
    const some = (count: number): string =>
      leaves
        .slice(0, count)
        .map((i) => `l${i}`)
        .join(' ');

    test('A-45 2⁴⁸ plans cost no more for each field than 2¹² do: their number is bounded, not tried', async () => {
      const [few, most] = [await planning(`{ t { ${some(12)} } }`), await planning(`{ t { ${some(48)} } }`)];
      expect(most / 48).toBeLessThan((2 * few) / 12);
    });

    test('A-45 nor does it help to choose anew at each step down', async () => {
      const [few, most] = [
        await planning(`{ t { ${nest(2, 'l1 l2 l3 l5 l7 next', some(12))} } }`),
        await planning(`{ t { ${nest(16, 'l1 l2 l3 l5 l7 next', some(12))} } }`),
      ];
      expect(most).toBeLessThan(8 * few);
    });

    test('A-45 on the product’s own graph planning grows with the operation, not faster', async () => {
      const hops = (depth: number, leaf = 'id'): string =>
        nest(depth, 'stateId services { id } dueDates { kind } evaluations { id } currentIep { student', leaf) +
        '}'.repeat(depth);
      const cost = async (width: number): Promise<number> => {
        const wide = many(width, (i) => `a${i}: currentIep { student { ${hops(1)} ${hops(3)} } }`);
        const query = `{ students(first: 1) { nodes { ${wide} } } }`;
        const { calls, result } = await callsOf(() => ask(query));
        expect([result.status, gateway.fetches.length > 0]).toEqual([200, true]);
        return calls / query.length;
      };
      const [narrow, wide] = [await cost(5), await cost(40)];
      expect(wide).toBeLessThan(2 * narrow);
    });
  });

  describe('A-46 names that begin like those of introspection', () => {
    const wide = many(60, (i) => `a${i}: __typename`);
    const deep = nest(11, 'currentIep { student', 'id') + '}'.repeat(11);

    test.each<[string, string, RegExp]>([
      ['an operation called __schema', `query __schema ${students(wide)}`, /more aliases/],
      ['an operation called __type, too deep', `query __type ${students(deep)}`, /deeper/],
      ['a fragment called __schema', `{ ...__schema } fragment __schema on Query ${students(wide)}`, /more aliases/],
      ['a fragment called __typename', `{ ...__typename } fragment __typename on Query ${students(deep)}`, /deeper/],
      ['fields under an alias __schema', `{ __schema: students { nodes { ${wide} } } }`, /more aliases/],
      ['fields under an alias __type, too deep', `{ __type: students { nodes { ${deep} } } }`, /deeper/],
      ['introspection itself', `{ __schema { types { ${wide} } } }`, /more aliases/],
      [
        'introspection, recursive',
        `{ __schema { types { ${nest(4, 'fields { type', 'name')}${'}'.repeat(4)} } } }`,
        /introspection depth|Maximum/,
      ],
      [
        'introspection, recursive through fragments',
        `{ __schema { types { ...T } } } ${many(8, (i) => `fragment T${i || ''} on __Type { fields { type { ...T${i + 1} } } }`)} fragment T8 on __Type { name }`,
        /introspection depth|Maximum|costs/,
      ],
      [
        'introspection, too many roots',
        `{ ${many(21, (i) => `a${i}: __schema { queryType { name } }`)} }`,
        /root fields/,
      ],
    ])('A-46 %s: counted like any other', (_, query, message) => refused(query, message));

    test('A-46 a fragment counts with its own depth at every place, in whatever order fragments are met', async () => {
      const fragment = `fragment F on Student { ${nest(4, 'currentIep { student', 'id')}${'}'.repeat(4)} }`;
      const [shallow, below] = ['...F', nest(5, 'currentIep { student', '...F') + '}'.repeat(5)];
      for (const order of [`${shallow} ${below}`, `${below} ${shallow}`]) {
        await refused(`${students(order)} ${fragment}`, /deeper/);
        await refused(`${fragment} ${students(order)}`, /deeper/);
      }
      expect((await ask(`${students(shallow)} ${fragment}`)).status).toBe(200);
    });

    test('A-46 what is counted with fragments is what is counted without them', () => {
      const limits = (over: object) => new OperationLimits({ ...DEFAULT_LIMITS, ...over }, costs);
      // A fragment may spread the ones after it: any graph without cycles, and the same operation written out.
      const fragments = fc.array(fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { maxLength: 3 }), {
        minLength: 1,
        maxLength: 5,
      });
      fc.assert(
        fc.property(fragments, (bodies) => {
          const body = (at: number, isExpanded: boolean): string =>
            bodies[at]!.map(([isBelow, next], i) => {
              const to = at + 1 + next;
              const leaf =
                to >= bodies.length ? `k${i}: id` : isExpanded ? `... on S { ${body(to, true)} }` : `...__schema${to}`;
              return isBelow ? `a${i}: s { ${leaf} }` : leaf;
            }).join(' ') || 'id';
          const spread = `{ ...__schema0 } ${many(bodies.length, (i) => `fragment __schema${i} on S { ${body(i, false)} }`)}`;
          const expanded = `{ ${body(0, true)} }`;
          for (const over of [{ depth: 2 }, { depth: 3 }, { aliases: 3 }, { fields: 4 }, { rootFields: 2 }])
            expect(limits(over).check(spread).finding).toEqual(limits(over).check(expanded).finding);
        }),
      );
    });
  });

  test.each<[string, string]>([
    ['at the root', `{ ${many(2_000, (i) => `a${i}: __typename`)} }`],
    ['below', students(many(2_000, (i) => `a${i}: __typename`))],
    ['in a fragment', `${students('...F')} fragment F on Student { ${many(51, (i) => `a${i}: __typename`)} }`],
    [
      'spread over fragments',
      `${students(many(3, (i) => `...F${i}`))} ${many(3, (i) => `fragment F${i} on Student { ${many(20, (k) => `a${i}x${k}: __typename`)} }`)}`,
    ],
    ['in a mutation', `mutation { ${many(2_000, (i) => `a${i}: __typename`)} }`],
    [
      'in an operation that does not run',
      `query A { viewer { level } } query B { ${many(60, (i) => `a${i}: __typename`)} }`,
    ],
  ])('A-47 2,000 aliases of __typename %s: refused', async (_, query) => {
    const { calls } = await callsOf(() => refused(query, /./));
    expect(calls).toBeLessThan(20_000 + 20 * query.length);
  });

  describe('A-48 expensive fields again and again', () => {
    const count = (i: number) => `c${i}: childCount(on: "2026-01-01", groupBy: [GRADE]) { total }`;
    const page = 'first: 100';
    const deep = 'student { currentIep { student { currentIep { id } } } }';
    const lists = 'services { id } guardians { id } dueDates { kind } evaluations { id }';
    const draft = 'currentIep { draftDocument { id } }';
    test.each<[string, string, number]>([
      ['counting students', `{ ${many(10, count)} }`, 10 * 5_001],
      ['in a fragment', `{ ...F } fragment F on Query { ${many(10, count)} }`, 10 * 5_001],
      [
        'searching',
        `{ ${many(20, (i) => `s${i}: searchStudents(text: "a", ${page}) { nodes { currentIep { student { ${lists} } } } }`)} }`,
        20 * (200 + 1 + 100 * (1 + 1 + 1 + 4 * 5)),
      ],
      [
        'pages within pages',
        `{ students(${page}) { nodes { iepHistory(${page}) { nodes { ${deep} } } } } }`,
        1 + 100 * (1 + 1 + 100 * 5),
      ],
      [
        'documents of a page',
        `{ students(${page}) { nodes { ${many(5, (i) => `a${i}: ${draft}`)} } } }`,
        1 + 100 * (1 + 5 * (1 + 100 + 1)),
      ],
      [
        'reports',
        `mutation { ${many(10, (i) => `r${i}: runReport(input: { definitionId: "CASELOAD_ROSTER" }) { errors { code } }`)} }`,
        10 * (10 + 5_000 + 1 + 5),
      ],
    ])('A-48 %s: refused by its cost, nothing fetched', async (_, query, cost) => {
      await refused(query, new RegExp(`^The operation costs ${cost}, and at most 50000 is answered`));
    });

    test('A-48 sizes in variables count, and smaller ones are answered', async () => {
      const query = `query($n: Int!) { students(first: $n) { nodes { iepHistory(first: $n) { nodes { ${deep} } } } } }`;
      const large = await ask(query, { n: 100 });
      expect([large.status, large.errors![0].message]).toMatchObject([400, expect.stringMatching(/costs 50201,/)]);
      expect(gateway.fetches).toEqual([]);
      expect((await ask(query, { n: 99 })).status).toBe(200);
      expect(gateway.fetches).not.toEqual([]);
    });
  });

  describe('A-48 operations made to be planned anew each time', () => {
    // 1,600 fields, 461 fetches, out of 1,100 characters.
    const below = (next: string) =>
      many(3, (i) => `${['currentIep', 'services', 'evaluations'][i]} { student { ${next} } }`);
    const wide = (name: string): string =>
      `{ ${many(20, (i) => `${name}${i}: students(first: 1) { nodes { ...F } }`)} } fragment F on Student { ${below('...G')} }
       fragment G on Student { ${below('...H')} } fragment H on Student { dueDates { kind } services { id } evaluations { id } }`;
    let limited: RecordingGateway;
    beforeAll(async () => {
      limited = await recordingGateway(supergraph, undefined, { rates: { accountPoints: 500_000 } });
      limited.graph.capabilities = gateway.graph.capabilities;
    });
    afterAll(() => limited?.stop());

    test('A-48 so many of an account’s are planned in a while, and no more; others are answered', async () => {
      const greedy = await limited.token({ sub: 'greedy' });
      const statuses: number[] = [];
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
        statuses.push((await limited.post(wide(name), { token: greedy })).status);
      const answered = statuses.filter((status) => status === 200).length;
      expect([answered, statuses.slice(answered)]).toEqual([2, [429, 429, 429, 429, 429, 429]]);
      limited.forget();
      expect((await limited.post(wide('a'), { token: await limited.token({ sub: 'other' }) })).status).toBe(200);
      expect(limited.fetches).not.toEqual([]);
    });
  });

  describe('A-49 operations that are made to be costly to validate', () => {
    const bombs: Record<string, (size: number) => string> = {
      'one field again and again': (n) => students(many(n, () => 'id')),
      'one object again and again': (n) => students(many(n, () => 'currentIep { id }')),
      'inline fragments': (n) => students(many(n, () => '... { id }')),
      'inline fragments on a type': (n) => students(many(n, () => '... on Student { id }')),
      'inline fragments, nested': (n) => students(`${'... on Student { '.repeat(n)}id${' }'.repeat(n)}`),
      'fragments, each spread once': (n) =>
        `${students(many(n, (i) => `...F${i}`))} ${many(n, (i) => `fragment F${i} on Student { id }`)}`,
      'fragments in fragments': (n) => `${students('...F0')} ${chain(n, (f) => `id ${f}`)}`,
      'fragments that meet in pairs': (n) =>
        `${students(many(n >> 3, (i) => `...F${i}`))} ${many(n >> 3, (i) => `fragment F${i} on Student { ${many(8, () => 'currentIep { id }')} }`)}`,
      'objects in objects, each twice': (n) => {
        const twice = (depth: number): string =>
          depth === 0 ? 'id' : many(2, () => `currentIep { student { ${twice(depth - 1)} } }`);
        return students(twice(Math.min(9, Math.floor(Math.log2(n)))));
      },
      arguments: (n) => `{ students(${many(n, (i) => `a${i}: 1`)}) { totalCount } }`,
      'one argument again and again': (n) => `{ students(${many(n, () => 'first: 1')}) { totalCount } }`,
      'fields of an input': (n) => `{ students(filter: { ${many(n, (i) => `a${i}: 1`)} }) { totalCount } }`,
      'lists in lists': (n) => `{ students(filter: { status: ${'['.repeat(n)}${']'.repeat(n)} }) { totalCount } }`,
      variables: (n) => `query(${many(n, (i) => `$v${i}: ID`)}) { students { totalCount } }`,
      'one variable again and again': (n) => `query(${many(n, () => '$v: ID')}) { student(id: $v) { id } }`,
      'fields that do not exist': (n) => students(many(n, (i) => `x${i}`)),
      'fragments that do not exist': (n) => students(many(n, (i) => `...X${i}`)),
      directives: (n) => students(`id ${many(n, () => '@include(if: true)')}`),
      'directives that do not exist': (n) => students(many(n, (i) => `id @d${i}`)),
      operations: (n) => many(n, (i) => `query Q${i} { viewer { level } }`),
    };

    test.each(Object.keys(bombs))('A-49 %s: the work is bounded by the length of the text', async (name) => {
      for (const size of [100, 250, 500, 1_000, 4_000, 16_000]) {
        const query = bombs[name]!(size);
        const { calls, result } = await callsOf(() => ask(query));
        expect([200, 400, 413]).toContain(result.status);
        // A plain operation costs some 100 calls per character; a text of 15,000 characters is at the limit of 4,000 tokens.
        const perCharacter = (calls - 100_000) / Math.min(query.length, 16_000);
        expect([name, size, perCharacter < 300 ? 'bounded' : perCharacter]).toEqual([name, size, 'bounded']);
      }
    });

    const postText = (body: string) =>
      fetch(`${gateway.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      });

    test.each<[string, string]>([
      ['a long list', JSON.stringify({ status: Array.from({ length: 20_000 }, () => 'NOBODY') })],
      ['many fields', JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field${i}`, i])))],
      ['objects in objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
      ['lists in a list', `{"status":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ])('A-49 variables: %s', async (_, filter) => {
      const query = '"query($f: StudentFilter) { students(filter: $f) { totalCount } }"';
      const { calls, result } = await callsOf(() => postText(`{"query":${query},"variables":{"f":${filter}}}`));
      const text = await result.text();
      expect([result.status, JSON.parse(text).errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
      expect(text.length).toBeLessThan(20_000);
      expect(calls).toBeLessThan(100_000 + 20 * filter.length);
      // Where no variable of that name is declared, nothing of it goes on.
      const unused = await postText(
        `{"query":"{ viewer { level } }","variables":{"f":${filter}},"extensions":{"f":${filter}}}`,
      );
      expect([200, 400]).toContain(unused.status);
      expect(JSON.stringify(gateway.fetches)).not.toMatch(/NOBODY|field1|\[\[|"a"/);
    });
  });

  describe('A-50 ways around a single answer', () => {
    test.each([
      'subscription { students { nodes { id } } }',
      'subscription S { viewer { level } } query Q { viewer { level } }',
    ])('A-50 %s: there are no subscriptions', (query) => refused(query, /./));

    test.each(['@defer', '@stream', '@live'])('A-50 %s is unknown', (directive) =>
      refused(
        `{ students { nodes { id ... ${directive === '@defer' ? directive : ''} { lastName } } } viewer { level ${directive} } }`,
        /./,
      ),
    );

    test.each([
      'text/event-stream',
      'multipart/mixed; boundary="-"; subscriptionSpec=1.0',
      'multipart/mixed; deferSpec=20220824',
    ])('A-50 a client that wants %s gets nothing over time', async (accept) => {
      const answer = await fetch(`${gateway.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept },
        body: JSON.stringify({ query: 'subscription { viewer { level } }' }),
      });
      expect([answer.status >= 400, answer.headers.get('content-type')]).toEqual([true, expect.stringMatching(/json/)]);
      expect((await answer.text()).length).toBeLessThan(1_000);
      expect(gateway.fetches).toEqual([]);
    });

    test.each(['websocket', 'h2c'])('A-50 a connection is not upgraded to %s', async (protocol) => {
      const { hostname, port } = new URL(gateway.origin);
      const first = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () =>
          socket.write(
            [
              'GET /graphql HTTP/1.1',
              `Host: ${hostname}`,
              'Connection: Upgrade',
              `Upgrade: ${protocol}`,
              ...[
                'Sec-WebSocket-Version: 13',
                'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
                'Sec-WebSocket-Protocol: graphql-transport-ws',
              ],
              `Authorization: Bearer ${token}`,
              '\r\n',
            ].join('\r\n'),
          ),
        );
        socket.once('data', (chunk) => (socket.destroy(), resolve(chunk.toString().split('\r\n')[0]!)));
        socket.once('close', () => resolve('closed'));
        socket.once('error', reject);
      });
      expect(first).toMatch(/^HTTP\/1\.1 4\d\d |^closed$/);
      expect(gateway.fetches).toEqual([]);
    });
  });

  describe('A-51 names of Object.prototype', () => {
    const NAMES = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      'prototype',
      '__defineGetter__',
    ];

    test.each(NAMES)(
      'A-51 %s as alias, variable, operation, fragment, field, argument, type: an own name or an unknown one',
      async (name) => {
        const own = await ask(
          `query ${name}($${name}: ID = "1") { ${name}: student(id: $${name}) { ...${name} } } fragment ${name} on Student { ${name}: id }`,
        );
        expect([own.status, own.errors, Object.keys(own.data)]).toEqual([200, undefined, [name]]);
        expect(gateway.fetches).toHaveLength(1);
        for (const unknown of [
          `{ ${name} { id } }`,
          students(`${name} { id }`),
          students(`... on ${name} { id }`),
          `{ students(${name}: 1) { totalCount } }`,
          `{ students(filter: { ${name}: 1 }) { totalCount } }`,
          `{ students(orderBy: ${name}) { totalCount } }`,
          `{ student(id: $${name}) { id } }`,
          students(`id @${name}`),
          `query($v: ${name}) { student(id: $v) { id } }`,
          students(`...${name}`),
        ])
          await refused(unknown, /./);
      },
    );

    test('A-51 in variables: neither values of their own nor a way into any object', async () => {
      const query =
        'query($f: StudentFilter, $id: ID!) { students(filter: $f) { totalCount } student(id: $id) { id } }';
      for (const text of [
        '{"f":{"__proto__":{"stateId":"1"}},"id":"1"}',
        '{"f":{"constructor":{"prototype":{"stateId":"1"}}},"id":"1"}',
        '{"__proto__":{"id":"1","f":{"stateId":"1"}}}',
        '{"constructor":{"prototype":{"id":"1"}}}',
      ]) {
        gateway.forget();
        const answer = await fetch(`${gateway.origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: `{"query":${JSON.stringify(query)},"variables":${text},"__proto__":{"query":"{viewer{level}}"}}`,
        });
        expect([text, answer.status, gateway.fetches]).toEqual([text, 400, []]);
      }
      expect(({} as Record<string, unknown>).stateId).toBeUndefined();
      expect(({} as Record<string, unknown>).id).toBeUndefined();
    });
  });
});

test('A-51 names of Object.prototype as keys of what a subgraph answers reach nobody', async () => {
  const gateway = await recordingGateway(supergraph, () =>
    JSON.parse(
      '{"data":{"__proto__":{"student":{"lastName":"Evil"}},"constructor":{"prototype":{"lastName":"Evil"}},"c_student":{"__typename":"Student","id":"1","__proto__":{"lastName":"Evil"}}},"__proto__":{"errors":[]}}',
    ),
  );
  gateway.graph.capabilities = ['student:read', 'student.demographics:read'];
  const { data } = await gateway.post('{ student(id: "1") { id lastName } }');
  expect(data).toEqual({ student: { id: '1', lastName: null } });
  expect(({} as Record<string, unknown>).lastName).toBeUndefined();
  await gateway.stop();
});
