import * as fc from 'fast-check';
import { systemClock } from '../../platform/clock';
import { callerInDatabase, explainAccess } from '../../scripts/explain/explain-access';
import { INITIAL_ACCOUNTS } from '../../subgraphs/students';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { daysFromToday } from './case-work';
import { EXPLAIN, ExplainedAccess } from './explained-access';
import { Facts } from './facts';
import { byTable, GUARDIANS, PAGE, ROUNDS, STAFF_ID, STATEMENT } from './page-of-students';
import { bytesFor, post } from './raw-answer';

const RIPON = 'ca-39686500000000';
const MANTECA = 'ca-39685930000000';
const SCHOOL = 'ca-39686506042477';

const pathsOf = ({ errors = [] }: GraphqlAnswer): string[] => errors.map(({ path = [] }) => path.join('.')).sort();
const codesOf = ({ errors = [] }: GraphqlAnswer): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

describe.each(databaseUrls())('issue 2, acceptance 2: who sees what, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let facts: Facts;
  beforeAll(async () => {
    // Without event consumers: what a caller may see never waits for an event.
    system = await bootSystem(makeUrl, { consume: false });
    facts = new Facts(system);
  });
  afterAll(() => system?.stop());

  /** All pages of a caller. */
  async function everything(who: string, headers: Record<string, string> = {}): Promise<any[]> {
    const nodes: any[] = [];
    for (let after: string | null = null; ;) {
      const { data } = await system.ask(who, PAGE, { first: 100, after }, headers);
      nodes.push(...data.students.nodes);
      if (!data.students.pageInfo.hasNextPage) return nodes;
      after = data.students.pageInfo.endCursor;
    }
  }

  const callers: [who: string, what: string, where: string, expected: () => Promise<string[]>, denied: string[]][] = [
    ['district.ripon', 'only Ripon Unified (SEIS-06)', RIPON, () => facts.studentsOfLea(RIPON), []],
    [
      'teacher.ripon',
      'only the own caseload (SEIS-14)',
      RIPON,
      () => facts.studentsAssigned('acct-teacher-ripon', 'CASE_MANAGER', RIPON),
      [STAFF_ID],
    ],
    [
      'provider.ripon',
      'only assigned students (SEIS-25, SEIS-42)',
      RIPON,
      () => facts.studentsAssigned('acct-provider-ripon', 'PROVIDER', RIPON),
      [STAFF_ID],
    ],
    ['school.ripon', 'only one school', RIPON, () => facts.studentsOfSchool(SCHOOL), [STAFF_ID]],
    [
      'selpa.sanjoaquin',
      'only the LEAs of San Joaquin County SELPA (SEIS-01)',
      'selpa',
      () => facts.studentsBelowSelpa('selpa-san-joaquin-county'),
      [STAFF_ID],
    ],
    ['state.ca', 'only California', 'state-ca', () => facts.studentsOfState('CA'), [STATEMENT, GUARDIANS, STAFF_ID]],
    [
      'monitor.ca',
      'only the students granted one by one (SIRAS-25)',
      'state-ca',
      () => facts.studentsGranted('acct-monitor-ca'),
      [STAFF_ID],
    ],
    ['writer.acadia', 'only Acadia Parish in Louisiana', 'la-001', () => facts.studentsOfLea('la-001'), []],
  ];

  test.each(callers)(
    'A2 %s sees %s: right rows, one statement per batch, the documented errors',
    async (who, _, where, expected, denied) => {
      await system.ask(who, '{ viewer { level } }'); // signed in, Principal loaded
      const { result, sql } = await system.statements(() => system.ask(who, PAGE, { first: 100 }));
      expect(result.status).toBe(200);
      expect(pathsOf(result)).toEqual([...denied].sort());
      expect(codesOf(result)).toEqual(denied.length ? ['UNAUTHORIZED_FIELD_OR_TYPE'] : []);

      const { principal_epoch: epochChecks = 0, ...rounds } = byTable(sql);
      const { guardian, ...others } = ROUNDS;
      // What is denied is not fetched. After a batch that found nothing, outdated rights are told from an empty answer.
      expect(rounds).toEqual(denied.includes(GUARDIANS) ? others : { guardian, ...others });
      expect(epochChecks).toBeLessThanOrEqual(1);

      const students = await everything(who);
      const ids = await expected();
      expect(ids.length).toBeGreaterThan(3);
      expect(students.map(({ id }) => id).sort()).toEqual(ids);
      expect(result.data.students.totalCount).toBe(ids.length);
      const records = await facts.records(ids, where);
      for (const { id, jurisdiction, currentIep, services, guardians, dueDates } of students) {
        const record = records.get(id)!;
        const seen = {
          jurisdiction: jurisdiction && [jurisdiction.id, jurisdiction.lea.id, jurisdiction.school.id],
          currentIep: currentIep?.id ?? null,
          goals: (currentIep?.goals ?? []).map((goal: { id: string }) => goal.id).sort(),
          services: services.map((each: any) => `${each.id} by ${each.provider?.id ?? null}`).sort(),
          guardians: denied.includes(GUARDIANS) ? record.guardians : guardians.map((each: any) => each.lastName).sort(),
          annualDue: dueDates.find((due: any) => due.kind === 'ANNUAL_REVIEW')?.dueOn ?? null,
        };
        expect({ id, ...seen }).toEqual({ id, ...record });
        if (denied.includes(GUARDIANS)) expect(guardians).toBeNull();
        if (denied.includes(STATEMENT)) for (const goal of currentIep?.goals ?? []) expect(goal.statement).toBeNull();
      }
    },
  );

  test('A2 the rows of the initial data tell callers apart: neither Lodi nor Stockton is San Joaquin County', async () => {
    const names = async (who: string): Promise<Set<string>> =>
      new Set((await everything(who)).flatMap(({ jurisdiction }) => jurisdiction?.lea.name ?? []));
    const county = await names('selpa.sanjoaquin');
    expect(county.has('Ripon Unified') && county.has('Manteca Unified')).toBe(true);
    expect([...county].filter((name) => /Lodi|Stockton|Acadia|NYC/.test(name))).toEqual([]);
    expect(await names('district.ripon')).toEqual(new Set(['Ripon Unified']));
    const california = await names('state.ca');
    expect(california.has('Lodi Unified') && california.has('Stockton Unified')).toBe(true);
    expect([...california].filter((name) => /Acadia|NYC/.test(name))).toEqual([]);
  });

  test('A2 a page of 100 costs what a page of 5 costs', async () => {
    const rounds = async (first: number): Promise<Record<string, number>> =>
      byTable((await system.statements(() => system.ask('selpa.sanjoaquin', PAGE, { first }))).sql);
    const [small, large] = [await rounds(5), await rounds(100)];
    delete small.principal_epoch;
    delete large.principal_epoch;
    expect(large).toEqual(small);
  });

  test('22 A2 for a partner the query is rejected whole and nothing is fetched; a query of its own fields answers its four students', async () => {
    await system.ask('regional-center', '{ viewer { level } }');
    const { result, sql } = await system.statements(() => system.ask('regional-center', PAGE, { first: 100 }));
    expect(result.data).toBeNull();
    expect(codesOf(result)).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
    const denied = ['currentIep', 'dueDates', 'guardians', 'services.@.provider'].map(
      (path) => `students.nodes.@.${path}`,
    );
    expect(pathsOf(result)).toEqual(denied);
    expect(byTable(sql)).toEqual({});

    const own =
      '{ students(first: 100) { totalCount nodes { id lastName dateOfBirth jurisdiction { lea { id } } services { id code state } } } }';
    const answer = await system.statements(() => system.ask('regional-center', own));
    expect(answer.result.errors).toBeUndefined();
    const { nodes, totalCount } = answer.result.data.students;
    // The initial data grants the first four students of Ripon whose plan is in force.
    const granted = [1, 2, 3, 4].map((number) => `stu-ripon-current-${number}`);
    expect(nodes.map(({ id }: { id: string }) => id).sort()).toEqual(granted);
    expect(totalCount).toBe(4);
    const records = await facts.records(granted, RIPON);
    for (const { id, lastName, jurisdiction, services } of nodes) {
      expect([lastName, jurisdiction.lea.id]).toEqual([expect.any(String), RIPON]);
      expect(services.map((service: { id: string }) => service.id).sort()).toEqual(
        records.get(id)!.services.map((text) => text.split(' by ')[0]),
      );
    }
    expect(byTable(answer.sql)).toEqual({ student: 2, jurisdiction: 1, organization: 1, student_service: 1 });
  });

  describe('A-41 what is out of scope is as if it did not exist', () => {
    const byId: [root: string, key: 'studentId' | 'iepId' | 'stateId' | 'serviceId', who: string][] = [
      [
        'student(id: $id) { id stateId lastName status currentIep { id } services { id } dueDates { kind } }',
        'studentId',
        'teacher.ripon',
      ],
      ['student(id: $id) { id stateId lastName jurisdictions { id } guardians { id } }', 'studentId', 'district.ripon'],
      ['student(id: $id) { id lastName }', 'studentId', 'regional-center'],
      ['studentByStateId(stateId: $id) { id lastName hasOpenServices }', 'stateId', 'teacher.ripon'],
      ['searchStudents(text: $id) { totalCount nodes { id } }', 'stateId', 'district.ripon'],
      ['iep(id: $id) { id state student { id } goals { id } document { fileName } }', 'iepId', 'district.ripon'],
      ['ieps(filter: { studentId: $id }) { totalCount nodes { id } }', 'studentId', 'teacher.ripon'],
      ['students(filter: { stateId: $id, includeInactive: true }) { totalCount nodes { id } }', 'stateId', 'state.ca'],
    ];
    test.each(byId)('A-41 %s', async (root, key, who) => {
      const type = /stateId: \$id|text: \$id/.test(root) ? 'String!' : 'ID!';
      const query = `query One($id: ${type}) { ${root} }`;
      // For the state of California, somebody of Louisiana is out of scope.
      const foreign = await facts.someone(who === 'state.ca' ? 'la-001' : MANTECA);
      const nobody = foreign[key]!.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
        .replace(/^70/, '79')
        .replace(/^(stu|iep)-/, '$1-no-');
      const [seen, absent] = [
        await bytesFor(system, who, query, { id: foreign[key] }),
        await bytesFor(system, who, query, { id: nobody }),
      ];
      expect(seen).toBe(absent);
      expect(seen).toMatch(/^200 /);
      expect(seen).not.toContain('errors');
    });

    test.each([
      ['providers', 'provider(id: $id) { id displayName }', 'prov-teacher-manteca'],
      ['accounts', 'account(id: $id) { id displayName }', 'acct-teacher-manteca'],
      ['report runs', 'reportRun(id: $id) { id state }', 'run-of-somebody'],
    ])('A-41 %s of another district', async (_, root, id) => {
      const query = `query One($id: ID!) { ${root} }`;
      expect(await bytesFor(system, 'district.ripon', query, { id })).toBe(
        await bytesFor(system, 'district.ripon', query, { id: `${id}-not` }),
      );
    });

    test('A-41 a write on a foreign student answers what a write on nobody answers', async () => {
      const foreign = await facts.someone(MANTECA);
      const write =
        'mutation Write($id: ID!) { startIep(input: { studentId: $id, kind: ANNUAL }) { errors { code message path } iep { id } } }';
      const before = await facts.rows('SELECT COUNT(*) AS n FROM iep');
      const seen = await bytesFor(system, 'teacher.ripon', write, { id: foreign.studentId });
      expect(seen).toBe(await bytesFor(system, 'teacher.ripon', write, { id: 'stu-nobody' }));
      expect(seen).toContain('NOT_FOUND');
      expect(await facts.rows('SELECT COUNT(*) AS n FROM iep')).toEqual(before);
    });
  });

  describe('A-42 cursors', () => {
    const LIST =
      'query List($after: String) { students(first: 3, after: $after) { pageInfo { endCursor } nodes { id } } }';
    const cursorOf = async (who: string, headers = {}): Promise<string> =>
      (await system.ask(who, LIST, {}, headers)).data.students.pageInfo.endCursor;

    test('a page tells the cursors of its first and of its last row', async () => {
      const PAGE_OF_3 = '{ students(first: 3) { edges { cursor } pageInfo { startCursor endCursor } } }';
      const { edges, pageInfo } = (await system.ask('district.ripon', PAGE_OF_3)).data.students;
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0].cursor, edges[2].cursor]);
    });

    test('A-42 a cursor goes on where it was made', async () => {
      const [first, second] = [
        await system.ask('district.ripon', LIST),
        await system.ask('district.ripon', LIST, { after: await cursorOf('district.ripon') }),
      ];
      expect(second.errors).toBeUndefined();
      const seen = new Set(first.data.students.nodes.map((row: any) => row.id));
      expect(second.data.students.nodes.filter((row: any) => seen.has(row.id))).toEqual([]);
    });

    test.each([
      ['another account of the same district', 'teacher.ripon', LIST],
      ['another district', 'district.manteca', LIST],
      ['a partner', 'regional-center', LIST],
      ['another order', 'district.ripon', LIST.replace('first: 3', 'orderBy: STATE_ID, first: 3')],
      ['another filter', 'district.ripon', LIST.replace('first: 3', 'filter: { gender: "F" }, first: 3')],
      [
        'another connection',
        'district.ripon',
        'query List($after: String) { providers(first: 3, after: $after) { nodes { id } } }',
      ],
      [
        'another connection of students',
        'district.ripon',
        'query List($after: String) { searchStudents(text: "a", first: 3, after: $after) { nodes { id } } }',
      ],
    ])('A-42 is refused to %s', async (_, who, query) => {
      const answer = await system.ask(who, query, { after: await cursorOf('district.ripon') });
      expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors![0]!.message).toBe('This cursor was not made for this caller and this query.');
      expect(answer.data ?? null).toBeNull();
    });

    test('A-42 is refused to another perspective of the same account', async () => {
      const [first, second] = [{ 'x-perspective': 'role-selpa-lodi' }, { 'x-perspective': 'role-selpa-lodi-2' }];
      const cursor = await cursorOf('selpa.lodi', first);
      expect((await system.ask('selpa.lodi', LIST, { after: cursor }, first)).errors).toBeUndefined();
      expect(codesOf(await system.ask('selpa.lodi', LIST, { after: cursor }, second))).toEqual(['BAD_USER_INPUT']);
    });
  });

  describe('A-61 perspectives', () => {
    const VIEWER =
      '{ viewer { level perspective { id } perspectives { id } } students(first: 100) { nodes { jurisdiction { lea { id } } } } }';

    test('A-61 each perspective has its own rows, and there is no union', async () => {
      const { data } = await system.ask('selpa.lodi', VIEWER);
      expect(data.viewer.perspectives.map((each: any) => each.id)).toEqual([
        'role-selpa-lodi',
        'role-selpa-lodi-2',
        'role-selpa-lodi-3',
      ]);
      expect([data.viewer.level, data.viewer.perspective.id]).toEqual(['SELPA', 'role-selpa-lodi']);
      const { data: district } = await system.ask('selpa.lodi', VIEWER, {}, { 'x-perspective': 'role-selpa-lodi-2' });
      expect([district.viewer.level, district.viewer.perspective.id]).toEqual(['DISTRICT', 'role-selpa-lodi-2']);
      const leas = new Set(district.students.nodes.map((node: any) => node.jurisdiction.lea.id));
      expect([...leas]).toEqual(['ca-39686190000000']);
    });

    test('A-61 the perspective of somebody else is refused as one that does not exist, and nothing is fetched', async () => {
      await system.token('teacher.ripon');
      const refused = await system.statements(() =>
        system.ask('teacher.ripon', VIEWER, {}, { 'x-perspective': 'role-district-ripon' }),
      );
      expect(refused.result).toEqual({
        status: 403,
        errors: [expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } })],
      });
      const { student, ...tables } = byTable(refused.sql);
      expect([student, Object.keys(tables).filter((table) => /student|iep|jurisdiction|service/.test(table))]).toEqual([
        undefined,
        [],
      ]);
      for (const perspective of ['role-nobody', 'grant-regional-center', '*', "' OR 1=1", 'x'.repeat(200)])
        expect(await system.ask('teacher.ripon', VIEWER, {}, { 'x-perspective': perspective })).toEqual(refused.result);
    });
  });

  describe('the explanation of access', () => {
    let access: ExplainedAccess;
    beforeAll(async () => {
      access = new ExplainedAccess(system);
      await access.disturb({ yesterday: daysFromToday(-1), tomorrow: daysFromToday(2) });
    });

    test('A-41 a student out of scope and an account out of reach are as if they did not exist', async () => {
      const [own, foreign] = [await facts.someone(RIPON), await facts.someone(MANTECA)];
      const bytes = (id: string, account?: string) =>
        bytesFor(system, 'district.ripon', EXPLAIN, { id, ...(account && { account }) });
      const nothing = await bytes('stu-nobody');
      expect(nothing).toBe('200 {"data":{"explainAccess":null}}\n');
      expect(await bytes(foreign.studentId)).toBe(nothing);
      expect(await bytes(foreign.studentId, 'acct-teacher-ripon')).toBe(nothing);
      expect(await bytes(own.studentId, 'acct-teacher-manteca')).toBe(nothing);
      expect(await bytes(own.studentId, 'acct-nobody')).toBe(nothing);
      const refused = await system.ask('teacher.ripon', EXPLAIN, { id: own.studentId, account: 'acct-teacher-ripon' });
      expect([refused.data, codesOf(refused)]).toEqual([null, ['UNAUTHORIZED_FIELD_OR_TYPE']]);
    });

    test('A-61 of every account and student that a manager asks about, what student(id) answers to that account', async () => {
      const managers = ['district.ripon', 'district.manteca', 'selpa.sanjoaquin', 'selpa.lodi', 'district.acadia'];
      const managed = new Map(
        await Promise.all(managers.map(async (one) => [one, await access.managedBy(one)] as const)),
      );
      const verdicts = new Set<string>();
      const property = fc.asyncProperty(fc.constantFrom(...managers), fc.nat(), fc.nat(), async (manager, a, s) => {
        const { accounts, students } = managed.get(manager)!;
        const [account, id] = [accounts[a % accounts.length]!, students[s % students.length]!];
        const explained = await access.of(manager, id, account.id);
        expect(explained?.length).toBeGreaterThan(0);
        for (const { perspective, open, verdict, rows } of explained!) {
          const seen = await access.seen(account.username, id, { 'x-perspective': perspective.id });
          expect({ open, kept: verdict === 'OWN_PERIOD' }).toEqual({
            open: seen === 'OPEN',
            kept: seen === 'OWN_PERIOD',
          });
          expect([verdict, rows.some(({ state }) => state === 'OPEN')]).toEqual([verdict, open]);
          verdicts.add(verdict);
        }
      });
      await fc.assert(property, { numRuns: 30 });
      expect([...verdicts]).toEqual(expect.arrayContaining(['OPEN', 'NO_ROW']));
    });

    test('A-41 of themselves, accounts and partners are told what student(id) shows them, and of others nothing', async () => {
      const whole = (await facts.rows<{ id: string }>('SELECT id FROM student ORDER BY id')).map(({ id }) => id);
      const who = fc.constantFrom(...INITIAL_ACCOUNTS.map(([username]) => username), 'regional-center');
      const property = fc.asyncProperty(who, fc.constantFrom(...whole), async (name, id) => {
        expect((await access.own(name, id))?.verdict ?? null).toBe(await access.seen(name, id));
      });
      const examples: [string, string][] = whole
        .filter((id) => /closed/.test(id))
        .map((id) => [`district.${id.split('-')[1]}`, id] as [string, string])
        .filter(([name]) => INITIAL_ACCOUNTS.some(([username]) => username === name));
      expect(examples.length).toBeGreaterThan(0);
      await fc.assert(property, { numRuns: 30 + examples.length, examples });
    });

    test('A-41 the command line says the same, in the scope of who asks', async () => {
      const [own, foreign] = [await facts.someone(RIPON), await facts.someone(MANTECA)];
      const opened = { database: system.database, clock: systemClock };
      const say = (as: string, studentId: string, caller?: string) =>
        explainAccess(opened, { as, studentId, caller }).then((text) => text.replaceAll(studentId, 'STUDENT'));
      const { rows } = (await access.own('district.ripon', own.studentId))!;
      const text = await say('district.ripon', own.studentId);
      expect(text).toMatch(
        /^Student STUDENT for district.ripon:\n\nDISTRICT_ADMIN at Ripon Unified {2}\[role-district-ripon]\n/,
      );
      expect(text).toContain(`[${rows[0]!.id}]`);
      expect(await say('teacher.manteca', own.studentId, 'selpa.sanjoaquin')).toContain(
        'no row ties the student to it',
      );
      expect(await say('district.ripon', foreign.studentId)).toBe(await say('district.ripon', 'stu-nobody'));
      for (const as of ['teacher.ripon', 'teacher.manteca'])
        expect(await say(as, foreign.studentId, 'district.ripon')).toBe(await say(as, 'stu-nobody', 'district.ripon'));
      await expect(say('teacher2.ripon', own.studentId, 'district.lodi')).resolves.toMatch(/not told which/);
      await expect(say('teacher2.ripon', own.studentId, 'teacher.ripon')).rejects.toThrow('You manage no accounts.');
      await expect(say('nobody.at.all', own.studentId)).rejects.toThrow('no account or partner client nobody.at.all');
      const partner = await callerInDatabase(opened, 'regional-center');
      expect(partner).toMatchObject({ title: 'regional-center (PARTNER)', caller: { level: 'partner' } });
      expect([...partner.caller.capabilities]).not.toContain('student.contacts:read');
    });
  });

  test('A-22 a perspective that can only read writes nothing', async () => {
    const someone = await facts.someone(RIPON);
    const { result, sql } = await system.statements(() =>
      system.ask(
        'state.ca',
        `mutation { startIep(input: { studentId: "${someone.studentId}", kind: ANNUAL }) { errors { code } } }`,
      ),
    );
    expect([result.data, codesOf(result)]).toEqual([null, ['UNAUTHORIZED_FIELD_OR_TYPE']]);
    expect(sql.filter((statement) => /student|iep/.test(statement))).toEqual([]);
  });

  test('A-34 the principal of a client’s own making changes nothing', async () => {
    const query = JSON.stringify({ query: '{ students(first: 1) { totalCount } }' });
    const own = { authorization: `Bearer ${await system.token('teacher.ripon')}` };
    const plain = await post(system, query, own);
    expect(
      (await post(system, query, { ...own, 'x-principal': 'eyJhbGciOiJub25lIn0.e30.', 'x-iep-principal': 'forged' }))
        .text,
    ).toBe(plain.text);
  });
});
