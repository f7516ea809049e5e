import { scopeComment } from '../../platform/database/guard';
import type { TestSystem } from '../harness/system';
import { select } from './record';

export const EXPLAIN = `query Explain($id: ID!, $account: ID) { explainAccess(studentId: $id, accountId: $account) {
  account { displayName } perspectives { perspective { id } open verdict rows { id state } } } }`;
const EXPLAIN_OWN = EXPLAIN.replace(', $account: ID', '').replace(', accountId: $account', '');

interface Explained {
  perspective: { id: string };
  open: boolean;
  verdict: string;
  rows: { id: string; state: string }[];
}

/** What `explainAccess` says of an account, beside what `student(id)` answers to that account. */
export class ExplainedAccess {
  constructor(private readonly system: Pick<TestSystem, 'ask' | 'database'>) {}

  /** What a look-up by id shows: the record, a former owner's card, or nothing. */
  async seen(who: string, id: string, headers: Record<string, string> = {}): Promise<'OPEN' | 'OWN_PERIOD' | null> {
    const { data } = await this.system.ask(who, 'query($id: ID!) { student(id: $id) { id status } }', { id }, headers);
    if (data.student === null) return null;
    return data.student.status === null ? 'OWN_PERIOD' : 'OPEN';
  }

  /** The perspectives of an account as a manager is told of them; null when the manager is told nothing. */
  async of(manager: string, id: string, account: string): Promise<Explained[] | null> {
    const { data } = await this.system.ask(manager, EXPLAIN, { id, account });
    return data.explainAccess?.perspectives ?? null;
  }

  /** The perspective in use as its holder is told of it. */
  async own(who: string, id: string): Promise<Explained | null> {
    const { data } = await this.system.ask(who, EXPLAIN_OWN, { id });
    return data.explainAccess?.perspectives[0] ?? null;
  }

  async managedBy(manager: string): Promise<{ accounts: { id: string; username: string }[]; students: string[] }> {
    const { data } = await this.system.ask(
      manager,
      '{ accounts(first: 100) { nodes { id username } } students(filter: { includeInactive: true }, first: 100) { nodes { id } } }',
    );
    return { accounts: data.accounts.nodes, students: data.students.nodes.map(({ id }: { id: string }) => id) };
  }

  /** Ends, takes away or puts off a part of the caseload rows, so that all kinds of rows are among them. */
  async disturb(days: { yesterday: string; tomorrow: string }): Promise<void> {
    const rows = await select<{ id: string }>(
      this.system.database,
      "SELECT id FROM student_access WHERE grantee LIKE 'STAFF:%' ORDER BY id",
    );
    const changes: [sql: string, value: unknown][] = [
      ['valid_to = ?', days.yesterday],
      ['revoked_at = ?', '2026-01-01 00:00:00.000'],
      ['valid_from = ?', days.tomorrow],
    ];
    await this.system.database.write(async (manager) => {
      for (const [i, { id }] of rows.entries()) {
        const [sql, value] = changes[i % 8] ?? [];
        if (!sql) continue;
        await manager.query(`${scopeComment('system:test')}UPDATE student_access SET ${sql} WHERE id = ?`, [value, id]);
      }
    });
  }
}
