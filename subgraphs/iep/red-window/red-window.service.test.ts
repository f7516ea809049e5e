import { scopeComment } from '../../../platform/database/guard';
import type { Principal } from '../../../platform/principal/principal';
import { databaseUrls } from '../../../test/harness/databases';
import { loadIeps } from '../document/load-ieps';
import { STATE_REPORTED } from '../form/form-content';
import {
  caseManager,
  codes,
  dataWriter,
  district,
  former,
  IepGraph,
  LEVELS,
  NOTES,
  OFFER,
  provider,
  TEAM,
} from '../iep.fixture';

/** What `reporting` publishes for 2026; its own tests prove these days. */
const PERIODS = [
  ['CA-EOY', 'CALPADS end of year', 'state-ca', '2026-06-30', '2026-05-19'],
  ['CA-FALL1', 'CALPADS Fall 1', 'state-ca', '2026-10-07', '2026-08-26'],
  ['LA-OCT1', 'October 1 IDEA child count', 'state-la', '2026-10-01', '2026-08-20'],
  ['FED-618', 'IDEA section 618 child count', null, '2026-10-01', null],
] as const;
const IN_WINDOW = '2026-09-15';
const REPORT_DATE = '2026-10-07';
const AFTER = '2026-10-14';
const REASON = 'The evaluation of last week found another disability; the state asked for it now.';
const CHANGED = { ...OFFER, primaryDisability: 'AUT' };
const SELECTION = 'form { version redWindow ... on OfferForm { primaryDisability } } iep { version }';

