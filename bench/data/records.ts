import { createHash, randomUUID } from 'node:crypto';
import type { Pool } from 'mysql2/promise';

/**
 * What the law asks to keep of each answer (34 CFR 99.32), written by hand: who asked for what, and which students were shown, each
 * entry with the hash of the one before it. One statement an answer; those that come while one is under way share the next.
 */
export class Records {
  private readonly chain = randomUUID();
  private position = 0;
  private hash = '';
  private waiting: { kind: string; record: object; students: readonly string[]; done: () => void }[] = [];
  private isWriting = false;

  constructor(
    private readonly pool: Pool,
    private readonly party: object,
  ) {}

  async keep(operation: string, students: readonly string[]): Promise<void> {
    const kept = (kind: string, record: object, named: readonly string[]): Promise<void> =>
      new Promise((done) => {
        this.waiting.push({ kind, record: { ...this.party, operation, ...record }, students: named, done });
      });
    const all = [kept('request', { outcome: 'allowed' }, [])];
    if (students.length > 0) all.push(kept('disclosure', { disclosed: { student: students } }, students));
    if (!this.isWriting) void this.writeAll();
    await Promise.all(all);
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      const at = new Date().toISOString().replace('T', ' ').replace('Z', '');
      const students: string[][] = [];
      const entries = batch.map(({ kind, record, students: named }) => {
        const id = randomUUID();
        const text = JSON.stringify(record);
        const place = [this.hash, this.chain, ++this.position, at, kind, text];
        this.hash = createHash('sha256').update(JSON.stringify(place)).digest('hex');
        for (const student of named) students.push([student, id, at]);
        return [id, this.chain, this.position, at, kind, text, this.hash];
      });
      const insert = 'INSERT INTO audit_entry (id, chain, position, at, kind, record, hash) VALUES ?';
      const named = 'INSERT INTO audit_disclosed_student (student_id, entry_id, at) VALUES ?';
      if (students.length === 0) await this.pool.query(insert, [entries]);
      else
        await this.pool.query(`BEGIN NOT ATOMIC START TRANSACTION; ${insert}; ${named}; COMMIT; END`, [
          entries,
          students,
        ]);
      for (const { done } of batch) done();
    }
    this.isWriting = false;
  }
}
