import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, type GraphQLSchema, parse } from 'graphql';
import { graph, rootValue, subgraphs } from '../../gateway/authorize/graph.fixture';
import { composeGraph } from '../../gateway/schema/compose';
import { type Fetch, type RecordingGateway, recordingGateway } from './recording-gateway';

/** Subgraphs that really answer, from the values of the fixture: what would leak does leak here. */
const students = new Map([rootValue.student, rootValue.student.best].map((student) => [student.id, student]));
const resolvers = {
  Student: {
    __resolveReference: ({ id }: { id: string }) => ({
      ...students.get(id),
      iep: { id: `iep-of-${id}`, narrative: 'n' },
    }),
  },
  Iep: { __resolveReference: ({ id }: { id: string }) => ({ ...rootValue.iep, id }) },
};
const schemas = new Map<string, GraphQLSchema>(
  subgraphs.map(({ name, sdl }) => {
    const own = Object.entries(resolvers).filter(([type]) => new RegExp(`type ${type} @key`).test(sdl));
    return [name, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: Object.fromEntries(own) as never })];
  }),
);
const answer = ({ subgraph, query, variables }: Fetch): Promise<object> =>
  graphql({ schema: schemas.get(subgraph)!, source: query, variableValues: variables, rootValue }) as Promise<object>;

interface Attack {
  name: string;
  /** Rights of the caller beyond being signed in. */
  rights?: string[];
  operation: string;
  variables?: Record<string, unknown>;
  data: unknown;
  denied: string[];
  /** No subgraph is asked for anything of this kind; `null`: no subgraph is asked at all. */
  fetched: RegExp | null;
}

