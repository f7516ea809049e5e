import { tmpdir } from 'node:os';
import type { Database } from '../../platform/database/database';
import { connectOwner } from '../../scripts/runtime';
import { databaseUrls } from '../harness/databases';
import { CaseWork, daysFromToday, MANTECA, type Pupil, refusalsOf, RIPON } from './case-work';
import { ComposedProduct } from './composed-product';
import { buildIfStale } from './product-process';
import { delivered, eventually, select } from './record';

const { administrator, teacher } = RIPON;
const STUDENT = `query($id: ID!) { student(id: $id) { id status services(state: ACTIVE) { id version } currentIep { id state }
  spedActivities { entryOn } dueDates { kind } caseManager { id } } }`;
const RUN = 'mutation($i: RunReportInput!) { runReport(input: $i) { reportRun { id } errors { code } } }';
const RUN_STATE = 'query($id: ID!) { reportRun(id: $id) { state rowCount failure } }';

const mysql = databaseUrls().find(([engine]) => engine === 'mysql');
/** Needs a MariaDB or MySQL: skipped, and counted as skipped, when none answers. */
(mysql ? describe : describe.skip)('the processes of docker-compose.yml, each as its own database user', () => {
  let product: ComposedProduct;
  let work: CaseWork;
  let owner: Database;
  let pupil: Pupil;

  beforeAll(async () => {
    buildIfStale();
    const url = await mysql![1](tmpdir());
    product = await ComposedProduct.start(url);
    owner = await connectOwner(url);
    work = new CaseWork(product);
  });
  afterAll(async () => {
    await product?.stop();
    await owner?.close();
  });

  test('an account signs in and asks all four subgraphs', async () => {
    const { viewer, students, studentWorklist, ieps, myCaseload } = await work.see(
      teacher,
      `{ viewer { displayName } students(first: 5) { totalCount nodes { lastName currentIep { state goals { id } } services { name } dueDates { kind } } }
         studentWorklist(filter: {}, first: 1) { totalCount } ieps(first: 1) { totalCount } myCaseload(first: 1) { nodes { student { id } } } }`,
    );
    expect(viewer.displayName).toBe('Dana Whitfield');
    for (const { totalCount } of [students, studentWorklist, ieps]) expect(totalCount).toBeGreaterThan(0);
    expect(myCaseload.nodes).toHaveLength(1);
  });

  test('a student is added, assigned and planned; the affirmation reaches students, services and reporting', async () => {
    pupil = await work.newCase(RIPON);
    const iepId = await work.heldPlan(RIPON, pupil.id);
    expect((await work.affirm(teacher, iepId)).errors).toEqual([]);
    await delivered(owner, [pupil.id]);
    const { student } = await work.see(teacher, STUDENT, { id: pupil.id });
    expect(student).toMatchObject({ status: 'ELIGIBLE_ACTIVE', currentIep: { id: iepId, state: 'CURRENT' } });
    expect([student.services, student.spedActivities].map((list) => list.length)).toEqual([1, 1]);
    expect(student.dueDates.length).toBeGreaterThan(0);
  });

  test('a report runs under the rights of who asked for it', async () => {
    const { runReport } = await work.see(administrator, RUN, { i: { definitionId: 'CASELOAD_ROSTER' } });
    const run = await eventually(async () => {
      const { reportRun } = await work.see(administrator, RUN_STATE, { id: runReport.reportRun.id });
      expect(reportRun.state).toBe('DONE');
      return reportRun;
    }, 10_000);
    expect(run).toMatchObject({ failure: null });
    expect(run.rowCount).toBeGreaterThan(5);
    await work.done(administrator, 'deleteReportRun', { id: runReport.reportRun.id });
  });

  test('a partner agency is granted a student, signs in, and is out when the grant is revoked', async () => {
    const { partnerGrant, clientSecret } = await work.done(
      administrator,
      'createPartnerGrant',
      {
        agencyId: 'agency-regional-center',
        studentIds: [pupil.id],
        scopes: ['student:read', 'student.demographics:read', 'service:read'],
        purpose: 'Coordination of services',
        legalBasis: 'Consent of the family',
        agreement: 'MOU 7',
        expiresOn: daysFromToday(30),
        destructionDate: daysFromToday(60),
      },
      'clientSecret partnerGrant { id clientId }',
    );
    const ask = () =>
      product.askAsPartner(
        partnerGrant.clientId,
        clientSecret,
        '{ students { totalCount nodes { lastName services { code } } } }',
      );
    const services = [{ code: '330' }];
    expect((await ask()).data).toEqual({
      students: { totalCount: 1, nodes: [{ lastName: pupil.lastName, services }] },
    });
    await work.done(administrator, 'revokePartnerGrant', { partnerGrantId: partnerGrant.id });
    await expect(ask()).rejects.toThrow();
  });

  test('another district claims the student once the services have ended', async () => {
    expect(refusalsOf(await work.claim(MANTECA, pupil.stateId))).toEqual(['V-045']);
    const { student } = await work.see(administrator, STUDENT, { id: pupil.id });
    for (const service of student.services) await work.terminateService(administrator, service, daysFromToday(-1));
    expect(refusalsOf(await work.claim(MANTECA, pupil.stateId))).toEqual([]);
    await delivered(owner, [pupil.id]);
    expect((await work.see(MANTECA.administrator, STUDENT, { id: pupil.id })).student.id).toBe(pupil.id);
    expect((await work.see(teacher, STUDENT, { id: pupil.id })).student).toBeNull();
  });

  test('an account is made and signs in', async () => {
    const { account, initialPassword } = await work.done(
      administrator,
      'createAccount',
      { firstName: 'Maria', lastName: 'Garcia', role: 'CASE_MANAGER', organizationId: RIPON.leaId },
      'account { username } initialPassword',
    );
    product.knows(account.username, initialPassword);
    expect((await work.see(account.username, '{ viewer { displayName } }')).viewer.displayName).toBe('Maria Garcia');
  });

  test('nothing asked for more than its user has, and every disclosure is on record', async () => {
    expect(product.output).not.toMatch(/denied/i);
    const recorded = await select<{ subgraph: string }>(
      owner,
      "SELECT DISTINCT JSON_VALUE(record, '$.subgraph') AS subgraph FROM audit_entry WHERE kind = 'disclosure' ORDER BY 1",
    );
    expect(recorded.map(({ subgraph }) => subgraph)).toEqual(['iep', 'reporting', 'services', 'students']);
  });
});
