import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { AuditLog } from '../../platform/audit/audit-log';
import { signingKey } from '../../platform/audit/keys';
import { AuditEntry } from '../../platform/audit/tables';
import { FixedClock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { scopeComment } from '../../platform/database/guard';
import { refusingTrigger } from '../../platform/database/migration';
import { createLogger } from '../../platform/log';
import { sealPrincipal } from '../../platform/principal/envelope';
import { verifyAudit } from '../../scripts/audit-verify';
import { openAudit } from '../../scripts/runtime';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { CaseWork, daysFromToday, LODI, MANTECA, type Pupil, refusalsOf, RIPON } from './case-work';
import { eventually } from './record';

const DISCLOSURES = `query Record($id: ID!, $first: Int, $after: String) { disclosures(studentId: $id, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id at name account { id displayName } partnerClient party { id name } role perspective interest legalBasis redisclosureRecipients { name interest } exempt fieldClasses operation } } }`;
const REQUEST = (record: object) => ({ requestId: expect.any(String), ...record });

describe.each(databaseUrls())('34 CFR 99.32 the record of disclosures on %s', (_engine, makeUrl) => {
  let url: string;
  let system: TestSystem;
  let audit: Database;
  let work: CaseWork;

  beforeAll(async () => {
    system = await bootSystem(async (folder) => (url = await makeUrl(folder)));
    audit = await openAudit(url);
    work = new CaseWork(system);
  });
  afterAll(async () => {
    await audit?.close();
    await system?.stop();
  });

  const recordOf = async (who: string, id: string, more: object = {}) =>
    (await system.ask(who, DISCLOSURES, { id, ...more })).data.disclosures;
  const entries = (kind: string): Promise<AuditEntry[]> =>
    audit.read.find(AuditEntry, { where: { kind }, order: { id: 'DESC' }, take: 20 });
  const firstOf = async (who: string): Promise<string> =>
    (await system.ask(who, '{ students(first: 1) { nodes { id } } }')).data.students.nodes[0].id;

  test('says who, when, in which role, why, what and in which operation; the newest first', async () => {
    const partners = await firstOf('regional-center');
    await system.ask(
      'regional-center',
      'query Coordinate($id: ID!) { student(id: $id) { lastName services { name } } }',
      {
        id: partners,
      },
    );
    await system.ask('state.ca', 'query Monitor($id: ID!) { student(id: $id) { stateId } }', { id: partners });
    const { nodes } = await recordOf('district.ripon', partners, { first: 100 });
    const of = (operation: string) => nodes.filter((node: any) => node.operation === operation);
    const [client] = of('Coordinate');
    expect(client).toMatchObject({
      account: null,
      partnerClient: 'regional-center',
      party: { id: 'agency-regional-center' },
      role: 'PARTNER',
      perspective: 'grant-regional-center',
      interest: 'Coordination of services of students served by both',
      legalBasis: 'Written consent of the parents (34 CFR 99.30)',
      exempt: false,
    });
    expect(client.name).toBe(client.party.name);
    expect(new Set(of('Coordinate').flatMap((node: any) => node.fieldClasses))).toEqual(
      new Set(['student', 'service']),
    );
    expect(of('Monitor')).toEqual([
      expect.objectContaining({ name: 'Evelyn Marsh', role: 'STATE_ADMIN', exempt: false, fieldClasses: ['student'] }),
    ]);
    const times = nodes.map((node: any) => node.at);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('a case manager’s look is exempt from the duty and recorded all the same; reading the record is recorded', async () => {
    const pupil = await work.newCase(RIPON);
    await system.ask(RIPON.teacher, 'query Look($id: ID!) { student(id: $id) { lastName } }', { id: pupil.id });
    const first = await recordOf(RIPON.administrator, pupil.id);
    expect(first.nodes[0]).toMatchObject({
      name: 'Dana Whitfield',
      account: { id: 'acct-teacher-ripon' },
      role: 'CASE_MANAGER',
      party: { id: RIPON.leaId },
      interest: 'Legitimate educational interest',
      exempt: true,
      fieldClasses: ['student'],
      operation: 'Look',
    });
    const second = await recordOf(RIPON.administrator, pupil.id);
    expect(second.totalCount).toBe(first.totalCount + 1);
    expect(second.nodes[0]).toMatchObject({
      operation: 'Record',
      fieldClasses: ['disclosure'],
      role: 'DISTRICT_ADMIN',
    });
  });

  test('a look beyond the scope is recorded with its purpose, and is no exempt one', async () => {
    const pupil = await work.newCase(RIPON);
    await system.ask(
      MANTECA.administrator,
      'query Find($by: LocateStudentInput!) { locateStudent(by: $by) { stateId } }',
      { by: { lastName: pupil.lastName, dateOfBirth: '2015-03-14', purpose: 'Enrolled with us today' } },
    );
    const { nodes } = await recordOf(RIPON.administrator, pupil.id);
    expect(nodes[0]).toMatchObject({
      operation: 'Find',
      party: { id: MANTECA.leaId },
      interest: 'Legitimate educational interest; Enrolled with us today',
      exempt: false,
      fieldClasses: ['student.card'],
    });
  });

  test('a page is a disclosure of those that it shows, not of the one that tells that there are more', async () => {
    const page = 'students(first: 2) { nodes { id } }';
    const { nodes } = (await system.ask(RIPON.teacher, `query Two { ${page} }`)).data.students;
    expect(nodes).toHaveLength(2);
    const { data } = await system.ask(
      RIPON.teacher,
      'query One { students(first: 1) { nodes { id } pageInfo { hasNextPage } } }',
    );
    expect(data.students).toEqual({ nodes: [nodes[0]], pageInfo: { hasNextPage: true } });
    const looks = async (id: string): Promise<string[]> =>
      (await recordOf(RIPON.administrator, id)).nodes.map((node: any) => node.operation);
    expect(await looks(nodes[0].id)).toEqual(expect.arrayContaining(['One', 'Two']));
    expect(await looks(nodes[1].id)).toEqual(expect.arrayContaining(['Two']));
    expect(await looks(nodes[1].id)).not.toContain('One');
  });

  test('pages by keyset, each entry once', async () => {
    const pupil = await work.newCase(RIPON);
    for (let n = 0; n < 5; n++)
      await system.ask(RIPON.teacher, `query Look${n}($id: ID!) { student(id: $id) { lastName } }`, { id: pupil.id });
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await recordOf(RIPON.administrator, pupil.id, { first: 2, after });
      seen.push(...page.nodes.map((node: any) => node.operation));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    const looks = seen.filter((operation) => operation?.startsWith('Look'));
    expect(looks).toEqual(['Look4', 'Look3', 'Look2', 'Look1', 'Look0']);
    const { pageInfo } = await recordOf(RIPON.administrator, pupil.id, { first: 1 });
    const foreign = await system.ask('selpa.sanjoaquin', DISCLOSURES, { id: pupil.id, after: pageInfo.endCursor });
    expect(foreign.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('A-41 a student out of scope and one that does not exist look alike; without the right it is denied', async () => {
    const pupil = await work.newCase(RIPON);
    const foreign = await system.ask(LODI.administrator, DISCLOSURES, { id: pupil.id });
    const nobody = await system.ask(LODI.administrator, DISCLOSURES, { id: 'nobody' });
    expect(foreign).toEqual(nobody);
    expect(foreign.data.disclosures).toMatchObject({ totalCount: 0, nodes: [] });
    for (const who of [RIPON.teacher, 'state.ca', 'regional-center']) {
      const { data, errors } = await system.ask(who, DISCLOSURES, { id: pupil.id });
      expect([who, data, errors![0]!.extensions.code]).toEqual([who, null, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    }
  });

  test('C.3 a former district sees the disclosures of its own period, the present one all', async () => {
    const pupil = await work.newCase(RIPON);
    const during = await disclosedAt(pupil, new Date(Date.now() - 100 * 86_400_000), 'During');
    await disclosedAt(pupil, new Date(Date.now() - 300 * 86_400_000), 'Before');
    expect((await work.claim(MANTECA, pupil.stateId)).data.claimJurisdiction.errors).toEqual([]);
    await system.ask(MANTECA.administrator, 'query After($id: ID!) { student(id: $id) { lastName } }', {
      id: pupil.id,
    });
    const operations = async (who: string): Promise<string[]> =>
      (await recordOf(who, pupil.id, { first: 100 })).nodes.map((node: any) => node.operation);
    expect(await operations(RIPON.administrator)).toEqual([during]);
    expect((await recordOf(RIPON.administrator, pupil.id)).totalCount).toBe(1);
    expect(await operations(MANTECA.administrator)).toEqual(expect.arrayContaining(['After', 'Before', during]));
  });

  /** As if it had been recorded then. */
  async function disclosedAt(pupil: Pupil, at: Date, operation: string): Promise<string> {
    const log = await AuditLog.start({
      database: audit,
      clock: new FixedClock(at),
      log: createLogger('test', 'silent'),
      key: signingKey('the key of another process of this system'),
      process: 'earlier',
    });
    const [{ record }] = (await entries('disclosure')) as [AuditEntry];
    await log.append('disclosure', { ...(record as object), operation, disclosed: { student: [pupil.id] } });
    await log.stop();
    return operation;
  }

  test('requests are recorded with role and organization or grant; denials by coordinates, never by values', async () => {
    await system.ask('state.ca', 'query Denied { students(first: 1) { nodes { guardians { phone } } } }');
    await system.ask('regional-center', 'query Rejected { students(first: 1) { nodes { currentIep { id } } } }');
    const requests = (await entries('request')).map(({ record }) => record);
    expect(requests).toEqual(
      expect.arrayContaining([
        expect.objectContaining(
          REQUEST({
            subject: 'acct-state-ca',
            role: 'STATE_ADMIN',
            organization: 'state-ca',
            operationName: 'Denied',
            outcome: 'filtered',
            denials: ['Student.guardians'],
          }),
        ),
        expect.objectContaining(
          REQUEST({
            subject: 'regional-center',
            kind: 'partner',
            perspective: 'grant-regional-center',
            organization: 'agency-regional-center',
            operationName: 'Rejected',
            outcome: 'rejected',
            denials: ['Student.currentIep'],
          }),
        ),
      ]),
    );
  });

  describe('a partner agency that signs with a key and is lent the students of an LEA', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }));
    const redisclosureRecipients = [{ name: 'Valley Clinic', interest: 'Therapy that the agency pays for' }];
    const LENT = 'query Lent { students(first: 100) { totalCount nodes { id } } }';
    const ONE = 'query One($id: ID!) { student(id: $id) { lastName services { code } } }';
    let id: string;
    let clientId: string;
    let bearer: string;
    let present = privateKey;

    async function signIn(key = privateKey): Promise<string> {
      const issuer = `${system.url}/oidc`;
      const assertion = new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: randomUUID() });
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion.setProtectedHeader({ alg: 'ES256' }).setExpirationTime('1m').sign(key),
        }),
      });
      return ((await answer.json()) as { access_token: string }).access_token;
    }
    const ask = (query: string, variables = {}, token = bearer) =>
      system.ask('regional-center', query, variables, { authorization: `Bearer ${token}` });
    const reaches = async (studentId: string): Promise<boolean> =>
      (await ask(ONE, { id: studentId })).data.student !== null;

    beforeAll(async () => {
      const { partnerGrant } = await work.done(
        RIPON.administrator,
        'createPartnerGrant',
        {
          ...{ agencyId: 'agency-regional-center', organizationIds: [RIPON.leaId], publicKey: pem(publicKey) },
          ...{ scopes: ['student:read', 'student.demographics:read', 'service:read'], redisclosureRecipients },
          ...{ purpose: 'Eligibility for services', legalBasis: 'Consent, 34 CFR 99.30', agreement: 'MOU 2026-14' },
          ...{ expiresOn: daysFromToday(30), destructionDate: daysFromToday(60) },
        },
        'partnerGrant { id clientId }',
      );
      ({ id, clientId } = partnerGrant);
      bearer = await signIn();
    });

    test('each call is recorded with its students, purpose, and to whom it may be passed on (34 CFR 99.32(b)); denied ones too', async () => {
      const own = (await system.ask(RIPON.administrator, '{ students(first: 1) { totalCount } }')).data.students;
      const lent = (await ask(LENT)).data.students;
      expect([lent.totalCount, lent.nodes.length]).toEqual([own.totalCount, Math.min(own.totalCount, 100)]);
      const pupil = await work.newCase(RIPON);
      expect(await reaches(pupil.id)).toBe(true);
      const { nodes } = await recordOf(RIPON.administrator, pupil.id);
      const of = nodes.filter(({ partnerClient }: any) => partnerClient === clientId);
      expect(of.flatMap((node: any) => node.fieldClasses).sort()).toEqual(['student']);
      for (const node of of)
        expect(node).toMatchObject({
          ...{ interest: 'Eligibility for services', legalBasis: 'Consent, 34 CFR 99.30', exempt: false },
          ...{ operation: 'One', perspective: id, redisclosureRecipients },
        });
      const staff = nodes.filter(({ partnerClient }: any) => partnerClient === null);
      expect(staff.length).toBeGreaterThan(0);
      for (const node of staff) expect(node.redisclosureRecipients).toEqual([]);

      expect((await ask('query Beyond { students(first: 1) { nodes { currentIep { id } } } }')).data).toBeNull();
      const caller = { subject: clientId, kind: 'partner', perspective: id };
      const requests = (await entries('request')).map(({ record }) => record);
      expect(requests).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...caller, operationName: 'One', denials: [] }),
          expect.objectContaining({ ...caller, operationName: 'Beyond', denials: ['Student.currentIep'] }),
        ]),
      );
    });

    test('studentCount is what the partner counts when it asks for inactive students too', async () => {
      const pupil = await work.newCase(RIPON);
      await system.database.write((manager) =>
        manager.query(`${scopeComment('system:test')}UPDATE student SET last_activity_on = '2015-01-01' WHERE id = ?`, [
          pupil.id,
        ]),
      );
      const { totalCount } = (await ask('{ students(filter: { includeInactive: true }) { totalCount } }')).data
        .students;
      expect((await ask(LENT)).data.students.totalCount).toBeLessThan(totalCount);
      const { data } = await system.ask(
        RIPON.administrator,
        '{ partnerGrants(first: 100) { nodes { id studentCount } } }',
      );
      expect(data.partnerGrants.nodes).toContainEqual({ id, studentCount: totalCount });
    });

    test('A-54 a student whom another LEA claims is out in the claim itself; A-41 and answers like none', async () => {
      const pupil = await work.newCase(RIPON);
      expect(await reaches(pupil.id)).toBe(true);
      expect(refusalsOf(await work.claim(MANTECA, pupil.stateId))).toEqual([]);
      const [gone, none] = [await ask(ONE, { id: pupil.id }), await ask(ONE, { id: 'nobody' })];
      expect(gone).toEqual(none);
      const { nodes } = (await ask(LENT)).data.students;
      expect(nodes).not.toContainEqual({ id: pupil.id });
    });

    test('a key of which others have the private half is replaced at once: its tokens end, and it gets no other', async () => {
      const next = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      await work.done(RIPON.administrator, 'rotatePartnerCredential', {
        ...{ partnerGrantId: id, publicKey: pem(next.publicKey), overlapHours: 0 },
      });
      expect((await ask(LENT)).status).toBe(403);
      expect(await signIn()).toBeUndefined();
      present = next.privateKey;
      bearer = await signIn(present);
      expect((await ask(LENT)).status).toBe(200);
    });

    test('A-56 revoked while it is cached, the next request is refused, and so is the next token', async () => {
      expect([(await ask(LENT)).status, typeof (await signIn(present))]).toEqual([200, 'string']);
      await work.done(RIPON.administrator, 'revokePartnerGrant', { partnerGrantId: id });
      expect([(await ask(LENT)).status, await signIn(present)]).toEqual([403, undefined]);
    });
  });

  test('A-36 who goes around the gateway is denied by the subgraph, and recorded', async () => {
    // The keys between the parts live in the process: with a wrong one there is no caller to name, and no answer.
    const body = JSON.stringify({ query: '{ students { nodes { id } } }' });
    const principal = sealPrincipal({ principal: {} as never, requestId: 'r' }, 'students', body, Buffer.alloc(32));
    const headers = { 'x-principal': principal };
    const answer = await system.subgraphs.students!.handle({ method: 'POST', path: '/graphql', headers, body });
    expect([answer.status, answer.body]).toEqual([401, expect.not.stringContaining('data')]);
  });

  test('all of this verifies', async () => {
    const said: string[] = [];
    const holds = await verifyAudit({}, { DATABASE_URL: url }, (line) => said.push(line));
    expect([holds, said.join('\n')]).toEqual([true, expect.stringContaining('The log holds')]);
  });

  describe('no record, no answer', () => {
    let pupil: Pupil;
    let iepId: string;
    let runId: string;
    let reports: string;
    const RUN = 'mutation($input: RunReportInput!) { runReport(input: $input) { reportRun { id } errors { code } } }';
    const stateOf = async (id: string): Promise<string> =>
      (await system.ask(RIPON.administrator, 'query($id: ID!) { reportRun(id: $id) { state } }', { id })).data.reportRun
        .state;

    beforeAll(async () => {
      pupil = await work.newCase(RIPON);
      iepId = await work.heldPlan(RIPON, pupil.id);
      const { reportDefinitions } = await work.see(RIPON.administrator, '{ reportDefinitions { id needsPeriod } }');
      const definition = reportDefinitions.find((one: any) => !one.needsPeriod).id;
      runId = (await system.ask(RIPON.administrator, RUN, { input: { definitionId: definition } })).data.runReport
        .reportRun.id;
      await eventually(async () => expect(await stateOf(runId)).toBe('DONE'), 20_000);
      reports = definition;
    });
    /** Everything that answers something of a student, with what it answers when the log works. */
    const asks = (): [what: string, who: string, query: string, variables: Record<string, unknown>][] => {
      const { id, stateId, lastName } = pupil;
      return [
        ['a student', RIPON.teacher, 'query($id: ID!) { student(id: $id) { lastName guardians { id } } }', { id }],
        [
          'a student by state id',
          RIPON.teacher,
          'query($s: String!) { studentByStateId(stateId: $s) { lastName } }',
          { s: stateId },
        ],
        ['a list', RIPON.teacher, '{ students(first: 50) { nodes { lastName } } }', {}],
        [
          'a search',
          RIPON.teacher,
          'query($t: String!) { searchStudents(text: $t) { nodes { lastName } } }',
          { t: lastName },
        ],
        [
          'a look beyond',
          MANTECA.administrator,
          'query($s: String!) { locateStudent(by: { stateId: $s }) { stateId initials } }',
          { s: stateId },
        ],
        [
          'an IEP',
          RIPON.teacher,
          'query($id: ID!) { iep(id: $id) { goals { statement } forms { kind } } }',
          { id: iepId },
        ],
        [
          'IEPs',
          RIPON.teacher,
          'query($id: ID!) { ieps(filter: { studentId: $id }) { nodes { goals { statement } } } }',
          { id },
        ],
        ['a worklist', RIPON.administrator, '{ studentWorklist(filter: {}) { nodes { student { lastName } } } }', {}],
        ['a caseload', RIPON.teacher, '{ myCaseload { nodes { student { lastName } } } }', {}],
        ['services', RIPON.teacher, 'query($id: ID!) { student(id: $id) { services { name minutes } } }', { id }],
        [
          'a download',
          RIPON.administrator,
          'query($id: ID!) { reportRun(id: $id) { download(format: CSV) { content size } } }',
          { id: runId },
        ],
        ['the record of disclosures', RIPON.administrator, DISCLOSURES, { id }],
      ];
    };

    /** The database refuses what the log wants to keep, of one kind or of every one. */
    async function whileRefused<T>(kind: string | null, work: () => Promise<T>): Promise<T> {
      const condition = kind ? { sqlite: `NEW.kind = '${kind}'`, mysql: `NEW.kind = '${kind}'` } : undefined;
      const trigger = refusingTrigger('audit_is_full', 'INSERT', 'audit_entry', 'no room', condition)[audit.engine];
      await audit.write((manager) => manager.query(trigger));
      try {
        return await work();
      } finally {
        await audit.write((manager) => manager.query('DROP TRIGGER audit_is_full'));
      }
    }
    /** Everything of a student that an answer could hold. */
    const dataIn = (value: unknown): unknown[] =>
      Array.isArray(value)
        ? value.flatMap(dataIn)
        : value && typeof value === 'object'
          ? Object.values(value).flatMap(dataIn)
          : value === null || value === undefined
            ? []
            : [value];

    test('the gateway answers 503 to every operation when no record can be kept', async () => {
      for (const [what, who, query, variables] of asks()) {
        const before = await system.ask(who, query, variables);
        expect([what, before.status, dataIn(before.data).length > 0]).toEqual([what, 200, true]);
        const answer = await whileRefused(null, () => system.ask(who, query, variables));
        expect([what, answer.status, answer.data]).toEqual([what, 503, undefined]);
        expect(answer.errors).toEqual([
          expect.objectContaining({ extensions: { code: 'INTERNAL', requestId: expect.any(String) } }),
        ]);
      }
      expect((await system.ask(RIPON.teacher, '{ students(first: 1) { nodes { id } } }')).status).toBe(200);
    });

    test('a subgraph answers nothing of a student when the disclosure cannot be kept', async () => {
      for (const [what, who, query, variables] of asks()) {
        const answer = await whileRefused('disclosure', () => system.ask(who, query, variables));
        expect([what, dataIn(answer.data)]).toEqual([what, []]);
        expect([what, answer.errors?.[0]?.extensions.code]).toEqual([what, 'INTERNAL']);
      }
    });

    test('a payload is kept back; the act is done, and repeating it under its key does not do it twice', async () => {
      const { student } = await work.see(RIPON.administrator, 'query($id: ID!) { student(id: $id) { version } }', {
        id: pupil.id,
      });
      const input = { id: pupil.id, version: student.version, gradeLevel: '05', idempotencyKey: `grade-${pupil.id}` };
      const selection = 'student { lastName gradeLevel version }';
      const refused = await whileRefused('disclosure', () =>
        work.attempt(RIPON.administrator, 'updateStudent', input, selection),
      );
      expect([dataIn(refused.data), refused.errors![0]!.extensions.code]).toEqual([[], 'INTERNAL']);
      const again = await work.done(RIPON.administrator, 'updateStudent', input, selection);
      expect(again.student).toEqual({ lastName: pupil.lastName, gradeLevel: '05', version: student.version + 1 });
    });

    test('a printed draft and a stored document are kept back with their bytes', async () => {
      const affirmed = await work.newCase(RIPON);
      const affirmedIep = await work.heldPlan(RIPON, affirmed.id);
      expect((await work.affirm(RIPON.teacher, affirmedIep)).errors).toEqual([]);
      const query = 'query($id: ID!) { iep(id: $id) { document { size content } } }';
      expect((await system.ask(RIPON.teacher, query, { id: affirmedIep })).data.iep.document.size).toBeGreaterThan(
        1_000,
      );
      const answer = await whileRefused('disclosure', () => system.ask(RIPON.teacher, query, { id: affirmedIep }));
      expect(dataIn(answer.data)).toEqual([]);
    });

    test('a report that cannot be recorded is not computed', async () => {
      const started = await whileRefused('disclosure', async () => {
        let id = '';
        // The record of the request may share the commit of the run's disclosure, and then fails with it.
        await eventually(async () => {
          const { data } = await system.ask(RIPON.administrator, RUN, { input: { definitionId: reports } });
          id = data.runReport.reportRun.id;
        }, 20_000);
        await eventually(async () => expect(await stateOf(id)).toBe('FAILED'), 20_000);
        return id;
      });
      const rows = await system.database.read.query('/* scope:test */ SELECT * FROM report_row WHERE run_id = ?', [
        started,
      ]);
      expect(rows).toEqual([]);
    });
  });
});
