import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../platform/clock';
import { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { migrate } from '../../platform/database/migrate';
import { bool, createTable, day, id, instant, int, ref, string } from '../../platform/database/migration';
import { createLogger } from '../../platform/log';
import { sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { bumpEpoch } from '../../platform/scope/epoch';
import { type Session, systemSession } from '../../platform/scope/session';
import { platformMigrations, platformProtected, platformTables } from '../../platform/tables';
import type { Subgraph } from '../../platform/subgraph/create-subgraph';
import { createIepSubgraph, iepEntities, iepMigrations, iepProtectedTables } from './index';

/** What the other subgraphs publish, as tables: the contract's columns and nothing else. */
const nullable = { nullable: true };
const publishedViews = [
  createTable(1764000008001, 'pub_service', {
    columns: {
      id: id(),
      student_id: ref(),
      iep_id: ref(nullable),
      lea_id: ref(nullable),
      code: string(20),
      state: string(12),
      do_not_report: bool(),
      parent_service_id: ref(nullable),
      frequency: string(20, nullable),
      minutes: int(nullable),
      delivery: string(20, nullable),
      location: string(40, nullable),
      provider_id: ref(nullable),
      start_date: day(nullable),
      end_date: day(nullable),
    },
  }),
  createTable(1764000008002, 'pub_assignment', {
    columns: {
      id: id(),
      student_id: ref(),
      provider_id: ref(),
      account_id: ref(nullable),
      role: string(20),
      lea_id: ref(nullable),
      valid_from: day(),
      valid_to: day(nullable),
      revoked_at: instant(nullable),
    },
  }),
  createTable(1764000008003, 'pub_student', {
    columns: {
      id: id(),
      state_id: string(20),
      first_name: string(80),
      last_name: string(80),
      date_of_birth: day(),
      status: string(30),
    },
  }),
  createTable(1764000008004, 'pub_jurisdiction', {
    columns: { id: id(), student_id: ref(), lea_id: ref(), state_org_id: ref(), end_date: day(nullable) },
  }),
  createTable(1764000008005, 'pub_organization', { columns: { id: id(), name: string(120) } }),
  createTable(1764000008006, 'pub_reporting_period', {
    columns: {
      id: id(),
      code: string(20),
      name: string(120),
      state_org_id: ref(nullable),
      census_day: day(),
      red_from: day(nullable),
      red_to: day(nullable),
    },
  }),
];

export const NOW = new Date('2026-02-10T18:00:00Z');
export const TODAY = '2026-02-10';
const key = new TextEncoder().encode('k'.repeat(32));

export interface Answer {
  status: number;
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
}

/** The iep subgraph over a fresh database, called through its own door. */
export class IepGraph {
  readonly clock = new FixedClock(NOW);
  database: Database;
  private subgraph: Subgraph;
  private requests = 0;

  static async open(makeUrl: (folder: string) => Promise<string>): Promise<IepGraph> {
    const graph = new IepGraph();
    graph.database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'iep-'))),
      entities: [...platformTables, ...iepEntities],
      protectedTables: [...platformProtected, ...iepProtectedTables],
      migrations: [...platformMigrations, ...publishedViews, ...iepMigrations],
    });
    await migrate(graph.database);
    graph.subgraph = createIepSubgraph({
      database: graph.database,
      clock: graph.clock,
      log: createLogger('test', 'silent'),
      audit: { append: async () => undefined },
      principalKeys: [key],
    });
    await graph.write(async (session) => {
      await graph.row('pub_organization', { id: 'lea-a', name: 'Ripon Unified' }, session);
      for (const subject of ['acct-cm', 'acct-sp', 'acct-district', 'acct-former', 'acct-writer'])
        await bumpEpoch(session, subject);
    });
    return graph;
  }

  /** A student of LEA A whose case manager is acct-cm, and whose provider is acct-sp. */
  async student(studentId: string, dateOfBirth = '2016-05-05', stateId = 'state-ca'): Promise<string> {
    await this.write(async (session) => {
      const since = { studentId, leaId: 'lea-a', validFrom: '2025-08-01' };
      await session.get(AccessWriter).open(
        { ...since, grantee: 'LEA:lea-a', relation: 'JURISDICTION' },
        { ...since, grantee: 'STAFF:acct-cm', relation: 'CASE_MANAGER' },
        { ...since, grantee: 'STAFF:acct-sp', relation: 'PROVIDER' },
        {
          ...since,
          grantee: 'LEA:lea-former',
          relation: 'JURISDICTION',
          leaId: 'lea-former',
          validFrom: '2023-08-01',
          validTo: '2025-07-31',
        },
      );
      const assignment = {
        student_id: studentId,
        valid_from: '2025-08-01',
        valid_to: null,
        revoked_at: null,
        lea_id: 'lea-a',
      };
      await this.row(
        'pub_assignment',
        { id: `${studentId}-cm`, provider_id: 'prov-cm', account_id: 'acct-cm', role: 'CASE_MANAGER', ...assignment },
        session,
      );
      await this.row(
        'pub_assignment',
        { id: `${studentId}-sp`, provider_id: 'prov-sp', account_id: 'acct-sp', role: 'PROVIDER', ...assignment },
        session,
      );
      await this.row(
        'pub_student',
        {
          id: studentId,
          state_id: `SSID-${studentId}`,
          first_name: 'Ana',
          last_name: 'Nuñez',
          date_of_birth: dateOfBirth,
          status: 'ELIGIBLE_ACTIVE',
        },
        session,
      );
      await this.row(
        'pub_jurisdiction',
        { id: `${studentId}-j`, student_id: studentId, lea_id: 'lea-a', state_org_id: stateId, end_date: null },
        session,
      );
    });
    return studentId;
  }

  async service(
    serviceId: string,
    studentId: string,
    iepId: string,
    over: Record<string, unknown> = {},
  ): Promise<void> {
    const usual = {
      code: '330',
      state: 'PROPOSED',
      do_not_report: 0,
      frequency: 'WEEKLY',
      minutes: 60,
      delivery: 'INDIVIDUAL',
      location: 'SCHOOL',
    };
    await this.write((session) =>
      this.row(
        'pub_service',
        { id: serviceId, student_id: studentId, iep_id: iepId, start_date: TODAY, ...usual, ...over },
        session,
      ),
    );
  }

  row(table: string, values: Record<string, unknown>, session: Session): Promise<unknown> {
    const columns = Object.keys(values);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    return session.manager.query(scopeComment('system:test') + sql, Object.values(values));
  }

  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { database, clock } = this;
    return database.write((manager) =>
      work(systemSession({ manager, engine: database.engine, clock, writing: true }, 'test')),
    );
  }

  select(sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.database.read.query(scopeComment('system:test') + sql, parameters) as Promise<
      Record<string, unknown>[]
    >;
  }

  async call(query: string, variables: Record<string, unknown> = {}, as: Principal = caseManager()): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const requestId = `r${++this.requests}`;
    const headers = { 'x-principal': sealPrincipal({ principal: as, requestId }, 'iep', body, key) };
    const answer = await this.subgraph.handle({ method: 'POST', path: '/graphql', headers, body });
    return { status: answer.status, ...(JSON.parse(answer.body) as object) } as Answer;
  }

  /** Runs a mutation with one input and answers its payload; throws when the call failed at the top. */
  async mutate(name: string, input: object, selection = 'iep { id state version }', as?: Principal): Promise<any> {
    const answer = await this.tryMutate(name, input, selection, as);
    if (answer.errors || answer.status !== 200) throw new Error(JSON.stringify(answer));
    return answer.data[name];
  }

  tryMutate(name: string, input: object, selection = 'iep { id state version }', as?: Principal): Promise<Answer> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    return this.call(
      `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} errors { code message path severity } } }`,
      { input },
      as,
    );
  }

  async iep(iepId: string, selection: string, as?: Principal): Promise<any> {
    return (await this.call(`query($id: ID!) { iep(id: $id) { ${selection} } }`, { id: iepId }, as)).data.iep;
  }

  /** A draft with all forms filled, one goal, and the meeting held: affirmable once the attester ticks the list. */
  async heldIep(studentId: string, kind = 'PART_B_INITIAL', signature: string | null = 'AGREE_ALL'): Promise<string> {
    const { iep } = await this.mutate('startIep', { studentId, kind });
    await this.fill(iep.id as string, signature);
    const version = (await this.iep(iep.id as string, 'version')).version as number;
    await this.mutate('holdMeeting', { iepId: iep.id, version, meetingDate: '2026-02-05' });
    return iep.id as string;
  }

  /** Saves valid content into every form that needs it. */
  async fill(iepId: string, signature: string | null = 'AGREE_ALL'): Promise<void> {
    const participants = { ...TEAM, signature: signature && { outcome: signature, signedOn: '2026-02-05' } };
    for (const [field, content] of Object.entries({ presentLevels: LEVELS, offer: OFFER, participants, notes: NOTES }))
      await this.save(iepId, field, content);
    const { goals } = await this.iep(iepId, 'goals { id }');
    if (goals.length === 0) await this.mutate('addGoal', { iepId, ...GOAL }, 'goal { id }');
  }

  async save(iepId: string, field: string, content: object): Promise<any> {
    const kind = field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    const { forms } = await this.iep(iepId, 'forms { kind version }');
    const version = (forms as { kind: string; version: number }[]).find((form) => form.kind === kind)?.version ?? null;
    return this.mutate(
      'saveIepForm',
      { iepId, version, [field]: content },
      'form { kind mark version } findings { rule { id } path }',
    );
  }

  async affirm(iepId: string, over: object = {}, as?: Principal): Promise<any> {
    const { version } = await this.iep(iepId, 'version');
    const attestation = { ...TICKED, copyGivenOn: this.clock.now().toISOString().slice(0, 10) };
    const input = { iepId, version, purposes: ['ANNUAL'], attestation, ...over };
    return this.mutate('affirmIep', input, 'iep { id state version }', as);
  }
}

