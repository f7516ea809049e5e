/**
 * Metamorphic (design/authorization.md, section 3, 5): an operation written another way gets the same data and denials; one
 * more capability never takes data away, and one less never brings any.
 */
import fc from 'fast-check';
import { GraphQLSchema, parse, print, validate } from 'graphql';
import { CAPABILITIES } from '../../gateway/authorize/vocabulary';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { schema } from '../scenarios/input-variants';
import { select } from '../scenarios/record';
import { type RandomOperation, randomOperation } from './field/random-operation';
import { SANCTIONED } from './product/operations';
import { type Perspective, perspectivesOf } from './product/perspectives';
import { fits, REWRITES } from './product/rewrites';
import { visibleTo } from './product/rows-from-facts';
import { send } from './product/send';
import { type Draw, choices, drawFrom, holds, oneOf, ORACLE_TIMEOUT, sized } from './run';

/** A cache that remembers one decision too many, when a test says so: it takes an aliased text for the plain one. */
const mockLeak = { isPlanted: false };
jest.mock('../../gateway/authorize', () => {
  const actual = jest.requireActual('../../gateway/authorize');
  return {
    ...actual,
    createAuthorizer: (options: object) => {
      const authorizer = actual.createAuthorizer(options);
      const remembered = new Map<string, unknown>();
      const authorize = (document: object, operationName: string, text: string, caller: object) => {
        if (!mockLeak.isPlanted) return authorizer.authorize(document, operationName, text, caller);
        const key = text.replace(/\bm_\w+: /g, '').replace(/\s+/g, ' ');
        const known = remembered.get(key) ?? authorizer.authorize(document, operationName, text, caller);
        remembered.set(key, known);
        return known;
      };
      return { ...authorizer, authorize };
    },
  };
});

const queries = new GraphQLSchema({ ...schema.toConfig(), mutation: null, assumeValid: true });
/** Tells of the capabilities themselves. */
const OF_CAPABILITIES = new Set(['capabilities']);

describe.each(databaseUrls())('issue 2: the same question in other words, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let all: Perspective[];
  /** Capabilities by the suffix of a perspective's name: what the students subgraph is made to answer. */
  const overrides = new Map<string, (own: string[]) => string[]>();
  const counts = { compared: 0, withData: 0, withDenials: 0 };
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    all = await perspectivesOf(system);
    overridePrincipals(system.subgraphs.students!, overrides);
  });
  afterAll(() => system?.stop());

  async function draw(
    numbers: readonly number[],
  ): Promise<{ perspective: Perspective; operation: RandomOperation; next: Draw } | undefined> {
    const next = drawFrom(numbers);
    const perspective = oneOf(next, all);
    const [student = 'none'] = [...(await visibleTo(system, perspective)).students].slice(next(5));
    const ieps = await select<{ id: string }>(system.database, 'SELECT id FROM iep WHERE student_id = ?', [student]);
    const scalars = { ID: [student, ieps[0]?.id ?? 'none'], Date: ['2026-10-01', '2026-12-01'], Int: ['3', '5'] };
    const operation = randomOperation(queries, next, scalars);
    const document = parse(operation.text);
    // What counts its uses answers differently each time; each answer is a disclosure more.
    if ([...SANCTIONED, 'disclosures'].some((field) => operation.text.includes(field))) return undefined;
    return validate(queries, document).length === 0 && fits(document) ? { perspective, operation, next } : undefined;
  }

  const ask = ({ who, headers }: Perspective, text: string, { operationName, variables }: RandomOperation) =>
    send(system, { who, headers }, { text, operationName, variables });

  const rewritten = fc.asyncProperty(choices, async (numbers) => {
    const drawn = await draw(numbers);
    if (!drawn) return;
    const { perspective, operation } = drawn;
    const original = await ask(perspective, operation.text, operation);
    if (original.status !== 200) return;
    counts.compared++;
    counts.withData += isEmpty(original.data) ? 0 : 1;
    counts.withDenials += original.errors?.length ? 1 : 0;
    for (const [kind, { rewrite, key }] of Object.entries(REWRITES)) {
      const text = print(rewrite(parse(operation.text), queries));
      const answer = await ask(perspective, text, operation);
      const context = { kind, who: perspective.who, operation, text };
      expect({ ...context, data: answer.data, errors: errorsOf(answer) }).toEqual({
        ...context,
        data: renamed(original.data, key),
        errors: errorsOf(original, key),
      });
    }
  });

  const monotone = fc.asyncProperty(
    choices,
    fc.subarray([...CAPABILITIES], { maxLength: 6 }),
    async (numbers, some) => {
      const drawn = await draw(numbers);
      if (!drawn) return;
      const { perspective, operation } = drawn;
      const under = (change: (own: string[]) => string[]) => {
        const suffix = `.caps-${overrides.size}`;
        overrides.set(suffix, change);
        return ask(
          { ...perspective, headers: { 'x-perspective': perspective.id + suffix } },
          operation.text,
          operation,
        );
      };
      const less = await under((own) => own.filter((one) => !some.includes(one as never)));
      const own = await under((same) => same);
      const more = await under((given) => [...new Set([...given, ...some])]);
      if (own.status !== 200) return;
      const context = JSON.stringify({ who: perspective.who, some, operation });
      expect([context, lost(less.data, own.data)]).toEqual([context, []]);
      expect([context, lost(own.data, more.data)]).toEqual([context, []]);
    },
  );

  test(
    'A-14 to A-17 aliases, order, fragments and conditions change neither data nor denials',
    async () => {
      await holds(rewritten, sized(120, 1_500));
      expect(counts.compared).toBeGreaterThan(sized(40, 500));
      for (const part of ['withData', 'withDenials'] as const)
        expect(counts[part]).toBeGreaterThan(counts.compared / 10);
    },
    ORACLE_TIMEOUT,
  );

  test(
    'a capability more never takes data away, one less never brings any',
    async () => {
      await holds(monotone, sized(150, 1_500));
    },
    ORACLE_TIMEOUT,
  );

  test(
    'a decision remembered for too many texts is found',
    async () => {
      mockLeak.isPlanted = true;
      try {
        await expect(holds(rewritten, 200, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      } finally {
        mockLeak.isPlanted = false;
      }
    },
    ORACLE_TIMEOUT,
  );
});

