import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../test/harness/databases';
import { systemClock } from '../clock';
import { Database } from '../database/database';
import { migrate } from '../database/migrate';
import { createLogger } from '../log';
import { auditMigrations, auditProtected, auditTables } from '../tables';
import { refusingTrigger } from '../database/migration';
import { AuditLog, type AuditLogOptions } from './audit-log';
import { checkpointText, entryHash } from './chain';
import { secretInFile } from '../secret-file';
import { isSignedBy, keyId, readPublicKeys, signingKey } from './keys';
import { AuditChain, AuditCheckpoint, AuditEntry, AuditPublicKey } from './tables';

const key = signingKey('a secret of the audit log, 32 characters or more');
const NEVER = { entries: 1_000_000, ms: 1_000_000 };

describe.each(databaseUrls())('the audit log on %s', (engine, makeUrl) => {
  let database: Database;
  const logs: AuditLog[] = [];

  beforeAll(async () => {
    database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'audit-'))),
      entities: auditTables,
      protectedTables: auditProtected,
      migrations: auditMigrations,
    });
    await migrate(database);
  });
  afterAll(async () => {
    for (const log of logs) await log.stop();
    await database?.close();
  });

  async function start(over: Partial<AuditLogOptions> = {}): Promise<{ log: AuditLog; chain: string }> {
    const log = await AuditLog.start({
      database,
      clock: systemClock,
      log: createLogger('test', 'silent'),
      key,
      process: 'test',
      checkpointEvery: NEVER,
      ...over,
    });
    logs.push(log);
    const [newest] = await database.read.find(AuditChain, { order: { id: 'DESC' }, take: 1 });
    return { log, chain: newest!.id };
  }
  const entriesOf = (chain: string) => database.read.find(AuditEntry, { where: { chain }, order: { position: 'ASC' } });
  const checkpointsOf = (chain: string) =>
    database.read.find(AuditCheckpoint, { where: { chain }, order: { sequence: 'ASC' } });
  async function commitsDuring(work: () => Promise<unknown>): Promise<number> {
    let commits = 0;
    const stop = database.guard.listen((sql) => (commits += Number(sql.includes('INSERT INTO audit_entry'))));
    await work();
    stop();
    return commits;
  }
  async function until(check: () => Promise<boolean>): Promise<void> {
    for (let i = 0; !(await check()); i++) {
      if (i > 200) throw new Error('It does not come.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('a chain is registered and signed at the start; every entry is tied to the one before it', async () => {
    const { log, chain } = await start();
    await Promise.all([1, 2, 3].map((n) => log.append('request', { n })));
    await log.append('disclosure', { n: 4, left: undefined, disclosed: {} });
    const entries = await entriesOf(chain);
    let previous = '';
    for (const { position, at, kind, record, hash } of entries) {
      expect(hash).toBe(entryHash(previous, chain, position, at, kind, record));
      previous = hash;
    }
    expect(entries.map(({ kind, position }) => [kind, position])).toEqual([
      ['start', 1],
      ['request', 2],
      ['request', 3],
      ['request', 4],
      ['disclosure', 5],
    ]);
    expect(await database.read.findOneBy(AuditChain, { id: chain })).toMatchObject({
      process: 'test',
      headHash: entries[0]!.hash,
      knownSequence: 0,
      knownHash: '',
    });
    const [{ signature, ...signed }] = (await checkpointsOf(chain)) as [AuditCheckpoint];
    expect(signed).toMatchObject({ position: 1, hash: entries[0]!.hash, signer: chain, closes: false, previous: '' });
    const [known] = await database.read.find(AuditPublicKey);
    expect(known!.id).toBe(keyId(known!.publicKey));
    expect(isSignedBy(known!.publicKey, checkpointText(signed), signature)).toBe(true);
    expect(isSignedBy(known!.publicKey, checkpointText({ ...signed, position: 2 }), signature)).toBe(false);
  });

  test('100 concurrent records share a few commits, and their students are indexed in them', async () => {
    const { log, chain } = await start();
    const commits = await commitsDuring(() =>
      Promise.all(
        Array.from({ length: 100 }, (_, n) => log.append('disclosure', { disclosed: { a: [`s${n}`, 'all'] } })),
      ),
    );
    expect(commits).toBeLessThanOrEqual(5);
    expect(await entriesOf(chain)).toHaveLength(101);
    const [{ found }] = await database.read.query(
      "/* scope:test */ SELECT COUNT(*) AS found FROM audit_disclosed_student WHERE student_id = 'all'",
    );
    expect(Number(found)).toBe(100);
  });

  test('what one request disclosed in several fetches at once is one entry, with a row per student; other requests and parties have their own', async () => {
    const { log, chain } = await start();
    const append = (requestId: string, subject: string, subgraph: string, disclosed: object, purposes: string[] = []) =>
      log.append('disclosure', { requestId, subgraph, operation: null, subject, purposes, disclosed });
    await Promise.all([
      append('r1', 'a', 'students', { student: ['s1', 's2'], 'student.contacts': ['s1'] }),
      append('r2', 'a', 'students', { student: ['s3'] }),
      append('r1', 'b', 'students', { student: ['s4'] }),
      append('r1', 'a', 'iep', { iep: ['s2'] }),
      append('r1', 'a', 'students', { 'student.card': ['s6'] }, ['why']),
      append('r1', 'a', 'students', { student: ['s2', 's5'] }),
    ]);
    const records = (await entriesOf(chain)).slice(1).map(({ record }) => record);
    const same = { operation: null, purposes: [] };
    expect(records).toEqual([
      {
        ...same,
        ...{ requestId: 'r1', subject: 'a', subgraph: 'students, iep' },
        disclosed: { student: ['s1', 's2', 's5'], 'student.contacts': ['s1'], iep: ['s2'] },
      },
      { ...same, requestId: 'r2', subject: 'a', subgraph: 'students', disclosed: { student: ['s3'] } },
      { ...same, requestId: 'r1', subject: 'b', subgraph: 'students', disclosed: { student: ['s4'] } },
      {
        ...same,
        ...{ requestId: 'r1', subject: 'a', subgraph: 'students', purposes: ['why'] },
        disclosed: { 'student.card': ['s6'] },
      },
    ]);
    const named = await database.read.query(
      `/* scope:test */ SELECT student_id AS id FROM audit_disclosed_student WHERE entry_id IN (SELECT id FROM audit_entry WHERE chain = '${chain}') ORDER BY student_id`,
    );
    expect(named.map(({ id }: { id: string }) => id)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
  });

  test('the record of a request shares the commit of the disclosure that its fetch makes; alone it is kept as well', async () => {
    const { log, chain } = await start();
    const both = await commitsDuring(() =>
      Promise.all([log.append('request', { n: 1 }), log.append('disclosure', { disclosed: { a: ['s1'] } })]),
    );
    expect(both).toBe(1);
    expect(await commitsDuring(() => log.append('request', { n: 2 }))).toBe(1);
    const last = log.append('request', { n: 3 });
    await log.stop();
    await last;
    expect((await entriesOf(chain)).map(({ kind }) => kind)).toEqual([
      'start',
      'request',
      'disclosure',
      'request',
      'request',
    ]);
  });

  test('a record that arrives just as a commit ends is not left lying', async () => {
    const { log, chain } = await start();
    for (let n = 0; n < 50; n++) await log.append('request', { n });
    expect(await entriesOf(chain)).toHaveLength(51);
  });

  test('a huge disclosure and many at once are kept whole', async () => {
    const { log, chain } = await start();
    const students = Array.from({ length: 3_000 }, (_, n) => `student-${n}`);
    await Promise.all([1, 2, 3].map(() => log.append('disclosure', { disclosed: { report: students } })));
    expect(await entriesOf(chain)).toHaveLength(4);
  });

  test('34 CFR 99.32 the database itself refuses to change or remove anything', async () => {
    const { log } = await start();
    await log.append('disclosure', { disclosed: { student: ['s1'] } });
    for (const [table, column] of [
      ['audit_entry', 'kind'],
      ['audit_disclosed_student', 'entry_id'],
      ['audit_chain', 'process'],
      ['audit_checkpoint', 'hash'],
      ['audit_key', 'id'],
    ] as const) {
      for (const sql of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`])
        await expect(database.write((manager) => manager.query(`/* scope:test */ ${sql}`))).rejects.toThrow(
          `${table} is insert-only`,
        );
    }
  });

  test('34 CFR 99.32 no entry takes the place of another one: REPLACE is refused', async () => {
    const { log } = await start();
    await log.append('disclosure', { disclosed: { student: ['s1'] } });
    const act = (sql: string) => database.write((manager) => manager.query(`/* scope:test */ ${sql}`));
    for (const { tableName: table, columns } of database.schemaSource.entityMetadatas) {
      const names = columns.map(({ databaseName }) => databaseName);
      const before = await act(`SELECT * FROM ${table}`);
      expect(before.length).toBeGreaterThan(0);
      for (const into of ['REPLACE INTO', ...(engine === 'sqlite' ? ['INSERT OR REPLACE INTO'] : [])])
        await expect(act(`${into} ${table} (${names}) SELECT ${names} FROM ${table}`)).rejects.toThrow(
          'is insert-only',
        );
      expect(await act(`SELECT * FROM ${table}`)).toEqual(before);
    }
    const otherId = (rowid: string, position: string) =>
      `REPLACE INTO audit_entry (id, chain, position, at, kind, record, hash${rowid && ', rowid'})
       SELECT 'other', chain, ${position}, at, kind, record, hash${rowid} FROM audit_entry`;
    await expect(act(otherId('', 'position'))).rejects.toThrow('is insert-only');
    if (engine === 'sqlite') await expect(act(otherId(', rowid', '-position'))).rejects.toThrow('is insert-only');
  });

  test('a checkpoint follows after so many entries, after so long, and at the end', async () => {
    const many = await start({ checkpointEvery: { entries: 10, ms: 1_000_000 } });
    for (let n = 0; n < 25; n++) await many.log.append('request', { n });
    await until(async () => (await checkpointsOf(many.chain)).at(-1)!.position >= 20);
    await many.log.stop();
    const last = (await checkpointsOf(many.chain)).at(-1)!;
    expect(last).toMatchObject({ position: 26, closes: true });
    expect(last.hash).toBe((await entriesOf(many.chain)).at(-1)!.hash);
    await expect(many.log.append('request', {})).rejects.toThrow('has ended');

    const slow = await start({ checkpointEvery: { entries: 1_000_000, ms: 30 } });
    await slow.log.append('request', {});
    await until(async () => (await checkpointsOf(slow.chain)).at(-1)!.position === 2);
    const signed = (await checkpointsOf(slow.chain)).length;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await checkpointsOf(slow.chain)).toHaveLength(signed);
  });

  test('what a killed process left unsigned is signed by the next that starts', async () => {
    const killed = await start();
    await killed.log.append('request', {});
    const next = await start();
    expect((await checkpointsOf(killed.chain)).at(-1)).toMatchObject({
      position: 2,
      signer: next.chain,
      closes: false,
      hash: (await entriesOf(killed.chain)).at(-1)!.hash,
    });
  });

  test('processes that start and sign at the same time keep one unbroken sequence of checkpoints', async () => {
    const before = await database.read.count(AuditCheckpoint);
    await Promise.all(Array.from({ length: 6 }, () => start()));
    const numbers = (await database.read.find(AuditCheckpoint, { order: { sequence: 'ASC' } })).map((c) => c.sequence);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(before + 6);
  });

  test('a commit that fails keeps nothing and answers nothing; one whose answer is lost is not written over', async () => {
    let fault: 'before' | 'after' | null = null;
    const unreliable: Database = Object.create(database, {
      insertAll: {
        value: async (statements: Parameters<Database['insertAll']>[0]) => {
          if (fault === 'before') throw new Error('no connection');
          await database.insertAll(statements);
          if (fault === 'after') throw new Error('connection lost');
        },
      },
    });
    const { log, chain } = await start({ database: unreliable });
    fault = 'before';
    await expect(log.append('request', { n: 1 })).rejects.toThrow('no connection');
    fault = 'after';
    await expect(log.append('request', { n: 2 })).rejects.toThrow('connection lost');
    fault = null;
    await log.append('request', { n: 3 });
    const entries = await entriesOf(chain);
    expect(entries.map(({ position, record }) => [position, (record as { n?: number }).n])).toEqual([
      [1, undefined],
      [2, 2],
      [3, 3],
    ]);
    expect(entries[2]!.hash).toBe(entryHash(entries[1]!.hash, chain, 3, entries[2]!.at, 'request', entries[2]!.record));
  });

  test('a record that the database refuses takes none along that came with it', async () => {
    const { log, chain } = await start();
    const condition = { sqlite: "NEW.kind = 'denial'", mysql: "NEW.kind = 'denial'" };
    const trigger = refusingTrigger('no_denials', 'INSERT', 'audit_entry', 'no room', condition)[engine];
    await database.write((manager) => manager.query(trigger));
    const outcomes = await Promise.allSettled([
      log.append('refusal', { n: 1 }),
      log.append('denial', { n: 2 }),
      log.append('refusal', { n: 3 }),
    ]);
    await database.write((manager) => manager.query('DROP TRIGGER no_denials'));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [, ...kept] = await entriesOf(chain);
    expect(kept.map(({ position, record }) => [position, (record as { n: number }).n])).toEqual([
      [2, 1],
      [3, 3],
    ]);
    expect(kept[1]!.hash).toBe(entryHash(kept[0]!.hash, chain, 3, kept[1]!.at, 'refusal', kept[1]!.record));
  });

  test('a record that is no JSON takes none along that came with it', async () => {
    const { log, chain } = await start();
    const lookUp = jest.spyOn(database.read, 'find');
    const outcomes = await Promise.allSettled([
      log.append('disclosure', { n: 1 }),
      log.append('request', { n: 2n }),
      log.append('disclosure', { n: 3 }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await log.append('refusal', { n: 4 });
    // Nothing of it was begun: there is no head to look up.
    expect(lookUp).not.toHaveBeenCalled();
    lookUp.mockRestore();
    const [, ...kept] = await entriesOf(chain);
    expect(kept.map(({ position, record }) => [position, (record as { n: number }).n])).toEqual([
      [2, 1],
      [3, 3],
      [4, 4],
    ]);
  });

  test(`tables without drift on ${engine}`, async () => {
    const log = await database.schemaSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map(({ query }) => query)).toEqual([]);
  });
});

describe('keys of the audit log', () => {
  test('a secret gives the same key everywhere, another secret another one', () => {
    expect(signingKey('x'.repeat(32)).id).toBe(signingKey('x'.repeat(32)).id);
    expect(signingKey('x'.repeat(32)).id).not.toBe(signingKey('y'.repeat(32)).id);
  });

  test('a secret in a file is made once', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'audit-key-')), 'var', 'audit.key');
    const secret = secretInFile(file);
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(secretInFile(file)).toBe(secret);
  });

  test('public keys are read as JWK, JWKS and PEM', () => {
    const { publicKey } = key;
    expect(readPublicKeys(JSON.stringify(publicKey))).toEqual([publicKey]);
    expect(readPublicKeys(JSON.stringify({ keys: [{ kty: 'EC' }, publicKey] }))).toEqual([publicKey]);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey.x, 'base64url')]);
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`;
    expect(readPublicKeys(pem)).toEqual([publicKey]);
    expect(() => readPublicKeys('{"keys":[]}')).toThrow('no public Ed25519 key');
  });
});
