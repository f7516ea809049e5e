import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, FixedClock, today } from '../../platform/clock';
import { analyze } from '../../platform/database/analyze';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { type CalendarDay, isCalendarDay } from '../../platform/dates';
import type { AccountBundle } from '../../subgraphs/students/account/load-accounts';
import { importOrganizations } from '../import/import-organizations';
import { Random } from '../seed/random';
import type { StudentCase } from '../seed/student-case';
import { Allocation } from './allocation';
import { joinConfirmedSelpas } from './confirmed-selpas';
import { latestCountDay } from './count-day';
import { assertData, UnusableRequest } from './generate';
import { readPlaces } from './places';
import { type CountCell, publishedCells, scaleCells } from './published-counts';
import { readAttendance, SCHOOL_DIRECTORY } from './schools-of-directory';
import { type StaffMember, Staffing } from './staffing';
import { idOf, numberIn, POPULATION, studentOfCell } from './student-of-cell';
import { weightedNames } from './weighted-names';
import { writeStudents } from './write-students';

export interface PopulationOptions {
  database: Database;
  clock: Clock;
  /** Folder of the public tables: `counts/`, `names/` and `orgs/`. */
  dataFolder: string;
  seed?: number;
  /** The published counts scaled to so many students; all of them when left out. */
  students?: number;
  /** Stops when so many of them are there: whole districts of their full size. A later run goes on. */
  until?: number;
  /** The count day, on which the students have the published ages; the last first Wednesday of October. */
  on?: CalendarDay;
  /** Told how many students are there before the first and after every commit, and how many there will be. */
  onProgress?: (done: number, total: number) => void;
}

export interface Populated {
  /** Students of the population, and how many of them this run added. */
  students: number;
  added: number;
  schools: number;
  /** On the count day, the child count of exactly the whole population. */
  cells: CountCell[];
  on: CalendarDay;
}

const CHUNK = 500;
const STATE = 'CA';
const TIME_ZONE = 'America/Los_Angeles';
const STAFF_ISSUER = 'https://staff.example';
const STAFF_SINCE = '2020-07-01';

/**
 * Builds the whole population that is published for California: every cell of the child count, over the schools of the
 * directory, with staff who sign in. Students commit in chunks of 500, each with everything that hangs on it and its facts. A run
 * that was ended in whatever way goes on where the last commit was, with the students that it would have made then.
 * @throws UnusableRequest when data are missing, or what is there was made with another seed, size or count day
 */
export async function populate(options: PopulationOptions): Promise<Populated> {
  const { database, dataFolder, seed = 1, onProgress = () => undefined } = options;
  assertData(dataFolder);
  const directory = join(dataFolder, SCHOOL_DIRECTORY);
  if (!existsSync(directory)) throw new UnusableRequest(`There is no directory of schools at ${directory}.`);
  const there = await alreadyThere(database);
  const clock = beginningOf(there.day ?? today(options.clock, TIME_ZONE));
  const on = options.on ?? latestCountDay(today(clock, TIME_ZONE));
  if (!isCalendarDay(on) || on > today(clock, TIME_ZONE))
    throw new UnusableRequest(`${on} is no day, or lies in the future.`);
  if (there.students === 0) {
    await importOrganizations(database, clock, 'ca-schools', createReadStream(directory));
    await joinConfirmedSelpas(database, clock, dataFolder);
  }
  const plan = await makePlan(database, clock, dataFolder, seed, on, options.students);
  const { allocation } = plan;
  const end = Math.min(options.until ?? allocation.size, allocation.size);
  const staffing = new Staffing(seed, plan.names, allocation.byLea(there.students), POPULATION.prefix, true);
  await assertSamePlan(database, plan, there.students);
  // Indexes by name and day are written all over: their pages are kept at hand.
  if (database.engine === 'sqlite') await database.schemaSource.query('PRAGMA cache_size = -131072');
  onProgress(there.students, end);
  for (let start = there.students; start < end; start += CHUNK) {
    const length = Math.min(CHUNK, end - start);
    const cases = Array.from({ length }, (_, i) => studentAt(plan, start + i, staffing));
    const staff = staffing.takeNew();
    await writeStudents({ database, clock }, { cases, staff, accounts: staff.map(accountOf) });
    onProgress(start + length, end);
  }
  await analyze(database);
  return {
    students: Math.max(end, there.students),
    added: Math.max(0, end - there.students),
    schools: allocation.schools,
    cells: plan.cells,
    on,
  };
}

