import type { Principal } from '../../../platform/principal/principal';
import { type AccessRow, AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { PrincipalScope } from '../../../platform/scope/row-scope';
import { Session } from '../../../platform/scope/session';
import { RoleGrantRepository } from '../account/account.repository';
import { DirectorySystem, MANTECA, RIPON, RIPON_SCHOOL } from '../account/directory-system.fixture';
import { initialAccountId } from '../account/initial-accounts';
import type { RoleGrant } from '../account/role-grant.entity';
import { AccessExplanationRepository } from './access-explanation.repository';

const MANTECA_SCHOOL = 'ca-39685933935103';
const LODI = 'ca-39685850000000';
const [TEACHER, TEACHER2, PROVIDER] = ['teacher.ripon', 'teacher2.ripon', 'provider.ripon'].map(initialAccountId);
const QUERY = `query($studentId: ID!, $accountId: ID) { explainAccess(studentId: $studentId, accountId: $accountId) {
  account { displayName }
  perspectives { perspective { id role organization { id } } open verdict on
    rows { state relation granteeKind grantee lea { id } validFrom validTo plannedTo revokedAt } } } }`;

describe.each(databaseUrls())('why a student is open, on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  let district: Principal;
  let studentId: string;

  beforeAll(async () => {
    system = await DirectorySystem.start(makeUrl);
    district = await system.principalOf('district.ripon');
    const identity = { firstName: 'Mia', lastName: 'Alder', dateOfBirth: '2015-01-01', gender: 'F', gradeLevel: '04' };
    const placed = { stateId: '5000000000', schoolId: RIPON_SCHOOL, beginDate: '2025-08-15' };
    const { payload } = await system.act('addStudent', { ...identity, ...placed }, district, 'student { id }');
    studentId = payload.student.id;
  });
  afterAll(() => system?.database.close());

  const ask = (as: Principal, variables: object) => system.call(QUERY, as, { studentId, ...variables });
  const explain = async (as: Principal, variables: object = {}) => (await ask(as, variables)).data.explainAccess;
  const only = async (as: Principal, accountId?: string) => (await explain(as, { accountId })).perspectives[0];
  const open = (row: Pick<AccessRow, 'grantee' | 'relation'> & Partial<AccessRow>) =>
    system.write((session) =>
      session.get(AccessWriter).open({ studentId, leaId: RIPON, validFrom: '2025-09-01', ...row }),
    );
  const caseload = (accountId = TEACHER) => ({ grantee: `STAFF:${accountId}`, relation: 'CASE_MANAGER' as const });
  const statesOf = ({ rows }: { rows: { state: string }[] }) => rows.map(({ state }) => state);
  const changeRole = (id: string, changes: Partial<RoleGrant>) =>
    system.write(async ({ manager }) => void (await manager.update('RoleGrant', id, changes)));

  test('SEIS-06 the own perspective: the row that opens the student, and what it is', async () => {
    const { account, perspectives } = await explain(district);
    expect(account).toEqual({ displayName: 'Owen Fairbanks' });
    expect(perspectives).toEqual([
      {
        perspective: { id: 'role-district-ripon', role: 'DISTRICT_ADMIN', organization: { id: RIPON } },
        ...{ open: true, verdict: 'OPEN', on: '2026-02-10' },
        rows: [
          {
            ...{ state: 'OPEN', relation: 'JURISDICTION', granteeKind: 'ORGANIZATION', grantee: 'Ripon Unified' },
            ...{ lea: { id: RIPON }, validFrom: '2025-08-15', validTo: null, plannedTo: null, revokedAt: null },
          },
        ],
      },
    ]);
    const school = await only(await system.principalOf('school.ripon'));
    expect(school).toMatchObject({ open: true, rows: [{ relation: 'SCHOOL', state: 'OPEN' }] });
  });

  test('SEIS-14 of rows that are not open each says why: not begun, ended, revoked', async () => {
    expect(await only(district, TEACHER)).toMatchObject({ open: false, verdict: 'NO_ROW', rows: [] });
    await open({ ...caseload(), validTo: '2025-12-19' });
    await open({ ...caseload(), validFrom: '2025-12-20' });
    await system.write((session) => session.get(AccessWriter).revoke({ studentId, ...caseload() }));
    // Revoked are all of that account; what follows stands beside.
    expect(await only(district, TEACHER)).toMatchObject({ verdict: 'NO_OPEN_ROW' });
    await open({ ...caseload(), validFrom: '2026-01-05', validTo: '2026-02-09' });
    await open({ ...caseload(), validFrom: '2026-02-11' });
    const closed = await only(district, TEACHER);
    expect(closed).toMatchObject({ open: false, verdict: 'NO_OPEN_ROW' });
    expect(statesOf(closed)).toEqual(['REVOKED', 'REVOKED', 'ENDED', 'NOT_BEGUN']);
    expect(closed.rows[0].revokedAt).toBe('2026-02-10T18:00:00.000Z');
    await open({ ...caseload(), validFrom: '2026-02-10', validTo: '2026-02-10', plannedTo: '2026-06-30' });
    const opened = await only(district, TEACHER);
    expect(opened).toMatchObject({ open: true, verdict: 'OPEN' });
    expect(statesOf(opened)).toEqual(['REVOKED', 'REVOKED', 'ENDED', 'OPEN', 'NOT_BEGUN']);
    expect(opened.rows[3]).toMatchObject({
      ...{ granteeKind: 'CASELOAD', grantee: 'Dana Whitfield', validTo: '2026-02-10', plannedTo: '2026-06-30' },
    });
    expect(await explain(await system.principalOf('teacher.ripon'))).toEqual({
      ...{ account: { displayName: 'Dana Whitfield' }, perspectives: [opened] },
    });
  });

  test('ADR 11 a claim for a coming day is told of to nobody, and one that was withdrawn never', async () => {
    const selpa = await system.principalOf('selpa.sanjoaquin');
    const both = {
      ...selpa,
      grants: [...selpa.grants, { relation: 'JURISDICTION' as const, grantee: `LEA:${MANTECA}` }],
    };
    const before = statesOf(await only(both));
    const claim = { grantee: `LEA:${MANTECA}`, relation: 'JURISDICTION' as const, leaId: MANTECA };
    await open({ ...claim, validFrom: '2026-03-02' });
    expect(statesOf(await only(both))).toEqual(before);
    await system.write((session) => session.get(AccessWriter).revoke({ studentId, ...claim }));
    system.clock.set(new Date('2026-03-02T18:00:00Z'));
    expect(statesOf(await only(both))).toEqual(before);
    system.clock.set(new Date('2026-02-10T18:00:00Z'));
  });

  test('A-60 a role that gives nothing says so, whatever rows are open', async () => {
    await open(caseload(TEACHER2));
    const verdictUnder = async (changes: Partial<RoleGrant>) => {
      await changeRole('role-teacher2-ripon', { validFrom: '2020-07-01', validTo: null, revokedAt: null, ...changes });
      const { open: isOpen, verdict, rows } = await only(district, TEACHER2);
      return [isOpen, verdict, rows.map(({ state }: { state: string }) => state)];
    };
    expect(await verdictUnder({})).toEqual([true, 'OPEN', ['OPEN']]);
    expect(await verdictUnder({ validFrom: '2026-02-11' })).toEqual([false, 'ROLE_NOT_BEGUN', ['OPEN']]);
    expect(await verdictUnder({ validTo: '2026-02-09' })).toEqual([false, 'ROLE_ENDED', ['OPEN']]);
    expect(await verdictUnder({ revokedAt: system.clock.now() })).toEqual([false, 'ROLE_REVOKED', ['OPEN']]);
    expect((await system.load('teacher2.ripon')).code).toBe('NO_PERSPECTIVE');
    await verdictUnder({});
    const activate = (active: boolean) =>
      system.write(async ({ manager }) => void (await manager.update('Account', TEACHER2, { active })));
    await activate(false);
    expect(await verdictUnder({})).toEqual([false, 'ACCOUNT_INACTIVE', ['OPEN']]);
    await activate(true);
  });

  test('A-61 neither a perspective of another organization nor a row that is that one’s is told of', async () => {
    await system.write((session) =>
      session.get(RoleGrantRepository).insert({
        ...{
          id: 'provider-lodi',
          accountId: PROVIDER!,
          role: 'SERVICE_PROVIDER',
          organizationId: LODI,
          relation: null,
        },
        ...{ readOnly: false, isDefault: false, validFrom: '2025-01-01', validTo: null, revokedAt: null },
        ...{ grantedBy: 'test', grantedAt: system.clock.now() },
      }),
    );
    const row = { grantee: `STAFF:${PROVIDER}`, relation: 'PROVIDER' as const };
    await open({ ...row, leaId: LODI });
    const { perspectives } = await explain(district, { accountId: PROVIDER });
    expect(perspectives).toMatchObject([{ perspective: { id: 'role-provider-ripon' }, verdict: 'NO_ROW', rows: [] }]);
    expect(await explain(await system.principalOf('provider.ripon'))).toBeNull();
    // Under the other role the row is open: but to district.ripon, nobody is told.
    expect(await only(await system.principalOf('provider.ripon', 'provider-lodi'))).toMatchObject({ open: true });
  });

  test('A-41 out of scope, out of reach and nonexistent are answered alike, and nothing is recorded', async () => {
    const manteca = await system.principalOf('district.manteca');
    const before = system.audited.length;
    const answers = [
      await ask(manteca, {}),
      await ask(manteca, { studentId: 'nobody' }),
      await ask(manteca, { accountId: initialAccountId('teacher.manteca') }),
      await ask(district, { accountId: initialAccountId('teacher.manteca') }),
      await ask(district, { accountId: 'nobody' }),
      await ask(district, { studentId: 'nobody', accountId: TEACHER }),
    ];
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ status: 200, data: { explainAccess: null } })]),
    );
    expect(system.audited.slice(before).filter((entry) => (entry as { kind: string }).kind === 'disclosure')).toEqual(
      [],
    );
  });

  test('A-41 nothing is read past the scope of whoever asks, though it ended a moment ago', async () => {
    const manteca = await system.principalOf('district.manteca');
    const asked = new PrincipalScope(district, system.clock, 'asked');
    const { engine, read } = system.database;
    const reading = (principal: Principal) =>
      new Session({ manager: read, engine, principal, clock: system.clock })
        .get(AccessExplanationRepository)
        .read(studentId, 'in scope', asked);
    expect(await reading(district)).toMatchObject({ inScope: true });
    expect(await reading(manteca)).toBeNull();
  });

  test('A-23 who manages no accounts asks for none, past the gateway as well', async () => {
    const teacher = await system.principalOf('teacher.ripon');
    for (const accountId of [TEACHER, TEACHER2, 'nobody']) {
      const { data, errors } = await ask(teacher, { accountId });
      expect([data.explainAccess, errors[0].extensions.code]).toEqual([null, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    }
  });

  test('34 CFR 99.32 an explanation is a disclosure of the student', async () => {
    await explain(district, { accountId: TEACHER });
    expect(system.audited.at(-1)).toMatchObject({
      kind: 'disclosure',
      record: { subject: district.subject, disclosed: { 'student.access': [studentId] } },
    });
  });

  test('SIRAS-25 a grant by name, to a monitor and to the client of a partner agency', async () => {
    await open({ grantee: 'AGENCY:grant-regional-center', relation: 'GRANT', validTo: '2026-12-31' });
    const { principal } = await system.partner(['student:read']);
    const partner = await explain(principal);
    expect(partner).toMatchObject({
      account: null,
      perspectives: [
        { perspective: { role: 'PARTNER' }, open: true, rows: [{ granteeKind: 'GRANT', grantee: 'Regional Center' }] },
      ],
    });
    await open({ grantee: `STAFF:${initialAccountId('monitor.ca')}`, relation: 'GRANT', validTo: '2026-03-31' });
    const [row] = (await only(await system.principalOf('monitor.ca'))).rows;
    expect(row).toMatchObject({ granteeKind: 'GRANT', grantee: 'Ingrid Solberg' });
  });

  test('C.3 A-55 a former owner is told of its own row, and no longer of its accounts', async () => {
    const manteca = await system.principalOf('district.manteca');
    const claim = { stateId: '5000000000', schoolId: MANTECA_SCHOOL, beginDate: '2026-02-10' };
    const { payload } = await system.act('claimJurisdiction', claim, manteca, 'student { id }');
    expect(payload.errors).toEqual([]);
    expect(await only(district)).toMatchObject({
      ...{ open: false, verdict: 'OWN_PERIOD' },
      rows: [{ state: 'ENDED', relation: 'JURISDICTION', validTo: '2026-02-09' }],
    });
    // Nor of a row of its own that is newer than its period.
    const later = { grantee: `STAFF:${district.subject}`, relation: 'PROVIDER' as const };
    await open({ ...later, leaId: MANTECA, validFrom: '2026-02-10' });
    await system.write((session) => session.get(AccessWriter).revoke({ studentId, ...later }));
    const both = { ...district, grants: [...district.grants, { relation: later.relation, grantee: later.grantee }] };
    expect(statesOf(await only(both))).toEqual(['ENDED']);
    expect(await explain(district, { accountId: TEACHER })).toBeNull();
    expect(await only(manteca)).toMatchObject({ open: true, rows: [{ state: 'OPEN', grantee: 'Manteca Unified' }] });
    const stale = await system.principalOf('district.ripon');
    await system.write((session) => session.get(RoleGrantRepository).revoke('role-district-ripon'));
    await system.write(async ({ manager }) => {
      await manager.query('UPDATE principal_epoch SET epoch = epoch + 1 WHERE subject = ?', [stale.subject]);
    });
    expect((await ask(stale, {})).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
  });
});
