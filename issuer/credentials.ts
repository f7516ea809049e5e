import { randomBytes } from 'node:crypto';
import { type Clock, today } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { scopeComment } from '../platform/database/guard';
import { hashSecret, verifySecret } from '../platform/secret';

/** A partner agency's client as `students` publishes it, still in force. */
export interface PartnerClient {
  clientId: string;
  secretHash: string;
  scopes: string[];
}

interface CredentialRow {
  account_id: string;
  password_hash: string;
  active: unknown;
}

interface ClientRow {
  client_id: string;
  secret_hash: string;
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

  /** A partner's client; null when it is unknown, inactive or expired (the last day counts). */
  async partnerClient(clientId: string): Promise<PartnerClient | null> {
    const [row] = await this.query<ClientRow>(
      'SELECT client_id, secret_hash, scopes, active, expires_on FROM pub_client WHERE client_id = ?',
      [clientId],
    );
    if (!row || !isTrue(row.active)) return null;
    if (row.expires_on && row.expires_on < today(this.clock, LAST_ZONE)) return null;
    return { clientId: row.client_id, secretHash: row.secret_hash, scopes: readScopes(row.scopes) };
  }

  verifyClientSecret(secret: string, secretHash: string): Promise<boolean> {
    return verifySecret(secret, secretHash);
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

/** Scopes as the view gives them: a JSON list, or words. */
function readScopes(value: unknown): string[] {
  const list =
    typeof value === 'string' && !value.trimStart().startsWith('[')
      ? value.split(/[\s,]+/)
      : typeof value === 'string'
        ? JSON.parse(value)
        : value;
  return Array.isArray(list) ? list.map(String).filter(Boolean) : [];
}
