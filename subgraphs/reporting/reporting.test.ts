import { ageOn } from '../../platform/dates';
import { Dispatcher } from '../../platform/outbox/dispatcher';
import { defineEvent } from '../../platform/outbox/event';
import type { Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { bumpEpoch } from '../../platform/scope/epoch';
import { databaseUrls } from '../../test/harness/databases';
import { rebuildFacts } from './index';
import { partner, principal, ReportingWorld, selpa, teacher, TODAY } from './reporting.fixture';

describe.each(databaseUrls())('reporting on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  const call = (query: string, variables?: object, as?: Principal) => world.call(query, variables, as);
  beforeAll(async () => {
    world = await ReportingWorld.open(makeUrl);
  });
  afterAll(() => world?.database.close());

  test('the schema of the tables shows no drift', async () => {
    const { upQueries } = await world.database.schemaSource.driver.createSchemaBuilder().log();
    expect(upQueries.map((each) => each.query)).toEqual([]);
  });

  describe('due dates', () => {
    test('T-07 T-08 T-14 T-16 SIRAS-75 a student has due dates with rule, days left and overdue, in one statement per batch', async () => {
      const seen: string[] = [];
      const stop = world.database.guard.listen((statement) => seen.push(statement));
      const { data } = await call(
        '{ _entities(representations: [{__typename: "Student", id: "s3"}, {__typename: "Student", id: "s2"}, {__typename: "Student", id: "s6"}]) { ... on Student { id dueDates { kind dueOn overdue daysLeft rule } } } }',
      );
      stop();
      expect(seen.filter((statement) => /\bstudent_fact\b/.test(statement))).toHaveLength(1);
      const [castro, brown, foreign] = data._entities;
      expect(castro.dueDates).toEqual([
        { kind: 'ANNUAL_REVIEW', dueOn: '2026-01-30', overdue: true, daysLeft: -11, rule: 'T-07' },
        { kind: 'OPEN_MEETING', dueOn: '2026-01-30', overdue: true, daysLeft: -11, rule: 'T-16' },
        { kind: 'AFFIRMATION', dueOn: '2026-02-09', overdue: true, daysLeft: -1, rule: 'T-14' },
        { kind: 'TRIENNIAL_REVIEW', dueOn: '2027-05-05', overdue: false, daysLeft: 449, rule: 'T-08' },
      ]);
      expect(brown.dueDates.map((due: { dueOn: string }) => due.dueOn)).toEqual(['2025-12-01', '2026-02-20']);
      expect(foreign.dueDates).toBeNull();
    });
  });

  describe('studentWorklist', () => {
    const list = async (filter: object, as = principal(), orderBy = 'NEXT_DUE') => {
      const answer = await call(
        'query($f: WorklistFilter!, $o: WorklistOrder) { studentWorklist(filter: $f, orderBy: $o) { nodes { student { id } } totalCount } }',
        { f: filter, o: orderBy },
        as,
      );
      expect(answer.errors).toBeUndefined();
      expect(answer.data.studentWorklist.totalCount).toBe(answer.data.studentWorklist.nodes.length);
      return answer.data.studentWorklist.nodes.map((node: { student: { id: string } }) => node.student.id);
    };

    test('lists the own scope only, the most urgent first; hidden students are in no list', async () => {
      expect(await list({})).toEqual(['s2', 's3', 's1', 's4', 's5', 's7']);
      expect(await list({}, teacher)).toEqual(['s2', 's1']);
      expect(await list({}, selpa)).toHaveLength(7);
      expect(await list({}, principal({ grants: [] }))).toEqual([]);
    });

    test('filters and sorts across domains in one statement', async () => {
      const seen: string[] = [];
      const stop = world.database.guard.listen((statement) => seen.push(statement));
      const { data } = await call(
        '{ studentWorklist(filter: { overdue: [ANNUAL_REVIEW] }, orderBy: NAME) { nodes { student { id } annualDue triennialDue overdueKinds openFindings unaffirmed caseManager { id } } } }',
      );
      stop();
      expect(seen).toHaveLength(1);
      expect(data.studentWorklist.nodes).toEqual([
        {
          student: { id: 's1' },
          annualDue: '2026-02-01',
          triennialDue: '2026-03-15',
          overdueKinds: ['ANNUAL_REVIEW'],
          openFindings: 0,
          unaffirmed: false,
          caseManager: { id: 'prov-a' },
        },
        {
          student: { id: 's3' },
          annualDue: '2026-01-30',
          triennialDue: '2027-05-05',
          overdueKinds: ['ANNUAL_REVIEW', 'OPEN_MEETING', 'AFFIRMATION'],
          openFindings: 0,
          unaffirmed: true,
          caseManager: { id: 'prov-b' },
        },
      ]);
    });

    test('SEIS-92 every filter narrows (early warnings by `dueBefore`), and none escapes the scope', async () => {
      expect(await list({ leaId: 'lea-2' })).toEqual([]);
      expect(await list({ leaId: 'lea-2' }, selpa)).toEqual(['s6']);
      expect(await list({ schoolId: 'school-2' })).toEqual(['s4', 's5']);
      expect(await list({ caseManagerId: 'prov-b' })).toEqual(['s3']);
      expect(await list({ status: ['EXITED'] })).toEqual(['s7']);
      expect(await list({ status: [] })).toEqual([]);
      expect(await list({ disability: ['SLI', 'AUT'] })).toEqual(['s1', 's4', 's5']);
      expect(await list({ hasOpenFindings: true })).toEqual(['s2']);
      expect(await list({ unaffirmed: true })).toEqual(['s3']);
      expect(await list({ dueBefore: '2026-02-21', dueKind: 'ANNUAL_REVIEW' })).toEqual(['s2', 's3', 's1']);
      expect(await list({ dueBefore: '2026-01-01' })).toEqual(['s2']);
      expect(await list({ overdue: ['TRIENNIAL_REVIEW', 'AFFIRMATION'] })).toEqual(['s2', 's3']);
    });

    test('SER-12 SER-13 SER-14 finds "first last", "last, first" and the unique id; wildcards are letters', async () => {
      expect(await list({ text: 'ana avila' })).toEqual(['s1']);
      expect(await list({ text: 'Diaz, Eve' })).toEqual(['s5']);
      expect(await list({ text: '90s3' })).toEqual(['s3']);
      expect(await list({ text: 'dia' })).toEqual(['s4', 's5']);
      expect(await list({ text: '%' })).toEqual([]);
      expect(
        (
          await call('query($t: String) { studentWorklist(filter: { text: $t }) { totalCount } }', {
            t: 'x'.repeat(201),
          })
        ).errors[0].extensions.code,
      ).toBe('BAD_USER_INPUT');
    });

    test.each(['NAME', 'ANNUAL_DUE', 'TRIENNIAL_DUE', 'NEXT_DUE', 'OPEN_FINDINGS'])(
      'pages by %s visit every row once',
      async (orderBy) => {
        const seen: string[] = [];
        for (let after: string | null = null; ;) {
          const {
            data,
          }: {
            data: {
              studentWorklist: {
                nodes: { student: { id: string } }[];
                pageInfo: { hasNextPage: boolean; endCursor: string };
              };
            };
          } = await call(
            'query($o: WorklistOrder, $a: String) { studentWorklist(filter: {}, orderBy: $o, first: 2, after: $a) { nodes { student { id } } pageInfo { hasNextPage endCursor } } }',
            { o: orderBy, a: after },
          );
          seen.push(...data.studentWorklist.nodes.map((node) => node.student.id));
          if (!data.studentWorklist.pageInfo.hasNextPage) break;
          after = data.studentWorklist.pageInfo.endCursor;
        }
        expect(seen).toEqual(await list({}, principal(), orderBy));
        expect([...seen].sort()).toEqual(['s1', 's2', 's3', 's4', 's5', 's7']);
      },
    );
  });

  describe('complianceSummary', () => {
    const summary = (variables: object, as = principal()) =>
      call(
        'query($r: ComplianceReport!, $g: GroupBy!, $p: PeriodInput!, $o: ID) { complianceSummary(report: $r, groupBy: $g, period: $p, organizationId: $o) { rows { organization { id } caseManager { id } label inTimeline outOfTimeline total percent } total { label inTimeline outOfTimeline total percent } } }',
        variables,
        as,
      );

    test('R-03 SER-130 annual reviews in and out of timeline by district: overdue is out, due later is in', async () => {
      const { data, errors } = await summary(
        { r: 'ANNUAL_REVIEW', g: 'LEA', p: { from: '2026-01-01', to: '2026-03-31' } },
        selpa,
      );
      expect(errors).toBeUndefined();
      expect(data.complianceSummary).toEqual({
        rows: [
          {
            organization: { id: 'lea-2' },
            caseManager: null,
            label: 'Manteca Unified',
            inTimeline: 1,
            outOfTimeline: 0,
            total: 1,
            percent: 100,
          },
          {
            organization: { id: 'lea-1' },
            caseManager: null,
            label: 'Ripon Unified',
            inTimeline: 3,
            outOfTimeline: 2,
            total: 5,
            percent: 60,
          },
        ],
        total: { label: 'All', inTimeline: 4, outOfTimeline: 2, total: 6, percent: 66.7 },
      });
    });

    test('R-03 a review that was held counts by the day it was due: held on time is in, held later is out', async () => {
      const { data } = await summary({ r: 'ANNUAL_REVIEW', g: 'SCHOOL', p: { from: '2025-01-01', to: '2025-12-31' } });
      expect(data.complianceSummary.rows).toEqual([
        {
          organization: { id: 'school-1' },
          caseManager: null,
          label: 'Weston',
          inTimeline: 2,
          outOfTimeline: 1,
          total: 3,
          percent: 66.7,
        },
      ]);
    });

    test('T-08 triennials by case manager; another organization has none; the scope holds', async () => {
      const period = { from: '2023-01-01', to: '2026-12-31' };
      const { data } = await summary({ r: 'TRIENNIAL_REVIEW', g: 'CASE_MANAGER', p: period });
      expect(data.complianceSummary.rows).toEqual([
        {
          organization: null,
          caseManager: { id: 'prov-a' },
          label: 'Alma Reyes',
          inTimeline: 2,
          outOfTimeline: 1,
          total: 3,
          percent: 66.7,
        },
      ]);
      expect(
        (await summary({ r: 'ANNUAL_REVIEW', g: 'LEA', p: period, o: 'lea-2' })).data.complianceSummary,
      ).toMatchObject({ rows: [], total: { total: 0, percent: 100 } });
      expect(
        (await summary({ r: 'ANNUAL_REVIEW', g: 'LEA', p: { from: '2026-02-01', to: '2026-01-01' } })).errors[0]
          .extensions.code,
      ).toBe('BAD_USER_INPUT');
    });

    test('not for partners, and not without the reports capability', async () => {
      const variables = { r: 'ANNUAL_REVIEW', g: 'LEA', p: { from: '2026-01-01', to: '2026-03-31' } };
      expect(
        (await summary(variables, { ...partner, capabilities: [...partner.capabilities, 'report:read'] })).status,
      ).toBe(403);
      expect((await summary(variables, principal({ capabilities: ['student:read', 'iep:read'] }))).status).toBe(403);
    });
  });

  describe('childCount', () => {
    const count = async (groupBy: string[], as = principal(), more: object = {}) =>
      await call(
        'query($on: Date!, $g: [CountDimension!]!, $o: ID) { childCount(on: $on, groupBy: $g, organizationId: $o) { rows { keys labels count suppressed } total } }',
        { on: '2025-10-01', g: groupBy, ...more },
        as,
      );

    test('SER-145 eligible students with a current IEP, exact for staff', async () => {
      const { data, errors } = await count(['DISABILITY', 'ENVIRONMENT']);
      expect(errors).toBeUndefined();
      expect(data.childCount).toEqual({
        total: 5,
        rows: [
          {
            keys: ['AUT', 'RC80'],
            labels: ['Autism', 'Inside regular class 80% or more of the day'],
            count: 1,
            suppressed: false,
          },
          {
            keys: ['SLD', 'RC39'],
            labels: ['Specific learning disability', 'Inside regular class less than 40% of the day'],
            count: 1,
            suppressed: false,
          },
          {
            keys: ['SLD', 'RC80'],
            labels: ['Specific learning disability', 'Inside regular class 80% or more of the day'],
            count: 1,
            suppressed: false,
          },
          {
            keys: ['SLI', 'RC80'],
            labels: ['Speech or language impairment', 'Inside regular class 80% or more of the day'],
            count: 1,
            suppressed: false,
          },
          {
            keys: ['SLI', 'REC10YSVCS'],
            labels: ['Speech or language impairment', expect.any(String)],
            count: 1,
            suppressed: false,
          },
        ],
      });
    });

    test('R-27 five-year-olds in kindergarten are of school age; the day decides the age', async () => {
      const rows = async (on: string) =>
        (await count(['AGE', 'AGE_BAND', 'AGE_GROUP'], principal(), { on })).data.childCount.rows.map(
          (row: { keys: string[]; count: number }) => [...row.keys, row.count],
        );
      expect(await rows('2025-10-01')).toEqual([
        ['5', 'EARLY_CHILDHOOD', '3_TO_5_EARLY_CHILDHOOD', 1],
        ['5', 'SCHOOL_AGE', '5_TO_11_SCHOOL_AGE', 1],
        ['10', 'SCHOOL_AGE', '5_TO_11_SCHOOL_AGE', 3],
      ]);
      expect((await rows('2025-09-30')).slice(0, 1)).toEqual([['4', 'EARLY_CHILDHOOD', '3_TO_5_EARLY_CHILDHOOD', 2]]);
      expect(await rows('2037-06-14')).toEqual([
        ['16', 'SCHOOL_AGE', '12_TO_17', 2],
        ['21', 'SCHOOL_AGE', '18_TO_21', 3],
      ]);
      expect(await rows('2037-06-15')).toEqual([['16', 'SCHOOL_AGE', '12_TO_17', 2]]);
    });

    test('SER-145 over a random population every cell equals what it was drawn from, across a birthday and age 5', async () => {
      let state = 7;
      const pick = <T>(values: readonly T[]): T => values[(state = (state * 48_271) % 2_147_483_647) % values.length]!;
      const drawn = new Map<string, number>();
      const [students, ieps]: [object[], object[]] = [[], []];
      for (let i = 0; i < 300; i++) {
        const born = `${pick([2003, 2004, 2008, 2013, 2019, 2020, 2021, 2022])}-${pick(['01-31', '09-30', '10-01', '10-02', '12-31'])}`;
        const [grade, disability, environment] = [
          pick(['IN', 'PS', 'TK', 'KN', '03']),
          pick(['AUT', 'SLD', 'SLI']),
          pick(['RC80', 'SS', 'H']),
        ];
        students.push({
          id: `p${i}`,
          state_id: `p${i}`,
          first_name: 'P',
          last_name: 'P',
          date_of_birth: born,
          grade_level: grade,
          status: 'ELIGIBLE_ACTIVE',
          hidden: 0,
        });
        ieps.push({
          id: `p${i}`,
          student_id: `p${i}`,
          state: 'CURRENT',
          kind: 'ANNUAL',
          version: 1,
          primary_disability: disability,
          federal_environment: environment,
        });
        const age = ageOn(born, '2025-10-01');
        if (age < 3 || age > 21) continue;
        const band = age < 5 || (age === 5 && ['IN', 'PS'].includes(grade)) ? 'EARLY_CHILDHOOD' : 'SCHOOL_AGE';
        const cell = [disability, String(age), band, environment].join();
        drawn.set(cell, (drawn.get(cell) ?? 0) + 1);
      }
      await world.insert('pub_student', ...(students as Record<string, unknown>[]));
      await world.insert('pub_iep', ...(ieps as Record<string, unknown>[]));
      const period = { lea_id: 'lea-x', state_org_id: 'state-xx', begin_date: '2020-01-01' };
      const owned = students.map((_, i) => ({ id: `p${i}`, student_id: `p${i}`, ...period }));
      // Whom no LEA has is not served, and does not count.
      const letGo = {
        id: 'p-let-go',
        status: 'ELIGIBLE_ACTIVE',
        hidden: 0,
        date_of_birth: '2013-01-31',
        grade_level: '03',
      };
      await world.insert('pub_student', { ...(students[0] as object), ...letGo, state_id: 'p-let-go' });
      await world.insert('pub_iep', { ...(ieps[0] as object), id: 'p-let-go', student_id: 'p-let-go' });
      await world.insert('pub_jurisdiction', ...owned);
      const ended = { id: 'p-let-go', student_id: 'p-let-go', ...period, end_date: '2020-12-31' };
      await world.insert('pub_jurisdiction', ended);
      await world.write(async (session) => {
        const rows = Array.from({ length: 300 }, (_, i) => ({
          studentId: `p${i}`,
          grantee: 'STATE:state-xx',
          relation: 'JURISDICTION' as const,
          leaId: null,
          validFrom: '2020-01-01',
        }));
        await session.get(AccessWriter).open(...rows, { ...rows[0]!, studentId: 'p-let-go' });
        await bumpEpoch(session, 'acct-x');
      });
      await rebuildFacts(world.database, world.clock);
      const stateAdmin = principal({
        subject: 'acct-x',
        level: 'state',
        readOnly: true,
        grants: [{ relation: 'JURISDICTION', grantee: 'STATE:state-xx' }],
      });
      const { data } = await count(['DISABILITY', 'AGE', 'AGE_BAND', 'ENVIRONMENT'], stateAdmin);
      expect(
        Object.fromEntries(
          data.childCount.rows.map((row: { keys: string[]; count: number }) => [row.keys.join(), row.count]),
        ),
      ).toEqual(Object.fromEntries(drawn));
      expect(data.childCount.total).toBe([...drawn.values()].reduce((sum, each) => sum + each, 0));
      await world.sql("DELETE FROM pub_student WHERE id LIKE 'p%'");
      await world.sql("DELETE FROM student_fact WHERE id LIKE 'p%'");
    });

    test('by district and school with names, narrowed to an organization', async () => {
      const { data } = await count(['LEA', 'SCHOOL'], selpa);
      expect(
        data.childCount.rows.map((row: { labels: string[]; count: number }) => [...row.labels, row.count]),
      ).toEqual([
        ['Ripon Unified', 'Weston', 3],
        ['Ripon Unified', 'Colony Oak', 2],
        ['Manteca Unified', 'Sierra', 1],
      ]);
      expect((await count(['DISABILITY'], selpa, { o: 'lea-2' })).data.childCount).toMatchObject({
        total: 1,
        rows: [{ keys: ['OHI'], count: 1 }],
      });
      expect((await count([], selpa)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect((await count(['LEA', 'LEA'], selpa)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
    });

    test('a partner without IEPs counts lent students, who come and go one by one, by nothing of their IEPs', async () => {
      const from = [{ relation: 'JURISDICTION' as const, grantee: 'LEA:lea-1' }];
      const lent = [{ relation: 'GRANT' as const, grantee: 'AGENCY:g1', lent: { from, until: '2099-12-31' } }];
      const capabilities = partner.capabilities.filter((one) => one !== 'iep:read');
      for (const by of ['DISABILITY', 'ENVIRONMENT'])
        expect((await count(['LEA', by], { ...partner, grants: lent, capabilities })).errors[0].extensions.code).toBe(
          'BAD_USER_INPUT',
        );
      expect((await count(['LEA'], { ...partner, grants: lent, capabilities })).errors).toBeUndefined();
    });

    test('suppressed for a partner and for staff without the reports capability', async () => {
      await world.write(async (session) => {
        const access = session.get(AccessWriter);
        for (const studentId of ['s1', 's2', 's4'])
          await access.open({
            studentId,
            grantee: 'AGENCY:g1',
            relation: 'GRANT',
            leaId: 'lea-1',
            validFrom: '2020-01-01',
          });
      });
      const { data } = await count(['DISABILITY', 'AGE'], partner);
      expect(data.childCount.total).toBeNull();
      expect(data.childCount.rows.length).toBeGreaterThan(0);
      expect(
        data.childCount.rows.every(
          (row: { count: number | null; suppressed: boolean }) => row.count === null && row.suppressed,
        ),
      ).toBe(true);
      expect((await count(['DISABILITY'], partner, { o: 'lea-1' })).data.childCount.total).toBeNull();
      expect((await count(['DISABILITY'], partner, { o: 'lea-2' })).data.childCount).toEqual({ rows: [], total: 0 });
      // Whatever it was granted: no scope makes a partner see exact counts.
      const reader = { ...partner, capabilities: [...partner.capabilities, 'report:read', 'iep:read'] };
      expect((await count(['DISABILITY'], reader)).data.childCount.total).toBeNull();
      const clerk = await count(['DISABILITY'], principal({ capabilities: ['student:read'] }));
      expect(clerk.data.childCount.total).toBeNull();
      // Who may not read an IEP can't count out whose disability it is.
      const registrar = principal({ capabilities: ['student:read', 'student.demographics:read', 'report:read'] });
      expect((await count(['DISABILITY'], registrar)).data.childCount.total).toBeNull();
    });

    test('for whom counts are suppressed, no day but the last count days is counted', async () => {
      for (const on of ['2025-10-02', '2024-10-01', '2026-02-10', '2033-07-01']) {
        const { errors } = await count(['DISABILITY'], partner, { on });
        expect(errors[0]).toMatchObject({
          message: 'Students are counted for you on the last count days: 2025-06-30, 2025-10-01, 2025-12-01.',
          extensions: { code: 'BAD_USER_INPUT' },
        });
      }
      expect((await count(['DISABILITY'], partner, { on: '2025-12-01' })).errors).toBeUndefined();
      expect((await count(['DISABILITY'], principal(), { on: '2033-07-01' })).errors).toBeUndefined();
    });
  });

  describe('the read model', () => {
    const deliver = () => {
      const { database, clock, log, subgraph } = world;
      return new Dispatcher({ database, clock, log, consumer: 'reporting', handlers: subgraph.consumes }).drain();
    };

    test('any event of a student recomputes the row from the published views; a rebuild gives the same rows', async () => {
      const due = async () =>
        (
          await call(
            '{ _entities(representations: [{__typename: "Student", id: "s3"}]) { ... on Student { dueDates { kind dueOn } } } }',
          )
        ).data._entities[0].dueDates;
      await world.sql("UPDATE pub_iep SET state = 'HISTORY' WHERE id = 's3-i0'");
      await world.sql(
        "UPDATE pub_iep SET state = 'CURRENT', affirmed_on = ?, plan_review_date = meeting_date WHERE id = 's3-next'",
        [TODAY],
      );
      expect(await due()).toHaveLength(4);
      await world.write((session) =>
        session.emit(defineEvent('iep.affirmed', ['reporting']), 's3', { iepId: 's3-next' }),
      );
      await deliver();
      expect(await due()).toEqual([
        { kind: 'ANNUAL_REVIEW', dueOn: '2027-02-02' },
        { kind: 'TRIENNIAL_REVIEW', dueOn: '2027-05-05' },
      ]);
      const facts = () => world.read('SELECT * FROM student_fact ORDER BY id');
      const before = await facts();
      const progress: number[] = [];
      expect(await rebuildFacts(world.database, world.clock, (done) => progress.push(done))).toBe(8);
      expect(progress).toEqual([8]);
      expect(await facts()).toEqual(before);
    });

    test('R-03 a review that was held late stays out of timeline after it was affirmed', async () => {
      const { data } = await call(
        '{ complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: { from: "2026-01-30", to: "2026-01-30" }) { total { inTimeline outOfTimeline } } }',
      );
      expect(data.complianceSummary.total).toEqual({ inTimeline: 0, outOfTimeline: 1 });
    });

    test('a student that no longer exists leaves the read model', async () => {
      await world.sql("DELETE FROM pub_student WHERE id = 's8'");
      await world.write((session) => session.emit(defineEvent('student.changed', ['reporting']), 's8', {}));
      await deliver();
      expect(await world.read("SELECT id FROM student_fact WHERE id = 's8'")).toEqual([]);
    });
  });
});
