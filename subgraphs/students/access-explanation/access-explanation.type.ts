import { Field, ID, ObjectType } from 'type-graphql';
import type { CalendarDay } from '../../../platform/dates';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { AccessRelation } from '../../../platform/principal/principal';
import { AccessRelationEnum } from '../account/account.enums';
import { Perspective } from '../principal/viewer';

export const AccessVerdict = {
  OPEN: 'OPEN',
  OWN_PERIOD: 'OWN_PERIOD',
  NO_OPEN_ROW: 'NO_OPEN_ROW',
  NO_ROW: 'NO_ROW',
  ROLE_NOT_BEGUN: 'ROLE_NOT_BEGUN',
  ROLE_ENDED: 'ROLE_ENDED',
  ROLE_REVOKED: 'ROLE_REVOKED',
  ACCOUNT_INACTIVE: 'ACCOUNT_INACTIVE',
} as const;
export type AccessVerdict = keyof typeof AccessVerdict;
graphqlEnum(AccessVerdict, 'AccessVerdict', 'Whether a perspective opens the record of a student today, or why not.', {
  OPEN: 'A row is open: the record is in scope.',
  OWN_PERIOD: 'The own jurisdiction has ended: the records of that period stay readable, and nothing newer.',
  NO_OPEN_ROW: 'There are rows, and none of them is open today: the state of each says why.',
  NO_ROW: 'No row ties the student to the perspective.',
  ROLE_NOT_BEGUN: 'The first day of the role is still to come.',
  ROLE_ENDED: 'The last day of the role has passed.',
  ROLE_REVOKED: 'The role was taken away.',
  ACCOUNT_INACTIVE: 'The account is deactivated.',
});

export const AccessRowState = { OPEN: 'OPEN', NOT_BEGUN: 'NOT_BEGUN', ENDED: 'ENDED', REVOKED: 'REVOKED' } as const;
export type AccessRowState = keyof typeof AccessRowState;
graphqlEnum(AccessRowState, 'AccessRowState', 'How a row of access stands today.', {
  OPEN: 'Open: it alone is enough.',
  NOT_BEGUN: 'Its first day is still to come.',
  ENDED: 'Its last day has passed.',
  REVOKED: 'Taken away at an instant, whatever its days say.',
});

export const GranteeKind = { ORGANIZATION: 'ORGANIZATION', CASELOAD: 'CASELOAD', GRANT: 'GRANT' } as const;
export type GranteeKind = keyof typeof GranteeKind;
graphqlEnum(GranteeKind, 'GranteeKind', 'To what a row of access opens a student.', {
  ORGANIZATION: 'An organization: whoever holds a role there whose rows are of this relation.',
  CASELOAD: 'The caseload of one person.',
  GRANT: 'A grant by name, to a monitor or a partner agency.',
});

/** One row of `student_access`, as whoever may know of it reads it. */
@RequiresScopes('student:read')
@ObjectType('AccessRow', { description: 'One row of access: what opens, opened or will open a student to a grantee.' })
export class AccessRow {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
  @Field(() => AccessRowState, { description: 'How it stands today.' }) state: AccessRowState;
  @Field(() => AccessRelationEnum, { description: 'How the grantee is related to the student.' })
  relation: AccessRelation;
  @Field(() => GranteeKind, { description: 'To what it opens the student.' }) granteeKind: GranteeKind;
  @Field({ description: 'Name of the organization, person or agency.' }) grantee: string;
  @Field(() => DateScalar, { description: 'First day.' }) validFrom: CalendarDay;
  @Field(() => DateScalar, { nullable: true, description: 'Last day, inclusive; null while it is open-ended.' })
  validTo: CalendarDay | null;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'The last day that was planned: later than the last day where a claim for a coming day ends it early.',
  })
  plannedTo: CalendarDay | null;
  @Field(() => Date, { nullable: true, description: 'When it was taken away.' }) revokedAt: Date | null;

  leaId: string | null;
}

@RequiresScopes('student:read')
@ObjectType('PerspectiveAccess', {
  description: 'Whether one perspective opens the record of a student, and by which rows.',
})
export class PerspectiveAccess {
  @Field(() => Perspective, { description: 'The perspective.' }) perspective: Perspective;
  @Field({ description: 'True when the record of the student is in its scope today.' }) open: boolean;
  @Field(() => AccessVerdict, { description: 'The same with its reason.' }) verdict: AccessVerdict;
  @Field(() => DateScalar, { description: 'The day for which it is said: today where its organization is.' })
  on: CalendarDay;
  @Field(() => [AccessRow], {
    description: 'The rows that tie the student to it, those that are not open too, the oldest first.',
  })
  rows: AccessRow[];
}

@RequiresScopes('student:read')
@ObjectType('AccessExplanation', { description: 'Why the record of a student is open to an account, or why not.' })
export class AccessExplanation {
  @Field(() => [PerspectiveAccess], {
    description:
      'Your perspective in use; of another account each one at your organization and below it, ended ones too.',
  })
  perspectives: PerspectiveAccess[];

  /** Null for the client of a partner agency. */
  accountId: string | null;
}
