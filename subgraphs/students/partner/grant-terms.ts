import { anniversary, type CalendarDay } from '../../../platform/dates';
import { notFound, Rejection, type RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { PartnerGrantRepository } from './partner-grant.repository';

const MAX_STUDENTS = 500;

/** What every grant of students to somebody outside of the organization needs before anybody is asked; all complaints at once. */
export class GrantTerms {
  private readonly errors: RuleError[] = [];

  /** @param rule the requirement or law that the complaints name */
  constructor(private readonly rule: string) {}

  demand(met: boolean, message: string, field: string, code = this.rule): void {
    if (!met) this.errors.push({ code, message, path: [field], severity: 'ERROR' });
  }

  text(field: string, text: string, most: number): void {
    const { length } = text.trim();
    this.demand(length >= 3 && length <= most, `Needed, with 3 to ${most} characters.`, field);
  }

  students({ length }: readonly string[]): void {
    this.demand(length >= 1 && length <= MAX_STUDENTS, `Name 1 to ${MAX_STUDENTS} students.`, 'studentIds');
  }

  /** At most so many of a list, each once. */
  atMost(field: string, { length }: readonly unknown[], most: number): void {
    this.demand(length <= most, `At most ${most}.`, field);
  }

  lastDay(expiresOn: CalendarDay, today: CalendarDay, years: number): void {
    const latest = anniversary(today, years);
    this.demand(
      expiresOn >= today && expiresOn <= latest,
      `The last day lies between today and ${latest}, ${years === 1 ? 'a year' : `${years} years`} from now.`,
      'expiresOn',
    );
  }

  /** @throws Rejection with everything that is missing */
  assertMet(): void {
    if (this.errors.length > 0) throw new Rejection(this.errors);
  }
}

/**
 * Locks the students of a grant, all of them in the caller's scope: a student who is leaving it right now must not be
 * granted away meanwhile.
 * @throws NOT_FOUND alike for a student out of scope and one that doesn't exist
 */
export async function lockGrantable(session: Session, studentIds: readonly string[]): Promise<void> {
  await session.lock(...studentIds);
  const inScope = await session.get(PartnerGrantRepository).studentsInScope(studentIds);
  if (inScope.length < studentIds.length) throw notFound('One of the students');
}

/**
 * The last day of a grant's right by student, under their locks: no right through an LEA outlives its jurisdiction. Of a claim
 * for a coming day it ends on the day before.
 */
export async function lastDays(
  session: Session,
  studentIds: readonly string[],
  expiresOn: CalendarDay,
): Promise<Map<string, CalendarDay>> {
  if (studentIds.length === 0) return new Map();
  const periods = await session.get(JurisdictionRepository).onDay(studentIds, session.today);
  const ends = new Map(periods.map(({ studentId, endDate }) => [studentId, endDate]));
  return new Map(
    studentIds.map((id) => {
      const end = ends.get(id) ?? null;
      return [id, end !== null && end < expiresOn ? end : expiresOn];
    }),
  );
}
