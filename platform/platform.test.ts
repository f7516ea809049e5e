import { createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../test/harness/databases';
import { FixedClock } from './clock';
import { readMap, readSettings, SECRETS } from './config';
import { Database } from './database/database';
import { StatementGuard } from './database/guard';
import { migrate, verifySchema } from './database/migrate';
import { addDays, ageOn, anniversary, dayIn, daysBetween, isCalendarDay, startOfDay } from './dates';
import { createLogger } from './log';
import { Dispatcher, replayParked } from './outbox/dispatcher';
import { defineEvent } from './outbox/event';
import { OutboxDelivery } from './outbox/tables';
import { openPrincipal, sealPrincipal } from './principal/envelope';
import type { Principal } from './principal/principal';
import { PrincipalScope } from './scope/row-scope';
import { systemSession } from './scope/session';
import { auditMigrations, auditTables, platformMigrations, platformProtected, platformTables } from './tables';

const log = createLogger('test', 'silent');
const principal = {
  subject: 'acct-1',
  perspective: 'p1',
  level: 'district',
  grants: [{ relation: 'JURISDICTION', grantee: 'LEA:a' }],
  timeZone: 'America/Los_Angeles',
  epoch: 3,
} as unknown as Principal;

describe('calendar days', () => {
  test('only days that exist', () => {
    expect(['2024-02-29', '2015-02-31', '2015-2-3', '0000-01-01', 20150203, null].map(isCalendarDay)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
  test('arithmetic is by calendar, not by 365 days', () => {
    expect([addDays('2025-02-27', 2), daysBetween('2024-02-28', '2025-02-28'), anniversary('2024-02-29', 1)]).toEqual([
      '2025-03-01',
      366,
      '2025-02-28',
    ]);
    expect([ageOn('2015-03-08', '2026-03-07'), ageOn('2015-03-08', '2026-03-08')]).toEqual([10, 11]);
  });
  test('a day is a day somewhere', () => {
    expect(dayIn('America/Los_Angeles', new Date('2026-01-01T05:00:00Z'))).toBe('2025-12-31');
    expect(
      ['2026-01-15', '2026-07-15', '2026-03-08'].map((day) => startOfDay('America/Los_Angeles', day).toISOString()),
    ).toEqual(['2026-01-15T08:00:00.000Z', '2026-07-15T07:00:00.000Z', '2026-03-08T08:00:00.000Z']);
    expect(startOfDay('Pacific/Kiritimati', '2026-01-15').toISOString()).toBe('2026-01-14T10:00:00.000Z');
  });
});

describe('settings', () => {
  test('a faulty variable stops the start with a readable line', () => {
    expect(() => readSettings({ PORT: 'abc', DATABASE_URL: 'postgres://x' })).toThrow(
      /PORT: must be a number between 1 and 65535, not abc\n.*DATABASE_URL: must begin with sqlite:/s,
    );
    const faulty = { PORT: '70000', NODE_ENV: 'live', UPLOAD_BYTES: '5', PUBLIC_URL: 'me:hush', CURSOR_KEY: 'hush' };
    expect(() => readSettings(faulty)).toThrow(
      [
        'The environment is not usable:',
        '  NODE_ENV: must be one of development, production, test, not live',
        '  PORT: must be a number between 1 and 65535, not 70000',
        '  PUBLIC_URL: must be an address such as https://host.example/path',
        '  UPLOAD_BYTES: must be a number between 1048576 and 8000000, not 5',
        '  CURSOR_KEY: must have at least 32 characters',
      ].join('\n'),
    );
    expect(() => readMap('students', 'SUBGRAPH_URLS')).toThrow('SUBGRAPH_URLS: write name=value');
  });
  test('an empty variable counts as not set', () => {
    expect(readSettings({ PORT: '' }).PORT).toBe(4000);
  });
  test('every secret may be in a file; a file that is not there, empty or beside the variable stops the start', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    const file = (content: string) => {
      const path = join(folder, String(Math.random()));
      writeFileSync(path, content);
      return path;
    };
    const long = 'x'.repeat(40);
    for (const name of SECRETS) {
      const value = name.endsWith('_URL') ? 'mysql://iep:secret@db/iep' : long;
      const given = name === 'DATABASE_REPLICA_URL' ? { DATABASE_URL: value } : {};
      const read = readSettings({ ...given, [`${name}_FILE`]: file(`${value}\n`), [name]: '' });
      expect([name, read[name as 'AUDIT_KEY']]).toEqual([name, value]);
    }
    const faults = { AUDIT_KEY_FILE: join(folder, 'none'), CURSOR_KEY_FILE: file('\n'), SERVICE_KEY_FILE: file(long) };
    expect(() => readSettings({ ...faults, SERVICE_KEY: long })).toThrow(
      /SERVICE_KEY_FILE: SERVICE_KEY is set too.*CURSOR_KEY_FILE: the file is empty.*AUDIT_KEY_FILE: the file can't be read \(ENOENT\)/s,
    );
    expect(() => readSettings({ AUDIT_KEY_FILE: file('so secret') })).toThrow(
      /^(?![^]*so secret)[^]*AUDIT_KEY: must have at least/,
    );
    expect(() =>
      readSettings({ NODE_ENV: 'production', AUDIT_KEY_FILE: file('change-me-audit-key-0123456789abcdef') }),
    ).toThrow('AUDIT_KEY: still holds a secret of the example');
  });
});

test('a replica is refused beside an SQLite file', async () => {
  const replica = { DATABASE_REPLICA_URL: 'mysql://iep:secret@replica/iep' };
  for (const url of [{}, { DATABASE_URL: 'sqlite:./iep.db' }])
    expect(() => readSettings({ ...url, ...replica })).toThrow(/^(?!.*secret).*DATABASE_REPLICA_URL: only MySQL and/s);
  expect(() => readSettings({ DATABASE_URL: 'mysql://db/iep', DATABASE_REPLICA_URL: 'sqlite:./b.db' })).toThrow(
    'DATABASE_REPLICA_URL: must be written mysql://',
  );
});

describe('the signed principal', () => {
  const key = new TextEncoder().encode('a'.repeat(32));
  const other = new TextEncoder().encode('b'.repeat(32));
  const envelope = { principal, requestId: 'r1', operation: 'Names' };
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmac = (text: string, secret = key): string => createHmac('sha256', secret).update(text).digest('base64url');
  const credential = (claims: object, header: object = { alg: 'HS256' }, secret = key): string => {
    const signed = `${base64(header)}.${base64(claims)}`;
    return `${signed}.${hmac(signed, secret)}`;
  };
  const claims = { p: principal, iss: 'gateway', aud: 'iep' };
  const seconds = (): number => Math.floor(Date.now() / 1000);
  /** An envelope that is signed as a whole, whatever is in it. */
  const envelopeOf = (credential: string, at: unknown = seconds(), secret = key): string => {
    const call = `${String(at)},r1,Names`;
    return `${credential},${call},${hmac(`${credential.split('.').at(-1)},${call},body`, secret)}`;
  };
  const opened = (sealed: string) => (): unknown => openPrincipal(sealed, 'iep', 'body', [key]);

  test('A-35 another subgraph, another body, another key → refused', () => {
    const sealed = sealPrincipal(envelope, 'iep', 'body', key);
    for (let i = 0; i < 2; i++) {
      expect(opened(sealed)()).toEqual(envelope);
      expect(() => openPrincipal(sealed, 'students', 'body', [key])).toThrow('another audience');
      for (const body of ['other body', '', 'body '])
        expect(() => openPrincipal(sealed, 'iep', body, [key])).toThrow('not signed');
      expect(() => openPrincipal(sealed, 'iep', 'body', [other])).toThrow('not signed');
      expect(() => openPrincipal(sealed, 'iep', 'body', [])).toThrow('not signed');
    }
    // The credential was seen, which is no right without a call that is signed.
    expect(opened(envelopeOf(sealed.split(',')[0]!, seconds(), other))).toThrow('not signed');
  });
  test('A-35 what is not signed whole, or by another algorithm, is refused', () => {
    const sealed = sealPrincipal(envelope, 'iep', 'body', key);
    const [token, at, requestId, operation, signature] = sealed.split(',') as [string, string, string, string, string];
    const own = token.split('.').at(-1)!;
    const rich = { ...claims, p: { ...principal, subject: 'acct-2' } };
    expect(opened(envelopeOf(credential(claims)))()).toEqual(envelope);
    for (const changed of [
      ...[
        '',
        ',',
        ',,,,',
        token,
        `${token},${at}`,
        `${token},${at},${requestId},${operation},`,
        `${sealed},`,
        `${sealed}=`,
      ],
      ...[`,${sealed}`, ` ${sealed}`, `${sealed.slice(0, -1)}`, `${token},${at},r2,${operation},${signature}`],
      ...[`${token},${Number(at) + 1},r1,Names,${signature}`, `${token},${at},r1,Others,${signature}`],
      ...[`${token},${at},r1Names,,${signature}`, `${token},${at},r1,,Names,${signature}`],
      // A call of one with the Principal of another, which is signed too.
      sealed.replace(token, credential(rich)),
      // The call is signed, the Principal is not, or not so.
      ...[envelopeOf(`${base64({ alg: 'HS256' })}.${base64(rich)}.${own}`), envelopeOf(own), envelopeOf('')],
      ...[
        envelopeOf(credential(claims, { alg: 'HS512' })),
        envelopeOf(credential(claims, { alg: 'HS256', crit: ['x'] })),
      ],
      ...[
        envelopeOf(`${base64({ alg: 'none' })}.${base64(claims)}.`),
        envelopeOf(credential(claims, undefined, other)),
      ],
      ...[envelopeOf(`${credential(claims)}=`), envelopeOf(` ${credential(claims)}`)],
    ])
      expect(opened(changed)).toThrow('not signed');
  });
  test('A-35 a principal without a claim, of the past or of the future is refused', () => {
    for (const claim of ['iss', 'aud'])
      expect(opened(envelopeOf(credential({ ...claims, [claim]: undefined })))).toThrow('the envelope was made');
    expect(opened(envelopeOf(credential({ ...claims, iss: 'other' })))).toThrow('another issuer');
    for (const at of [seconds() + 60, seconds() - 31, 'now', '', 'NaN', 'Infinity'])
      expect(opened(envelopeOf(credential(claims), at))).toThrow('of another time');
    // Clocks of two machines are never quite the same.
    for (const at of [seconds() + 3, seconds() - 25]) expect(opened(envelopeOf(credential(claims), at))).not.toThrow();
  });
  test('a principal that was opened is nobody’s to change, and is not read anew', () => {
    const open = (body: string) =>
      openPrincipal(sealPrincipal(envelope, 'iep', body, key), 'iep', body, [key]).principal;
    const one = open('one');
    expect(open('two')).toBe(one);
    expect(() => one.capabilities.push('student.read')).toThrow(TypeError);
    expect(() => Object.assign(one.grants[0] ?? one, { grantee: 'LEA:other' })).toThrow(TypeError);
  });
  test('an id or a name that would be read as another part is not sealed', () => {
    for (const odd of [{ requestId: 'r1,Names' }, { requestId: '' }, { requestId: 'r\n' }, { operation: 'A,B' }])
      expect(() => sealPrincipal({ ...envelope, ...odd }, 'iep', 'body', key)).toThrow('does not hold');
  });
  test('a previous key counts while keys are exchanged', () => {
    const token = sealPrincipal(envelope, 'iep', 'body', other);
    expect(openPrincipal(token, 'iep', 'body', [key, other])).toMatchObject({ requestId: 'r1' });
  });
});

describe('row scope', () => {
  test('A-58 no grants → no rows, never "no filter"', () => {
    expect(
      new PrincipalScope({ ...principal, grants: [] }, new FixedClock(new Date())).predicate({
        student: 't.student_id',
      }).sql,
    ).toBe('1 = 0');
  });
  test('only jurisdiction of an LEA or SELPA keeps a period of its own', () => {
    const clock = new FixedClock(new Date());
    const sql = (grants: Principal['grants']) =>
      new PrincipalScope({ ...principal, grants }, clock).predicate({ student: 't.s', from: 't.d' }).sql;
    expect(sql([{ relation: 'JURISDICTION', grantee: 'LEA:a' }])).toContain('scopeFormerOwners');
    expect(sql([{ relation: 'CASE_MANAGER', grantee: 'STAFF:a' }])).not.toContain('scopeFormerOwners');
    expect(sql([{ relation: 'JURISDICTION', grantee: 'STATE:ca' }])).not.toContain('scopeFormerOwners');
  });
  test('A-61 rows that came through the LEA of another perspective are left out, relation by relation', () => {
    const grants: Principal['grants'] = [
      { relation: 'PROVIDER', grantee: 'STAFF:a', exceptLeas: ['b', 'c'] },
      { relation: 'SCHOOL', grantee: 'SCHOOL:s' },
    ];
    const { sql, parameters } = new PrincipalScope({ ...principal, grants }, new FixedClock(new Date())).predicate({
      student: 't.s',
    });
    expect(sql).toContain(
      '((sa.relation = :scopeRelation0 AND sa.grantee IN (:...scopeGrantees0) AND (sa.lea_id IS NULL OR sa.lea_id NOT IN (:...scopeExceptLeas0)))' +
        ' OR (sa.relation = :scopeRelation1 AND sa.grantee IN (:...scopeGrantees1)))',
    );
    expect(parameters).toMatchObject({ scopeExceptLeas0: ['b', 'c'], scopeGrantees1: ['SCHOOL:s'] });
  });
});

describe('the driver guard', () => {
  const guard = new StatementGuard(['iep']);
  test.each([
    ['SELECT * FROM iep', true],
    ['UPDATE `iep` SET a = 1', true],
    ['/* hello */ DELETE FROM "iep"', true],
    ['SELECT 1 FROM x JOIN pub_student p ON 1 = 1', true],
    ['/* scope:principal */ SELECT * FROM iep', false],
    ["SELECT 'iep' AS text", false],
    ['SELECT * FROM iep_document', false],
    ['SELECT * FROM `iep`.`schema_migration`', false],
    ['SELECT * FROM `iep`.`iep`', true],
    ['CREATE TABLE iep (id int)', false],
  ])('%s', (sql, refused) => {
    if (refused) expect(() => guard.check(sql)).toThrow('without a scope marker');
    else expect(() => guard.check(sql)).not.toThrow();
  });
});

describe.each(databaseUrls())('outbox on %s', (_engine, makeUrl) => {
  const clock = new FixedClock(new Date('2026-02-10T18:00:00Z'));
  const happened = defineEvent<{ n: number }>('thing.happened', ['reader']);
  let database: Database;

  beforeAll(async () => {
    database = await Database.connect({
      url: await makeUrl(mkdtempSync(join(tmpdir(), 'outbox-'))),
      entities: [...platformTables, ...auditTables],
      protectedTables: platformProtected,
      migrations: [...platformMigrations, ...auditMigrations],
    });
  });
  afterAll(() => database?.close());

  const emit = (studentId: string, n: number) =>
    database.write((manager) =>
      systemSession({ manager, engine: database.engine, clock, writing: true }, 'test').emit(happened, studentId, {
        n,
      }),
    );
  const dispatcher = (handle: (n: number, studentId: string) => void, of = database) =>
    new Dispatcher({
      database: of,
      clock,
      log,
      consumer: 'reader',
      handlers: {
        'thing.happened': async (_session: unknown, event: { payload: { n: number }; studentId: string }) =>
          handle(event.payload.n, event.studentId),
      } as never,
    });

  test('a server refuses a schema that was not migrated, then accepts it', async () => {
    await expect(verifySchema(database)).rejects.toThrow('npm run migrate');
    await migrate(database);
    expect(await migrate(database)).toEqual([]);
    await expect(verifySchema(database)).resolves.toBeUndefined();
  });

  test('an event of a rolled-back transaction never existed', async () => {
    const failing = database.write(async (manager) => {
      await systemSession({ manager, engine: database.engine, clock, writing: true }, 'test').emit(happened, 's0', {
        n: 0,
      });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.read.count(OutboxDelivery)).toBe(0);
  });

  test('events of a student arrive in order; a failing one holds back that student only, is parked and replayed', async () => {
    await emit('s1', 1);
    await emit('s1', 2);
    await emit('s2', 3);
    const seen: number[] = [];
    let broken = true;
    const reader = dispatcher((n) => {
      if (n === 1 && broken) throw new Error('broken');
      seen.push(n);
    });
    for (let attempt = 0; attempt < 10; attempt++) {
      await reader.drain();
      clock.set(new Date(clock.now().getTime() + 60_000));
    }
    expect(seen).toEqual([3]);
    expect(await database.read.countBy(OutboxDelivery, { state: 'PARKED' })).toBe(1);
    broken = false;
    expect(await replayParked(database, 'reader')).toBe(1);
    await reader.drain();
    expect(seen).toEqual([3, 1, 2]);
  });

  test('two dispatchers deliver every event once', async () => {
    for (let n = 10; n < 30; n++) await emit(`s${n}`, n);
    const seen: number[] = [];
    await Promise.all([dispatcher((n) => seen.push(n)).drain(), dispatcher((n) => seen.push(n)).drain()]);
    await dispatcher((n) => seen.push(n)).drain();
    expect(seen.sort()).toEqual(Array.from({ length: 20 }, (_, i) => i + 10));
  });

  test('what fails in one process for the last time, and is delivered by another before that is noted, is not parked', async () => {
    await emit('s40', 40);
    await database.write((manager) => manager.update(OutboxDelivery, { studentId: 's40' }, { attempts: 7 }));
    const seen: number[] = [];
    let writes = 0;
    const slow = Object.create(database) as Database;
    slow.write = async (act) => {
      if (++writes === 2) await dispatcher((n) => seen.push(n)).drain();
      return database.write(act);
    };
    await dispatcher(() => {
      throw new Error('broken');
    }, slow).drain();
    expect([writes, seen]).toEqual([2, [40]]);
    expect(await database.read.findOneBy(OutboxDelivery, { studentId: 's40' })).toMatchObject({ state: 'DONE' });
  });
});
