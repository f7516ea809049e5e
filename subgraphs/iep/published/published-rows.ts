import type { CalendarDay } from '../../../platform/dates';

/** A service as `services` publishes it in `pub_service`. */
export interface PublishedService {
  id: string;
  iepId: string;
  code: string;
  state: string;
  doNotReport: boolean;
  frequency: string | null;
  minutes: number | null;
  delivery: string | null;
  location: string | null;
  startDate: string | null;
  endDate: string | null;
}

/** A reporting period in one year, as `reporting` publishes it in `pub_reporting_period`. */
export interface PublishedPeriod {
  code: string;
  name: string;
  stateId: string;
  /** The census day. */
  reportDate: CalendarDay;
}

export interface PublishedJurisdiction {
  studentId: string;
  stateId: string;
  endDate: CalendarDay | null;
}

export interface PublishedStudent {
  name: string;
  stateId: string;
  dateOfBirth: CalendarDay | null;
  lea: string | null;
}

/** A student as far as its deadlines hang on it. */
export interface StudentStanding {
  id: string;
  status: string;
}
