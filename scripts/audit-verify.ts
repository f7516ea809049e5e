import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  writeFileSync,
  type WriteStream,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { keyId, type PublicKey, readPublicKeys } from '../platform/audit/keys';
import { fromText, type LogLine, readLog, toText } from '../platform/audit/read-log';
import { type ChainSummary, FAULTS, type VerifiedLog, verifyLog } from '../platform/audit/verify-log';
import { readSettings, type Settings } from '../platform/config';
import { sqliteFile } from './beside-database';
import { runCommand } from './command';
import { auditUrl, openAudit } from './runtime';

const USAGE = `Verifies the audit log: finds altered, removed, inserted and reordered entries, and removed chains.

  npm run audit:verify                                    the log of DATABASE_URL
  npm run audit:verify -- --export FILE                   and writes it to a file, as JSON lines
  npm run audit:verify -- --file FILE                     a log in such a file; needs no database
  … --public-key FILE      trust these keys alone (JWK, JWKS or PEM); else the keys that the log names
  … --keys FILE            write the keys that the log names, as JWKS
  … --known NUMBER:HASH    this checkpoint was the last one at an earlier time: it must be there still`;

type Options = { file?: string; export?: string; keys?: string; known?: string; 'public-key'?: string };

/**
 * The program without its process: reads, verifies and says what it found, line by line.
 * @returns whether the log holds
 */
export async function verifyAudit(
  options: Options,
  settings: Pick<Settings, 'DATABASE_URL'>,
  say: (line: string) => void,
): Promise<boolean> {
  const trusted = options['public-key'] ? readPublicKeys(readFileSync(options['public-key'], 'utf8')) : undefined;
  const named: PublicKey[] = [];
  const checked = async (lines: AsyncIterable<LogLine>): Promise<VerifiedLog> =>
    verifyLog(noting(options.export ? copied(lines, options.export) : lines, named), {
      trusted,
      known: options.known ? readKnown(options.known) : undefined,
      chainRead: (chain) => say(describe(chain)),
    });
  const result = options.file ? await checked(linesOf(options.file)) : await fromDatabase(settings, checked);
  if (options.keys) writeFileSync(options.keys, JSON.stringify({ keys: named.map(toJwk) }, null, 2));
  return report(result, trusted !== undefined, say);
}

async function fromDatabase<T>(
  { DATABASE_URL }: Pick<Settings, 'DATABASE_URL'>,
  work: (lines: AsyncIterable<LogLine>) => Promise<T>,
): Promise<T> {
  const url = auditUrl(DATABASE_URL);
  const file = sqliteFile(url);
  if (file && !existsSync(file)) throw new Error(`There is no audit log at ${file}.`);
  const database = await openAudit(DATABASE_URL);
  try {
    return await database.snapshot((manager) => work(readLog(manager)));
  } finally {
    await database.close();
  }
}

async function* linesOf(file: string): AsyncGenerator<LogLine> {
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (text) yield fromText(text, number);
  }
}

async function* copied(lines: AsyncIterable<LogLine>, file: string): AsyncGenerator<LogLine> {
  // Whose records were shown to whom: for the owner of the file alone.
  const out: WriteStream = createWriteStream(file, { mode: 0o600 });
  for await (const line of lines) {
    if (!out.write(`${toText(line)}\n`)) await once(out, 'drain');
    yield line;
  }
  out.end();
  await finished(out);
}

async function* noting(lines: AsyncIterable<LogLine>, named: PublicKey[]): AsyncGenerator<LogLine> {
  for await (const line of lines) {
    if (line.line === 'key') named.push(line.publicKey);
    yield line;
  }
}

function readKnown(text: string): { sequence: number; hash: string } {
  const [, sequence, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!hash) throw new Error(`--known is what an earlier run printed, NUMBER:HASH.\n\n${USAGE}`);
  return { sequence: Number(sequence), hash };
}

const toJwk = (key: PublicKey): object => ({ ...key, kid: keyId(key), alg: 'EdDSA', use: 'sig' });
const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const entries = (n: number): string => (n === 1 ? '1 entry' : `${n} entries`);

function describe({ chain, process, entries: n, first, last, checkpoints, closed, unproven }: ChainSummary): string {
  const when = first && last ? `, ${first.toISOString()} to ${last.toISOString()}` : '';
  const end = closed ? 'closed' : 'not closed: the process runs, or was killed';
  const tail = unproven > 0 ? `; ${entries(unproven)} behind the last checkpoint: none is proven to be the last` : '';
  return `chain ${chain} (${process ?? 'not registered'}): ${entries(n)}${when}, ${counted(checkpoints, 'checkpoint')}, ${end}${tail}`;
}

function report(
  { chains, entries: n, last, faults }: VerifiedLog,
  hasTrustedKeys: boolean,
  say: (line: string) => void,
): boolean {
  say('');
  if (!hasTrustedKeys)
    say('The keys are those that the log itself names. Give --public-key with keys that were kept elsewhere.');
  if (chains === 0) {
    say('There is no chain. A system that was ever started has one.');
    return false;
  }
  for (const [kind, { first, count }] of faults) {
    const where = first.chain ? `chain ${first.chain}, position ${first.position}` : `checkpoint ${first.position}`;
    say(`FAULT ${kind}: ${FAULTS[kind]}. First at ${where}${count > 1 ? `; ${count} in all` : ''}.`);
  }
  if (faults.size === 0) say(`The log holds: ${counted(chains, 'chain')}, ${entries(n)}.`);
  say(`Last checkpoint: ${last.sequence}:${last.hash}`);
  return faults.size === 0;
}

if (require.main === module) {
  const text = { type: 'string' } as const;
  const options = { file: text, export: text, keys: text, known: text, 'public-key': text };
  runCommand({ usage: USAGE, options }, async ({ values }) => {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const settings = values.file ? { DATABASE_URL: '' } : readSettings();
    return (await verifyAudit(values, settings, say)) ? 0 : 1;
  });
}
