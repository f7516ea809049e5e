import { databaseUrls } from '../harness/databases';
import { bootSystem, type GraphqlAnswer, type TestSystem } from '../harness/system';

const MANTECA = 'ca-39685930000000';
const codesOf = ({ errors = [] }: GraphqlAnswer): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

describe.each(databaseUrls())('issue 2, acceptance 2: revocation, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  beforeAll(async () => {
    // Without event consumers: what is taken away never waits for an event.
    system = await bootSystem(makeUrl, { consume: false });
  });
  afterAll(() => system?.stop());

  describe('A-60 rights end with the next request, though the token is valid and the Principal was cached', () => {
    const STUDENTS = '{ students(first: 5) { totalCount nodes { id } } }';
    const refused = (answer: GraphqlAnswer): void => {
      expect([answer.data ?? null, codesOf(answer)]).toEqual([null, ['UNAUTHENTICATED']]);
    };
    async function act(who: string, mutation: string, input: object): Promise<any> {
      const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
      const more = mutation === 'grantRole' ? 'roleGrant { id }' : '';
      const answer = await system.ask(
        who,
        `mutation Act($input: ${type}!) { ${mutation}(input: $input) { errors { code message } ${more} } }`,
        { input },
      );
      expect(answer).toMatchObject({ status: 200, data: { [mutation]: { errors: [] } } });
      return answer.data[mutation];
    }

    test('A-56 a student taken off a provider: the row is gone from the next answer, consumers stopped', async () => {
      const before = await system.ask(
        'provider.manteca',
        '{ students(first: 100) { nodes { id services { id state provider { id } } } } }',
      );
      const mine = (node: any): boolean =>
        node.services.every((each: any) => each.state !== 'ACTIVE' || each.provider?.id !== 'prov-provider-manteca');
      const taken = before.data.students.nodes.find(mine) ?? before.data.students.nodes[0];
      const answer = await system.ask(
        'district.manteca',
        'mutation Off($input: RemoveProviderInput!) { removeProvider(input: $input) { errors { code message } } }',
        { input: { studentId: taken.id, providerId: 'prov-provider-manteca' } },
      );
      expect([answer.status, answer.errors]).toEqual([200, undefined]);
      const { data } = await system.ask(
        'provider.manteca',
        `{ student(id: "${taken.id}") { id } students(first: 100) { nodes { id } } }`,
      );
      expect(data.student).toBeNull();
      expect(data.students.nodes.map((node: any) => node.id)).toEqual(
        before.data.students.nodes.map((node: any) => node.id).filter((id: string) => id !== taken.id),
      );
    });

    test('A-60 a role revoked: reads and writes are refused, as if there were no account', async () => {
      expect((await system.ask('provider2.manteca', STUDENTS)).data.students.totalCount).toBeGreaterThan(0);
      await act('district.manteca', 'revokeRole', { roleGrantId: 'role-provider2-manteca' });
      refused(await system.ask('provider2.manteca', STUDENTS));
      refused(await system.ask('provider2.manteca', STUDENTS));
      refused(await system.ask('provider2.manteca', '{ viewer { level } }'));
    });

    /** Also what hangs on no student: directories, lists of staff, counts, the reports. */
    test.each([
      'viewer { subject }',
      'organizations(first: 1) { nodes { name } }',
      `organization(id: "${MANTECA}") { name }`,
      'accounts(first: 1) { nodes { username } }',
      'account(id: "acct-teacher-manteca") { username }',
      'providers(first: 1) { nodes { displayName } }',
      'provider(id: "prov-teacher-manteca") { displayName }',
      'requests(first: 1) { nodes { id } }',
      'partnerGrants(first: 1) { nodes { id } }',
      'myReports(first: 1) { nodes { id } }',
      'reportDefinitions { name }',
      'myCaseload(first: 1) { nodes { id } }',
      'ieps(first: 1) { nodes { id } }',
      'studentWorklist(filter: {}, first: 1) { totalCount nodes { annualDue } }',
      'childCount(on: "2026-10-07", groupBy: [DISABILITY]) { total }',
      'complianceSummary(report: ANNUAL_REVIEW, groupBy: LEA, period: { from: "2026-07-01", to: "2027-06-30" }) { total { total } }',
      'locateStudent(by: { stateId: "7000000011" }) { initials }',
      'searchStudents(text: "a") { totalCount }',
    ])('A-60 a role revoked while cached: %s', async (root) => {
      const role = { accountId: 'acct-provider2-manteca', role: 'DISTRICT_ADMIN', organizationId: MANTECA };
      const { roleGrant } = await act('district.manteca', 'grantRole', role);
      const granted = await system.ask('provider2.manteca', `{ ${root} }`);
      expect([granted.status, granted.errors]).toEqual([200, undefined]);
      await act('district.manteca', 'revokeRole', { roleGrantId: roleGrant.id });
      refused(await system.ask('provider2.manteca', `{ ${root} }`));
    });

    test('A-60 a write under a role that was revoked is not done', async () => {
      const role = { accountId: 'acct-provider2-manteca', role: 'DISTRICT_ADMIN', organizationId: MANTECA };
      const { roleGrant } = await act('district.manteca', 'grantRole', role);
      await system.ask('provider2.manteca', '{ viewer { level } }');
      await act('district.manteca', 'revokeRole', { roleGrantId: roleGrant.id });
      const again = `mutation { grantRole(input: { accountId: "acct-provider2-manteca", role: DISTRICT_ADMIN, organizationId: "${MANTECA}" }) { errors { code } } }`;
      refused(await system.ask('provider2.manteca', again));
      refused(await system.ask('provider2.manteca', STUDENTS));
    });

    test('A-60 one of several roles revoked: its perspective is refused, the others stay', async () => {
      const [lodi, newHope] = [{ 'x-perspective': 'role-selpa-lodi' }, { 'x-perspective': 'role-selpa-lodi-2' }];
      for (const headers of [lodi, newHope])
        expect((await system.ask('selpa.lodi', STUDENTS, {}, headers)).data.students.totalCount).toBeGreaterThan(0);
      await act('selpa.lodi', 'revokeRole', { roleGrantId: 'role-selpa-lodi-2' });
      refused(await system.ask('selpa.lodi', STUDENTS, {}, newHope));
      expect((await system.ask('selpa.lodi', STUDENTS, {}, lodi)).data.students.totalCount).toBeGreaterThan(0);
    });

    test('A-60 an account deactivated', async () => {
      expect((await system.ask('teacher2.manteca', STUDENTS)).data.students.totalCount).toBeGreaterThan(0);
      await act('district.manteca', 'deactivateAccount', { accountId: 'acct-teacher2-manteca' });
      refused(await system.ask('teacher2.manteca', STUDENTS));
      refused(await system.ask('teacher2.manteca', '{ organizations(first: 1) { nodes { id } } }'));
    });

    test('A-60 the partner’s grant revoked', async () => {
      expect((await system.ask('regional-center', STUDENTS)).data.students.totalCount).toBe(4);
      await act('district.ripon', 'revokePartnerGrant', { partnerGrantId: 'grant-regional-center' });
      refused(await system.ask('regional-center', STUDENTS));
      refused(await system.ask('regional-center', '{ childCount(on: "2026-10-07", groupBy: [DISABILITY]) { total } }'));
    });
  });
});
