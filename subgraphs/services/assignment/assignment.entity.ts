import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { Provider } from '../provider/provider.entity';
import { AssignmentRole, AssignmentSource } from './assignment.enums';

/** That somebody serves a student or manages the case. Open while not revoked and not past its planned last day. */
@RequiresScopes('provider:read')
@ObjectType('ProviderAssignment', { description: 'That a provider serves a student or manages the case.' })
@Entity('provider_assignment')
@Index('provider_assignment_by_student', ['studentId', 'role'])
@Index('provider_assignment_by_account', ['accountId', 'role', 'studentId'])
@Index('provider_assignment_by_provider', ['providerId', 'studentId'])
@Index('provider_assignment_by_service', ['serviceId'])
export class ProviderAssignment {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @RefColumn()
  studentId: string;

  @RefColumn()
  providerId: string;

  /** The provider's account at the time: the one whose access hangs on this row. */
  @RefColumn({ nullable: true })
  accountId: string | null;

  @Field(() => AssignmentRole, { description: 'As what.' })
  @StringColumn(12)
  role: AssignmentRole;

  /** The LEA through which the assignment came: a claim by another LEA ends it. */
  @RefColumn()
  leaId: string;

  @RefColumn({ nullable: true })
  serviceId: string | null;

  @Field(() => DateScalar, { description: 'First day.' })
  @DayColumn()
  validFrom: string;

  @Field(() => DateScalar, { nullable: true, description: 'Planned last day, inclusive.' })
  @DayColumn({ nullable: true })
  validTo: string | null;

  /** The last day that was planned for the assignment itself: a claim for a coming day ends it earlier, until withdrawn. */
  @DayColumn({ nullable: true })
  plannedTo: string | null;

  @InstantColumn({ nullable: true })
  revokedAt: Date | null;

  @Field(() => AssignmentSource, { description: 'What it came from.' })
  @StringColumn(12)
  source: AssignmentSource;

  /** Filled by queries that bring the provider along. */
  joinedProvider?: Provider;
}
