import type { EventEmitter } from 'node:events';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { type Clock, systemClock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import type { Logger } from '../platform/log';
import { strictTransport } from '../platform/strict-transport';
import { Credentials } from './credentials';
import { CLIENT_LIMITS, FailedAttempts, PASSWORD_LIMITS } from './failed-attempts';
import { type IssuerKeys, loadKeys, LOOK_EVERY_MS } from './keys';
import { type HttpHandler, mounted } from './mount';
import { purgeExpired } from './payload-adapter';
import { buildProvider } from './provider';
import { signInRoutes } from './sign-in';
import { unfollowed } from './unfollowed';

/** The policy of answers that are no pages. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
const PURGE_EVERY_MS = 10 * 60 * 1000;

export interface IssuerOptions {
  /** With `issuerEntities`, migrated; it also holds the views `pub_credential` and `pub_client`. */
  database: Database;
  clock?: Clock;
  log: Logger;
  /** Public address, `iss` of every token: `http://localhost:4000/oidc`. Its path is where the issuer is mounted. */
  issuerUrl: string;
  /** Where browsers reach the gateway: the only origin that may call the token endpoint from a script, and where sign-in returns to. */
  gatewayUrl: string;
  /** `aud` of the access tokens; callers need not ask for it. */
  audience: string;
  /** True behind a reverse proxy that sets X-Forwarded-For: its last entry is then the caller's address. */
  trustProxy?: boolean;
}

export interface Issuer {
  /** For `http.createServer` or below a path of another server. */
  handler: HttpHandler;
  /** Takes up keys that were made or removed meanwhile; every minute it does so by itself. */
  renewKeys(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the embedded OpenID provider on a migrated database; makes its keys when there are none. */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const { database, log, issuerUrl, clock = systemClock, trustProxy = false } = options;
  const credentials = new Credentials(database, clock);
  const attempts = new FailedAttempts(PASSWORD_LIMITS);
  const clientAttempts = new FailedAttempts(CLIENT_LIMITS);

  /** What it remembers is in the database, so that one with other keys goes on where this one was. */
  function withKeys(keys: IssuerKeys): HttpHandler {
    const provider = buildProvider({ ...options, clock, keys, credentials, clientAttempts });
    provider.use(securityHeaders(issuerUrl));
    provider.use(signInRoutes({ provider, credentials, attempts, log }));
    report(provider, log);
    return mounted(unfollowed(provider.callback()), issuerUrl, trustProxy);
  }

  let keys = await loadKeys(database, clock);
  let handler = withKeys(keys);
  async function renewKeys(): Promise<void> {
    const next = await loadKeys(database, clock);
    if (JSON.stringify(next) === JSON.stringify(keys)) return;
    [keys, handler] = [next, withKeys(next)];
    log.info({ signing: keys.signing.map(({ kid }) => kid) }, 'the keys were exchanged');
  }

  let working: Promise<unknown> = Promise.resolve();
  const every = (ms: number, work: () => Promise<unknown>, fault: string): NodeJS.Timeout =>
    setInterval(() => {
      working = Promise.all([working, work().catch((error) => log.error({ err: error }, fault))]);
    }, ms).unref();
  const timers = [
    every(LOOK_EVERY_MS, renewKeys, 'the keys were not looked up'),
    every(PURGE_EVERY_MS, () => purgeExpired(database, clock), 'expired sign-ins were not removed'),
  ];
  await purgeExpired(database, clock);
  return {
    handler: (request, response) => handler(request, response),
    renewKeys,
    async close() {
      timers.forEach(clearInterval);
      await working;
    },
  };
}

function securityHeaders(issuerUrl: string): Parameters<ReturnType<typeof buildProvider>['use']>[0] {
  return async (ctx, next) => {
    ctx.set({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      ...strictTransport(issuerUrl),
    });
    await next();
    // Pages bring their own policy, and what else the provider sends as HTML may need its script.
    if (!ctx.response.get('content-security-policy'))
      ctx.set('content-security-policy', ctx.response.is('html') ? "frame-ancestors 'none'" : NOTHING);
  };
}

/** Refusals are logged with their reason and client, failures with their cause; neither with what was sent. */
function report(provider: ReturnType<typeof buildProvider>, log: Logger): void {
  const refused = (ctx: KoaContextWithOIDC, error: Error & { error_detail?: string }): void => {
    log.info(
      { reason: error.message, detail: error.error_detail, client: ctx.oidc.client?.clientId, address: ctx.ip },
      'request refused',
    );
  };
  provider.on('authorization.error', refused);
  provider.on('grant.error', refused);
  provider.on('revocation.error', refused);
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'issuer failed'));
  (provider as EventEmitter).on('error', (error) => log.error({ err: error }, 'issuer failed'));
}
