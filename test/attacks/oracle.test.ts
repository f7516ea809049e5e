import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getNamedType,
  type GraphQLInputType,
  type GraphQLObjectType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  print,
  astFromValue,
} from 'graphql';
import { buildPolicyIndex } from '../../gateway/authorize/policy-index';
import { type Caller, isSatisfied } from '../../gateway/authorize/requirement';
import { CAPABILITIES } from '../../gateway/authorize/vocabulary';
import { schema } from '../scenarios/input-variants';
import { type RecordingGateway, recordingGateway } from './recording-gateway';

const supergraph = readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8');
const index = buildPolicyIndex(supergraph);

/** One input that reads a field, and the smallest operation that uses it. */
interface Oracle {
  coordinate: string;
  root: 'query' | 'mutation';
  field: string;
  argument: string;
  type: GraphQLInputType;
  value: unknown;
}

/** Some value of a type: required fields only, and what lies at `path`. */
function valueOf(type: GraphQLInputType, path: readonly string[] = []): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, path);
  if (isListType(type)) return [valueOf(type.ofType, path)];
  if (isInputObjectType(type)) {
    const [next, ...rest] = path;
    const fields = Object.values(type.getFields()).filter(({ name, type: own }) => name === next || isNonNullType(own));
    return Object.fromEntries(fields.map(({ name, type: own }) => [name, valueOf(own, name === next ? rest : [])]));
  }
  if (isEnumType(type)) return path[0] ?? type.getValues()[0]!.name;
  const samples: Record<string, unknown> = {
    Int: 1,
    Boolean: true,
    Date: '2015-03-14',
    DateTime: '2015-03-14T00:00:00Z',
  };
  return samples[getNamedType(type).name] ?? 'x';
}

/** Every place below an argument that carries `@reads`: the path to it, enum values included. */
function readingPaths(type: GraphQLInputType, path: readonly string[], coordinate: string): [string, string[]][] {
  const named = getNamedType(type);
  const here: [string, string[]][] = index.reads.has(coordinate) ? [[coordinate, [...path]]] : [];
  if (isEnumType(named)) {
    const values = named.getValues().map(({ name }) => [`${named.name}.${name}`, name] as const);
    return [
      ...here,
      ...values.flatMap(([at, name]): [string, string[]][] => (index.reads.has(at) ? [[at, [...path, name]]] : [])),
    ];
  }
  if (!isInputObjectType(named) || path.length > 4) return here;
  const below = Object.values(named.getFields()).flatMap((field) =>
    readingPaths(field.type, [...path, field.name], `${named.name}.${field.name}`),
  );
  return [...here, ...below];
}

const roots: ['query' | 'mutation', GraphQLObjectType][] = [
  ['query', schema.getQueryType()!],
  ['mutation', schema.getMutationType()!],
];
const oracles: Oracle[] = roots.flatMap(([root, type]) =>
  Object.values(type.getFields()).flatMap((field) =>
    field.args.flatMap((argument) =>
      readingPaths(argument.type, [], `${type.name}.${field.name}(${argument.name}:)`).map(([coordinate, path]) => ({
        ...{ coordinate, root, field: field.name, argument: argument.name, type: argument.type },
        value: valueOf(argument.type, path),
      })),
    ),
  ),
);

const literal = (value: unknown, type: GraphQLInputType): string => print(astFromValue(value, type)!);
const selectionOf = (root: 'query' | 'mutation', name: string): string => {
  const type = getNamedType(schema.getRootType(root as never)!.getFields()[name]!.type);
  return isLeafType(type) ? '' : '{ __typename }';
};

