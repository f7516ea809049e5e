/**
 * Drops each directive of the composed schema and of each subgraph in turn (design/authorization.md, section 3, 6), and asks
 * the one question that it stands before, as a caller who lacks what it asks for and has everything else. What has to come
 * of it is read from the text of the committed schema, which no mutant changes.
 *
 * A directive of the source makes two locks, so it is dropped three times: from the gateway's policy alone (the selection
 * must be fetched, or the denial be gone), from the subgraph's lock alone (its own door must open), and from both, as an edit
 * of the source would (the answer must come). The gateway's policy also refuses to load with a hole in it: the fourth way.
 *
 * No subgraph's lock judges inputs. Where one is fetched without `@reads` and denied all the same, its service has refused it:
 * a third lock, which is a guard of the list (test/guards/list/). The gateway's own is seen by what it fetches.
 *
 * Run by `npm run guards:mutate`, not by `npm test`: nearly a thousand mutants.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, type GraphQLSchema, isObjectType, getNamedType, parse, print } from 'graphql';
import { checkInputs, type PolicyIndex, type Requirement } from '../../gateway/authorize';
import { readPolicies } from '../../gateway/authorize/policy-index';
import { authorizeOperation } from '../../gateway/authorize/authorize-operation';
import { CAPABILITIES } from '../../gateway/authorize/vocabulary';
import type { Principal } from '../../platform/principal/principal';
import { LEVELS } from '../../scripts/callers';
import { buildGraphs, type SubgraphName, subgraphNames } from '../../scripts/graph';
import { PARTNER_SCOPES } from '../../subgraphs/students/account/rights';
import { isAdditive, type RoleName, roleOf, ROLES } from '../../subgraphs/students/account/roles';
import { Doors } from '../attacks/doors';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { type Asking, type Placed, placedIn, Promised, without } from './directives';
import { Questions } from './question';

/** What the gateway judges by, and the subgraphs: the product's own unless a mutant is at work. */
const mockPolicy: { authorizer?: object; schema?: unknown } = {};
jest.mock('../../gateway/authorize', () => {
  const actual = jest.requireActual('../../gateway/authorize');
  return {
    ...actual,
    createAuthorizer: (options: { schema: unknown }) => {
      const own = actual.createAuthorizer(options);
      mockPolicy.schema = options.schema;
      const asked = (caller: { level: string }) =>
        caller.level === 'nobody' ? { ...caller, authenticated: false } : caller;
      const present = () => (mockPolicy.authorizer ?? own) as typeof own;
      return {
        hash: own.hash,
        authorize: (document: object, name: string, text: string, caller: { level: string }) =>
          present().authorize(document, name, text, asked(caller)),
        checkInputs: (authorized: object, variables: object, caller: { level: string }) =>
          present().checkInputs(authorized, variables, asked(caller)),
      };
    },
  };
});
const mockLocks: { sdlOf?: (sdl: string) => string } = {};
jest.mock('../../platform/subgraph/field-lock', () => {
  const { FieldLock } = jest.requireActual('../../platform/subgraph/field-lock');
  return {
    FieldLock: class {
      private readonly own: { denied(...asked: unknown[]): string | null };
      constructor(
        private readonly schema: object,
        private readonly sdl: string,
      ) {
        this.own = new FieldLock(schema, sdl);
      }
      denied(...asked: unknown[]): string | null {
        const sdl = mockLocks.sdlOf?.(this.sdl) ?? this.sdl;
        return (sdl === this.sdl ? this.own : new FieldLock(this.schema, sdl)).denied(...asked);
      }
    },
  };
});
const { createAuthorizer } = jest.requireActual('../../gateway/authorize');
const { FieldLock } = jest.requireActual('../../platform/subgraph/field-lock');

interface Candidate extends Asking {
  name: string;
}
interface Question {
  asking: Candidate;
  /** What the schema promises to deny. */
  coordinate: string;
  text: string;
}
/** `killed`: seen by an answer. `refused`: nothing loads without it. `redundant`: no caller can tell; the reason is beside it. */
type Verdict = 'killed' | 'refused' | 'redundant' | 'survived';
interface Judged {
  lock: string;
  directive: string;
  verdict: Verdict;
  by: string;
}

