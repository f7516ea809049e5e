import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';

const DISTRICT = 'district.ripon';

describe.each(databaseUrls())(
  'C.5 what late agreements and reactivated plans do to services on %s',
  (_engine, makeUrl) => {
    let graph: ServicesFixture;
    let count = 0;
    let studentId: string;
    beforeAll(async () => {
      graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'plan-effects-'))));
    });
    afterAll(() => graph?.database.close());
    beforeEach(async () => {
      studentId = `effect${++count}`;
      await graph.student(studentId);
    });

    const planId = (name: string) => `${studentId}-${name}`;
    const plan = (name: string, state: string, parent: string | null = null, reactivates: string | null = null) =>
      graph.plan(planId(name), studentId, state, parent && planId(parent), reactivates && planId(reactivates));
    const propose = async (name: string, code: string, over: object = {}) => {
      const terms = { code, frequency: 'WEEKLY', minutes: 60, delivery: 'INDIVIDUAL', startDate: '2026-01-05' };
      const added = await graph.mutate(
        DISTRICT,
        'addService',
        { studentId, iepId: planId(name), ...terms, ...over },
        'service { id state }',
      );
      expect(added.service.state).toBe('PROPOSED');
      return added.service.id as string;
    };
    const affirmed = (name: string, previous: string | null, over: object = {}) =>
      graph.deliver('iep.affirmed', studentId, {
        iepId: planId(name),
        previousIepId: previous && planId(previous),
        kind: 'ANNUAL',
        meetingDate: '2026-02-01',
        affirmedOn: TODAY,
        initial: false,
        agreed: true,
        eligible: true,
        ...over,
      });
    /** Code, state and days of all services, the earliest first. */
    const services = async () => {
      const rows = (await graph.ofStudent(DISTRICT, studentId, 'services { code state startDate endDate }')).services;
      return (rows as Record<string, string | null>[])
        .map(({ code, state, startDate, endDate }) => [code, state, startDate, endDate].join(' ').trim())
        .sort();
    };
    const listedIn = async (...names: string[]) => {
      const { data } = await graph.call(
        DISTRICT,
        'query($r: [_Any!]!) { _entities(representations: $r) { ... on Iep { services { code state } } } }',
        { r: names.map((name) => ({ __typename: 'Iep', id: planId(name) })) },
      );
      return data._entities.map(({ services: listed }: any) =>
        listed.map((row: any) => `${row.code} ${row.state}`).sort(),
      );
    };

    test('C.2 SIRAS-42 a late agreement: what it orders begins with the agreement, what it replaces ends the day before', async () => {
      await plan('first', 'IN_REVIEW');
      await propose('first', '415');
      await propose('first', '450');
      await affirmed('first', null);
      await plan('change', 'AMENDED_DRAFT', 'first');
      await propose('change', '415', { minutes: 90, startDate: '2026-01-20' });
      await propose('change', '425', { startDate: '2026-03-01' });
      await affirmed('change', 'first', { kind: 'AMENDMENT', agreedOn: '2026-02-06' });
      expect(await services()).toEqual([
        '415 ACTIVE 2026-02-06',
        '415 TERMINATED 2026-01-05 2026-02-05',
        '425 ACTIVE 2026-03-01',
        '450 ACTIVE 2026-01-05',
      ]);
      expect(await listedIn('change')).toEqual([['415 ACTIVE', '425 ACTIVE', '450 ACTIVE']]);
    });

    test('C.2 a reactivated plan: active services go on, once; a corrected one gives way to its correction', async () => {
      await plan('first', 'IN_REVIEW');
      await propose('first', '415');
      await propose('first', '450');
      await affirmed('first', null);
      await plan('again', 'IN_REVIEW', null, 'first');
      await propose('again', '450', { minutes: 30, startDate: '2026-02-09' });
      await affirmed('again', 'first');
      expect(await services()).toEqual([
        '415 ACTIVE 2026-01-05',
        '450 ACTIVE 2026-02-09',
        '450 TERMINATED 2026-01-05 2026-02-08',
      ]);
      expect(await listedIn('again', 'first')).toEqual([
        ['415 ACTIVE', '450 ACTIVE'],
        ['415 ACTIVE', '450 TERMINATED'],
      ]);
      // And again: nothing is doubled, nothing lost.
      await plan('third', 'IN_REVIEW', null, 'again');
      await affirmed('third', 'again');
      expect((await services()).filter((row) => row.includes('ACTIVE'))).toEqual([
        '415 ACTIVE 2026-01-05',
        '450 ACTIVE 2026-02-09',
      ]);
      expect(await listedIn('third')).toEqual([['415 ACTIVE', '450 ACTIVE']]);
    });

    test('C.2 SEIS-79 reactivated without agreement: proposals pass on and begin when it is agreed; the plan before then ends', async () => {
      await plan('before', 'IN_REVIEW');
      await propose('before', '415');
      await propose('before', '330');
      await affirmed('before', null);
      await plan('offer', 'IN_REVIEW');
      await propose('offer', '415', { minutes: 90, startDate: '2026-02-01' });
      await propose('offer', '450', { startDate: '2026-02-01' });
      await affirmed('offer', 'before', { agreed: false });
      await plan('again', 'IN_REVIEW', null, 'offer');
      expect(await listedIn('again')).toEqual([['415 PROPOSED', '450 PROPOSED']]);
      await propose('again', '450', { minutes: 30, startDate: '2026-02-03' });
      // Ordered anew it gives way already in the draft.
      expect(await listedIn('again', 'offer')).toEqual([
        ['415 PROPOSED', '450 PROPOSED'],
        ['415 PROPOSED', '450 PROPOSED'],
      ]);
      await affirmed('again', 'before', { agreed: false });
      expect(await services()).toEqual([
        '330 ACTIVE 2026-01-05',
        '415 ACTIVE 2026-01-05',
        '415 PROPOSED 2026-02-01',
        '450 PROPOSED 2026-02-03',
        '450 TERMINATED 2026-02-01 2026-02-09',
      ]);
      await plan('third', 'IN_REVIEW', null, 'again');
      await affirmed('third', 'before');
      expect(await services()).toEqual([
        '330 TERMINATED 2026-01-05 2026-02-09',
        '415 ACTIVE 2026-02-01',
        '415 TERMINATED 2026-01-05 2026-01-31',
        '450 ACTIVE 2026-02-03',
        '450 TERMINATED 2026-02-01 2026-02-09',
      ]);
      expect(await listedIn('third')).toEqual([['415 ACTIVE', '450 ACTIVE']]);
    });

    test('C.2 a reactivated amendment carries on what the amendment carried', async () => {
      await plan('first', 'IN_REVIEW');
      await propose('first', '415');
      await affirmed('first', null);
      await plan('change', 'AMENDED_DRAFT', 'first');
      await propose('change', '450');
      await affirmed('change', 'first', { kind: 'AMENDMENT' });
      await plan('again', 'IN_REVIEW', 'first', 'change');
      expect(await listedIn('again')).toEqual([['415 ACTIVE', '450 ACTIVE']]);
      await affirmed('again', 'change', { kind: 'AMENDMENT' });
      expect(await services()).toEqual(['415 ACTIVE 2026-01-05', '450 ACTIVE 2026-01-05']);
      expect(await listedIn('again')).toEqual([['415 ACTIVE', '450 ACTIVE']]);
    });

    test('V-007 SEIS-79 a continuation of an unagreed plan shows and takes over what that proposed', async () => {
      await plan('offer', 'IN_REVIEW');
      await propose('offer', '415');
      await propose('offer', '450');
      await affirmed('offer', null, { agreed: false });
      await plan('more', 'DRAFT', 'offer');
      await propose('more', '450', { minutes: 30, startDate: '2026-02-09' });
      expect(await listedIn('more')).toEqual([['415 PROPOSED', '450 PROPOSED']]);
      await affirmed('more', null);
      expect(await services()).toEqual([
        '415 ACTIVE 2026-01-05',
        '450 ACTIVE 2026-02-09',
        '450 TERMINATED 2026-01-05 2026-02-09',
      ]);
      expect(await listedIn('more')).toEqual([['415 ACTIVE', '450 ACTIVE']]);
    });

    test('SEIS-43 C.5 a discarded draft: what it proposed is withdrawn, and nothing else', async () => {
      await plan('first', 'IN_REVIEW');
      await propose('first', '415');
      await affirmed('first', null);
      await plan('mistake', 'AMENDED_DRAFT', 'first');
      await propose('mistake', '415', { minutes: 90 });
      await propose('mistake', '450', { startDate: '2026-03-01' });
      await graph.deliver('iep.discarded', studentId, { iepId: planId('mistake') });
      expect(await services()).toEqual([
        '415 ACTIVE 2026-01-05',
        '415 TERMINATED 2026-01-05 2026-02-10',
        '450 TERMINATED 2026-03-01 2026-02-10',
      ]);
      await plan('gone', 'DISCARDED');
      const terms = { code: '415', frequency: 'WEEKLY', minutes: 60, delivery: 'INDIVIDUAL', startDate: TODAY };
      const input = { studentId, iepId: planId('gone'), ...terms };
      const late = await graph.mutate(DISTRICT, 'addService', input, 'service { id }');
      expect(late.errors).toMatchObject([{ code: 'V-014', message: expect.stringContaining('startIep') }]);
    });

    test('C.5 a plan of its own still ends what it does not order', async () => {
      await plan('first', 'IN_REVIEW');
      await propose('first', '415');
      await affirmed('first', null);
      await plan('next', 'IN_REVIEW');
      await affirmed('next', 'first');
      expect(await services()).toEqual(['415 TERMINATED 2026-01-05 2026-02-09']);
    });
  },
);
