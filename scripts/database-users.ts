import { issuerDatabaseUse } from '../issuer';
import type { Database } from '../platform/database/database';
import { notUsable, readMap } from '../platform/config';
import { type DatabaseUse, type Rights, rightsOf } from '../platform/rights';
import { iepDatabaseUse } from '../subgraphs/iep';
import { reportingDatabaseUse } from '../subgraphs/reporting';
import { servicesDatabaseUse } from '../subgraphs/services';
import { studentsDatabaseUse } from '../subgraphs/students';

/** The processes that have a database user of their own. The gateway has no database. */
export const databaseUses = {
  students: studentsDatabaseUse,
  iep: iepDatabaseUse,
  services: servicesDatabaseUse,
  reporting: reportingDatabaseUse,
  issuer: issuerDatabaseUse,
} satisfies Record<string, DatabaseUse>;
export type ProcessName = keyof typeof databaseUses;
export const processNames = Object.keys(databaseUses) as ProcessName[];

/** Where the users are made. */
export interface Accounts {
  /** Name of the schema that holds the tables. */
  database: string;
  /** Hosts that the processes connect from, as MySQL writes them. */
  host: string;
  /** Begins every user name. */
  prefix: string;
}
export const DEFAULT_ACCOUNTS = { host: '%', prefix: 'iep_' } as const;

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const account = (name: string, { host, prefix }: Accounts): string => `${literal(prefix + name)}@${literal(host)}`;

/** Makes a user that nobody can connect as until it gets a password; one that exists stays as it is. */
const createUser = (user: string): string => `CREATE USER IF NOT EXISTS ${user} ACCOUNT LOCK`;
/** Takes away whatever the user had: what was granted by hand, or by an older version. */
const revokeAll = (user: string): string => `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${user}`;
const grants = (rights: Rights, user: string, { database }: Accounts): string[] =>
  Object.entries(rights).map(
    ([name, verbs]) => `GRANT ${verbs.join(', ')} ON ${quoted(database)}.${quoted(name)} TO ${user}`,
  );

/** The statements that give each process its own user with just its rights. Tables and views must exist. Holds no secret. */
export function userStatements(accounts: Accounts): string[] {
  return processNames.flatMap((name) => {
    const user = account(name, accounts);
    return [createUser(user), revokeAll(user), ...grants(rightsOf(databaseUses[name]), user, accounts)];
  });
}

/**
 * The statements that make the owner of the schema, the user of `npm run migrate`. To be run before the first migration.
 * Views and triggers run with the rights of this user (SQL SECURITY DEFINER), so it has to stay.
 */
export function ownerStatements(accounts: Accounts): string[] {
  const user = account('migrate', accounts);
  // In the name of a whole schema an underscore stands for any character.
  const schema = quoted(accounts.database.replaceAll('_', '\\_'));
  return [
    createUser(user),
    `GRANT ALL PRIVILEGES ON ${schema}.* TO ${user} WITH GRANT OPTION`,
    // Only needed to let `npm run migrate` make the users of the processes (DATABASE_USERS).
    `GRANT CREATE USER ON *.* TO ${user}`,
  ];
}

/**
 * Makes the users, with these passwords, and brings their rights to what this build needs. An administrator revokes only from
 * a user that has more, so that servers go on beside it; the owner, who may not look at the rights of others, begins anew.
 */
export async function applyUsers(
  owner: Database,
  passwords: Record<ProcessName, string>,
  where: Omit<Accounts, 'database'> = DEFAULT_ACCOUNTS,
): Promise<void> {
  if (owner.engine !== 'mysql') throw new Error('Only MySQL and MariaDB have users: leave DATABASE_USERS out.');
  const run = (sql: string, parameters: unknown[] = []): Promise<Record<string, string>[]> =>
    owner.schemaSource.query(sql, parameters);
  const accounts = { ...where, database: (await run('SELECT DATABASE() AS name'))[0]!.name! };
  /** What the user may do now; null when only an administrator may know. */
  const heldBy = async (user: string): Promise<string[] | null> => {
    try {
      return (await run(`SHOW GRANTS FOR ${user}`)).flatMap((row) => singleRights(Object.values(row)[0]!));
    } catch {
      return null;
    }
  };
  for (const name of processNames) {
    const user = account(name, accounts);
    await run(createUser(user));
    await run(`ALTER USER ${user} IDENTIFIED BY ? ACCOUNT UNLOCK`, [passwords[name]]);
    const wanted = grants(rightsOf(databaseUses[name]), user, accounts);
    const keep = new Set(wanted.flatMap(singleRights));
    let held = await heldBy(user);
    if (!held?.every((right) => keep.has(right))) {
      await run(revokeAll(user));
      held = [];
    }
    for (const grant of wanted) if (!singleRights(grant).every((right) => held.includes(right))) await run(grant);
  }
}

/** `GRANT SELECT, UPDATE (a, b) ON …` as a list of single rights, whichever way the server writes it. */
function singleRights(grant: string): string[] {
  const plain = grant.replace(/[`']/g, '');
  const [, verbs, object] = /^GRANT (.+?) ON (\S+) TO /.exec(plain) ?? [];
  if (!verbs) return [plain]; // A role: not one of ours.
  const sortColumns = (verb: string): string =>
    verb.replace(/ ?\((.+)\)/, (_, columns: string) => ` (${columns.split(', ').sort().join(', ')})`);
  const option = plain.includes(' WITH GRANT OPTION') ? ['GRANT OPTION'] : [];
  return [...verbs.split(/, (?![^(]*\))/), ...option]
    .filter((verb) => verb !== 'USAGE')
    .map((verb) => `${sortColumns(verb)} ON ${object}`);
}

/**
 * Reads DATABASE_USERS: one password for every process.
 * @throws Error with one readable line per fault
 */
export function readPasswords(text: string): Record<ProcessName, string> {
  const given = readMap(text, 'DATABASE_USERS');
  const faults = [
    ...processNames.filter((name) => !given[name]).map((name) => `DATABASE_USERS: has no password for ${name}`),
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(databaseUses, name))
      .map((name) => `DATABASE_USERS: there is no process ${name}`),
  ];
  if (faults.length > 0) throw notUsable(faults);
  return given as Record<ProcessName, string>;
}