const read = (name: string): string => readFileSync(join(__dirname, '..', '..', 'schema', name), 'utf8');
const COMMITTED = parse(read('supergraph.graphql'), { noLocation: true });
const ORIGINAL = readPolicies(read('supergraph.graphql')).index;
const PROMISED = new Promised(COMMITTED);

const roleNames = Object.keys(ROLES) as RoleName[];
const asking = (name: string, level: string, capabilities: readonly string[], authenticated = true): Candidate => ({
  ...{ name, level, authenticated },
  capabilities: new Set(capabilities),
});
/** Everybody there is: each role, with and without what joins it, and a partner. */
const REAL: readonly Candidate[] = [
  ...roleNames
    .filter((role) => !isAdditive(role))
    .flatMap((role) => {
      const { level, capabilities } = roleOf(role);
      const joined = roleNames.filter((other) => roleOf(other).addsTo?.includes(role));
      const all = [...capabilities, ...joined.flatMap((other) => roleOf(other).capabilities)];
      return [
        asking(role, level, capabilities),
        ...(joined.length > 0 ? [asking([role, ...joined].join('+'), level, all)] : []),
      ];
    }),
  asking('PARTNER', 'partner', PARTNER_SCOPES),
];

/** The largest callers that lack a requirement: whoever lacks it holds no more than one of them. */
function largestWithout(requirement: Requirement): Candidate[] {
  const scopes = requirement.map((all) => all.filter((atom) => atom.startsWith('scope:')).map((atom) => atom.slice(6)));
  const lacking = scopes.reduce<string[][]>(
    (sets, all) => sets.flatMap((set) => [set, ...all.map((scope) => [...set, scope])]),
    [[]],
  );
  const sets = [...new Map(lacking.map((set) => [[...new Set(set)].sort().join(), set])).values()];
  const synthetic = sets.flatMap((set) =>
    LEVELS.map((level) =>
      asking(
        `${level} without ${set.join(', ') || 'nothing'}`,
        level,
        CAPABILITIES.filter((one) => !set.includes(one)),
      ),
    ),
  );
  return [...synthetic, asking('nobody', 'nobody', CAPABILITIES, false)];
}

const holdsOne = (requirement: Requirement | undefined, { authenticated, level, capabilities }: Asking): boolean =>
  (requirement ?? [[]]).some((all) =>
    all.every(
      (atom) =>
        authenticated &&
        (atom === 'authenticated' ||
          (atom.startsWith('scope:') ? capabilities.has(atom.slice(6)) : level === atom.slice(7))),
    ),
  );

