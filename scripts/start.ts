import { join } from 'node:path';
import { systemClock } from '../platform/clock';
import { readSettings } from '../platform/config';
import { createLogger } from '../platform/log';
import { runProgram } from '../platform/process';
import { startSystem } from './system';

const ROOT = join(__dirname, '..', '..');

/** `npm start`: the product in one process, with the embedded database and initial data unless told otherwise. */
runProgram(async () => {
  const settings = readSettings();
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
  say(`
IEP Graph is running.

  GraphQL      ${system.url}/graphql     (in a browser: GraphiQL with sign-in)
  sign-in      ${system.url}/oidc
  health       ${system.url}/health
  data         ${settings.DATABASE_URL}${system.seeded ? ' (initial data loaded)' : ''}
${seed ? demoHelp(system.url) : ''}`);
});

const demoHelp = (url: string): string => `
Accounts of the initial data (the password is the user name):
  teacher.ripon    case manager in Ripon Unified        district.ripon     district administrator
  selpa.sanjoaquin SELPA administrator                  state.ca           state staff, read only
  writer.acadia    data writer, Louisiana               supervisor.nyc     supervisor, New York City
  partner client   regional-center

A first query:
  TOKEN=$(npm run -s token -- teacher.ripon)
  curl -s ${url}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
    -d '{"query":"{ viewer { displayName level } myCaseload(first: 3) { nodes { student { stateId lastName } } } }"}'
`;