interface Plan {
  seed: number;
  cells: CountCell[];
  allocation: Allocation;
  names: ReturnType<typeof weightedNames>;
  clock: Clock;
  on: CalendarDay;
}

async function makePlan(
  database: Database,
  clock: Clock,
  dataFolder: string,
  seed: number,
  on: CalendarDay,
  students?: number,
): Promise<Plan> {
  const attendance = new Map(readAttendance(dataFolder).map((row) => [row.id, row]));
  const places = await readPlaces(database, STATE, ['SCHOOL', 'NPS']);
  const sites = places.flatMap((place) => {
    const row = attendance.get(place.school.id);
    return row ? [{ ...place, ...row }] : [];
  });
  const published = publishedCells(dataFolder);
  const cells = students ? scaleCells(published, students) : published;
  return { seed, cells, allocation: new Allocation(cells, sites, seed), names: weightedNames(dataFolder), clock, on };
}

function studentAt({ allocation, names, seed, clock, on }: Plan, index: number, staffing: Staffing): StudentCase {
  const { cell, place } = allocation.at(index);
  return studentOfCell({
    random: Random.of(seed, POPULATION.prefix, index + 1),
    series: POPULATION,
    number: index + 1,
    cell,
    place,
    team: staffing.teamFor(place.lea),
    names,
    countDay: on,
    today: today(clock, TIME_ZONE),
    now: clock.now(),
  });
}

/** The first instant of a day: whatever the time of the day at which a run goes on, it tells the same. */
const beginningOf = (day: CalendarDay): Clock => new FixedClock(new Date(`${day}T08:00:00Z`));

const accountOf = ({ id, displayName, accountId, organizationId, isCaseManager }: StaffMember): AccountBundle => ({
  id: accountId!,
  issuer: STAFF_ISSUER,
  username: id.replace(/^prov-/, ''),
  displayName,
  role: isCaseManager ? 'CASE_MANAGER' : 'SERVICE_PROVIDER',
  organizationId,
  validFrom: STAFF_SINCE,
});

/** How many students of the population are there, and on which day the first run began. */
async function alreadyThere(database: Database): Promise<{ students: number; day: CalendarDay | null }> {
  const comment = scopeComment('system:generate');
  const [first, end] = [`stu-${POPULATION.prefix}-`, `stu-${POPULATION.prefix}.`];
  const [{ last }] = await database.read.query(
    `${comment}SELECT MAX(id) AS last FROM student WHERE id >= ? AND id < ?`,
    [first, end],
  );
  if (last === null) return { students: 0, day: null };
  const [row] = await database.read.query(`${comment}SELECT last_activity_on AS day FROM student WHERE id = ?`, [last]);
  return { students: numberIn(POPULATION, last), day: row.day };
}

/** What is there must be what this run would have made: it is numbered on, and never made anew. */
async function assertSamePlan(database: Database, plan: Plan, there: number): Promise<void> {
  if (there === 0) return;
  const bare = new Staffing(plan.seed, plan.names, new Map());
  const same = async (index: number): Promise<boolean> => {
    const { student } = studentAt(plan, index, bare);
    const [row] = await database.read.query(
      `${scopeComment('system:generate')}SELECT s.state_id, s.date_of_birth, j.school_id FROM student s` +
        ' JOIN jurisdiction j ON j.id = ? WHERE s.id = ?',
      [student.jurisdictions[0]!.id, student.id],
    );
    return (
      row?.state_id === student.stateId &&
      row.date_of_birth === student.dateOfBirth &&
      row.school_id === student.jurisdictions[0]!.schoolId
    );
  };
  const isSame = there <= plan.allocation.size && (await same(0)) && (await same(there - 1));
  if (!isSame)
    throw new UnusableRequest(
      `The ${there} students up to ${idOf(POPULATION, there)} were made with another seed, size, count day or data: name the same ones.`,
    );
}
