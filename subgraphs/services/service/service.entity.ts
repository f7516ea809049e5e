import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  DayColumn,
  EditVersionColumn,
  IdColumn,
  IntColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { DeliveryModel, Frequency, ServiceRecipient, ServiceState } from './service.enums';
import type { PlannedService } from './planned-service.entity';

/** One service of a student, as ordered by a plan or entered by hand (SER-99, SER-106). Dated: from its start to its end. */
@Key('id')
@RequiresScopes('service:read')
@ObjectType('Service', { implements: Node, description: 'A special-education or related service of a student.' })
@Entity('student_service')
@Index('student_service_by_student', ['studentId', 'state', 'startDate'])
@Index('student_service_by_iep', ['iepId'])
@Index('student_service_by_provider', ['providerId', 'state'])
@Index('student_service_by_parent', ['parentServiceId'])
export class Service {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @RefColumn()
  studentId: string;

  /** The newest plan that orders it; null when entered by hand. */
  @RefColumn({ nullable: true })
  iepId: string | null;

  /** The LEA that owned the student when the service was opened: what the claim guard asks for (V-045). */
  @RefColumn()
  leaId: string;

  @Field({ description: 'State code of the service, such as 415.' })
  @StringColumn(10)
  code: string;

  @Field(() => ServiceState, { description: 'Where the service stands.' })
  @StringColumn(12)
  state: ServiceState;

  @RefColumn({ nullable: true })
  providerId: string | null;

  @Field(() => Frequency, { description: 'How often the minutes are owed.' })
  @StringColumn(10)
  frequency: Frequency;

  @Field(() => Int, { description: 'Minutes per period of the frequency, at least 10.' })
  @IntColumn()
  minutes: number;

  @Field(() => DeliveryModel, { description: 'In which setting it is delivered.' })
  @StringColumn(12)
  delivery: DeliveryModel;

  @Field(() => String, { nullable: true, description: 'Where it is delivered, such as "regular classroom".' })
  @StringColumn(80, { nullable: true })
  location: string | null;

  @Field(() => ServiceRecipient, { description: 'Who receives it.' })
  @StringColumn(10)
  recipient: ServiceRecipient;

  @Field(() => DateScalar, { description: 'First day.' })
  @DayColumn()
  startDate: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day, once terminated.' })
  @DayColumn({ nullable: true })
  endDate: string | null;

  @Field({
    description: 'True for an extra row that is not reported to the state and raises no duplicate error (SEIS-73).',
  })
  @BoolColumn()
  doNotReport: boolean;

  /** The reported main row that an extra row stands under. */
  @RefColumn({ nullable: true })
  parentServiceId: string | null;

  @Field(() => String, { nullable: true, description: 'Why it ended: a value of TerminationReason.' })
  @StringColumn(20, { nullable: true })
  terminationReason: string | null;

  @Field(() => Int, { description: 'Counts the edits: send it back with a change.' })
  @EditVersionColumn()
  version: number;

  /** Filled by the query that lists the services of plans. */
  plans?: PlannedService[];
}
