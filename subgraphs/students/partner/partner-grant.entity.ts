import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index, PrimaryColumn } from 'typeorm';
import {
  DayColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { type CalendarDay, dayIn } from '../../../platform/dates';
import { Authenticated, RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { RedisclosureParty } from '../../../platform/principal/principal';
import type { Capability } from '../account/capability-matrix';
import type { PublicKey } from './public-keys';

/** A party to which an agency may pass the records on (34 CFR 99.32(b), 99.33). */
@Authenticated()
@ObjectType('RedisclosureRecipient', { description: 'A party to which an agency may pass records on, and why.' })
export class RedisclosureRecipient implements RedisclosureParty {
  @Field({ description: 'The party.' }) name: string;
  @Field({ description: 'Its legitimate interest in the records.' }) interest: string;
}

/** An organization whose students a grant opens while it has them: an LEA, or a school. */
@Entity('partner_grant_organization')
@Index('partner_grant_organization_by_organization', ['organizationId'])
export class PartnerGrantOrganization {
  @PrimaryColumn({ type: 'varchar', length: 64 }) partnerGrantId: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) organizationId: string;
}

/**
 * What a partner agency may read through one client: named students and the students of named organizations, named scopes,
 * until a day. No grant without agreement, purpose, legal basis, expiry and destruction date (34 CFR 99.33, 99.35). Named
 * students are rows of `student_access` (relation GRANT, grantee `AGENCY:<id>`); those of organizations are read from the rows
 * of the organizations (ADR 13). One client per grant, so that rights never add up.
 *
 * Its terms never change: what the record of disclosures says of them is what held then. Only credential, revocation and
 * destruction are written later.
 */
@RequiresScopes('partner:manage')
@ObjectType('PartnerGrant', { description: 'What a partner agency may read through one client, why, and until when.' })
@Entity('partner_grant')
@Index('partner_grant_by_client', ['clientId'], { unique: true })
@Index('partner_grant_by_grantor', ['grantorOrganizationId', 'createdAt'])
@Index('partner_grant_by_agency', ['agencyId'])
export class PartnerGrant {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @RefColumn()
  agencyId: string;

  /** The organization whose records are granted: the one of the perspective that granted. */
  @RefColumn()
  grantorOrganizationId: string;

  @Field({ description: 'The client id with which the agency asks for tokens.' })
  @RefColumn()
  clientId: string;

  /** `scrypt$…` of `platform/secret.ts`; empty when the client has keys instead. */
  @StringColumn(200)
  secretHash: string;

  /** The agency's public keys; null when the client has a secret. */
  @JsonColumn({ nullable: true })
  publicKeys: PublicKey[] | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When the credential, secret or public key, was last replaced; null when it never was.',
  })
  @InstantColumn({ nullable: true })
  credentialChangedAt: Date | null;

  /** The credential before the present one, good until `previousUntil`. */
  @StringColumn(200, { nullable: true })
  previousSecretHash: string | null;

  @JsonColumn({ nullable: true })
  previousKeys: PublicKey[] | null;

  @InstantColumn({ nullable: true })
  previousUntil: Date | null;

  /**
   * When a credential was last replaced at once. The issuer writes it into tokens: one that names another instant, or none, was
   * got with a credential that has ended.
   */
  @InstantColumn({ nullable: true })
  tokensFrom: Date | null;

  @Field({ description: 'What the records are used for.' })
  @StringColumn(500)
  purpose: string;

  @Field({ description: 'The law or consent that allows the disclosure.' })
  @StringColumn(500)
  legalBasis: string;

  @Field({ description: 'Reference of the written agreement.' })
  @StringColumn(200)
  agreement: string;

  @Field(() => [String], { description: 'The capabilities that the client may ask for.' })
  @JsonColumn()
  scopes: Capability[];

  @Field(() => DateScalar, { description: 'First day.' })
  @DayColumn()
  startsOn: CalendarDay;

  @Field(() => DateScalar, { description: 'Last day, inclusive.' })
  @DayColumn()
  expiresOn: CalendarDay;

  @Field(() => DateScalar, { description: 'By when the agency destroys what it received.' })
  @DayColumn()
  destructionDate: CalendarDay;

  @Field(() => Date, { nullable: true, description: 'When the grant was revoked.' })
  @InstantColumn({ nullable: true })
  revokedAt: Date | null;

  @JsonColumn({ nullable: true })
  redisclosure: RedisclosureParty[] | null;

  @Field(() => String, { nullable: true, description: 'Who destroyed what the agency received; null until confirmed.' })
  @StringColumn(200, { nullable: true })
  destroyedBy: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'On which day it was destroyed.' })
  @DayColumn({ nullable: true })
  destroyedOn: CalendarDay | null;

  @Field(() => String, { nullable: true, description: 'How it was destroyed.' })
  @StringColumn(500, { nullable: true })
  destructionMethod: string | null;

  @RefColumn({ nullable: true })
  destructionConfirmedBy: string | null;

  @Field(() => Date, { nullable: true, description: 'When the destruction was put on record.' })
  @InstantColumn({ nullable: true })
  destructionConfirmedAt: Date | null;

  @RefColumn()
  createdBy: string;

  @Field(() => Date, { description: 'When it was granted.' })
  @InstantColumn()
  createdAt: Date;
}

/** What a grant has before anything happens to it. */
export const untouched = {
  credentialChangedAt: null,
  previousSecretHash: null,
  previousKeys: null,
  previousUntil: null,
  tokensFrom: null,
  revokedAt: null,
  destroyedBy: null,
  destroyedOn: null,
  destructionMethod: null,
  destructionConfirmedBy: null,
  destructionConfirmedAt: null,
} satisfies Partial<PartnerGrant>;

/** True on the days on which a grant opens anything. */
export const isInForce = ({ revokedAt, startsOn, expiresOn }: PartnerGrant, day: CalendarDay): boolean =>
  revokedAt === null && startsOn <= day && day <= expiresOn;

/** The last day of a grant that has ended, on which records may still have been read; null of any other. */
export function endOf(
  { revokedAt, expiresOn }: PartnerGrant,
  today: CalendarDay,
  timeZone: string,
): CalendarDay | null {
  if (revokedAt !== null) return dayIn(timeZone, revokedAt);
  return expiresOn < today ? expiresOn : null;
}

/** The grantee of a grant's rows in `student_access`. */
export const agencyGrantee = (partnerGrantId: string): string => `AGENCY:${partnerGrantId}`;
