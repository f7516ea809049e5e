import { databaseUrls } from '../../../test/harness/databases';
import { Idempotency } from '../../../platform/idempotency';
import { SeenRequest } from '../../../platform/scope/tables';
import { DailyRefresh } from '../index';
import { FactRefreshRepository } from './fact-refresh.repository';
import { FactService } from './fact.service';
import { NOON, ReportingWorld } from '../reporting.fixture';

/** Los Angeles, where it is winter: the day begins at 08:00 UTC. */
const at = (day: string, time = '20:00:00') => new Date(`${day}T${time}Z`);

describe.each(databaseUrls())('the daily refresh of facts on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  const logged: object[] = [];
  const errors: object[] = [];
  const log = { info: (fields: object) => logged.push(fields), error: (fields: object) => errors.push(fields) };
  const refresh = () => new DailyRefresh({ database: world.database, clock: world.clock, log: log as never });
  const managerOf = async (id: string) =>
    (await world.read('SELECT case_manager_provider_id AS manager FROM student_fact WHERE id = ?', [id]))[0]!.manager;
  const computed = async (): Promise<string[]> => {
    const rows = await world.read('SELECT id FROM student_fact WHERE computed_at >= ? ORDER BY id', [
      world.database.engine === 'sqlite'
        ? world.clock.now().toISOString().replace('T', ' ').replace('Z', '')
        : world.clock.now(),
    ]);
    return rows.map(({ id }) => String(id));
  };
  const state = async () => (await world.read('SELECT through, owner, lease_until FROM fact_refresh'))[0];

  beforeEach(async () => {
    logged.length = errors.length = 0;
    world = await ReportingWorld.open(makeUrl);
    expect(world.clock.now()).toEqual(NOON);
  });
  afterEach(() => world?.database.close());

  test('a case manager’s planned last day: shown through that day, gone the day after, only that student computed', async () => {
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-11' WHERE id = 's1-a'");
    expect(await refresh().run()).toBe(0);
    world.clock.set(at('2026-02-11'));
    expect(await refresh().run()).toBe(0);
    expect(await managerOf('s1')).toBe('prov-a');

    // Still the eleventh in Los Angeles, long the twelfth in New York.
    world.clock.set(at('2026-02-12', '07:59:59'));
    expect(await refresh().run()).toBeNull();
    world.clock.set(at('2026-02-12', '08:00:00'));
    expect(await refresh().run()).toBe(1);
    expect([await managerOf('s1'), await managerOf('s2')]).toEqual([null, 'prov-a']);
    expect(await computed()).toEqual(['s1']);
    expect(logged.at(-1)).toEqual({ since: '2026-02-11', today: '2026-02-12', students: 1, done: true });
    expect(await state()).toEqual({ through: '2026-02-12', owner: null, lease_until: null });
    expect(await refresh().run()).toBeNull();
  });

  test('A-62 what is remembered of requests goes after 24 hours: ids of accepted mutations, outcomes of idempotency keys', async () => {
    const { database, clock } = world;
    const ago = (hours: number) => new Date(clock.now().getTime() - hours * 3600_000);
    const old = Array.from({ length: 2_500 }, (_, n) => ({ requestId: `old:${n}`, seenAt: ago(24.1) }));
    await database.write(async (manager) => {
      for (let n = 0; n < old.length; n += 100) await manager.insert(SeenRequest, old.slice(n, n + 100));
      await manager.insert(SeenRequest, { requestId: 'iep:young', seenAt: ago(23.9) });
      for (const [keyHash, hours] of [
        ['old', 24.1],
        ['young', 23.9],
      ] as const)
        await manager.insert(Idempotency, {
          keyHash,
          inputHash: 'x',
          outcome: { ids: {}, errors: [] } as never,
          createdAt: ago(hours),
        });
    });
    await refresh().run();
    expect(logged.at(-1)).toEqual({ forgotten: 2_501 });
    expect(await world.read('SELECT request_id FROM seen_request')).toEqual([{ request_id: 'iep:young' }]);
    expect(await world.read('SELECT key_hash FROM idempotency')).toEqual([{ key_hash: 'young' }]);
  });

  test('what begins: the next case manager and the next jurisdiction count from their first day on', async () => {
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-14' WHERE id = 's2-a'");
    await world.insert('pub_assignment', {
      ...{ id: 's2-b', student_id: 's2', provider_id: 'prov-b', account_id: 'acct-prov-b', role: 'CASE_MANAGER' },
      valid_from: '2026-02-15',
    });
    await world.sql("UPDATE pub_jurisdiction SET end_date = '2026-02-14' WHERE id = 's6-j'");
    await world.insert('pub_jurisdiction', {
      ...{ id: 's6-k', student_id: 's6', lea_id: 'lea-1', school_id: 'school-1', selpa_id: 'selpa-1' },
      ...{ state_org_id: 'state-ca', begin_date: '2026-02-15', end_date: null },
    });
    const leaOf = async () => (await world.read("SELECT lea_id AS lea FROM student_fact WHERE id = 's6'"))[0]!.lea;
    // As their events would have had it computed.
    await world.write((session) => session.get(FactService).recompute(['s2', 's6']));
    expect([await managerOf('s2'), await leaOf()]).toEqual(['prov-a', 'lea-2']);
    // Nobody ran it for days: nothing in between is missed.
    world.clock.set(at('2026-02-20'));
    expect(await refresh().run()).toBe(2);
    expect([await managerOf('s2'), await leaOf()]).toEqual(['prov-b', 'lea-1']);
    expect(await computed()).toEqual(['s2', 's6']);
  });

  test('of several processes one takes the day; what one that died left is taken up when its lease has ended', async () => {
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-10' WHERE id = 's1-a'");
    world.clock.set(at('2026-02-11'));
    const results = await Promise.all([refresh().run(), refresh().run(), refresh().run()]);
    expect(results.filter((students) => students !== null)).toEqual([1]);

    world.clock.set(at('2026-02-12'));
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-11' WHERE id = 's2-a'");
    await world.write((session) =>
      session.get(FactRefreshRepository).claim('somebody', new Date(at('2026-02-12').getTime() + 300_000)),
    );
    expect(await refresh().run()).toBeNull();
    world.clock.set(at('2026-02-12', '20:05:01'));
    expect(await refresh().run()).toBe(1);
    expect(await managerOf('s2')).toBeNull();
  });

  test('a failure is logged, loses nothing and is made good by the next run', async () => {
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-10' WHERE id = 's1-a'");
    world.clock.set(at('2026-02-11'));
    await world.sql('ALTER TABLE pub_service RENAME TO away');
    const failing = refresh().start();
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await failing.stop();
    expect(errors).toEqual([{ err: expect.any(Error) }]);
    expect(await state()).toEqual({ through: null, owner: null, lease_until: null });
    await world.sql('ALTER TABLE away RENAME TO pub_service');
    expect(await refresh().run()).toBe(1);
    expect(await managerOf('s1')).toBeNull();
  });

  test('stopped, it ends after the chunk in hand and leaves the day to another process', async () => {
    await world.sql("UPDATE pub_assignment SET valid_to = '2026-02-10' WHERE id = 's1-a'");
    world.clock.set(at('2026-02-11'));
    const stopped = refresh();
    await stopped.stop();
    expect(await stopped.run()).toBe(1);
    expect([await managerOf('s1'), (await state())!.through]).toEqual(['prov-a', null]);
    expect(await refresh().run()).toBe(1);
    expect(await managerOf('s1')).toBeNull();
  });
});
