import { FixedClock } from '../../platform/clock';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { CaseWork, OFFER, type Pupil, RIPON } from './case-work';

const { administrator, teacher } = RIPON;
const FALL_MEETING = '2026-10-20';
const SELECTION =
  'form { redWindow stateReportedFields } iep { redWindowOverrides { reason overriddenBy { displayName } } }';

/** The calendar of `reporting`, the state of `students` and the rule of `iep`, in the product as it starts. */
describe.each(databaseUrls())('V-015, SEIS-46 the red window through the gateway, on %s', (_engine, makeUrl) => {
  const clock = new FixedClock(new Date('2026-08-20T19:00:00Z'));
  let system: TestSystem;
  let work: CaseWork;
  let pupil: Pupil;
  let iepId: string;

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { clock });
    work = new CaseWork(system);
    pupil = await work.newCase(RIPON, '2026-08-01');
    const input = { studentId: pupil.id, kind: 'PART_B_INITIAL', plannedMeetingDate: FALL_MEETING };
    iepId = (await work.done(teacher, 'startIep', input, 'iep { id }')).iep.id;
    await work.saveForm(teacher, iepId, 'offer', OFFER);
  });
  afterAll(() => system?.stop());

  const save = async (who: string, over: object = {}) => {
    const version = await work.formVersion(teacher, iepId, 'OFFER');
    const input = { iepId, version, offer: { ...OFFER, primaryDisability: 'AUT' }, ...over };
    return work.act(who, 'saveIepForm', input, SELECTION);
  };

  test('before it the teacher writes; in it the district administrator, with a reason; after it everybody again', async () => {
    expect((await save(teacher, { offer: OFFER })).form).toMatchObject({ redWindow: false });

    clock.set(new Date('2026-09-15T19:00:00Z'));
    const red = await work.see(teacher, 'query($id: ID!) { iep(id: $id) { forms { kind redWindow } } }', { id: iepId });
    expect(red.iep.forms).toContainEqual({ kind: 'OFFER', redWindow: true });
    for (const refused of [
      await save(teacher),
      await save(teacher, { overrideReason: 'Because.' }),
      await save(administrator),
    ])
      expect(refused.errors).toMatchObject([
        { code: 'V-015', severity: 'ERROR', path: ['offer', 'primaryDisability'] },
      ]);
    const { errors, iep } = await save(administrator, { overrideReason: 'The new evaluation.' });
    expect(errors).toMatchObject([{ code: 'V-015', severity: 'WARNING' }]);
    expect(iep.redWindowOverrides).toMatchObject([{ reason: 'The new evaluation.' }]);
    expect(iep.redWindowOverrides[0].overriddenBy.displayName).toBeTruthy();

    clock.set(new Date('2026-10-08T19:00:00Z'));
    expect(await save(teacher, { offer: OFFER })).toMatchObject({ errors: [], form: { redWindow: false } });
  });
});
