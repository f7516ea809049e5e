import { setTimeout as pause } from 'node:timers/promises';
import { type DataSource, type EntityManager, QueryResult, type QueryRunner } from 'typeorm';
import type { Logger } from '../log';
import { type MysqlConnection, onEachConnection, statementLimit } from './each-connection';
import { covers, holdsMark, leaveMark, type Mark, READ_WRITE_COUNTS, type WriteCounts } from './write-count';

/** A statement that takes longer, and a server that doesn't answer so long, are left for the primary. */
const ANSWER_MS = 3_000;
/** How long the primary is waited for. */
const COUNTS_MS = 2_000;
/** How often, and how far apart, a replica is looked at that hasn't come as far as the primary. */
const LOOKS = 5;
const LOOK_AGAIN_MS = 3;
/** How long it is then left alone. */
const BEHIND_MS = 100;
const FAILED_MS = 1_000;

const SELECT = /^\s*(?:\/\*[^*]*\*\/\s*)*SELECT\b/i;

/**
 * A replica that queries read in place of the primary: each statement only where the replica holds every write that was
 * acknowledged before the statement was handed over, revocations among them. It is the primary that says which those are,
 * and nothing of that is remembered. Whatever goes wrong with the replica, the primary answers.
 */
export class Replica {
  private opening: Promise<unknown> | null = null;
  private restUntil = 0;
  private isFailing = false;
  /** What was seen of a server stays true of it as long as the connection lasts. */
  private readonly held = new WeakMap<MysqlConnection, WriteCounts>();
  private asking: Promise<unknown> = Promise.resolve();
  private next: Promise<WriteCounts> | null = null;
  private mark: Mark | null = null;

  constructor(
    private readonly source: DataSource,
    private readonly primary: DataSource,
    private readonly log?: Logger,
  ) {}

  /** A manager for reads alone. */
  manager(): EntityManager {
    const runner = this.primary.createQueryRunner();
    // It never connects: each statement takes a connection of the replica or of the primary for itself.
    runner.query = (async (sql: string, parameters?: unknown[], isStructured?: boolean) => {
      if (!SELECT.test(sql)) throw new Error(`Queries only read: ${sql.slice(0, 60)}`);
      const rows = (await this.read(sql, parameters)) ?? (await this.primary.query(sql, parameters));
      return isStructured ? Object.assign(new QueryResult(), { raw: rows, records: rows }) : rows;
    }) as QueryRunner['query'];
    return this.primary.createEntityManager(runner);
  }

  async close(): Promise<void> {
    await this.opening;
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** The rows; null when the primary has to be asked. */
  private async read(sql: string, parameters?: unknown[]): Promise<unknown[] | null> {
    if (performance.now() < this.restUntil) return null;
    if (!this.source.isInitialized) {
      this.opening ??= this.open();
      return null;
    }
    let needed: WriteCounts;
    try {
      needed = await this.writesAcknowledged();
      // Not there yet, another process has taken its place, or the primary has another history than it had.
      if (!this.mark || !holdsMark(needed, this.mark)) {
        this.mark = await leaveMark(this.primary);
        return null;
      }
    } catch {
      return null;
    }
    try {
      const rows = await inTime(this.source, ANSWER_MS, async (runner, connection) =>
        (await this.holds(runner, connection, needed)) ? ((await runner.query(sql, parameters)) as unknown[]) : null,
      );
      if (rows === null) this.restUntil = performance.now() + BEHIND_MS;
      else this.hasAnswered();
      return rows;
    } catch (error) {
      this.hasFailed(error);
      return null;
    }
  }

  /** Asks the primary. Who comes while it is being asked needs a later answer, and shares it with the others that wait. */
  private writesAcknowledged(): Promise<WriteCounts> {
    this.next ??= this.asking.then(() => {
      this.next = null;
      const asked = inTime(
        this.primary,
        COUNTS_MS,
        (runner) => runner.query(READ_WRITE_COUNTS) as Promise<WriteCounts>,
      );
      this.asking = asked.catch(() => undefined);
      return asked;
    });
    return this.next;
  }

  private async holds(runner: QueryRunner, connection: MysqlConnection, needed: WriteCounts): Promise<boolean> {
    const isHeld = (held: WriteCounts): boolean => holdsMark(held, this.mark!) && covers(held, needed);
    for (let look = 0; !isHeld(this.held.get(connection) ?? []); look++) {
      if (look === LOOKS) return false;
      if (look > 0) await pause(LOOK_AGAIN_MS);
      this.held.set(connection, await runner.query(READ_WRITE_COUNTS));
    }
    return true;
  }

  private async open(): Promise<void> {
    try {
      await this.source.initialize();
      // With a transaction left open a connection would go on seeing the rights of its first read.
      onEachConnection(this.source, `SET SESSION autocommit = 1, ${statementLimit(this.source, ANSWER_MS)}`);
    } catch (error) {
      this.hasFailed(error);
    }
    this.opening = null;
  }

  private hasFailed(error: unknown): void {
    this.restUntil = performance.now() + FAILED_MS;
    if (!this.isFailing) this.log?.warn({ err: error }, 'the replica fails: queries read the primary');
    this.isFailing = true;
  }

  private hasAnswered(): void {
    if (this.isFailing) this.log?.info('the replica answers again');
    this.isFailing = false;
  }
}

/** What a connection of its own answers within this time; one that doesn't is destroyed. */
async function inTime<T>(
  source: DataSource,
  ms: number,
  work: (runner: QueryRunner, connection: MysqlConnection) => Promise<T>,
): Promise<T> {
  const runner = source.createQueryRunner();
  let connection: MysqlConnection | undefined;
  const ended = new AbortController();
  try {
    const answer = (async () => {
      connection = (await runner.connect()) as MysqlConnection;
      // Got when nobody waits any more.
      if (ended.signal.aborted) connection.destroy();
      return work(runner, connection);
    })();
    const late = pause(ms, undefined, { signal: ended.signal }).then((): never => {
      connection?.destroy();
      throw new Error(`no answer within ${ms} ms`);
    });
    return await Promise.race([answer, late]);
  } finally {
    ended.abort();
    await runner.release();
  }
}
