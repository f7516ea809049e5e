import { randomBytes } from 'node:crypto';
import { type Clock, today } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { scopeComment } from '../platform/database/guard';
import { hashSecret, verifySecret } from '../platform/secret';

/** A partner agency's client as `students` publishes it, still in force. */
export interface PartnerClient {
  clientId: string;
  /** Hashes of the secrets that count now: the present one, and the one before while both do. Empty when there are only keys. */
  secretHashes: string[];
  /** Public keys that count now, as JWKs. Empty when there are only secrets. */
  publicKeys: Record<string, unknown>[];
  scopes: string[];
  /** When a credential was last ended at once, in milliseconds; 0 when none was. Tokens say it, so that those of before don't count. */
  tokensFrom: number;
}

interface CredentialRow {
  account_id: string;
  password_hash: string;
  active: unknown;
}

interface ClientRow {
  client_id: string;
  secret_hash: string;
  public_keys: unknown;
  previous_secret_hash: string | null;
  previous_keys: unknown;
  previous_until: string | Date | null;
  tokens_from: string | Date | null;
  scopes: unknown;
  active: unknown;
  expires_on: string | null;
}

const MARKED = scopeComment('system:sign-in');
const MAX_USERNAME = 200;
/** The last place of the country where a day ends. The subgraphs decide expiry to the day of the jurisdiction. */
const LAST_ZONE = 'Pacific/Honolulu';

/** Reads the credentials that `students` owns and publishes to the issuer (architecture, section 7). */
export class Credentials {
  private decoy: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** The account id for a user name and password; null when anything is wrong, after the same work whatever it was. */
  async verifyPassword(username: string, password: string): Promise<string | null> {
    const [row] = username.length <= MAX_USERNAME ? await this.byUsername(username) : [];
    const matches = await verifySecret(password, row?.password_hash ?? (await this.decoyHash()));
    return row && matches && isTrue(row.active) ? row.account_id : null;
  }

  /** True while the account may sign in: asked again whenever a session or refresh token is used. */
  async isActive(accountId: string): Promise<boolean> {
    const rows = await this.query<CredentialRow>('SELECT active FROM pub_credential WHERE account_id = ?', [accountId]);
    return rows.some(({ active }) => isTrue(active));
  }

  /** A partner's client; null when it is unknown, inactive, expired (the last day counts) or has nothing to prove itself by. */
  async partnerClient(clientId: string): Promise<PartnerClient | null> {
    const [row] = await this.query<ClientRow>(
      'SELECT client_id, secret_hash, public_keys, previous_secret_hash, previous_keys, previous_until, tokens_from, scopes, active, expires_on' +
        ' FROM pub_client WHERE client_id = ?',
      [clientId],
    );
    if (!row || !isTrue(row.active)) return null;
    if (row.expires_on && row.expires_on < today(this.clock, LAST_ZONE)) return null;
    const previousCounts = row.previous_until !== null && instantOf(row.previous_until) > this.clock.now();
    const previous = previousCounts ? row : { previous_secret_hash: null, previous_keys: null };
    const client = {
      clientId: row.client_id,
      secretHashes: [row.secret_hash, previous.previous_secret_hash].filter((hash): hash is string => Boolean(hash)),
      publicKeys: [row.public_keys, previous.previous_keys].flatMap((keys) => readList<Record<string, unknown>>(keys)),
      scopes: readScopes(row.scopes),
      tokensFrom: row.tokens_from === null ? 0 : instantOf(row.tokens_from).getTime(),
    };
    return client.secretHashes.length + client.publicKeys.length > 0 ? client : null;
  }

  /** True for a secret of this client that counts now, whatever was read of the client before. */
  async verifyClientSecret(clientId: string, secret: string): Promise<boolean> {
    for (const secretHash of (await this.partnerClient(clientId))?.secretHashes ?? [])
      // Read again: the look at the secret takes a while, in which it may have been replaced at once.
      if (await verifySecret(secret, secretHash))
        return Boolean((await this.partnerClient(clientId))?.secretHashes.includes(secretHash));
    return false;
  }

  private byUsername(username: string): Promise<CredentialRow[]> {
    return this.query('SELECT account_id, password_hash, active FROM pub_credential WHERE username = ?', [username]);
  }

  /** What an unknown user's password is held against: a hash of the cost that is in use, so that the answer takes as long. */
  private async decoyHash(): Promise<string> {
    if (!this.decoy) {
      const [row] = await this.query<CredentialRow>('SELECT password_hash FROM pub_credential LIMIT 1', []);
      this.decoy = row?.password_hash ?? (await hashSecret(randomBytes(32).toString('base64url')));
    }
    return this.decoy;
  }

  private query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.database.read.query(`${MARKED}${sql}`, parameters);
  }
}

const isTrue = (value: unknown): boolean => Number(value) === 1;

/** An instant as the driver gives it: of SQLite a text in UTC. */
const instantOf = (value: string | Date): Date =>
  value instanceof Date ? value : new Date(`${value.replace(' ', 'T').replace(/Z$/, '')}Z`);

/** A list as the view gives it: JSON, as text on some engines. */
function readList<T = unknown>(value: unknown): T[] {
  const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  return Array.isArray(list) ? list : [];
}

/** Scopes as the view gives them: a JSON list, or words. */
function readScopes(value: unknown): string[] {
  const areWords = typeof value === 'string' && !value.trimStart().startsWith('[');
  return (areWords ? value.split(/[\s,]+/) : readList(value)).map(String).filter(Boolean);
}
