import { createReadStream, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FixedClock } from '../../platform/clock';
import { Database } from '../../platform/database/database';
import { migrate } from '../../platform/database/migrate';
import { type Session, systemSession } from '../../platform/scope/session';
import { platformMigrations, platformProtected, platformTables } from '../../platform/tables';
import { organizationMigrations } from '../../subgraphs/students/migrations/organizations';
import { initialOrganizations, seedOrganizations } from '../../subgraphs/students/organization/initial-organizations';
import { Organization } from '../../subgraphs/students/organization/organization.entity';
import { OrganizationRepository } from '../../subgraphs/students/organization/organization.repository';
import { databaseUrls } from '../../test/harness/databases';
import { type DirectoryName } from './directories';
import { importOrganizations } from './import-organizations';
import { UnusableFile } from './read-rows';

const directories = join(__dirname, '../../../shared/data/orgs');
const haveDirectories = existsSync(directories);
if (!haveDirectories)
  process.stderr.write(`The real directories are not at ${directories}: their tests are skipped.\n`);
const clock = new FixedClock(new Date('2026-02-10T18:00:00Z'));

const HEADER = 'cds,county,district,school,type,status';
const csv = (...lines: string[]): Readable => Readable.from([Buffer.from([HEADER, ...lines].join('\r\n'))]);
const school = (code: string, name: string, status = 'Active'): string =>
  `${code},Nowhere,Test Unified,${name},,${status}`;

