import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../platform/database/database';
import { connectOwner } from '../../scripts/runtime';
import { databaseUrls } from '../harness/databases';
import type { GraphqlAnswer } from '../harness/system';
import { CaseWork, daysFromToday, MANTECA, type Pupil, refusalsOf, RIPON, today } from './case-work';
import { expectOneOwner, ownershipOf } from './ownership';
import { buildIfStale, type Fault, ProductProcess } from './product-process';
import { delivered, recordOf, select } from './record';

/** Null: not at a statement, but from outside, when the first of the burst is answered. */
type Moment = [moment: string, fault: Fault | null];

/** Where `kill -9` strikes. */
const MOMENTS: Moment[] = [
  ['just before an affirmation commits', { in: ['iep_attestation', 'outbox_event'], at: '^COMMIT', when: 'before' }],
  [
    'just after an affirmation has committed',
    { in: ['iep_attestation', 'outbox_event'], at: '^COMMIT', when: 'after' },
  ],
  [
    'in a claim, between the end of the old and the begin of the new period',
    { in: ['UPDATE .?jurisdiction'], at: 'INSERT INTO .?jurisdiction', when: 'before' },
  ],
  ['just after a claim has committed', { in: ['INSERT INTO .?jurisdiction'], at: '^COMMIT', when: 'after' }],
  [
    'in a consumer, after its effect and before its commit',
    { in: ['inbox', 'UPDATE .?student_service'], at: '^COMMIT', when: 'before' },
  ],
  ['as soon as the first of a burst is answered', null],
];
const EACH = 2;
const PERIODS_AFTER_CLAIM = [
  { leaId: RIPON.leaId, beginDate: daysFromToday(-200), endDate: daysFromToday(-1) },
  { leaId: MANTECA.leaId, beginDate: today(), endDate: null },
];
const CONSUMERS_OF_AFFIRMED = ['reporting', 'services', 'students'];

interface Affirmation {
  pupil: Pupil;
  iepId: string;
  input: object;
}

