import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { Facts } from './facts';
import { byTable } from './page-of-students';

const RIPON = 'ca-39686500000000';
const PAGE = `query Page($first: Int!) {
  students(filter: { includeInactive: true }, first: $first) {
    nodes { id stateId findings { rule { id source } severity message fix } dueDates { kind overdue } }
  }
}`;
const NODES = '{ students(first: 3) { nodes { __typename ... on Node { id } caseManager { ... on Node { id } } } } }';
const INTROSPECTION =
  '{ node: __type(name: "Node") { possibleTypes { name } } student: __type(name: "Student") { interfaces { name } } }';

describe.each(databaseUrls())('names of the public API, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let facts: Facts;
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    facts = new Facts(system);
  });
  afterAll(() => system?.stop());

  test('Student.findings: a page of students in one statement per table, whatever its size; late reviews as in dueDates', async () => {
    await system.ask('selpa.sanjoaquin', '{ viewer { level } }');
    const asked = (first: number) => system.statements(() => system.ask('selpa.sanjoaquin', PAGE, { first }));
    const rounds = (sql: string[]) => {
      const { principal_epoch: _, ...tables } = byTable(sql);
      return tables;
    };
    const [small, large] = [await asked(10), await asked(100)];
    expect(rounds(large.sql)).toEqual({
      student: 1,
      pub_student: 1,
      iep: 1,
      evaluation: 1,
      iep_form: 1,
      iep_goal: 1,
      pub_service: 1,
      student_fact: 1,
    });
    expect(Object.values(rounds(small.sql)).every((count) => count === 1)).toBe(true);
    expect(large.result.errors).toBeUndefined();

    const overdue: Record<string, string> = {
      'V-208': 'ANNUAL_REVIEW',
      'V-209': 'TRIENNIAL_REVIEW',
      'V-028': 'OPEN_MEETING',
    };
    const seen = new Set<string>();
    for (const { id, findings, dueDates } of large.result.data.students.nodes) {
      const rules = findings.map((one: any) => one.rule.id);
      for (const [rule, kind] of Object.entries(overdue)) {
        if (rules.includes(rule)) seen.add(rule);
        const isOverdue = dueDates.some((due: any) => due.kind === kind && due.overdue);
        expect([id, rule, rules.includes(rule)]).toEqual([id, rule, isOverdue]);
      }
    }
    expect([...seen].sort()).toContain('V-208');
  });

  test('Student.findings answers for every student in scope; a partner without IEPs is refused whole', async () => {
    const partner = await system.ask('regional-center', '{ students { nodes { id findings { message } } } }');
    expect([partner.data, partner.errors![0]!.extensions.code]).toEqual([null, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    const known = await facts.studentsOfLea(RIPON);
    const { data } = await system.ask(
      'district.ripon',
      '{ students(first: 100) { nodes { id findings { message } } } }',
    );
    expect(data.students.nodes.length).toBeGreaterThan(3);
    for (const { id, findings } of data.students.nodes)
      expect([known.includes(id), Array.isArray(findings)]).toEqual([true, true]);
  });

  test('SER-138 validationRules is open to everybody who signs in', async () => {
    for (const who of ['teacher.ripon', 'writer.acadia', 'regional-center']) {
      const { data } = await system.ask(
        who,
        '{ validationRules(filter: { ids: ["V-045"] }) { id message fix source } }',
      );
      expect(data.validationRules).toEqual([
        {
          id: 'V-045',
          message: 'Another LEA has open services for the student.',
          fix: 'Ask that LEA to close them.',
          source: 'SER-28',
        },
      ]);
    }
  });

  test('Node takes the right to read whatever implements it, and is hidden from who lacks it', async () => {
    const { data, errors } = await system.ask('teacher.ripon', NODES);
    expect(errors).toBeUndefined();
    for (const { __typename, id, caseManager } of data.students.nodes)
      expect([__typename, typeof id, typeof caseManager.id]).toEqual(['Student', 'string', 'string']);
    const visible = await system.ask('teacher.ripon', INTROSPECTION);
    expect(visible.data.node.possibleTypes.map(({ name }: any) => name).sort()).toEqual([
      'Account',
      'CaseloadEntry',
      'Evaluation',
      'Goal',
      'Iep',
      'Jurisdiction',
      'Organization',
      'Perspective',
      'Provider',
      'ReportRun',
      'Service',
      'Student',
    ]);
    expect(visible.data.student.interfaces).toEqual([{ name: 'Node' }]);

    const refused = await system.ask('regional-center', '{ students { nodes { ... on Node { id } } } }');
    expect([refused.data, refused.errors!.map(({ extensions }) => extensions.code)]).toEqual([
      null,
      ['UNAUTHORIZED_FIELD_OR_TYPE'],
    ]);
    const hidden = await system.ask('regional-center', INTROSPECTION);
    expect(hidden.data).toEqual({ node: null, student: { interfaces: [] } });
  });
});
