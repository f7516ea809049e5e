import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Every environment variable of the product, declared and described once and checked at start. `.env.example` names them all.
 * Those of `SECRETS` may be in a file, which `NAME_FILE` names.
 */
const MIN_KEY = 32;
const TOO_SHORT = `must have at least ${MIN_KEY} characters`;
const secret = () => z.string().min(MIN_KEY, TOO_SHORT);
const secrets = () =>
  secret().refine((keys) => keys.split(',').every((key) => key.trim().length >= MIN_KEY), TOO_SHORT);
export const wholeNumber = (least: number, most: number, said = `a number between ${least} and ${most}`) =>
  z
    .string()
    .refine((text) => isBetween(Number(text), least, most), { error: ({ input }) => `must be ${said}, not ${input}` })
    .transform(Number);
/** One operation may cost 50,000, and the plan of a new one 200,000: with less, it would never be answered. */
const points = () => wholeNumber(250_000, 1e12);
const isBetween = (n: number, least: number, most: number): boolean => Number.isInteger(n) && n >= least && n <= most;
const oneOf = <const V extends readonly string[]>(values: V) =>
  z.enum(values, { error: ({ input }) => `must be one of ${values.join(', ')}, not ${input}` });
/** An address, without its value in the message: it may hold a password. */
export const address = (message = 'must be an address such as https://host.example/path') =>
  z.url({ protocol: /^https?$/, error: message });

export const settings = {
  NODE_ENV: oneOf(['development', 'production', 'test'])
    .default('development')
    .describe('`production` refuses demo data and ad-hoc secrets.'),
  // 0 is any free port, for tests.
  PORT: wholeNumber(0, 65_535, 'a number between 1 and 65535')
    .default(4000)
    .describe('Port of this process; of the gateway with npm start.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on. Containers use 0.0.0.0.'),
  PROCESSES: wholeNumber(1, 64)
    .default(1)
    .describe('How many processes of this program share its port. Not for npm start, nor for SQLite.'),
  PUBLIC_URL: address()
    .optional()
    .describe('Address that browsers reach the gateway at, when it is not http://HOST:PORT.'),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|mysql:\/\/.+|mariadb:\/\/.+)$/, 'must begin with sqlite:, mysql:// or mariadb://')
    .refine(
      (url) => url.startsWith('sqlite:') || (URL.canParse(url) && new URL(url).pathname.length > 1),
      'must be written mysql://user:password@host:3306/name, with signs such as @ or / in the password percent-encoded',
    )
    .default('sqlite:./var/iep.db')
    .describe('sqlite:./var/iep.db (embedded), mysql://user:password@host/name or mariadb://…'),
  DATABASE_REPLICA_URL: z
    .string()
    .regex(/^(mysql|mariadb):\/\/[^/]+\/.+$/, 'must be written mysql://user:password@host:3306/name')
    .optional()
    .describe(
      'A replica of DATABASE_URL (MySQL and MariaDB): queries read it where it holds every write that they must see, else the primary.',
    ),
  DATABASE_USERS: z
    .string()
    .optional()
    .describe(
      'npm run migrate only, on MySQL: passwords of the processes, students=…,iep=…,services=…,reporting=…,issuer=…; it makes their users.',
    ),
  SEED: oneOf(['demo', 'none'])
    .optional()
    .describe('`demo` loads the initial data on first start (the default of npm start); refused in production.'),
  OIDC_ISSUER: address().optional().describe('OpenID provider of the staff. Default: the embedded one.'),
  OIDC_AUDIENCE: z.string().default('urn:iep-graph:api').describe('Audience that access tokens must carry.'),
  OIDC_JWKS_URI: address().optional().describe('Keys of the issuer, when they are not found by discovery.'),
  TRUST_PROXY: oneOf(['yes', 'no'])
    .default('no')
    .describe(
      '`yes` behind a reverse proxy that sets X-Forwarded-For: its last entry is then the address that failures and costs are counted for.',
    ),
  RATE_SECONDS: wholeNumber(1, 3_600)
    .default(60)
    .describe('Gateway: the window of the other RATE_ settings. Each gateway process counts for itself.'),
  RATE_ACCOUNT: points()
    .default(6_000_000)
    .describe('Gateway: points of cost that one account is answered per window, plans of new operations among them.'),
  RATE_GRANT: points().default(3_000_000).describe('Gateway: the same for one partner grant.'),
  RATE_ADDRESS: points().default(60_000_000).describe('Gateway: the same for all callers at one address together.'),
  RATE_FAILURES: wholeNumber(1, 1_000_000)
    .default(20_000)
    .describe('Gateway: requests without a valid token that one address may send per window.'),
  UPLOAD_BYTES: wholeNumber(1_048_576, 8_000_000)
    .default(7_500_000)
    .describe(
      'Largest request body of signed-in staff: a scanned copy of 5 MB takes 7 MB in base64. Everybody else, and everybody at 1048576, may send 1 MiB.',
    ),
  OPERATIONS: oneOf(['any', 'registered'])
    .optional()
    .describe(
      'Gateway: which operations are answered. `registered` (the default in production): those of OPERATIONS_FILE, and any to staff that build reports.',
    ),
  OPERATIONS_FILE: z
    .string()
    .optional()
    .describe('Gateway: the signed list of registered operations, made by npm run -s operations.'),
  OPERATIONS_KEY: z
    .string()
    .regex(/^[\w-]{43}( *, *[\w-]{43})*$/, 'must be the public key that npm run -s operations -- key printed')
    .optional()
    .describe(
      'Gateway: the public key that OPERATIONS_FILE is signed with. Two, comma-separated, while keys are exchanged.',
    ),
  SUBGRAPH_URLS: z.string().optional().describe('Gateway only: students=http://host:4001,iep=…,services=…,reporting=…'),
  PRINCIPAL_KEY: secrets()
    .optional()
    .describe('Subgraph only: the secret it shares with the gateway. Two, comma-separated, while keys are exchanged.'),
  PRINCIPAL_KEYS: z
    .string()
    .optional()
    .describe('Gateway only: students=SECRET,iep=SECRET,services=SECRET,reporting=SECRET'),
  SERVICE_KEY: secrets()
    .optional()
    .describe(
      'Shared by the gateway, reporting and students: opens the internal endpoints of students. Two at students, comma-separated, while keys are exchanged.',
    ),
  STUDENTS_URL: address().optional().describe('Reporting only: where the students subgraph is.'),
  CURSOR_KEY: secret().optional().describe('Seals page cursors. The same in all subgraph processes.'),
  STAFF_ID_KEY: secret()
    .optional()
    .describe('Services: staff numbers are hashed with it. For good: under another one they are no longer recognized.'),
  AUDIT_KEY: secret()
    .optional()
    .describe(
      'Subgraph only: the secret that signs the checkpoints of the audit log. npm start makes one and keeps it beside its data.',
    ),
  LOG_LEVEL: oneOf(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('How much is logged.'),
} as const;

