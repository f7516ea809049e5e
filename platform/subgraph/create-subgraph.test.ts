import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { Entity } from 'typeorm';
import { FixedClock } from '../clock';
import { IdColumn, RefColumn, StringColumn, EditVersionColumn } from '../database/columns';
import { Database } from '../database/database';
import { scopeComment, scopeMarker } from '../database/guard';
import { migrate } from '../database/migrate';
import { addColumn, createTable, editVersion, id, ref, string } from '../database/migration';
import { connectionOf, type Page, paginate } from '../graphql/connection';
import { AtLevel, Authenticated, Key, RequiresScopes } from '../graphql/directives';
import { Node } from '../graphql/node';
import { Payload } from '../graphql/user-error';
import { reject } from '../errors';
import { createLogger } from '../log';
import { Dispatcher } from '../outbox/dispatcher';
import { defineEvent } from '../outbox/event';
import { sealPrincipal } from '../principal/envelope';
import type { Principal } from '../principal/principal';
import { AccessWriter } from '../scope/access-writer';
import { bumpEpoch } from '../scope/epoch';
import { PrincipalScope } from '../scope/row-scope';
import { ScopedRepository } from '../scope/scoped-repository';
import { systemSession } from '../scope/session';
import { StudentAccess } from '../scope/tables';
import { platformMigrations, platformProtected, platformTables } from '../tables';
import { createSubgraph, type Subgraph } from './create-subgraph';
import { buildSubgraph } from './federation';
import type { RequestContext } from './request-context';
import { databaseUrls } from '../../test/harness/databases';

@Key('id')
@RequiresScopes('note:read')
@ObjectType('Note', { description: 'A note.', implements: Node })
@Entity('note')
class Note {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @Field({ description: 'Student.' }) @RefColumn() studentId: string;
  @RequiresScopes('note.text:read') @Field({ nullable: true, description: 'Text.' }) @StringColumn(100) text: string;
  @AtLevel('district', 'selpa') @Field(() => String, { nullable: true, description: 'Of whom it is.' }) owner?: string;
  @StringColumn(10, { nullable: true }) language: string | null;
  @EditVersionColumn() version: number;
}

class NoteRepository extends ScopedRepository<Note> {
  protected readonly entity = Note;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'note';
  page(first: number, after: string | null): Promise<Page<Note>> {
    return paginate(this.select('n'), {
      connection: 'notes',
      filter: null,
      args: { first, after },
      order: [
        { sql: 'n.text', value: (n) => n.text },
        { sql: 'n.id', value: (n) => n.id },
      ],
      principal: this.session.principal,
      run: (query) => this.rows(query),
    });
  }
}
const NoteConnection = connectionOf(() => Note, 'Note');
const noteChanged = defineEvent<{ noteId: string }>('note.changed', ['copy']);

@InputType({ description: 'Input.' })
class ChangeNoteInput {
  @Field(() => ID, { description: 'Id.' }) id: string;
  @Field({ description: 'Text.' }) text: string;
  @Field({ description: 'Version.' }) version: number;
  @Field(() => String, { nullable: true, description: 'Key.' }) idempotencyKey?: string;
}
@Authenticated()
@ObjectType('ChangeNotePayload', { description: 'Payload.' })
class ChangeNotePayload extends Payload {
  @Field(() => Note, { nullable: true, description: 'The note.' }) note?: Note | null;
}

