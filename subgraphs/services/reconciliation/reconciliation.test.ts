import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrls } from '../../../test/harness/databases';
import { ServicesFixture, TODAY } from '../services.fixture';
import type { TerminationReason } from '../service/service.enums';

const service = (id: string, code: string, more: object = {}) => ({
  ...{ id, code, state: 'ACTIVE' as const, frequency: 'WEEKLY' as const, minutes: 60, delivery: 'GROUP' as const },
  ...{ startDate: '2025-09-01', ...more },
});
const ended = (terminationReason: TerminationReason) => ({
  ...{ state: 'TERMINATED' as const, endDate: '2026-02-01', terminationReason },
});

describe.each(databaseUrls())('serviceReconciliation on %s', (_engine, makeUrl) => {
  let graph: ServicesFixture;
  beforeAll(async () => {
    graph = await ServicesFixture.open(await makeUrl(mkdtempSync(join(tmpdir(), 'services-'))));
  });
  afterAll(() => graph?.database.close());
  const ask = async (username: string, ...iepIds: string[]) => {
    const query =
      'query($r: [_Any!]!) { _entities(representations: $r) { ... on Iep { serviceReconciliation {' +
      ' withoutRow { code } withoutPlan { code } alerts { code message severity } } } } }';
    const { data, errors } = await graph.call(username, query, {
      r: iepIds.map((id) => ({ __typename: 'Iep', id })),
    });
    if (errors) throw new Error(JSON.stringify(errors));
    return data._entities.map((row: { serviceReconciliation: unknown }) => row.serviceReconciliation);
  };

  test('SER-98 SER-99 SER-101 V-071 after a claim the difference list says what is still to be entered by hand', async () => {
    const iepId = 'claim-plan';
    await graph.student('claim', 'ripon', {
      services: [
        service('claim-1', '415', { iepId, ...ended('MOVED') }),
        service('claim-2', '450', { iepId, ...ended('MOVED') }),
      ],
    });
    await graph.plan(iepId, 'claim', 'CURRENT');
    await graph.write((session) => graph.claim(session, 'claim', 'ripon', 'manteca', '2026-02-05'));
    const add = (code: string) =>
      graph.mutate(
        'district.manteca',
        'addService',
        {
          ...{ studentId: 'claim', code, frequency: 'WEEKLY', minutes: 60, delivery: 'GROUP', startDate: TODAY },
        },
        'service { id }',
      );
    expect(await ask('district.manteca', iepId)).toMatchObject([
      { withoutRow: [{ code: '450' }, { code: '415' }], withoutPlan: [] },
    ]);
    await add('415');
    await add('425');
    expect(await ask('district.manteca', iepId)).toEqual([
      {
        withoutRow: [{ code: '450' }],
        withoutPlan: [{ code: '425' }],
        alerts: [
          { code: 'V-071', severity: 'ALERT', message: expect.stringMatching(/plan lists Occupational therapy/) },
          { code: 'V-071', severity: 'ALERT', message: expect.stringMatching(/^Adapted physical education is deliv/) },
        ],
      },
    ]);
    await add('450');
    expect(await ask('district.manteca', iepId)).toMatchObject([{ withoutRow: [], withoutPlan: [{ code: '425' }] }]);
    // The former district sees half of it, and is told nothing rather than something wrong.
    expect(await ask('district.ripon', iepId)).toEqual([null]);
  });

  test('SER-98 a plan whose services are delivered has no difference; one not in force has no answer', async () => {
    await graph.student('agree', 'ripon', {
      services: [
        service('agree-1', '415', { iepId: 'agree-plan' }),
        service('agree-2', '330', { iepId: 'agree-plan', ...ended('EXITED_SPED') }),
        service('agree-3', '450', { iepId: 'agree-draft', state: 'PROPOSED' }),
      ],
    });
    await graph.plan('agree-plan', 'agree', 'CURRENT');
    await graph.plan('agree-draft', 'agree', 'DRAFT');
    const none = { withoutRow: [], withoutPlan: [], alerts: [] };
    expect(await ask('district.ripon', 'agree-plan', 'agree-draft', 'nothing')).toEqual([none, null, null]);
    expect(await ask('district.manteca', 'agree-plan')).toEqual([null]);
  });

  test('SEIS-79 V-071 a current plan without agreement is not in force: the plan that was agreed to before is compared', async () => {
    const ids = ['stay-before', 'stay-plan', 'stay-offer'] as const;
    await graph.student('stay', 'ripon', {
      services: [
        service('stay-1', '415', { iepId: 'stay-plan' }),
        service('stay-2', '450', { iepId: 'stay-offer', state: 'PROPOSED' }),
      ],
    });
    await graph.plan('stay-before', 'stay', 'HISTORY', null, null, true, '2024-02-01 10:00:00');
    await graph.plan('stay-plan', 'stay', 'HISTORY');
    await graph.plan('stay-offer', 'stay', 'CURRENT', null, null, false);
    expect(await ask('district.ripon', ...ids)).toEqual([null, { withoutRow: [], withoutPlan: [], alerts: [] }, null]);
  });

  test('SER-99 V-071 signed after another LEA took over, what the former one proposed is said to be added', async () => {
    const [offer, signed] = ['taken-offer', 'taken-signed'];
    await graph.student('taken', 'ripon', {
      services: [service('taken-1', '415', { iepId: offer, state: 'PROPOSED' })],
    });
    await graph.plan(offer, 'taken', 'CLOSED_NO_AGREEMENT');
    await graph.write((session) => graph.claim(session, 'taken', 'ripon', 'manteca', '2026-02-05'));
    await graph.plan(signed, 'taken', 'CURRENT', null, offer);
    const affirmed = {
      iepId: signed,
      kind: 'ANNUAL',
      meetingDate: TODAY,
      affirmedOn: TODAY,
      initial: true,
      agreed: true,
    };
    await graph.deliver('iep.affirmed', 'taken', { ...affirmed, agreedOn: TODAY, previousIepId: null, eligible: true });
    expect(await ask('district.manteca', signed)).toMatchObject([
      { withoutRow: [{ code: '415' }], withoutPlan: [], alerts: [{ code: 'V-071' }] },
    ]);
  });

  test('many plans take one statement of each table', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `many-${i}`);
    for (const id of ids) {
      await graph.student(id, 'ripon', { services: [service(`${id}-s`, '415', { iepId: `${id}-plan` })] });
      await graph.plan(`${id}-plan`, id, 'CURRENT');
    }
    const work = () => ask('district.ripon', ...ids.map((id) => `${id}-plan`));
    expect(await work()).toHaveLength(30);
    expect(await graph.statements('pub_iep', work)).toBe(1);
    expect(await graph.statements('student_service', work)).toBe(2);
  });
});
