import { Entity, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn, JsonColumn, RefColumn, StringColumn } from '../platform/database/columns';
import { createTable, id, instant, json, ref, string } from '../platform/database/migration';
import type { DatabaseUse } from '../platform/rights';

/** What the OpenID provider remembers: sessions, interactions, grants, codes and refresh tokens, by kind and id. */
@Entity('oidc_payload')
@Index('oidc_payload_by_grant', ['grantId'])
@Index('oidc_payload_by_uid', ['uid'])
@Index('oidc_payload_by_user_code', ['userCode'])
@Index('oidc_payload_by_expiry', ['expiresAt'])
export class OidcPayload {
  @PrimaryColumn({ type: 'varchar', length: 40 }) kind: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) id: string;
  @JsonColumn() payload: Record<string, unknown>;
  /** The consent that a code or token hangs on: one revocation ends them all. */
  @RefColumn({ nullable: true }) grantId: string | null;
  @StringColumn(64, { nullable: true }) userCode: string | null;
  @RefColumn({ nullable: true }) uid: string | null;
  @InstantColumn({ nullable: true }) expiresAt: Date | null;
  /** When a code or refresh token was used: it counts once. */
  @InstantColumn({ nullable: true }) consumedAt: Date | null;
}

export type KeyKind = 'signing' | 'cookie';

/** Keys made on first start and shared by all issuer processes. Never in the repository, never in a log. */
@Entity('oidc_key')
export class OidcKey {
  @PrimaryColumn({ type: 'varchar', length: 64 }) id: string;
  @StringColumn(20) kind: KeyKind;
  @JsonColumn() content: Record<string, unknown>;
  @InstantColumn() createdAt: Date;
}

export const issuerEntities = [OidcPayload, OidcKey];

/** What the database user of the issuer may do. Nobody else reads the hashed credentials (architecture, section 7). */
export const issuerDatabaseUse: DatabaseUse = {
  owns: issuerEntities,
  writesOnce: ['oidc_key'],
  removesFrom: ['oidc_payload'],
  reads: ['pub_client', 'pub_credential'],
  does: [],
};

export const issuerMigrations = [
  createTable(1764500000001, 'oidc_payload', {
    columns: {
      kind: string(40),
      id: string(64),
      payload: json(),
      grant_id: ref({ nullable: true }),
      user_code: string(64, { nullable: true }),
      uid: ref({ nullable: true }),
      expires_at: instant({ nullable: true }),
      consumed_at: instant({ nullable: true }),
    },
    primaryKey: ['kind', 'id'],
    indexes: {
      oidc_payload_by_grant: ['grant_id'],
      oidc_payload_by_uid: ['uid'],
      oidc_payload_by_user_code: ['user_code'],
      oidc_payload_by_expiry: ['expires_at'],
    },
  }),
  createTable(1764500000002, 'oidc_key', {
    columns: { id: id(), kind: string(20), content: json(), created_at: instant() },
  }),
];