const SSN = 'student.sensitive:read';
const CONDITIONS: [condition: string, isShownWithoutV: boolean][] = [
  ['@skip(if: true)', false],
  ['@skip(if: false)', true],
  ['@include(if: true)', true],
  ['@include(if: false)', false],
  ['@skip(if: $v)', true],
  ['@include(if: $v)', false],
];
const ATTACKS: Attack[] = [
  {
    name: 'A-11 an interface with a guarded implementer',
    operation: '{ person { id name } student { id } }',
    data: { person: null, student: { id: '1' } },
    denied: ['person'],
    fetched: /person/,
  },
  {
    name: 'A-11 an interface field that is guarded on one implementer, though the object is of another',
    operation: '{ organization { id name } }',
    data: { organization: { id: 's', name: null } },
    denied: ['organization.name'],
    fetched: /\bname\b/,
  },
  {
    name: 'A-11 the same through a list of lists',
    operation: '{ organizations { id peers { name } } }',
    data: {
      organizations: [
        [
          { id: 's', peers: null },
          { id: 'd', peers: null },
        ],
        [],
        [{ id: 'd', peers: null }],
      ],
    },
    denied: ['organizations.@.@.peers.@.name'],
    fetched: /\bname\b/,
  },
  {
    name: 'A-12 the guarded field through a concrete fragment inside the interface',
    operation: '{ organization { id parent { id ... on District { budget head { name } } } } }',
    data: { organization: { id: 's', parent: { id: 'd', budget: null, head: null } } },
    denied: ['organization.parent.budget', 'organization.parent.head'],
    fetched: /budget|head/,
  },
  {
    name: 'A-12 the same through a named fragment inside a fragment on the interface',
    operation:
      '{ organization { ...O } } fragment O on Organization { parent { ...D } } fragment D on District { id budget }',
    data: { organization: { parent: { id: 'd', budget: null } } },
    denied: ['organization.parent.budget'],
    fetched: /budget/,
  },
  {
    name: 'A-13 __typename of a union with a guarded member',
    operation: '{ attachment { __typename } student { id } }',
    data: { attachment: null, student: { id: '1' } },
    denied: ['attachment'],
    fetched: /attachment/,
  },
  {
    name: 'A-13 the open member of that union',
    operation: '{ attachment { ... on Letter { text } } student { id } }',
    data: { attachment: null, student: { id: '1' } },
    denied: ['attachment'],
    fetched: /attachment|text/,
  },
  {
    name: 'A-14 an alias that is called like an allowed field',
    operation: '{ student { firstName: dob id: mood } }',
    data: { student: { firstName: null, id: null } },
    denied: ['student.firstName', 'student.id'],
    fetched: /dob|mood/,
  },
  {
    name: 'A-14 a guarded root field under an alias',
    operation: '{ student: levelled }',
    data: null,
    denied: ['student'],
    fetched: null,
  },
  {
    name: 'A-15 nested named fragments',
    operation: `{ student { ...A } } fragment A on Student { id ...B best { ...B } }
      fragment B on Student { ...C } fragment C on Student { deep: dob }`,
    data: { student: { id: '1', deep: null, best: { deep: null } } },
    denied: ['student.deep', 'student.best.deep'],
    fetched: /dob/,
  },
  {
    name: 'A-16 two fragments with one response key, of which one is denied',
    operation: '{ organization { ... on School { v: name } ... on District { v: name } parent { id } } }',
    data: { organization: { v: 'East', parent: { id: 'd' } } },
    denied: ['organization.v'],
    fetched: /District/,
  },
  ...CONDITIONS.flatMap(([condition, isShown]) =>
    [true, false].map((v): Attack => ({
      name: `A-17 ${condition}, and beside it a condition that is ${v}`,
      operation: `query($v: Boolean!) { student { id dob ${condition} ... @include(if: $v) { ssn mood } } }`,
      variables: { v },
      // `ssn` is non-null: where it is included, it takes the student with it.
      data: { student: v ? null : isShown ? { id: '1', dob: null } : { id: '1' } },
      denied: ['student.dob', 'student.ssn', 'student.mood'],
      fetched: /dob|ssn|mood/,
    })),
  ),
  {
    name: 'A-18 a guarded non-null in a list of non-null takes what the specification says',
    operation: '{ student { id friends { id ssn } } organization { id } }',
    data: { student: null, organization: { id: 's' } },
    denied: ['student.friends.@.ssn'],
    fetched: /ssn/,
  },
  {
    name: 'A-18 and stops at the nearest nullable',
    operation: '{ student { id best { id ssn } } students { firstName best { ssn } } }',
    data: {
      student: { id: '1', best: null },
      students: [
        { firstName: 'Ada', best: null },
        { firstName: 'Bo', best: null },
      ],
    },
    denied: ['student.best.ssn', 'students.@.best.ssn'],
    fetched: /ssn/,
  },
  {
    name: 'A-20 a guarded field of the entity that another entity leads to and @provides',
    rights: ['iep:read'],
    operation: '{ iep { id student { id dob firstName } } }',
    data: { iep: { id: 'i', student: { id: '1', dob: null, firstName: 'Ada' } } },
    denied: ['iep.student.dob'],
    fetched: /dob/,
  },
  {
    name: 'A-20 a guarded entity on the way to an open one',
    operation: '{ student { id iep { student { id } } } }',
    data: { student: { id: '1', iep: null } },
    denied: ['student.iep'],
    fetched: /iep/i,
  },
  {
    name: 'A-22 a mutation that selects a guarded field of what it answers',
    operation: 'mutation { rename(id: 1) { id firstName dob } }',
    data: null,
    denied: ['rename.dob'],
    fetched: null,
  },
  {
    name: 'A-22 of two mutations one, under an alias and in a fragment',
    operation:
      'mutation { a: rename(id: 1) { id } ...B } fragment B on Mutation { b: rename(id: 2) { ... { n: ssn } } }',
    data: null,
    denied: ['b.n'],
    fetched: null,
  },
];

