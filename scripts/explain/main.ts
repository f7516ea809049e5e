import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runProgram } from '../../platform/process';
import { CALLER_USAGE, callerNamed } from '../callers';
import { loadContract } from '../visible-schema';
import { explain } from './explain';

const USAGE = `Says what of an operation a caller may use, by the schema alone: no database, no running system.

  npm run -s explain -- --as NAME [--operation NAME] [--variables JSON] [FILE]

Without FILE it reads standard input. ${CALLER_USAGE}`;

runProgram(async () => {
  const { positionals, values } = readArguments();
  if (values.help || !values.as || positionals.length > 1) throw new Error(USAGE);
  // Before the composition, which takes a while.
  callerNamed(values.as);
  const text = readFileSync(positionals[0] ?? 0, 'utf8');
  const variables = readVariables(values.variables);
  process.stdout.write(
    explain(await loadContract(), { as: values.as, text, operationName: values.operation, variables }),
  );
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        operation: { type: 'string' },
        variables: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message.split('. ')[0]}.\n\n${USAGE}`);
  }
}

function readVariables(text = '{}'): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Error('--variables is no JSON object.');
}
