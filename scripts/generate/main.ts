import { runCommand, UnusableArguments } from '../command';
import { openDatabase } from '../runtime';
import { assertData, generate, type Generated, type GenerateOptions, UnusableRequest } from './generate';

const USAGE = `Adds synthetic students, drawn from the published federal counts.

  npm run generate -- --students N [--seed S] [--data FOLDER] [--on YYYY-MM-DD] [--state CA]

  --students  how many synthetic students to add
  --seed      whole number; the same one gives the same students (default 1)
  --data      folder with counts/ and names/ (default ../shared/data)
  --on        day on which the students have the published ages (default: the last first Wednesday of October)
  --state     state whose schools take them: CA`;

const wholeNumber = (name: string, text: string): number => {
  if (!/^-?\d+$/.test(text)) throw new UnusableArguments(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};

const text = { type: 'string' } as const;
const options = { students: text, seed: text, data: text, on: text, state: text };

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
  if (!values.students) throw new UnusableArguments('--students is missing.');
  const request = {
    students: wholeNumber('students', values.students),
    seed: wholeNumber('seed', values.seed ?? '1'),
    dataFolder: values.data ?? '../shared/data',
    on: values.on,
    state: values.state ?? 'CA',
  };
  try {
    await run(request);
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
  const onProgress = (done: number): void =>
    void process.stderr.write(
      `\r${done} of ${request.students} students, ${Math.round(done / seconds(since))} per second `,
    );
  try {
    const generated = await generate({ ...request, database, clock, onProgress });
    process.stderr.write('\n');
    console.log(summary(generated, since));
  } finally {
    await database.close();
  }
}