describe.each(databaseUrls())('import of directories on %s', (_engine, makeUrl) => {
  let database: Database;
  const run = (kind: DirectoryName, source: Readable) => importOrganizations(database, clock, kind, source);
  const write = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    database.write((manager) =>
      work(systemSession({ manager, engine: database.engine, clock, writing: true }, 'test')),
    );
  const find = (id: string): Promise<Organization | null> =>
    write((session) => session.get(OrganizationRepository).findById(id));
  const count = (): Promise<number> => database.read.count(Organization);

  beforeEach(async () => {
    database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'import-'))),
      entities: [...platformTables, Organization],
      protectedTables: platformProtected,
      migrations: [...platformMigrations, ...organizationMigrations],
    });
    await migrate(database);
  });
  afterEach(() => database?.close());

  test('schools, their LEA and the state; a second run changes nothing', async () => {
    const rows = () =>
      csv(
        school('99999990000001', 'Nonpublic'),
        school('99999991000000', '"Oak, North"'),
        school('99999991000001', 'Closed School', 'Closed'),
      );
    expect(await run('ca-schools', rows())).toMatchObject({ rows: 3, created: 5, rejected: [] });
    expect(await find('ca-99999990000000')).toMatchObject({
      kind: 'LEA',
      name: 'Test Unified',
      parentId: 'state-ca',
      active: true,
      timeZone: 'America/Los_Angeles',
    });
    expect(await find('ca-99999991000000')).toMatchObject({
      kind: 'SCHOOL',
      name: 'Oak, North',
      parentId: 'ca-99999990000000',
      code: '99999991000000',
    });
    expect(await find('ca-99999990000001')).toMatchObject({ kind: 'NPS' });
    expect((await find('ca-99999991000001'))?.active).toBe(false);
    expect(await run('ca-schools', rows())).toMatchObject({ created: 0, changed: 0, unchanged: 3, rejected: [] });
    expect(await run('ca-schools', csv(school('99999991000000', 'Oak South')))).toMatchObject({
      created: 0,
      changed: 1,
    });
    expect(await find('ca-99999991000000')).toMatchObject({ name: 'Oak South', searchName: 'oak south' });
  });

  test('a member of a SELPA keeps its SELPA', async () => {
    await write(seedOrganizations);
    const report = await run(
      'ca-schools',
      csv(
        '39686500000000,San Joaquin,Ripon Unified,District Office,,Active',
        '39686509999999,San Joaquin,Ripon Unified,New School,,Active',
      ),
    );
    expect(report).toMatchObject({ created: 1, unchanged: 1 });
    expect(await find('ca-39686500000000')).toMatchObject({
      parentId: 'selpa-san-joaquin-county',
      name: 'Ripon Unified',
    });
    expect((await write((session) => session.get(OrganizationRepository).lineage('ca-39686509999999')))?.selpaId).toBe(
      'selpa-san-joaquin-county',
    );
  });

  test('a bad row is reported with line, column and reason, and stops no other', async () => {
    const report = await run(
      'ca-schools',
      csv(
        school('99999991000001', 'Good 1'),
        school('9999999100000', 'Short code'),
        school('9999999100000X', 'Letter'),
        school('99999991000002', ''),
        school('99999991000003', 'x'.repeat(201)),
        '99999991000004,too,few',
        '99999991000005,Nowhere,"Test Unified,Open quote,,Active',
        school('99999991000006', 'Good 2'),
        school('99999991000006', 'Again'),
        '99999991000007,Nowhere,Test Unified,Quote "inside" a field,,Active',
        school('99999991000008', '"Two\r\nlines"'),
        '',
        school('99999991000009', 'Nul \u0000 sign'),
        school('99999991000010', '"A ""quoted"" name"'),
        `99999991000011,${'x'.repeat(70_000)},Test Unified,Endless line,,Active`,
        school('99999991000012', 'Good 3'),
      ),
    );
    expect(report.rejected).toEqual([
      { line: 3, column: 'cds', reason: 'must be 14 digits' },
      { line: 4, column: 'cds', reason: 'must be 14 digits' },
      { line: 5, column: 'school', reason: 'is empty' },
      { line: 6, column: 'school', reason: 'has more than 200 characters' },
      { line: 7, column: null, reason: 'has 3 fields instead of 6' },
      { line: 8, column: null, reason: 'has a quote that is not closed or stands inside a field' },
      { line: 10, column: 'cds', reason: 'repeats line 9' },
      { line: 11, column: null, reason: 'has a quote that is not closed or stands inside a field' },
      { line: 12, column: 'school', reason: 'has control characters' },
      { line: 15, column: 'school', reason: 'has control characters' },
      { line: 17, column: null, reason: 'is longer than 65536 characters' },
    ]);
    const names = (await database.read.find(Organization, { where: { kind: 'SCHOOL' }, order: { id: 'ASC' } })).map(
      (row) => row.name,
    );
    expect(names).toEqual(['Good 1', 'Good 2', 'A "quoted" name', 'Good 3']);
  });

  test('bytes that are not UTF-8, a byte order mark, chunks that cut a character', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\uFEFF'),
      Buffer.from(`${HEADER}\n${school('99999991000001', 'Peñasco')}\n`),
      Buffer.from(`${school('99999991000002', 'Pe')}`),
      Buffer.from([0xf1]),
      Buffer.from('\n'),
    ]);
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const report = await run('ca-schools', Readable.from(pieces));
    expect(report.rejected.map(({ line }) => line)).toEqual([3]);
    expect((await find('ca-99999991000001'))?.name).toBe('Peñasco');
    expect((await find('ca-99999991000001'))?.searchName).toBe('penasco');
  });

  test('a file of another layout, an empty one and none at all are unusable, and nothing is written', async () => {
    await expect(run('ca-schools', Readable.from(['dbn,district\n01M015,01\n']))).rejects.toThrow(
      /header lacks cds, district|header lacks/,
    );
    await expect(run('ca-schools', Readable.from(['']))).rejects.toThrow(UnusableFile);
    await expect(run('ca-schools', Readable.from(['cds,cds,district,school,status\n']))).rejects.toThrow(/twice/);
    await expect(run('ca-schools', createReadStream('/nonexistent/file.csv'))).rejects.toThrow(UnusableFile);
    await expect(run('ca-schools', createReadStream(tmpdir()))).rejects.toThrow(UnusableFile);
    expect(await count()).toBe(0);
  });

  const real = haveDirectories ? test : test.skip;
  real.each([
    // rows, organizations: schools + LEAs + the state
    ['ca-schools', 'california-schools.csv', 10_577, 10_577 - 144 + 1_016 + 1],
    ['ca-pubschls', 'california-pubschls-monterey.csv', 256, null],
    ['la-sites', 'louisiana-sites.csv', 1_256, null],
    ['nyc-schools', 'nyc-schools-2022-23.csv', 1_350, 1_350 + 33 + 1],
  ] as const)('the real directory %s of %s', async (kind, file, rows, organizations) => {
    const progress: number[] = [];
    const first = await importOrganizations(
      database,
      clock,
      kind,
      createReadStream(join(directories, file)),
      (now) => void progress.push(now.rows),
    );
    expect(first).toMatchObject({ rows, rejected: [], changed: kind === 'ca-pubschls' ? expect.any(Number) : 0 });
    if (organizations !== null) expect(await count()).toBe(organizations);
    expect(progress.length).toBe(Math.floor(rows / 500) + 1);
    const before = await count();
    expect(await run(kind, createReadStream(join(directories, file)))).toMatchObject({
      rows,
      created: 0,
      changed: 0,
      unchanged: rows,
      rejected: [],
    });
    expect(await count()).toBe(before);
  });

  real('the organizations of the initial data are those of the directories', async () => {
    await write(seedOrganizations);
    for (const [kind, file] of [
      ['ca-schools', 'california-schools-san-joaquin.csv'],
      ['la-sites', 'louisiana-sites.csv'],
      ['nyc-schools', 'nyc-schools-2022-23.csv'],
    ] as const) {
      // Nothing changed: every name and code that we state is the directory's.
      expect(await run(kind, createReadStream(join(directories, file)))).toMatchObject({ changed: 0, rejected: [] });
    }
    const seeded = initialOrganizations();
    for (const { id, name, parentId } of seeded.filter(({ kind }) => kind === 'LEA' || kind === 'SCHOOL'))
      expect(await find(id)).toMatchObject({ name, parentId });
    expect(seeded.filter(({ parentId }) => parentId === 'ca-39686500000000')).toHaveLength(9);
  });
});