describe.each(databaseUrls())('the red window on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  const today = (day: string) => graph.clock.set(new Date(`${day}T19:00:00Z`));
  const newStudent = (stateId?: string) => graph.student(`red${++count}`, undefined, stateId);

  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
    await graph.write(async (session) => {
      for (const [code, name, state_org_id, census_day, red_from] of PERIODS) {
        const red_to = red_from && census_day;
        await graph.row(
          'pub_reporting_period',
          { id: `${code}-2026`, code, name, state_org_id, census_day, red_from, red_to },
          session,
        );
      }
    });
  });
  afterAll(() => graph?.database.close());
  beforeEach(() => today(IN_WINDOW));

  /** A draft with its offer written before the window, its meeting planned for a day (null: not known). */
  async function draft(plannedMeetingDate: string | null = AFTER, stateId?: string): Promise<string> {
    today('2026-07-20');
    const input = { studentId: await newStudent(stateId), kind: 'PART_B_INITIAL', plannedMeetingDate };
    const { iep } = await graph.mutate('startIep', input);
    await graph.save(iep.id, 'offer', OFFER);
    today(IN_WINDOW);
    return iep.id as string;
  }
  const form = async (iepId: string, kind = 'OFFER', as?: Principal) =>
    (await graph.iep(iepId, 'forms { kind version redWindow stateReportedFields }', as)).forms.find(
      (one: { kind: string }) => one.kind === kind,
    );
  async function save(iepId: string, over: object, as?: Principal, kind = 'OFFER') {
    const { version } = (await form(iepId, kind)) ?? { version: null };
    return graph.mutate('saveIepForm', { iepId, version, ...over }, SELECTION, as);
  }
  const overrides = async (iepId: string, as?: Principal) =>
    (
      await graph.iep(
        iepId,
        'redWindowOverrides { form fields reason periodCode reportDate overriddenAt overriddenBy { id } }',
        as,
      )
    ).redWindowOverrides;
  const stored = async (iepId: string) =>
    (await graph.iep(iepId, 'version forms { kind version ... on OfferForm { primaryDisability } }')) as object;

  describe('SEIS-45, SEIS-46 highlights', () => {
    test('every form names its state-reported fields; they are red while a change is too early for the meeting', async () => {
      const iepId = await draft();
      for (const { kind, redWindow, stateReportedFields } of (
        await graph.iep(iepId, 'forms { kind redWindow stateReportedFields }')
      ).forms as { kind: keyof typeof STATE_REPORTED; redWindow: boolean; stateReportedFields: string[] }[]) {
        expect([kind, redWindow, stateReportedFields]).toEqual([kind, true, STATE_REPORTED[kind]]);
      }
      expect((await form(await draft(null))).redWindow).toBe(true);
      expect((await form(await draft(REPORT_DATE))).redWindow).toBe(false);
    });

    test.each([
      ['2026-08-25', false],
      ['2026-08-26', true],
      [REPORT_DATE, true],
      ['2026-10-08', false],
      ['2026-06-30', true],
      ['2026-07-01', false],
    ])('V-015 SEIS-46 on %s the window is open: %s', async (day, open) => {
      const iepId = await draft();
      today(day);
      expect((await form(iepId)).redWindow).toBe(open);
      const { errors, form: saved } = await save(iepId, { offer: CHANGED });
      expect(codes({ errors })).toEqual(open ? ['V-015'] : []);
      expect(saved?.primaryDisability).toBe(open ? undefined : 'AUT');
    });

    test('SEIS-46 the last day is the one of the student’s time zone', async () => {
      const iepId = await draft();
      graph.clock.set(new Date('2026-10-08T06:00:00Z'));
      expect(codes(await save(iepId, { offer: CHANGED }))).toEqual(['V-015']);
      graph.clock.set(new Date('2026-10-08T08:00:00Z'));
      expect(codes(await save(iepId, { offer: CHANGED }))).toEqual([]);
    });

    test('SEIS-46 another state’s report date closes nothing, and a period without state nobody’s fields', async () => {
      const louisiana = await draft(AFTER, 'state-la');
      today('2026-06-10');
      expect((await form(louisiana)).redWindow).toBe(false);
      expect(codes(await save(louisiana, { offer: CHANGED }))).toEqual([]);
      today(IN_WINDOW);
      expect((await form(louisiana)).redWindow).toBe(true);
      const [error] = (await save(louisiana, { offer: OFFER })).errors;
      expect(error.message).toContain('2026-10-01 (October 1 IDEA child count)');
      const newYork = await draft(AFTER, 'state-ny');
      expect((await form(newYork)).redWindow).toBe(false);
      expect(codes(await save(newYork, { offer: CHANGED }))).toEqual([]);
    });

    test('SEIS-46 whole lists cost one statement for the periods and one for the states', async () => {
      const ids = [await draft(), await draft(null), await draft(AFTER, 'state-ny')];
      const seen: string[] = [];
      const stop = graph.database.guard.listen((sql) => seen.push(sql));
      const { data } = await graph.call(
        'query($r: [_Any!]!) { _entities(representations: $r) { ... on Iep { forms { redWindow } } } }',
        { r: ids.map((id) => ({ __typename: 'Iep', id })) },
      );
      stop();
      expect(data._entities.map(({ forms }: { forms: { redWindow: boolean }[] }) => forms[0]!.redWindow)).toEqual([
        true,
        true,
        false,
      ]);
      expect(seen.filter((sql) => /pub_reporting_period|pub_jurisdiction/.test(sql))).toHaveLength(2);
    });
  });

  describe('V-015, SEIS-46 state-reported fields in the red window', () => {
    test('a change for a meeting after the report date is refused by field; nothing is saved and no version counts up', async () => {
      const iepId = await draft();
      const before = await stored(iepId);
      const payload = await save(iepId, { offer: { ...CHANGED, percentInsideRegularClass: 90 } });
      expect(payload.form).toBeNull();
      expect(payload.errors).toEqual(
        ['percentInsideRegularClass', 'primaryDisability'].map((field) => ({
          code: 'V-015',
          severity: 'ERROR',
          path: ['offer', field],
          message: expect.stringMatching(/2026-10-07 \(CALPADS Fall 1\).*district administrator/),
        })),
      );
      expect(await stored(iepId)).toEqual(before);
      expect(await overrides(iepId)).toEqual([]);
    });

    test('fields that are not reported, and reported ones that stay as they are, are free', async () => {
      const iepId = await draft();
      for (const content of [
        { offer: { ...OFFER, fapeStatement: 'Written anew.', offers: ['Another offer.'] } },
        { offer: { ...OFFER, secondaryDisability: null } },
      ])
        expect(codes(await save(iepId, content))).toEqual([]);
      expect(codes(await save(iepId, { presentLevels: LEVELS }, undefined, 'PRESENT_LEVELS'))).toEqual([]);
      expect(codes(await save(iepId, { notes: NOTES }, undefined, 'NOTES'))).toEqual([]);
      expect(codes(await save(iepId, { participants: TEAM }, undefined, 'PARTICIPANTS'))).toEqual([]);
    });

    test('the signature and the site are reported as well: also when their form is added or taken off', async () => {
      const iepId = await draft();
      const participants = { ...TEAM, signature: { outcome: 'AGREE_ALL', signedOn: IN_WINDOW } };
      const paths = (payload: { errors: { path: string[] }[] }) => payload.errors.map((error) => error.path);
      expect(paths(await save(iepId, { participants }, undefined, 'PARTICIPANTS'))).toEqual([
        ['participants', 'signature'],
      ]);
      const siteDetermination = { site: 'Weston Elementary', reason: 'Near home.' };
      const add = () => save(iepId, { siteDetermination }, undefined, 'SITE_DETERMINATION');
      expect(paths(await add())).toEqual([['siteDetermination', 'site']]);
      expect(codes(await save(iepId, { siteDetermination: {} }, undefined, 'SITE_DETERMINATION'))).toEqual([]);
      today('2026-07-20');
      expect(codes(await add())).toEqual([]);
      today(IN_WINDOW);
      expect(paths(await graph.mutate('saveIepForm', { iepId, remove: 'SITE_DETERMINATION' }))).toEqual([['remove']]);
      expect(await form(iepId, 'SITE_DETERMINATION')).toBeDefined();
    });

    test('a meeting by the report date is free, planned or held; an unknown day is a warning, and the change is saved', async () => {
      expect(codes(await save(await draft(REPORT_DATE), { offer: CHANGED }))).toEqual([]);
      const held = await draft(AFTER);
      const { version } = await graph.iep(held, 'version');
      await graph.mutate('holdMeeting', { iepId: held, version, meetingDate: IN_WINDOW, ...TEAM_OF });
      expect((await form(held)).redWindow).toBe(false);
      expect(codes(await save(held, { offer: CHANGED }))).toEqual([]);

      const unknown = await draft(null);
      const { errors, form: saved } = await save(unknown, { offer: CHANGED });
      expect(errors).toMatchObject(
        [{ code: 'V-015', severity: 'WARNING', path: ['offer', 'primaryDisability'], message: /Plan the meeting/ }].map(
          (error) => ({ ...error, message: expect.stringMatching(error.message) }),
        ),
      );
      expect(saved).toMatchObject({ primaryDisability: 'AUT', redWindow: true });
      const again = await save(unknown, { offer: OFFER, overrideReason: REASON }, district);
      expect(again.errors[0].message).toMatch(/Plan the meeting/);
      expect(await overrides(unknown)).toEqual([]);
    });

    test('an amendment keeps the date of its team meeting; its own session counts when it is planned for later', async () => {
      const studentId = await newStudent();
      const [parent] = await graph.write((session) =>
        loadIeps(session, [
          {
            studentId,
            state: 'CURRENT',
            kind: 'ANNUAL',
            openedOn: '2026-02-01',
            meetingDate: '2026-02-10',
            affirmed: { at: new Date('2026-02-11T17:00:00Z'), on: '2026-02-11', byId: 'acct-cm', byName: 'C. Manager' },
            forms: { offer: OFFER as object },
          },
        ]),
      );
      expect((await form(parent!)).redWindow).toBe(false);
      const { iep } = await graph.mutate('amendIep', { iepId: parent });
      expect(codes(await save(iep.id, { offer: CHANGED }))).toEqual([]);
      const amendment = { contactedOn: IN_WINDOW };
      expect(codes(await save(iep.id, { amendment }, undefined, 'AMENDMENT'))).toEqual([]);
      const { version } = await graph.iep(iep.id, 'version');
      await graph.mutate('planMeeting', { iepId: iep.id, version, plannedMeetingDate: AFTER });
      expect(codes(await save(iep.id, { offer: OFFER }))).toEqual(['V-015']);
      expect(codes(await save(iep.id, { amendment: {} }, undefined, 'AMENDMENT'))).toEqual(['V-015']);
    });

    test('who edits on an outdated version is told so first, and by CONFLICT', async () => {
      const iepId = await draft();
      const answer = await graph.tryMutate('saveIepForm', { iepId, version: 1, offer: CHANGED });
      expect(answer.errors![0]!.extensions.code).toBe('CONFLICT');
      const missing = await graph.tryMutate('saveIepForm', { iepId, offer: CHANGED });
      expect(missing.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    });

    test('V-014 affirmed documents answer as always', async () => {
      const iepId = await draft();
      const run = (sql: string) => graph.write((s) => s.manager.query(scopeComment('system:test') + sql, [iepId]));
      await run("UPDATE iep SET state = 'HISTORY', future_of = NULL WHERE id = ?");
      expect((await form(iepId)).redWindow).toBe(false);
      expect(codes(await save(iepId, { offer: CHANGED }))).toEqual(['V-014']);
    });
  });

  describe('V-015, SEIS-46 the override', () => {
    test.each<[string, Principal]>([
      ['DISTRICT_ADMIN', district],
      ['SEDS_COORDINATOR', { ...district, role: 'SEDS_COORDINATOR' }],
      ['DATA_WRITER', dataWriter],
    ])('%s overrides with a reason: saved with a warning, and on record for good', async (_role, who) => {
      const iepId = await draft(AFTER, who === dataWriter ? 'state-la' : undefined);
      expect(codes(await save(iepId, { offer: CHANGED }, who))).toEqual(['V-015']);
      expect(codes(await save(iepId, { offer: CHANGED, overrideReason: ' \n ' }, who))).toEqual(['V-015']);
      const { errors, form: saved } = await save(iepId, { offer: CHANGED, overrideReason: ` ${REASON} ` }, who);
      expect(errors).toEqual([
        {
          code: 'V-015',
          severity: 'WARNING',
          path: ['offer', 'primaryDisability'],
          message: expect.stringContaining('the override is on record'),
        },
      ]);
      expect(saved.primaryDisability).toBe('AUT');
      expect(await overrides(iepId, caseManager())).toEqual([
        {
          form: 'OFFER',
          fields: ['primaryDisability'],
          reason: REASON,
          periodCode: who === dataWriter ? 'LA-OCT1' : 'CA-FALL1',
          reportDate: who === dataWriter ? '2026-10-01' : REPORT_DATE,
          overriddenAt: `${IN_WINDOW}T19:00:00.000Z`,
          overriddenBy: { id: who.subject },
        },
      ]);
      for (const sql of [
        "UPDATE red_window_override SET reason = 'x' WHERE iep_id = ?",
        'DELETE FROM red_window_override WHERE iep_id = ?',
      ]) {
        const run = graph.write((session) => session.manager.query(scopeComment('system:test') + sql, [iepId]));
        await expect(run).rejects.toThrow('an override is on record for good');
      }
    });

    test.each<[string, Principal]>([
      ['case manager', caseManager()],
      ['provider', provider],
      ['SELPA administrator', { ...district, role: 'SELPA_ADMIN', level: 'selpa' }],
      ['SIS coordinator', { ...district, role: 'SIS_COORDINATOR' }],
    ])('the reason of a %s is refused', async (_role, who) => {
      const iepId = await draft();
      const before = await stored(iepId);
      const { errors } = await save(iepId, { offer: CHANGED, overrideReason: REASON }, who);
      expect(errors).toMatchObject([{ code: 'V-015', severity: 'ERROR', path: ['offer', 'primaryDisability'] }]);
      expect(await stored(iepId)).toEqual(before);
      expect(await overrides(iepId)).toEqual([]);
    });

    test('a reason where nothing is to be overridden records nothing; an over-long one is refused', async () => {
      const iepId = await draft();
      expect(codes(await save(iepId, { offer: OFFER, overrideReason: REASON }, district))).toEqual([]);
      const free = await draft(REPORT_DATE);
      expect(codes(await save(free, { offer: CHANGED, overrideReason: REASON }, district))).toEqual([]);
      expect([await overrides(iepId), await overrides(free)]).toEqual([[], []]);
      const { version } = await form(iepId);
      const long = { iepId, version, offer: CHANGED, overrideReason: 'x'.repeat(501) };
      const answer = await graph.tryMutate('saveIepForm', long, SELECTION, district);
      expect(answer.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    });

    test('repeated under its idempotency key it is recorded once', async () => {
      const iepId = await draft();
      const { version } = await form(iepId);
      const input = { iepId, version, offer: CHANGED, overrideReason: REASON, idempotencyKey: `red-${iepId}` };
      const answers = [1, 2].map(() => graph.mutate('saveIepForm', input, SELECTION, district));
      expect((await Promise.all(answers)).map(codes)).toEqual([['V-015'], ['V-015']]);
      expect(await overrides(iepId)).toHaveLength(1);
    });

    test('a former district overrides nothing, and sees neither the override nor where the student is now', async () => {
      const iepId = await draft();
      const input = { iepId, version: 2, offer: CHANGED, overrideReason: REASON };
      expect((await graph.tryMutate('saveIepForm', input, SELECTION, former)).errors![0]!.extensions.code).toBe(
        'NOT_FOUND',
      );
      await save(iepId, { offer: CHANGED, overrideReason: REASON }, district);
      expect(await graph.iep(iepId, 'redWindowOverrides { id }', former)).toBeNull();

      // Begun in California by the former district; the student lives in Louisiana since.
      const studentId = await newStudent('state-la');
      const moved = { id: `${studentId}-old`, student_id: studentId, lea_id: 'lea-former', state_org_id: 'state-ca' };
      await graph.write((session) => graph.row('pub_jurisdiction', { ...moved, end_date: '2025-07-31' }, session));
      const [old] = await graph.write((session) =>
        loadIeps(session, [{ studentId, state: 'DRAFT', kind: 'PART_B_INITIAL', openedOn: '2025-06-01' }]),
      );
      today('2026-06-10');
      expect((await form(old!, 'OFFER', former)).redWindow).toBe(true);
      expect(await overrides(old!, former)).toEqual([]);
      await graph.mutate('validateIep', { iepId: old });
      expect((await form(old!)).redWindow).toBe(false);
    });
  });

  describe('the planned meeting', () => {
    const plan = async (iepId: string, plannedMeetingDate: string | null, as?: Principal) => {
      const { version } = await graph.iep(iepId, 'version');
      const input = { iepId, version, plannedMeetingDate };
      return graph.tryMutate('planMeeting', input, 'iep { version plannedMeetingDate meetingDate }', as);
    };

    test('V-015 it is set with the draft, moved and taken back, and decides from then on', async () => {
      const iepId = await draft();
      expect(await graph.iep(iepId, 'plannedMeetingDate')).toEqual({ plannedMeetingDate: AFTER });
      expect((await plan(iepId, REPORT_DATE)).data.planMeeting).toMatchObject({
        iep: { plannedMeetingDate: REPORT_DATE, meetingDate: null },
        errors: [],
      });
      expect(codes(await save(iepId, { offer: CHANGED }))).toEqual([]);
      await plan(iepId, AFTER);
      expect(codes(await save(iepId, { offer: OFFER }))).toEqual(['V-015']);
      await plan(iepId, null);
      expect((await save(iepId, { offer: OFFER })).errors).toMatchObject([{ code: 'V-015', severity: 'WARNING' }]);
    });

    test('C.2 not for a day that is over, not when the meeting was held, not over somebody else’s edit', async () => {
      const past = { studentId: await newStudent(), kind: 'PART_B_INITIAL', plannedMeetingDate: '2026-09-14' };
      expect(codes(await graph.mutate('startIep', past))).toEqual(['C.2']);
      const iepId = await draft();
      expect(codes((await plan(iepId, '2026-09-14')).data.planMeeting)).toEqual(['C.2']);
      const { version } = await graph.iep(iepId, 'version');
      const stale = { iepId, version: version - 1, plannedMeetingDate: AFTER };
      expect((await graph.tryMutate('planMeeting', stale)).errors![0]!.extensions.code).toBe('CONFLICT');
      const foreign = await graph.tryMutate('planMeeting', { ...stale, version }, undefined, former);
      expect(foreign.errors![0]!.extensions.code).toBe('NOT_FOUND');
      await graph.mutate('holdMeeting', { iepId, version, meetingDate: IN_WINDOW, ...TEAM_OF });
      expect(codes((await plan(iepId, AFTER)).data.planMeeting)).toEqual(['C.2']);
    });
  });
});

const TEAM_OF = { participants: TEAM.participants };
