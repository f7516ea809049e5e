import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '../../../platform/clock';
import { Database } from '../../../platform/database/database';
import { migrate } from '../../../platform/database/migrate';
import { createTable, day, id, ref, string } from '../../../platform/database/migration';
import { createLogger } from '../../../platform/log';
import { sealPrincipal } from '../../../platform/principal/envelope';
import type { Principal } from '../../../platform/principal/principal';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { type Session, systemSession } from '../../../platform/scope/session';
import type { Subgraph } from '../../../platform/subgraph/create-subgraph';
import { platformMigrations, platformProtected, platformTables } from '../../../platform/tables';
import {
  createStudentsSubgraph,
  initialAccountId,
  seedAccounts,
  seedOrganizations,
  seedPartnerGrant,
  studentsEntities,
  studentsMigrations,
  studentsProtectedTables,
} from '..';

export const RIPON = 'ca-39686500000000';
export const MANTECA = 'ca-39685930000000';
export const RIPON_SCHOOL = 'ca-39686506042477';
export const SERVICE_KEY = 'a-service-key-of-the-gateway';
const principalKey = new TextEncoder().encode('k'.repeat(32));

/** The views of other subgraphs that the subgraph reads, as tables. */
const foreignViews = [
  createTable(1764990000001, 'pub_service', {
    columns: {
      id: id(),
      student_id: ref(),
      lea_id: ref(),
      state: string(20),
      start_date: day(),
      end_date: day({ nullable: true }),
    },
  }),
];

type Json = any;
type Answer = { status: number } & Record<string, Json>;

/** The students subgraph on a fresh database with the initial organizations and accounts, behind its own doors. */
export class DirectorySystem {
  readonly clock = new FixedClock(new Date('2026-02-10T18:00:00Z'));
  readonly audited: unknown[] = [];
  database: Database;
  private subgraph: Subgraph;
  private requests = 0;

  static async start(makeUrl: (folder: string) => Promise<string>): Promise<DirectorySystem> {
    const system = new DirectorySystem();
    system.database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'students-'))),
      entities: [...platformTables, ...studentsEntities],
      protectedTables: [...platformProtected, ...studentsProtectedTables],
      migrations: [...platformMigrations, ...studentsMigrations, ...foreignViews],
    });
    await migrate(system.database);
    await system.write(seed);
    system.subgraph = createStudentsSubgraph({
      database: system.database,
      clock: system.clock,
      log: createLogger('test', 'silent'),
      audit: { append: async (kind, record) => void system.audited.push({ kind, record }) },
      principalKeys: [principalKey],
      serviceKey: SERVICE_KEY,
    });
    return system;
  }

  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { engine } = this.database;
    return this.database.write((manager) =>
      work(systemSession({ manager, engine, clock: this.clock, writing: true }, 'test')),
    );
  }

  /** Reads rows past every scope. */
  rows(sql: string, parameters: unknown[] = []): Promise<Json[]> {
    return this.database.read.query(`/* scope:system:test */ ${sql}`, parameters);
  }

  /** Calls an internal endpoint with the service key, or with other headers. */
  async internal(
    path: string,
    body: unknown,
    headers: Record<string, string> = { 'x-service-key': SERVICE_KEY },
    method = 'POST',
  ): Promise<Answer> {
    const answer = await this.subgraph.handle({
      method,
      path,
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, ...JSON.parse(answer.body) };
  }

  /** Asks for the principal of an account of the initial data. */
  load(username: string, more: object = {}): Promise<Answer> {
    return this.internal('/internal/principal', {
      issuer: 'embedded',
      subject: initialAccountId(username),
      kind: 'staff',
      ...more,
    });
  }

  async principalOf(username: string, perspective?: string): Promise<Principal> {
    return (await this.load(username, { perspective })).principal;
  }

  /** Asks for the principal of a partner's client. */
  partner(scopes: string[], more: object = {}): Promise<Answer> {
    return this.internal('/internal/principal', {
      issuer: 'embedded',
      subject: 'regional-center',
      kind: 'partner',
      scopes,
      ...more,
    });
  }

  async call(query: string, as: Principal, variables: object = {}): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const headers = {
      'x-principal': sealPrincipal({ principal: as, requestId: `r${++this.requests}` }, 'students', body, principalKey),
    };
    const answer = await this.subgraph.handle({ method: 'POST', path: '/graphql', headers, body });
    return { status: answer.status, ...JSON.parse(answer.body) };
  }

  /** Runs a mutation whose input and payload are named after it. */
  async act(name: string, input: object, as: Principal, selection: string): Promise<Answer> {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const answer = await this.call(
      `mutation($input: ${type}!) { ${name}(input: $input) { errors { code message path } ${selection} } }`,
      as,
      { input },
    );
    return { ...answer, payload: answer.data?.[name] };
  }
}

/** Four students of Ripon, one of Manteca; two of Ripon's granted to the partner. */
async function seed(session: Session): Promise<void> {
  await seedOrganizations(session);
  await seedAccounts(session);
  const owned = (leaId: string) => ({
    grantee: `LEA:${leaId}`,
    relation: 'JURISDICTION' as const,
    leaId,
    validFrom: '2025-08-01',
  });
  const access = session.get(AccessWriter);
  for (const studentId of ['s1', 's2', 's3', 's4']) await access.open({ studentId, ...owned(RIPON) });
  await access.open({ studentId: 's9', ...owned(MANTECA) });
  await seedPartnerGrant(session, ['s1', 's2']);
}
