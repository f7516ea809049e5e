import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import type { Database } from '../platform/database/database';
import { migrate } from '../platform/database/migrate';
import { platformRights, type Rights, rightsOf, tablesOf } from '../platform/rights';
import {
  applyUsers,
  databaseUses,
  DEFAULT_ACCOUNTS,
  ownerStatements,
  type ProcessName,
  processNames,
  readPasswords,
  userStatements,
} from '../scripts/database-users';
import { auditTables } from '../platform/tables';
import { allEntities } from '../scripts/graph';
import { connectOwner } from '../scripts/runtime';
import { DatabaseUsers } from './harness/database-users';
import { databaseUrls, mysqlServer } from './harness/databases';

const rights = Object.fromEntries(processNames.map((name) => [name, rightsOf(databaseUses[name])])) as Record<
  ProcessName,
  Rights
>;
/** Who may do it to a table or view. */
const holders = (verb: string, relation: string): ProcessName[] =>
  processNames.filter((name) => rights[name][relation]?.some((held) => held.startsWith(verb)));

describe('rights in the database, as data', () => {
  test('every table has one owner: a process, or the platform', () => {
    const owned = processNames.flatMap((name) => tablesOf(databaseUses[name].owns));
    const platform = new Set(Object.values(platformRights).flatMap((part) => Object.keys(part)));
    expect(owned.filter((table, i) => owned.indexOf(table) !== i || platform.has(table))).toEqual([]);
    const tables = tablesOf([...allEntities, ...auditTables] as never[]);
    expect(tables.filter((table) => !owned.includes(table) && !platform.has(table))).toEqual([]);
  });

  test('only its owner writes or reads a table of a process', () => {
    for (const name of processNames)
      for (const table of tablesOf(databaseUses[name].owns))
        for (const verb of ['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
          expect([table, holders(verb, table).filter((other) => other !== name)]).toEqual([table, []]);
  });

  test.each(processNames)('%s reads the published views that its code names, and no others', (name) => {
    const folder = name === 'issuer' ? 'issuer' : join('subgraphs', name);
    const named = readdirSync(join(__dirname, '..', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.ts$/.test(file) && !/\.(test|fixture)\.ts$|^migrations|^index\.ts$|^tables\.ts$/.test(file))
      .flatMap((file) => readFileSync(join(__dirname, '..', folder, file), 'utf8').match(/\bpub_\w+/g) ?? []);
    expect([...databaseUses[name].reads].sort()).toEqual([...new Set(named)].sort());
  });

  test('hashed credentials are published to the issuer alone', () => {
    expect(holders('SELECT', 'pub_credential')).toEqual(['issuer']);
    expect(holders('SELECT', 'pub_client')).toEqual(['issuer']);
    expect(holders('SELECT', 'account')).toEqual(['students']);
  });

  test('the listed writers of the platform: rights on students, epochs, events, the audit log', () => {
    for (const verb of ['INSERT', 'UPDATE']) expect(holders(verb, 'student_access')).toEqual(['students', 'services']);
    expect(holders('DELETE', 'student_access')).toEqual([]);
    for (const verb of ['INSERT', 'UPDATE']) expect(holders(verb, 'principal_epoch')).toEqual(['students']);
    expect(holders('INSERT', 'outbox_event')).toEqual(['students', 'iep', 'services']);
    expect(holders('UPDATE', 'outbox_delivery')).toEqual(['students', 'services', 'reporting']);
    for (const verb of ['UPDATE', 'DELETE']) expect(holders(verb, 'outbox_event')).toEqual([]);
    for (const table of tablesOf(auditTables)) {
      for (const verb of ['UPDATE', 'DELETE']) expect([table, holders(verb, table)]).toEqual([table, []]);
    }
    expect(holders('SELECT', 'audit_disclosed_student')).toEqual(['students']);
    expect(holders('INSERT', 'audit_entry')).toEqual(['students', 'iep', 'services', 'reporting']);
  });

  test('nothing that is on file about a student can be deleted: only pages and goals of drafts, and what is computed anew', () => {
    const removable = processNames.flatMap((name) =>
      Object.keys(rights[name]).filter((relation) => rights[name][relation]!.includes('DELETE')),
    );
    expect([...new Set(removable)].sort()).toEqual([
      'idempotency',
      'iep_form',
      'iep_goal',
      'oidc_payload',
      'report_row',
      'report_run',
      'seen_request',
      'student_fact',
    ]);
    // Who could remove the id of a mutation could have it counted twice.
    expect(holders('DELETE', 'seen_request')).toEqual(['reporting']);
  });

  test('the printed statements hold no password, and make users that nobody can connect as yet', () => {
    const accounts = { ...DEFAULT_ACCOUNTS, database: 'iep_production' };
    const statements = [...ownerStatements(accounts), ...userStatements(accounts)];
    expect(statements.filter((statement) => /IDENTIFIED|PASSWORD/i.test(statement))).toEqual([]);
    const made = statements.filter((statement) => statement.startsWith('CREATE USER'));
    expect(made).toHaveLength(processNames.length + 1);
    for (const statement of made) expect(statement).toMatch(/^CREATE USER IF NOT EXISTS 'iep_\w+'@'%' ACCOUNT LOCK$/);
    expect(ownerStatements(accounts)[1]).toContain('`iep\\_production`.*');
  });

  test('DATABASE_USERS wants a password for every process, and for nothing else', () => {
    expect(() => readPasswords('students=a,iep=b,services=c,reporting=d,gateway=e')).toThrow(
      /no password for issuer\n.*there is no process gateway/,
    );
  });
});

const mysql = databaseUrls().find(([engine]) => engine === 'mysql');
/** Needs a MariaDB or MySQL: skipped, and counted as skipped, when none answers. */
(mysql ? describe : describe.skip)('rights in the database, as MariaDB or MySQL grants them', () => {
  /** The one that `npm run -s grants -- --owner` makes. */
  let owner: Database;
  let administrator: Database;
  let users: DatabaseUsers;
  const as = {} as Record<ProcessName, Connection>;
  /** Tables and views with their columns. */
  const columns = new Map<string, string[]>();
  let schema: string;

  beforeAll(async () => {
    const url = await mysql![1](tmpdir());
    schema = new URL(url).pathname.slice(1);
    administrator = await connectOwner(url);
    const prefix = DatabaseUsers.newPrefix();
    for (const sql of ownerStatements({ database: schema, prefix, host: '%' })) await ask(sql);
    await ask(`ALTER USER '${prefix}migrate'@'%' IDENTIFIED BY 'of the owner' ACCOUNT UNLOCK`);
    const ownersUrl = Object.assign(new URL(url), { username: `${prefix}migrate`, password: 'of the owner' });
    owner = await connectOwner(ownersUrl.href);
    await migrate(owner);
    users = await DatabaseUsers.make(owner, url, prefix);
    const { createConnection } = await import('mysql2/promise');
    for (const name of processNames) as[name] = await createConnection(users.urlOf(name));
    const rows = await ask(
      'SELECT TABLE_NAME AS relation, COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?',
      [schema],
    );
    for (const { relation, name } of rows) columns.set(relation!, [...(columns.get(relation!) ?? []), name!]);
  });
  afterAll(async () => {
    for (const connection of Object.values(as)) await connection.end();
    await owner?.close();
    await administrator?.close();
  });

  /** As administrator. */
  const ask = (sql: string, parameters: unknown[] = []): Promise<Record<string, string>[]> =>
    administrator.schemaSource.query(sql, parameters);
  const userOf = (name: ProcessName): string => `'${users.prefix}${name}'@'%'`;

  /** Every way to touch a table or view, as statements that find nothing to do. */
  function attempts(relation: string): { verb: string; column: string; sql: string }[] {
    const names = columns.get(relation)!;
    return [
      ...names.map((column) => ({ verb: 'SELECT', column, sql: `SELECT \`${column}\` FROM \`${relation}\` LIMIT 0` })),
      {
        verb: 'INSERT',
        column: '',
        sql: `INSERT INTO \`${relation}\` (\`${names.join('`, `')}\`) SELECT ${names.map(() => 'NULL').join(', ')} FROM DUAL WHERE 1 = 0`,
      },
      ...names.map((column) => ({
        verb: 'UPDATE',
        column,
        sql: `UPDATE \`${relation}\` SET \`${column}\` = NULL WHERE 1 = 0`,
      })),
      { verb: 'DELETE', column: '', sql: `DELETE FROM \`${relation}\` WHERE 1 = 0` },
    ];
  }

  /** ER_DBACCESS_DENIED, ER_ACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED. */
  const DENIED = [1044, 1045, 1142, 1143, 1227];
  async function outcome(connection: Connection, sql: string): Promise<string> {
    try {
      await connection.query(sql);
      return 'allowed';
    } catch (error) {
      const { errno, message } = error as { errno: number; message: string };
      return DENIED.includes(errno) ? 'denied' : message;
    }
  }

  const allows = (held: readonly string[], verb: string, column: string): boolean =>
    held.some((right) => {
      const [, kind, limit] = /^(\w+)(?: \((.*)\))?$/.exec(right)!;
      return kind === verb && (limit === undefined || limit.split(', ').includes(column));
    });

  test.each(processNames)(
    '%s can do what its list says to every table, view and column, and nothing else',
    async (name) => {
      expect(columns.size).toBeGreaterThan(40);
      const wrong: string[] = [];
      for (const relation of columns.keys()) {
        for (const { verb, column, sql } of attempts(relation)) {
          const expected = allows(rights[name][relation] ?? [], verb, column) ? 'allowed' : 'denied';
          const actual = await outcome(as[name], sql);
          if (actual !== expected) wrong.push(`${verb} ${relation}.${column}: ${actual}, expected ${expected}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  test('every table of the database has an owner', async () => {
    const listed = new Set(processNames.flatMap((name) => Object.keys(rights[name])));
    const tables = await ask(
      "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'",
      [schema],
    );
    expect(tables.map(({ name }) => name!).filter((name) => !listed.has(name))).toEqual([]);
    expect([...listed].filter((name) => !columns.has(name))).toEqual([]);
  });

  test('views are read with the rights of the owner, who keeps what is below them', async () => {
    const views = await ask(
      'SELECT TABLE_NAME AS name, SECURITY_TYPE AS security, DEFINER AS definer FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?',
      [schema],
    );
    expect(views.length).toBeGreaterThan(10);
    expect(views.filter(({ security }) => security !== 'DEFINER')).toEqual([]);
    expect([...new Set(views.map(({ definer }) => definer))]).toEqual([`${users.prefix}migrate@%`]);
  });

  test.each(processNames)(
    '%s changes no schema, takes off no trigger, hands on no right and sees no other schema',
    async (name) => {
      for (const sql of [
        'CREATE TABLE extra (id INT)',
        'ALTER TABLE student_access ADD COLUMN extra INT',
        'DROP TABLE student_access',
        'TRUNCATE TABLE student_access',
        'CREATE VIEW extra AS SELECT * FROM student',
        'DROP VIEW pub_student',
        'DROP TRIGGER iep_no_change',
        'CREATE TRIGGER extra BEFORE INSERT ON audit_entry FOR EACH ROW SET NEW.kind = NULL',
        'LOCK TABLES student_access WRITE',
        'SELECT * FROM mysql.user',
        "SELECT 'x' INTO OUTFILE '/tmp/iep_test_extra'",
        `GRANT SELECT ON ${schema}.schema_migration TO ${userOf('issuer')}`,
        "CREATE USER 'iep_test_extra'@'%'",
      ])
        expect([sql, await outcome(as[name], sql)]).toEqual([sql, 'denied']);
    },
  );

  test('rights that were given by hand are taken away; a second run changes nothing', async () => {
    const passwords = Object.fromEntries(processNames.map((name) => [name, 'of the second run'])) as Record<
      ProcessName,
      string
    >;
    const changes = async (): Promise<string[]> => {
      const changed: string[] = [];
      const stop = administrator.guard.listen((sql) => /^(GRANT|REVOKE)/.test(sql) && changed.push(sql));
      await applyUsers(administrator, passwords, { prefix: users.prefix, host: '%' });
      stop();
      return changed;
    };
    expect(await changes()).toEqual([]);
    await ask(`GRANT SELECT ON ${schema}.* TO ${userOf('reporting')}`);
    await ask(`GRANT UPDATE (grantee) ON ${schema}.student_access TO ${userOf('services')}`);
    await ask(`GRANT SELECT ON ${schema}.pub_iep TO ${userOf('issuer')} WITH GRANT OPTION`);
    expect((await changes()).filter((sql) => sql.startsWith('REVOKE'))).toHaveLength(3);
    expect(await outcome(as.reporting, 'SELECT 1 FROM student LIMIT 0')).toBe('denied');
    expect(await outcome(as.services, 'UPDATE student_access SET grantee = NULL WHERE 1 = 0')).toBe('denied');
    expect(await outcome(as.issuer, 'SELECT 1 FROM pub_iep LIMIT 0')).toBe('denied');
    expect(await outcome(as.services, 'UPDATE student_access SET valid_to = NULL WHERE 1 = 0')).toBe('allowed');
    expect(await changes()).toEqual([]);
  });

  test('the printed statements can be run again and again, and give the same rights', async () => {
    const granted = async (): Promise<string[]> => {
      const rows: string[] = [];
      for (const name of processNames)
        for (const row of await ask(`SHOW GRANTS FOR ${userOf(name)}`))
          rows.push(Object.values(row)[0]!.replace(/ IDENTIFIED BY PASSWORD '.*'/, ''));
      return rows.sort();
    };
    const before = await granted();
    const { createConnection } = await import('mysql2/promise');
    const piped = await createConnection({ uri: mysqlServer, multipleStatements: true });
    const script = userStatements({ database: schema, prefix: users.prefix, host: '%' }).join(';\n');
    for (let round = 0; round < 2; round++) await piped.query(script);
    expect(await granted()).toEqual(before);
    for (const name of processNames) await piped.query(`DROP USER ${userOf(name)}`);
    await piped.query(script);
    expect(await granted()).toEqual(before);
    await piped.end();
    await expect(createConnection(users.urlOf('issuer'))).rejects.toThrow(/denied|locked/i);
  });
});
