import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../platform/clock';
import { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { createLogger } from '../../platform/log';
import { sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { bumpEpoch } from '../../platform/scope/epoch';
import { type Session, systemSession } from '../../platform/scope/session';
import type { Subgraph } from '../../platform/subgraph/create-subgraph';
import { platformMigrations, platformProtected, platformTables } from '../../platform/tables';
import {
  createReportingSubgraph,
  rebuildFacts,
  reportingEntities,
  reportingMigrations,
  reportingProtectedTables,
} from './index';
import { publishedTables } from './published-views.fixture';

const key = new TextEncoder().encode('k'.repeat(32));
export const TODAY = '2026-02-10';
export const NOON = new Date(`${TODAY}T20:00:00Z`);

/** One line per student: what the other subgraphs know of it. */
interface Seed {
  id: string;
  name: [first: string, last: string];
  born?: string;
  grade?: string;
  status?: string;
  hidden?: boolean;
  lea?: string;
  school?: string;
  reviews?: string[];
  evaluations?: string[];
  disability?: string;
  environment?: string;
  inReview?: { meetingDate: string; openedOn: string };
  findings?: number;
  manager?: string;
}
const SEEDS: Seed[] = [
  {
    id: 's1',
    name: ['Ana', 'Ávila'],
    reviews: ['2025-02-01', '2024-02-03'],
    evaluations: ['2023-03-15'],
    disability: 'AUT',
    environment: 'RC80',
    manager: 'prov-a',
  },
  {
    id: 's2',
    name: ['Ben', 'Brown'],
    reviews: ['2025-02-20', '2024-02-15'],
    evaluations: ['2022-12-01', '2020-01-10'],
    disability: 'SLD',
    environment: 'RC80',
    manager: 'prov-a',
    findings: 2,
  },
  {
    id: 's3',
    name: ['Cleo', 'Castro'],
    reviews: ['2025-01-30', '2024-02-02'],
    evaluations: ['2024-05-05'],
    disability: 'SLD',
    environment: 'RC39',
    inReview: { meetingDate: '2026-02-02', openedOn: '2025-11-01' },
    manager: 'prov-b',
  },
  {
    id: 's4',
    name: ['=Dan', 'Diaz'],
    school: 'school-2',
    reviews: ['2025-03-01'],
    evaluations: ['2025-03-01'],
    disability: 'SLI',
    environment: 'REC10YSVCS',
    born: '2020-10-01',
    grade: 'PS',
  },
  {
    id: 's5',
    name: ['Eve', 'Diaz'],
    school: 'school-2',
    reviews: ['2025-03-02'],
    evaluations: ['2025-03-02'],
    disability: 'SLI',
    environment: 'RC80',
    born: '2020-10-01',
    grade: 'KN',
  },
  {
    id: 's6',
    name: ['Fay', 'Fox'],
    lea: 'lea-2',
    school: 'school-9',
    reviews: ['2025-02-15'],
    evaluations: ['2024-02-15'],
    disability: 'OHI',
    environment: 'SS',
  },
  { id: 's7', name: ['Gus', 'Gone'], status: 'EXITED', reviews: ['2024-01-15'], disability: 'OHI' },
  { id: 's8', name: ['Hal', 'Double'], hidden: true, reviews: ['2024-01-15'], disability: 'OHI' },
];

/** A district administrator, unless said otherwise. */
export const principal = (over: Partial<Principal> = {}): Principal => ({
  subject: 'acct-d',
  kind: 'staff',
  displayName: 'D',
  perspective: 'p-d',
  role: 'DISTRICT_ADMIN',
  level: 'district',
  readOnly: false,
  capabilities: ['student:read', 'student.demographics:read', 'iep:read', 'provider:read', 'report:read'],
  grants: [{ relation: 'JURISDICTION', grantee: 'LEA:lea-1' }],
  organizationId: 'lea-1',
  timeZone: 'America/Los_Angeles',
  epoch: 1,
  ...over,
});
export const selpa = principal({
  subject: 'acct-s',
  perspective: 'p-s',
  level: 'selpa',
  readOnly: true,
  grants: [{ relation: 'JURISDICTION', grantee: 'SELPA:selpa-1' }],
});
export const teacher = principal({
  subject: 'acct-t',
  perspective: 'p-t',
  level: 'teacher',
  grants: [{ relation: 'CASE_MANAGER', grantee: 'STAFF:acct-t' }],
});
export const partner = principal({
  subject: 'client-1',
  kind: 'partner',
  perspective: 'p-c',
  level: 'partner',
  capabilities: ['student:read', 'student.demographics:read'],
  grants: [{ relation: 'GRANT', grantee: 'AGENCY:g1' }],
});

type Row = Record<string, unknown>;

/** The reporting subgraph over a database of its own, with the students of `SEEDS` and the day standing still. */
export class ReportingWorld {
  readonly clock = new FixedClock(NOON);
  readonly log = createLogger('test', 'silent');
  readonly audited: Row[] = [];
  readonly audit = { append: async (_kind: string, record: Row) => void this.audited.push(record) };
  readonly subgraph: Subgraph;
  private request = 0;

  private constructor(readonly database: Database) {
    this.subgraph = createReportingSubgraph({
      database,
      clock: this.clock,
      log: this.log,
      audit: this.audit,
      principalKeys: [key],
    });
  }

  static async open(makeUrl: (folder: string) => Promise<string>): Promise<ReportingWorld> {
    const database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'reporting-'))),
      entities: [...platformTables, ...reportingEntities],
      protectedTables: [...platformProtected, ...reportingProtectedTables],
      migrations: [...platformMigrations, ...reportingMigrations, ...publishedTables],
    });
    await migrate(database);
    const world = new ReportingWorld(database);
    await world.seed();
    return world;
  }

  /** A request through the subgraph's door. */
  async call(query: string, variables: object = {}, as: Principal = principal()) {
    const body = JSON.stringify({ query, variables });
    const envelope = { principal: as, requestId: `r${++this.request}` };
    const headers = { 'x-principal': sealPrincipal(envelope, 'reporting', body, key) };
    const { status, body: answer } = await this.subgraph.handle({ method: 'POST', path: '/graphql', headers, body });
    return { status, ...JSON.parse(answer) };
  }

  sql(text: string, values: unknown[] = []): Promise<unknown> {
    return this.database.write((manager) => manager.query(scopeComment('test') + text, values));
  }

  read(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.database.read.query(scopeComment('test') + text, values);
  }

  /** Rows with the same columns, in one statement. */
  async insert(table: string, ...rows: Row[]): Promise<void> {
    if (rows.length === 0) return;
    const columns = Object.keys(rows[0]!);
    const line = `(${columns.map(() => '?').join(', ')})`;
    const values = rows.flatMap((row) => columns.map((column) => row[column]));
    await this.sql(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => line).join(', ')}`, values);
  }

  /** A write of the process itself. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { database, clock } = this;
    return database.write((manager) =>
      work(systemSession({ manager, engine: database.engine, clock, writing: true }, 'test')),
    );
  }

  private async seed(): Promise<void> {
    const organizations = [
      ['lea-1', 'Ripon Unified', 'LEA'],
      ['lea-2', 'Manteca Unified', 'LEA'],
      ['school-1', 'Weston', 'SCHOOL'],
      ['school-2', 'Colony Oak', 'SCHOOL'],
      ['school-9', 'Sierra', 'SCHOOL'],
      ['selpa-1', 'San Joaquin', 'SELPA'],
    ];
    await this.insert('pub_organization', ...organizations.map(([id, name, kind]) => ({ id, name, kind })));
    await this.insert(
      'pub_provider',
      { id: 'prov-a', display_name: 'Alma Reyes' },
      { id: 'prov-b', display_name: 'Bo Lin' },
    );
    for (const student of SEEDS) await this.seedStudent(student);
    await this.write(async (session) => {
      for (const subject of ['acct-d', 'acct-s', 'acct-t', 'client-1']) await bumpEpoch(session, subject);
    });
    await rebuildFacts(this.database, this.clock);
  }

  private async seedStudent(student: Seed): Promise<void> {
    const {
      id,
      name,
      born = '2015-06-15',
      grade = '05',
      status = 'ELIGIBLE_ACTIVE',
      hidden = false,
      lea = 'lea-1',
      school = 'school-1',
      reviews = [],
      evaluations = [],
    } = student;
    await this.insert('pub_student', {
      id,
      state_id: `90${id}`,
      first_name: name[0],
      last_name: name[1],
      date_of_birth: born,
      grade_level: grade,
      status,
      hidden: hidden ? 1 : 0,
    });
    await this.insert('pub_jurisdiction', {
      id: `${id}-j`,
      student_id: id,
      lea_id: lea,
      school_id: school,
      selpa_id: 'selpa-1',
      state_org_id: 'state-ca',
      begin_date: '2020-01-01',
      end_date: null,
    });
    const iep = {
      student_id: id,
      kind: 'ANNUAL',
      version: 1,
      primary_disability: student.disability ?? null,
      federal_environment: student.environment ?? null,
    };
    for (const [i, day] of reviews.entries()) {
      await this.insert('pub_iep', {
        ...iep,
        id: `${id}-i${i}`,
        state: i === 0 ? 'CURRENT' : 'HISTORY',
        meeting_date: day,
        held_on: day,
        opened_on: day,
        affirmed_on: day,
        plan_review_date: day,
        case_open_findings: i === 0 ? (student.findings ?? 0) : 9,
      });
    }
    if (student.inReview) {
      await this.insert('pub_iep', {
        ...iep,
        id: `${id}-next`,
        state: 'IN_REVIEW',
        meeting_date: student.inReview.meetingDate,
        held_on: student.inReview.meetingDate,
        opened_on: student.inReview.openedOn,
      });
    }
    for (const [i, day] of evaluations.entries())
      await this.insert('pub_evaluation', { id: `${id}-e${i}`, student_id: id, kind: 'TRIENNIAL', completed_on: day });
    await this.insert('pub_service', { id: `${id}-v`, student_id: id, state: 'ACTIVE' });
    if (student.manager)
      await this.insert('pub_assignment', {
        id: `${id}-a`,
        student_id: id,
        provider_id: student.manager,
        account_id: `acct-${student.manager}`,
        role: 'CASE_MANAGER',
        valid_from: '2024-01-01',
      });
    await this.write(async (session) => {
      const access = session.get(AccessWriter);
      const open = (grantee: string, relation: 'JURISDICTION' | 'CASE_MANAGER') =>
        access.open({ studentId: id, grantee, relation, leaId: lea, validFrom: '2020-01-01' });
      await open(`LEA:${lea}`, 'JURISDICTION');
      await open('SELPA:selpa-1', 'JURISDICTION');
      if (student.manager === 'prov-a') await open('STAFF:acct-t', 'CASE_MANAGER');
    });
  }
}
