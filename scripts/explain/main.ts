import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { CALLER_USAGE, callerNamed } from '../callers';
import { runCommand, UnusableArguments } from '../command';
import { loadContract } from '../visible-schema';
import { explain } from './explain';

const USAGE = `Says what of an operation a caller may use, by the schema alone: no database, no running system.

  npm run -s explain -- --as NAME [--operation NAME] [--variables JSON] [FILE]

Without FILE it reads standard input. ${CALLER_USAGE}`;

const text = { type: 'string' } as const;
const options = { as: text, operation: text, variables: text };

runCommand({ usage: USAGE, options, words: 1 }, async ({ positionals, values }) => {
  if (!values.as) throw new UnusableArguments('--as is missing.');
  // Before the composition, which takes a while.
  callerNamed(values.as);
  const operation = readFileSync(positionals[0] ?? 0, 'utf8');
  const variables = readVariables(values.variables);
  process.stdout.write(
    explain(await loadContract(), { as: values.as, text: operation, operationName: values.operation, variables }),
  );
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