describe.each(databaseUrls())('kill -9 in the middle of affirming and claiming, on %s', (engine, makeUrl) => {
  let product: ProductProcess;
  let database: Database;
  let work: CaseWork;
  const affirmations: Affirmation[][] = [];
  const claims: Pupil[][] = [];

  beforeAll(async () => {
    buildIfStale();
    const url = await makeUrl(mkdtempSync(join(tmpdir(), 'iep-faults-')));
    product = await ProductProcess.on(url);
    await product.start(faultOf(0));
    database = await connectOwner(url);
    work = new CaseWork(product);
    for (const _ of MOMENTS) {
      affirmations.push(await Promise.all(Array.from({ length: EACH }, heldPlan)));
      claims.push(await Promise.all(Array.from({ length: EACH }, () => work.newCase(RIPON))));
    }
    await product.ask(MANTECA.administrator, '{ viewer { subject } }');
    await delivered(database, [
      ...affirmations.flat().map(({ pupil }) => pupil.id),
      ...claims.flat().map(({ id }) => id),
    ]);
  }, 180_000);
  afterAll(async () => {
    await product?.stop();
    await database?.close();
  });

  /** The fault of a round; none after the last. */
  function faultOf(round: number): Fault | undefined {
    return MOMENTS[round]?.[1] ?? undefined;
  }
  async function heldPlan(): Promise<Affirmation> {
    const pupil = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, pupil.id);
    const input = { ...(await work.affirmInput(RIPON.teacher, iepId)), idempotencyKey: `affirm-${iepId}` };
    return { pupil, iepId, input };
  }
  const affirm = ({ input }: Affirmation) => work.attempt(RIPON.teacher, 'affirmIep', input, 'iep { id state }');
  const claim = ({ stateId }: Pupil) =>
    work.attempt(
      MANTECA.administrator,
      'claimJurisdiction',
      { stateId, schoolId: MANTECA.schoolId, beginDate: today(), idempotencyKey: `claim-${stateId}` },
      'student { id }',
    );

  /** Everything at once, until the process dies. Null where no answer came. */
  async function burst(round: number): Promise<(GraphqlAnswer | null)[]> {
    const acts = [...affirmations[round]!.map((one) => affirm(one)), ...claims[round]!.map((one) => claim(one))];
    const answers = Promise.all(acts.map((act) => act.catch(() => null)));
    if (!faultOf(round)) await Promise.race(acts).then(() => product.stop('SIGKILL'));
    return answers;
  }

  test.each(MOMENTS)(
    '%s: all or nothing happened, and pending events are delivered',
    async (moment) => {
      const round = MOMENTS.findIndex(([name]) => name === moment);
      const pupils = [...affirmations[round]!.map(({ pupil }) => pupil), ...claims[round]!];
      const ids = pupils.map(({ id }) => id);
      const before = new Map<string, object>();
      for (const id of ids) before.set(id, await recordOf(database, id));
      if (!product.runs) await product.start(faultOf(round));

      await product.arm();
      const answers = await burst(round);
      expect(await product.ended()).toBe('SIGKILL');
      const pending = await select(database, "SELECT id FROM outbox_delivery WHERE state <> 'DONE'");
      if (moment.includes('has committed')) expect(pending.length).toBeGreaterThan(0);
      let whole = 0;
      for (const [i, { pupil, iepId }] of affirmations[round]!.entries()) {
        const happened = await wasAffirmed(iepId);
        whole += Number(happened);
        expectAnswered(answers[i]!, happened);
        if (!happened) expect(await recordOf(database, pupil.id)).toEqual(before.get(pupil.id));
      }
      for (const [i, pupil] of claims[round]!.entries()) {
        const owned = await ownershipOf(database, pupil.id);
        const happened = owned.owner === MANTECA.leaId;
        whole += Number(happened);
        expectAnswered(answers[EACH + i]!, happened);
        expectOneOwner(owned);
        if (happened) expect(owned.periods).toEqual(PERIODS_AFTER_CLAIM);
        else expect(await recordOf(database, pupil.id)).toEqual(before.get(pupil.id));
      }
      process.stdout.write(
        `${engine}, ${moment}: ${answers.filter(Boolean).length} of ${answers.length} answered, ${whole} whole, ${pending.length} deliveries pending\n`,
      );

      await product.start(faultOf(round + 1));
      await delivered(database, ids, 15_000);
      // The clients that never heard repeat under their keys: done where it was not, answered where it was.
      for (const one of affirmations[round]!)
        expect((await affirm(one)).data.affirmIep).toEqual({ iep: { id: one.iepId, state: 'CURRENT' }, errors: [] });
      for (const pupil of claims[round]!)
        expect((await claim(pupil)).data.claimJurisdiction).toEqual({ student: { id: pupil.id }, errors: [] });
      await delivered(database, ids, 15_000);
      for (const one of affirmations[round]!) await expectWholeAffirmation(one);
      for (const pupil of claims[round]!) await expectWholeClaim(pupil);
    },
    120_000,
  );

  test('SIGTERM ends the process cleanly, whatever connections its clients hold', async () => {
    await product.stop('SIGTERM');
    expect(await product.ended()).toBe('exit 0');
  });

  /** What a client was told is so; a client that was told nothing may find either. */
  function expectAnswered(answer: GraphqlAnswer | null, happened: boolean): void {
    if (answer) expect([refusalsOf(answer), happened]).toEqual([[], true]);
  }

  async function wasAffirmed(iepId: string): Promise<boolean> {
    const [iep] = await select<{ state: string }>(database, 'SELECT state FROM iep WHERE id = ?', [iepId]);
    return iep!.state === 'CURRENT';
  }

  async function eventsOf(studentId: string, type: string): Promise<{ id: string }[]> {
    return select(database, 'SELECT id FROM outbox_event WHERE student_id = ? AND type = ?', [studentId, type]);
  }

  /** Each effect of an affirmation, exactly once, in all subgraphs. */
  async function expectWholeAffirmation({ pupil, iepId }: Affirmation): Promise<void> {
    const count = async (sql: string): Promise<number> => (await select(database, sql, [pupil.id])).length;
    const [event, ...more] = await eventsOf(pupil.id, 'iep.affirmed');
    expect(more).toEqual([]);
    const inbox = await select<{ consumer: string }>(database, 'SELECT consumer FROM inbox WHERE event_id = ?', [
      event!.id,
    ]);
    expect(inbox.map((row) => row.consumer).sort()).toEqual(CONSUMERS_OF_AFFIRMED);
    expect(await count('SELECT id FROM iep_attestation WHERE student_id = ?')).toBe(1);
    expect(await count("SELECT id FROM student_status_entry WHERE student_id = ? AND status = 'ELIGIBLE_ACTIVE'")).toBe(
      1,
    );
    expect(await count('SELECT id FROM sped_activity WHERE student_id = ? AND exit_on IS NULL')).toBe(1);
    const { iep } = await work.see(
      RIPON.teacher,
      'query($id: ID!) { iep(id: $id) { contentHash document { size content } services { state } } }',
      { id: iepId },
    );
    expect(iep.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(iep.services).toEqual([{ state: 'ACTIVE' }]);
    const pdf = Buffer.from(iep.document.content, 'base64');
    expect([pdf.length, pdf.subarray(0, 5).toString()]).toEqual([iep.document.size, '%PDF-']);
    const [fact] = await select<{ status: string; annual_due: string }>(
      database,
      'SELECT status, annual_due FROM student_fact WHERE id = ?',
      [pupil.id],
    );
    expect(fact).toEqual({ status: 'ELIGIBLE_ACTIVE', annual_due: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
  }

  async function expectWholeClaim(pupil: Pupil): Promise<void> {
    const owned = await ownershipOf(database, pupil.id);
    expectOneOwner(owned);
    expect(owned).toMatchObject({ owner: MANTECA.leaId, seeing: [`LEA:${MANTECA.leaId}`] });
    expect(await eventsOf(pupil.id, 'jurisdiction.changed')).toHaveLength(2);
    const [fact] = await select<{ lea_id: string }>(database, 'SELECT lea_id FROM student_fact WHERE id = ?', [
      pupil.id,
    ]);
    expect(fact).toEqual({ lea_id: MANTECA.leaId });
    const open = 'SELECT id FROM provider_assignment WHERE student_id = ? AND revoked_at IS NULL AND valid_to IS NULL';
    expect(await select(database, open, [pupil.id])).toEqual([]);
  }
});
