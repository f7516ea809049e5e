import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../../platform/clock';
import { Database } from '../../../platform/database/database';
import { migrate } from '../../../platform/database/migrate';
import { createTable, day, id, ref, string } from '../../../platform/database/migration';
import { createLogger } from '../../../platform/log';
import { Dispatcher } from '../../../platform/outbox/dispatcher';
import { defineEvent } from '../../../platform/outbox/event';
import { sealPrincipal } from '../../../platform/principal/envelope';
import type { Grant, Principal } from '../../../platform/principal/principal';
import { type AccessRow, AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import { type Session, systemSession } from '../../../platform/scope/session';
import { createSubgraph, type Subgraph } from '../../../platform/subgraph/create-subgraph';
import { type BuiltSubgraph, buildSubgraph } from '../../../platform/subgraph/federation';
import { platformMigrations, platformProtected, platformTables } from '../../../platform/tables';
import type { IepAffirmed } from '../events';
import { organizationMigrations } from '../migrations/organizations';
import { Organization } from '../organization/organization.entity';
import type { OrganizationKind } from '../organization/organization-kind';
import { OrganizationRepository } from '../organization/organization.repository';
import { OrganizationResolver } from '../organization/organization.resolver';
import { COUNTED_LOOKS } from './crossing-limit';
import { loadStudents, type StudentBundle } from './load-students';
import {
  studentConsumers,
  studentEntities,
  studentMigrations,
  studentProtectedTables,
  studentReferences,
  studentResolvers,
} from './module';

/** The students aggregates over a fresh database, with two SELPAs, four LEAs in two states, and stand-ins for foreign views. */
const key = new TextEncoder().encode('s'.repeat(32));
const iepAffirmed = defineEvent<IepAffirmed>('iep.affirmed', ['students']);

const ORGANIZATIONS: [id: string, kind: OrganizationKind, parent: string | null][] = [
  ['state-ca', 'STATE', null],
  ['state-la', 'STATE', null],
  ['selpa-1', 'SELPA', 'state-ca'],
  ['selpa-2', 'SELPA', 'state-ca'],
  ['lea-a', 'LEA', 'selpa-1'],
  ['lea-b', 'LEA', 'selpa-2'],
  ['lea-c', 'LEA', 'selpa-1'],
  // Under no SELPA yet.
  ['lea-d', 'LEA', 'state-ca'],
  ['lea-l', 'LEA', 'state-la'],
  ['school-a1', 'SCHOOL', 'lea-a'],
  ['school-a2', 'SCHOOL', 'lea-a'],
  ['school-b1', 'SCHOOL', 'lea-b'],
  ['school-c1', 'SCHOOL', 'lea-c'],
  ['school-d1', 'SCHOOL', 'lea-d'],
  ['school-l1', 'SCHOOL', 'lea-l'],
];

const PUBLISHED = [
  createTable(1764900000001, 'pub_service', {
    columns: {
      id: id(),
      student_id: ref(),
      lea_id: ref(),
      state: string(20),
      start_date: day({ nullable: true }),
      end_date: day({ nullable: true }),
    },
  }),
  createTable(1764900000002, 'pub_iep', {
    columns: {
      id: id(),
      student_id: ref(),
      state: string(20),
      held_on: day({ nullable: true }),
      affirmed_on: day({ nullable: true }),
    },
  }),
  createTable(1764900000003, 'pub_evaluation', {
    columns: {
      id: id(),
      student_id: ref(),
      kind: string(20),
      completed_on: day({ nullable: true }),
      scope_date: day({ nullable: true }),
    },
  }),
  ...['pub_goal_progress', 'pub_red_window_override'].map((view, i) =>
    createTable(1764900000004 + i, view, { columns: { id: id(), student_id: ref(), recorded_of: day() } }),
  ),
];

const READ = ['student:read', 'student.demographics:read', 'student.contacts:read', 'student.sensitive:read'];
const DISTRICT = [
  ...READ,
  'student:write',
  'student:locate',
  'jurisdiction:write',
  'status:write',
  'exit:process',
  'request:process',
  'stateid:write',
];
const TEACHER = [...READ, 'student:write', 'student:locate', 'status:write'];

export const graph: BuiltSubgraph = buildSubgraph({
  resolvers: [OrganizationResolver, ...studentResolvers],
  references: studentReferences as never,
});

/** The input of `addStudent`: somebody whom nobody knows, at school A1, unless told otherwise. */
export const newcomer = (over: object = {}) => ({
  stateId: '8000000001',
  firstName: 'New',
  lastName: 'Comer',
  dateOfBirth: '2016-05-05',
  gender: 'F',
  gradeLevel: '03',
  schoolId: 'school-a1',
  beginDate: '2026-02-02',
  ...over,
});

/** A student of LEA A at school A1, unless told otherwise. */
export function bundle(id: string, over: Partial<StudentBundle> = {}): StudentBundle {
  return {
    id,
    stateId: `${id.replace(/\D/g, '')}`.padStart(10, '9'),
    firstName: 'Ana',
    lastName: 'Example',
    dateOfBirth: '2015-03-08',
    gender: 'F',
    gradeLevel: '04',
    guardians: [
      { id: `g-${id}`, firstName: 'Eva', lastName: 'Example', relationship: 'MOTHER', phone: '209-555-0100' },
    ],
    jurisdictions: [
      {
        id: `j-${id}`,
        leaId: 'lea-a',
        selpaId: 'selpa-1',
        stateOrgId: 'state-ca',
        schoolId: 'school-a1',
        beginDate: '2024-08-01',
      },
    ],
    statuses: [{ id: `st-${id}`, status: 'PENDING', effectiveOn: '2024-08-01' }],
    spedActivities: [],
    ...over,
  };
}

export class StudentsFixture {
  readonly clock = new FixedClock(new Date('2026-02-10T18:00:00Z'));
  readonly audited: { disclosed: Record<string, string[]> }[] = [];
  private requests = 0;

  private constructor(
    readonly database: Database,
    readonly subgraph: Subgraph,
  ) {}

  static async start(makeUrl: (folder: string) => Promise<string>): Promise<StudentsFixture> {
    const database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'students-'))),
      entities: [...platformTables, Organization, ...studentEntities],
      protectedTables: [...platformProtected, ...studentProtectedTables],
      migrations: [...platformMigrations, organizationMigrations[0]!, ...studentMigrations, ...PUBLISHED],
    });
    await migrate(database);
    const log = createLogger('test', 'error');
    const audit = { append: async (_kind: string, record: unknown) => void fixture.audited.push(record as never) };
    const runtime = { database, clock: { now: () => fixture.clock.now() }, log, audit, principalKeys: [key] };
    const fixture: StudentsFixture = new StudentsFixture(
      database,
      createSubgraph({ name: 'students', graph, runtime, consumes: studentConsumers, effects: COUNTED_LOOKS }),
    );
    await fixture.system(async (session) => {
      await session.get(OrganizationRepository).insert(
        ORGANIZATIONS.map(([orgId, kind, parentId]) => ({
          id: orgId,
          code: orgId,
          name: `Name of ${orgId}`,
          kind,
          parentId,
          stateCode: orgId.includes('-l') ? 'LA' : 'CA',
          timeZone: 'America/Los_Angeles',
          contactName: `Contact of ${orgId}`,
          contactPhone: '209-555-0199',
          contactEmail: `${orgId}@example.org`,
        })),
      );
      for (const [orgId] of ORGANIZATIONS)
        for (const who of ['district', 'teacher', 'school']) await bumpEpoch(session, `acct-${who}-${orgId}`);
    });
    return fixture;
  }

  /** Work of the system in one write transaction. */
  system<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.database.write((manager) =>
      work(systemSession({ manager, engine: this.database.engine, clock: this.clock, writing: true }, 'fixture')),
    );
  }

  load(...bundles: StudentBundle[]): Promise<void> {
    return this.system((session) => loadStudents(session, bundles));
  }

  grant(...rows: AccessRow[]): Promise<void> {
    return this.system((session) => session.get(AccessWriter).open(...rows));
  }

  /** Inserts into a stand-in of a foreign view. */
  async publish(view: string, row: Record<string, string | null>): Promise<void> {
    const columns = Object.keys(row);
    const sql = `/* scope:fixture */ INSERT INTO ${view} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    await this.database.write((manager) => manager.query(sql, Object.values(row)));
  }

  sql<T = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.database.write((manager) => manager.query(`/* scope:fixture */ ${sql}`, parameters));
  }

  /** The system manager of an LEA. */
  district(lea: string, over: Partial<Principal> = {}): Principal {
    return this.principal(
      `acct-district-${lea}`,
      'DISTRICT_ADMIN',
      'district',
      DISTRICT,
      [{ relation: 'JURISDICTION', grantee: `LEA:${lea}` }],
      lea,
      over,
    );
  }

  /** A case manager in an LEA. */
  teacher(lea: string, over: Partial<Principal> = {}): Principal {
    return this.principal(
      `acct-teacher-${lea}`,
      'CASE_MANAGER',
      'teacher',
      TEACHER,
      [{ relation: 'CASE_MANAGER', grantee: `STAFF:acct-teacher-${lea}` }],
      lea,
      over,
    );
  }

  private principal(
    subject: string,
    role: string,
    level: Principal['level'],
    capabilities: string[],
    grants: Grant[],
    organizationId: string,
    over: Partial<Principal>,
  ): Principal {
    return {
      subject,
      kind: 'staff',
      displayName: subject,
      perspective: `p-${subject}`,
      role,
      level,
      readOnly: false,
      capabilities,
      grants,
      organizationId,
      timeZone: 'America/Los_Angeles',
      epoch: 1,
      ...over,
    };
  }

  /** Sends an operation as a caller; answers the GraphQL result. */
  async call(
    as: Principal,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<{ status: number; data: any; errors?: any[] }> {
    const body = JSON.stringify({ query, variables });
    const principal = sealPrincipal({ principal: as, requestId: `r${++this.requests}` }, 'students', body, key);
    const { status, body: answer } = await this.subgraph.handle({
      method: 'POST',
      path: '/graphql',
      headers: { 'x-principal': principal },
      body,
    });
    return { status, ...JSON.parse(answer) };
  }

  /** Runs one mutation of `input` and answers its payload, or the top-level error's code. */
  async mutate(as: Principal, name: string, input: Record<string, unknown>, selection = ''): Promise<any> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const { data, errors } = await this.call(
      as,
      `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} errors { code message path } } }`,
      { input },
    );
    return errors ? { topLevel: errors[0].extensions?.code, message: errors[0].message } : data[name];
  }

  /** Lets an iep be affirmed, and its event be delivered. */
  async affirm(studentId: string, payload: Partial<IepAffirmed> = {}): Promise<void> {
    await this.system(async (session) => {
      await session.lock(studentId);
      await session.emit(iepAffirmed, studentId, {
        iepId: `iep-${studentId}`,
        meetingDate: '2026-02-01',
        affirmedOn: session.today,
        initial: true,
        agreed: true,
        eligible: true,
        ...payload,
      });
    });
    await new Dispatcher({
      database: this.database,
      clock: this.clock,
      log: createLogger('test', 'error'),
      consumer: 'students',
      handlers: studentConsumers,
    }).drain();
  }

  /** Events of a student so far. */
  async events(studentId: string): Promise<{ type: string; payload: Record<string, unknown> }[]> {
    const rows = await this.sql<{ type: string; payload: unknown }>(
      'SELECT type, payload FROM outbox_event WHERE student_id = ? ORDER BY sequence',
      [studentId],
    );
    return rows.map(
      ({ type, payload }) => ({ type, payload: typeof payload === 'string' ? JSON.parse(payload) : payload }) as never,
    );
  }
}
