import { type Clock, today } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { type CalendarDay, isCalendarDay } from '../../platform/dates';
import { Random } from '../seed/random';
import type { StudentCase } from '../seed/student-case';
import { latestCountDay } from './count-day';
import { missingData } from './data-files';
import { Places } from './places';
import { type CountCell, publishedCells, scaleCells } from './published-counts';
import { Staffing } from './staffing';
import { ADDED, idOf, numberIn, studentOfCell } from './student-of-cell';
import { weightedNames } from './weighted-names';
import { writeStudents } from './write-students';

export interface GenerateOptions {
  database: Database;
  clock: Clock;
  /** How many students to add. */
  students: number;
  /** The same seed, number of students and start give the same students. */
  seed?: number;
  /** Folder of the public tables: `counts/` and `names/`. */
  dataFolder: string;
  /** State whose schools take the students. Counts are published for California. */
  state?: string;
  /** The count day, on which the students have the ages of the published table; the last first Wednesday of October. */
  on?: CalendarDay;
  /** Called after every committed chunk. */
  onProgress?: (done: number) => void;
}

export interface Generated {
  students: number;
  /** What the students were drawn from: on the count day, the child count of exactly these students. */
  cells: CountCell[];
  on: CalendarDay;
  schools: number;
  /** Ids of the first and the last one. */
  first: string;
  last: string;
}

/** What was asked for can't be done; the message says what to do. */
export class UnusableRequest extends Error {}

const CHUNK = 200;
export const MAX_STUDENTS = 2_000_000;
const STATE = 'CA';
const TIME_ZONE = 'America/Los_Angeles';

/**
 * Adds a synthetic population in the proportions of the published child count. Students commit in chunks of 200, each with
 * everything that hangs on it, so that an interrupted run leaves whole students; the next run numbers on from there.
 * @throws UnusableRequest when options, data folder or schools are missing
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const { database, clock, students, seed = 1, dataFolder, state = STATE, onProgress = () => undefined } = options;
  const now = clock.now();
  const on = options.on ?? latestCountDay(today(clock, TIME_ZONE));
  checkRequest({ students, seed, state, on, dataFolder, today: today(clock, TIME_ZONE) });
  const cells = scaleCells(publishedCells(dataFolder), students);
  const names = weightedNames(dataFolder);
  const places = await Places.load(database, state).catch((error: Error) =>
    Promise.reject(new UnusableRequest(error.message)),
  );
  const { last, byLea } = await alreadyThere(database);
  const staffing = new Staffing(seed, names, byLea);
  const order = Random.of(seed, 'order', last).shuffle(
    cells.flatMap((cell) => Array<CountCell>(cell.count).fill(cell)),
  );

  const studentAt = (index: number): StudentCase => {
    const number = last + index + 1;
    const cell = order[index]!;
    const random = Random.of(seed, number);
    const place = places.draw(random, cell.age);
    return studentOfCell({
      random,
      series: ADDED,
      number,
      cell,
      place,
      team: staffing.teamFor(place.lea),
      names,
      countDay: on,
      today: today(clock, TIME_ZONE),
      now,
    });
  };
  for (let start = 0; start < students; start += CHUNK) {
    const cases = order.slice(start, start + CHUNK).map((_, i) => studentAt(start + i));
    await writeStudents({ database, clock }, { cases, staff: staffing.takeNew() });
    onProgress(start + cases.length);
  }
  return {
    students,
    cells,
    on,
    schools: places.count,
    first: idOf(ADDED, last + 1),
    last: idOf(ADDED, last + students),
  };
}

function checkRequest(request: {
  students: number;
  seed: number;
  state: string;
  on: CalendarDay;
  dataFolder: string;
  today: CalendarDay;
}): void {
  const { students, seed, state, on, dataFolder } = request;
  if (!Number.isSafeInteger(students) || students < 1 || students > MAX_STUDENTS)
    throw new UnusableRequest(`The number of students must be a whole number from 1 to ${MAX_STUDENTS}.`);
  if (!Number.isSafeInteger(seed)) throw new UnusableRequest('The seed must be a whole number.');
  if (state !== STATE) throw new UnusableRequest(`Counts to draw from are at hand for ${STATE} alone.`);
  if (!isCalendarDay(on)) throw new UnusableRequest(`${on} is not a day: write YYYY-MM-DD.`);
  if (on > request.today) throw new UnusableRequest(`The count day ${on} lies in the future.`);
  assertData(dataFolder);
}

/** @throws UnusableRequest when the folder lacks a file that students are drawn from */
export function assertData(dataFolder: string): void {
  const missing = missingData(dataFolder);
  if (missing) throw new UnusableRequest(missing);
}

/** The number of the last generated student, and how many each LEA has. */
async function alreadyThere(database: Database): Promise<{ last: number; byLea: Map<string, number> }> {
  const comment = scopeComment('system:generate');
  const [row] = await database.read.query(
    `${comment}SELECT MAX(id) AS last FROM pub_student WHERE id LIKE 'stu-gen-%'`,
  );
  const counts: { leaId: string; students: number | string }[] = await database.read.query(
    `${comment}SELECT lea_id AS leaId, COUNT(*) AS students FROM pub_jurisdiction WHERE student_id LIKE 'stu-gen-%' GROUP BY lea_id`,
  );
  return {
    last: numberIn(ADDED, row.last),
    byLea: new Map(counts.map(({ leaId, students }) => [leaId, Number(students)])),
  };
}
