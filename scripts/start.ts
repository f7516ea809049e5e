import { join } from 'node:path';
import { systemClock } from '../platform/clock';
import { readSettings, type Settings } from '../platform/config';
import { maskUrl } from '../platform/database/connection-fault';
import { createLogger } from '../platform/log';
import { runCommand } from './command';
import { startSystem, type System } from './system';

const ROOT = join(__dirname, '..', '..');

const USAGE = `Runs the product in one process, with the embedded database and initial data unless told otherwise.

  npm start

Set by environment or a file .env, such as PORT, DATABASE_URL and SEED: .env.example names and describes them all.`;

runCommand({ usage: USAGE }, async () => {
  const settings = readSettings();
  if (settings.PROCESSES > 1)
    throw new Error('PROCESSES: npm start is one process. Its parts as programs of their own: docs/scaling.md');
  const production = settings.NODE_ENV === 'production';
  if (production && settings.SEED === 'demo')
    throw new Error('SEED=demo is refused with NODE_ENV=production: demo accounts have known passwords.');
  const log = createLogger('iep-graph', process.env.LOG_LEVEL ? settings.LOG_LEVEL : 'warn');
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const seed = (settings.SEED ?? (production ? 'none' : 'demo')) === 'demo';

  const system = await startSystem({ settings, clock: systemClock, log, root: ROOT, seed, say });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      void system.stop().then(() => process.exit(0));
    });
  }
  say(banner(system, settings));
});

/** Where the product is and how to sign in. */
function banner({ url, seeded, demoAccounts }: System, { DATABASE_URL, NODE_ENV, PORT }: Settings): string {
  const inBrowser = NODE_ENV === 'production' ? '' : '     (in a browser: GraphiQL with sign-in)';
  return `
IEP Graph is running.

  GraphQL      ${url}/graphql${inBrowser}
  sign-in      ${url}/oidc
  health       ${url}/health
  data         ${maskUrl(DATABASE_URL)}${seeded ? ' (initial data loaded)' : ''}
${demoAccounts.length > 0 ? demoHelp(url, PORT) : NO_ACCOUNTS}`;
}

const NO_ACCOUNTS = `
There are no accounts of the initial data here: they come into an empty database only, and never in production.
How to set up a system of your own: docs/set-up-a-system.md
`;

const demoHelp = (url: string, port: number): string => `
Accounts of the initial data (the password is the user name):
  teacher.ripon    case manager in Ripon Unified        district.ripon     district administrator
  selpa.sanjoaquin SELPA administrator                  state.ca           state staff, read only
  writer.acadia    data writer, Louisiana               supervisor.nyc     supervisor, New York City
  partner client   regional-center

A first query, in a second terminal:
  TOKEN=$(${port === 4000 ? '' : `PORT=${port} `}npm run -s token -- teacher.ripon)
  curl -s ${url}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"query":"{ viewer { displayName level } students(first: 1) { totalCount nodes { lastName currentIep { state } services(state: ACTIVE) { name } } } }"}'
`;
