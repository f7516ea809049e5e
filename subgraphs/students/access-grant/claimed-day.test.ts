import { databaseUrls } from '../../../test/harness/databases';
import { DirectorySystem, RIPON_SCHOOL } from '../account/directory-system.fixture';
import { initialAccountId } from '../account/initial-accounts';

const MANTECA_SCHOOL = 'ca-39685933935103';

describe.each(databaseUrls())('grants between a claim and its first day on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  beforeAll(async () => {
    system = await DirectorySystem.start(makeUrl);
    // What the claim's guards read of the other subgraphs.
    await system.write(async ({ manager }) => {
      const table = (name: string, columns: string) =>
        manager.query(
          `/* scope:system:test */ CREATE TABLE ${name} (id VARCHAR(64), student_id VARCHAR(64), ${columns})`,
        );
      await table('pub_iep', 'held_on DATE, affirmed_on DATE, state VARCHAR(20)');
      await table('pub_evaluation', 'completed_on DATE');
    });
  });
  afterAll(() => system?.database.close());

  test('A-54 C.3 no grant of the owner outlives its period, however late it expires', async () => {
    const ripon = await system.principalOf('district.ripon');
    const student = {
      stateId: '5000000000', firstName: 'Mia', lastName: 'Alder', dateOfBirth: '2015-01-01', gender: 'F', gradeLevel: '04',
      schoolId: RIPON_SCHOOL, beginDate: '2025-08-15',
    }; // prettier-ignore
    const { id } = (await system.act('addStudent', student, ripon, 'student { id }')).payload.student;
    const claim = { stateId: student.stateId, schoolId: MANTECA_SCHOOL, beginDate: '2026-02-20' };
    const claimed = await system.act(
      'claimJurisdiction',
      claim,
      await system.principalOf('district.manteca'),
      'student { id }',
    );
    expect(claimed.payload.errors).toMatchObject([{ code: 'SER-24' }]);

    const monitored = {
      accountId: initialAccountId('monitor.ca'),
      studentIds: [id],
      purpose: 'Overdue',
      expiresOn: '2026-06-30',
    };
    const shared = {
      agencyId: 'agency-regional-center', studentIds: [id], scopes: ['student:read', 'student.demographics:read'], purpose: 'Coordination',
      legalBasis: '34 CFR 99.30', agreement: 'A-1', expiresOn: '2028-12-31', destructionDate: '2029-01-31', clientId: 'second-client',
    }; // prettier-ignore
    expect(
      (await system.act('grantStudentAccess', monitored, ripon, 'studentAccessGrants { id }')).payload.errors,
    ).toEqual([]);
    expect((await system.act('createPartnerGrant', shared, ripon, 'partnerGrant { id }')).payload.errors).toEqual([]);

    const seen = async () => {
      const monitor = await system.principalOf('monitor.ca');
      const { principal: partner } = await system.partner(['student:read', 'student.demographics:read'], {
        subject: 'second-client',
      });
      const answers = await Promise.all(
        [monitor, partner].map((as) => system.call(`{ student(id: "${id}") { lastName } }`, as)),
      );
      return answers.map(({ data }) => data.student?.lastName ?? null);
    };
    expect(await seen()).toEqual(['Alder', 'Alder']);
    system.clock.set(new Date('2026-02-20T18:00:00Z'));
    expect(await seen()).toEqual([null, null]);
  });
});
