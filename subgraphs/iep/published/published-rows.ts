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

export interface PublishedStudent {
  name: string;
  stateId: string;
  dateOfBirth: CalendarDay | null;
  lea: string | null;
}
