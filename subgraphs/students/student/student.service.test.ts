import type { Principal } from '../../../platform/principal/principal';
import { bumpEpoch } from '../../../platform/scope/epoch';
import { databaseUrls } from '../../../test/harness/databases';
import { CROSSING_LIMIT } from './crossing-limit';
import { normalizeName, parseQuickSearch, searchKey } from './search-text';
import { bundle, graph, newcomer, StudentsFixture } from './students.fixture';

describe('names as they are searched', () => {
  test('accents, apostrophes, case and punctuation do not matter', () => {
    expect(normalizeName("  O'Brien-Núñez ")).toBe('obrien nunez');
    expect(searchKey('De la Cruz', 'Ana María')).toBe('de la cruz, ana maria');
  });
  test('SER-12 SER-13 SER-14 the three quick forms', () => {
    expect(parseQuickSearch('Ana Cruz')).toEqual({ prefixes: ['cruz, ana'] });
    expect(parseQuickSearch('Ana de la Cruz')).toEqual({
      prefixes: ['de la cruz, ana', 'la cruz, ana de', 'cruz, ana de la'],
    });
    expect(parseQuickSearch('Cruz, Ana')).toEqual({ prefixes: ['cruz, ana'] });
    expect(parseQuickSearch('Cruz,')).toEqual({ prefixes: ['cruz,'] });
    expect(parseQuickSearch('cru')).toEqual({ prefixes: ['cru'] });
    expect(parseQuickSearch(' 9000000001 ')).toEqual({ stateId: '9000000001' });
    expect(() => parseQuickSearch(' %_ ')).toThrow('Enter a name');
    expect(() => parseQuickSearch('x'.repeat(101))).toThrow('at most 100');
  });
});

describe('the schema of the students aggregates', () => {
  test('everything has a description, and every object type and root field a rule', () => {
    const own = Object.values(graph.schema.getTypeMap()).filter((type) => !type.name.startsWith('_') && type.astNode);
    for (const type of own) {
      if (['Query', 'Mutation'].includes(type.name) || /^(federation|link)__/.test(type.name)) continue;
      expect([type.name, type.description]).toEqual([type.name, expect.any(String)]);
      if (!('getFields' in type)) continue;
      for (const field of Object.values(type.getFields()))
        expect([`${type.name}.${field.name}`, field.description]).toEqual([
          `${type.name}.${field.name}`,
          expect.any(String),
        ]);
    }
    expect(graph.sdl).toContain(
      'type Student implements Node @key(fields: "id") @key(fields: "stateId") @requiresScopes(scopes: [["student:read"]])',
    );
    expect(graph.sdl).toMatch(/guardians: \[Guardian!\] @requiresScopes\(scopes: \[\["student.contacts:read"\]\]\)/);
    expect(graph.sdl).toMatch(
      /text: String! @reads\(fields: \["Student.firstName", "Student.lastName", "Student.stateId"\]\)/,
    );
  });
});