const CAPABILITIES = [
  'student:read',
  'iep:read',
  'iep.narrative:read',
  'iep:write',
  'goal:write',
  'progress:write',
  'evaluation:read',
  'evaluation:write',
];

export function caseManager(over: Partial<Principal> = {}): Principal {
  return {
    subject: 'acct-cm',
    kind: 'staff',
    displayName: 'Casey Manager',
    perspective: 'p-cm',
    role: 'CASE_MANAGER',
    level: 'teacher',
    readOnly: false,
    capabilities: [...CAPABILITIES, 'iep:affirm'],
    grants: [{ relation: 'CASE_MANAGER', grantee: 'STAFF:acct-cm' }],
    organizationId: 'lea-a',
    timeZone: 'America/Los_Angeles',
    epoch: 1,
    ...over,
  };
}
const principal = (
  subject: string,
  role: string,
  relation: 'JURISDICTION' | 'PROVIDER',
  grantee: string,
  capabilities: string[] = [],
): Principal =>
  caseManager({
    subject,
    role,
    perspective: `p-${subject}`,
    grants: [{ relation, grantee }],
    capabilities: [...CAPABILITIES, ...capabilities],
  });

export const provider = principal('acct-sp', 'SERVICE_PROVIDER', 'PROVIDER', 'STAFF:acct-sp', ['iep:affirm']);
export const district = {
  ...principal('acct-district', 'DISTRICT_ADMIN', 'JURISDICTION', 'LEA:lea-a', ['iep:reactivate']),
  level: 'district' as const,
};
export const former = {
  ...principal('acct-former', 'DISTRICT_ADMIN', 'JURISDICTION', 'LEA:lea-former'),
  level: 'district' as const,
};
export const dataWriter = {
  ...principal('acct-writer', 'DATA_WRITER', 'JURISDICTION', 'LEA:lea-a', ['iep:affirm', 'iep:submit']),
  level: 'district' as const,
};