/** Lets a perspective be asked for under other capabilities: `role-teacher-ripon.caps-7`. */
function overridePrincipals(
  students: TestSystem['subgraphs'][string],
  overrides: ReadonlyMap<string, (own: string[]) => string[]>,
): void {
  const handle = students.handle.bind(students);
  students.handle = async (request) => {
    const asked = request.path === '/internal/principal' ? JSON.parse(request.body) : {};
    const suffix = /\.caps-\d+$/.exec(asked.perspective ?? '')?.[0];
    if (!suffix) return handle(request);
    const perspective = asked.perspective.slice(0, -suffix.length) || null;
    const answer = await handle({ ...request, body: JSON.stringify({ ...asked, perspective }) });
    const { principal } = JSON.parse(answer.body);
    principal.capabilities = overrides.get(suffix)!(principal.capabilities);
    return { ...answer, body: JSON.stringify({ principal }) };
  };
}

const same = (key: string): string => key;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Denials with their places. Of other errors only whether there are any, when they left nothing: of several that null the
 * same parent, any one may be told (GraphQL specification, 6.4.4).
 */
function errorsOf({ data, errors = [] }: GraphqlAnswer, key: (key: string) => string = same): string[] {
  const place = (part: string | number) => (typeof part === 'number' || part === '@' ? String(part) : key(part));
  const told = errors.map(({ path = [], extensions: { code } }) =>
    data || code === 'UNAUTHORIZED_FIELD_OR_TYPE' ? `${path.map(place).join('.')} ${code}` : 'failed',
  );
  return [...new Set(told)].sort();
}

/** Cursors are sealed anew each time. */
function renamed(data: unknown, key: (key: string) => string): unknown {
  if (Array.isArray(data)) return data.map((item) => renamed(item, key));
  if (!isRecord(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      key(name),
      /cursor/i.test(name) && value ? expect.any(String) : renamed(value, key),
    ]),
  );
}

function isEmpty(data: unknown): boolean {
  if (Array.isArray(data)) return data.every(isEmpty);
  return isRecord(data)
    ? Object.entries(data).every(([key, value]) => key === '__typename' || isEmpty(value))
    : data === null || data === undefined;
}

/** Places at which the larger answer lacks something of the smaller one. */
function lost(smaller: unknown, larger: unknown, path = ''): string[] {
  if (smaller === null || smaller === undefined || OF_CAPABILITIES.has(path.split('.').at(-1)!.replace(/^x_/, '')))
    return [];
  if (/cursor/i.test(path.split('.').at(-1)!)) return [];
  if (Array.isArray(smaller)) {
    // A list of names, such as the columns of a report, grows with what its reader may see.
    if (Array.isArray(larger) && smaller.every((item) => typeof item === 'string'))
      return smaller.flatMap((item) => (larger.includes(item) ? [] : [`${path}: without ${item}`]));
    if (!Array.isArray(larger) || larger.length !== smaller.length) return [path];
    return smaller.flatMap((item, index) => lost(item, larger[index], path));
  }
  if (isRecord(smaller)) {
    if (!isRecord(larger)) return [path];
    return Object.entries(smaller).flatMap(([key, value]) => lost(value, larger[key], `${path}.${key}`));
  }
  return smaller === larger ? [] : [`${path}: ${JSON.stringify(smaller)} became ${JSON.stringify(larger)}`];
}