@Resolver(() => Note)
class NoteResolver {
  @Authenticated()
  @Query(() => NoteConnection, { description: 'Notes.' })
  notes(
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { defaultValue: 25 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ) {
    return ctx.get(NoteRepository).page(first, after);
  }
  @RequiresScopes('note:write')
  @Mutation(() => ChangeNotePayload, { description: 'Change.' })
  async changeNote(@Ctx() ctx: RequestContext, @Arg('input') input: ChangeNoteInput): Promise<ChangeNotePayload> {
    const outcome = await ctx.mutate('changeNote', input, async (session) => {
      if (input.text === 'N/A') throw reject('V-010', '"N/A" is not a statement', ['text']);
      const note = await session.get(NoteRepository).findById(input.id);
      if (note) await session.lock(note.studentId);
      await session.get(NoteRepository).update(input.id, { text: input.text }, input.version);
      await session.emit(noteChanged, note!.studentId, { noteId: input.id });
      return { ids: { note: input.id } };
    });
    return {
      errors: outcome.errors,
      note: outcome.ids.note ? await ctx.get(NoteRepository).findById(outcome.ids.note) : null,
    };
  }
}

const key = new TextEncoder().encode('k'.repeat(32));
const clock = new FixedClock(new Date('2026-02-10T18:00:00Z'));

describe.each(databaseUrls())('a subgraph on %s', (engine, makeUrl) => {
  let database: Database;
  let subgraph: Subgraph;
  const audited: unknown[] = [];
  /** What a look-up of an entity was given. */
  const looked: unknown[] = [];
  const consumed: string[] = [];
  const principal = (over: Partial<Principal> = {}): Principal => ({
    subject: 'acct-1',
    kind: 'staff',
    displayName: 'T',
    perspective: 'p1',
    role: 'CASE_MANAGER',
    level: 'teacher',
    readOnly: false,
    capabilities: ['note:read', 'note.text:read', 'note:write'],
    grants: [{ relation: 'CASE_MANAGER', grantee: 'STAFF:acct-1' }],
    organizationId: null,
    timeZone: 'America/Los_Angeles',
    epoch: 1,
    ...over,
  });
  let request = 0;
  async function call(query: string, as: Principal | null = principal(), variables = {}) {
    const body = JSON.stringify({ query, variables });
    const headers = as
      ? { 'x-principal': sealPrincipal({ principal: as, requestId: `r${++request}` }, 'notes', body, key) }
      : {};
    const { status, body: answer } = await subgraph.handle({ method: 'POST', path: '/graphql', headers, body });
    return { status, ...JSON.parse(answer) };
  }

  beforeAll(async () => {
    const url = await makeUrl(mkdtempSync(join(tmpdir(), 'platform-')));
    database = await Database.connect({
      url,
      entities: [...platformTables, Note],
      protectedTables: [...platformProtected, 'note'],
      migrations: [
        ...platformMigrations,
        createTable(1764000009001, 'note', {
          columns: { id: id(), student_id: ref(), text: string(100), version: editVersion() },
        }),
        addColumn(1764000009002, 'note', 'language', string(10, { nullable: true })),
      ],
    });
    await migrate(database);
    await database.write(async (manager) => {
      const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'test');
      const notes = session.get(NoteRepository);
      for (const [noteId, studentId, text] of [
        ['n1', 's1', 'one'],
        ['n2', 's1', 'two'],
        ['n3', 's2', 'three'],
      ] as const)
        await notes.insert({ id: noteId, studentId, text });
      await session.get(AccessWriter).open({
        studentId: 's1',
        grantee: 'STAFF:acct-1',
        relation: 'CASE_MANAGER',
        leaId: 'lea',
        validFrom: '2025-01-01',
      });
      await bumpEpoch(session, 'acct-1');
    });
    subgraph = createSubgraph({
      name: 'notes',
      graph: buildSubgraph({
        resolvers: [NoteResolver],
        references: {
          Note: (r: { id: string }, ctx: RequestContext) => {
            looked.push(r);
            return ctx.get(NoteRepository).findById(r.id);
          },
        } as never,
      }),
      runtime: {
        database,
        clock,
        log: createLogger('test', 'error'),
        audit: { append: async (_k, r) => void audited.push(r) },
        principalKeys: [key],
      },
    });
  });
  afterAll(() => database?.close());

  test('the schema of the tables shows no drift', async () => {
    const log = await database.schemaSource.driver.createSchemaBuilder().log();
    expect(log.upQueries.map((q) => q.query)).toEqual([]);
  });
  test('A-36 no principal, another audience, another body → 401', async () => {
    expect((await call('{ _service { sdl } }', null)).status).toBe(401);
    expect((await call('{ _service { sdl } }')).data._service.sdl).toContain('type Note');
  });
  test('rows outside the scope do not exist', async () => {
    const { data, errors } = await call(
      '{ notes(first: 1) { nodes { id text } totalCount pageInfo { hasNextPage endCursor } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.notes.nodes).toEqual([{ id: 'n1', text: 'one' }]);
    expect(data.notes.totalCount).toBe(2);
    const next = await call('query($c: String) { notes(after: $c) { nodes { id } } }', principal(), {
      c: data.notes.pageInfo.endCursor,
    });
    expect(next.data.notes.nodes).toEqual([{ id: 'n2' }]);
    const foreign = await call(
      'query($c: String) { notes(after: $c) { nodes { id } } }',
      principal({ perspective: 'p2' }),
      { c: data.notes.pageInfo.endCursor },
    );
    expect(foreign.errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(audited.at(-1)).toMatchObject({ subject: 'acct-1', perspective: 'p1', disclosed: { note: ['s1'] } });
    expect((await call('{ notes { nodes { id } } }', principal({ grants: [] }))).data.notes.nodes).toEqual([]);
    const entities = await call(
      '{ _entities(representations: [{__typename: "Note", id: "n1"}, {__typename: "Note", id: "n3"}]) { ... on Note { id } } }',
    );
    expect(entities.data._entities).toEqual([{ id: 'n1' }, null]);
  });
  describe('each condition of the row predicate counts', () => {
    const OWNER = { relation: 'JURISDICTION', grantee: 'LEA:a' } as const;
    const open = { ...OWNER, studentId: 's9', leaId: 'a', validFrom: '2025-01-01', validTo: null, revokedAt: null };
    const closed = { ...open, validTo: '2025-06-30' };
    const day = (from: string, to = from) => ({ from: `'${from}'`, to: `'${to}'` });
    const inPeriod = day('2025-03-01');
    const revokedAt = new Date('2026-02-10T17:00:00Z');

    beforeAll(() =>
      database.write(async (manager) => {
        const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'test');
        await session.get(NoteRepository).insert({ id: 'n9', studentId: 's9', text: 'nine' });
      }),
    );

    test.each<[string, object, object, { from?: string; to?: string }, boolean]>([
      ['an open right', open, {}, {}, true],
      ['of another student', { ...open, studentId: 's8' }, {}, {}, false],
      ['of another relation', { ...open, relation: 'REPORTING' }, {}, {}, false],
      ['of another grantee', { ...open, grantee: 'LEA:b' }, {}, {}, false],
      ['taken away', { ...open, revokedAt }, {}, {}, false],
      ['that begins today', { ...open, validFrom: '2026-02-10' }, {}, {}, true],
      ['that begins tomorrow', { ...open, validFrom: '2026-02-11' }, {}, {}, false],
      ['on its last day', { ...open, validTo: '2026-02-10' }, {}, {}, true],
      ['after its last day', { ...open, validTo: '2026-02-09' }, {}, {}, false],
      ['of an epoch that is over', open, { epoch: 2 }, {}, false],
      ['in the epoch of somebody else', open, { subject: 'acct-9' }, {}, false],
      ['through the LEA of another perspective', open, { grants: [{ ...OWNER, exceptLeas: ['a'] }] }, {}, false],
      ['a record of a former owner’s period', closed, {}, inPeriod, true],
      ['without a date', closed, {}, {}, false],
      ['of its last day', closed, {}, day('2025-06-30'), true],
      ['of the day after', closed, {}, day('2025-07-01'), false],
      ['of its first day', closed, {}, day('2025-01-01'), true],
      ['of the day before', closed, {}, day('2024-12-31'), false],
      ['that went on into it', closed, {}, day('2024-11-01', '2025-01-01'), true],
      ['that was over before it', closed, {}, day('2024-11-01', '2024-12-31'), false],
      ['of another student’s', { ...closed, studentId: 's8' }, {}, inPeriod, false],
      ['of another owner’s', { ...closed, grantee: 'LEA:b' }, {}, inPeriod, false],
      ['of one that was taken away', { ...closed, revokedAt }, {}, inPeriod, false],
      ['of a relation that keeps none', { ...closed, relation: 'REPORTING' }, {}, inPeriod, false],
      ['of one to come', { ...closed, validFrom: '2026-03-01', validTo: '2026-06-30' }, {}, day('2026-03-02'), false],
      ['to who stands in another relation', closed, { grants: [{ ...OWNER, relation: 'REPORTING' }] }, inPeriod, false],
      [
        'of a state, which keeps none',
        { ...closed, grantee: 'STATE:a' },
        { grants: [{ ...OWNER, grantee: 'STATE:a' }] },
        inPeriod,
        false,
      ],
      [
        'of a school, which keeps none',
        { ...closed, relation: 'SCHOOL', grantee: 'SCHOOL:a' },
        { grants: [{ relation: 'SCHOOL', grantee: 'SCHOOL:a' }] },
        inPeriod,
        false,
      ],
    ])('A-54 A-55 A-57 A-61 %s', async (_what, access, over, dates, isSeen) => {
      await database.write(async (manager) => {
        await manager.query("/* scope:test */ DELETE FROM student_access WHERE id = 'a9'");
        const insert = manager.createQueryBuilder().insert().into(StudentAccess).comment(scopeMarker('test'));
        await insert
          .values({ id: 'a9', plannedTo: null, ...access } as StudentAccess)
          .updateEntity(false)
          .execute();
      });
      const scope = new PrincipalScope(principal({ grants: [OWNER], ...over }), clock);
      for (const read of ['each', 'listed'] as const) {
        const { sql, parameters } = scope.predicate({ student: 'n.student_id', ...dates }, read);
        const rows = database.read.createQueryBuilder(Note, 'n').comment(scopeMarker('test')).where("n.id = 'n9'");
        expect([read, await rows.andWhere(`(${sql})`, parameters).getExists()]).toEqual([read, isSeen]);
      }
    });
  });

  test('a principal of another epoch gets STALE_PRINCIPAL', async () => {
    expect((await call('{ notes { nodes { id } } }', principal({ epoch: 0 }))).errors[0].extensions.code).toBe(
      'STALE_PRINCIPAL',
    );
    const change = 'mutation($input: ChangeNoteInput!) { changeNote(input: $input) { errors { code } } }';
    const input = { id: 'n1', text: 'N/A', version: 1 };
    // The rights are looked at before the rules.
    expect((await call(change, principal({ epoch: 0 }), { input })).errors[0].extensions.code).toBe('STALE_PRINCIPAL');
    expect((await call(change, principal(), { input })).data.changeNote.errors).toEqual([{ code: 'V-010' }]);
  });
  test('a bad argument is told by its place in the answer, and by name beside it', async () => {
    const { errors } = await call('{ page: notes(first: 0) { nodes { id } } }', principal());
    expect(errors).toEqual([
      {
        message: '`first` must lie between 1 and 100.',
        path: ['page'],
        extensions: { code: 'BAD_USER_INPUT', argumentPath: ['first'] },
      },
    ]);
  });
  test('the second lock refuses what the gateway should have removed', async () => {
    expect((await call('{ notes { nodes { text } } }', principal({ capabilities: ['note:read'] }))).status).toBe(403);
    // Somebody went around the gateway: recorded with who it was.
    expect(audited.at(-1)).toMatchObject({
      subgraph: 'notes',
      subject: 'acct-1',
      role: 'CASE_MANAGER',
      reason: 'the operation asks for more than this caller may have',
    });
  });
  test('the second lock judges each caller by capabilities and by level, also of a text that another may send', async () => {
    const status = async (query: string, over: Partial<Principal>) => (await call(query, principal(over))).status;
    const [text, owner] = ['{ notes { nodes { id text } } }', '{ notes { nodes { id owner } } }'];
    expect(await status(text, {})).toBe(200);
    expect(await status(text, { capabilities: ['note:read'] })).toBe(403);
    expect(await status(owner, { level: 'district' })).toBe(200);
    expect(await status(owner, { level: 'selpa' })).toBe(200);
    expect(await status(owner, {})).toBe(403);
  });
  test('A-11 the second lock holds a type also where it is asked as what it implements', async () => {
    const query = '{ notes { nodes { ... on Node { id } } } }';
    expect((await call(query)).data.notes.nodes[0]).toEqual({ id: 'n1' });
    expect((await call(query, principal({ capabilities: [] }))).status).toBe(403);
  });
  test('what is not valid is not run, not even the part that is', async () => {
    const { status, data, errors } = await call('{ notes { nodes { id shoeSize } } }');
    expect([status, data, errors[0].message]).toEqual([400, undefined, expect.stringContaining('shoeSize')]);
  });
  test('A-38 a look-up is given the key of a representation, and nothing else that it claims', async () => {
    looked.length = 0;
    const query =
      '{ _entities(representations: [{ __typename: "Note", id: "n1", studentId: "s2", text: "forged" }]) { __typename } }';
    expect((await call(query)).data._entities).toEqual([{ __typename: 'Note' }]);
    expect(looked).toEqual([{ id: 'n1' }]);
    for (const id of [1, true, ['n1'], { id: 'n1' }, null]) {
      const { data } = await call(
        'query($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
        principal(),
        {
          r: [{ __typename: 'Note', id }],
        },
      );
      expect([id, data._entities, looked.length]).toEqual([id, [null], 1]);
    }
  });
  test('A-35 a mutation that comes again is refused, and recorded', async () => {
    const variables = { input: { id: 'n1', text: 'N/A', version: 1 } };
    const query = 'mutation($input: ChangeNoteInput!) { changeNote(input: $input) { errors { code } } }';
    const body = JSON.stringify({ query, variables });
    const sealed = await sealPrincipal({ principal: principal(), requestId: 'caught' }, 'notes', body, key);
    const send = () => subgraph.handle({ method: 'POST', path: '/graphql', headers: { 'x-principal': sealed }, body });
    audited.length = 0;
    expect([(await send()).status, audited]).toEqual([200, []]);
    expect((await send()).status).toBe(401);
    expect(audited).toEqual([
      expect.objectContaining({ requestId: 'caught', subject: 'acct-1', reason: 'the request was accepted before' }),
    ]);
  });
  test('writes: version conflict, scope, rules, events', async () => {
    const change =
      'mutation($input: ChangeNoteInput!) { changeNote(input: $input) { note { id text } errors { code path } } }';
    const change1 = await call(change, principal(), { input: { id: 'n1', text: 'uno', version: 1 } });
    expect(change1).toMatchObject({ data: { changeNote: { note: { text: 'uno' }, errors: [] } } });
    expect(
      (await call(change, principal(), { input: { id: 'n1', text: 'eins', version: 1 } })).errors[0].extensions.code,
    ).toBe('CONFLICT');
    expect(
      (await call(change, principal(), { input: { id: 'n3', text: 'x', version: 1 } })).errors[0].extensions.code,
    ).toBe('NOT_FOUND');
    expect(
      (await call(change, principal(), { input: { id: 'n1', text: 'N/A', version: 2 } })).data.changeNote.errors,
    ).toEqual([{ code: 'V-010', path: ['text'] }]);
    const same = { input: { id: 'n1', text: 'once', version: 2, idempotencyKey: 'k1' } };
    expect((await call(change, principal(), same)).data.changeNote.note.text).toBe('once');
    expect((await call(change, principal(), same)).data.changeNote.note.text).toBe('once');
    const dispatcher = new Dispatcher({
      database,
      clock,
      log: createLogger('test', 'silent'),
      consumer: 'copy',
      handlers: {
        'note.changed': async (_s, e) => void consumed.push((e as { payload: { noteId: string } }).payload.noteId),
      },
    });
    await dispatcher.drain();
    expect(consumed).toEqual(['n1', 'n1']);
  });
  test('A-22 A-42 A-62 a read-only perspective writes nothing; cursors and outcomes are of one subject and one perspective', async () => {
    const change = 'mutation($input: ChangeNoteInput!) { changeNote(input: $input) { note { text } errors { code } } }';
    const code = async (as: Principal, input: object) =>
      (await call(change, as, { input })).errors?.[0].extensions.code;
    const again = { id: 'n2', text: 'two', version: 1, idempotencyKey: 'k2' };
    expect(await code(principal({ readOnly: true }), again)).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
    expect(await code(principal(), again)).toBeUndefined();
    expect(await code(principal(), again)).toBeUndefined();
    expect(await code(principal({ perspective: 'p2' }), again)).toBe('CONFLICT');
    expect(await code(principal({ subject: 'acct-3', epoch: 0 }), again)).toBe('NOT_FOUND');
    const page = async (as: Principal, after: string | null = null) =>
      call('query($after: String) { notes(first: 1, after: $after) { pageInfo { endCursor } } }', as, { after });
    const after = (await page(principal())).data.notes.pageInfo.endCursor as string;
    expect((await page(principal(), after)).errors).toBeUndefined();
    for (const other of [principal({ perspective: 'p2' }), principal({ subject: 'acct-3' })])
      expect((await page(other, after)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  // SQLite runs in this process, one statement after the other: there is nobody who could end one.
  (engine === 'mysql' ? test : test.skip)(
    'a statement that takes too long is ended by the server, and said to be a fault',
    async () => {
      database.limitStatements(1_000);
      const change =
        'mutation($input: ChangeNoteInput!) { changeNote(input: $input) { note { text } errors { code } } }';
      const input = { id: 'n2', text: 'waited', version: 2 };
      const waited = await database.write(async (manager) => {
        await manager.query(`${scopeComment('system:test')}SELECT id FROM note WHERE id = 'n2' FOR UPDATE`);
        return call(change, principal(), { input });
      });
      expect([waited.status, waited.data?.changeNote, waited.errors[0].extensions.code]).toEqual([
        200,
        undefined,
        'INTERNAL',
      ]);
      expect(waited.errors[0].message).toBe('Something went wrong on our side.');
      expect((await call(change, principal(), { input })).data.changeNote).toEqual({
        note: { text: 'waited' },
        errors: [],
      });
    },
  );

  test('a statement on a protected table without marker throws', async () => {
    await expect(database.read.query('SELECT * FROM note')).rejects.toThrow('without a scope marker');
  });
});
