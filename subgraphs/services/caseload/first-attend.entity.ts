import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar, DateTimeScalar } from '../../../platform/graphql/scalars';

/** That a provider met a student for a mandated service for the first time (SESIS-16). Once per student and service. */
@RequiresScopes('service:read')
@ObjectType('FirstAttend', { description: 'That a provider met a student for a mandated service for the first time.' })
@Entity('first_attend')
@Index('first_attend_by_service', ['serviceId'], { unique: true })
@Index('first_attend_by_confirmation', ['confirmationNumber'], { unique: true })
@Index('first_attend_by_student', ['studentId'])
@Index('first_attend_by_time', ['reportedAt'])
export class FirstAttend {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @RefColumn()
  studentId: string;

  @RefColumn()
  serviceId: string;

  @RefColumn()
  providerId: string;

  @Field(() => DateScalar, { description: 'The day of the first attend.' })
  @DayColumn()
  attendedOn: string;

  @Field(() => DateTimeScalar, { description: 'When it was reported.' })
  @InstantColumn()
  reportedAt: Date;

  @Field({ description: 'The number that confirms the report.' })
  @StringColumn(20)
  confirmationNumber: string;
}
