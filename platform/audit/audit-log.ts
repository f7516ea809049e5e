import { createHash } from 'node:crypto';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
import { newId } from '../ids';
import { AuditEntry } from './tables';

export type AuditRecord = Record<string, unknown>;

/** Where records of requests and disclosures go. Resolves when the record is kept: no record, no answer. */
export interface AuditSink {
  append(kind: 'request' | 'disclosure', record: AuditRecord): Promise<void>;
}

interface Pending {
  kind: string;
  record: AuditRecord;
  at: Date;
  done: () => void;
  failed: (error: unknown) => void;
}

/**
 * The append-only log. Records that arrive while a commit is under way share the next one. Each process instance writes a
 * chain of its own: every entry's hash covers the entry before it.
 */
export class AuditLog implements AuditSink {
  private readonly chain = newId();
  private position = 0;
  private hash = '';
  private pending: Pending[] = [];
  private committing: Promise<void> | null = null;

  /** @param database on SQLite a file of its own, so that the log never waits for the product's writer */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  append(kind: 'request' | 'disclosure', record: AuditRecord): Promise<void> {
    return new Promise<void>((done, failed) => {
      this.pending.push({ kind, record, at: this.clock.now(), done, failed });
      this.committing ??= this.commitAll().finally(() => (this.committing = null));
    });
  }

  /** Waits until everything handed over is kept. */
  async flush(): Promise<void> {
    await this.committing;
  }

  private async commitAll(): Promise<void> {
    // One turn of the event loop gathers the records of requests that end together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.pending.length > 0) {
      const batch = this.pending.splice(0, 500);
      const before = { position: this.position, hash: this.hash };
      try {
        const rows = batch.map((entry) => this.link(entry));
        await this.database.write(async (manager) => void (await manager.insert(AuditEntry, rows as never[])));
        for (const entry of batch) entry.done();
      } catch (error) {
        Object.assign(this, before);
        for (const entry of batch) entry.failed(error);
      }
    }
  }

  private link({ kind, record, at }: Pending): AuditEntry {
    this.position += 1;
    this.hash = entryHash(this.hash, this.chain, this.position, at, kind, record);
    return { id: newId(), chain: this.chain, position: this.position, at, kind, record, hash: this.hash };
  }
}

/** The hash that ties an entry to the one before it. Keys are sorted first: MySQL stores JSON in an order of its own. */
export function entryHash(
  previous: string,
  chain: string,
  position: number,
  at: Date,
  kind: string,
  record: unknown,
): string {
  const text = JSON.stringify([previous, chain, position, at.toISOString(), kind, sorted(record)]);
  return createHash('sha256').update(text).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
