import { runCommand } from './command';
import { DEFAULT_ACCOUNTS, ownerStatements, userStatements } from './database-users';

const USAGE = `Prints the statements that give every process its own database user with just its rights, for mysql or mariadb.
Holds no password: users are locked until they get one. Run it after npm run migrate.

  npm run -s grants [-- --database iep] [--host %] [--prefix iep_] | mysql -u root -p

  --owner   the user of npm run migrate instead, for the time before the first migration`;

const text = { type: 'string' } as const;
const options = { database: text, host: text, prefix: text, owner: { type: 'boolean' } } as const;

/** `npm run -s grants`. */
runCommand({ usage: USAGE, options }, async ({ values }) => {
  const accounts = {
    database: values.database ?? 'iep',
    host: values.host ?? DEFAULT_ACCOUNTS.host,
    prefix: values.prefix ?? DEFAULT_ACCOUNTS.prefix,
  };
  const statements = values.owner ? ownerStatements(accounts) : userStatements(accounts);
  const hint = `-- Each new user is locked. To let it in: ALTER USER '${accounts.prefix}…'@'${accounts.host}' IDENTIFIED BY '…' ACCOUNT UNLOCK;`;
  process.stdout.write(`${hint}\n${statements.map((statement) => `${statement};\n`).join('')}`);
});
