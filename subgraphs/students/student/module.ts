import type { EventHandlers } from '../../../platform/outbox/dispatcher';
import type { DeliveredEvent } from '../../../platform/outbox/event';
import type { Session } from '../../../platform/scope/session';
import type { IepAffirmed } from '../events';
import { Guardian } from '../guardian/guardian.entity';
import { GuardianResolver } from '../guardian/guardian.resolver';
import { Jurisdiction, SchoolPeriod } from '../jurisdiction/jurisdiction.entity';
import {
  JurisdictionResolver,
  SchoolPeriodResolver,
  StudentJurisdictionResolver,
} from '../jurisdiction/jurisdiction.resolver';
import { StudentRequest } from '../request/request.entity';
import { RequestResolver } from '../request/request.resolver';
import { SpedActivity, StudentStatusEntry } from '../status/status.entity';
import { StatusResolver } from '../status/status.resolver';
import { StatusService } from '../status/status.service';
import { Student } from './student.entity';
import { studentReference } from './student.loader';
import { StudentCardResolver, StudentResolver } from './student.resolver';

/** What the composition root of the subgraph takes from the aggregates around the student. */
export { studentMigrations } from '../migrations/students';

export const studentEntities = [
  Student,
  Guardian,
  Jurisdiction,
  SchoolPeriod,
  StudentStatusEntry,
  SpedActivity,
  StudentRequest,
];

/** Every table of these aggregates holds rows of students. */
export const studentProtectedTables = [
  'student',
  'guardian',
  'jurisdiction',
  'school_period',
  'student_status_entry',
  'sped_activity',
  'student_request',
];

export const studentResolvers = [
  StudentResolver,
  StudentCardResolver,
  GuardianResolver,
  StudentJurisdictionResolver,
  JurisdictionResolver,
  SchoolPeriodResolver,
  StatusResolver,
  RequestResolver,
];

export const studentReferences = { Student: studentReference };

/** SER-114: an affirmed IEP moves the status and opens the sped activity. */
async function onIepAffirmed(session: Session, { studentId, payload }: DeliveredEvent<IepAffirmed>): Promise<void> {
  await session.get(StatusService).applyIep(studentId, payload);
}

export const studentConsumers: EventHandlers = { 'iep.affirmed': onIepAffirmed };