export const TICKED = {
  handwrittenChangesTyped: true,
  matchesSignedCopy: true,
  copyGivenToParent: true,
  copyGivenOn: '2026-02-10',
};
export const LEVELS = Object.fromEntries(
  [
    'strengths',
    'parentConcerns',
    'academicPerformance',
    'communication',
    'motorSkills',
    'socialEmotional',
    'health',
    'dailyLiving',
    'disabilityImpact',
  ].map((item) => [item, `A statement about ${item}.`]),
);
export const OFFER = {
  offers: ['Specialized academic instruction, 60 minutes a week.'],
  fapeStatement: 'The offer is calculated to enable progress.',
  federalEnvironment: 'RC80',
  percentInsideRegularClass: 85,
  primaryDisability: 'SLD',
};
export const TEAM = {
  participants: [
    { name: 'Maria Nuñez', role: 'PARENT', attended: true, agreement: 'AGREES', signedOn: '2026-02-05' },
    { name: 'Casey Manager', role: 'CASE_MANAGER', attended: true, agreement: 'AGREES' },
  ],
  participation: { confirmed: true },
};
export const NOTES = {
  discussion: 'Reading comes along.',
  topics: [{ topic: 'Extended school year', discussed: true, comment: 'Not needed.' }],
  actionProposed: 'Services as offered.',
  reason: 'Reading is two years behind.',
  evaluationBasis: 'Assessment of January.',
  optionsConsidered: 'Consultation only: too little.',
  otherFactors: 'None came up.',
  safeguards: 'Given and explained.',
};
export const GOAL = {
  area: 'ACADEMIC',
  baseline: 'Reads 40 words a minute.',
  statement: 'By February 2027 reads 80 words a minute in 4 of 5 trials.',
  objectives: [{ statement: '60 words a minute', targetDate: '2026-08-30' }],
  discussed: true,
};

export const codes = (payload: { errors: { code: string }[] }): string[] => payload.errors.map((error) => error.code);
