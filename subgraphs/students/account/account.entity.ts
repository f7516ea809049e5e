import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, IdColumn, InstantColumn, StringColumn } from '../../../platform/database/columns';
import { Authenticated, Key } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';

/** The issuer of accounts that sign in with our own passwords. Any other value is the URL of a foreign OpenID provider. */
export const EMBEDDED_ISSUER = 'embedded';

/**
 * A person who can sign in. Known by (issuer, subject, kind): a foreign issuer's subject can't be a local account
 * (architecture, section 7). At the embedded issuer the subject is the account's own id.
 *
 * Any signed-in caller may see the name behind an id, because documents name who acted; everything else is for those who
 * manage the account (`account.resolver.ts`).
 */
@Key('id')
@Authenticated()
@ObjectType('Account', { implements: Node, description: 'A person who can sign in.' })
@Entity('account')
@Index('account_by_identity', ['issuer', 'subject', 'kind'], { unique: true })
@Index('account_by_username', ['username'], { unique: true })
@Index('account_by_name', ['displayName'])
export class Account {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @StringColumn(200)
  issuer: string;

  @StringColumn(200)
  subject: string;

  @StringColumn(10)
  kind: 'staff';

  /** Unique over the whole installation (V-039), in lower case. */
  @StringColumn(80)
  username: string;

  @Field({ description: 'Name of the person.' })
  @StringColumn(160)
  displayName: string;

  @StringColumn(200, { nullable: true })
  email: string | null;

  /** `scrypt$…` of `platform/secret.ts`; null for accounts of a foreign issuer. Published to the issuer's database user alone. */
  @StringColumn(200, { nullable: true })
  passwordHash: string | null;

  @BoolColumn()
  active: boolean;

  @InstantColumn()
  createdAt: Date;

  /** When a principal was first loaded on the last day of use. */
  @InstantColumn({ nullable: true })
  lastLoginAt: Date | null;
}
