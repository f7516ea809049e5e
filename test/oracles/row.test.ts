/**
 * The row oracle (design/authorization.md, section 3, 2): for random principals and operations, under random acts, what is
 * shown is what plain SQL over the facts says; consumers of events are stopped but for the acts that deliver.
 */
import fc from 'fast-check';
import { GraphQLSchema, parse, validate } from 'graphql';
import { FixedClock } from '../../platform/clock';
import { scopeComment, scopeMarker } from '../../platform/database/guard';
import { AccessWriter } from '../../platform/scope/access-writer';
import { Session } from '../../platform/scope/session';
import { IepRepository } from '../../subgraphs/iep/document/iep.repository';
import { isAdditive, type RoleName, ROLES } from '../../subgraphs/students/account/roles';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { LODI, MANTECA, providerIdOf, refusalsOf, RIPON } from '../scenarios/case-work';
import { todayAt } from '../scenarios/facts';
import { randomOperation } from './field/random-operation';
import { census, type Expected, expectedOf, strangers } from './product/census';
import { entitiesOf, withIds } from './product/entities';
import { holdEveryRole, SERVING, SHARED } from './product/every-role';
import { History } from './product/history';
import { generatedOperations, SANCTIONED, visibleSchema } from './product/operations';
import { onePerRole, type Perspective, perspectivesOf } from './product/perspectives';
import { BESIDE_ROWS, typeOf } from './product/record-rows';
import { RowsFromFacts } from './product/rows-from-facts';
import { fits } from './product/rewrites';
import { send } from './product/send';
import { choices, type Draw, drawFrom, holds, oneOf, ORACLE_TIMEOUT, sized } from './run';

const OPERATIONS = sized(6, 12);
/** Roles that are asked for everything within `npm test`; of the others the lists are enough. */
const WHOLLY = new Set(['DISTRICT_ADMIN', 'CASE_MANAGER', 'SCHOOL', 'PARTNER', 'CDE_MONITOR']);