/** Secrets, and addresses that hold one: environments are shown by tools and inherited by programs, mounted files are not. */
export const SECRETS: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'DATABASE_REPLICA_URL',
  'DATABASE_USERS',
  'PRINCIPAL_KEY',
  'PRINCIPAL_KEYS',
  'SERVICE_KEY',
  'CURSOR_KEY',
  'STAFF_ID_KEY',
  'AUDIT_KEY',
]);

const schema = z.object(settings);
export type Settings = z.infer<typeof schema>;

/**
 * Reads and checks the environment.
 * @throws Error with one readable line per faulty variable
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = givenIn(env);
  const result = schema.safeParse(given);
  const lines = result.success ? [] : faultsOf(result.error);
  if (given.DATABASE_REPLICA_URL && !/^(mysql|mariadb):/.test(given.DATABASE_URL ?? ''))
    lines.push('DATABASE_REPLICA_URL: only MySQL and MariaDB have replicas, and DATABASE_URL is an SQLite file');
  if (given.NODE_ENV === 'production') {
    // The secrets of docker-compose.yml are public.
    const known = Object.keys(given).filter((name) => name in settings && given[name]?.includes('change-me'));
    lines.push(...known.map((name) => `${name}: still holds a secret of the example; set your own`));
  }
  if (result.success && lines.length === 0) return result.data;
  throw notUsable(lines);
}

/**
 * Reads variables that only one kind of process has.
 * @throws Error with one readable line per faulty variable
 */
export function readOwnSettings<S extends z.ZodRawShape>(shape: S, env: NodeJS.ProcessEnv): z.infer<z.ZodObject<S>> {
  const result = z.object(shape).safeParse(givenIn(env));
  if (result.success) return result.data;
  throw notUsable(faultsOf(result.error));
}

/** The error that stops a start: one line per faulty variable. */
export const notUsable = (lines: readonly string[]): Error =>
  new Error(`The environment is not usable:\n${lines.map((line) => `  ${line}`).join('\n')}`);

/**
 * What is set: an empty variable counts as not set, and a secret may be in a file.
 * @throws Error with one readable line per faulty variable; never with what a file holds
 */
function givenIn(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
  const faults: string[] = [];
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    try {
      if (given[name] !== undefined) throw new Error(`${name} is set too: set one of them`);
      given[name] = readFileSync(file, 'utf8').trim();
      if (!given[name]) throw new Error('the file is empty');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      faults.push(`${name}_FILE: ${code ? `the file can't be read (${code})` : message}`);
    }
  }
  if (faults.length > 0) throw notUsable(faults);
  return given;
}

const faultsOf = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);

/** Reads `name=value,name=value`. */
export function readMap(text: string | undefined, variable: string): Record<string, string> {
  const entries = (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw notUsable([`${variable}: write name=value,name=value`]);
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
    });
  return Object.fromEntries(entries);
}

/** A variable that this process cannot do without. */
export function required<K extends keyof Settings>(values: Settings, name: K): NonNullable<Settings[K]> {
  const value = values[name];
  if (value === undefined || value === null)
    throw notUsable([`${name}: is needed by this process (${settings[name].description ?? ''})`]);
  return value as NonNullable<Settings[K]>;
}

/** Secrets as signing keys: the current one first. */
export const toKeys = (secrets: string): Uint8Array[] =>
  secrets.split(',').map((text) => new TextEncoder().encode(text.trim()));
