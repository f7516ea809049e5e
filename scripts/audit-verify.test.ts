import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AuditLog } from '../platform/audit/audit-log';
import { entryHash } from '../platform/audit/chain';
import { type SigningKey, signingKey } from '../platform/audit/keys';
import { AuditEntry } from '../platform/audit/tables';
import { systemClock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { migrate } from '../platform/database/migrate';
import { createLogger } from '../platform/log';
import { databaseUrls } from '../test/harness/databases';
import { verifyAudit } from './audit-verify';
import { openAudit } from './runtime';

const key = signingKey('the key of this installation, kept elsewhere');
const foreignKey = signingKey('a key that somebody else has made for himself');

/** A log that somebody with all rights on the database has at hand: two processes that ended, one that was killed. */
class Tampered {
  readonly folder = mkdtempSync(join(tmpdir(), 'audit-verify-'));
  readonly keyFile = join(this.folder, 'keys.json');
  url: string;
  database: Database;
  /** students: ended in order; iep: ended in order; services: killed with two entries unsigned. */
  readonly chains: Record<string, string> = {};
  private readonly logs: AuditLog[] = [];

  static async make(makeUrl: (folder: string) => Promise<string>): Promise<Tampered> {
    const tampered = new Tampered();
    tampered.url = await makeUrl(tampered.folder);
    tampered.database = await openAudit(tampered.url);
    await migrate(tampered.database);
    for (const process of ['students', 'iep', 'services']) {
      const log = await tampered.start(process);
      for (let n = 1; n <= (process === 'services' ? 10 : 8); n++) await tampered.append(log, process, n);
      if (process !== 'services') await log.stop();
    }
    writeFileSync(tampered.keyFile, JSON.stringify(key.publicKey));
    return tampered;
  }

  /** Every fourth is signed, beside the appending. */
  private async append(log: AuditLog, process: string, n: number): Promise<void> {
    await log.append('disclosure', { n, subject: 'acct-1', disclosed: { iep: [`s${n}`], goal: [`s${n}`, 'all'] } });
    const signed = 'SELECT 1 FROM audit_checkpoint WHERE chain = ? AND position = ?';
    while (n % 4 === 0 && (await this.sql(signed, this.chains[process], n + 1)).length === 0) await pause(2);
  }

  async start(process: string, signer: SigningKey = key): Promise<AuditLog> {
    const log = await AuditLog.start({
      database: this.database,
      clock: systemClock,
      log: createLogger('test', 'silent'),
      key: signer,
      process,
      checkpointEvery: { entries: 4, ms: 1_000_000 },
    });
    this.logs.push(log);
    const [{ id }] = await this.sql('SELECT id FROM audit_chain WHERE process = ?', process);
    this.chains[process] = id;
    return log;
  }

  /** Statements past every lock that the database has. */
  readonly sql = (text: string, ...parameters: unknown[]): Promise<any[]> =>
    this.database.write((manager) =>
      manager.query(
        `/* scope:test */ ${text}`,
        parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
      ),
    );

  async unlock(): Promise<void> {
    for (const table of ['entry', 'disclosed_student', 'chain', 'checkpoint', 'key'])
      for (const act of ['update', 'delete']) await this.sql(`DROP TRIGGER audit_${table}_no_${act}`);
  }

  /** Computes the hashes of a chain anew from a position on, as somebody without the key can. */
  async rehash(chain: string, from: number): Promise<void> {
    const entries = await this.database.read.find(AuditEntry, { where: { chain }, order: { position: 'ASC' } });
    let previous = entries.find(({ position }) => position === from - 1)?.hash ?? '';
    for (const { id, position, at, kind, record } of entries.filter((entry) => entry.position >= from)) {
      previous = entryHash(previous, chain, position, at, kind, record);
      await this.sql('UPDATE audit_entry SET hash = ? WHERE id = ?', previous, id);
    }
  }

  /** What the program says, of the database or of a file. */
  async verify(options: Parameters<typeof verifyAudit>[0] = {}): Promise<{ holds: boolean; said: string }> {
    const lines: string[] = [];
    const settings = { DATABASE_URL: this.url };
    const holds = await verifyAudit({ 'public-key': this.keyFile, ...options }, settings, (line) => lines.push(line));
    return { holds, said: lines.join('\n') };
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}

type Attack = [
  what: string,
  found: (chains: Record<string, string>) => string[],
  act: (log: Tampered) => Promise<unknown>,
];

/** Each with the faults that must be named, and where. */
const ATTACKS: Attack[] = [
  [
    'an altered record',
    ({ students }) => [`FAULT altered: .* First at chain ${students}, position 4\\.`],
    ({ sql, chains }) =>
      sql(`UPDATE audit_entry SET record = '{"n":3}' WHERE chain = ? AND position = 4`, chains.students),
  ],
  [
    'another time',
    ({ students }) => [`FAULT altered: .* First at chain ${students}, position 4\\.`],
    ({ sql, chains }) =>
      sql("UPDATE audit_entry SET at = '2020-01-02 03:04:05.000' WHERE chain = ? AND position = 4", chains.students),
  ],
  [
    'another kind',
    ({ students }) => [`FAULT altered: .* First at chain ${students}, position 4\\.`],
    ({ sql, chains }) =>
      sql("UPDATE audit_entry SET kind = 'request' WHERE chain = ? AND position = 4", chains.students),
  ],
  [
    'a registration that names another process than the first entry',
    ({ iep }) => [`FAULT unregistered: .* First at chain ${iep}, position 1\\.`],
    ({ sql, chains }) => sql("UPDATE audit_chain SET process = 'another' WHERE id = ?", chains.iep),
  ],
  [
    'all checkpoints of the chain that was signed last removed',
    ({ services }) => [`FAULT unsigned: .* First at chain ${services}, position 1\\.`],
    ({ sql, chains }) => sql('DELETE FROM audit_checkpoint WHERE chain = ?', chains.services),
  ],
  [
    'an altered record in a chain computed anew without the key',
    ({ students }) => [`FAULT rewritten: .* First at chain ${students}, position 5; 3 in all`],
    async (log) => {
      await log.sql(`UPDATE audit_entry SET record = '{"n":3}' WHERE chain = ? AND position = 4`, log.chains.students);
      await log.rehash(log.chains.students!, 4);
    },
  ],
  [
    'an entry removed from the middle',
    ({ iep }) => [`FAULT missing: .* First at chain ${iep}, position 4\\.`],
    ({ sql, chains }) => sql('DELETE FROM audit_entry WHERE chain = ? AND position = 4', chains.iep),
  ],
  [
    'an entry removed and the rest moved up and computed anew',
    ({ iep }) => [
      `FAULT rewritten: .* First at chain ${iep}, position 5`,
      `FAULT truncated: .* chain ${iep}, position 9`,
    ],
    async (log) => {
      await log.sql('DELETE FROM audit_entry WHERE chain = ? AND position = 4', log.chains.iep);
      for (let at = 5; at <= 9; at++)
        await log.sql(
          'UPDATE audit_entry SET position = ? WHERE chain = ? AND position = ?',
          at - 1,
          log.chains.iep,
          at,
        );
      await log.rehash(log.chains.iep!, 4);
    },
  ],
  [
    'a tail removed that a checkpoint has signed',
    ({ iep }) => [`FAULT truncated: .* First at chain ${iep}, position 8\\.`],
    ({ sql, chains }) => sql('DELETE FROM audit_entry WHERE chain = ? AND position >= 8', chains.iep),
  ],
  [
    'a chain removed with all its entries',
    ({ students }) => [`FAULT removed: .* First at chain ${students}, position 1`],
    async ({ sql, chains }) => {
      await sql('DELETE FROM audit_entry WHERE chain = ?', chains.students);
      await sql('DELETE FROM audit_chain WHERE id = ?', chains.students);
    },
  ],
  [
    'a chain removed with its checkpoints',
    () => ['FAULT checkpoints: .* First at checkpoint 1[;.]'],
    async ({ sql, chains }) => {
      await sql('DELETE FROM audit_entry WHERE chain = ?', chains.students);
      await sql('DELETE FROM audit_chain WHERE id = ?', chains.students);
      await sql('DELETE FROM audit_checkpoint WHERE chain = ?', chains.students);
    },
  ],
  [
    'two entries that changed places',
    ({ students }) => [`FAULT altered: .* First at chain ${students}, position 3; 3 in all`],
    async ({ sql, chains }) => {
      const move = (from: number, to: number) =>
        sql('UPDATE audit_entry SET position = ? WHERE chain = ? AND position = ?', to, chains.students, from);
      await move(3, 99);
      await move(4, 3);
      await move(99, 4);
    },
  ],
  [
    'an entry put in',
    ({ iep }) => [`FAULT rewritten: .* First at chain ${iep}, position 5`],
    async (log) => {
      const chain = log.chains.iep!;
      for (let at = 9; at >= 3; at--)
        await log.sql('UPDATE audit_entry SET position = ? WHERE chain = ? AND position = ?', at + 1, chain, at);
      await log.sql(
        "INSERT INTO audit_entry (id, chain, position, at, kind, record, hash) SELECT 'x', chain, 3, at, kind, record, hash FROM audit_entry WHERE chain = ? AND position = 2",
        chain,
      );
      await log.rehash(chain, 3);
    },
  ],
  [
    'an entry added behind the end of a closed chain',
    ({ iep }) => [`FAULT appended: .* First at chain ${iep}, position 10`],
    async (log) => {
      await log.sql(
        "INSERT INTO audit_entry (id, chain, position, at, kind, record, hash) SELECT 'x', chain, 10, at, kind, record, hash FROM audit_entry WHERE chain = ? AND position = 9",
        log.chains.iep,
      );
      await log.rehash(log.chains.iep!, 10);
    },
  ],
  [
    'a chain of its own making',
    () => ['FAULT unregistered: .* First at chain forged, position 1'],
    async (log) => {
      await log.sql(
        "INSERT INTO audit_entry (id, chain, position, at, kind, record, hash) SELECT 'x', 'forged', 1, at, kind, record, hash FROM audit_entry WHERE chain = ? AND position = 1",
        log.chains.iep,
      );
      await log.rehash('forged', 1);
    },
  ],
  [
    'a checkpoint removed',
    () => ['FAULT checkpoints: .* First at checkpoint 2'],
    ({ sql }) => sql('DELETE FROM audit_checkpoint WHERE sequence = 2'),
  ],
  [
    'an altered checkpoint',
    ({ students }) => [`FAULT signature: .* First at chain ${students}`],
    ({ sql, chains }) =>
      sql('UPDATE audit_checkpoint SET hash = ? WHERE chain = ? AND closes = ?', 'f'.repeat(64), chains.students, true),
  ],
  [
    'checkpoints signed with another key, which is put among those of the log',
    () => ['FAULT signature: '],
    async (log) => {
      const forger = await log.start('forger', foreignKey);
      await forger.stop();
    },
  ],
  [
    'a disclosure hidden from the look-up by student',
    ({ students }) => [`FAULT unindexed: .* First at chain ${students}, position 4\\.`],
    ({ sql, chains }) =>
      sql(
        "DELETE FROM audit_disclosed_student WHERE student_id = 's3' AND entry_id IN (SELECT id FROM audit_entry WHERE chain = ?)",
        chains.students,
      ),
  ],
];

describe.each(databaseUrls())('npm run audit:verify on %s', (_engine, makeUrl) => {
  const made: Tampered[] = [];
  const make = async (): Promise<Tampered> => {
    const log = await Tampered.make(makeUrl);
    made.push(log);
    return log;
  };
  afterAll(async () => {
    for (const log of made) await log.close();
  });

  test('a log that nobody touched holds; the unsigned tail of a killed process is named as not proven', async () => {
    const log = await make();
    const { holds, said } = await log.verify();
    expect(said).toContain('The log holds: 3 chains, 29 entries.');
    expect(said).toMatch(
      new RegExp(`chain ${log.chains.students} \\(students\\): 9 entries, \\S+Z to \\S+Z, 4 checkpoints, closed`),
    );
    expect(said).toMatch(
      new RegExp(
        `chain ${log.chains.services} \\(services\\): 11 entries.* not closed.*; 2 entries behind the last checkpoint`,
      ),
    );
    expect(holds).toBe(true);
    await (await log.start('next')).stop();
    const after = await log.verify();
    expect(after.said).not.toContain('behind the last checkpoint');
    expect(after.holds).toBe(true);
  });

  test.each(ATTACKS)(
    '%s is found in the database and in an exported file, with chain and position',
    async (_what, found, act) => {
      const log = await make();
      await log.unlock();
      await act(log);
      const file = join(log.folder, 'log.jsonl');
      const inDatabase = await log.verify({ export: file });
      for (const pattern of found(log.chains)) expect(inDatabase.said).toMatch(new RegExp(pattern));
      expect(inDatabase.holds).toBe(false);
      expect(await log.verify({ file })).toEqual(inDatabase);
    },
  );

  test('a log cut off with its last checkpoints contradicts the checkpoint that was noted before', async () => {
    const log = await make();
    const { said } = await log.verify();
    const known = /Last checkpoint: (\S+)/.exec(said)![1]!;
    expect((await log.verify({ known })).holds).toBe(true);
    await log.unlock();
    for (const table of ['audit_checkpoint', 'audit_entry'])
      await log.sql(`DELETE FROM ${table} WHERE chain = ?`, log.chains.services);
    await log.sql('DELETE FROM audit_chain WHERE id = ?', log.chains.services);
    expect((await log.verify()).holds).toBe(true); // Nothing inside the log can tell.
    const { holds, said: found } = await log.verify({ known });
    expect([holds, found]).toEqual([false, expect.stringMatching(/FAULT checkpoints: .* checkpoint \d+\./)]);
  });

  test('keys: the wrong one is told, an exchanged one is known, without one the log vouches for itself', async () => {
    const log = await make();
    writeFileSync(join(log.folder, 'wrong.json'), JSON.stringify(foreignKey.publicKey));
    const wrong = await log.verify({ 'public-key': join(log.folder, 'wrong.json') });
    expect([wrong.holds, wrong.said]).toEqual([false, expect.stringContaining('FAULT signature')]);

    await (await log.start('after', foreignKey)).stop();
    const keys = join(log.folder, 'all.json');
    const own = await log.verify({ 'public-key': undefined, keys });
    expect([own.holds, own.said]).toEqual([
      true,
      expect.stringContaining('The keys are those that the log itself names'),
    ]);
    expect(JSON.parse(readFileSync(keys, 'utf8')).keys).toHaveLength(2);
    expect((await log.verify({ 'public-key': keys })).holds).toBe(true);
    expect((await log.verify()).holds).toBe(false);
  });

  test('a file that says less of a chain than its checkpoints: the chain is gone, or one of its two lines is not signed', async () => {
    const log = await make();
    const file = join(log.folder, 'log.jsonl');
    await log.verify({ export: file });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const said = async (changed: readonly string[]): Promise<string> => {
      writeFileSync(file, changed.join('\n'));
      return (await log.verify({ file })).said;
    };
    const ofChain = (line: string): boolean =>
      !line.startsWith('{"line":"checkpoint"') && line.includes(log.chains.students!);
    expect(await said(lines.filter((line) => !ofChain(line)))).toMatch(
      new RegExp(`FAULT removed: .* chain ${log.chains.students}, position 9`),
    );
    for (const kind of ['checkpoint', 'seal']) {
      const last = lines.findLastIndex((line) => line.startsWith(`{"line":"${kind}"`));
      const unsigned = lines.map((line, at) =>
        at === last ? line.replace(/"signature":"..../, '"signature":"AAAA') : line,
      );
      expect([kind, await said(unsigned)]).toEqual([kind, expect.stringContaining('FAULT signature')]);
    }
  });

  test('a file that was tampered with: lines altered, taken out, or no log at all', async () => {
    const log = await make();
    const file = join(log.folder, 'log.jsonl');
    await log.verify({ export: file });
    expect((await log.verify({ file })).holds).toBe(true);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    for (const kind of ['checkpoint', 'chain', 'entry', 'seal']) {
      const at = lines.findIndex((line) => line.startsWith(`{"line":"${kind}"`));
      writeFileSync(file, lines.filter((_, i) => i !== at).join('\n'));
      expect([kind, (await log.verify({ file })).holds]).toEqual([kind, false]);
    }
    const [entry, seal] = ['entry', 'seal'].map((kind) =>
      lines.findLastIndex((line) => line.startsWith(`{"line":"${kind}"`)),
    );
    const moved = [...lines];
    moved.splice(entry! + 1, 0, ...moved.splice(seal!, 1));
    writeFileSync(file, moved.join('\n'));
    expect((await log.verify({ file })).holds).toBe(entry! < seal!);
    writeFileSync(file, 'hello\n');
    await expect(log.verify({ file })).rejects.toThrow('Line 1 is not a line of an audit log.');
    for (const [at, field] of [
      [0, 'publicKey'],
      [entry!, 'at'],
      [entry!, 'chain'],
      [seal!, 'hash'],
    ] as const) {
      const changed = lines.map((line, n) => (n === at ? line.replace(`"${field}"`, `"${field}s"`) : line));
      writeFileSync(file, changed.join('\n'));
      await expect(log.verify({ file })).rejects.toThrow(`Line ${at + 1} is not a line of an audit log.`);
    }
    writeFileSync(file, '');
    expect((await log.verify({ file })).holds).toBe(false);
  });

  test('a process that starts while others sign is registered after the checkpoint that it names', async () => {
    const log = await make();
    const live = await log.start('live');
    const starting = Promise.all(['one', 'two', 'three'].map((process) => log.start(process)));
    let isStarting = true;
    void starting.finally(() => (isStarting = false));
    while (isStarting) await live.append('denial', {});
    for (const started of [live, ...(await starting)]) await started.stop();
    expect((await log.verify()).said).toMatch(/^(?!.*FAULT).*The log holds: 7 chains/s);
  });

  test('a log that is written to meanwhile is read as it was', async () => {
    const log = await make();
    const live = await log.start('live');
    let writing = true;
    const writer = (async () => {
      while (writing) await live.append('disclosure', { disclosed: { iep: ['s1'] } });
    })();
    for (let i = 0; i < 5; i++) expect((await log.verify()).holds).toBe(true);
    writing = false;
    await writer;
    await live.stop();
    expect((await log.verify()).holds).toBe(true);
  });
});

test('there is no log where none was ever written', async () => {
  const settings = { DATABASE_URL: `sqlite:${join(mkdtempSync(join(tmpdir(), 'audit-none-')), 'iep.db')}` };
  await expect(verifyAudit({}, settings, () => undefined)).rejects.toThrow('There is no audit log at');
});
