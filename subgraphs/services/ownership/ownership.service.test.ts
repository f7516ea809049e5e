import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Principal } from '../../../platform/principal/principal';
import { type AccessRow, AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';

const TEACHER = { grantee: 'STAFF:acct-teacher-ripon', relation: 'CASE_MANAGER', leaId: 'ripon' } as const;

describe.each(databaseUrls())('SER-101 who changes services and providers, on %s', (_engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
  });
  afterAll(() => graph?.database.close());
  const open = (row: AccessRow) => graph.write((session) => session.get(AccessWriter).open(row));
  const add = (username: string, studentId: string, startDate = TODAY, over: Partial<Principal> = {}) => {
    const terms = { code: '415', frequency: 'WEEKLY', minutes: 60, delivery: 'INDIVIDUAL', recipient: 'STUDENT' };
    return graph.mutate(username, 'addService', { ...terms, studentId, startDate }, 'service { id }', over);
  };
  /** What is refused after the caller's rights names the owner and its first day: whoever has no right must not get there. */
  const probe = (username: string, studentId: string, over: Partial<Principal> = {}) =>
    add(username, studentId, '2020-01-01', over);

  test('a case manager of another LEA changes nothing for the owner', async () => {
    await graph.student('attends', 'manteca');
    await open({ studentId: 'attends', ...TEACHER, validFrom: '2025-08-01' });
    expect(await add('teacher.ripon', 'attends')).toMatchObject({ service: null, errors: [{ code: 'SER-101' }] });
    expect(await add('district.manteca', 'attends')).toMatchObject({ errors: [] });
  });

  test('A-61 an LEA that only reads changes nothing, though it owns the student under another perspective', async () => {
    await graph.student('resident', 'ripon');
    await open({
      studentId: 'resident',
      grantee: 'LEA:ripon',
      relation: 'RESIDENCE',
      leaId: 'ripon',
      validFrom: '2025-07-01',
    });
    expect(await add('residence.ripon', 'resident')).toMatchObject({ service: null, errors: [{ code: 'SER-101' }] });
  });

  test('A-61 the rights of another perspective are none', async () => {
    await graph.student('owned', 'ripon');
    const unknown = await probe('residence.ripon', 'nobody');
    expect(unknown.failed).toBe('NOT_FOUND');
    expect(await probe('residence.ripon', 'owned')).toEqual(unknown);
    await open({ studentId: 'owned', ...TEACHER, validFrom: '2025-08-01' });
    const { grantee, relation } = TEACHER;
    const elsewhere = { grants: [{ grantee, relation, exceptLeas: ['ripon'] }] };
    expect(await probe('teacher.ripon', 'owned', elsewhere)).toEqual(unknown);
    expect((await probe('teacher.ripon', 'owned')).errors).toMatchObject([{ code: 'SER-101', path: ['startDate'] }]);
  });

  test('A-54 a right that was taken away, and one to come, are none', async () => {
    const unknown = await probe('teacher.ripon', 'nobody');
    await graph.student('taken', 'ripon');
    await open({ studentId: 'taken', ...TEACHER, validFrom: '2025-08-01' });
    await graph.write((session) => session.get(AccessWriter).revoke({ studentId: 'taken', ...TEACHER }));
    await graph.student('coming', 'ripon');
    await open({ studentId: 'coming', ...TEACHER, validFrom: '2026-02-11' });
    expect(await probe('teacher.ripon', 'taken')).toEqual(unknown);
    expect(await probe('teacher.ripon', 'coming')).toEqual(unknown);
  });

  test('A-55 the SELPA of a former owner changes nothing of a student who moved on', async () => {
    await graph.student('moved', 'lodi');
    await open({
      studentId: 'moved',
      grantee: 'SELPA:selpa',
      relation: 'JURISDICTION',
      leaId: 'ripon',
      validFrom: '2024-07-01',
      validTo: '2025-06-30',
    });
    expect(await add('selpa.sanjoaquin', 'moved')).toMatchObject({ service: null, errors: [{ code: 'SER-101' }] });
  });

  test('V-045 a student whom another LEA takes over on a coming day gets no service, and it is said whom to ask', async () => {
    await graph.student('leaving', 'ripon');
    await graph.write((session) => graph.claim(session, 'leaving', 'ripon', 'manteca', '2026-02-20'));
    expect(await add('district.ripon', 'leaving')).toMatchObject({
      service: null,
      errors: [{ code: 'V-045', message: expect.stringMatching(/after 2026-02-19.*Manteca Unified/) }],
    });
  });

  describe('names in the results of a bulk update', () => {
    const handOver = (studentIds: string[], over: Partial<Principal> = {}) =>
      graph.mutate(
        'district.ripon',
        'reassignProviders',
        { fromProviderId: 'prov-teacher-ripon', toProviderId: 'prov-provider-ripon', studentIds },
        'results { studentId }',
        over,
      );
    const message = (name: string) => `${name} was not reassigned: The old provider does not serve this student.`;

    test('34 CFR 99.32 are recorded, of the students in scope', async () => {
      await graph.student('named', 'ripon');
      await graph.student('foreign', 'manteca');
      const { errors } = await handOver(['named', 'foreign']);
      expect(errors[0].message).toBe(message('Ana of named'));
      expect(graph.disclosed.at(-1)!['student.demographics']).toEqual(['named']);
    });

    test('V-063 are told to whoever may read them', async () => {
      await graph.student('nameless', 'ripon');
      const over = { capabilities: ['student:read', 'assignment:write', 'caseload:supervise'] };
      const { errors } = await handOver(['nameless'], over);
      expect(errors[0].message).toBe(message('nameless'));
    });
  });
});
