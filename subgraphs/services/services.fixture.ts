import { FixedClock } from '../../platform/clock';
import { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { bool, createTable, day, id, instant, ref, string } from '../../platform/database/migration';
import { addDays } from '../../platform/dates';
import { createLogger } from '../../platform/log';
import { Dispatcher } from '../../platform/outbox/dispatcher';
import { defineEvent } from '../../platform/outbox/event';
import { sealPrincipal } from '../../platform/principal/envelope';
import type { Grant, Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { bumpEpoch } from '../../platform/scope/epoch';
import { type Session, systemSession } from '../../platform/scope/session';
import type { Subgraph } from '../../platform/subgraph/create-subgraph';
import { platformMigrations, platformProtected, platformTables } from '../../platform/tables';
import {
  createServicesSubgraph,
  loadProviders,
  loadServices,
  servicesEntities,
  servicesMigrations,
  servicesProtectedTables,
  type StudentServices,
} from './index';

/** The views of the other subgraphs, as small tables with the columns of the contract. */
const publishedByOthers = [
  createTable(1764000009001, 'pub_student', {
    columns: { id: id(), state_id: string(20), first_name: string(60), last_name: string(60) },
  }),
  createTable(1764000009002, 'pub_jurisdiction', {
    columns: {
      id: id(),
      student_id: ref(),
      lea_id: ref(),
      school_id: ref({ nullable: true }),
      begin_date: day(),
      end_date: day({ nullable: true }),
    },
  }),
  createTable(1764000009003, 'pub_organization', {
    columns: {
      id: id(),
      name: string(100),
      kind: string(20),
      parent_id: ref({ nullable: true }),
      state_code: string(2),
      contact_name: string(100, { nullable: true }),
      contact_phone: string(30, { nullable: true }),
      contact_email: string(120, { nullable: true }),
    },
  }),
  createTable(1764000009004, 'pub_iep', {
    columns: {
      id: id(),
      student_id: ref(),
      state: string(30),
      parent_iep_id: ref({ nullable: true }),
      reactivates_iep_id: ref({ nullable: true }),
      agreed: bool(),
      affirmed_at: instant({ nullable: true }),
    },
  }),
  createTable(1764000009005, 'pub_account', {
    columns: { id: id(), display_name: string(160), active: bool() },
  }),
  createTable(1764000009006, 'pub_role_grant', {
    columns: { id: id(), account_id: ref(), role: string(30), organization_id: ref(), active: bool() },
  }),
];

const READS = ['student:read', 'student.demographics:read', 'iep:read', 'service:read', 'provider:read'];
const key = new TextEncoder().encode('k'.repeat(32));
const log = createLogger('test', 'silent');

/** Today is 10 February 2026 in every test. */
export const TODAY = '2026-02-10';

/** Accounts of the fixture: grants, level and capabilities as the roles of the students subgraph give them. */
const CALLERS: Record<string, Partial<Principal>> = {
  'district.ripon': {
    level: 'district',
    grants: [{ relation: 'JURISDICTION', grantee: 'LEA:ripon' }],
    organizationId: 'ripon',
    capabilities: [...READS, 'service:write', 'assignment:write', 'caseload:supervise'],
  },
  'selpa.sanjoaquin': {
    level: 'selpa',
    grants: [{ relation: 'JURISDICTION', grantee: 'SELPA:selpa' }],
    organizationId: 'selpa',
    capabilities: [...READS, 'service:write', 'assignment:write', 'caseload:supervise'],
  },
  'writer.acadia': {
    level: 'district',
    grants: [{ relation: 'JURISDICTION', grantee: 'LEA:acadia' }],
    organizationId: 'acadia',
    capabilities: [...READS, 'service:write', 'assignment:write', 'caseload:supervise'],
  },
  'district.manteca': {
    level: 'district',
    grants: [{ relation: 'JURISDICTION', grantee: 'LEA:manteca' }],
    organizationId: 'manteca',
    capabilities: [...READS, 'service:write', 'assignment:write', 'caseload:supervise'],
  },
  'residence.ripon': {
    level: 'district',
    grants: [{ relation: 'RESIDENCE', grantee: 'LEA:ripon' }],
    organizationId: 'ripon',
    capabilities: [...READS, 'service:write', 'assignment:write'],
  },
  'teacher.ripon': {
    level: 'teacher',
    grants: [{ relation: 'CASE_MANAGER', grantee: 'STAFF:acct-teacher-ripon' }],
    organizationId: 'ripon',
    capabilities: [...READS, 'service:write', 'assignment:write'],
  },
  'provider.ripon': {
    level: 'teacher',
    grants: [{ relation: 'PROVIDER', grantee: 'STAFF:acct-provider-ripon' }],
    organizationId: 'ripon',
    capabilities: READS,
  },
  'supervisor.nyc': {
    level: 'school',
    grants: [{ relation: 'JURISDICTION', grantee: 'LEA:nyc' }],
    organizationId: 'nyc',
    capabilities: [...READS, 'assignment:write', 'caseload:supervise'],
  },
  'doe.provider.nyc': {
    level: 'teacher',
    grants: [{ relation: 'PROVIDER', grantee: 'STAFF:acct-doe-provider-nyc' }],
    organizationId: 'nyc',
    capabilities: [...READS, 'caseload:self-add'],
  },
  'agency.provider.nyc': {
    level: 'teacher',
    grants: [{ relation: 'PROVIDER', grantee: 'STAFF:acct-agency-provider-nyc' }],
    organizationId: 'nyc',
    capabilities: [...READS, 'caseload:self-add'],
  },
};

const ORGANIZATIONS: [
  organizationId: string,
  name: string,
  kind: string,
  parentId: string | null,
  stateCode: string,
][] = [
  ['state-ca', 'California', 'STATE', null, 'CA'],
  ['selpa', 'San Joaquin County SELPA', 'SELPA', 'state-ca', 'CA'],
  ['ripon', 'Ripon Unified', 'LEA', 'selpa', 'CA'],
  ['ripon-high', 'Ripon High', 'SCHOOL', 'ripon', 'CA'],
  ['manteca', 'Manteca Unified', 'LEA', 'selpa', 'CA'],
  ['manteca-high', 'Manteca High', 'SCHOOL', 'manteca', 'CA'],
  ['selpa-lodi', 'Lodi SELPA', 'SELPA', 'state-ca', 'CA'],
  ['lodi', 'Lodi Unified', 'LEA', 'selpa-lodi', 'CA'],
  ['npa', 'Valley Therapy', 'NPA', 'state-ca', 'CA'],
  ['regional-center', 'Regional Center', 'PARTNER_AGENCY', 'state-ca', 'CA'],
  ['state-la', 'Louisiana', 'STATE', null, 'LA'],
  ['acadia', 'Acadia Parish', 'LEA', 'state-la', 'LA'],
  ['acadia-high', 'Acadia High', 'SCHOOL', 'acadia', 'LA'],
  ['state-ny', 'New York', 'STATE', null, 'NY'],
  ['nyc', 'NYC Geographic District 1', 'LEA', 'state-ny', 'NY'],
  ['nyc-2', 'NYC Geographic District 2', 'LEA', 'state-ny', 'NY'],
];

const person = (username: string, organizationId: string, more = {}) => {
  const dashed = username.replaceAll('.', '-');
  return {
    id: `prov-${dashed}`,
    accountId: `acct-${dashed}`,
    displayName: username.replaceAll('.', ' '),
    kind: 'LEA_STAFF' as const,
    organizationId,
    ...more,
  };
};
const PROVIDERS = [
  person('teacher.ripon', 'ripon'),
  person('teacher2.ripon', 'ripon-high'),
  person('provider.ripon', 'ripon'),
  person('visiting.ripon', 'ripon', { accountId: null }),
  person('speech.only', 'ripon', { serviceCodes: ['415'] }),
  person('gone.ripon', 'ripon', { active: false }),
  person('teacher.manteca', 'manteca'),
  person('specialist.selpa', 'selpa'),
  person('school.manteca', 'manteca-high'),
  person('teacher.lodi', 'lodi'),
  person('therapist.npa', 'npa', { kind: 'NPA_STAFF' }),
  person('worker.center', 'regional-center', { kind: 'NPA_STAFF' }),
  person('teacher.acadia', 'acadia'),
  person('doe2.provider.nyc', 'nyc-2', { kind: 'DOE_STAFF' }),
  person('doe.provider.nyc', 'nyc', { kind: 'DOE_STAFF', serviceCodes: ['415'] }),
  person('agency.provider.nyc', 'nyc', { kind: 'CONTRACTED_AGENCY', serviceCodes: ['415', '450'] }),
];

/** Accounts that a provider can be given. */
const ACCOUNTS: [accountId: string, organizationId: string, active?: boolean][] = [
  ['acct-new-ripon', 'ripon-high'],
  ['acct-back-ripon', 'ripon'],
  ['acct-former-ripon', 'ripon', false],
  ['acct-teacher-ripon', 'ripon'],
  ['acct-new-manteca', 'manteca'],
];

/** JSON as a test reads it. */
export type Json = any;
export interface Answer {
  status: number;
  data?: Json;
  errors?: { message: string; extensions: { code: string } }[];
}

/** The services subgraph over a fresh database, with the facts that the others would publish. */
export class ServicesFixture {
  private requests = 0;

  private constructor(
    readonly database: Database,
    readonly subgraph: Subgraph,
    readonly clock: FixedClock,
    /** Ids of students by class, of each disclosure that was recorded. */
    readonly disclosed: Record<string, string[]>[],
  ) {}

  static async open(url: string): Promise<ServicesFixture> {
    const database = await Database.connect({
      url,
      entities: [...platformTables, ...servicesEntities],
      protectedTables: [...platformProtected, ...servicesProtectedTables],
      migrations: [...platformMigrations, ...publishedByOthers, ...servicesMigrations],
    });
    await migrate(database);
    const clock = new FixedClock(new Date(`${TODAY}T18:00:00Z`));
    const disclosed: Record<string, string[]>[] = [];
    const subgraph = createServicesSubgraph({
      database,
      clock,
      log,
      audit: { append: async (_kind, record) => void disclosed.push(record.disclosed as Record<string, string[]>) },
      principalKeys: [key],
      staffIdKey: 'a key of this test alone, 32 characters',
    });
    const fixture = new ServicesFixture(database, subgraph, clock, disclosed);
    await fixture.write(async (session) => {
      for (const row of ORGANIZATIONS)
        await fixture.sql(
          session,
          'INSERT INTO pub_organization (id, name, kind, parent_id, state_code) VALUES (?, ?, ?, ?, ?)',
          row,
        );
      for (const [accountId, organizationId, active = true] of ACCOUNTS) {
        await fixture.sql(session, 'INSERT INTO pub_account (id, display_name, active) VALUES (?, ?, ?)', [
          accountId,
          accountId,
          active,
        ]);
        await fixture.sql(
          session,
          "INSERT INTO pub_role_grant (id, account_id, role, organization_id, active) VALUES (?, ?, 'TEST', ?, ?)",
          [`role-${accountId}`, accountId, organizationId, active],
        );
      }
      await loadProviders(session, PROVIDERS);
      for (const username of Object.keys(CALLERS)) await bumpEpoch(session, accountOf(username));
    });
    return fixture;
  }

  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.database.write((manager) =>
      work(systemSession({ manager, engine: this.database.engine, clock: this.clock, writing: true }, 'test')),
    );
  }

  sql(session: Session, sql: string, parameters: readonly unknown[]): Promise<unknown> {
    const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    return session.manager.query(scopeComment('system:test') + sql, values);
  }

  /** A student owned by an LEA since July 2025, with a claim's access, and whatever else is given. */
  async student(studentId: string, leaId = 'ripon', more: Partial<StudentServices> = {}): Promise<void> {
    await this.write(async (session) => {
      await this.sql(session, 'INSERT INTO pub_student (id, state_id, first_name, last_name) VALUES (?, ?, ?, ?)', [
        studentId,
        `U-${studentId}`,
        'Ana',
        `of ${studentId}`,
      ]);
      await this.sql(session, 'INSERT INTO pub_jurisdiction (id, student_id, lea_id, begin_date) VALUES (?, ?, ?, ?)', [
        `j-${studentId}`,
        studentId,
        leaId,
        '2025-07-01',
      ]);
      await session
        .get(AccessWriter)
        .open({ studentId, grantee: `LEA:${leaId}`, relation: 'JURISDICTION', leaId, validFrom: '2025-07-01' });
      await loadServices(session, [{ studentId, leaId, services: [], assignments: [], ...more }]);
    });
  }

  /** What a claim by another LEA does in its transaction, as far as this subgraph can see. */
  async claim(session: Session, studentId: string, from: string, to: string, beginDate: string): Promise<void> {
    const lastDay = addDays(beginDate, -1);
    await this.sql(session, 'UPDATE pub_jurisdiction SET end_date = ? WHERE student_id = ? AND end_date IS NULL', [
      lastDay,
      studentId,
    ]);
    await this.sql(session, 'INSERT INTO pub_jurisdiction (id, student_id, lea_id, begin_date) VALUES (?, ?, ?, ?)', [
      `j2-${studentId}`,
      studentId,
      to,
      beginDate,
    ]);
    const access = session.get(AccessWriter);
    await access.close({ studentId, grantee: `LEA:${from}`, relation: 'JURISDICTION' }, lastDay);
    for (const relation of ['CASE_MANAGER', 'PROVIDER'] as const)
      if (lastDay >= session.today) await access.close({ studentId, leaId: from, relation }, lastDay);
      else await access.revoke({ studentId, leaId: from, relation });
    await access.open({ studentId, grantee: `LEA:${to}`, relation: 'JURISDICTION', leaId: to, validFrom: beginDate });
  }

  /** What the withdrawal of that claim, of a coming day, does in its transaction. */
  async withdraw(session: Session, studentId: string, from: string, to: string, beginDate: string): Promise<void> {
    await this.sql(session, 'DELETE FROM pub_jurisdiction WHERE id = ?', [`j2-${studentId}`]);
    await this.sql(session, 'UPDATE pub_jurisdiction SET end_date = NULL WHERE student_id = ? AND lea_id = ?', [
      studentId,
      from,
    ]);
    const access = session.get(AccessWriter);
    await access.revoke({ studentId, leaId: to, validFrom: beginDate });
    await access.reopen(studentId, addDays(beginDate, -1));
  }

  plan(
    iepId: string,
    studentId: string,
    state: string,
    parentIepId: string | null = null,
    reactivatesIepId: string | null = null,
    agreed = ['CURRENT', 'HISTORY'].includes(state),
    affirmedAt = { CURRENT: '2026-02-01 10:00:00', HISTORY: '2025-02-01 10:00:00' }[state] ?? null,
  ): Promise<unknown> {
    const insert =
      'INSERT INTO pub_iep (id, student_id, state, parent_iep_id, reactivates_iep_id, agreed, affirmed_at) VALUES (?, ?, ?, ?, ?, ?, ?)';
    const row = [iepId, studentId, state, parentIepId, reactivatesIepId, agreed ? 1 : 0, affirmedAt];
    return this.write((session) => this.sql(session, insert, row));
  }

  /** Tells the subgraph an event of another one, and waits for its effect. */
  async deliver(type: string, studentId: string, payload: object): Promise<void> {
    await this.write((session) => session.emit(defineEvent<object>(type, ['services']), studentId, payload));
    const { database, clock, subgraph } = this;
    await new Dispatcher({ database, clock, log, consumer: 'services', handlers: subgraph.consumes }).drain();
  }

  principal(username: string, over: Partial<Principal> = {}): Principal {
    return {
      subject: accountOf(username),
      kind: 'staff',
      displayName: username,
      perspective: `role-${username}`,
      role: 'TEST',
      level: 'teacher',
      readOnly: false,
      capabilities: [],
      grants: [] as Grant[],
      organizationId: null,
      timeZone: 'America/Los_Angeles',
      epoch: 1,
      ...CALLERS[username],
      ...over,
    };
  }

  /** Through the door of the subgraph, under a sealed principal. */
  async call(username: string, query: string, variables: object = {}, over: Partial<Principal> = {}): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const sealed = sealPrincipal(
      { principal: this.principal(username, over), requestId: `r${++this.requests}` },
      'services',
      body,
      key,
    );
    const { status, body: answer } = await this.subgraph.handle({
      method: 'POST',
      path: '/graphql',
      headers: { 'x-principal': sealed },
      body,
    });
    return { status, ...JSON.parse(answer) };
  }

  /** A mutation with its input: the payload, or the top-level error's code. */
  async mutate(
    username: string,
    name: string,
    input: object,
    selection: string,
    over: Partial<Principal> = {},
  ): Promise<Json> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
    const { data, errors } = await this.call(
      username,
      `mutation($input: ${type}) { ${name}(input: $input) { ${selection} errors { code message path severity } } }`,
      { input },
      over,
    );
    return data?.[name] ?? { failed: errors?.[0]?.extensions.code, message: errors?.[0]?.message };
  }

  /** Fields of one student, by the way that the gateway takes. */
  async ofStudent(username: string, studentId: string, selection: string): Promise<Json> {
    const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { ${selection} } } }`;
    const { data, errors } = await this.call(username, query, { r: [{ __typename: 'Student', id: studentId }] });
    if (errors) throw new Error(JSON.stringify(errors));
    return data._entities[0];
  }

  /** Counts the statements of a piece of work that touch a table. */
  async statements(table: string, work: () => Promise<unknown>): Promise<number> {
    let count = 0;
    const stop = this.database.guard.listen((sql) => (count += new RegExp(`FROM .?${table}\\b`).test(sql) ? 1 : 0));
    await work();
    stop();
    return count;
  }
}

const accountOf = (username: string): string => `acct-${username.replaceAll('.', '-')}`;