describe.each(databaseUrls())('issue 2: whose rows are shown, on %s', (_engine, makeUrl) => {
  const clock = new FixedClock(new Date(`${todayAt('state-ca')}T20:00:00Z`));
  const schemas = new Map<string, GraphQLSchema>();
  const counts = { asked: 0, withRows: 0, changed: 0 };
  let system: TestSystem;
  let facts: RowsFromFacts;
  let history: History;

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false, clock });
    facts = await RowsFromFacts.start(system, clock);
    await holdEveryRole(system, facts);
    history = new History(system, clock, facts);
  });
  afterAll(() => system?.stop());

  const everyone = async (): Promise<Perspective[]> => [
    ...(await perspectivesOf(system, { isOver: true })),
    ...history.partners.values(),
  ];
  const perspective = async (id: string): Promise<Perspective> =>
    (await everyone()).find((one) => one.id === id || one.who === id)!;

  /** Queries that the role sees. */
  async function schemaOf(one: Perspective): Promise<GraphQLSchema> {
    const key = `${one.role} ${one.role === 'PARTNER' ? one.who : ''}`;
    const known = schemas.get(key);
    if (known) return known;
    const schema = await visibleSchema(system, one);
    const queries = new GraphQLSchema({ ...schema.toConfig(), mutation: null, assumeValid: true });
    schemas.set(key, queries);
    return queries;
  }

  /** What differs from the facts when the perspective asks for everything, or for the lists alone. */
  async function differences(one: Perspective, expected: Expected, isWhole: boolean): Promise<string[]> {
    if (await facts.isOpen(one)) return census(system, facts, one, await schemaOf(one), expected, isWhole);
    // Who is gone may not even get a token.
    const asked = system.ask(one.who, '{ students { nodes { id } } }', {}, one.headers);
    const { data } = await asked.catch(() => ({ data: null }));
    return data?.students?.nodes?.length ? [`${one.who} is gone and sees ${JSON.stringify(data)}`] : [];
  }
  async function agrees(one: Perspective, { isWhole = true, after = '' as unknown } = {}): Promise<void> {
    const found = await differences(one, await expectedOf(facts, one), isWhole);
    expect({ ...one, after, found }).toEqual({ ...one, after, found: [] });
  }

  /** Random and generated operations, with ids of the caller's and of others. */
  async function operations(one: Perspective, { visible }: Expected, draw: Draw) {
    const schema = await schemaOf(one);
    const any = (sql: string) => facts.rows<{ id: string; stateId: string }>(sql);
    const students = await any('SELECT id, state_id AS stateId FROM student ORDER BY id');
    const ieps = await any('SELECT id, student_id AS stateId FROM iep ORDER BY id');
    const own = [...visible.students, ...visible.periods.keys()];
    const [mine, other] = [own.length > 0 ? oneOf(draw, own) : 'none', oneOf(draw, students)];
    const iep = ieps.find(({ stateId }) => stateId === mine)?.id ?? 'none';
    const foreign = oneOf(draw, ieps).id;
    const scalars = { ID: [mine, other.id, iep, foreign], Date: ['2026-10-01'], Int: ['3', '20'] };
    const generated = generatedOperations(schema, {
      'student.id': [mine, other.id],
      'iep.id': [iep, foreign],
      'studentByStateId.stateId': [other.stateId],
    });
    return Array.from({ length: OPERATIONS }, (_, i) =>
      i % 2
        ? { text: oneOf(draw, generated), operationName: undefined, variables: {} }
        : randomOperation(schema, draw, scalars),
    ).filter(
      ({ text }) =>
        !SANCTIONED.some((field) => text.includes(field)) &&
        validate(schema, parse(text)).length === 0 &&
        fits(parse(text)),
    );
  }

  async function showsNoStranger(one: Perspective, draw: Draw, after: unknown = ''): Promise<void> {
    if (!(await facts.isOpen(one))) return;
    const [schema, expected] = [await schemaOf(one), await expectedOf(facts, one)];
    for (const operation of await operations(one, expected, draw)) {
      const { data } = await send(system, one, { ...operation, text: withIds(schema, operation.text) });
      const entities = entitiesOf(data);
      counts.asked++;
      counts.withRows += entities.some(({ typename }) => !BESIDE_ROWS.has(typeOf(typename))) ? 1 : 0;
      const found = strangers(entities, expected);
      expect({ ...one, after, operation, found }).toEqual({ ...one, after, operation, found: [] });
    }
  }

  const asking = fc.asyncProperty(choices, async (numbers) => {
    const draw = drawFrom(numbers);
    const one = oneOf(draw, await everyone());
    await showsNoStranger(one, draw);
    await agrees(one);
  });
  /** Perspectives for which the facts say something else than the last time. */
  const lastSeen = new Map<string, string>();
  async function concerned(): Promise<Perspective[]> {
    const found: Perspective[] = [];
    for (const one of await everyone()) {
      const { students, periods } = await facts.visibleTo(one);
      const seen = JSON.stringify([[...students].sort(), [...periods].sort()]);
      if (lastSeen.has(one.id || one.who) && lastSeen.get(one.id || one.who) !== seen) found.push(one);
      lastSeen.set(one.id || one.who, seen);
    }
    return found;
  }
  const living = fc.asyncProperty(choices, async (numbers) => {
    const draw = drawFrom(numbers);
    const after: string[] = [];
    for (let acts = 1 + draw(4); acts > 0; acts--) after.push(await history.act(draw));
    const changed = await concerned();
    counts.changed += changed.length;
    const all = await everyone();
    for (const one of [oneOf(draw, changed.length > 0 ? changed : all), oneOf(draw, all)]) {
      await agrees(one, { after, isWhole: sized(draw(3) === 0, true) });
      await showsNoStranger(one, draw, after);
    }
  });

  test(
    'SIRAS-133 to SIRAS-146 SEIS-01 SEIS-06 SEIS-14 SEIS-25 SER-41 SESIS-06 every role: the lists hold the rows of the facts, page by page, and count them',
    async () => {
      await history.transfer(RIPON, (await history.studentsOf(RIPON.leaId))[5]!, SHARED.NPS);
      await history.transfer(MANTECA, (await history.studentsOf(MANTECA.leaId))[5]!, SHARED.PRIVATE_SCHOOL);
      for (const who of SERVING) await history.assign(RIPON, (await history.studentsOf(RIPON.leaId))[6]!, who);
      const all = await everyone();
      const roles = (Object.keys(ROLES) as RoleName[]).filter((role) => !isAdditive(role));
      expect([...new Set(all.map(({ role }) => role))].sort()).toEqual([...roles, 'PARTNER'].sort());
      const unseen: string[] = [];
      for (const one of sized(onePerRole(all), all)) {
        await agrees(one, { isWhole: sized(WHOLLY.has(one.role), true) });
        if ((await facts.visibleTo(one)).students.size === 0) unseen.push(one.role);
      }
      expect(unseen).toEqual([]);
    },
    ORACLE_TIMEOUT,
  );

  test(
    'after random acts, with events that wait: lists, counts and random operations',
    async () => {
      await concerned();
      await holds(living, sized(10, 150));
      expect(counts.withRows).toBeGreaterThan(counts.asked / 5);
      expect(counts.changed).toBeGreaterThan(sized(5, 100));
    },
    ORACLE_TIMEOUT,
  );

  const role = async (name: string): Promise<Perspective> => (await everyone()).find((one) => one.role === name)!;
  const accepted = async (act: Promise<GraphqlAnswer | undefined>): Promise<void> =>
    expect(refusalsOf((await act)!)).toEqual([]);
  /** Of Ripon, and nobody's whom the perspective sees. */
  async function unseenBy(one: Perspective): Promise<string> {
    const { students } = await facts.visibleTo(one);
    return (await history.studentsOf(RIPON.leaId)).find((id) => !students.has(id))!;
  }

  test(
    'A-54 a caseload that ended yesterday is gone, and nothing had to happen for it',
    async () => {
      const general = await role('GENERAL_USER');
      const student = await unseenBy(general);
      await accepted(history.assign(RIPON, student, RIPON.colleague, history.day()));
      const sees = async () => (await facts.visibleTo(general)).students.has(student);
      expect(await sees()).toBe(true);
      await agrees(general);
      history.pass();
      expect(await sees()).toBe(false);
      await agrees(general);
    },
    ORACLE_TIMEOUT,
  );

  test(
    'A-55 a student who moves to another SELPA and back: each owner keeps its own period, before any event arrives',
    async () => {
      const watchers = await Promise.all(['role-district-ripon', 'role-district-lodi'].map(perspective));
      const student = (await history.studentsOf(RIPON.leaId))[8]!;
      const sees = () =>
        Promise.all(
          watchers.map(async (one) => {
            const { students, periods } = await facts.visibleTo(one);
            return students.has(student) ? 'all' : periods.has(student) ? 'the own period' : 'nothing';
          }),
        );
      const expectSeen = async (...wanted: string[]): Promise<void> => {
        expect(await sees()).toEqual(wanted);
        for (const one of watchers) await agrees(one, { after: wanted });
      };
      await accepted(history.claim(student, LODI, history.day(1)));
      await expectSeen('all', 'nothing');
      history.pass();
      await expectSeen('the own period', 'all');
      history.pass();
      await accepted(history.claim(student, MANTECA));
      await expectSeen('the own period', 'the own period');
      expect((await facts.visibleTo(await perspective('role-selpa-sanjoaquin'))).students.has(student)).toBe(true);
      await agrees(await perspective('role-selpa-sanjoaquin'));
    },
    ORACLE_TIMEOUT,
  );

  describe('planted leaks are found', () => {
    afterEach(() => jest.restoreAllMocks());

    test(
      'one repository without its predicate',
      async () => {
        jest.spyOn(IepRepository.prototype as never, 'select').mockImplementation(function (this: any, alias = 't') {
          const { manager, scope } = this.session;
          return manager.createQueryBuilder(this.entity, alias).comment(scopeMarker(scope.marker)).where('1 = 1');
        } as never);
        await expect(holds(asking, 20, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      },
      ORACLE_TIMEOUT,
    );

    test(
      'A-54 one right left open after its end',
      async () => {
        const general = await role('GENERAL_USER');
        const student = await unseenBy(general);
        await accepted(history.assign(RIPON, student, RIPON.colleague));
        jest.spyOn(AccessWriter.prototype, 'revoke').mockResolvedValue();
        await accepted(history.remove(RIPON, student, providerIdOf(RIPON.colleague)));
        await expect(agrees(general)).rejects.toThrow('too many');
        const sql =
          "UPDATE student_access SET revoked_at = '2026-01-01 00:00:00.000' WHERE student_id = ? AND grantee = ?";
        await system.database.write((manager) =>
          manager.query(scopeComment('system:test') + sql, [student, `STAFF:${general.accountId}`]),
        );
        await agrees(general);
      },
      ORACLE_TIMEOUT,
    );

    test(
      'A-27 loaders that callers share',
      async () => {
        const own = Session.prototype.get;
        const shared = new Map<unknown, unknown>();
        jest.spyOn(Session.prototype, 'get').mockImplementation(function (this: Session, type: any): any {
          if (!/Loader/.test(type.name)) return own.call(this, type);
          if (!shared.has(type)) shared.set(type, own.call(this, type));
          return shared.get(type);
        });
        await expect(holds(asking, 20, { shrink: false })).rejects.toThrow('ORACLE_SEED');
      },
      ORACLE_TIMEOUT,
    );
  });
});
