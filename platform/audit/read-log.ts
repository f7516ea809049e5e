import { type EntityManager, MoreThan } from 'typeorm';
import { scopeComment } from '../database/guard';
import { studentsOf } from './audit-log';
import type { PublicKey } from './keys';
import { AuditChain, AuditCheckpoint, AuditEntry, AuditPublicKey } from './tables';

/**
 * The whole log as a sequence of lines: keys, then all checkpoints in their order, then chain by chain its registration and
 * its entries, each checkpoint of the chain once more behind the entry that it signs. In this order it can be verified in one
 * pass with little memory, and written to a file as it is.
 */
export type LogLine =
  | { line: 'key'; publicKey: PublicKey }
  | ({ line: 'checkpoint' } & AuditCheckpoint)
  | { line: 'chain'; id: string; registered: Omit<AuditChain, 'id'> | null }
  | ({ line: 'entry' } & AuditEntry & {
        /** Whether each student of a disclosure finds the entry. */
        indexed: boolean;
      })
  | ({ line: 'seal' } & AuditCheckpoint);

const PAGE = 1_000;

/** @param manager of one state of the database (`Database.snapshot`): a log that is written to is read as it was */
export async function* readLog(manager: EntityManager): AsyncGenerator<LogLine> {
  for (const { publicKey } of await manager.find(AuditPublicKey, { order: { createdAt: 'ASC', id: 'ASC' } }))
    yield { line: 'key', publicKey };
  for await (const checkpoint of allCheckpoints(manager)) yield { line: 'checkpoint', ...checkpoint };
  for (let id = await nextChain(manager, ''); id !== null; id = await nextChain(manager, id)) yield* chain(manager, id);
}

async function* allCheckpoints(manager: EntityManager): AsyncGenerator<AuditCheckpoint> {
  const order = { sequence: 'ASC' } as const;
  // Paged by the key, never by an offset: the millionth page costs what the first costs.
  for (let last: number | null = null; ;) {
    const where: object = last === null ? {} : { sequence: MoreThan(last) };
    const page = await manager.find(AuditCheckpoint, { where, order, take: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)!.sequence;
  }
}

/** The next id of a chain that is named anywhere, so that none is passed over because its registration is gone. */
async function nextChain(manager: EntityManager, after: string): Promise<string | null> {
  const next = async (table: string, column: string): Promise<string | null> => {
    const [row] = await manager.query(`SELECT MIN(${column}) AS next FROM ${table} WHERE ${column} > ?`, [after]);
    return row?.next ?? null;
  };
  const found = [
    await next('audit_chain', 'id'),
    await next('audit_entry', 'chain'),
    await next('audit_checkpoint', 'chain'),
  ].filter((id) => id !== null);
  return found.sort()[0] ?? null;
}

async function* chain(manager: EntityManager, id: string): AsyncGenerator<LogLine> {
  const registration = await manager.findOneBy(AuditChain, { id });
  const { id: _, ...registered } = registration ?? ({} as AuditChain);
  yield { line: 'chain', id, registered: registration && registered };
  const seals = sealsOf(manager, id);
  let seal = (await seals.next()).value;
  for await (const entry of entriesOf(manager, id)) {
    for (; seal && seal.position < entry.position; seal = (await seals.next()).value) yield { line: 'seal', ...seal };
    yield { line: 'entry', ...entry, indexed: await isIndexed(manager, entry) };
  }
  for (; seal; seal = (await seals.next()).value) yield { line: 'seal', ...seal };
}

async function* entriesOf(manager: EntityManager, chainId: string): AsyncGenerator<AuditEntry> {
  for (let last: number | null = null; ;) {
    const query = manager.createQueryBuilder(AuditEntry, 'e').where('e.chain = :chainId', { chainId });
    if (last !== null) query.andWhere('e.position > :last', { last });
    const page = await query.orderBy('e.position').limit(PAGE).getMany();
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)!.position;
  }
}

async function* sealsOf(manager: EntityManager, chainId: string): AsyncGenerator<AuditCheckpoint, undefined> {
  for (let last: AuditCheckpoint | null = null; ;) {
    const query = manager.createQueryBuilder(AuditCheckpoint, 'k').where('k.chain = :chainId', { chainId });
    if (last)
      query.andWhere('(k.position > :position OR (k.position = :position AND k.sequence > :sequence))', {
        position: last.position,
        sequence: last.sequence,
      });
    const page = await query.orderBy('k.position').addOrderBy('k.sequence').limit(PAGE).getMany();
    yield* page;
    if (page.length < PAGE) return undefined;
    last = page.at(-1)!;
  }
}

async function isIndexed(manager: EntityManager, { id, kind, record }: AuditEntry): Promise<boolean> {
  const students = studentsOf(kind, record);
  if (students.length === 0) return true;
  const marks = students.map(() => '?').join(', ');
  const [row] = await manager.query(
    `${scopeComment('system:audit')}SELECT COUNT(*) AS found FROM audit_disclosed_student WHERE student_id IN (${marks}) AND entry_id = ?`,
    [...students, id],
  );
  return Number(row.found) === students.length;
}

const OF_CHECKPOINT = [
  'sequence',
  'chain',
  'position',
  'hash',
  'at',
  'signer',
  'closes',
  'previous',
  'keyId',
  'signature',
];
/** What a line of each kind can't do without. */
const NEEDED: Record<LogLine['line'], readonly string[]> = {
  key: ['publicKey'],
  checkpoint: OF_CHECKPOINT,
  chain: ['id'],
  entry: ['id', 'chain', 'position', 'at', 'kind', 'hash'],
  seal: OF_CHECKPOINT,
};

/** A line as text, and back. */
export const toText = (line: LogLine): string => JSON.stringify(line);

/** @throws Error for a text that is no line of a log */
export function fromText(text: string, number: number): LogLine {
  try {
    const line = JSON.parse(text);
    if (!NEEDED[line.line as LogLine['line']].every((field) => line[field] != null)) throw new Error('no line');
    // Instants of the line itself; in what was recorded they stay as they are.
    if (line.at) line.at = instant(line.at);
    if (line.registered) line.registered.startedAt = instant(line.registered.startedAt);
    return line as LogLine;
  } catch {
    throw new Error(`Line ${number} is not a line of an audit log.`);
  }
}

function instant(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error('no instant');
  return date;
}
