import { databaseUrls } from '../../../test/harness/databases';
import { ReportingWorld } from '../reporting.fixture';
import { writeReportingCalendar } from './reporting-calendar.service';
import { periodsOfYears, REPORTING_PERIODS } from './reporting-periods';

describe('SEIS-46 red windows by rule', () => {
  test('six weeks before the census day, and that day; federal counts open none, historic ones are not in the calendar', () => {
    const days = periodsOfYears(2026, 2026).map(({ id, stateOrgId, censusDay, redFrom, redTo }) => [
      id,
      stateOrgId,
      censusDay,
      redFrom,
      redTo,
    ]);
    expect(days).toEqual([
      ['CA-FALL1-2026', 'state-ca', '2026-10-07', '2026-08-26', '2026-10-07'],
      ['CA-EOY-2026', 'state-ca', '2026-06-30', '2026-05-19', '2026-06-30'],
      ['LA-OCT1-2026', 'state-la', '2026-10-01', '2026-08-20', '2026-10-01'],
      ['FED-618-2026', null, '2026-10-01', null, null],
    ]);
  });

  test('only periods of a state that are still counted open one', () => {
    for (const { stateId, historic, redWindowDays } of REPORTING_PERIODS)
      expect(redWindowDays !== null).toBe(stateId !== null && !historic);
  });
});

describe.each(databaseUrls())('SEIS-46 the report calendar on %s', (_engine, makeUrl) => {
  let world: ReportingWorld;
  beforeAll(async () => {
    world = await ReportingWorld.open(makeUrl);
  });
  afterAll(() => world?.database.close());

  const published = () => world.read('SELECT * FROM pub_reporting_period ORDER BY id');
  const write = () => writeReportingCalendar(world.database, world.clock);
  const asPublished = (first: number, last: number) =>
    periodsOfYears(first, last)
      .map(({ stateOrgId, censusDay, redFrom, redTo, ...rest }) => ({
        ...rest,
        state_org_id: stateOrgId,
        census_day: censusDay,
        red_from: redFrom,
        red_to: redTo,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));

  test('is published from last year to ten years ahead; writing it again, also twice at once, changes nothing', async () => {
    expect(await published()).toEqual([]);
    await Promise.all([write(), write()]);
    expect(await published()).toEqual(asPublished(2025, 2036));
    await write();
    expect(await published()).toEqual(asPublished(2025, 2036));
  });

  test('moves on with the years without a change of code; the past stays', async () => {
    world.clock.set(new Date('2029-03-01T20:00:00Z'));
    await write();
    expect(await published()).toEqual(asPublished(2025, 2039));
  });

  test('takes over what the rules say now: a changed day, a period that is no more', async () => {
    await world.sql("UPDATE reporting_period SET red_from = '2030-01-01', name = 'x' WHERE id = 'CA-EOY-2030'");
    await world.insert('reporting_period', {
      id: 'CA-OLD-2030',
      code: 'CA-OLD',
      name: 'Old',
      census_day: '2030-05-01',
    });
    await write();
    expect(await published()).toEqual(asPublished(2025, 2039));
  });
});
