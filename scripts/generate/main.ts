import { runCommand, UnusableArguments } from '../command';
import { openDatabase } from '../runtime';
import { assertData, generate, type Generated, type GenerateOptions, UnusableRequest } from './generate';
import { populate, type Populated, type PopulationOptions } from './population';
import { Progress } from './progress';

const USAGE = `Adds synthetic students, drawn from the published federal counts.

  npm run generate -- --students N [--seed S] [--data FOLDER] [--on YYYY-MM-DD] [--state CA]
  npm run generate -- --population california [--students N] [--until N] [--seed S] [--data FOLDER] [--on YYYY-MM-DD]

  --students    how many synthetic students to add; of a population: scales the published counts to so many
  --seed        whole number; the same one gives the same students (default 1)
  --data        folder with counts/ and names/, and orgs/ for a population (default ../shared/data)
  --on          day on which the students have the published ages (default: the last first Wednesday of October)
  --state       state whose schools take them: CA
  --population  california: all 870,993 students that are published, over the schools of the directory, with their staff.
                However a run was interrupted, it goes on when it is called again
  --until       stops when so many students of the population are there: whole districts, which a later run adds to`;

const wholeNumber = (name: string, text: string): number => {
  if (!/^-?\d+$/.test(text)) throw new UnusableArguments(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};

const text = { type: 'string' } as const;
const options = { students: text, seed: text, data: text, on: text, state: text, population: text, until: text };

const seconds = (since: number): number => (Date.now() - since) / 1000;

function summary({ students, cells, on, schools, first, last }: Generated, since: number): string {
  const rate = Math.round(students / seconds(since));
  return [
    `${students} students added in ${seconds(since).toFixed(1)} s (${rate} per second), ${first} to ${last}.`,
    `Drawn from ${cells.length} cells of disability, age and environment as of ${on}, over ${schools} schools.`,
  ].join('\n');
}

/** Exit code 2 for a request that can't be done, with what to do about it. */
runCommand({ usage: USAGE, options }, async ({ values }) => {
  const { population, on } = values;
  if (!values.students && !population) throw new UnusableArguments('--students is missing.');
  if (population && population !== 'california') throw new UnusableArguments(`There is no population ${population}.`);
  const number = (name: 'students' | 'until' | 'seed') =>
    values[name] === undefined ? undefined : wholeNumber(name, values[name]);
  const request = { seed: number('seed'), dataFolder: values.data ?? '../shared/data', on };
  try {
    if (population) await runPopulation({ ...request, students: number('students'), until: number('until') });
    else await run({ ...request, students: number('students')!, state: values.state });
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    console.error(error.message);
    return 2;
  }
});

async function run(request: Omit<GenerateOptions, 'database' | 'clock' | 'onProgress'>): Promise<void> {
  // Before the database is opened, and made: a newcomer's first run fails here.
  assertData(request.dataFolder);
  const { database, clock } = await openDatabase();
  const since = Date.now();
  const { at: onProgress } = new Progress(request.students, 'students');
  try {
    console.log(summary(await generate({ ...request, database, clock, onProgress }), since));
  } finally {
    await database.close();
  }
}

async function runPopulation(request: Omit<PopulationOptions, 'database' | 'clock' | 'onProgress'>): Promise<void> {
  assertData(request.dataFolder);
  const { database, clock } = await openDatabase();
  const since = Date.now();
  let progress: Progress | null = null;
  const onProgress = (done: number, total: number): void =>
    (progress ??= new Progress(total, 'students', done)).at(done);
  try {
    console.log(populationSummary(await populate({ ...request, database, clock, onProgress }), since));
  } finally {
    await database.close();
  }
}

function populationSummary({ students, added, schools, cells, on }: Populated, since: number): string {
  return [
    `${added} students added in ${seconds(since).toFixed(1)} s; of the population ${students} are there.`,
    `All of it counts in ${cells.length} cells of disability, age and environment as of ${on}, over ${schools} schools.`,
  ].join('\n');
}
