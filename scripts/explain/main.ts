import 'reflect-metadata';
import { systemClock } from '../../platform/clock';
import { readSettings } from '../../platform/config';
import { CALLER_USAGE, callerNamed, type NamedCaller } from '../callers';
import { readNamed, runCommand, UnusableArguments } from '../command';
import { connectAsItStands } from '../runtime';
import { loadContract } from '../visible-schema';
import { explain } from './explain';
import { callerInDatabase, explainAccess } from './explain-access';

const USAGE = `Says what of an operation a caller may use, by the schema alone: no database, no running system.

  npm run -s explain -- --as NAME [--operation NAME] [--variables JSON] [FILE]

Without FILE it reads standard input. ${CALLER_USAGE}

Says by which rows of access a student is open to an account, or why not; with FILE what of its operation that account may use.

  npm run -s explain -- --as NAME --student ID [--caller NAME] [--perspective ID] [FILE]

NAME is then a user name or a partner client of the database that DATABASE_URL names. It is read, beside a running system too,
and nothing is written or recorded: a command for the operator of the machine, who could read the tables as well. What it
prints is no more than the caller may know: the account itself, or who has the student in scope and manages the account.
The caller asks under its default perspective, or the one of --perspective.`;

const text = { type: 'string' } as const;
const options = { as: text, operation: text, variables: text, student: text, caller: text, perspective: text };

runCommand({ usage: USAGE, options, words: 1 }, async ({ positionals: [file], values }) => {
  const { as, student: studentId, caller, perspective } = values;
  if (!as) throw new UnusableArguments('--as is missing.');
  if (!studentId && (caller ?? perspective) !== undefined)
    throw new UnusableArguments('--caller and --perspective go with --student.');
  const variables = readVariables(values.variables);
  const operation = async (who: string | NamedCaller): Promise<string> => {
    const options = { as: who, text: readNamed(file ?? 0), operationName: values.operation, variables };
    return explain(await loadContract(), options);
  };
  // The name before the composition, which takes a while.
  if (!studentId) return void process.stdout.write(await operation(callerNamed(as)));
  const database = await connectAsItStands(readSettings().DATABASE_URL);
  try {
    const opened = { database, clock: systemClock };
    process.stdout.write(await explainAccess(opened, { as, studentId, caller, perspective }));
    if (file) process.stdout.write(`\n${await operation(await callerInDatabase(opened, as))}`);
  } finally {
    await database.close();
  }
});

function readVariables(text = '{}'): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Error('--variables is no JSON object.');
}
