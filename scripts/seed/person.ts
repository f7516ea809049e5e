import { addDays, ageOn, anniversary, type CalendarDay } from '../../platform/dates';
import { GuardianRelationship } from '../../subgraphs/students/guardian/guardian.entity';
import type { Band } from './needs';
import { FIRST_NAMES, GUARDIAN_NAMES, LANGUAGES, LAST_NAMES } from './names';
import type { Random } from './random';
import type { GuardianBundle } from '../../subgraphs/students/student/load-students';
import type { Person } from './student-case';

/** Where names come from: the short lists of the seed, or the public frequency tables. */
export interface NameSource {
  first(random: Random, gender: Person['gender']): string;
  last(random: Random): string;
  guardian(random: Random): string;
}

export const SHORT_LISTS: NameSource = {
  first: (random) => random.pick(FIRST_NAMES),
  last: (random) => random.pick(LAST_NAMES),
  guardian: (random) => random.pick(GUARDIAN_NAMES),
};

const STREETS = [
  'Almond',
  'Cedar',
  'Delta',
  'Grant',
  'Harbor',
  'Jack Tone',
  'Linden',
  'Maple',
  'Orchard',
  'River',
  'Vine',
  'Walnut',
];

const RELATIONSHIPS: readonly (readonly [GuardianRelationship, number])[] = [
  [GuardianRelationship.MOTHER, 52],
  [GuardianRelationship.FATHER, 30],
  [GuardianRelationship.GRANDPARENT, 8],
  [GuardianRelationship.GUARDIAN, 5],
  [GuardianRelationship.STEPPARENT, 3],
  [GuardianRelationship.FOSTER_PARENT, 2],
];

/** A day of birth that makes the person so many completed years old on a day. */
export function bornToBe(random: Random, age: number, on: CalendarDay): CalendarDay {
  const youngest = anniversary(on, -age);
  const born = addDays(youngest, -random.int(0, 364));
  // Feb 29 shifts by a day here and there: the age is what counts.
  return ageOn(born, on) === age ? born : youngest;
}

/** The day that grades go by: kindergarten begins with five years on the first of September. */
export function gradeDay(today: CalendarDay): CalendarDay {
  const year = Number(today.slice(0, 4));
  return `${today.slice(5) >= '09-01' ? year : year - 1}-09-01`;
}

/** The usual grade at an age: preschool, kindergarten, 01 to 12; adults to 21 stay in 12. */
export function gradeAt(age: number, band: Band = age < 5 ? 'EARLY_CHILDHOOD' : 'SCHOOL_AGE'): string {
  if (band === 'EARLY_CHILDHOOD') return 'PS';
  return age === 5 ? 'KN' : String(Math.min(age - 5, 12)).padStart(2, '0');
}

export interface PersonOptions {
  id: string;
  stateId: string;
  localId: string | null;
  dateOfBirth: CalendarDay;
  gradeLevel: string;
  names: NameSource;
}

/** A synthetic person: names put together by chance, a telephone number that is kept for fiction. */
export function makePerson(random: Random, { names, ...given }: PersonOptions): Person {
  const gender = random.weighted<Person['gender']>([
    ['M', 66],
    ['F', 33.5],
    ['X', 0.5],
  ]);
  const lastName = names.last(random);
  const language = random.weighted(LANGUAGES);
  return {
    ...given,
    gender,
    firstName: names.first(random, gender),
    middleName: random.chance(0.3) ? names.first(random, gender) : null,
    lastName,
    language,
    guardians: guardians(random, names, lastName, language, given.id.replace(/^stu-/, '')),
  };
}

function guardians(
  random: Random,
  names: NameSource,
  lastName: string,
  language: string,
  key: string,
): GuardianBundle[] {
  const address = `${random.int(100, 9_899)} ${random.pick(STREETS)} ${random.pick(['Street', 'Avenue', 'Drive'])}`;
  const one = (relationship: GuardianRelationship, number: number): GuardianBundle => {
    const firstName = names.guardian(random);
    return {
      id: `gua-${key}-${number}`,
      firstName,
      lastName,
      relationship,
      phone: `209-555-01${random.digits(2)}`,
      email: random.chance(0.7)
        ? `${firstName}.${lastName}@example.org`.toLowerCase().replace(/[^a-z0-9@.-]/g, '')
        : null,
      address,
      language,
    };
  };
  const first = random.weighted(RELATIONSHIPS);
  const both = first === GuardianRelationship.MOTHER && random.chance(0.3);
  return both ? [one(first, 1), one(GuardianRelationship.FATHER, 2)] : [one(first, 1)];
}