describe('A-23 filters, orders and searches as oracles of what they read', () => {
  let gateway: RecordingGateway;
  beforeAll(async () => {
    gateway = await recordingGateway(supergraph);
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.forget());

  test('A-23 every input that reads a field is tried below', () => {
    expect(new Set(oracles.map(({ coordinate }) => coordinate))).toEqual(new Set(index.reads.keys()));
  });

  /** A right that the input needs and that the operation would not need without it; any that it needs when there is none. */
  function missing({ coordinate, root, field }: Oracle): string[] {
    const all: Caller = { authenticated: true, capabilities: new Set(CAPABILITIES), level: 'district' };
    const without = (one: string): Caller => ({
      ...all,
      capabilities: new Set(CAPABILITIES.filter((each) => each !== one)),
    });
    const needed = CAPABILITIES.filter((one) => !isSatisfied(index.reads.get(coordinate)!, without(one)));
    const rootCoordinate = `${root === 'query' ? 'Query' : 'Mutation'}.${field}`;
    const telling = needed.filter((one) => isSatisfied(index.selections.get(rootCoordinate)!, without(one)));
    return (telling.length ? telling : needed).slice(0, 1);
  }

  test.each(oracles.map((oracle) => [oracle.coordinate, `${oracle.root} ${oracle.field}`, oracle] as const))(
    'A-23 %s in %s: rejected inline, in a variable, in its default, behind @skip; nothing fetched',
    async (_, _where, oracle) => {
      const [capability] = missing(oracle);
      // What anybody signed in may read needs no capability.
      if (!capability) return;
      gateway.graph.capabilities = CAPABILITIES.filter((one) => one !== capability);
      const { root, field, argument, type, value } = oracle;
      const others = schema
        .getRootType(root as never)!
        .getFields()
        [field]!.args.filter(({ name, type: own }) => name !== argument && isNonNullType(own));
      const call = (given: string, conditions = ''): string => {
        const rest = others.map((one) => `, ${one.name}: ${literal(valueOf(one.type), one.type)}`).join('');
        return `${field}(${argument}: ${given}${rest}) ${conditions} ${selectionOf(root, field)}`;
      };
      const inline = literal(value, type);
      const attempts: [string, Record<string, unknown>?][] = [
        [`${root} { ${call(inline)} }`],
        [`${root} { a: ${call(inline, '@skip(if: true)')} b: __typename }`],
        [`${root} { ...F } fragment F on ${root === 'query' ? 'Query' : 'Mutation'} { ${call(inline)} }`],
        [`${root} Q($v: ${type}) { ${call('$v')} }`, { v: value }],
        [`${root} Q($v: ${String(type).replace(/!$/, '')} = ${inline}) { ${call('$v')} }`],
      ];
      for (const [query, variables] of attempts) {
        const { data, errors } = await gateway.post(query, { variables });
        const codes = new Set(errors?.map(({ extensions }) => extensions.code));
        expect([query, data, [...codes]]).toEqual([query, null, ['UNAUTHORIZED_FIELD_OR_TYPE']]);
      }
      expect(gateway.fetches).toEqual([]);
    },
  );

  test('A-23 nor does an empty value ask: null, an empty list, an empty text read as well', async () => {
    gateway.graph.capabilities = ['student:read'];
    for (const filter of [
      '{ lastName: null }',
      '{ lastName: "" }',
      '{ gradeLevel: [] }',
      '{ dateOfBirth: null, stateId: "1" }',
    ]) {
      const { data, errors } = await gateway.post(`{ students(filter: ${filter}, orderBy: STATE_ID) { totalCount } }`);
      expect([filter, data, errors![0].extensions.code]).toEqual([filter, null, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    }
    expect(gateway.fetches).toEqual([]);
    await gateway.post('{ students(filter: { stateId: "1" }, orderBy: STATE_ID) { totalCount } }');
    expect(gateway.fetches).toHaveLength(1);
  });
});

/** Inputs of queries that say nothing of any field that is guarded beyond what they stand on. All others carry `@reads`. */
const READ_NOTHING: Record<string, string> = {
  'Iep.stateLabel(system:)': 'Whose words to use.',
  'Query.iep(id:)': 'A look-up by the opaque id, which the type itself shows.',
  'Query.reportRun(id:)': 'Also a look-up.',
  'Query.provider(id:)': 'Also a look-up.',
  'Query.account(id:)': 'Also a look-up.',
  'Query.student(id:)': 'Also a look-up.',
  'Query.disclosures(studentId:)': 'Also a look-up.',
  'Query.explainAccess(studentId:)': 'Also a look-up.',
  'Query.organization(id:)': 'Also a look-up.',
  'Query.organization(code:)': 'The directory is open to everybody signed in.',
  'Query.organizations(text:)': 'The directory, too.',
  'Query.organizations(parentId:)': 'The directory, too.',
  'Query.organizations(kind:)': 'The directory, too.',
  'Query.childCount(organizationId:)': 'Limits a count within the scope.',
  'Query.childCount(on:)': 'The day of the count.',
  'CountDimension.DISABILITY': 'docs/adr/0008: suppressed, not refused.',
  'CountDimension.ENVIRONMENT': 'docs/adr/0008.',
  'CountDimension.LEA': 'An organization.',
  'CountDimension.SCHOOL': 'An organization.',
  'CountDimension.SELPA': 'An organization.',
  'CountDimension.STATE': 'An organization.',
  'Query.complianceSummary(organizationId:)': 'Limits a count within the scope.',
  'Query.complianceSummary(report:)': 'Which timeline; the field has the right to it.',
  'PeriodInput.from': 'The period of a count.',
  'PeriodInput.to': 'The period of a count.',
  'GroupBy.LEA': 'An organization.',
  'GroupBy.SCHOOL': 'An organization.',
  'RequestFilter.kind': 'Every field of a request has the right of `Query.requests`.',
  'RequestFilter.state': 'Every field of a request has the right of `Query.requests`.',
  'RequestFilter.mine': 'Every field of a request has the right of `Query.requests`.',
  'StudentFilter.includeInactive': 'Hidden duplicates and long inactive records, which every caller may ask for.',
  'Query.searchStudents(includeInactive:)':
    'Hidden duplicates and long inactive records, which every caller may ask for.',
  'LocateStudentInput.purpose': 'For the record of the search.',
  'ReportRun.download(format:)': 'How the file is written.',
  'ReportRun.download(part:)': 'Which rows of the file.',
  'Student.services(state:)': 'Every field of a service has the right of `Student.services`.',
};

test('A-23 every input that filters, sorts or searches carries @reads; what does not is listed with the reason', () => {
  const without = new Set<string>();
  const look = (type: GraphQLInputType, coordinate: string): void => {
    const named = getNamedType(type);
    const isRead = index.reads.has(coordinate);
    if (isInputObjectType(named))
      for (const field of Object.values(named.getFields())) look(field.type, `${named.name}.${field.name}`);
    else if (isEnumType(named) && /Order|GroupBy|Dimension/.test(named.name)) {
      for (const { name } of named.getValues())
        if (!isRead && !index.reads.has(`${named.name}.${name}`)) without.add(`${named.name}.${name}`);
    } else if (!isRead) without.add(coordinate);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type === schema.getMutationType() || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      for (const argument of field.args)
        if (!['first', 'after'].includes(argument.name))
          look(argument.type, `${type.name}.${field.name}(${argument.name}:)`);
  }
  expect([...without].sort()).toEqual(Object.keys(READ_NOTHING).sort());
});

test('A-23 the reasons hold: every field of a request and of a service needs no more than the field that filters them', () => {
  const holds = (type: string, filtered: string): string[] =>
    Object.keys((schema.getType(type) as GraphQLObjectType).getFields()).filter((field) => {
      const inner = index.fields.get(`${type}.${field}`);
      if (!['kind', 'state', 'requestedBy'].includes(field) || !inner) return false;
      return CAPABILITIES.some((one) => {
        const who: Caller = {
          authenticated: true,
          level: 'district',
          capabilities: new Set(CAPABILITIES.filter((each) => each !== one)),
        };
        return isSatisfied(index.selections.get(filtered)!, who) && !isSatisfied(inner, who);
      });
    });
  expect([holds('Request', 'Query.requests'), holds('Service', 'Student.services')]).toEqual([[], []]);
});

describe('A-39 what the schema tells', () => {
  let gateway: RecordingGateway;
  beforeAll(async () => {
    gateway = await recordingGateway(supergraph);
  });
  afterAll(() => gateway?.stop());

  const rights: [who: string, level: Caller['level'], capabilities: string[]][] = [
    ['nothing but a sign-in', 'teacher', []],
    ['a partner of three scopes', 'partner', ['student:read', 'student.demographics:read', 'service:read']],
    ['a reader', 'school', CAPABILITIES.filter((one) => one.endsWith(':read'))],
    ['everything', 'district', [...CAPABILITIES]],
  ];
  test.each(rights)(
    'A-39 introspection of %s: what may be asked, and all of it, and nothing else',
    async (_, level, capabilities) => {
      Object.assign(gateway.graph, { level, capabilities });
      const { data } = await gateway.post(
        '{ __schema { types { name fields(includeDeprecated: true) { name args { name } } inputFields { name } enumValues { name } } } }',
      );
      const who: Caller = { authenticated: true, level: level!, capabilities: new Set(capabilities) };
      const may = (coordinate: string): boolean => isSatisfied(index.selections.get(coordinate)!, who);
      const reads = (coordinate: string): boolean =>
        !index.reads.has(coordinate) || isSatisfied(index.reads.get(coordinate)!, who);
      const types = (
        data.__schema.types as { name: string; fields?: any[]; inputFields?: any[]; enumValues?: any[] }[]
      ).filter(({ name }) => !name.startsWith('__'));
      for (const { name, fields, inputFields, enumValues } of types) {
        for (const field of fields ?? []) {
          expect([`${name}.${field.name}`, may(`${name}.${field.name}`)]).toEqual([`${name}.${field.name}`, true]);
          for (const { name: argument } of field.args)
            expect([`${name}.${field.name}(${argument}:)`, reads(`${name}.${field.name}(${argument}:)`)]).toEqual([
              expect.any(String),
              true,
            ]);
        }
        for (const each of [...(inputFields ?? []), ...(enumValues ?? [])])
          expect([`${name}.${each.name}`, reads(`${name}.${each.name}`)]).toEqual([`${name}.${each.name}`, true]);
      }
      const shown = new Set(types.find(({ name }) => name === 'Query')?.fields?.map(({ name }) => name));
      const askable = Object.keys(schema.getQueryType()!.getFields()).filter((name) => may(`Query.${name}`));
      expect(askable.filter((name) => !shown.has(name))).toEqual([]);
    },
  );

  test('A-39 no mistake is answered with a suggestion', async () => {
    Object.assign(gateway.graph, { level: 'district', capabilities: [...CAPABILITIES] });
    const mistakes: [string, Record<string, unknown>?][] = [
      ['{ student { id } }'],
      ['{ studentz(id: "1") { id } }'],
      ['{ students { nodes { lastNam } } }'],
      ['{ students(filte: {}) { totalCount } }'],
      ['{ students(filter: { lastNam: "x" }) { totalCount } }'],
      ['{ students(orderBy: NAM) { totalCount } }'],
      ['{ students { nodes { ... on Studen { id } } } }'],
      ['query($f: StudentFilte) { students(filter: $f) { totalCount } }'],
      ['query($f: StudentFilter) { students(filter: $f) { totalCount } }', { f: { lastNam: 'x' } }],
      ['query($f: StudentFilter) { students(filter: $f) { totalCount } }', { f: { status: ['ELIGIBLE_ACTIV'] } }],
      ['query($o: StudentOrder) { students(orderBy: $o) { totalCount } }', { o: 'NAM' }],
      ['{ students { nodes { id @includ(if: true) } } }'],
      ['mutation { startIe(input: {}) { errors { code } } }'],
      ['mutation { startIep(input: { studentI: "1" }) { errors { code } } }'],
    ];
    for (const [query, variables] of mistakes) {
      const { status, errors } = await gateway.post(query, { variables });
      expect([query, status]).toEqual([query, 400]);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
    }
    expect(gateway.fetches).toEqual([]);
  });
});
