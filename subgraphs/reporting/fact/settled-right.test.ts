import { AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { databaseUrls } from '../../../test/harness/databases';
import { rebuildFacts } from '../index';
import { principal, ReportingWorld, TODAY } from '../reporting.fixture';

const GRANTEE = 'STATE:state-ca';
const TOMORROW = '2026-02-11';
const state = principal({
  subject: 'acct-d',
  level: 'state',
  grants: [{ relation: 'JURISDICTION', grantee: GRANTEE }],
});

describe.each(databaseUrls())('A-57 the copy of a state’s right in the read model on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  beforeEach(async () => {
    world = await ReportingWorld.open(makeUrl);
    await right((access) => access.open(opened('s1'), opened('s2')));
    await rebuildFacts(world.database, world.clock);
  });
  afterEach(() => world?.database.close());

  const opened = (studentId: string, over: object = {}) => ({
    studentId,
    grantee: GRANTEE,
    relation: 'JURISDICTION' as const,
    leaId: 'lea-1',
    validFrom: '2020-01-01',
    ...over,
  });
  const right = (work: (access: AccessWriter, session: Session) => Promise<void>): Promise<void> =>
    world.write((session) => work(session.get(AccessWriter), session));
  const settled = async (): Promise<unknown[]> =>
    (await world.read('SELECT id FROM student_fact WHERE settled_for IS NOT NULL ORDER BY id')).map(({ id }) => id);
  /** Whom the state counts, and whom it lists. */
  const counted = async (as = state): Promise<unknown> => {
    const { data } = await world.call(
      `{ childCount(on: "${TODAY}", groupBy: [LEA]) { total }
         studentWorklist(first: 25, orderBy: NAME, filter: {}) { nodes { student { id } } } }`,
      {},
      as,
    );
    const listed = data.studentWorklist.nodes.map(({ student }: { student: { id: string } }) => student.id);
    return [data.childCount.total, listed];
  };

  test('tells an open right without a last day, and no other', async () => {
    await right((access) =>
      access.open(
        opened('s3', { validTo: TOMORROW }),
        opened('s4', { validFrom: TOMORROW }),
        opened('s5', { relation: 'REPORTING' }),
        opened('s6', { grantee: 'STATE:state-la' }),
      ),
    );
    await rebuildFacts(world.database, world.clock);
    expect(await settled()).toEqual(['s1', 's2', 's6']);
    // Whom no copy tells of is asked for; the copy is of one state.
    expect(await counted()).toEqual([3, ['s1', 's2', 's3']]);
  });

  test('a right that was taken away takes it along in the same transaction, and no event is waited for', async () => {
    await right((access) => access.revoke({ studentId: 's1', grantee: GRANTEE }));
    expect(await settled()).toEqual(['s2']);
    expect(await counted()).toEqual([1, ['s2']]);
  });

  test('so does one that gets a last day, and one that is removed', async () => {
    await right((access) => access.close({ studentId: 's1', grantee: GRANTEE }, '2026-02-09'));
    await world.sql("DELETE FROM student_access WHERE student_id = 's2' AND grantee = ?", [GRANTEE]);
    expect(await settled()).toEqual([]);
    expect(await counted()).toEqual([0, []]);
  });

  test('what is rolled back leaves it', async () => {
    const failed = right(async (access) => {
      await access.revoke({ studentId: 's1' });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await settled()).toEqual(['s1', 's2']);
  });

  test('is nothing before its first day, to another state, in another relation, or under outdated rights', async () => {
    await world.sql("UPDATE student_fact SET settled_from = ? WHERE id = 's1'", [TOMORROW]);
    await world.sql('DELETE FROM student_access WHERE grantee = ?', [GRANTEE]);
    await world.sql("UPDATE student_fact SET settled_for = ? WHERE id IN ('s1', 's2')", [GRANTEE]);
    expect(await counted()).toEqual([1, ['s2']]);
    const { grants } = state;
    expect(await counted({ ...state, grants: [{ ...grants[0]!, grantee: 'STATE:state-la' }] })).toEqual([0, []]);
    expect(await counted({ ...state, grants: [{ ...grants[0]!, relation: 'REPORTING' }] })).toEqual([0, []]);
    expect(await counted({ ...state, grants: [{ ...grants[0]!, exceptLeas: ['lea-1'] }] })).toEqual([0, []]);
    await world.write((session) => bumpEpoch(session, 'acct-d'));
    const { errors } = await world.call('{ childCount(on: "2026-02-10", groupBy: [LEA]) { total } }', {}, state);
    expect(errors[0].extensions.code).toBe('STALE_PRINCIPAL');
  });
});
