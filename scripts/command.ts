import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { runProgram } from '../platform/process';

type Options = NonNullable<ParseArgsConfig['options']>;
type Arguments<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** The command line can't be read, or asks for what there is not: said together with the usage. */
export class UnusableArguments extends Error {}

export interface Command<O extends Options> {
  /** What `--help` prints: what the program does, how it is called, every option. */
  usage: string;
  options?: O;
  /** How many words may stand beside the options (default none). */
  words?: number;
}

/**
 * Runs a program of the command line, all of them alike: `--help` (`-h`) prints the usage and does nothing else; an option or a
 * word that the program does not know is refused before anything is done, with exit code 2. Other errors are one readable
 * line and exit code 1; `main` may resolve to an exit code of its own.
 */
export function runCommand<O extends Options = Record<never, never>>(
  { usage, options, words = 0 }: Command<O>,
  main: (given: Arguments<O>) => Promise<void | number>,
): void {
  // Whoever reads the output may have enough of it: `… | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  runProgram(async () => {
    try {
      const help = { type: 'boolean', short: 'h' } as const;
      const given = readArguments({ ...options, help }, words);
      if (!given.values.help) return await main(given as unknown as Arguments<O>);
      process.stdout.write(`${usage}\n`);
    } catch (error) {
      if (!(error instanceof UnusableArguments)) throw error;
      process.stderr.write(`${error.message}\n\n${usage}\n`);
      return 2;
    }
  });
}

function readArguments<O extends Options>(options: O, words: number) {
  const given = parsed(options);
  const surplus = given.positionals[words];
  if (surplus !== undefined) throw new UnusableArguments(`Unexpected argument '${surplus}'.`);
  return given;
}

function parsed<O extends Options>(options: O) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    // What follows the first sentence is about arguments that begin with a dash.
    throw new UnusableArguments(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}.`);
  }
}

/**
 * The text of a file that the command line names; 0 is standard input.
 * @throws UnusableArguments when it can't be read
 */
export function readNamed(file: string | 0): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusableFile(String(file), error as NodeJS.ErrnoException);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EEXIST: 'This file is there already.',
  EISDIR: 'This is a folder.',
  EACCES: 'This user may not use it.',
};

/** Why a file that the command line names is of no use, in words. */
export const unusableFile = (file: string, { code = '' }: NodeJS.ErrnoException): UnusableArguments =>
  new UnusableArguments(`${file}: ${REASONS[code] ?? `It can't be used (${code}).`}`);