describe.each(databaseUrls().slice(0, 1))('every directive dropped, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let doors: Doors;
  let base: Principal;
  const overrides = new Map<string, Asking>();
  const fetched: string[] = [];
  const judged: Judged[] = [];

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    doors = new Doors(system);
    base = await doors.principalOf('teacher.ripon');
    for (const [name, subgraph] of Object.entries(system.subgraphs)) watch(name, subgraph);
  });
  afterAll(async () => {
    await system?.stop();
    if (process.env.GUARDS_REPORT) writeFileSync(process.env.GUARDS_REPORT, JSON.stringify(judged));
  });

  /** Notes what is fetched, and gives a perspective of the base account other rights: `.as-7`. */
  function watch(name: string, subgraph: TestSystem['subgraphs'][string]): void {
    const handle = subgraph.handle.bind(subgraph);
    subgraph.handle = async (request) => {
      if (request.path === '/graphql') fetched.push((JSON.parse(request.body) as { query: string }).query);
      if (name !== 'students' || request.path !== '/internal/principal') return handle(request);
      const asked = JSON.parse(request.body) as { perspective?: string };
      const suffix = /\.as-\d+$/.exec(asked.perspective ?? '')?.[0];
      if (!suffix) return handle(request);
      const perspective = asked.perspective!.slice(0, -suffix.length);
      const answer = await handle({ ...request, body: JSON.stringify({ ...asked, perspective }) });
      const { principal } = JSON.parse(answer.body) as { principal: Principal };
      return { ...answer, body: JSON.stringify({ principal: principalAs(principal, overrides.get(suffix)!) }) };
    };
  }
  const principalAs = (principal: Principal, { level, capabilities }: Asking): Principal =>
    ({ ...principal, level, capabilities: [...capabilities] }) as Principal;

  const suffixes = new Map<string, string>();
  async function ask({ asking: who, text }: Question): Promise<{ answer: GraphqlAnswer; fetched: string[] }> {
    const known = suffixes.get(who.name) ?? `.as-${suffixes.size}`;
    suffixes.set(who.name, known);
    overrides.set(known, who);
    fetched.length = 0;
    const answer = await system.ask('teacher.ripon', text, {}, { 'x-perspective': base.perspective + known });
    return { answer, fetched: [...fetched] };
  }
  const isDenied = ({ errors = [] }: GraphqlAnswer): boolean =>
    errors.some(({ extensions }) => extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE');

  const ways = new Map<string, Questions>();
  function questionsFor(who: Candidate): Questions {
    let known = ways.get(who.name);
    const may = (coordinate: string): boolean => holdsOne(ORIGINAL.selections.get(coordinate), who);
    if (!known) ways.set(who.name, (known = new Questions(mockPolicy.schema as GraphQLSchema, may)));
    return known;
  }

  /** An operation that the committed policy denies to somebody, and the mutant's does not. */
  function questionAbout(mutant: PolicyIndex): Question | null {
    const schema = mockPolicy.schema as GraphQLSchema;
    const denies = (index: PolicyIndex, document: DocumentNode, who: Candidate): boolean => {
      const { kind } = authorizeOperation({ index, schema, document, caller: who });
      return kind !== 'allowed' || checkInputs(index, schema, document, null, {}, who).length > 0;
    };
    for (const [map, isInput] of [
      ['selections', false],
      ['reads', true],
    ] as const) {
      const changed = [...ORIGINAL[map].keys()].filter(
        (coordinate) => JSON.stringify(ORIGINAL[map].get(coordinate)) !== JSON.stringify(mutant[map].get(coordinate)),
      );
      for (const coordinate of changed) {
        if (coordinate.endsWith('.__typename')) continue;
        const [before, after] = [ORIGINAL[map].get(coordinate)!, mutant[map].get(coordinate)];
        for (const who of [...REAL, ...largestWithout(before)]) {
          if (holdsOne(before, who) || !holdsOne(after, who)) continue;
          const questions = questionsFor(who);
          const texts = isInput ? questions.ofInput(coordinate) : [questions.ofField(coordinate)?.text ?? ''];
          for (const text of texts.filter(Boolean)) {
            const document = parse(text);
            if (denies(ORIGINAL, document, who) && !denies(mutant, document, who))
              return { asking: who, coordinate, text };
          }
        }
      }
    }
    return null;
  }

  const titled = ({ coordinate, directive }: Placed): string => `${coordinate} @${directive}`;
  const keep = (lock: string, placed: Placed, verdict: Verdict, by: string): void =>
    void judged.push({ lock, directive: titled(placed), verdict, by });
  const survivors = (lock: string): Judged[] => judged.filter((one) => one.lock === lock && one.verdict === 'survived');
  const lockWithout = (placed: Placed) => (sdl: string) => print(without(parse(sdl), placed));

  test('in the gateway’s policy, and in both locks as in the source', async () => {
    const schema = mockPolicy.schema as GraphQLSchema;
    for (const placed of placedIn(COMMITTED)) {
      const { index, problems } = readPolicies(print(without(COMMITTED, placed)));
      const question = questionAbout(index);
      if (!question) {
        const why =
          problems[0] ?? 'no caller comes there who lacks it: what leads there, or stands beside it, asks the same';
        for (const lock of ['gateway', 'source'])
          keep(lock, placed, problems.length > 0 ? 'refused' : 'redundant', why);
        continue;
      }
      const { coordinate, asking: who } = question;
      const promise = /^\w+\.\w+$/.test(coordinate) && ORIGINAL.selections.has(coordinate) ? 'maySelect' : 'mayGive';
      expect([titled(placed), PROMISED[promise](coordinate, who)]).toEqual([titled(placed), false]);
      const promised = await ask(question);
      expect([titled(placed), question.text, isDenied(promised.answer)]).toEqual([titled(placed), question.text, true]);
      const by = `${who.name}: ${question.text}`;
      mockPolicy.authorizer = createAuthorizer({ index, schema, maxEntries: 10 });
      const alone = await ask(question);
      const isSeen = !isDenied(alone.answer) || JSON.stringify(alone.fetched) !== JSON.stringify(promised.fetched);
      keep('gateway', placed, isSeen ? 'killed' : 'survived', by);
      mockLocks.sdlOf = lockWithout(placed);
      const both = await ask(question);
      const byService = placed.directive === 'reads' && both.fetched.length > 0;
      if (!isDenied(both.answer)) keep('source', placed, 'killed', by);
      else if (byService) keep('source', placed, 'redundant', `the service refuses the input as well: ${by}`);
      else keep('source', placed, 'survived', by);
      mockPolicy.authorizer = mockLocks.sdlOf = undefined;
    }
    expect([...survivors('gateway'), ...survivors('source')]).toEqual([]);
  }, 3_600_000);

  test.each(subgraphNames)(
    'in the lock of %s',
    async (subgraph: SubgraphName) => {
      const { schema, sdl } = buildGraphs()[subgraph];
      const document = parse(sdl, { noLocation: true });
      const promised = new Promised(document);
      const own = new FieldLock(schema, sdl);
      for (const placed of placedIn(document)) {
        if (placed.directive === 'reads' || placed.directive === 'authenticated') {
          const why =
            placed.directive === 'reads'
              ? 'inputs are judged by the gateway'
              : 'a door opens to signed Principals alone';
          keep(subgraph, placed, 'redundant', why);
          continue;
        }
        const lock = new FieldLock(schema, lockWithout(placed)(sdl));
        const question = doorQuestion(schema, placed, promised, own, lock);
        if (!question) {
          keep(
            subgraph,
            placed,
            'redundant',
            'no caller comes there who lacks it: what leads there, or stands beside it, asks the same',
          );
          continue;
        }
        expect(promised.maySelect(question.coordinate, question.asking)).toBe(false);
        const principal = principalAs(base, question.asking);
        const before = await doors.call(subgraph, principal, question.text);
        mockLocks.sdlOf = (text) => (text === sdl ? lockWithout(placed)(sdl) : text);
        const after = await doors.call(subgraph, principal, question.text);
        mockLocks.sdlOf = undefined;
        expect([titled(placed), question.text, before.status]).toEqual([titled(placed), question.text, 403]);
        keep(
          subgraph,
          placed,
          after.status === 403 ? 'survived' : 'killed',
          `${question.asking.name}: ${question.text}`,
        );
      }
      expect(survivors(subgraph)).toEqual([]);
    },
    3_600_000,
  );

  function doorQuestion(
    schema: GraphQLSchema,
    placed: Placed,
    promised: Promised,
    own: InstanceType<typeof FieldLock>,
    lock: InstanceType<typeof FieldLock>,
  ): Question | null {
    const types = Object.values(schema.getTypeMap()).filter(
      (type) => isObjectType(type) && !type.name.startsWith('__'),
    );
    const all = types.flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields()).map((field) => ({
            coordinate: `${type.name}.${field.name}`,
            touches: [`${type.name}.${field.name}`, type.name, getNamedType(field.type).name],
          }))
        : [],
    );
    for (const { coordinate } of all.filter(({ touches }) => touches.includes(placed.coordinate))) {
      if (coordinate.includes('._')) continue;
      for (const who of [...REAL, ...largestWithout(ORIGINAL.selections.get(coordinate) ?? [[]])]) {
        if (!who.authenticated || promised.maySelect(coordinate, who)) continue;
        const may = (at: string): boolean => at.includes('._') || promised.maySelect(at, who);
        const text = new Questions(schema, may).ofField(coordinate)?.text;
        if (!text) continue;
        const principal = principalAs(base, who);
        if (own.denied(text, parse(text), principal) && !lock.denied(text, parse(text), principal))
          return { asking: who, coordinate, text };
      }
    }
    return null;
  }
});
