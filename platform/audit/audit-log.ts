import { setTimeout as pause } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock';
import type { Database, Statement } from '../database/database';
import { scopeComment } from '../database/guard';
import { databaseFault } from '../errors';
import { grouped } from '../grouped';
import { newId } from '../ids';
import type { Logger } from '../log';
import { entryHash } from './chain';
import { type ChainHead, CheckpointLedger } from './checkpoint-ledger';
import { disclosureKey, joined } from './disclosure-record';
import type { SigningKey } from './keys';
import { AuditChain, AuditEntry } from './tables';

export type AuditRecord = Record<string, unknown>;

/**
 * What is recorded: `request` at the gateway, `disclosure` of its fetches, `denial` by a subgraph's second lock,
 * `refusal` of callers who were not let in (counted), and `start`, the first entry of every chain.
 */
export type AuditKind = 'request' | 'disclosure' | 'denial' | 'refusal' | 'start';

/** Where records go. Resolves when the record is kept: no record, no answer. A record is the log's own from then on: nobody changes it. */
export interface AuditSink {
  append(kind: AuditKind, record: AuditRecord): Promise<void>;
  /** For statements that read the log, such as the disclosures of a student. */
  readonly reader?: EntityManager;
}

export interface AuditLogOptions {
  /** On SQLite a file of its own, so that the log never waits for the product's writer. */
  database: Database;
  clock: Clock;
  log: Logger;
  key: SigningKey;
  /** What this process is, such as `students`. */
  process: string;
  /** A checkpoint is signed after so many entries, and so long after an entry that has none. */
  checkpointEvery?: { entries: number; ms: number };
}

/** A record that is none: nothing of its commit was begun. */
class Unwritable extends Error {}

interface Pending {
  kind: AuditKind;
  record: AuditRecord;
  /** How many students a disclosure names at least: those of its largest class of fields. */
  named: number;
  at: Date;
  done: () => void;
  failed: (error: unknown) => void;
  /** It was in a commit that the database refused: tried once more, without company. */
  isAlone?: boolean;
}

const CHECKPOINT_EVERY = { entries: 500, ms: 5_000 };
/**
 * How long the record of a request waits for company. The request is at its fetches meanwhile, whose disclosures then share
 * the commit; they don't wait.
 */
const REQUEST_WAITS_MS = 3;
/** What one commit takes at most: entries, and students named in them. */
const MAX_BATCH = { entries: 500, students: 5_000 };

/**
 * The append-only log. Records that arrive while a commit is under way share the next one. Each process instance writes a
 * chain of its own: every entry's hash covers the entry before it, the chain is registered when the process starts, and
 * where it stands is signed again and again (`checkpoint-ledger.ts`). Ends with `stop`.
 */
export class AuditLog implements AuditSink {
  private readonly chain = newId();
  private head: ChainHead = { chain: this.chain, position: 0, hash: '' };
  private signed = 0;
  private pending: Pending[] = [];
  private committing: Promise<void> | null = null;
  private waiting: NodeJS.Timeout | null = null;
  private signing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** Set when a commit failed: whether it took effect is not known. */
  private isUncertain = false;
  private isStopped = false;

  private constructor(private readonly options: AuditLogOptions) {}

  /** Registers a chain for this process and signs its first entry. Without that, the process has no log and must not serve. */
  static async start(options: AuditLogOptions): Promise<AuditLog> {
    const log = new AuditLog(options);
    await log.register();
    log.timer = setInterval(() => void log.sign(), (options.checkpointEvery ?? CHECKPOINT_EVERY).ms);
    log.timer.unref();
    return log;
  }

  get reader(): EntityManager {
    return this.options.database.read;
  }

  append(kind: AuditKind, record: AuditRecord): Promise<void> {
    if (this.isStopped) return Promise.reject(new Error('The audit log has ended.'));
    return new Promise<void>((done, failed) => {
      const named = Math.max(0, ...classesOf(kind, record).map(({ length }) => length));
      this.pending.push({ kind, record, named, at: this.options.clock.now(), done, failed });
      if (kind === 'request') this.waiting ??= setTimeout(() => this.commit(), REQUEST_WAITS_MS);
      else this.commit();
    });
  }

