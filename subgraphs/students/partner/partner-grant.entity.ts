import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import type { CalendarDay } from '../../../platform/dates';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { Capability } from '../account/capability-matrix';

/**
 * What a partner agency may read through one client: named students, named scopes, until a day. No grant without
 * agreement, purpose, legal basis, expiry and destruction date (34 CFR 99.33, 99.35). Its students are rows of
 * `student_access` (relation GRANT, grantee `AGENCY:<id>`). One client per grant, so that rights never add up.
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

  /** `scrypt$…` of `platform/secret.ts`. */
  @StringColumn(200)
  secretHash: string;

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

  @RefColumn()
  createdBy: string;

  @Field(() => Date, { description: 'When it was granted.' })
  @InstantColumn()
  createdAt: Date;
}

/** The grantee of a grant's rows in `student_access`. */
export const agencyGrantee = (partnerGrantId: string): string => `AGENCY:${partnerGrantId}`;
