import { addDays, anniversary, type CalendarDay } from '../../platform/dates';
import { MeetingKind } from '../../subgraphs/iep/document/iep-codes';
import { EvaluationKind } from '../../subgraphs/iep/evaluation/evaluation-codes';
import type { DisabilityCategory, FederalEnvironment } from '../../subgraphs/iep/form/form-codes';
import type { Team } from '../seed/case-record';
import { CaseStory } from '../seed/case-story';
import { bornToBe, gradeAt, makePerson, type NameSource } from '../seed/person';
import type { Random } from '../seed/random';
import type { StudentCase } from '../seed/student-case';
import type { Place } from './places';
import type { CountCell } from './published-counts';

export interface CellStudent {
  random: Random;
  series: Series;
  /** Position in the series, from 1. */
  number: number;
  cell: CountCell;
  place: Place;
  team: Team;
  names: NameSource;
  /** The day on which the student has the age of the cell. */
  countDay: CalendarDay;
  today: CalendarDay;
  now: Date;
}

const OVERDUE_ANNUAL = 0.04;
const OVERDUE_TRIENNIAL = 0.03;
const FIRST_PLAN = 0.15;
const YEARS_ON_RECORD = 6;
/** From one review to the next, a little less than a year. */
const YEAR = 357;

/** A numbered series of students: those that were added, and those of the whole population. */
export interface Series {
  /** What ids begin with. */
  prefix: string;
  /** Ten digits as an SSID has begin with this, in a range of our own. */
  stateIds: string;
}
export const ADDED: Series = { prefix: 'gen', stateIds: '90' };
export const POPULATION: Series = { prefix: 'pop', stateIds: '98' };

/** The id of a student; the number stands at its end, so that ids sort as numbers do. */
export const idOf = ({ prefix }: Series, number: number): string => `stu-${prefix}-${String(number).padStart(7, '0')}`;
/** The number in an id of the series; 0 without one. */
export const numberIn = ({ prefix }: Series, id: string | null): number =>
  id ? Number(id.slice(`stu-${prefix}-`.length)) : 0;
const stateIdOf = ({ stateIds }: Series, number: number): string => `${stateIds}${String(number).padStart(8, '0')}`;

/**
 * A student who counts in a cell: of its age on the count day, eligible and participating, with an agreed current IEP that
 * names its disability and environment, and at least one reportable active service.
 */
export function studentOfCell({
  random,
  series,
  number,
  cell,
  place,
  team,
  names,
  countDay,
  today,
  now,
}: CellStudent): StudentCase {
  const dateOfBirth = bornToBe(random, cell.age, countDay);
  const gradeLevel = gradeAt(cell.age, cell.band);
  const person = makePerson(random, {
    id: idOf(series, number),
    stateId: stateIdOf(series, number),
    localId: null,
    dateOfBirth,
    gradeLevel,
    names,
  });
  const disability = cell.disability as DisabilityCategory;
  const environment = cell.environment as FederalEnvironment;
  const thirdBirthday = anniversary(dateOfBirth, 3);
  const beginDate = later(addDays(thirdBirthday, -220), anniversary(today, -YEARS_ON_RECORD));
  const story = new CaseStory({
    random,
    now,
    today,
    person,
    placement: { ...place, beginDate },
    team,
    disability,
    environment,
  });
  const isFirst = cell.age === 3 || random.chance(FIRST_PLAN);
  return (
    isFirst
      ? firstPlan(story, random, thirdBirthday, countDay, today)
      : plansBefore(story, random, thirdBirthday, today)
  ).finish();
}

/** The only plan so far, agreed to before a count day of this year: a child of three has no room for an earlier one. */
function firstPlan(
  story: CaseStory,
  random: Random,
  thirdBirthday: CalendarDay,
  countDay: CalendarDay,
  today: CalendarDay,
): CaseStory {
  const latest = later(countDay, addDays(today, -60));
  const meeting = later(addDays(latest, -random.int(5, 290)), thirdBirthday);
  const isPartC = meeting <= thirdBirthday;
  story.refer(addDays(meeting, -75));
  story.consent(addDays(meeting, -58), isPartC ? EvaluationKind.PART_C_TO_B : EvaluationKind.INITIAL);
  return story
    .evaluated(addDays(meeting, -8))
    .agreed(isPartC ? MeetingKind.PART_C_TO_B_INITIAL : MeetingKind.PART_B_INITIAL, meeting);
}

/** A plan review, of a student whose earlier plans are not in this system. */
function plansBefore(story: CaseStory, random: Random, thirdBirthday: CalendarDay, today: CalendarDay): CaseStory {
  const meeting = later(
    addDays(today, -(random.chance(OVERDUE_ANNUAL) ? random.int(368, 450) : random.int(3, 355))),
    addDays(thirdBirthday, 20),
  );
  const yearsAgo = random.chance(OVERDUE_TRIENNIAL) ? 3 : random.int(0, 2);
  const evaluated = later(
    addDays(meeting, -10 - yearsAgo * YEAR - (yearsAgo === 3 ? 25 : 0)),
    addDays(thirdBirthday, -20),
  );
  story.transferredIn(later(addDays(evaluated, -90), addDays(thirdBirthday, -110)), evaluated);
  return story.agreed(yearsAgo === 0 ? MeetingKind.TRIENNIAL : MeetingKind.ANNUAL, meeting);
}

const later = (a: CalendarDay, b: CalendarDay): CalendarDay => (a > b ? a : b);
