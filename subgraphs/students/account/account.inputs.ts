import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, Reads } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import type { AccessRelation } from '../../../platform/principal/principal';
import { Account } from './account.entity';
import { AccessRelationEnum, RoleEnum } from './account.enums';
import { RoleGrant } from './role-grant.entity';
import type { RoleName } from './roles';

export const AccountConnection = connectionOf(() => Account, 'Account');

@InputType({ description: 'Which accounts. What is left out does not limit.' })
export class AccountFilter {
  @Reads('Account.displayName', 'Account.username')
  @Field(() => String, { nullable: true, description: 'Part of the name or of the user name.' })
  text?: string | null;

  @Reads('Account.roles')
  @Field(() => ID, { nullable: true, description: 'With an open role at this organization or below it.' })
  organizationId?: string | null;

  @Reads('Account.roles')
  @Field(() => RoleEnum, { nullable: true, description: 'With this role open.' })
  role?: RoleName | null;

  @Reads('Account.active')
  @Field(() => Boolean, { nullable: true, description: 'Only active, or only deactivated ones.' })
  active?: boolean | null;
}

@InputType({ description: 'A new account with its first role.' })
export class CreateAccountInput {
  @Field({ description: 'First name.' }) firstName: string;
  @Field({ description: 'Last name.' }) lastName: string;
  @Field(() => String, {
    nullable: true,
    description:
      'User name, unique over the installation; `first.last` when left out. A variant may add only a number or a middle initial to the first name (V-040).',
  })
  username?: string | null;
  @Field(() => String, { nullable: true, description: 'E-mail address.' }) email?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'URL of the OpenID provider that the person signs in with; left out for our own.',
  })
  issuer?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Who the person is at that provider (`sub`); only with `issuer`.',
  })
  subject?: string | null;
  @Field(() => RoleEnum, { description: 'The first role.' }) role: RoleName;
  @Field(() => ID, { description: 'The organization at which the role is held: yours, or one below it.' })
  organizationId: string;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'The account to deactivate.' })
export class DeactivateAccountInput {
  @Field(() => ID, { description: 'The account.' }) accountId: string;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A role for an account.' })
export class GrantRoleInput {
  @Field(() => ID, { description: 'The account.' }) accountId: string;
  @Field(() => RoleEnum, { description: 'The role, at your own level or below.' }) role: RoleName;
  @Field(() => ID, { description: 'The organization: yours, or one below it.' }) organizationId: string;
  @Field(() => AccessRelationEnum, {
    nullable: true,
    description:
      'Limits the rows to one relation of the role: CASE_MANAGER or PROVIDER for a site provider with individually assigned students only.',
  })
  relation?: AccessRelation | null;
  @Field({ defaultValue: false, description: 'True to let the grant only read.' }) readOnly: boolean;
  @Field({ defaultValue: false, description: 'True to make it the perspective that counts when a request names none.' })
  isDefault: boolean;
  @Field(() => DateScalar, { nullable: true, description: 'First day; today when left out.' }) validFrom?:
    string | null;
  @Field(() => DateScalar, { nullable: true, description: 'Last day, inclusive; open when left out.' }) validTo?:
    string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'The role to take away.' })
export class RevokeRoleInput {
  @Field(() => ID, { description: 'The role grant.' }) roleGrantId: string;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating the mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('CreateAccountPayload', { description: 'The new account.' })
export class CreateAccountPayload extends Payload {
  @Field(() => Account, { nullable: true, description: 'The account.' }) account?: Account | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The first password, shown this once; null for accounts of another OpenID provider and when the act is repeated under its key.',
  })
  initialPassword?: string | null;
}

@Authenticated()
@ObjectType('DeactivateAccountPayload', { description: 'The account, which can no longer sign in.' })
export class DeactivateAccountPayload extends Payload {
  @Field(() => Account, { nullable: true, description: 'The account.' }) account?: Account | null;
}

@Authenticated()
@ObjectType('GrantRolePayload', { description: 'The granted role.' })
export class GrantRolePayload extends Payload {
  @Field(() => RoleGrant, { nullable: true, description: 'The role grant.' }) roleGrant?: RoleGrant | null;
}

@Authenticated()
@ObjectType('RevokeRolePayload', { description: 'The role that was taken away.' })
export class RevokeRolePayload extends Payload {
  @Field(() => RoleGrant, { nullable: true, description: 'The role grant, ended.' }) roleGrant?: RoleGrant | null;
}
