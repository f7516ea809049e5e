import type { CalendarDay } from '../../platform/dates';
import type { EvaluationBundle, IepBundle } from '../../subgraphs/iep/document/load-ieps';
import type { LoadedService, StudentServices } from '../../subgraphs/services/load-services';
import type { JurisdictionBundle, StudentBundle } from '../../subgraphs/students/student/load-students';

/**
 * A synthetic student with everything that hangs on it, in the words of the subgraphs' bulk doors: plain rows, before any
 * database. Seed and generator tell these; `load-cases.ts` hands each part to its subgraph.
 */
export interface StudentCase {
  student: StudentBundle;
  documents: DocumentCase[];
  evaluations: EvaluationBundle[];
  services: Omit<StudentServices, 'services'> & { services: ServiceCase[] };
  firstAttends: FirstAttendCase[];
}

export type DocumentCase = IepBundle & { id: string };
export type ServiceCase = LoadedService & { id: string; iepId: string; earlierPlans: string[] };

/** SESIS: the first time that a mandated service was attended (SESIS-16). */
export interface FirstAttendCase {
  serviceId: string;
  studentId: string;
  providerId: string;
  attendedOn: CalendarDay;
}

/** A person without history: who it is, and the guardians. */
export type Person = Omit<StudentBundle, 'jurisdictions' | 'statuses' | 'spedActivities'>;

/** An LEA with what stands above it. */
export interface Lea {
  id: string;
  name: string;
  selpaId: string | null;
  stateOrgId: string;
}

export interface School {
  id: string;
  name: string;
  kind: NonNullable<JurisdictionBundle['schoolKind']>;
}

/** Where a student is, and since when. */
export interface Placement {
  lea: Lea;
  school: School;
  beginDate: CalendarDay;
}

/** A person of the staff: a provider, with an account when the person signs in. */
export interface Staff {
  providerId: string;
  accountId: string | null;
  name: string;
}