  /** Keeps what was handed over and closes the chain with a last checkpoint. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    if (this.timer) clearInterval(this.timer);
    this.commit();
    await this.committing;
    await this.signing;
    await this.inLedger((ledger) => ledger.append(this.head, true));
  }

  private async register(): Promise<void> {
    const { clock, process } = this.options;
    this.head = await this.inLedger(async (ledger, manager) => {
      await ledger.registerKey();
      const known = await ledger.known();
      const begun: ChainHead = { chain: this.chain, position: 0, hash: '' };
      const first = linked(begun, { kind: 'start', record: { process, known }, at: clock.now() });
      for (const [sql, parameters] of insertsOf([{ ...first, text: JSON.stringify(first.record), students: [] }]))
        await manager.query(sql, parameters);
      const registered = { id: this.chain, process, startedAt: first.at, headHash: first.hash };
      await manager.insert(AuditChain, { ...registered, knownSequence: known.sequence, knownHash: known.hash });
      const head = headAt(first);
      // The one that the chain is registered after: should another process sign meanwhile, all of this is done again.
      await ledger.append(head, false, known);
      await ledger.sealOthers();
      return head;
    });
    this.signed = this.head.position;
  }

  private commit(): void {
    if (this.waiting) clearTimeout(this.waiting);
    this.waiting = null;
    this.committing ??= this.commitAll();
  }

  private async commitAll(): Promise<void> {
    // One turn of the event loop gathers the records of requests that end together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.pending.length > 0) {
      const batch = this.takeBatch();
      try {
        if (this.isUncertain) await this.lookUpHead();
        const entries = this.entriesOf(batch);
        await this.options.database.insertAll(insertsOf(entries));
        this.head = headAt(entries.at(-1)!);
        for (const { done } of batch) done();
      } catch (error) {
        const isUnwritable = error instanceof Unwritable;
        this.isUncertain ||= !isUnwritable;
        // One that is refused takes no others along.
        if (batch.length > 1 && (isUnwritable || databaseFault(error) === 'refused'))
          this.pending.unshift(...batch.map((pending) => ({ ...pending, isAlone: true })));
        else for (const { failed } of batch) failed(error);
      }
      const { entries } = this.options.checkpointEvery ?? CHECKPOINT_EVERY;
      if (this.head.position - this.signed >= entries) void this.sign();
    }
    // At once, not in a later turn: whoever appends from now on begins the next commit.
    this.committing = null;
  }

  /** @throws Unwritable when one of them can't be written */
  private entriesOf(batch: readonly Pending[]): Written[] {
    let { head } = this;
    try {
      return gathered(batch).map(({ kind, record, at }) => {
        // As it will be read back: without what JSON leaves out.
        const text = JSON.stringify(record);
        const kept = JSON.parse(text) as AuditRecord;
        const entry = linked(head, { kind, record: kept, at });
        head = headAt(entry);
        return { ...entry, text, students: studentsOf(kind, kept) };
      });
    } catch (error) {
      throw new Unwritable('A record is no JSON.', { cause: error });
    }
  }

  private takeBatch(): Pending[] {
    let students = 0;
    const end = this.pending.findIndex(({ named, isAlone }, i) => {
      students += named;
      return i > 0 && (isAlone || this.pending[0]!.isAlone || i >= MAX_BATCH.entries || students > MAX_BATCH.students);
    });
    return this.pending.splice(0, end === -1 ? this.pending.length : end);
  }

  /** A commit whose answer was lost may have been kept: the chain goes on after what is there. */
  private async lookUpHead(): Promise<void> {
    const [last] = await this.options.database.read.find(AuditEntry, {
      where: { chain: this.chain },
      order: { position: 'DESC' },
      take: 1,
    });
    if (!last) throw new Error('The chain of this process is gone from the audit log.');
    this.head = headAt(last);
    this.isUncertain = false;
  }

