import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
  isNonNullType,
} from 'graphql';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildPolicyIndex } from '../../gateway/authorize/policy-index';
import { httpTransport } from '../../gateway/create-gateway';
import { isSatisfied } from '../../gateway/authorize/requirement';
import { sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import type { SubgraphRequest } from '../../platform/subgraph/create-subgraph';
import { serveSubgraph } from '../../platform/subgraph/http';
import { buildGraphs, type SubgraphName, subgraphNames } from '../../scripts/graph';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { Facts, type Someone } from '../scenarios/facts';
import { queries } from '../scenarios/input-variants';
import { byTable } from '../scenarios/page-of-students';
import { bytesFor } from '../scenarios/raw-answer';
import { Doors, type RunningGateway } from './doors';

const RIPON = 'ca-39686500000000';
const MANTECA = 'ca-39685930000000';
const graphs = buildGraphs();
const index = buildPolicyIndex(readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8'));

/** Types that a subgraph answers in `_entities`. */
const entitiesOf = (subgraph: SubgraphName): GraphQLObjectType[] => {
  const union = graphs[subgraph].schema.getType('_Entity') as unknown as { getTypes(): GraphQLObjectType[] };
  return [...union.getTypes()];
};
const everyEntity: [SubgraphName, GraphQLObjectType][] = subgraphNames.flatMap((subgraph) =>
  entitiesOf(subgraph).map((type): [SubgraphName, GraphQLObjectType] => [subgraph, type]),
);
const isCallable = (field: GraphQLField<unknown, unknown>): boolean =>
  field.args.every(({ type, defaultValue }) => !isNonNullType(type) || defaultValue !== undefined);

/** A field with all leaves below it, one object deep; of a page its rows. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return field.name;
  if (!isObjectType(type)) return `${field.name} { __typename }`;
  const fields = Object.values(type.getFields()).filter(isCallable);
  const leaves = fields.filter((one) => isLeafType(getNamedType(one.type))).map(({ name }) => name);
  const rows = type.name.endsWith('Connection') ? ['nodes { __typename }'] : [];
  return `${field.name} { ${['__typename', ...leaves, ...rows].join(' ')} }`;
}

/** Without the report worker's statements, who looks around by itself. */
const fetched = (sql: readonly string[]): Record<string, number> => {
  const { principal_epoch: _epoch, '': _none, ...tables } = byTable(sql);
  return tables;
};

describe.each(databaseUrls())('attacks on the doors of the subgraphs, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let doors: Doors;
  let own: Someone;
  let foreign: Someone;
  const callers: Record<string, Principal> = {};

  beforeAll(async () => {
    // Without event consumers, whose statements are not what is counted.
    system = await bootSystem(makeUrl, { consume: false });
    doors = new Doors(system);
    const facts = new Facts(system);
    [own, foreign] = [await facts.someone(RIPON), await facts.someone(MANTECA)];
    for (const who of ['district.ripon', 'teacher.ripon', 'state.ca', 'supervisor.nyc', 'regional-center'])
      callers[who] = await doors.principalOf(who);
  });
  afterAll(() => system?.stop());

  const ids = (someone: Someone, place: string): Record<string, string> => ({
    ...{ Student: someone.studentId, Iep: someone.iepId, Goal: someone.goalId, Service: someone.serviceId },
    ...{ Guardian: someone.guardianId, Evaluation: someone.evaluationId ?? 'no-evaluation' },
    ...{
      Provider: `prov-teacher-${place}`,
      Account: `acct-teacher-${place}`,
      Organization: place === 'ripon' ? RIPON : MANTECA,
    },
  });
  /** Whoever serves a student, and where, is shown to whoever sees the student: their names are not rows of a scope. */
  const DIRECTORY = new Set(['Provider', 'Account', 'Organization']);

  const entity = (type: string, selection: string): string =>
    `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${selection} } } }`;
  const look = (subgraph: SubgraphName, as: Principal, type: string, selection: string, representation: object) =>
    doors.call(subgraph, as, entity(type, selection), { r: [{ __typename: type, ...representation }] });

  test('A-24, A-37 the walk covers every entity of every subgraph', () => {
    expect(everyEntity.map(([subgraph, { name }]) => `${subgraph} ${name}`).sort()).toEqual(
      expect.arrayContaining([
        'iep Evaluation',
        'iep Goal',
        'iep Iep',
        'iep Student',
        'reporting Student',
        'services Service',
        'students Student',
      ]),
    );
    for (const [, { name }] of everyEntity) expect(ids(own, 'ripon')).toHaveProperty(name);
  });

  describe.each(everyEntity.map(([subgraph, type]) => [subgraph, type.name, type] as const))(
    '%s %s',
    (subgraph, name, type) => {
      const fields = Object.values(type.getFields()).filter(isCallable);

      test(`A-24 ${name} by id in ${subgraph}: a field takes the right that it takes everywhere, and without it no row is read`, async () => {
        let [allowed, denied] = [0, 0];
        for (const principal of Object.values(callers)) {
          const caller = { authenticated: true, capabilities: new Set(principal.capabilities), level: principal.level };
          for (const field of fields) {
            const isLeaf = isLeafType(getNamedType(field.type));
            const may = isSatisfied(index.selections.get(`${name}.${field.name}`)!, caller);
            const { result, sql } = await system.statements(() =>
              look(subgraph, principal, name, isLeaf ? field.name : `${field.name} { __typename }`, {
                id: ids(own, 'ripon')[name],
              }),
            );
            expect([field.name, principal.role, result.status]).toEqual([field.name, principal.role, may ? 200 : 403]);
            if (!may) expect([field.name, fetched(sql), result.data]).toEqual([field.name, {}, undefined]);
            if (may) allowed += 1;
            else denied += 1;
          }
        }
        expect(allowed).toBeGreaterThan(0);
        if (!DIRECTORY.has(name)) expect(denied).toBeGreaterThan(0);
      });

      if (!DIRECTORY.has(name))
        test(`A-37 ${name} of another district in ${subgraph} answers what one that does not exist answers, field by field`, async () => {
          let told = 0;
          for (const who of ['district.ripon', 'teacher.ripon', 'supervisor.nyc', 'regional-center']) {
            for (const field of fields) {
              const ask = async (id: string): Promise<string> => {
                const { status, text } = await look(subgraph, callers[who]!, name, selectionOf(field), { id });
                return `${status} ${text}`.replaceAll(id, 'ID');
              };
              const absent = await ask('no-such-id');
              expect([who, field.name, await ask(ids(foreign, 'manteca')[name]!)]).toEqual([who, field.name, absent]);
              if (who === 'district.ripon' && (await ask(ids(own, 'ripon')[name]!)) !== absent) told += 1;
            }
          }
          // The own one does answer something: otherwise nothing was compared.
          expect(told).toBeGreaterThan(name === 'Evaluation' && !own.evaluationId ? -1 : 0);
        });

      test(`A-38 ${name} in ${subgraph}: whatever else a representation claims is ignored`, async () => {
        const as = callers['district.ripon']!;
        const id = ids(own, 'ripon')[name];
        const claims = {
          ...Object.fromEntries(
            Object.values(type.getFields()).map((field) => [field.name, field.name === 'id' ? id : 'FORGED']),
          ),
          // Names of columns, of what a row may hang on, and of what code may trip over.
          ...{
            student_id: foreign.studentId,
            studentId: foreign.studentId,
            iepId: foreign.iepId,
            student: { __typename: 'Student', id: foreign.studentId },
          },
          ...{
            iep: { __typename: 'Iep', id: foreign.iepId },
            then: 'FORGED',
            toJSON: 'FORGED',
            __resolveReference: 'FORGED',
            principal: { level: 'state' },
          },
        };
        const nested = JSON.parse(
          `{"__proto__":{"id":"${foreign.studentId}","studentId":"${foreign.studentId}","isAdmin":true},"constructor":{"prototype":{"id":"x"}},"prototype":{"id":"x"}}`,
        );
        const forgeries: object[] = [{ ...claims, id }];
        forgeries.push(Object.defineProperty({ id }, '__proto__', { value: nested.__proto__, enumerable: true }));
        forgeries.push({
          id,
          constructor: { prototype: { studentId: foreign.studentId } },
          prototype: { id: foreign.studentId },
        });
        for (const field of fields) {
          const honest = await look(subgraph, as, name, selectionOf(field), { id });
          for (const forgery of forgeries) {
            const forged = await look(subgraph, as, name, selectionOf(field), forgery);
            expect([field.name, forged.status, forged.data]).toEqual([field.name, honest.status, honest.data]);
            expect(forged.text).not.toMatch(/FORGED/);
          }
        }
        expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
      });

      test(`A-38 ${name} in ${subgraph}: a key that is no text finds nothing of another district`, async () => {
        const id = ids(foreign, 'manteca')[name]!;
        const keys: unknown[] = [
          null,
          5,
          true,
          {},
          [id],
          [[id]],
          { id },
          { $ne: null },
          { toString: id },
          `${id}' OR '1'='1`,
          '%',
          `${id}\u0000`,
        ];
        for (const key of [...keys, undefined]) {
          for (const field of fields.filter((one) => one.name !== 'id')) {
            const { text, status } = await look(subgraph, callers['district.ripon']!, name, selectionOf(field), {
              id: key,
            });
            expect(status).toBe(200);
            for (const secret of Object.values(ids(foreign, 'manteca')).filter((one) => one !== id))
              expect(text).not.toContain(secret);
            expect(text).not.toMatch(/SQL|SELECT|sqlite|mysql|\.ts:/i);
          }
        }
      });
    },
  );

  test('A-38 what is no value is no parameter of a statement: refused, where the drivers would rewrite it or end the process', async () => {
    const { read } = system.database;
    for (const value of [{}, { id: 1 }, ['a'], [['a']], () => 1, Symbol('x')])
      await expect(read.query('SELECT ? AS found', [value])).rejects.toThrow(/can't be a parameter of a statement/);
    const [row] = await read.query('SELECT ? AS a, ? AS b, ? AS c', ['x', 5, null]);
    expect({ ...row }).toEqual({ a: 'x', b: 5, c: null });
    const as = callers['district.ripon']!;
    const odd = { ...as, subject: { id: 'acct-state-ca' } as never, epoch: true as never };
    const { text, data } = await doors.call('students', odd, '{ students(first: 1) { nodes { id } } }');
    expect([data, text.includes('parameter')]).toEqual([null, false]);
    expect(
      (await doors.call('students', as, '{ students(first: 1) { nodes { id } } }')).data.students.nodes,
    ).toHaveLength(1);
  });

  test('A-40 a fault inside a subgraph tells its caller nothing but the id of the request', async () => {
    const as = callers['district.ripon']!;
    for (const fault of [
      { timeZone: 'No/Where' },
      { grants: null as never },
      { subject: { id: 'acct-state-ca' } as never },
    ]) {
      const { text, errors } = await doors.call('iep', { ...as, ...fault }, '{ ieps(first: 1) { nodes { id } } }');
      expect(errors!.map(({ message, extensions }) => [message, extensions!.code])).toEqual([
        ['Something went wrong on our side.', 'INTERNAL'],
      ]);
      expect(text).not.toMatch(/RangeError|TypeError|SELECT|principal_epoch|node_modules|\.(ts|js)\b|stack/);
    }
  });

  test('A-38 of two keys that name different students, neither opens the other', async () => {
    const [mine] = await new Facts(system).rows<{ stateId: string }>(
      'SELECT state_id AS stateId FROM student WHERE id = ?',
      [own.studentId],
    );
    for (const representation of [
      { id: foreign.studentId, stateId: mine!.stateId },
      { id: 'no-such-id', stateId: foreign.stateId },
      { stateId: foreign.stateId },
      { stateId: [mine!.stateId], id: null },
    ]) {
      const { data } = await look(
        'students',
        callers['district.ripon']!,
        'Student',
        'id stateId lastName',
        representation,
      );
      expect([representation, data._entities]).toEqual([representation, [null]]);
    }
  });

  test('A-38 a representation of what is no entity is no way in', async () => {
    for (const subgraph of subgraphNames)
      for (const type of [
        'Query',
        'Mutation',
        '_Service',
        'PageInfo',
        'Viewer',
        'Guardian',
        'String',
        '__Type',
        '__proto__',
        'constructor',
        'Nobody',
        '',
      ]) {
        const { data, text } = await doors.call(
          subgraph,
          callers['district.ripon']!,
          'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
          {
            r: [{ __typename: type, id: foreign.guardianId, firstName: 'FORGED' }],
          },
        );
        expect([subgraph, type, data?._entities?.[0] ?? null]).toEqual([subgraph, type, null]);
        expect(text).not.toMatch(/FORGED|at .*\.(ts|js):/);
      }
  });

  test('A-24 the look-ups of the public API: by a foreign id of any type, nothing; the bytes of an unknown id', async () => {
    const lookUps = queries
      .filter((field) => isObjectType(getNamedType(field.type)) || field.name === 'node')
      .filter(
        ({ args, type }) =>
          args.some(
            ({ name, type: own }) =>
              ['ID', 'String'].includes(getNamedType(own).name) &&
              !['after', 'text', 'parentId', 'organizationId'].includes(name),
          ) && !/Connection|Count|Summary/.test(String(type)),
      );
    expect(lookUps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['student', 'studentByStateId', 'iep', 'provider', 'account', 'reportRun']),
    );
    const targets = Object.entries({
      ...ids(foreign, 'manteca'),
      StateId: foreign.stateId,
      Grant: 'grant-regional-center',
      Role: 'role-teacher-manteca',
    });
    for (const who of ['teacher.ripon', 'district.ripon', 'supervisor.nyc', 'regional-center']) {
      for (const field of lookUps.filter(({ name }) => name !== 'organization')) {
        for (const argument of field.args.filter(({ type }) => ['ID', 'String'].includes(getNamedType(type).name))) {
          const query = `query One($id: ${argument.type}) { ${field.name}(${argument.name}: $id) { __typename } }`;
          const absent = await bytesFor(system, who, query, { id: 'no-such-id' });
          for (const [type, id] of targets) {
            if (type === 'Grant' && who === 'district.ripon') continue;
            expect([who, query, type, await bytesFor(system, who, query, { id })]).toEqual([who, query, type, absent]);
          }
        }
      }
    }
  });

  describe('A-35, A-36 who is let in at all', () => {
    const QUERY = { query: '{ __typename }' };

    test.each(subgraphNames)('A-36 %s answers nothing without a principal, not even its schema', async (subgraph) => {
      const operations: object[] = [
        QUERY,
        { query: '{ _service { sdl } }' },
        { query: '{ __schema { types { name } } }' },
        { query: entity('Student', 'id'), variables: { r: [{ __typename: 'Student', id: own.studentId }] } },
        { query: 'mutation { __typename }' },
        { query: 'not GraphQL' },
      ];
      const { result, sql } = await system.statements(async () => {
        for (const door of [doors.subgraphs[subgraph], system.subgraphs[subgraph]!])
          for (const body of [
            ...operations.map((operation) => JSON.stringify(operation)),
            '',
            '[]',
            'x'.repeat(100_000),
          ])
            for (const header of [
              undefined,
              '',
              'x',
              'a.b.c',
              `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ p: callers['state.ca'] })).toString('base64url')}.`,
            ]) {
              const { status, body: answer } = await door.handle({
                method: 'POST',
                path: '/graphql',
                headers: { 'x-principal': header },
                body,
              });
              expect([status, JSON.parse(answer)]).toEqual([
                401,
                {
                  errors: [{ message: 'A valid signed principal is needed.', extensions: { code: 'UNAUTHENTICATED' } }],
                },
              ]);
            }
        return subgraph;
      });
      expect([result, fetched(sql)]).toEqual([subgraph, {}]);
    });

    test.each(['/internal/principal', '/internal/audit'])('A-36 %s opens to the service key alone', async (path) => {
      const body = JSON.stringify({ account: 'acct-state-ca', records: [{ kind: 'request', record: {} }] });
      const principal = (await doors.sealed('students', callers['state.ca']!, {})).headers;
      for (const headers of [{}, { 'x-service-key': '' }, { 'x-service-key': 'x'.repeat(64) }, principal]) {
        const { status, body: answer } = await doors.subgraphs.students.handle({ method: 'POST', path, headers, body });
        expect([status, answer]).toEqual([401, '{"code":"UNAUTHENTICATED"}']);
      }
    });

    test('A-35 a principal is good at one subgraph, with one body, and a query’s only for 30 seconds', async () => {
      const as = callers['district.ripon']!;
      const good = await doors.sealed('iep', as, QUERY);
      expect((await doors.send('iep', good)).status).toBe(200);
      const others = subgraphNames.filter((name) => name !== 'iep');
      const refused: [SubgraphName, SubgraphRequest][] = [
        ...others.map((name): [SubgraphName, SubgraphRequest] => [name, good]),
        ['iep', { ...good, body: `${good.body} ` }],
        ['iep', { ...good, body: JSON.stringify({ query: '{ _service { sdl } }' }) }],
        // Signed with the key of this subgraph, for another one.
        ['iep', await doors.sealed('iep', as, QUERY, 'students')],
        // Signed with the key of another subgraph, for this one.
        ['iep', await doors.sealed('services', as, QUERY, 'iep')],
      ];
      for (const [subgraph, request] of refused) expect((await doors.send(subgraph, request)).status).toBe(401);

      const now = Date.now();
      jest.useFakeTimers({
        now,
        doNotFake: [
          'nextTick',
          'setImmediate',
          'setTimeout',
          'setInterval',
          'queueMicrotask',
          'clearTimeout',
          'clearInterval',
          'clearImmediate',
          'performance',
          'hrtime',
        ],
      });
      try {
        jest.setSystemTime(now + 28_000);
        expect((await doors.send('iep', good)).status).toBe(200);
        for (const later of [31_000, 3_600_000]) {
          jest.setSystemTime(now + later);
          expect((await doors.send('iep', good)).status).toBe(401);
        }
      } finally {
        jest.useRealTimers();
      }
    });

    test('A-35 the key of a subgraph is exchanged step by step: every request is answered, and then the old one opens nothing', async () => {
      const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
      const serviceKey = randomBytes(32).toString('hex');
      let students = doors.studentsWith([oldKey], serviceKey);
      const server = await serveSubgraph(
        { ...students, handle: (request) => students.handle(request) },
        0,
        '127.0.0.1',
      );
      const overHttp = () => httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const gatewayWith = (key: Uint8Array) =>
        doors.gateway(system, { students: overHttp() }, { students: key }, serviceKey);
      const [signsOld, signsNew] = [await gatewayWith(oldKey), await gatewayWith(newKey)];
      const answers = async (gateway: RunningGateway): Promise<string | undefined> => {
        const query = 'query($id: ID!) { student(id: $id) { id } }';
        const { data, errors } = await gateway.ask('district.ripon', query, { id: own.studentId });
        return data?.student?.id ?? errors?.[0]!.extensions.code;
      };

      expect(await answers(signsOld)).toBe(own.studentId);
      // The subgraph first, beside the old one; then the gateways, one after the other; then the old one goes.
      const nextServiceKey = randomBytes(32).toString('hex');
      students = doors.studentsWith([newKey, oldKey], `${nextServiceKey},${serviceKey}`);
      for (const gateway of [signsOld, signsNew, signsOld, signsNew])
        expect(await answers(gateway)).toBe(own.studentId);
      students = doors.studentsWith([newKey], serviceKey);
      expect(await answers(signsNew)).toBe(own.studentId);
      expect(await answers(signsOld)).toBe('INTERNAL');
      // Without the service key, not even an answer that says so: it could not be put on record.
      students = doors.studentsWith([newKey], nextServiceKey);
      expect(await answers(signsNew)).toBe('INTERNAL');

      const direct = overHttp();
      for (const [key, status] of [
        [newKey, 200],
        [oldKey, 401],
      ] as const) {
        const body = JSON.stringify(QUERY);
        const principal = sealPrincipal({ principal: callers['state.ca']!, requestId: 'r' }, 'students', body, key);
        expect((await direct.send('/graphql', body, { 'x-principal': principal })).status).toBe(status);
      }
      for (const gateway of [signsOld, signsNew]) await gateway.stop();
      await direct.close!();
      await new Promise((resolve) => server.close(resolve));
    });

    test('A-35 a mutation that was caught on its way counts once, and is not done again', async () => {
      const caught: { subgraph: string; request: SubgraphRequest }[] = [];
      const restore = wiretap(system, (subgraph, request) => caught.push({ subgraph, request }));
      const { data, errors } = await system.ask(
        'district.ripon',
        'mutation($i: AddGuardianInput!) { addGuardian(input: $i) { guardian { id } errors { code } } }',
        { i: { studentId: own.studentId, firstName: 'Once', lastName: 'Only', relationship: 'OTHER' } },
      );
      restore();
      expect([errors, data.addGuardian.errors]).toEqual([undefined, []]);
      const mutations = caught.filter(
        ({ request }) => request.path === '/graphql' && request.body.includes('mutation'),
      );
      expect(mutations).toHaveLength(1);
      const guardians = () => new Facts(system).rows("SELECT id FROM guardian WHERE first_name = 'Once'");
      expect(await guardians()).toHaveLength(1);
      for (const { subgraph, request } of [...mutations, ...mutations]) {
        const { status, body } = await system.subgraphs[subgraph]!.handle(request);
        expect([status, body]).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
      }
      for (const [name, subgraph] of Object.entries(system.subgraphs))
        if (name !== mutations[0]!.subgraph) expect((await subgraph.handle(mutations[0]!.request)).status).toBe(401);
      expect(await guardians()).toHaveLength(1);
    });

    test('A-34 what a client puts into the headers of its request does not get past the gateway', async () => {
      const stolen = await doors.sealed('students', callers['state.ca']!, QUERY);
      const caught: SubgraphRequest[] = [];
      const restore = wiretap(system, (_subgraph, request) => caught.push(request));
      const headers = {
        ...stolen.headers,
        'x-service-key': 'guess',
        'x-forwarded-user': 'acct-state-ca',
        'x-request-id': 'mine',
        cookie: 'a=b',
      };
      const { data } = await system.ask('teacher.ripon', '{ viewer { level } }', {}, headers as Record<string, string>);
      restore();
      expect(data).toEqual({ viewer: { level: 'TEACHER' } });
      const asked = caught.filter(({ path }) => path === '/graphql');
      expect(asked).toHaveLength(1);
      expect(Object.keys(asked[0]!.headers).sort()).toEqual(['x-principal', 'x-request-id']);
      expect(asked[0]!.headers['x-principal']).not.toBe(stolen.headers['x-principal']);
    });
  });
});

/** Listens to what reaches the product's own subgraphs; returns the way to stop. */
function wiretap(system: TestSystem, heard: (subgraph: string, request: SubgraphRequest) => void): () => void {
  const restores = Object.entries(system.subgraphs).map(([name, subgraph]) => {
    const { handle } = subgraph;
    subgraph.handle = (request) => {
      heard(name, request);
      return handle.call(subgraph, request);
    };
    return () => void (subgraph.handle = handle);
  });
  return () => restores.forEach((restore) => restore());
}
