import { issuerEntities, issuerMigrations } from '../../issuer';
import { Database } from '../../platform/database/database';
import { newId } from '../../platform/ids';
import { connectSubgraph } from '../../platform/subgraph/run';
import { applyUsers, type ProcessName, processNames } from '../../scripts/database-users';
import { iepEntities, iepMigrations, iepProtectedTables } from '../../subgraphs/iep';
import { reportingEntities, reportingMigrations, reportingProtectedTables } from '../../subgraphs/reporting';
import { servicesEntities, servicesMigrations, servicesProtectedTables } from '../../subgraphs/services';
import { studentsEntities, studentsMigrations, studentsProtectedTables } from '../../subgraphs/students';
import { mysqlServer } from './databases';

/** As each process of its own connects (the `main.ts` of a subgraph, `issuer/main.ts`). */
const subgraphs = {
  students: {
    entities: studentsEntities,
    migrations: studentsMigrations,
    protectedTables: studentsProtectedTables,
  },
  iep: { entities: iepEntities, migrations: iepMigrations, protectedTables: iepProtectedTables },
  services: {
    entities: servicesEntities,
    migrations: servicesMigrations,
    protectedTables: servicesProtectedTables,
  },
  reporting: {
    entities: reportingEntities,
    migrations: reportingMigrations,
    protectedTables: reportingProtectedTables,
  },
};

const prefixes: string[] = [];
if (typeof afterAll === 'function') {
  afterAll(async () => {
    if (prefixes.length === 0) return;
    const { createConnection } = await import('mysql2/promise');
    const connection = await createConnection(mysqlServer);
    for (const prefix of prefixes.splice(0))
      for (const name of [...processNames, 'migrate'])
        await connection.query(`DROP USER IF EXISTS '${prefix}${name}'@'%'`);
    await connection.end();
  });
}

/** Database users of the processes on one migrated database, with the rights of the product and names of their own. */
export class DatabaseUsers {
  private readonly commitListeners = new Set<() => void>();

  private constructor(
    readonly prefix: string,
    private readonly url: string,
    private readonly passwords: Record<ProcessName, string>,
    private readonly replicaUrl?: string,
  ) {}

  /** The start of user names that nobody else has. Users of that name are dropped after the suite. */
  static newPrefix(): string {
    const prefix = `iep_test_${newId().slice(-8)}_`;
    prefixes.push(prefix);
    return prefix;
  }

  static async make(
    owner: Database,
    url: string,
    prefix = DatabaseUsers.newPrefix(),
    replicaUrl?: string,
  ): Promise<DatabaseUsers> {
    const passwords = Object.fromEntries(processNames.map((name) => [name, newId()])) as Record<ProcessName, string>;
    await applyUsers(owner, passwords, { prefix, host: '%' });
    return new DatabaseUsers(prefix, url, passwords, replicaUrl);
  }

  urlOf(name: ProcessName, of = this.url): string {
    const url = new URL(of);
    url.username = this.prefix + name;
    url.password = this.passwords[name];
    return url.href;
  }

  connect(name: ProcessName): Promise<Database> {
    const { commitListeners } = this;
    const replicaUrl = this.replicaUrl && this.urlOf(name, this.replicaUrl);
    if (name !== 'issuer') return connectSubgraph(this.urlOf(name), subgraphs[name], { commitListeners, replicaUrl });
    const tables = { entities: issuerEntities, migrations: issuerMigrations, protectedTables: [] };
    return Database.connect({ url: this.urlOf(name), ...tables, commitListeners });
  }
}
