import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  DayColumn,
  IdColumn,
  InstantColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { AccessRelation } from '../../../platform/principal/principal';
import { AccessRelationEnum, RoleEnum } from './account.enums';
import type { RoleName } from './roles';

/** One role of an account at one organization: a perspective, or an additive permission. Ended, never deleted (SEIS-08). */
@RequiresScopes('account:manage')
@ObjectType('RoleGrant', { description: 'One role of an account at one organization.' })
@Entity('role_grant')
@Index('role_grant_by_account', ['accountId'])
@Index('role_grant_by_organization', ['organizationId', 'role'])
export class RoleGrant {
  @Field(() => ID, { description: 'Opaque id; of a perspective it is the value of the header x-perspective.' })
  @IdColumn()
  id: string;

  @RefColumn()
  accountId: string;

  @Field(() => RoleEnum, { description: 'The role.' })
  @StringColumn(30)
  role: RoleName;

  @RefColumn()
  organizationId: string;

  @Field(() => AccessRelationEnum, { nullable: true, description: 'Limits the rows to one relation of the role.' })
  @StringColumn(20, { nullable: true })
  relation: AccessRelation | null;

  @Field({ description: 'True when this grant only reads, whatever the role may.' })
  @BoolColumn()
  readOnly: boolean;

  @Field({ description: 'True for the perspective that counts when a request names none.' })
  @BoolColumn()
  isDefault: boolean;

  @Field(() => DateScalar, { description: 'First day.' })
  @DayColumn()
  validFrom: string;

  @Field(() => DateScalar, { nullable: true, description: 'Planned last day, inclusive.' })
  @DayColumn({ nullable: true })
  validTo: string | null;

  @Field(() => Date, { nullable: true, description: 'When it was taken away.' })
  @InstantColumn({ nullable: true })
  revokedAt: Date | null;

  @RefColumn()
  grantedBy: string;

  @InstantColumn()
  grantedAt: Date;
}

/** Why a role gives nothing on this day; null when it does. */
export function closedBy(grant: RoleGrant, on: string): 'REVOKED' | 'NOT_BEGUN' | 'ENDED' | null {
  if (grant.revokedAt !== null) return 'REVOKED';
  if (grant.validFrom > on) return 'NOT_BEGUN';
  return grant.validTo !== null && grant.validTo < on ? 'ENDED' : null;
}

/** Open on this day: begun, not past its last day, not revoked. */
export const isOpen = (grant: RoleGrant, on: string): boolean => closedBy(grant, on) === null;
