import { Entity, Index } from 'typeorm';
import { IdColumn, RefColumn } from '../../../platform/database/columns';

/**
 * Which plan lists which service. An amendment carries on the services that it doesn't touch: the same service then stands
 * in both plans, and the superseded one still shows what it ordered.
 */
@Entity('planned_service')
@Index('planned_service_by_plan', ['iepId', 'serviceId'], { unique: true })
@Index('planned_service_by_service', ['serviceId'])
@Index('planned_service_by_student', ['studentId'])
export class PlannedService {
  @IdColumn() id: string;
  @RefColumn() studentId: string;
  @RefColumn() iepId: string;
  @RefColumn() serviceId: string;
}
