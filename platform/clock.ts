import { type CalendarDay, dayIn } from './dates';

/** The source of "now". Injected everywhere, so that a test decides what day it is. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** Today in a time zone: a student's day is the day of the jurisdiction, not of the server. */
export function today(clock: Clock, timeZone: string): CalendarDay {
  return dayIn(timeZone, clock.now());
}

/** A clock that stands still until it is moved. */
export class FixedClock implements Clock {
  constructor(private instant: Date) {}
  now(): Date {
    return new Date(this.instant);
  }
  set(instant: Date): void {
    this.instant = instant;
  }
}
