import { createHash } from 'node:crypto';
import { scopeComment } from '../../platform/database/guard';
import type { Principal } from '../../platform/principal/principal';
import { AccessWriter } from '../../platform/scope/access-writer';
import { databaseUrls } from '../../test/harness/databases';
import { AttestationRepository } from './document/attestation.repository';
import { contentHash } from './document/content-hash';
import { IepRepository } from './document/iep.repository';
import { type IepBundle, loadEvaluations, loadIeps } from './document/load-ieps';
import { FormRepository } from './form/form.repository';
import { GoalRepository } from './goal/goal.repository';
import {
  caseManager,
  codes,
  district,
  former,
  GOAL,
  IepGraph,
  LEVELS,
  NOTES,
  OFFER,
  provider,
  TEAM,
  TICKED,
  TODAY,
} from './iep.fixture';
import type { FormBundle } from './document/load-ieps';

const FORMS = {
  presentLevels: LEVELS,
  offer: OFFER,
  participants: { ...TEAM, signature: { outcome: 'AGREE_ALL' } },
  notes: NOTES,
} as unknown as FormBundle;

describe.each(databaseUrls())('the iep graph on %s', (engine, makeUrl) => {
  let graph: IepGraph;
  let count = 0;
  const newStudent = (born?: string) => graph.student(`g${++count}`, born);
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());

  const bundle = (studentId: string, over: Partial<IepBundle> = {}): IepBundle => ({
    studentId,
    state: 'CURRENT',
    kind: 'ANNUAL',
    openedOn: '2025-09-01',
    meetingDate: '2025-09-10',
    purposes: ['ANNUAL'],
    affirmed: { at: new Date('2025-09-12T17:00:00Z'), on: '2025-09-12', byId: 'acct-cm', byName: 'Casey Manager' },
    forms: FORMS,
    goals: [
      {
        area: 'ACADEMIC',
        baseline: 'b',
        statement: 's',
        progress: [{ reportedOn: '2025-11-01', rating: 'SUFFICIENT', comment: null, recordedById: 'acct-sp' }],
      },
    ],
    ...over,
  });
  const load = (...bundles: IepBundle[]) => graph.write((session) => loadIeps(session, bundles));
  const selects = async (work: () => Promise<unknown>): Promise<string[]> => {
    const seen: string[] = [];
    const stop = graph.database.guard.listen((sql) => seen.push(sql));
    await work();
    stop();
    return seen.filter((sql) => /^SELECT|^\/\*/.test(sql) && !/principal_epoch WHERE subject/.test(sql));
  };

  describe('affirmed content is immutable', () => {
    let iepId: string;
    beforeAll(async () => {
      iepId = await graph.heldIep(await newStudent());
      await graph.affirm(iepId);
    });
    const run = (sql: string) =>
      graph.write((session) => session.manager.query(scopeComment('system:test') + sql, [iepId]));

    test.each([
      "UPDATE iep SET purpose_text = 'x' WHERE id = ?",
      "UPDATE iep SET meeting_date = '2026-01-01' WHERE id = ?",
      "UPDATE iep SET content_hash = 'x' WHERE id = ?",
      "UPDATE iep SET state = 'DRAFT' WHERE id = ?",
      "UPDATE iep SET state = 'DRAFT', current_of = NULL WHERE id = ?",
      'DELETE FROM iep WHERE id = ?',
      "UPDATE iep_form SET content = '{}' WHERE iep_id = ?",
      'DELETE FROM iep_form WHERE iep_id = ?',
      "UPDATE iep_goal SET statement = 'x' WHERE iep_id = ?",
      'DELETE FROM iep_goal WHERE iep_id = ?',
      "INSERT INTO iep_form (id, iep_id, student_id, scope_date, kind, content, mark) VALUES ('z', ?, 's', '2026-02-05', 'AMENDMENT', '{}', 'PASS')",
      'DELETE FROM iep_attestation WHERE iep_id = ?',
      "UPDATE iep_document SET file_name = 'x' WHERE iep_id = ?",
      "UPDATE iep_document_part SET content = 'x' WHERE document_id = (SELECT id FROM iep_document WHERE iep_id = ?)",
      'DELETE FROM iep_document_part WHERE document_id = (SELECT id FROM iep_document WHERE iep_id = ?)',
      "UPDATE iep SET id = 'x' WHERE id = ?",
      "UPDATE iep_form SET id = 'x' WHERE iep_id = ?",
    ])('SEIS-49, SEIS-51 the database refuses: %s', async (sql) => {
      await expect(run(sql)).rejects.toThrow('affirmed content cannot be changed');
    });

    describe('SEIS-49, SEIS-51 no row takes the place of an affirmed one', () => {
      let draftId: string;
      beforeAll(async () => {
        const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
        draftId = iep.id;
        await graph.mutate('addGoal', { iepId: draftId, ...GOAL });
      });
      const act = (sql: string) => graph.write((session) => session.manager.query(scopeComment('system:test') + sql));
      const columnsOf = (table: string) =>
        graph.database.schemaSource.entityMetadatas
          .find(({ tableName }) => tableName === table)!
          .columns.map(({ databaseName }) => databaseName);
      const refuses = async (table: string, sql: string) => {
        const rows = () => graph.select(`SELECT * FROM ${table} ORDER BY id`, []);
        const before = await rows();
        await expect(act(sql)).rejects.toThrow();
        expect(await rows()).toEqual(before);
      };
      /** The row again, as another program would write it, with other values in some columns. */
      const again = (table: string, other: Record<string, string> = {}) => {
        const columns = [...new Set([...columnsOf(table), ...Object.keys(other)])];
        const values = columns.map((column) => other[column] ?? column);
        const own = table === 'iep' ? 'id' : 'iep_id';
        return `REPLACE INTO ${table} (${columns}) SELECT ${values} FROM ${table} WHERE ${own} = '${iepId}'`;
      };

      test.each(['iep', 'iep_form', 'iep_goal', 'iep_attestation', 'iep_document'])(
        'REPLACE INTO %s, by its id',
        async (table) => {
          await refuses(table, again(table));
          // Of a draft, which may be written: only the id is that of an affirmed row.
          if (table === 'iep') await refuses(table, again(table, { state: "'DRAFT'", current_of: 'NULL' }));
          else await refuses(table, again(table, { iep_id: `'${draftId}'` }));
        },
      );

      test('by another unique key, or by the number of the row', async () => {
        await refuses('iep', again('iep', { id: "'other'" }));
        await refuses('iep_attestation', again('iep_attestation', { id: "'other'" }));
        if (engine === 'sqlite')
          await refuses('iep', again('iep', { id: "'other'", rowid: 'rowid', state: "'DRAFT'", current_of: 'NULL' }));
      });

      test('by an update of a draft', async () => {
        const or = engine === 'sqlite' ? 'OR REPLACE' : '';
        const [goal] = await graph.select('SELECT id FROM iep_goal WHERE iep_id = ?', [iepId]);
        await refuses('iep', `UPDATE ${or} iep SET id = '${iepId}' WHERE id = '${draftId}'`);
        await refuses('iep_goal', `UPDATE ${or} iep_goal SET id = '${goal!.id}' WHERE iep_id = '${draftId}'`);
        const [affirmed] = await graph.select('SELECT student_id FROM iep WHERE id = ?', [iepId]);
        const student = `'${String(affirmed!.student_id)}'`;
        const values = `state = 'CURRENT', student_id = ${student}, current_of = ${student}`;
        await refuses('iep', `UPDATE ${or} iep SET ${values} WHERE id = '${draftId}'`);
      });

      test('SEIS-50 a current IEP names its student in current_of, whoever writes it; no other does', async () => {
        const message = 'current_of names the student';
        await expect(act(`UPDATE iep SET current_of = NULL WHERE id = '${iepId}'`)).rejects.toThrow(message);
        await expect(act(`UPDATE iep SET state = 'CURRENT' WHERE id = '${draftId}'`)).rejects.toThrow(message);
        await expect(act(`UPDATE iep SET current_of = student_id WHERE id = '${draftId}'`)).rejects.toThrow(message);
        await expect(
          act(again('iep', { id: "'other'", current_of: 'NULL' }).replace('REPLACE', 'INSERT')),
        ).rejects.toThrow(message);
      });
    });

    test('SEIS-79 the signature’s state and history stay possible; a student has one current IEP', async () => {
      await run("UPDATE iep SET signature = 'AGREE_EXCEPT' WHERE id = ?");
      const [row] = await graph.select('SELECT student_id FROM iep WHERE id = ?', [iepId]);
      await expect(load(bundle(row!.student_id as string))).rejects.toThrow();
    });

    test('the content hash is that of the stored rows, and the stored PDF is what was hashed', async () => {
      const content = await graph.write(async (session) => ({
        iep: (await session.get(IepRepository).findById(iepId))!,
        forms: await session.get(FormRepository).findByIeps([iepId]),
        goals: await session.get(GoalRepository).findByIeps([iepId]),
        attestation: (await session.get(AttestationRepository).findByIeps([iepId]))[0]!,
      }));
      expect(contentHash(content)).toBe(content.iep.contentHash);
      const { document } = await graph.iep(iepId, 'document { content }');
      const [stored] = await graph.select('SELECT sha256 FROM iep_document WHERE iep_id = ?', [iepId]);
      expect(createHash('sha256').update(Buffer.from(document.content, 'base64')).digest('hex')).toBe(stored!.sha256);
    });
  });

  describe('goals and progress', () => {
    test('SEIS-22, SEIS-67 goals are added and changed on drafts; CONFLICT by version; V-013 once affirmed', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      const selection =
        'goal { id version position area statement objectives { statement targetDate } } iep { version }';
      const { goal } = await graph.mutate('addGoal', { iepId: iep.id, ...GOAL }, selection);
      expect(goal).toMatchObject({ position: 1, version: 1, area: 'ACADEMIC', objectives: GOAL.objectives });
      const changed = await graph.mutate(
        'addGoal',
        { iepId: iep.id, ...GOAL, goalId: goal.id, version: 1, statement: 'New.' },
        selection,
        provider,
      );
      expect(changed.goal).toMatchObject({ id: goal.id, version: 2, statement: 'New.' });
      const stale = await graph.tryMutate(
        'addGoal',
        { iepId: iep.id, ...GOAL, goalId: goal.id, version: 1 },
        selection,
      );
      expect(stale.errors![0]!.extensions.code).toBe('CONFLICT');
      expect((await graph.mutate('addGoal', { iepId: iep.id, ...GOAL }, selection)).goal.position).toBe(2);
      const long = await graph.tryMutate('addGoal', { iepId: iep.id, ...GOAL, statement: 'x'.repeat(8001) }, selection);
      expect(long.errors![0]).toMatchObject({
        message: '`statement` has at most 8,000 characters.',
        extensions: { code: 'BAD_USER_INPUT' },
      });
      const affirmed = await graph.heldIep(await newStudent());
      await graph.affirm(affirmed);
      expect(codes(await graph.mutate('addGoal', { iepId: affirmed, ...GOAL }, selection))).toEqual(['V-013']);
    });

    test('V-009 a goal without text is refused', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      for (const statement of [null, '', '  '])
        expect((await graph.mutate('addGoal', { iepId: iep.id, ...GOAL, statement }, 'goal { id }')).errors).toEqual([
          expect.objectContaining({
            code: 'V-009',
            path: ['statement'],
            message: expect.stringMatching(/^A goal needs/),
          }),
        ]);
      expect((await graph.iep(iep.id, 'goals { id }')).goals).toEqual([]);
    });

    test('SEIS-67 a goal is taken off a draft: not in another version, not with progress, not once affirmed', async () => {
      const studentId = await newStudent();
      const { iep } = await graph.mutate('startIep', { studentId, kind: 'PART_B_INITIAL' });
      const add = async () => (await graph.mutate('addGoal', { iepId: iep.id, ...GOAL }, 'goal { id }')).goal.id;
      const [first, second] = [await add(), await add()];
      const remove = (goalId: string, over: object = {}, as?: Principal) =>
        graph.tryMutate('removeGoal', { goalId, version: 1, ...over }, 'iep { version goals { id } }', as);
      expect((await remove(first, { version: 2 })).errors![0]!.extensions.code).toBe('CONFLICT');
      expect((await remove('nothing')).errors![0]!.extensions.code).toBe('NOT_FOUND');
      expect((await remove(first, {}, former)).errors![0]!.extensions.code).toBe('NOT_FOUND');
      const { version } = await graph.iep(iep.id, 'version');
      const once = { idempotencyKey: `remove-${first}` };
      for (let i = 0; i < 2; i++)
        expect((await remove(first, once)).data.removeGoal).toEqual({
          iep: { version: version + 1, goals: [{ id: second }] },
          errors: [],
        });
      const entry = { goalId: second, reportedOn: TODAY, rating: 'SUFFICIENT' };
      await graph.mutate('recordGoalProgress', entry, 'progress { id }');
      expect(codes((await remove(second)).data.removeGoal)).toEqual(['SEIS-67']);
      const affirmed = await graph.heldIep(await newStudent());
      await graph.affirm(affirmed);
      const { goals } = await graph.iep(affirmed, 'goals { id }');
      expect(codes((await remove(goals[0].id)).data.removeGoal)).toEqual(['V-013']);
      expect((await graph.iep(affirmed, 'goals { id }')).goals).toEqual(goals);
    });

    test('SEIS-27 progress is recorded on the current IEP by its provider; history takes none (V-014)', async () => {
      const studentId = await newStudent();
      const [history, current] = await load(
        bundle(studentId, { state: 'HISTORY', meetingDate: '2024-09-10' }),
        bundle(studentId),
      );
      const goalOf = async (id: string) => (await graph.iep(id, 'goals { id }')).goals[0].id as string;
      const record = (goalId: string, over = {}) =>
        graph.mutate(
          'recordGoalProgress',
          { goalId, reportedOn: TODAY, rating: 'MET', comment: 'Done.', ...over },
          'progress { reportedOn rating comment } goal { progress { rating } }',
          provider,
        );
      const payload = await record(await goalOf(current!));
      expect(payload.progress).toEqual({ reportedOn: TODAY, rating: 'MET', comment: 'Done.' });
      expect(payload.goal.progress).toEqual([{ rating: 'MET' }, { rating: 'SUFFICIENT' }]);
      // What a claim's guard reads: that something was recorded of this day.
      const published = await graph.select('SELECT recorded_of FROM pub_goal_progress WHERE student_id = ?', [
        studentId,
      ]);
      expect(published).toContainEqual({ recorded_of: TODAY });
      expect(codes(await record(await goalOf(current!), { reportedOn: '2026-02-11' }))).toEqual(['C.6']);
      expect(codes(await record(await goalOf(history!)))).toEqual(['V-014']);
    });
  });

  describe('evaluations', () => {
    const evaluations = async (studentId: string) =>
      (
        await graph.call(
          'query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { evaluations { id kind state completedOn primaryDisability disabilities decidedOn reason } } } }',
          { r: [{ __typename: 'Student', id: studentId }] },
        )
      ).data._entities[0].evaluations;

    test('SER-58, SER-59, SER-62, SER-67, SER-68, V-053, V-055 what each kind needs at its start', async () => {
      const studentId = await newStudent();
      const start = (over: object) =>
        graph.mutate('startEvaluation', { studentId, ...over }, 'evaluation { kind state decidedOn reason }');
      expect(codes(await start({ kind: 'INITIAL' }))).toEqual(['V-053']);
      expect(codes(await start({ kind: 'INITIAL', requestedOn: '2026-01-05', parentDecision: 'YES' }))).toEqual([
        'V-053',
      ]);
      expect(
        codes(
          await start({ kind: 'INITIAL', requestedOn: '2026-01-05', parentDecision: 'YES', decidedOn: '2026-01-04' }),
        ),
      ).toEqual(['C.4']);
      expect(
        (await start({ kind: 'INITIAL', requestedOn: '2026-01-05', parentDecision: 'YES', decidedOn: '2026-01-09' }))
          .evaluation,
      ).toMatchObject({ state: 'CONSENTED' });
      expect(codes(await start({ kind: 'INITIAL', requestedOn: '2026-01-05' }))).toEqual(['C.4']);
      expect(codes(await start({ kind: 'REEVALUATION' }))).toEqual(['V-055']);
      expect(
        codes(await start({ kind: 'REEVALUATION', reason: 'Triennial.', parentDecision: 'YES', decidedOn: TODAY })),
      ).toEqual(['SER-68']);
      expect((await start({ kind: 'REEVALUATION', reason: 'Triennial.' })).evaluation).toMatchObject({
        state: 'IN_PROGRESS',
        reason: 'Triennial.',
      });
      expect(codes(await start({ kind: 'TRIENNIAL_WAIVER' }))).toEqual(['SER-60']);
    });

    test('SER-56, SER-57, SER-69 to SER-71, V-056, T-08 a waiver makes the signature date the evaluation date and changes nothing else', async () => {
      const studentId = await newStudent();
      const waive = (parentSignedOn: string) =>
        graph.mutate('recordTriennialWaiver', { studentId, parentSignedOn }, 'evaluation { id kind completedOn }');
      expect(codes(await waive(TODAY))).toEqual(['V-056']);
      await graph.write((session) =>
        loadEvaluations(session, [
          {
            studentId,
            kind: 'INITIAL',
            state: 'ELIGIBILITY_DECIDED',
            requestedOn: '2023-01-10',
            parentDecision: 'YES',
            decidedOn: '2023-01-20',
            completedOn: '2023-03-01',
            primaryDisability: 'SLD',
            disabilities: ['SLD', 'SLI'],
          },
        ]),
      );
      expect(codes(await waive('2026-02-11'))).toEqual(['C.4']);
      expect(codes(await waive('2023-02-01'))).toEqual(['C.4']);
      expect((await waive('2026-02-09')).evaluation).toMatchObject({
        kind: 'TRIENNIAL_WAIVER',
        completedOn: '2026-02-09',
      });
      const [waiver, first] = await evaluations(studentId);
      expect({ ...waiver, id: 0, kind: 0, state: 0, completedOn: 0 }).toEqual({
        ...first,
        id: 0,
        kind: 0,
        state: 0,
        completedOn: 0,
      });
      const published = await graph.select(
        'SELECT kind, completed_on, scope_date FROM pub_evaluation WHERE student_id = ? ORDER BY completed_on DESC',
        [studentId],
      );
      expect(published[0]).toEqual({
        kind: 'TRIENNIAL_WAIVER',
        completed_on: '2026-02-09',
        scope_date: '2026-02-09',
      });
      const [event] = await graph.select(
        "SELECT type FROM outbox_event WHERE student_id = ? AND type = 'evaluation.decided'",
        [studentId],
      );
      expect(event).toBeDefined();
    });

    test('V-204 developmental delay can’t be carried past the ninth birthday', async () => {
      const studentId = await newStudent('2018-06-01');
      await graph.write((session) =>
        loadEvaluations(session, [
          { studentId, kind: 'INITIAL', state: 'COMPLETED', completedOn: '2023-03-01', primaryDisability: 'DD' },
        ]),
      );
      expect(
        codes(await graph.mutate('recordTriennialWaiver', { studentId, parentSignedOn: TODAY }, 'evaluation { id }')),
      ).toEqual(['V-204']);
    });
  });

  describe('scope', () => {
    test('a former district reads the IEPs of its own period with forms and goals, nothing newer, and edits none of them', async () => {
      const studentId = await newStudent();
      const [old, current] = await load(
        bundle(studentId, { state: 'HISTORY', meetingDate: '2024-09-10' }),
        bundle(studentId),
      );
      expect(await graph.iep(old!, 'id forms { kind } goals { id } document { size }', former)).toMatchObject({
        id: old,
        forms: { length: 4 },
        goals: { length: 1 },
      });
      expect(await graph.iep(current!, 'id', former)).toBeNull();
      expect((await graph.iep(current!, 'id', district)).id).toBe(current);
      const other = await newStudent();
      const [draft] = await load(bundle(other, { state: 'IN_REVIEW', affirmed: null, meetingDate: '2025-06-10' }));
      expect((await graph.iep(draft!, 'state', former)).state).toBe('IN_REVIEW');
      for (const [name, input, selection] of [
        ['saveIepForm', { iepId: draft, version: 1, offer: OFFER }, undefined],
        ['addGoal', { iepId: draft, ...GOAL }, 'goal { id }'],
        ['validateIep', { iepId: draft }, undefined],
      ] as const) {
        expect((await graph.tryMutate(name, input, selection, former)).errors![0]!.extensions.code).toBe('NOT_FOUND');
      }
    });

    test('A-55 what the present owner writes under a date of the former district is nothing for the former one', async () => {
      const studentId = await newStudent();
      const [parent] = await load(bundle(studentId, { meetingDate: '2025-06-10' }));
      expect((await graph.iep(parent!, 'id', former)).id).toBe(parent);
      const { iep: amendment } = await graph.mutate('amendIep', { iepId: parent });
      expect(await graph.iep(amendment.id, 'meetingDate', district)).toEqual({ meetingDate: '2025-06-10' });
      expect(await graph.iep(amendment.id, 'id forms { kind }', former)).toBeNull();
      const list = '{ ieps { totalCount } }';
      const before = (await graph.call(list, {}, former)).data.ieps.totalCount;

      const { iep: opened } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      const held = await graph.mutate('holdMeeting', {
        iepId: opened.id,
        version: opened.version,
        meetingDate: '2025-06-10',
        participants: [{ name: 'A parent', role: 'PARENT', attended: true }],
      });
      expect(held.iep).toMatchObject({ state: 'IN_REVIEW' });
      expect(await graph.iep(opened.id, 'id', former)).toBeNull();

      const third = await newStudent();
      await graph.mutate(
        'startEvaluation',
        { studentId: third, kind: 'INITIAL', requestedOn: '2025-06-10' },
        'evaluation { id }',
      );
      const evaluations = await graph.select('SELECT scope_date FROM evaluation WHERE student_id = ?', [third]);
      expect(evaluations).toEqual([{ scope_date: '2025-08-01' }]);
      expect((await graph.call(list, {}, former)).data.ieps.totalCount).toBe(before);
    });

    test('A-55 an open IEP that the former district began is the present owner’s from its first write on', async () => {
      const [draft] = await load(
        bundle(await newStudent(), { state: 'IN_REVIEW', affirmed: null, meetingDate: '2025-06-10' }),
      );
      expect((await graph.iep(draft!, 'goals { id }', former)).goals).toHaveLength(1);
      await graph.mutate('validateIep', { iepId: draft });
      expect(await graph.iep(draft!, 'id', former)).toBeNull();
      expect(await graph.iep(draft!, 'meetingDate goals { id } forms { kind }', district)).toMatchObject({
        meetingDate: '2025-06-10',
        goals: { length: 1 },
        forms: { length: 4 },
      });
    });

    test('A-55 the forms and goals of such an IEP are the present owner’s too: it keeps them when it is a former one itself', async () => {
      const studentId = await newStudent();
      const [draft] = await load(bundle(studentId, { state: 'IN_REVIEW', affirmed: null, meetingDate: '2025-06-10' }));
      const { goals } = await graph.iep(draft!, 'goals { id }', former);
      const progress = async (goalId: string) => {
        const input = { goalId, reportedOn: TODAY, rating: 'SUFFICIENT' };
        return (await graph.tryMutate('recordGoalProgress', input, 'progress { id }', former)).errors;
      };
      await graph.mutate('validateIep', { iepId: draft });
      // the former owner’s goal is none any more.
      expect(await progress(goals[0].id)).toEqual(await progress('unknown'));
      const claimed = { studentId, relation: 'JURISDICTION', grantee: 'LEA:lea-a' } as const;
      await graph.write((session) => session.get(AccessWriter).close(claimed, '2026-02-09'));
      const kept = 'forms { kind } goals { id }';
      expect(await graph.iep(draft!, kept, district)).toMatchObject({ forms: { length: 4 }, goals: { length: 1 } });
      expect(await graph.iep(draft!, kept, former)).toBeNull();
    });

    test('A-41 C.3 no mutation finds an IEP out of scope, or one of a former district’s period, and nothing is written', async () => {
      const studentId = await newStudent();
      const affirmed = await graph.heldIep(await newStudent());
      await graph.affirm(affirmed);
      const loaded = await load(
        bundle(studentId, { state: 'HISTORY', meetingDate: '2024-09-10' }),
        bundle(studentId, { meetingDate: '2025-06-10' }),
        bundle(await newStudent(), { state: 'IN_REVIEW', affirmed: null, meetingDate: '2025-06-10' }),
      );
      const everything = ['iep:affirm', 'iep:submit', 'iep:reactivate'];
      const callers = [former, caseManager({ grants: [] })].map((one) => ({
        ...one,
        capabilities: [...one.capabilities, ...everything],
      }));
      const document = { meetingDate: TODAY, participants: TEAM.participants };
      const content = Buffer.from('%PDF-1.7 a scan').toString('base64');
      const agreed = { agreedOn: TODAY, signature: 'AGREE_ALL', attestation: TICKED };
      const mutations: [name: string, input: object, selection?: string][] = [
        ['planMeeting', { version: 1, plannedMeetingDate: TODAY }],
        ['holdMeeting', { version: 1, ...document }],
        ['validateIep', {}],
        ['affirmIep', { version: 1, purposes: ['ANNUAL'], attestation: TICKED }],
        ['amendIep', {}],
        ['continueIep', {}],
        ['submitIep', {}],
        ['recordLateAgreement', { version: 1, ...agreed }],
        ['reactivateIep', { version: 1, reason: 'Affirmed by mistake.' }],
        ['discardIep', { version: 1, reason: 'Begun by mistake.' }],
        ['saveIepForm', { version: 1, offer: OFFER }],
        ['addGoal', GOAL],
        ['attachSignedCopy', { fileName: 'scan.pdf', content }],
      ];
      const TABLES = ['iep', 'iep_form', 'iep_goal', 'iep_attestation', 'iep_signed_copy', 'iep_document_part'];
      const rows = () =>
        Promise.all([...TABLES, 'outbox_event'].map((table) => graph.select(`SELECT * FROM ${table} ORDER BY id`)));
      const before = await rows();
      for (const caller of callers) {
        for (const [name, input, selection] of mutations) {
          const answer = async (iepId: string) => {
            const { data, errors } = await graph.tryMutate(name, { iepId, ...input }, selection, caller);
            return { name, data, errors };
          };
          const unknown = await answer('unknown');
          expect(unknown).toMatchObject({ name, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
          for (const id of [...loaded, affirmed]) expect(await answer(id)).toEqual(unknown);
        }
      }
      expect(await rows()).toEqual(before);
    });

    test('a draft without a meeting date is visible to whom the student is open', async () => {
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      expect((await graph.iep(iep.id, 'id', provider)).id).toBe(iep.id);
      expect(await graph.iep(iep.id, 'id', former)).toBeNull();
    });

    test('A-37, A-41 ids out of scope and unknown ids answer alike, through every door', async () => {
      const nobody = caseManager({ grants: [] });
      const { iep } = await graph.mutate('startIep', { studentId: await newStudent(), kind: 'PART_B_INITIAL' });
      const read = async (id: string) =>
        JSON.stringify(
          (
            await graph.call(
              'query($i: ID!, $r: [_Any!]!) { iep(id: $i) { id } _entities(representations: $r) { ... on Iep { id } } }',
              { i: id, r: [{ __typename: 'Iep', id }] },
              nobody,
            )
          ).data,
        );
      expect(await read(iep.id)).toBe(await read('unknown'));
      const save = async (id: string) =>
        JSON.stringify(
          (await graph.tryMutate('saveIepForm', { iepId: id, version: 1, offer: OFFER }, undefined, nobody)).errors,
        );
      expect(await save(iep.id)).toBe(await save('unknown'));
    });
  });

  test('two editors of one form, two attesters, two openers at once: exactly one of each succeeds', async () => {
    const studentId = await newStudent();
    const iepId = await graph.heldIep(studentId);
    const [form] = (await graph.iep(iepId, 'forms { version }')).forms;
    const save = () => graph.tryMutate('saveIepForm', { iepId, version: form.version, notes: NOTES });
    const saved = await Promise.all([save(), save(), save()]);
    expect(saved.map((answer) => answer.errors?.[0]?.extensions.code ?? 'saved').sort()).toEqual([
      'CONFLICT',
      'CONFLICT',
      'saved',
    ]);
    const affirmed = await Promise.all([graph.affirm(iepId), graph.affirm(iepId)]);
    expect(affirmed.map((payload) => codes(payload).join()).sort()).toEqual(['', 'V-013']);
    const start = () => graph.mutate('startIep', { studentId, kind: 'ANNUAL' });
    expect((await Promise.all([start(), start()])).map((payload) => codes(payload).join()).sort()).toEqual([
      '',
      'SEIS-43',
    ]);
  });

  test('one statement per batch: 100 students with current IEP, forms, goals and progress', async () => {
    const students = Array.from({ length: 100 }, (_, i) => `bulk-${i}`);
    await graph.write(async (session) => {
      for (const studentId of students) {
        await graph.row(
          'student_access',
          {
            id: `a-${studentId}`,
            student_id: studentId,
            grantee: 'STAFF:acct-cm',
            relation: 'CASE_MANAGER',
            valid_from: '2025-08-01',
          },
          session,
        );
      }
    });
    await load(
      ...students.flatMap((studentId) => [
        bundle(studentId),
        bundle(studentId, { state: 'DRAFT', affirmed: null, meetingDate: null }),
      ]),
    );
    const r = students.map((id) => ({ __typename: 'Student', id }));
    const read = async (selection: string, expected: number) => {
      const seen = await selects(async () => {
        const { data, errors } = await graph.call(
          `query($r: [_Any!]!) { _entities(representations: $r) { ... on Student { ${selection} } } }`,
          { r },
        );
        expect(errors).toBeUndefined();
        expect(data._entities).toHaveLength(100);
        expect(data._entities.every((student: { currentIep: { id: string } }) => student.currentIep.id)).toBe(true);
      });
      expect(seen).toHaveLength(expected);
    };
    await read('currentIep { id }', 1);
    await read('currentIep { id goals { statement } }', 2);
    await read('currentIep { id goals { statement progress { rating } } forms { mark } }', 4);
    await read('currentIep { id notices } futureIep { id } evaluations { id }', 3);
    await read('currentIep { id } futureIep { id findings { rule { id } } }', 5);
  });

  test('SEIS-53, SEIS-68 loaded IEPs are printed from their content, always alike; drafts carry the mark', async () => {
    const studentId = await newStudent();
    const [iepId] = await load(bundle(studentId, { services: [] }));
    const print = async () =>
      (await graph.iep(iepId!, 'document { content } contentHash legalNotice')) as {
        document: { content: string };
        contentHash: string;
        legalNotice: string;
      };
    const first = await print();
    expect(first.document.content).toBe((await print()).document.content);
    expect(first.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.legalNotice).toMatch(/signed hard copy is the legal IEP/);
    const { iep } = await graph.mutate(
      'startIep',
      { studentId, kind: 'ANNUAL' },
      'iep { document { id } draftDocument { fileName size } }',
    );
    expect(iep).toMatchObject({ document: null, draftDocument: { fileName: expect.stringMatching(/-draft\.pdf$/) } });
  });

  test('a bundle without what its state needs is refused; the engine is the one asked for', async () => {
    await expect(load(bundle('nobody', { affirmed: null }))).rejects.toThrow('needs its meeting date and affirmation');
    expect(graph.database.engine).toBe(engine);
  });
});
