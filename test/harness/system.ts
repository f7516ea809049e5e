import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../platform/clock';
import { readSettings } from '../../platform/config';
import { createLogger, type Logger } from '../../platform/log';
import { startSystem, type System, type SystemOptions } from '../../scripts/system';
import { clientCredentials, signIn } from '../../scripts/token/obtain-token';
import { DatabaseUsers } from './database-users';

export interface GraphqlAnswer {
  status: number;
  // The shape of an answer is the query's: tests read it as they wrote it.
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
}

export interface TestSystem extends System {
  /** Asks the gateway over HTTP as an account (`teacher.ripon`) or partner client, with a token from the real sign-in. */
  ask(
    who: string,
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<GraphqlAnswer>;
  /** @param secret of a client whose secret isn't its id: needed the first time */
  token(who: string, secret?: string): Promise<string>;
  /** Statements on the product's databases while `work` runs; `sql` are their texts. */
  statements<T>(work: () => Promise<T>): Promise<{ result: T; run: RunStatement[]; sql: string[] }>;
}

/** A statement as the database got it. */
export interface RunStatement {
  sql: string;
  parameters: unknown[];
}

export interface BootOptions {
  clock?: Clock;
  consume?: boolean;
  /** A replica of the database, for the reads of queries. */
  replicaUrl?: string;
  /** Where the log goes; nowhere unless `TEST_LOG` names a level. */
  log?: Logger;
}

/** What is drawn is planned anew each time, and no oracle may run into that. */
const UNLIMITED = { RATE_ACCOUNT: '1000000000000', RATE_GRANT: '1000000000000', RATE_ADDRESS: '1000000000000' };

/**
 * Boots the whole product on a fresh database with the initial data, on a port of its own. On MySQL and MariaDB every
 * subgraph and the issuer connect as their own database user, as their processes do.
 */
export async function bootSystem(
  makeUrl: (folder: string) => Promise<string>,
  options: BootOptions = {},
): Promise<TestSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'iep-graph-'));
  const url = await makeUrl(folder);
  const system = await startSystem({
    settings: readSettings({ NODE_ENV: 'test', PORT: '0', DATABASE_URL: url, SEED: 'demo', ...UNLIMITED }),
    clock: options.clock ?? systemClock,
    log: options.log ?? createLogger('test', process.env.TEST_LOG ?? 'silent'),
    root: join(__dirname, '..', '..'),
    seed: true,
    consume: options.consume,
    connect: url.startsWith('sqlite:') ? undefined : asOwnUsers(url, options.replicaUrl),
  });
  const tokens = new Map<string, { token: Promise<string>; secret: string; until: number }>();
  const issuer = `${system.url}/oidc`;

  /** Of long runs the next one before the last has ended: staff's are good for ten minutes, partners' for five. */
  function token(who: string, secret = tokens.get(who)?.secret ?? who): Promise<string> {
    const known = tokens.get(who);
    if (known && known.until > Date.now()) return known.token;
    const isStaff = who.includes('.');
    const got = isStaff
      ? signIn({ issuer, username: who, password: secret })
      : clientCredentials({ issuer, clientId: who, clientSecret: secret });
    const fresh = got.then(({ accessToken }) => accessToken);
    tokens.set(who, { token: fresh, secret, until: Date.now() + (isStaff ? 8 : 4) * 60_000 });
    return fresh;
  }

  return {
    ...system,
    token,
    async ask(who, query, variables = {}, headers = {}) {
      const response = await fetch(`${system.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await token(who)}`, ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, ...((await response.json()) as object) } as GraphqlAnswer;
    },
    async statements(work) {
      const run: RunStatement[] = [];
      const guards = new Set([system.database, ...Object.values(system.databases)].map(({ guard }) => guard));
      const stops = [...guards].map((guard) => guard.listen((sql, parameters) => run.push({ sql, parameters })));
      try {
        return { result: await work(), run, sql: run.map(({ sql }) => sql) };
      } finally {
        for (const stop of stops) stop();
      }
    },
  };
}

function asOwnUsers(url: string, replicaUrl?: string): SystemOptions['connect'] {
  let users: Promise<DatabaseUsers> | undefined;
  return async (part, owner) =>
    (await (users ??= DatabaseUsers.make(owner, url, replicaUrl && 'iep_test_', replicaUrl))).connect(part);
}
