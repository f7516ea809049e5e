import { IsNull, LessThan } from 'typeorm';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { databaseFault } from '../platform/errors';
import { OidcPayload } from './tables';

/** Kinds that end when their grant is revoked. */
const HANGS_ON_GRANT = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
]);

/** Keeps one kind of the provider's memory in `oidc_payload`. What has expired does not exist. */
export class PayloadAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const row = this.rowOf(id, payload, expiresIn);
    await this.database.write((manager) => manager.upsert(OidcPayload, row as never, ['kind', 'id']));
  }

  /**
   * Keeps what counts once. Of two that try at once, one loses here, whatever both have read before.
   * @throws InvalidClientAuth when it is there already
   */
  async insert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    try {
      await this.database.write((manager) => manager.insert(OidcPayload, this.rowOf(id, payload, expiresIn) as never));
    } catch (error) {
      throw databaseFault(error) === 'unique' ? new errors.InvalidClientAuth(`${this.kind}: used before`) : error;
    }
  }

  private rowOf(id: string, payload: AdapterPayload, expiresIn: number | undefined): Omit<OidcPayload, 'consumedAt'> {
    return {
      kind: this.kind,
      id,
      payload,
      grantId: HANGS_ON_GRANT.has(this.kind) ? (payload.grantId ?? null) : null,
      userCode: payload.userCode ?? null,
      uid: payload.uid ?? null,
      expiresAt: expiresIn ? new Date(this.clock.now().getTime() + expiresIn * 1000) : null,
    };
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.read({ id });
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.read({ uid });
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.read({ userCode });
  }

  /** Marks a code or refresh token as used. Of two that try at once, one loses here, whatever both have read before. */
  async consume(id: string): Promise<void> {
    const { affected } = await this.database.write((manager) =>
      manager.update(OidcPayload, { kind: this.kind, id, consumedAt: IsNull() }, { consumedAt: this.clock.now() }),
    );
    if (!affected) throw new errors.InvalidGrant(`${this.kind} was used before`);
  }

  async destroy(id: string): Promise<void> {
    await this.database.write((manager) => manager.delete(OidcPayload, { kind: this.kind, id }));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.database.write((manager) => manager.delete(OidcPayload, { kind: this.kind, grantId }));
  }

  private async read(
    key: { id: string } | { uid: string } | { userCode: string },
  ): Promise<AdapterPayload | undefined> {
    const row = await this.database.read.findOneBy(OidcPayload, { kind: this.kind, ...key });
    if (!row || (row.expiresAt && row.expiresAt <= this.clock.now())) return undefined;
    return { ...row.payload, ...(row.consumedAt ? { consumed: Math.floor(row.consumedAt.getTime() / 1000) } : {}) };
  }
}

/** Removes what has expired. Returns how many rows. */
export async function purgeExpired(database: Database, clock: Clock): Promise<number> {
  const { affected } = await database.write((manager) =>
    manager.delete(OidcPayload, { expiresAt: LessThan(clock.now()) }),
  );
  return affected ?? 0;
}