describe.each(databaseUrls())('students on %s', (engine, makeUrl) => {
  let f: StudentsFixture;
  let a: Principal;
  let b: Principal;
  let teacher: Principal;
  const ADD =
    'student { id stateId lastName status jurisdiction { lea { id } school { id } beginDate } statusHistory { status effectiveOn } } request { id kind state proposedName proposedStateId version }';
  const names = async (as: Principal, text: string, includeInactive = false): Promise<string[]> => {
    const { data, errors } = await f.call(
      as,
      'query($t: String!, $i: Boolean) { searchStudents(text: $t, includeInactive: $i) { nodes { firstName lastName } } }',
      { t: text, i: includeInactive },
    );
    return errors
      ? [errors[0].extensions.code]
      : data.searchStudents.nodes.map(
          (node: { firstName: string; lastName: string }) => `${node.firstName} ${node.lastName}`,
        );
  };

  beforeAll(async () => {
    f = await StudentsFixture.start(makeUrl);
    [a, b, teacher] = [f.district('lea-a'), f.district('lea-b'), f.teacher('lea-a')];
    const atB = (n: number) => [
      {
        id: `jb-${n}`,
        leaId: 'lea-b',
        selpaId: 'selpa-2',
        stateOrgId: 'state-ca',
        schoolId: 'school-b1',
        beginDate: '2024-08-01',
      },
    ];
    await f.load(
      bundle('s-1', { firstName: 'Ana', lastName: 'García', stateId: '9000000001' }),
      bundle('s-2', {
        firstName: 'Ana María',
        lastName: 'de la Cruz',
        stateId: '9000000002',
        dateOfBirth: '2014-01-01',
        gradeLevel: '06',
      }),
      bundle('s-3', {
        firstName: 'Ben',
        lastName: 'Garcia-Lopez',
        stateId: '9000000003',
        gender: 'M',
        dateOfBirth: '2010-10-10',
        gradeLevel: '09',
      }),
      bundle('s-4', { firstName: 'Old', lastName: 'Garcia', stateId: '9000000004', lastActivityOn: '2021-02-10' }),
      bundle('s-5', {
        firstName: 'Double',
        lastName: 'Garcia',
        stateId: '9000000005',
        statuses: [{ id: 'h5', status: 'INACTIVE_NOT_REPORTED', effectiveOn: '2025-01-01' }],
      }),
      bundle('s-6', {
        firstName: 'Else',
        lastName: 'Garcia',
        stateId: '9000000006',
        dateOfBirth: '2013-06-06',
        jurisdictions: atB(6),
      }),
    );
    await f.publish('pub_service', { id: 'sv6', student_id: 's-6', lea_id: 'lea-b', state: 'ACTIVE', end_date: null });
    await f.grant({
      studentId: 's-1',
      grantee: 'STAFF:acct-teacher-lea-a',
      relation: 'CASE_MANAGER',
      leaId: 'lea-a',
      validFrom: '2024-08-01',
    });
  });
  afterAll(() => f?.database.close());

  test('SER-12 SER-13 SER-14 quick search by "first last", "last, first" and unique id, in the own scope', async () => {
    expect(await names(a, 'ana garcia')).toEqual(['Ana García']);
    expect(await names(a, 'GARCÍA, A')).toEqual(['Ana García']);
    expect(await names(a, 'Ana María de la Cruz')).toEqual(['Ana María de la Cruz']);
    expect(await names(a, 'garcia')).toEqual(['Ben Garcia-Lopez', 'Ana García']);
    expect(await names(a, '9000000002')).toEqual(['Ana María de la Cruz']);
    expect(await names(a, '9000000006')).toEqual([]);
    expect(await names(b, 'garcia')).toEqual(['Else Garcia']);
    expect(await names(teacher, 'garcia')).toEqual(['Ana García']);
    expect(await names(a, '%')).toEqual(['BAD_USER_INPUT']);
  });

  test('SER-18 records of five years or older, and hidden ones, only on demand', async () => {
    expect(await names(a, 'garcia', true)).toEqual(['Ben Garcia-Lopez', 'Ana García', 'Double Garcia', 'Old Garcia']);
    expect(await names(a, 'garcia')).not.toEqual(expect.arrayContaining(['Double Garcia']));
    expect(await names(a, '9000000005')).toEqual([]);
    expect(await names(a, '9000000005', true)).toEqual(['Double Garcia']);
    expect(await names(a, '9000000004')).toEqual([]);
    expect(await names(a, '9000000004', true)).toEqual(['Old Garcia']);
  });

  test('SER-16 SER-17 SER-19 any field narrows the list; pages follow each other', async () => {
    const list = async (filter: object, orderBy = 'NAME') => {
      const { data } = await f.call(
        a,
        'query($f: StudentFilter, $o: StudentOrder) { students(filter: $f, orderBy: $o) { nodes { id } totalCount } }',
        { f: filter, o: orderBy },
      );
      expect(data.students.totalCount).toBe(data.students.nodes.length);
      return data.students.nodes.map((node: { id: string }) => node.id);
    };
    expect(await list({})).toEqual(['s-2', 's-3', 's-1']);
    expect(await list({}, 'DATE_OF_BIRTH')).toEqual(['s-3', 's-2', 's-1']);
    expect(await list({}, 'GRADE_LEVEL')).toEqual(['s-1', 's-2', 's-3']);
    expect(await list({}, 'STATE_ID')).toEqual(['s-1', 's-2', 's-3']);
    expect(await list({ dateOfBirth: '2014-01-01' })).toEqual(['s-2']);
    expect(await list({ gender: 'M', lastName: 'gar' })).toEqual(['s-3']);
    expect(await list({ firstName: 'ana' })).toEqual(['s-2', 's-1']);
    expect(await list({ gradeLevel: ['04', '09'], status: ['PENDING'] })).toEqual(['s-3', 's-1']);
    expect(await list({ status: [] })).toEqual([]);
    expect(await list({ schoolId: 'school-a1', leaId: 'lea-a' })).toEqual(['s-2', 's-3', 's-1']);
    expect(await list({ leaId: 'lea-b' })).toEqual([]);
    const page = await f.call(a, '{ students(first: 2) { nodes { id } pageInfo { endCursor hasNextPage } } }');
    const next = await f.call(
      a,
      'query($c: String) { students(first: 2, after: $c) { nodes { id } pageInfo { hasNextPage } } }',
      { c: page.data.students.pageInfo.endCursor },
    );
    expect([page.data.students.pageInfo.hasNextPage, next.data.students]).toEqual([
      true,
      { nodes: [{ id: 's-1' }], pageInfo: { hasNextPage: false } },
    ]);
  });

  test('one statement per entity batch: 4 students with guardians, jurisdictions, statuses and activities', async () => {
    const statements: string[] = [];
    const stop = f.database.guard.listen((sql) => void (/scope:/.test(sql) && statements.push(sql)));
    const { data } = await f.call(
      a,
      '{ students(filter: {includeInactive: true}) { nodes { id guardians { firstName } jurisdiction { lea { name } school { name } schools { id } } jurisdictions { id } statusHistory { status } spedActivities { id } } } }',
    );
    stop();
    expect(data.students.nodes).toHaveLength(5);
    expect(data.students.nodes[0].jurisdiction).toMatchObject({
      lea: { name: 'Name of lea-a' },
      school: { name: 'Name of school-a1' },
    });
    expect(statements).toHaveLength(6);
  });

  test('A-41 a foreign student and one that does not exist get the same answer', async () => {
    const query = 'query($id: ID!, $s: String!) { student(id: $id) { id } studentByStateId(stateId: $s) { id } }';
    expect(await f.call(a, query, { id: 's-6', s: '9000000006' })).toEqual(
      await f.call(a, query, { id: 'nobody', s: '1' }),
    );
    for (const name of ['updateStudent', 'assignStateId']) {
      const input = (id: string) => ({
        id,
        version: 1,
        ...(name === 'assignStateId' ? { stateId: '7000000001' } : { language: 'x' }),
      });
      expect(await f.mutate(a, name, input('s-6'))).toEqual(await f.mutate(a, name, input('nobody')));
    }
    const entities = await f.call(
      a,
      '{ _entities(representations: [{__typename: "Student", id: "s-6"}, {__typename: "Student", stateId: "9000000001"}, {__typename: "Student"}]) { ... on Student { id } } }',
    );
    expect(entities.data._entities).toEqual([null, { id: 's-1' }, null]);
  });

  test('SEIS-16 SER-29 locateStudent answers minimal cards beyond the scope, with the owner and open services', async () => {
    const locate = (as: Principal, by: object) =>
      f.call(
        as,
        'query($by: LocateStudentInput!) { locateStudent(by: $by) { stateId initials birthYear lea { id name } hasOpenServices } }',
        { by },
      );
    const card = {
      stateId: '9000000006',
      initials: 'EG',
      birthYear: 2013,
      lea: { id: 'lea-b', name: 'Name of lea-b' },
      hasOpenServices: true,
    };
    expect((await locate(a, { stateId: '9000000006' })).data.locateStudent).toEqual([card]);
    const byName = { lastName: 'GARCIA', dateOfBirth: '2013-06-06', purpose: 'Enrolled with us today' };
    expect((await locate(teacher, byName)).data.locateStudent).toEqual([card]);
    expect(f.audited.at(-1)).toMatchObject({
      disclosed: { 'student.card': ['s-6'] },
      purposes: ['Enrolled with us today'],
    });
    expect((await locate(a, { ...byName, lastName: 'Garci' })).data.locateStudent).toEqual([]);
    expect((await locate(a, { stateId: '9000000005' })).data.locateStudent).toEqual([]);
    // Of three who are called so and were born that day, one is a duplicate that was hidden.
    const sameDay = (await locate(a, { ...byName, dateOfBirth: '2015-03-08' })).data.locateStudent;
    expect(sameDay.map((one: { stateId: string }) => one.stateId)).toEqual(['9000000001', '9000000004']);
    expect((await locate(f.district('lea-l'), { stateId: '9000000006' })).data.locateStudent).toEqual([]);
    for (const by of [
      {},
      { lastName: 'Garcia' },
      { lastName: 'Garcia', dateOfBirth: '2013-06-06' },
      { stateId: '1', lastName: 'x' },
    ]) {
      expect((await locate(a, by)).errors![0].extensions.code).toBe('BAD_USER_INPUT');
    }
    // Looks are remembered from one engine's run to the other's.
    const subject = `acct-busy-${engine}`;
    await f.system((session) => bumpEpoch(session, subject));
    const busy = f.district('lea-c', { subject });
    // Each counts once, whatever fails beside it.
    const beside = '{ locateStudent(by: { stateId: "1" }) { stateId } students(first: 0) { nodes { id } } }';
    for (let i = 0; i < CROSSING_LIMIT.points; i++)
      expect(
        (await f.call(busy, beside)).errors!.map(({ extensions }: { extensions: { code: string } }) => extensions.code),
      ).toEqual(['BAD_USER_INPUT']);
    expect((await locate(busy, { stateId: '1' })).errors![0].extensions.code).toBe('RATE_LIMITED');
    expect(
      await f.mutate(busy, 'claimJurisdiction', { stateId: '1', schoolId: 'school-c1', beginDate: '2026-02-10' }),
    ).toMatchObject({ topLevel: 'RATE_LIMITED' });
  });

  test('A-43 a refused add is no look beyond the scope, and neither is one of an account that has used up its looks', async () => {
    const refused = (over: object) => f.mutate(a, 'addStudent', newcomer({ status: 'EXITED', ...over }), ADD);
    const unknown = await refused({ stateId: '8000000012', lastName: 'Nowhere' });
    expect(unknown).toMatchObject({ errors: [{ code: 'C.1' }], request: null });
    expect(await refused({ stateId: '9000000006' })).toEqual(unknown);
    expect(await refused({ stateId: '8000000012', lastName: 'García', dateOfBirth: '2013-06-06' })).toEqual(unknown);
    for (let i = 0; i < CROSSING_LIMIT.points; i++)
      await f.call(f.district('lea-c'), '{ locateStudent(by: { stateId: "1" }) { stateId } }');
    const late = (stateId: string) =>
      f.mutate(f.district('lea-c'), 'addStudent', newcomer({ stateId, schoolId: 'school-c1' }), ADD);
    expect(await late('9000000006')).toMatchObject({ topLevel: 'RATE_LIMITED' });
    expect(await late('8000000012')).toMatchObject({ topLevel: 'RATE_LIMITED' });
  });

  test('SER-32..37 a district adds a student with its first jurisdiction and status', async () => {
    const added = await f.mutate(a, 'addStudent', newcomer(), ADD);
    expect(added.errors).toEqual([]);
    expect(added.student).toMatchObject({
      stateId: '8000000001',
      status: 'REFERRED',
      jurisdiction: { lea: { id: 'lea-a' }, school: { id: 'school-a1' }, beginDate: '2026-02-02' },
      statusHistory: [{ status: 'REFERRED', effectiveOn: '2026-02-02' }],
    });
    expect((await f.events(added.student.id)).map((event) => event.type)).toEqual([
      'jurisdiction.changed',
      'status.changed',
      'student.changed',
    ]);
    expect((await f.mutate(a, 'addStudent', newcomer(), ADD)).errors).toMatchObject([
      { code: 'SEIS-16', path: ['stateId'] },
    ]);
    for (const [over, expected] of [
      [{ localId: '123456789' }, { errors: [{ code: 'V-047' }] }],
      [{ beginDate: '2026-02-11' }, { errors: [{ code: 'C.3' }] }],
      [{ schoolId: 'school-b1' }, { errors: [{ code: 'SER-24' }] }],
      [{ status: 'ELIGIBLE_ACTIVE' }, { errors: [{ code: 'C.1' }] }],
      [{ gender: 'Q' }, { topLevel: 'BAD_USER_INPUT' }],
      [{ gradeLevel: '13' }, { topLevel: 'BAD_USER_INPUT' }],
      [{ firstName: 'x'.repeat(61) }, { topLevel: 'BAD_USER_INPUT' }],
      [{ lastName: ' ' }, { topLevel: 'BAD_USER_INPUT' }],
    ] as const) {
      expect(
        await f.mutate(a, 'addStudent', newcomer({ stateId: '8000000009', lastName: 'Wrong', ...over })),
      ).toMatchObject(expected);
    }
    expect(await names(a, '8000000009')).toEqual([]);
  });

  test('A-43 an add that meets a foreign record is a request like every queued add, by state id or name and birth date', async () => {
    const normal = await f.mutate(teacher, 'addStudent', newcomer({ stateId: '8000000010', lastName: 'Nowhere' }), ADD);
    const byId = await f.mutate(teacher, 'addStudent', newcomer({ stateId: '9000000006', lastName: 'Nowhere' }), ADD);
    const byName = await f.mutate(
      a,
      'addStudent',
      newcomer({ stateId: '8000000011', lastName: 'García', dateOfBirth: '2013-06-06' }),
      ADD,
    );
    const plain = (answer: any) => ({
      ...answer,
      request: { ...answer.request, id: '', proposedName: '', proposedStateId: '' },
    });
    expect(plain(normal)).toEqual({
      errors: [],
      student: null,
      request: { id: '', kind: 'ADD_STUDENT', state: 'SUBMITTED', proposedName: '', proposedStateId: '', version: 1 },
    });
    expect(plain(byId)).toEqual(plain(normal));
    expect(plain(byName)).toEqual(plain(normal));
    const queue = async (as: Principal) =>
      (await f.call(as, '{ requests(filter: {kind: ADD_STUDENT}) { nodes { id proposedName } totalCount } }')).data
        .requests.totalCount;
    expect([await queue(a), await queue(teacher), await queue(b), await queue(f.teacher('lea-b'))]).toEqual([
      3, 2, 0, 0,
    ]);
    expect(await queue({ ...teacher, perspective: 'another' })).toBe(0);
  });

  test('A-43 who creates otherwise may guess from a request that a record exists: recorded and counted as a look', async () => {
    const d = f.district('lea-d');
    const met = () =>
      f.mutate(d, 'addStudent', newcomer({ stateId: '9000000006', lastName: 'Seen', schoolId: 'school-d1' }), ADD);
    await met();
    expect(f.audited.at(-1)).toMatchObject({ disclosed: { 'student.card': ['s-6'] } });
    for (let i = 1; i < CROSSING_LIMIT.points; i++) await met();
    expect(await met()).toMatchObject({ topLevel: 'RATE_LIMITED' });
  });

  test('SEIS-15 the district decides queued adds: adds, claims under the rules of a claim, or denies', async () => {
    const process = (as: Principal, id: string, over: object = {}) =>
      f.mutate(
        as,
        'processRequest',
        { id, version: 1, decision: 'ACCEPT', ...over },
        'request { state note } student { stateId jurisdiction { lea { id } } }',
      );
    const ask = async (over: object) =>
      (await f.mutate(teacher, 'addStudent', newcomer(over), ADD)).request.id as string;
    const added = await ask({ stateId: '8000000020', lastName: 'Twenty' });
    expect(await process(b, added)).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect(await process(a, added, { version: 7 })).toMatchObject({ topLevel: 'CONFLICT' });
    expect(await process(a, added)).toEqual({
      errors: [],
      request: { state: 'ACCEPTED', note: null },
      student: { stateId: '8000000020', jurisdiction: { lea: { id: 'lea-a' } } },
    });
    expect((await process(a, added, { version: 2 })).errors[0].code).toBe('C.9');
    const twin = await ask({ stateId: '8000000021', lastName: 'Garcia', dateOfBirth: '2013-06-06' });
    expect((await process(a, twin)).errors).toMatchObject([{ code: 'SEIS-16', path: ['confirmNewRecord'] }]);
    expect(await process(a, twin, { confirmNewRecord: true })).toMatchObject({
      errors: [],
      student: { stateId: '8000000021' },
    });
    const taken = await ask({ stateId: '9000000006' });
    expect((await process(a, taken)).errors[0]).toMatchObject({
      code: 'V-045',
      message: expect.stringContaining('Name of lea-b'),
    });
    await f.sql("UPDATE pub_service SET state = 'TERMINATED', end_date = '2026-02-01' WHERE id = 'sv6'");
    expect(await process(a, taken)).toMatchObject({
      errors: [],
      student: { stateId: '9000000006', jurisdiction: { lea: { id: 'lea-a' } } },
    });
    const denied = await ask({ stateId: '8000000022', lastName: 'No' });
    expect((await process(a, denied, { decision: 'DENY' })).errors[0].path).toEqual(['note']);
    expect(await process(a, denied, { decision: 'DENY', note: 'Not ours' })).toMatchObject({
      errors: [],
      request: { state: 'DENIED', note: 'Not ours' },
      student: null,
    });
    const withdrawn = await ask({ stateId: '8000000023', lastName: 'Back' });
    expect(await f.mutate(a, 'withdrawRequest', { id: withdrawn, version: 1 })).toMatchObject({
      topLevel: 'NOT_FOUND',
    });
    // what was asked under one perspective is not seen under another.
    const elsewhere = { ...teacher, perspective: 'another' };
    expect(await f.mutate(elsewhere, 'withdrawRequest', { id: withdrawn, version: 1 })).toMatchObject({
      topLevel: 'NOT_FOUND',
    });
    expect(await f.mutate(teacher, 'withdrawRequest', { id: withdrawn, version: 1 }, 'request { state }')).toEqual({
      errors: [],
      request: { state: 'WITHDRAWN' },
    });
  });

  test('A-43 two districts add the same student at the same time: one record, one request', async () => {
    const input = (school: string) => newcomer({ stateId: '8000000040', lastName: 'Forty', schoolId: school });
    const answers = await Promise.all([
      f.mutate(a, 'addStudent', input('school-a1'), ADD),
      f.mutate(b, 'addStudent', input('school-b1'), ADD),
    ]);
    expect(answers.map((answer) => answer.errors)).toEqual([[], []]);
    expect(answers.filter((answer) => answer.student)).toHaveLength(1);
    expect(answers.filter((answer) => answer.request)).toHaveLength(1);
    expect(await f.sql("SELECT id FROM student WHERE state_id = '8000000040'")).toHaveLength(1);
  });

  test('SEIS-15 two deciders of one request: it is done once', async () => {
    const { request } = await f.mutate(
      teacher,
      'addStudent',
      newcomer({ stateId: '8000000041', lastName: 'Fortyone' }),
      ADD,
    );
    const input = { id: request.id, version: 1, decision: 'ACCEPT' };
    const answers = await Promise.all([1, 2].map(() => f.mutate(a, 'processRequest', input, 'student { stateId }')));
    expect(answers.map((answer) => answer.topLevel ?? answer.student?.stateId).sort()).toEqual([
      '8000000041',
      'CONFLICT',
    ]);
    const { data } = await f.call(a, `{ requests(first: 100) { nodes { id state student { stateId } } } }`);
    expect(data.requests.nodes.find((node: { id: string }) => node.id === request.id)).toMatchObject({
      state: 'ACCEPTED',
      student: { stateId: '8000000041' },
    });
  });

  test('V-051 V-047 SER-26 SER-42 SER-43 the profile is editable, demographics are not; CONFLICT loses nothing', async () => {
    const update = (input: object) =>
      f.mutate(
        a,
        'updateStudent',
        { id: 's-2', version: 1, ...input },
        'student { localId gradeLevel language version }',
      );
    for (const field of ['firstName', 'middleName', 'lastName', 'gender'])
      expect((await update({ [field]: 'Ana' })).errors).toMatchObject([{ code: 'V-051', path: [field] }]);
    expect((await update({ dateOfBirth: '2014-01-01' })).errors[0].code).toBe('V-051');
    for (const localId of ['123-45-6789', '123456789', '123 45 6789'])
      expect((await update({ localId })).errors).toMatchObject([{ code: 'V-047', path: ['localId'] }]);
    expect(await update({ localId: '000456789', language: 'Spanish' })).toEqual({
      errors: [],
      student: { localId: '000456789', gradeLevel: '06', language: 'Spanish', version: 2 },
    });
    expect(await update({ gradeLevel: '07' })).toMatchObject({ topLevel: 'CONFLICT' });
    expect(await update({ version: 2, localId: null })).toMatchObject({
      student: { localId: null, language: 'Spanish', version: 3 },
    });
    expect(
      await f.mutate({ ...a, readOnly: true }, 'updateStudent', { id: 's-2', version: 3, language: 'x' }),
    ).toMatchObject({ topLevel: 'UNAUTHORIZED_FIELD_OR_TYPE' });
  });

  test('V-049 another unique id: a malformed one and a taken one get the same answer', async () => {
    const assign = (stateId: string) =>
      f.mutate(a, 'assignStateId', { id: 's-3', version: 1, stateId }, 'student { stateId }');
    expect(await assign('9000000001')).toEqual(await assign('?'));
    expect((await assign('9000000001')).errors[0].code).toBe('V-049');
    expect(await assign('9000000033')).toEqual({ errors: [], student: { stateId: '9000000033' } });
  });

  test('SER-38..40 V-052 guardians: editable by the LEA, shared with nobody else', async () => {
    const add = (as: Principal, input: object) =>
      f.mutate(
        as,
        'addGuardian',
        { studentId: 's-1', firstName: 'Leo', lastName: 'García', relationship: 'FATHER', ...input },
        'guardian { id firstName phone educationalRights version }',
      );
    const { guardian, errors } = await add(a, { phone: '209-555-0111' });
    expect([errors, guardian]).toMatchObject([
      [],
      { firstName: 'Leo', phone: '209-555-0111', educationalRights: true, version: 1 },
    ]);
    expect(await add(b, {})).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect(await add(a, { email: 'nonsense' })).toMatchObject({ topLevel: 'BAD_USER_INPUT' });
    const edit = (as: Principal, input: object) =>
      f.mutate(as, 'updateGuardian', { id: guardian.id, version: 1, ...input }, 'guardian { phone version }');
    expect(await edit(b, { phone: '1' })).toMatchObject({ topLevel: 'NOT_FOUND' });
    expect(await edit(a, { phone: null })).toEqual({ errors: [], guardian: { phone: null, version: 2 } });
    expect(await edit(a, { phone: '2' })).toMatchObject({ topLevel: 'CONFLICT' });
    // Until the last day the present owner keeps the contacts, also when another LEA has claimed the student.
    const closing = bundle('s-70', { jurisdictions: [{ ...bundle('s-70').jurisdictions[0]!, endDate: '2026-12-31' }] });
    await f.load(closing);
    expect((await add(a, { studentId: 's-70' })).errors).toEqual([]);
  });
});
