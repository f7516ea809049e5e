import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Principal } from '../../platform/principal/principal';
import { Session } from '../../platform/scope/session';
import { RoleGrantRepository } from '../../subgraphs/students/account/account.repository';
import { DirectorySystem, MANTECA, RIPON } from '../../subgraphs/students/account/directory-system.fixture';
import { initialAccountId } from '../../subgraphs/students/account/initial-accounts';
import type { RoleName } from '../../subgraphs/students/account/roles';
import { JurisdictionService } from '../../subgraphs/students/jurisdiction/jurisdiction.service';
import { PlacementService } from '../../subgraphs/students/jurisdiction/placement';
import { OrganizationRepository } from '../../subgraphs/students/organization/organization.repository';
import { databaseUrls } from '../../test/harness/databases';
import { importOrganizationFile } from './import-organization-file';
import { importOrganizations } from './import-organizations';
import { UnusableFile } from './read-rows';

const HEADER = 'code,name,kind,parentCode,state,contactName,contactPhone,contactEmail';
const csv = (...lines: string[]): Readable => Readable.from([Buffer.from([HEADER, ...lines].join('\n'))]);
const plain = (...lines: string[]): Readable => csv(...lines.map((line) => `${line},,,`));

describe.each(databaseUrls())('import of organizations in our own layout on %s', (_engine, makeUrl) => {
  let system: DirectorySystem;
  beforeAll(async () => void (system = await DirectorySystem.start(makeUrl)));
  afterAll(() => system?.database.close());

  const run = (source: Readable) => importOrganizationFile(system.database, system.clock, source);
  const find = (id: string) => system.write((session) => session.get(OrganizationRepository).findById(id));
  const parentOf = async (id: string) => (await find(id))?.parentId;

  test('an LEA that leaves its SELPA is not lent by it any more, to no partner and not under what was loaded before', async () => {
    const place = (selpa: string) => plain('leaver,Leaver Unified,LEA,' + selpa + ',CA', 'other,Other SELPA,SELPA,,CA');
    await run(place('selpa-lodi-area'));
    const granted = await system.act(
      'createPartnerGrant',
      {
        ...{ agencyId: 'agency-regional-center', organizationIds: ['ca-leaver'], scopes: ['student:read'] },
        ...{ purpose: 'Coordination', legalBasis: '34 CFR 99.30', agreement: 'A-1', clientId: 'lent-to' },
        ...{ expiresOn: '2026-12-31', destructionDate: '2027-01-31' },
      },
      await system.principalOf('selpa.lodi'),
      'partnerGrant { id }',
    );
    expect(granted.payload.errors).toEqual([]);
    const load = async (): Promise<Principal> =>
      (await system.internal('/internal/principal', { issuer: 'embedded', subject: 'lent-to', kind: 'partner' }))
        .principal;
    const before = await load();
    expect(before.grants[0]!.lent?.from).toEqual([{ relation: 'JURISDICTION', grantee: 'LEA:ca-leaver' }]);
    await run(place('other'));
    expect(await parentOf('ca-leaver')).toBe('ca-other');
    expect((await system.call('{ viewer { subject } }', before)).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
    expect((await load()).grants[0]).not.toHaveProperty('lent');
  });

  test('a parent may stand later in the file; contacts; a second run changes nothing', async () => {
    const rows = () =>
      csv(
        'st-anne,Saint Anne School,PRIVATE_SCHOOL,north-lea,CA,,,',
        'north-lea,North Unified,LEA,north-selpa,CA,Special education office,209-555-0100,office@north.example',
        'north-selpa,North SELPA,SELPA,CA,CA,,,',
        'speech,Speech Agency,NPA,north-selpa,CA,,,',
        'day-school,Day School,NPS,,CA,,,',
        'la-agency,Agency of Louisiana,PARTNER_AGENCY,,LA,,,',
        'D77,NYC District 77,LEA,,NY,,,',
      );
    expect(await run(rows())).toEqual({
      rows: 7,
      created: 7,
      changed: 0,
      unchanged: 0,
      studentsPlaced: 0,
      rejected: [],
    });
    expect(await find('ca-north-lea')).toMatchObject({
      kind: 'LEA',
      parentId: 'ca-north-selpa',
      contactEmail: 'office@north.example',
      timeZone: 'America/Los_Angeles',
      searchName: 'north unified',
    });
    expect(await parentOf('ca-north-selpa')).toBe('state-ca');
    expect(await parentOf('ca-st-anne')).toBe('ca-north-lea');
    expect(await parentOf('ca-day-school')).toBe('state-ca');
    expect(await parentOf('la-la-agency')).toBe('state-la');
    // The id that the directory of New York City would give it.
    expect(await find('ny-d77')).toMatchObject({ code: 'D77', timeZone: 'America/New_York' });
    expect(await run(rows())).toMatchObject({ created: 0, changed: 0, unchanged: 7, rejected: [] });
    // An empty field leaves what is known, the SELPA of an LEA too.
    expect(await run(plain('north-lea,North Unified District,LEA,,CA'))).toMatchObject({ changed: 1, rejected: [] });
    expect(await find('ca-north-lea')).toMatchObject({
      name: 'North Unified District',
      parentId: 'ca-north-selpa',
      contactEmail: 'office@north.example',
    });
  });

  test('a bad row is reported with line, column and reason, and stops no other', async () => {
    const report = await run(
      plain(
        'good-1,Good 1,NPA,,CA',
        'x,Unknown kind,DISTRICT,,CA',
        'x,A state,STATE,,CA',
        'x,Unknown state,LEA,,TX',
        'x,Unknown parent,LEA,nowhere,CA',
        'x,Parent of another state,LEA,D01,CA',
        'a,Circle A,LEA,b,CA',
        'b,Circle B,LEA,a,CA',
        'self,Own parent,SELPA,self,CA',
        'y,School below a SELPA,SCHOOL,selpa-lodi-area,CA',
        'z,SELPA below an LEA,SELPA,39686500000000,CA',
        ',No code,NPA,,CA',
        'has space,Bad code,NPA,,CA',
        `${'x'.repeat(41)},Long code,NPA,,CA`,
        `v,${'x'.repeat(201)},NPA,,CA`,
        'good-1,Again,NPA,,CA',
        'w,too,few,fields',
        '39686500000000,Ripon as a school,SCHOOL,39685850000000,CA',
        'child,Of a rejected row,SCHOOL,y,CA',
        'CA,California,LEA,,CA',
        'good-2,Good 2,NPA,selpa-lodi-area,CA',
      ),
    );
    expect(report.rejected.map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [3, 'kind', 'must be SELPA, LEA, SCHOOL, NPS, NPA, PRIVATE_SCHOOL, PARTNER_AGENCY'],
      [4, 'kind', expect.stringContaining('must be SELPA')],
      [5, 'state', 'must be CA, LA, NY'],
      [6, 'parentCode', 'names no organization of CA'],
      [7, 'code', 'repeats line 6'],
      [8, 'parentCode', 'names no organization of CA'],
      [9, 'parentCode', 'names no organization of CA'],
      [10, 'parentCode', 'names the organization itself'],
      [11, 'parentCode', 'SCHOOL stands below LEA, and selpa-lodi-area is SELPA'],
      [12, 'parentCode', 'SELPA stands below STATE, and 39686500000000 is LEA'],
      [13, 'code', 'is empty'],
      [14, 'code', 'may have letters, digits, dots, hyphens and underscores only'],
      [15, 'code', 'has more than 40 characters'],
      [16, 'name', 'has more than 200 characters'],
      [17, 'code', 'repeats line 2'],
      [18, null, 'has 7 fields instead of 8'],
      [19, 'kind', 'can not change: 39686500000000 is LEA'],
      [20, 'parentCode', 'names no organization of CA'],
      [21, 'kind', 'can not change: CA is STATE'],
    ]);
    expect(report).toMatchObject({ rows: 21, created: 2 });
    expect(await find('ca-good-2')).toMatchObject({ parentId: 'selpa-lodi-area' });
    const contacts = await run(
      csv('c1,C 1,NPA,,CA,,,not-an-address', `c2,C 2,NPA,,CA,${'x'.repeat(121)},${'1'.repeat(41)},`),
    );
    expect(contacts.rejected).toEqual([
      { line: 2, column: 'contactEmail', reason: 'is not an e-mail address' },
      { line: 3, column: 'contactName', reason: 'has more than 120 characters' },
      { line: 3, column: 'contactPhone', reason: 'has more than 40 characters' },
    ]);
  });

  test('contact columns may be missing; the others may not, and nothing is written', async () => {
    expect(await run(Readable.from(['code,name,kind,parentCode,state\nshort,Short,NPA,,CA\n']))).toMatchObject({
      created: 1,
    });
    await expect(run(Readable.from(['code,name,kind\nx,X,NPA\n']))).rejects.toThrow(/header lacks parentCode, state/);
    await expect(run(Readable.from(['']))).rejects.toThrow(UnusableFile);
  });

  test('more rows than a chunk, the parents last', async () => {
    const leas = Array.from({ length: 700 }, (_, i) => `many-${i},District ${i},LEA,many,CA`);
    expect(await run(plain(...leas, 'many,Many SELPA,SELPA,,CA'))).toMatchObject({ created: 701, rejected: [] });
    expect(await parentOf('ca-many-0')).toBe('ca-many');
  });

  describe('an LEA comes under its SELPA', () => {
    const LEA = 'ca-99999990000000';
    const SCHOOL = 'ca-99999990000009';
    const SELPA = 'ca-valley';
    const FILE = () => plain('99999990000000,Valley Unified,LEA,valley,CA', 'valley,Valley SELPA,SELPA,,CA');
    /** Students, requests and their SELPA, by whom they are listed for. */
    const listed = async (as: Principal) =>
      (await system.call('{ students(first: 50) { nodes { lastName } } }', as)).data.students.nodes.map(
        (node: { lastName: string }) => node.lastName,
      );
    const queue = async (as: Principal) =>
      (await system.call('{ requests { totalCount } }', as)).data.requests.totalCount;
    let added = 0;
    const add = (as: Principal, lastName: string) =>
      system.act(
        'addStudent',
        {
          stateId: String(1_000_000_000 + ++added),
          firstName: 'Mia',
          lastName,
          dateOfBirth: `2015-01-${String(1 + (added % 28)).padStart(2, '0')}`,
          gender: 'F',
          gradeLevel: '04',
          schoolId: SCHOOL,
          beginDate: '2025-08-15',
        },
        as,
        'student { id }',
      );
    let district: Principal;
    let teacher: Principal;
    let selpa: Principal;

    beforeAll(async () => {
      const directory = [
        'cds,county,district,school,type,status',
        '99999990000009,Nowhere,Valley Unified,Valley School,,Active',
      ];
      await importOrganizations(system.database, system.clock, 'ca-schools', Readable.from([directory.join('\n')]));
      const roles: [RoleName, string][] = [
        ['DISTRICT_ADMIN', LEA],
        ['CASE_MANAGER', LEA],
        ['SELPA_ADMIN', SELPA],
      ];
      await run(plain('valley,Valley SELPA,SELPA,,CA'));
      for (const [role, organizationId] of roles) {
        await system.write((session) =>
          session.get(RoleGrantRepository).insert({
            ...{ id: `valley-${role}`, accountId: initialAccountId('district.lodi'), role, organizationId },
            ...{ relation: null, readOnly: false, isDefault: false, validFrom: '2025-01-01', validTo: null },
            ...{ revokedAt: null, grantedBy: 'test', grantedAt: system.clock.now() },
          }),
        );
      }
      district = await system.principalOf('district.lodi', 'valley-DISTRICT_ADMIN');
      teacher = await system.principalOf('district.lodi', 'valley-CASE_MANAGER');
      selpa = await system.principalOf('district.lodi', 'valley-SELPA_ADMIN');
    });

    test('SEIS-02 the students and the queue of the LEA come along, once, and the reports are told', async () => {
      await add(district, 'First');
      expect((await add(teacher, 'Asked')).payload.errors).toEqual([]);
      expect(await listed(selpa)).toEqual([]);
      expect(await queue(selpa)).toBe(0);
      expect(await run(FILE())).toMatchObject({
        created: 0,
        changed: 1,
        unchanged: 1,
        studentsPlaced: 1,
        rejected: [],
      });
      expect(await listed(selpa)).toEqual(['First']);
      expect(await queue(selpa)).toBe(1);
      expect(await listed(await system.principalOf('selpa.lodi'))).toEqual([]);
      const [period] = await system.rows('SELECT student_id, selpa_id FROM jurisdiction WHERE lea_id = ?', [LEA]);
      expect(period.selpa_id).toBe(SELPA);
      expect(
        await system.rows('SELECT valid_from, valid_to, lea_id FROM student_access WHERE grantee = ?', [
          `SELPA:${SELPA}`,
        ]),
      ).toEqual([{ valid_from: '2025-08-15', valid_to: null, lea_id: LEA }]);
      const events = await system.rows(
        "SELECT e.payload, d.consumer FROM outbox_event e JOIN outbox_delivery d ON d.event_id = e.id WHERE e.student_id = ? AND d.consumer = 'reporting' ORDER BY e.sequence",
        [period.student_id],
      );
      expect(JSON.stringify(events.at(-1))).toContain('SELPA_JOINED');
      expect(await run(FILE())).toMatchObject({ changed: 0, unchanged: 2, studentsPlaced: 0 });
      await add(district, 'Later');
      expect(await listed(selpa)).toEqual(['First', 'Later']);
    });

    test('an import that was interrupted before the students came along goes on when it is run again', async () => {
      await system.write(async ({ manager }) => {
        const mark = '/* scope:test */';
        await manager.query(`${mark} UPDATE jurisdiction SET selpa_id = NULL WHERE lea_id = ?`, [LEA]);
        await manager.query(`${mark} DELETE FROM student_access WHERE grantee = ?`, [`SELPA:${SELPA}`]);
      });
      expect(await listed(selpa)).toEqual([]);
      expect(await run(FILE())).toMatchObject({ changed: 0, studentsPlaced: 2 });
      expect(await listed(selpa)).toEqual(['First', 'Later']);
    });

    test('A-55 an LEA with students does not change its SELPA, and without students it does', async () => {
      const move = () => run(plain('99999990000000,Valley Unified,LEA,selpa-lodi-area,CA'));
      expect((await move()).rejected).toEqual([
        {
          line: 2,
          column: 'parentCode',
          reason: expect.stringMatching(/^can not change while students of the LEA \(2\).*close their/),
        },
      ]);
      expect((await run(plain('99999990000000,Valley Unified,LEA,CA,CA'))).rejected).toHaveLength(1);
      expect(await parentOf(LEA)).toBe(SELPA);
      expect(await listed(selpa)).toEqual(['First', 'Later']);
      expect(await run(plain('north-lea,North Unified District,LEA,selpa-lodi-area,CA'))).toMatchObject({
        changed: 1,
        rejected: [],
      });
      expect(await parentOf('ca-north-lea')).toBe('selpa-lodi-area');
    });

    test('a school with students or staff keeps its LEA', async () => {
      expect((await run(plain('99999990000009,Valley School,SCHOOL,39686500000000,CA'))).rejected).toEqual([
        { line: 2, column: 'parentCode', reason: expect.stringMatching(/^can not change: the school has students/) },
      ]);
      expect(await parentOf(SCHOOL)).toBe(LEA);
    });

    test('SEIS-35 an LEA that leaves a SELPA is no longer served directly by it', async () => {
      const [direct] = await system.rows(
        "SELECT id, code, name FROM organization WHERE direct_service_selpa_id = 'selpa-lodi-area' ORDER BY id LIMIT 1",
      );
      expect(await run(plain(`${direct.code},${direct.name},LEA,valley,CA`))).toMatchObject({ changed: 1 });
      expect(await find(direct.id)).toMatchObject({ parentId: SELPA, directServiceSelpaId: null });
    });

    test('a student who is being added while the LEA moves comes along too', async () => {
      await system.write((session) => session.get(OrganizationRepository).update(LEA, { parentId: 'state-ca' }));
      let placed = (): void => undefined;
      const isPlaced = new Promise<void>((resolve) => (placed = resolve));
      const adding = system.write(async ({ manager, engine, clock }) => {
        const session = new Session({ manager, engine, clock, principal: district, writing: true });
        const placement = await session.get(PlacementService).ofCaller(SCHOOL);
        expect(placement.selpaId).toBeNull();
        placed();
        await new Promise((resolve) => setTimeout(resolve, 500));
        const jurisdictions = session.get(JurisdictionService);
        await jurisdictions.openFirst(session.crossScope('add'), 'racer', placement, '2025-09-01', null);
      });
      await isPlaced;
      const [report] = await Promise.all([run(FILE()), adding]);
      expect(report).toMatchObject({ changed: 1, rejected: [] });
      expect(await system.rows("SELECT selpa_id FROM jurisdiction WHERE student_id = 'racer'")).toEqual([
        { selpa_id: SELPA },
      ]);
    });

    test('nobody else is touched', async () => {
      expect([await parentOf(RIPON), await parentOf(MANTECA)]).toEqual([
        'selpa-san-joaquin-county',
        'selpa-san-joaquin-county',
      ]);
    });
  });

  test('the example of the guide', async () => {
    const example = createReadStream(join(__dirname, '..', '..', 'docs', 'organizations.example.csv'));
    expect(await run(example)).toMatchObject({ rejected: [], created: 5, changed: 2, unchanged: 1 });
    expect(await parentOf('ca-39685850000000')).toBe('ca-lodi-area-selpa');
  });
});
