import { getNamedType } from 'graphql';
import { ACCESS_RELATIONS, type Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { scopeComment } from '../../platform/database/guard';
import { systemSession } from '../../platform/scope/session';
import { systemClock } from '../../platform/clock';
import type { SubgraphName } from '../../scripts/graph';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { CaseWork, daysFromToday, LODI, MANTECA, refusalsOf, RIPON, today } from '../scenarios/case-work';
import { Facts, type Someone } from '../scenarios/facts';
import { leavesOf, type Leaf, operationOf, queries, variablesOf } from '../scenarios/input-variants';
import { recordOf } from '../scenarios/record';
import { Doors } from './doors';

const ALL = '{ students(filter: { includeInactive: true }, first: 100) { totalCount nodes { id } } }';
const codesOf = ({ errors = [] }: GraphqlAnswer): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

/** Event consumers are stopped: what ends, ends without them. */
describe.each(databaseUrls())('attacks on rows, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let doors: Doors;
  let facts: Facts;
  let work: CaseWork;
  let own: Someone;
  let foreign: Someone;
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    [doors, facts, work] = [new Doors(system), new Facts(system), new CaseWork(system)];
    [own, foreign] = [await facts.someone(RIPON.leaId), await facts.someone(MANTECA.leaId)];
  });
  afterAll(() => system?.stop());

  const access = (change: (writer: AccessWriter) => Promise<void>): Promise<void> =>
    system.database.write((manager) =>
      change(
        systemSession({ manager, engine: system.database.engine, clock: systemClock, writing: true }, 'attack').get(
          AccessWriter,
        ),
      ),
    );
  const rewrite = (sql: string, parameters: unknown[]): Promise<unknown> =>
    system.database.write((manager) => manager.query(scopeComment('system:attack') + sql, parameters));
  const idsOf = async (who: string): Promise<string[]> =>
    (await system.ask(who, ALL)).data.students.nodes.map(({ id }: { id: string }) => id);

  /** Everything by which a caller could come upon a student: through the gateway, and through the doors of the subgraphs. */
  async function tracesOf(who: string, studentId: string): Promise<string[]> {
    const [row] = await facts.rows<{ stateId: string }>('SELECT state_id AS stateId FROM student WHERE id = ?', [
      studentId,
    ]);
    const idsIn = async (table: string): Promise<string[]> =>
      (await facts.rows<{ id: string }>(`SELECT id FROM ${table} WHERE student_id = ?`, [studentId])).map(
        ({ id }) => id,
      );
    const found: string[] = [];
    const gather = (where: string, answer: { data?: unknown }): void => {
      if (JSON.stringify(answer.data ?? null).includes(`"${studentId}"`)) found.push(where);
    };
    const roots = [
      'student(id: $id) { id }',
      'studentByStateId(stateId: $state) { id }',
      'searchStudents(text: $state, includeInactive: true) { nodes { id } }',
      'students(filter: { stateId: $state, includeInactive: true }) { nodes { id } }',
      'ieps(filter: { studentId: $id }) { nodes { student { id } } }',
      'studentWorklist(filter: { text: $state }) { nodes { student { id } } }',
      'myCaseload(first: 100) { nodes { student { id } } }',
    ];
    for (const root of roots) {
      const declared = [root.includes('$id') && '$id: ID!', root.includes('$state') && '$state: String!'].filter(
        Boolean,
      );
      const variables = {
        ...(root.includes('$id') && { id: studentId }),
        ...(root.includes('$state') && { state: row!.stateId }),
      };
      gather(
        root,
        await system.ask(who, `query${declared.length ? `(${declared.join(', ')})` : ''} { ${root} }`, variables),
      );
    }
    for (const id of await idsIn('iep'))
      gather('iep', await system.ask(who, 'query($id: ID!) { iep(id: $id) { student { id } } }', { id }));

    const principal = await doors.principalOf(who);
    const through = async (subgraph: SubgraphName, type: string, selection: string, ids: string[]): Promise<void> => {
      for (const id of ids) {
        const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${type} { ${selection} } } }`;
        const { status, data } = await doors.call(subgraph, principal, query, { r: [{ __typename: type, id }] });
        if (status === 403) continue;
        const [entity] = data?._entities ?? [null];
        const values = Object.values((entity ?? {}) as Record<string, unknown>).filter(
          (value) => value !== null && !(Array.isArray(value) && value.length === 0),
        );
        if (values.length > 0) found.push(`${subgraph} ${type} { ${selection} }`);
      }
    };
    await through('students', 'Student', 'id', [studentId]);
    for (const selection of ['currentIep { id }', 'futureIep { id }', 'evaluations { id }'])
      await through('iep', 'Student', selection, [studentId]);
    await through('iep', 'Iep', 'id', await idsIn('iep'));
    await through('iep', 'Goal', 'id', await idsIn('iep_goal'));
    await through('iep', 'Evaluation', 'id', await idsIn('evaluation'));
    await through('services', 'Service', 'id', await idsIn('student_service'));
    for (const selection of ['services { id }', 'caseManager { id }', 'providers { id }'])
      await through('services', 'Student', selection, [studentId]);
    await through('reporting', 'Student', 'dueDates { kind }', [studentId]);
    return found;
  }

  describe('A-54 what ended', () => {
    type Match = { studentId: string; grantee: string };
    const endings: [string, (match: Match) => Promise<unknown>][] = [
      [
        'ended yesterday',
        // A partner's has a planned end from the start, which no fact moves.
        ({ studentId, grantee }) =>
          rewrite('UPDATE student_access SET valid_to = ? WHERE student_id = ? AND grantee = ?', [
            ...[daysFromToday(-1), studentId, grantee],
          ]),
      ],
      ['was revoked a moment ago', (match) => access((writer) => writer.revoke(match))],
    ];
    const callers: [who: string, grantee: string][] = [
      ['provider.manteca', 'STAFF:acct-provider-manteca'],
      ['teacher2.manteca', 'STAFF:acct-teacher2-manteca'],
      ['school.ripon', `SCHOOL:${RIPON.schoolId}`],
      ['regional-center', 'AGENCY:grant-regional-center'],
    ];
    test.each(
      callers.flatMap(([who, grantee], i) => endings.map(([how, end], j) => [who, how, grantee, end, i + j] as const)),
    )(
      'A-54 of %s, %s: nothing is left of the student, dated records included, without any event',
      async (who, _how, grantee, end) => {
        const mine = await idsOf(who);
        const studentId = mine.find((id) => /current/.test(id)) ?? mine[0]!;
        const before = await tracesOf(who, studentId);
        expect(before.length).toBeGreaterThan(5);
        await end({ studentId, grantee });
        expect(await tracesOf(who, studentId)).toEqual([]);
        expect(await idsOf(who)).toEqual(mine.filter((id) => id !== studentId));
        const write = await work.attempt(who, 'addGuardian', {
          studentId,
          firstName: 'Too',
          lastName: 'Late',
          relationship: 'OTHER',
        });
        expect(['NOT_FOUND', 'UNAUTHORIZED_FIELD_OR_TYPE']).toEqual(expect.arrayContaining(refusalsOf(write)));
        expect(await facts.rows("SELECT id FROM guardian WHERE first_name = 'Too'")).toEqual([]);
      },
    );

    test.each(
      ACCESS_RELATIONS.flatMap((relation) =>
        ['LEA', 'STATE', 'SCHOOL', 'STAFF'].map((kind) => [relation, kind] as const),
      ),
    )(
      'A-54 a right of relation %s and grantee %s that ended yesterday: dated records only to the former LEA',
      async (relation, kind) => {
        const grantee = `${kind}:former-${relation}`;
        const studentId = own.studentId;
        await access((writer) =>
          writer.open({
            studentId,
            grantee,
            relation,
            leaId: RIPON.leaId,
            validFrom: '2020-01-01',
            validTo: daysFromToday(-1),
          }),
        );
        const principal: Principal = {
          ...(await doors.principalOf('district.manteca')),
          grants: [{ relation, grantee }],
        };
        const { data } = await doors.call('iep', principal, 'query($id: ID!) { iep(id: $id) { id } }', {
          id: own.iepId,
        });
        const keeps = relation === 'JURISDICTION' && kind === 'LEA';
        expect(data.iep?.id ?? null).toBe(keeps ? own.iepId : null);
        const undated = await doors.call(
          'services',
          principal,
          'query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { caseManager { id } } } }',
          { r: [{ __typename: 'Student', id: studentId }] },
        );
        expect(undated.data._entities[0]?.caseManager ?? null).toBeNull();
        // One that begins tomorrow opens nothing today, and one without a day of its own is not open for ever.
        await rewrite('DELETE FROM student_access WHERE student_id = ? AND grantee = ?', [studentId, grantee]);
        await access((writer) =>
          writer.open({ studentId, grantee, relation, leaId: null, validFrom: daysFromToday(2) }),
        );
        expect(
          (await doors.call('iep', principal, 'query($id: ID!) { iep(id: $id) { id } }', { id: own.iepId })).data.iep,
        ).toBeNull();
        await rewrite('DELETE FROM student_access WHERE student_id = ? AND grantee = ?', [studentId, grantee]);
      },
    );
  });

  describe('A-56 a right that is taken away while many requests run', () => {
    interface Seen {
      startedAt: number;
      sees: boolean;
    }
    /** Asks over and over, eight at a time, while `act` runs; then on for a while. Gives what each answer held, and when `act` was acknowledged. */
    async function underLoad(
      who: string,
      query: string,
      sees: (answer: GraphqlAnswer) => boolean,
      act: () => Promise<unknown>,
    ) {
      const seen: Seen[] = [];
      let isOver = false;
      const asking = Array.from({ length: 8 }, async () => {
        while (!isOver) {
          const startedAt = performance.now();
          seen.push({ startedAt, sees: sees(await system.ask(who, query)) });
        }
      });
      const until = async (enough: () => boolean): Promise<void> => {
        while (!enough()) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await until(() => seen.length >= 24);
      await act();
      const acknowledgedAt = performance.now();
      await until(() => seen.filter(({ startedAt }) => startedAt > acknowledgedAt).length >= 24);
      isOver = true;
      await Promise.all(asking);
      const [before, after] = [seen.slice(0, 24), seen.filter(({ startedAt }) => startedAt > acknowledgedAt)];
      return { before: before.map((each) => each.sees), after: after.map((each) => each.sees) };
    }
    const expectEnded = ({ before, after }: { before: boolean[]; after: boolean[] }): void => {
      expect(before).not.toContain(false);
      expect(after).not.toContain(true);
    };

    test('A-56 a provider taken off a student', async () => {
      const [studentId] = await idsOf('provider2.manteca');
      const query = `{ student(id: "${studentId}") { id services { id } currentIep { id } } students(first: 100) { nodes { id } } }`;
      expectEnded(
        await underLoad(
          'provider2.manteca',
          query,
          (answer) => JSON.stringify(answer.data).includes(`"${studentId}"`),
          () => work.done('district.manteca', 'removeProvider', { studentId, providerId: 'prov-provider2-manteca' }),
        ),
      );
    });

    test('A-56 a partner’s grant revoked', async () => {
      expectEnded(
        await underLoad(
          'regional-center',
          '{ students(first: 10) { nodes { id lastName } } }',
          (answer) => (answer.data?.students?.nodes.length ?? 0) > 0,
          () => work.done('district.ripon', 'revokePartnerGrant', { partnerGrantId: 'grant-regional-center' }),
        ),
      );
    });

    test('A-56 an account deactivated', async () => {
      expectEnded(
        await underLoad(
          'provider2.ripon',
          '{ viewer { level } organizations(first: 1) { nodes { id } } }',
          (answer) => answer.data?.viewer !== undefined && answer.data?.viewer !== null,
          () => work.done('district.ripon', 'deactivateAccount', { accountId: 'acct-provider2-ripon' }),
        ),
      );
    });

    test('A-56 a student claimed by another district', async () => {
      const pupil = await work.newCase(RIPON);
      expectEnded(
        await underLoad(
          RIPON.teacher,
          `{ student(id: "${pupil.id}") { id } searchStudents(text: "${pupil.stateId}") { totalCount } }`,
          ({ data }) => data.student !== null || data.searchStudents.totalCount > 0,
          async () => expect(refusalsOf(await work.claim(LODI, pupil.stateId))).toEqual([]),
        ),
      );
    });
  });

  describe('A-57 a write that would carry a row out of the scope, or into it', () => {
    test('A-57 a school of another district is none to transfer to', async () => {
      const before = await recordOf(system.database, own.studentId);
      for (const schoolId of [MANTECA.schoolId, LODI.schoolId, MANTECA.leaId, 'no-such-school']) {
        const input = { studentId: own.studentId, schoolId, beginDate: today() };
        expect([schoolId, refusalsOf(await work.attempt(RIPON.administrator, 'transferSchool', input))]).not.toEqual([
          schoolId,
          [],
        ]);
      }
      expect(await recordOf(system.database, own.studentId)).toEqual(before);
    });

    test('A-57 nor does a service, a goal or a record of the own student hang on the plan of a foreign one', async () => {
      const [mine, theirs] = [
        await recordOf(system.database, own.studentId),
        await recordOf(system.database, foreign.studentId),
      ];
      const draft = (await facts.draftAt(MANTECA.leaId))!;
      const service = {
        code: '330',
        frequency: 'WEEKLY',
        minutes: 60,
        delivery: 'INDIVIDUAL',
        location: 'Room',
        startDate: today(),
      };
      const attempts: [string, object][] = [
        ['addService', { ...service, studentId: own.studentId, iepId: draft }],
        ['addService', { ...service, studentId: own.studentId, iepId: foreign.iepId }],
        ['addService', { ...service, studentId: foreign.studentId }],
        ['addService', { ...service, studentId: own.studentId, parentServiceId: foreign.serviceId }],
        [
          'terminateService',
          { serviceId: foreign.serviceId, version: 1, endDate: today(), terminationReason: 'MOVED' },
        ],
        ['startIep', { studentId: foreign.studentId, kind: 'ANNUAL' }],
        ['amendIep', { iepId: foreign.iepId }],
        ['discardIep', { iepId: draft, version: 1, reason: 'Mistake' }],
        ['addGoal', { iepId: draft, area: 'ACADEMIC', baseline: 'b', statement: 's', discussed: true }],
        ['updateGuardian', { id: foreign.guardianId, version: 1, firstName: 'Taken' }],
        ['addGuardian', { studentId: foreign.studentId, firstName: 'Taken', lastName: 'Over', relationship: 'OTHER' }],
        ['updateStudent', { id: foreign.studentId, version: 1, gradeLevel: '05' }],
        ['setStudentStatus', { studentId: foreign.studentId, status: 'INELIGIBLE', effectiveOn: today() }],
        ['closeJurisdiction', { studentId: foreign.studentId, endDate: today() }],
        ['transferSchool', { studentId: foreign.studentId, schoolId: RIPON.schoolId, beginDate: today() }],
        ['assignProvider', { studentId: foreign.studentId, providerId: 'prov-teacher-ripon' }],
        ['changeCaseManager', { studentId: foreign.studentId, providerId: 'prov-teacher-ripon' }],
        ['removeProvider', { studentId: foreign.studentId, providerId: 'prov-teacher-manteca' }],
      ];
      for (const [mutation, input] of attempts) {
        const answer = await work.attempt(RIPON.administrator, mutation, input);
        expect([mutation, refusalsOf(answer).length > 0]).toEqual([mutation, true]);
      }
      expect(await recordOf(system.database, foreign.studentId)).toEqual(theirs);
      expect(await recordOf(system.database, own.studentId)).toEqual(mine);
    });

    test('A-57 who gives a student away by a write of the own sees nothing of the student from the answer on', async () => {
      const pupil = await work.newCase(RIPON);
      await work.done(RIPON.administrator, 'assignProvider', {
        studentId: pupil.id,
        providerId: 'prov-teacher2-ripon',
      });
      const { data } = await work.attempt(
        RIPON.teacher,
        'changeCaseManager',
        { studentId: pupil.id, providerId: 'prov-teacher2-ripon' },
        'student { id lastName guardians { lastName } }',
      );
      const after = await system.ask(RIPON.teacher, `{ student(id: "${pupil.id}") { id lastName } }`);
      if (after.data.student === null) expect(data.changeCaseManager.student?.lastName ?? null).toBeNull();
      await work.attempt(RIPON.administrator, 'removeProvider', {
        studentId: pupil.id,
        providerId: 'prov-teacher-ripon',
      });
      expect(await tracesOf(RIPON.teacher, pupil.id)).toEqual([]);
    });
  });

  describe('A-58 a caller without any student', () => {
    const ROOTS: [SubgraphName, string][] = [
      ['students', '{ students(first: 50, filter: { includeInactive: true }) { totalCount nodes { id } } }'],
      ['students', '{ searchStudents(text: "a", includeInactive: true) { totalCount nodes { id } } }'],
      ['students', '{ requests { totalCount nodes { id } } }'],
      ['iep', '{ ieps(first: 50) { totalCount nodes { id } } }'],
      ['services', '{ myCaseload(first: 50) { totalCount nodes { id } } }'],
      ['reporting', '{ studentWorklist(filter: {}, first: 50) { totalCount nodes { openFindings } } }'],
    ];
    test.each(ROOTS)('A-58 in %s: %s: no rows, not all', async (subgraph, query) => {
      const full = await doors.principalOf('district.manteca');
      for (const grants of [
        [],
        [{ relation: 'CASE_MANAGER' as const, grantee: '' }],
        [{ relation: 'JURISDICTION' as const, grantee: 'LEA:' }],
        [{ relation: 'GRANT' as const, grantee: 'AGENCY:%' }],
      ]) {
        const { data, errors } = await doors.call(subgraph, { ...full, grants }, query);
        expect(errors).toBeUndefined();
        const [page] = Object.values(data) as { totalCount: number; nodes: unknown[] }[];
        expect([grants, page]).toEqual([grants, { totalCount: 0, nodes: [] }]);
      }
    });

    test('A-58 nor by any look-up, count or summary', async () => {
      const none: Principal = { ...(await doors.principalOf('district.manteca')), grants: [] };
      const count = await doors.call(
        'reporting',
        none,
        '{ childCount(on: "2026-10-07", groupBy: [DISABILITY]) { total rows { count } } }',
      );
      expect(count.data?.childCount?.total ?? 0).toBe(0);
      const looks: [SubgraphName, string, string][] = [
        ['students', 'student(id: $id) { id }', foreign.studentId],
        ['iep', 'iep(id: $id) { id }', foreign.iepId],
      ];
      for (const [subgraph, look, id] of looks) {
        const { data } = await doors.call(subgraph, none, `query($id: ID!) { ${look} }`, { id });
        expect(Object.values(data)).toEqual([null]);
      }
      const write = await doors.call(
        'students',
        none,
        'mutation($i: AddGuardianInput!) { addGuardian(input: $i) { errors { code } } }',
        {
          i: { studentId: foreign.studentId, firstName: 'No', lastName: 'Scope', relationship: 'OTHER' },
        },
      );
      expect(write.errors?.map(({ extensions }) => extensions?.code)).toEqual(['NOT_FOUND']);
    });
  });

  describe('A-59 filters that say OR', () => {
    const SELECTIONS: Record<string, string> = {
      ...{ students: 'nodes { id }', searchStudents: 'nodes { id }', ieps: 'nodes { id }', requests: 'nodes { id }' },
      ...{
        studentWorklist: 'nodes { student { id } }',
        providers: 'nodes { id }',
        accounts: 'nodes { id }',
        partnerGrants: 'nodes { id }',
        studentAccessGrants: 'nodes { id }',
      },
    };
    /** What a search by text finds of itself is compared with the whole list that it searches. */
    const WHOLE: Record<string, string> = { searchStudents: 'students' };
    const lists = queries.filter(({ name }) => SELECTIONS[name]);
    /** An empty list would ask for nothing at all. */
    const withoutEmptyLists = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const kept = Object.entries(value).filter(([, each]) => !Array.isArray(each) || each.length > 0);
      return Object.fromEntries(kept.map(([name, each]) => [name, withoutEmptyLists(each)]));
    };
    const wide = (field: (typeof queries)[number], over: (leaf: Leaf) => unknown): Record<string, unknown> => {
      const variables = variablesOf(field, (leaf) => {
        const given = over(leaf);
        if (given !== undefined) return given;
        if (leaf.name === 'first') return 100;
        if (leaf.name === 'includeInactive') return true;
        return leaf.required && leaf.type === 'String' ? 'a' : undefined;
      });
      return withoutEmptyLists(variables) as Record<string, unknown>;
    };
    const ask = async (who: string, field: (typeof queries)[number], variables: Record<string, unknown>) => {
      const query = operationOf('query', field).replace('{ __typename }', `{ totalCount ${SELECTIONS[field.name]} }`);
      const answer = await system.ask(who, query, variables);
      const page = answer.data?.[field.name] as { totalCount: number; nodes: unknown[] } | undefined;
      return { codes: codesOf(answer), page };
    };
    const textsOf = (page: { nodes: unknown[] } | undefined): string[] =>
      (page?.nodes ?? []).map((node) => JSON.stringify(node));

    test('A-59 every list that filters is tried', () => {
      const filtering = queries.filter(
        ({ type, args }) =>
          /Connection/.test(String(type)) && args.some(({ name }) => !['first', 'after'].includes(name)),
      );
      expect(filtering.map(({ name }) => name).filter((name) => !SELECTIONS[name])).toEqual([
        'disclosures',
        'organizations',
      ]);
    });

    test.each(
      ['teacher.ripon', 'school.ripon', 'district.ripon', 'writer.acadia', 'selpa.lodi'].flatMap((who) =>
        lists.map((field) => [who, field.name, field] as const),
      ),
    )(
      'A-59 %s %s: no value of any filter finds a row that the list without it does not hold',
      async (who, name, field) => {
        const base = lists.find((one) => one.name === (WHOLE[name] ?? name))!;
        const all = await ask(
          who,
          base,
          wide(base, () => undefined),
        );
        if (!all.page) return expect(all.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
        if (/^(students|searchStudents|studentWorklist|ieps)$/.test(name))
          expect(all.page.totalCount).toBeGreaterThan(0);
        const known = new Set(textsOf(all.page));
        // Beyond one page the whole list is compared by its count alone.
        const isWhole = all.page.totalCount <= 100;
        const [there] = await facts.rows<Record<string, string>>(
          'SELECT s.last_name AS lastName, s.first_name AS firstName, s.date_of_birth AS born, j.local_id AS localId FROM student s LEFT JOIN jurisdiction j ON j.open_of = s.id WHERE s.id = ?',
          [foreign.studentId],
        );
        const texts = [
          ...[
            foreign.stateId,
            there!.lastName!,
            `${there!.lastName}, ${there!.firstName}`,
            there!.localId ?? 'x',
            '',
            '%',
            '_',
            '%%',
            '!%',
            '\\',
            '*',
            '.*',
          ],
          ...[
            "' OR '1'='1",
            '" OR "1"="1',
            "') OR 1=1 -- ",
            '1 OR 1=1',
            'a OR b',
            `${there!.lastName} OR a`,
            'a,b',
            ',',
            ', ',
            '/* scope:system:x */',
          ],
        ];
        const ids = [
          ...Object.values(foreign).filter(Boolean),
          MANTECA.leaId,
          MANTECA.schoolId,
          LODI.leaId,
          'selpa-lodi-area',
          'state-ca',
          '%',
          "' OR '1'='1",
          '',
        ];
        const valuesFor = ({ type, values, inList, name: leaf }: Leaf): unknown[] => {
          if (['first', 'after', 'includeInactive'].includes(leaf)) return [];
          if (values) return values as unknown[];
          if (type === 'String') return inList ? ['AUT', 'SLD', '%', "' OR '1'='1", ...['04', '']] : texts;
          if (type === 'ID') return ids;
          if (type === 'Date') return ['1900-01-01', '2199-12-31', there!.born];
          return type === 'Boolean' ? [true, false] : [];
        };
        const leaves = leavesOf(field).filter((leaf) => valuesFor(leaf).length > 0);
        const attempts = leaves.flatMap((leaf) =>
          valuesFor(leaf).map((value) => wide(field, ({ path }) => (path === leaf.path ? value : undefined))),
        );
        // Two at a time, of which one is somebody else's: what is OR-ed shows.
        for (const [i, leaf] of leaves.entries())
          for (const other of leaves.slice(i + 1)) {
            const [value, second] = [valuesFor(leaf)[0], valuesFor(other).at(-1)];
            attempts.push(
              wide(field, ({ path }) => (path === leaf.path ? value : path === other.path ? second : undefined)),
            );
          }
        let answered = 0;
        for (let start = 0; start < attempts.length; start += 8)
          await Promise.all(
            attempts.slice(start, start + 8).map(async (variables) => {
              const { page, codes } = await ask(who, field, variables);
              if (!page)
                return expect(['BAD_USER_INPUT', 'UNAUTHORIZED_FIELD_OR_TYPE']).toEqual(expect.arrayContaining(codes));
              answered += 1;
              const beyond = isWhole ? textsOf(page).filter((text) => !known.has(text)) : [];
              expect([variables, beyond, page.totalCount <= all.page!.totalCount]).toEqual([variables, [], true]);
              return undefined;
            }),
          );
        if (leaves.length > 0 && getNamedType(field.type)) expect(answered).toBeGreaterThan(0);
      },
    );
  });
});