describe('attacks by the shape of the operation, through the gateway', () => {
  let gateway: RecordingGateway;
  beforeAll(async () => {
    gateway = await recordingGateway(graph.supergraph, answer);
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => {
    gateway.graph.reset();
    gateway.graph.capabilities = [];
    gateway.graph.level = 'teacher';
    gateway.forget();
  });
  const told = (errors: any[] = []): string[] => {
    for (const { message, extensions } of errors)
      expect([message, extensions]).toEqual(['Not available to you', { code: 'UNAUTHORIZED_FIELD_OR_TYPE' }]);
    return errors.map(({ path }) => path.join('.'));
  };
  const asked = (): string => gateway.fetches.map(({ query }) => query).join('\n');

  test('with every right, each of these operations is answered whole: the stubs do hold what is denied below', async () => {
    gateway.graph.level = 'selpa';
    gateway.graph.capabilities = [
      ...['student.demographics:read', SSN, 'student.contacts:read', 'provider:read', 'iep:read', 'iep.narrative:read'],
    ];
    for (const { operation, variables } of ATTACKS) {
      const { errors } = await gateway.post(operation, { variables });
      expect([operation, errors]).toEqual([operation, undefined]);
    }
    expect(asked()).toMatch(/dob[\s\S]*ssn/);
  });

  test.each(ATTACKS.map((attack) => [attack.name, attack] as const))('%s', async (_, attack) => {
    gateway.graph.capabilities = attack.rights ?? [];
    // The second time everything is answered from the caches of decisions and plans.
    for (const time of [1, 2]) {
      gateway.forget();
      const { data, errors } = await gateway.post(attack.operation, { variables: attack.variables });
      expect([time, data, told(errors)]).toEqual([time, attack.data, attack.denied]);
      if (attack.fetched) expect(asked()).not.toMatch(attack.fetched);
      else expect(gateway.fetches).toEqual([]);
    }
  });

  test('A-21 of several operations only the one that runs is judged, and only its fields are fetched', async () => {
    const text = `query Open { student { ...F } } query Guarded { student { id dob ...F } } mutation Write { rename(id: 1) { dob } }
      fragment F on Student { firstName }`;
    const open = await gateway.post(text, { operationName: 'Open' });
    expect([open.data, open.errors]).toEqual([{ student: { firstName: 'Ada' } }, undefined]);
    expect(asked()).not.toMatch(/dob|rename|Guarded/);
    const guarded = await gateway.post(text, { operationName: 'Guarded' });
    expect([guarded.data, told(guarded.errors)]).toEqual([
      { student: { id: '1', dob: null, firstName: 'Ada' } },
      ['student.dob'],
    ]);
    gateway.forget();
    const write = await gateway.post(text, { operationName: 'Write' });
    expect([write.data, told(write.errors)]).toEqual([null, ['rename.dob']]);
    for (const operationName of [undefined, 'Nobody', '__proto__'])
      expect((await gateway.post(text, { operationName })).status).toBe(400);
    expect(gateway.fetches).toEqual([]);
  });

  test('A-22 a partner with one denied selection gets nothing, whatever else it selects', async () => {
    gateway.graph.level = 'partner';
    for (const operation of [
      '{ student { id dob } }',
      '{ student { id } ...F } fragment F on Query { s: student { ssn } }',
    ]) {
      const { data, errors } = await gateway.post(operation);
      expect([data, told(errors)]).toEqual([null, [expect.stringMatching(/dob|ssn/)]]);
    }
    expect(gateway.fetches).toEqual([]);
  });

  test('A-24 no way to look an object up by type and id, past the fields that lead to it', async () => {
    for (const operation of [
      '{ _entities(representations: [{__typename: "Student", id: "1"}]) { ... on Student { dob } } }',
      '{ _service { sdl } }',
      '{ node(id: "1") { id } }',
      'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
    ]) {
      const { status, data, errors } = await gateway.post(operation, { variables: { r: [] } });
      expect([status, data, errors![0].extensions.code]).toEqual([400, undefined, 'BAD_USER_INPUT']);
    }
    expect(gateway.fetches).toEqual([]);
  });
});

describe('A-19 a field that is derived by @requires from a guarded one', () => {
  const link = (imports: string): string =>
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])`;
  const source = `${link('"@key", "@authenticated", "@policy"')} type Query @authenticated { a: A }
    type A @key(fields: "id") @authenticated { id: ID! secret: Int @policy(policies: [["selpa"]]) }`;
  const derived = (rule: string): string => `${link('"@key", "@requires", "@external", "@policy", "@authenticated"')}
    type A @key(fields: "id") { id: ID! secret: Int @external twice: Int @requires(fields: "secret") ${rule} }`;
  const compose = (rule: string) =>
    composeGraph([
      { name: 'students', sdl: source },
      { name: 'derived', sdl: derived(rule) },
    ]).supergraph;

  test.each(['@authenticated', '@policy(policies: [["state"]])', '@policy(policies: [["selpa"], ["state"]])'])(
    'A-19 with a weaker rule than its source has, %s: the build fails',
    (rule) => {
      expect(() => compose(rule)).toThrow(/"A\.twice" does not specify necessary/);
    },
  );

  test('A-19 with the rule of its source: denied to whom the source is denied, and neither is fetched', async () => {
    const gateway = await recordingGateway(compose('@policy(policies: [["selpa"]])'), ({ subgraph, variables }) =>
      subgraph === 'students'
        ? { data: { a: { __typename: 'A', id: '1', secret: 21 } } }
        : { data: { _entities: [{ twice: 2 * (variables.representations as { secret: number }[])[0]!.secret }] } },
    );
    gateway.graph.level = 'district';
    const denied = await gateway.post('{ a { id twice } }');
    expect([denied.data, denied.errors!.map(({ path }) => path.join('.'))]).toEqual([
      { a: { id: '1', twice: null } },
      ['a.twice'],
    ]);
    expect(JSON.stringify(gateway.fetches)).not.toMatch(/secret|twice/);
    gateway.graph.level = 'selpa';
    expect((await gateway.post('{ a { id twice } }')).data).toEqual({ a: { id: '1', twice: 42 } });
    await gateway.stop();
  });
});