  /** Signs where the chain stands, unless that is signed. A failure is tried again with the next turn of the timer. */
  private sign(): Promise<void> {
    this.signing ??= this.signHead().finally(() => (this.signing = null));
    return this.signing;
  }

  private async signHead(): Promise<void> {
    const { head } = this;
    if (head.position <= this.signed) return;
    try {
      await this.inLedger((ledger) => ledger.append(head));
      this.signed = head.position;
    } catch (error) {
      this.options.log.error({ err: error }, 'an audit checkpoint could not be signed');
    }
  }

  private async inLedger<T>(work: (ledger: CheckpointLedger, manager: EntityManager) => Promise<T>): Promise<T> {
    const { database, clock, key } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.write((manager) => work(new CheckpointLedger(manager, clock, key, this.chain), manager));
      } catch (error) {
        // Another process has taken the number.
        if (attempt >= 20 || databaseFault(error) !== 'unique') throw error;
        await pause(Math.random() * 10 * attempt);
      }
    }
  }
}

/** What one request disclosed in several fetches at once is one entry: a page of students is a row per student in it, not one per fetch. */
function gathered(batch: readonly Pending[]): Pick<Pending, 'kind' | 'record' | 'at'>[] {
  const keyOf = (pending: Pending): unknown =>
    (pending.kind === 'disclosure' && disclosureKey(pending.record)) || pending;
  return [...grouped(batch, keyOf).values()].map((group) => {
    const [first] = group as [Pending];
    return group.length === 1 ? first : { ...first, record: joined(group.map((one) => one.record)) };
  });
}

function linked(head: ChainHead, { kind, record, at }: Pick<Pending, 'kind' | 'record' | 'at'>): AuditEntry {
  const position = head.position + 1;
  const hash = entryHash(head.hash, head.chain, position, at, kind, record);
  return { id: newId(), chain: head.chain, position, at, kind, record, hash };
}

/** Where the chain stands after an entry. */
const headAt = ({ chain, position, hash }: AuditEntry): ChainHead => ({ chain, position, hash });

/** The students of a disclosure, each once. */
export function studentsOf(kind: string, record: unknown): string[] {
  return [...new Set(classesOf(kind, record).flat())];
}

/** Of a disclosure the students by class of fields. */
function classesOf(kind: string, record: unknown): string[][] {
  if (kind !== 'disclosure') return [];
  const { disclosed = {} } = record as { disclosed?: Record<string, string[]> };
  return Object.values(disclosed);
}

type Row = (string | number)[];
const ROWS_PER_STATEMENT = 200;

/** An entry with its record as JSON, and the students that it names, each once. */
type Written = AuditEntry & { text: string; students: readonly string[] };

function insertsOf(entries: readonly Written[]): Statement[] {
  const rows = entries.map(({ id, chain, position, at, kind, text, hash }) => [
    ...[id, chain, position, instantText(at), kind, text, hash],
  ]);
  const columns = ['id', 'chain', 'position', 'at', 'kind', 'record', 'hash'];
  const students = entries.flatMap(({ id, at, students: named }) => {
    const instant = instantText(at);
    return named.map((studentId) => [studentId, id, instant]);
  });
  return [
    ...insertStatements('audit_entry', columns, rows),
    ...insertStatements('audit_disclosed_student', ['student_id', 'entry_id', 'at'], students),
  ];
}

/** Written out: the log is on the way of every answer, and building these statements costs more than running them. */
function insertStatements(table: string, columns: string[], rows: Row[]): Statement[] {
  const statements: Statement[] = [];
  const marks = `(${columns.map(() => '?').join(', ')})`;
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const chunk = rows.slice(from, from + ROWS_PER_STATEMENT);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${chunk.map(() => marks).join(', ')}`;
    statements.push([scopeComment('system:audit') + sql, chunk.flat()]);
  }
  return statements;
}

/** An instant as both engines keep it. */
const instantText = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '');
