import type { CalendarDay } from '../../../platform/dates';
import type { RuleError } from '../../../platform/errors';
import { isServiceCode } from './service-codes';
import { MINUTES_PER_PERIOD, type DeliveryModel, type Frequency, type ServiceState } from './service.enums';

/** What the rules look at in a service. */
export interface ServiceTerms {
  code: string;
  frequency: Frequency;
  minutes: number;
  delivery: DeliveryModel;
  location: string | null;
  doNotReport: boolean;
  parentServiceId: string | null;
}

export interface StandingService extends ServiceTerms {
  id: string;
  state: ServiceState;
}

const MIN_MINUTES = 10;
const MAX_LOCATION = 80;

const error = (code: string, message: string, field: string): RuleError => ({
  code,
  message,
  path: [field],
  severity: 'ERROR',
});

/**
 * What is wrong with a new service beside the open services of the same plan (or, by hand, of no plan).
 * Codes: V-016..V-018 (SEIS-71..73), V-137 (duration), SER-108 (required values).
 */
export function checkNewService(terms: ServiceTerms, siblings: readonly StandingService[]): RuleError[] {
  return [
    ...checkTerms(terms),
    ...(terms.doNotReport || terms.parentServiceId ? checkExtraRow(terms, siblings) : checkDuplicate(terms, siblings)),
  ];
}

function checkTerms({ code, minutes, frequency, location }: ServiceTerms): RuleError[] {
  const errors: RuleError[] = [];
  if (!isServiceCode(code))
    errors.push(error('SER-108', 'There is no service of this code: choose one of `serviceCodes`.', 'code'));
  if (minutes < MIN_MINUTES) errors.push(error('V-137', `A service lasts at least ${MIN_MINUTES} minutes.`, 'minutes'));
  if (minutes > MINUTES_PER_PERIOD[frequency])
    errors.push(error('V-137', 'More minutes than the period has: check minutes and frequency.', 'minutes'));
  if (location !== null && location.length > MAX_LOCATION) {
    errors.push(error('SER-108', `The location has at most ${MAX_LOCATION} characters.`, 'location'));
  }
  return errors;
}

/** A second reported row of a code breaks the state report, unless it differs in delivery or location (C.5, duplicate key). */
function checkDuplicate(terms: ServiceTerms, siblings: readonly StandingService[]): RuleError[] {
  const reported = siblings.filter((row) => row.code === terms.code && !row.doNotReport);
  if (reported.some((row) => row.frequency !== terms.frequency)) {
    const message =
      'The plan has this service with another frequency; the two cannot be combined. Enter it as an extra row under the first, with do-not-report ticked.';
    return [error('V-017', message, 'frequency')];
  }
  if (reported.some((row) => row.delivery === terms.delivery && row.location === terms.location)) {
    const message =
      'The plan has this service already: combine the minutes, or enter it as an extra row with do-not-report ticked.';
    return [error('V-016', message, 'code')];
  }
  return [];
}

/** An extra row is not reported and stands under a reported row of the same service (SEIS-73). */
function checkExtraRow(terms: ServiceTerms, siblings: readonly StandingService[]): RuleError[] {
  if (!terms.doNotReport)
    return [error('V-018', 'A row under another service must have do-not-report ticked.', 'doNotReport')];
  const main = siblings.find((row) => row.id === terms.parentServiceId);
  if (main && main.code === terms.code && !main.doNotReport) return [];
  return [
    error(
      'V-018',
      'A do-not-report row needs a reported main row of the same service on the same plan: name it.',
      'parentServiceId',
    ),
  ];
}

/** What is wrong with adding minutes to a standing service: SEIS-72, only at equal frequency. */
export function checkCombination(terms: ServiceTerms, standing: StandingService): RuleError[] {
  if (standing.code !== terms.code)
    return [error('V-016', 'Only minutes of the same service can be combined.', 'combineWithServiceId')];
  if (standing.frequency !== terms.frequency) {
    return [
      error(
        'V-017',
        'Services of different frequency cannot be combined: use an extra row with do-not-report ticked.',
        'frequency',
      ),
    ];
  }
  return checkTerms({ ...terms, minutes: standing.minutes + terms.minutes });
}

/**
 * What a termination must say (V-062, SER-112): both, real, and within the life of the service. One that is only proposed, or
 * begins on a coming day, is withdrawn: it has no life yet that the end date could lie in.
 */
export function checkTermination(
  { endDate, terminationReason }: { endDate?: CalendarDay | null; terminationReason?: string | null },
  { startDate, state }: { startDate: CalendarDay; state: ServiceState },
  today: CalendarDay,
): RuleError[] {
  const errors: RuleError[] = [];
  if (!endDate)
    errors.push(error('V-062', 'Termination needs an end date: enter the last day of the service.', 'endDate'));
  if (!terminationReason) errors.push(error('V-062', 'Termination needs a reason: choose one.', 'terminationReason'));
  if (!endDate) return errors;
  const hasBegun = state === 'ACTIVE' && startDate <= today;
  if (endDate > today) {
    const instead = hasBegun
      ? ''
      : ` This service has not begun: to withdraw it, enter today, ${today}, as the end date.`;
    errors.push(error('V-062', `The end date must not lie in the future.${instead}`, 'endDate'));
  }
  if (hasBegun && endDate < startDate)
    errors.push(error('V-062', `The service began on ${startDate}: it cannot end before.`, 'endDate'));
  return errors;
}
