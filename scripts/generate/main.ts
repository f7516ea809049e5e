import { parseArgs } from 'node:util';
import { runProgram } from '../../platform/process';
import { openDatabase } from '../runtime';
import { assertData, generate, type Generated, UnusableRequest } from './generate';

/** The command line itself can't be read: the usage helps. */
class UnusableArguments extends UnusableRequest {}

const USAGE = `Usage: npm run generate -- --students N [--seed S] [--data FOLDER] [--on YYYY-MM-DD] [--state CA]

  --students  how many synthetic students to add
  --seed      whole number; the same one gives the same students (default 1)
  --data      folder with counts/ and names/ (default ../shared/data)
  --on        day on which the students have the published ages (default: the last first Wednesday of October)
  --state     state whose schools take them: CA`;

const wholeNumber = (name: string, text: string): number => {
  if (!/^-?\d+$/.test(text)) throw new UnusableArguments(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
};

/** The command line, as options of `generate`; null when only help is wanted. */
function readArguments(
  args: string[],
): { students: number; seed: number; dataFolder: string; on?: string; state: string } | null {
  const text = { type: 'string' } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: { students: text, seed: text, data: text, on: text, state: text, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    throw new UnusableArguments((error as Error).message.split('. ')[0]!);
  }
  if (values.help) return null;
  if (!values.students) throw new UnusableArguments('--students is missing.');
  return {
    students: wholeNumber('students', values.students),
    seed: wholeNumber('seed', values.seed ?? '1'),
    dataFolder: values.data ?? '../shared/data',
    on: values.on,
    state: values.state ?? 'CA',
  };
}

const seconds = (since: number): number => (Date.now() - since) / 1000;

function summary({ students, cells, on, schools, first, last }: Generated, since: number): string {
  const rate = Math.round(students / seconds(since));
  return [
    `${students} students added in ${seconds(since).toFixed(1)} s (${rate} per second), ${first} to ${last}.`,
    `Drawn from ${cells.length} cells of disability, age and environment as of ${on}, over ${schools} schools.`,
  ].join('\n');
}

/** Exit code 2 for a request that can't be done, with what to do about it. */
runProgram(async () => {
  try {
    return await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    console.error(error.message);
    if (error instanceof UnusableArguments) console.error(`\n${USAGE}`);
    return 2;
  }
});

async function main(args: string[]): Promise<number> {
  const request = readArguments(args);
  if (!request) {
    console.log(USAGE);
    return 0;
  }
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
    return 0;
  } finally {
    await database.close();
  }
}
