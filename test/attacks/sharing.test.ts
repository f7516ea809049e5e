import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';
import { CaseWork } from '../scenarios/case-work';
import { Facts, type Someone } from '../scenarios/facts';
import { byTable } from '../scenarios/page-of-students';
import { bytesFor } from '../scenarios/raw-answer';
import { eventually } from '../scenarios/record';
import { AccessWriter } from '../../platform/scope/access-writer';
import { systemSession } from '../../platform/scope/session';
import { systemClock } from '../../platform/clock';
import { countingCalls } from './call-counter';

const RIPON = 'ca-39686500000000';
const MANTECA = 'ca-39685930000000';
const ONE =
  '{ id stateId lastName guardians { lastName } jurisdiction { id lea { id } } currentIep { id goals { id } } services { id provider { id } } dueDates { kind dueOn } evaluations { id } }';
const codesOf = ({ errors = [] }: GraphqlAnswer): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

describe.each(databaseUrls())('attacks through what is remembered, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;
  let own: Someone;
  let foreign: Someone;
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    work = new CaseWork(system);
    const facts = new Facts(system);
    [own, foreign] = [await facts.someone(RIPON), await facts.someone(MANTECA)];
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
  const idsOf = async (who: string): Promise<string[]> =>
    (
      await system.ask(who, '{ students(filter: { includeInactive: true }, first: 100) { nodes { id } } }')
    ).data.students.nodes.map(({ id }: { id: string }) => id);

  test.each([
    ['more rights first', ['district.ripon', 'state.ca', 'district.ripon']],
    ['fewer rights first', ['state.ca', 'district.ripon', 'state.ca']],
  ])('A-25 one text, different rights, %s: each gets its own, and only its own is read', async (order, callers) => {
    const query = `query Order${order.replace(/\W/g, '')} { student(id: "${own.studentId}") { id guardians { lastName } currentIep { goals { statement } } } }`;
    for (const who of callers) {
      await system.ask(who, '{ viewer { level } }');
      const { result, sql } = await system.statements(() => system.ask(who, query));
      const isDistrict = who === 'district.ripon';
      expect([who, result.data.student.guardians !== null, byTable(sql).guardian ?? 0]).toEqual([
        who,
        isDistrict,
        isDistrict ? 1 : 0,
      ]);
      const statements = result.data.student.currentIep.goals.map(
        (goal: { statement: string | null }) => goal.statement,
      );
      expect(statements.every((text: string | null) => (text !== null) === isDistrict)).toBe(true);
    }
  });

  describe('A-26 a right to one object is none to another', () => {
    test.each([
      ['district.ripon', 'district.manteca'],
      ['teacher.ripon', 'district.ripon'],
      ['school.ripon', 'district.ripon'],
      ['regional-center', 'district.ripon'],
    ])('A-26 of %s, which %s has to another one: in one operation and in the next', async (who, neighbour) => {
      const known = await idsOf(who);
      const [mine, other] = [known[0]!, (await idsOf(neighbour)).find((id) => !known.includes(id))!];
      const selection = who === 'regional-center' ? '{ id lastName services { id } }' : ONE;
      const both = `query($a: ID!, $b: ID!) { a: student(id: $a) ${selection} b: student(id: $b) ${selection} c: student(id: $a) { id } }`;
      const single = `query($id: ID!) { student(id: $id) ${selection} }`;
      const alone = (await system.ask(who, single, { id: mine })).data.student;
      expect(alone.id).toBe(mine);
      for (let round = 0; round < 3; round += 1) {
        const first = await system.ask(who, both, { a: mine, b: other });
        expect(first.data).toEqual({ a: alone, b: null, c: { id: mine } });
        expect((await system.ask(who, both, { a: other, b: mine })).data).toEqual({ a: null, b: alone, c: null });
        expect((await system.ask(who, single, { id: other })).data).toEqual({ student: null });
      }
    });

    test('A-26 a key of idempotency that was taken for one student does nothing for another', async () => {
      const [first, second] = [await facts(0), await facts(1)];
      const input = { firstName: 'Key', lastName: 'Holder', relationship: 'OTHER', idempotencyKey: 'a-26' };
      await work.done('district.ripon', 'addGuardian', { ...input, studentId: first });
      expect(codesOf(await work.attempt('district.ripon', 'addGuardian', { ...input, studentId: second }))).toEqual([
        'CONFLICT',
      ]);
      // Another act under the same key is another act.
      const report = { definitionId: 'none', idempotencyKey: 'a-26' };
      expect(codesOf(await work.attempt('district.ripon', 'runReport', report, 'reportRun { id }'))).toEqual([
        'NOT_FOUND',
      ]);
    });
    const facts = async (at: number): Promise<string> => (await new Facts(system).studentsOfLea(RIPON))[at]!;
  });

  test('A-27 many callers at once, asking the same of the same students: each answer is what that caller gets alone', async () => {
    const callers = [
      'district.ripon',
      'district.manteca',
      'teacher.ripon',
      'provider.ripon',
      'selpa.sanjoaquin',
      'state.ca',
      'writer.acadia',
      'selpa.lodi',
    ];
    const ids = [own.studentId, foreign.studentId];
    const query = `query($a: ID!, $b: ID!) { a: student(id: $a) ${ONE} b: student(id: $b) ${ONE} students(first: 20) { totalCount nodes ${ONE} } }`;
    const variables = { a: ids[0], b: ids[1] };
    const alone = new Map<string, { bytes: string; tables: Record<string, number> }>();
    for (const who of callers) {
      await system.ask(who, '{ viewer { level } }');
      const { result, sql } = await system.statements(() => bytesFor(system, who, query, variables));
      alone.set(who, { bytes: result, tables: byTable(sql) });
    }
    expect(new Set([...alone.values()].map(({ bytes }) => bytes)).size).toBeGreaterThan(5);
    const asking = Array.from({ length: 64 }, (_, i) => callers[(i * 5 + (i >> 3)) % callers.length]!);
    const { result, sql } = await system.statements(() =>
      Promise.all(asking.map((who) => bytesFor(system, who, query, variables))),
    );
    for (const [i, who] of asking.entries()) expect([who, result[i] === alone.get(who)!.bytes]).toEqual([who, true]);
    // A batch that served two callers would leave one of them without a statement of its own. How many more a request needs
    // (its two students and its list meet in one batch or not) is a matter of timing.
    const together = byTable(sql);
    for (const table of ['student', 'guardian', 'iep', 'iep_goal', 'student_service', 'student_fact', 'evaluation']) {
      const reading = asking.filter((who) => alone.get(who)!.tables[table]).length;
      expect([table, together[table]! >= reading ? 'each its own' : [together[table], reading]]).toEqual([
        table,
        'each its own',
      ]);
    }
  });

  describe('A-41 the work for an answer, which is its time', () => {
    const LOOKS: [string, (someone: Someone) => string, string][] = [
      [`student(id: $id) ${ONE}`, ({ studentId }) => studentId, 'ID!'],
      ['iep(id: $id) { id goals { id } document { size } student { id } }', ({ iepId }) => iepId, 'ID!'],
      ['studentByStateId(stateId: $id) { id lastName hasOpenServices }', ({ stateId }) => stateId, 'String!'],
    ];
    test.each(LOOKS)(
      'A-41 %s: a foreign id costs the same statements as an unknown one, and the same work',
      async (root, idOf, type) => {
        const query = `query One($id: ${type}) { ${root} }`;
        const [seen, absent] = [idOf(foreign), 'no-such-id-0000000000'];
        const ask = (id: string) => bytesFor(system, 'district.ripon', query, { id });
        await ask(seen);
        const [one, other] = [await system.statements(() => ask(seen)), await system.statements(() => ask(absent))];
        const own = (sql: string[]): string[] =>
          sql.filter((statement) => !/report_run|BEGIN|COMMIT|outbox/i.test(statement));
        expect(one.result).toBe(other.result);
        expect(own(one.sql)).toEqual(own(other.sql));

        // The delivery of events and the queue of reports look into the database all the time, and at a commit of anybody, within one look
        // or the next: their files don't count, nor what makes their sessions and scopes.
        const files =
          /^(?!.*#.*UnlimitedScope).*(\/(gateway|subgraphs(?!\/reporting\/report\/)|platform\/(scope(?!\/session\b)|subgraph|graphql))\/|node_modules\/(graphql|dataloader)\/)/;
        const calls: [number[], number[]] = [[], []];
        const middle = (counts: number[]): number => counts.sort((a, b) => a - b)[counts.length >> 1]!;
        const apart = (): number => Math.abs(Math.log(middle(calls[0]) / middle(calls[1])));
        await countingCalls(async (count) => {
          for (let i = 0; i < 14 || (i < 64 && apart() >= Math.log(1.05)); i += 1)
            calls[i % 2]!.push((await count(() => ask(i % 2 ? seen : absent))).calls);
        }, files);
        expect(apart()).toBeLessThan(Math.log(1.05));
      },
    );
  });

  describe('A-62 what was stored for a caller', () => {
    test('A-62 the outcome under a key of idempotency: nothing once the student is gone, nothing for anybody else', async () => {
      const teacher = 'teacher.manteca';
      const studentId = (await idsOf(teacher))[0]!;
      const input = {
        studentId,
        firstName: 'Stored',
        lastName: 'Outcome',
        relationship: 'OTHER',
        idempotencyKey: 'a-62',
      };
      const selection = 'guardian { id firstName lastName }';
      const done = await work.done(teacher, 'addGuardian', input, selection);
      expect((await work.done(teacher, 'addGuardian', input, selection)).guardian).toEqual(done.guardian);
      expect(codesOf(await work.attempt('district.ripon', 'addGuardian', input, selection))).toEqual(['NOT_FOUND']);
      const colleague = await work.done('district.manteca', 'addGuardian', input, selection);
      expect(colleague.guardian.id).not.toBe(done.guardian.id);

      await access((writer) => writer.revoke({ studentId, grantee: 'STAFF:acct-teacher-manteca' }));
      const answer = await work.attempt(teacher, 'addGuardian', input, selection);
      expect(JSON.stringify(answer)).not.toMatch(/Stored|Outcome/);
      expect(JSON.stringify(answer)).not.toContain(done.guardian.id);
    });

    test('A-62 a report: its file closes with the first student that leaves, and was never anybody else’s', async () => {
      const RUN = 'reportRun { id }';
      const FILE = 'query($id: ID!) { reportRun(id: $id) { state download(format: CSV) { content } } }';
      const { reportRun } = await work.done('teacher.ripon', 'runReport', { definitionId: 'CASELOAD_ROSTER' }, RUN);
      const download = () => system.ask('teacher.ripon', FILE, { id: reportRun.id });
      const content = await eventually(async () => {
        const { data } = await download();
        if (data?.reportRun?.state !== 'DONE') throw new Error('not yet');
        return data.reportRun.download.content as string;
      }, 20_000);
      expect(Buffer.from(content, 'base64').toString()).toContain('State id');
      for (const who of ['district.ripon', 'teacher2.ripon', 'selpa.sanjoaquin', 'state.ca']) {
        expect((await system.ask(who, FILE, { id: reportRun.id })).data).toEqual({ reportRun: null });
        const { myReports } = await work.see(who, '{ myReports { nodes { id } } }');
        expect(myReports.nodes.map(({ id }: { id: string }) => id)).not.toContain(reportRun.id);
        expect(codesOf(await work.attempt(who, 'deleteReportRun', { id: reportRun.id }))).toEqual(['NOT_FOUND']);
      }
      const [gone] = await idsOf('teacher.ripon');
      await access((writer) => writer.revoke({ studentId: gone!, grantee: 'STAFF:acct-teacher-ripon' }));
      const closed = await download();
      expect([closed.data?.reportRun?.download ?? null, codesOf(closed)]).toEqual([null, ['CONFLICT']]);
    });

    test('A-62 a cursor: the next page is without whom the caller has lost since', async () => {
      const LIST =
        'query($after: String) { students(first: 2, after: $after, orderBy: STATE_ID) { totalCount pageInfo { endCursor } nodes { id } } }';
      const page = async (after: string | null) =>
        (await system.ask('provider.manteca', LIST, { after })).data.students;
      const first = await page(null);
      const second = await page(first.pageInfo.endCursor);
      expect(second.nodes).toHaveLength(2);
      const lost = second.nodes[0].id as string;
      await access((writer) => writer.revoke({ studentId: lost, grantee: 'STAFF:acct-provider-manteca' }));
      const again = await page(first.pageInfo.endCursor);
      expect(again.nodes.map(({ id }: { id: string }) => id)).not.toContain(lost);
      expect([again.nodes[0]?.id ?? null, again.totalCount]).toEqual([second.nodes[1].id, first.totalCount - 1]);
    });
  });
});
