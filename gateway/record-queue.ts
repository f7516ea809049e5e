import { z } from 'zod';
import type { SubgraphTransport } from './transport/transport';

interface Waiting {
  /** JSON of kind and record. */
  text: string;
  done: () => void;
  failed: (error: unknown) => void;
}

/** What one call takes at most, text as UTF-16 units; a longer record goes alone. Students takes 500 records and 8 MB. */
const MAX_CALL = { records: 100, length: 1024 * 1024 };

/** Of each record, in order, whether it was kept. */
const answerSchema = z.object({ kept: z.array(z.boolean()) });

/**
 * The way of records to the audit log, which the students subgraph keeps. Those that come while a call is under way share
 * the next one; with none under way a record leaves in the same turn of the event loop.
 */
export class RecordQueue {
  private waiting: Waiting[] = [];
  private isSending = false;

  constructor(
    private readonly students: SubgraphTransport,
    private readonly serviceKey: string,
  ) {}

  /** Resolves when this record is kept, whatever becomes of those beside it; rejects when it is not, or nobody knows. */
  keep(kind: 'request' | 'refusal', record: object): Promise<void> {
    const text = JSON.stringify({ kind, record });
    return new Promise<void>((done, failed) => {
      this.waiting.push({ text, done, failed });
      if (!this.isSending) void this.sendAll();
    });
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    // Gathers the records of requests that were read together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        const kept = await this.send(batch);
        batch.forEach(({ done, failed }, i) =>
          kept[i] === true ? done() : failed(new Error('students did not keep the record')),
        );
      } catch (error) {
        // Those behind it would wait for as long once more, and so on: nobody waits longer than for one call.
        for (const { failed } of [...batch, ...this.waiting.splice(0)]) failed(error);
      }
    }
    this.isSending = false;
  }

  private takeBatch(): Waiting[] {
    let length = 0;
    const end = this.waiting.findIndex(({ text }, i) => {
      length += text.length;
      return i > 0 && (i >= MAX_CALL.records || length > MAX_CALL.length);
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }

  private async send(batch: readonly Waiting[]): Promise<boolean[]> {
    const headers = { 'x-service-key': this.serviceKey };
    const body = `{"records":[${batch.map(({ text }) => text).join(',')}]}`;
    const answer = await this.students.send('/internal/audit', body, headers);
    if (answer.status !== 200) throw new Error(`students answered ${answer.status} to /internal/audit`);
    return answerSchema.parse(JSON.parse(answer.body)).kept;
  }
}
