import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { CaseWork, codes, type Pupil, refusalsOf, RIPON } from './case-work';
import { post } from './raw-answer';
import { recordOf, select } from './record';

const { administrator, teacher, provider } = RIPON;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const scan = (size: number): Buffer => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size - 9)]);
const MUTATION =
  'mutation($input: AttachSignedCopyInput!) { attachSignedCopy(input: $input) { iep { signedCopy { fileName mediaType size } } errors { code message path } } }';

describe.each(databaseUrls())('SEIS-53 a signed copy through the gateway on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let work: CaseWork;
  let pupil: Pupil;
  let iepId: string;
  beforeAll(async () => {
    system = await bootSystem(makeUrl);
    work = new CaseWork(system);
    pupil = await work.newCase(RIPON);
    iepId = await work.heldPlan(RIPON, pupil.id);
  });
  afterAll(() => system?.stop());

  const input = (bytes: Buffer, over: object = {}) => ({
    iepId,
    fileName: 'signed IEP.pdf',
    mediaType: 'application/pdf',
    content: bytes.toString('base64'),
    ...over,
  });
  /** Announces a body and sends its beginning. */
  const announce = (length: number, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        `${system.url}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': length, ...headers } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        },
      );
      request.on('error', reject);
      request.write('{"query":"');
    });

  test('SEIS-53 4 MB are taken from the case manager and come back as they were', async () => {
    const bytes = scan(4_000_000);
    const started = Date.now();
    const taken = await system.ask(teacher, MUTATION, { input: input(bytes, { signedOn: null }) });
    process.stdout.write(`4 MB taken in ${Date.now() - started} ms\n`);
    expect(taken).toEqual({
      status: 200,
      data: {
        attachSignedCopy: {
          iep: { signedCopy: { fileName: 'signed IEP.pdf', mediaType: 'application/pdf', size: 4_000_000 } },
          errors: [],
        },
      },
    });
    const { iep } = await work.see(teacher, 'query($id: ID!) { iep(id: $id) { signedCopy { content } } }', {
      id: iepId,
    });
    expect(sha256(Buffer.from(iep.signedCopy.content, 'base64'))).toBe(sha256(bytes));
  });

  test('SEIS-53 the largest, 5 MiB, passes; one byte more is refused by name', async () => {
    const largest = await system.ask(teacher, MUTATION, { input: input(scan(5 * 1024 * 1024)) });
    expect(codes(largest.data.attachSignedCopy)).toEqual([]);
    const more = await system.ask(teacher, MUTATION, { input: input(scan(5 * 1024 * 1024 + 1)) });
    expect(codes(more.data.attachSignedCopy)).toEqual(['SEIS-53']);
  });

  test('SEIS-53 413 for a large body without a token or of a partner; nobody may send more than 7.5 MB', async () => {
    expect(await announce(4_000_000)).toBe(413);
    expect(await announce(4_000_000, { authorization: `Bearer ${await system.token('regional-center')}` })).toBe(413);
    expect(await announce(9_000_000, { authorization: `Bearer ${await system.token(teacher)}` })).toBe(413);
    const small = await post(system, JSON.stringify({ query: MUTATION, variables: { input: input(scan(100)) } }));
    expect(small.status).toBe(401);
  });

  test('SEIS-53 other types, and who may not write, are refused; nothing is kept', async () => {
    const before = await recordOf(system.database, pupil.id);
    const program = await system.ask(teacher, MUTATION, { input: input(Buffer.from('MZ\u0090 a program')) });
    expect(program.data.attachSignedCopy).toMatchObject({
      iep: null,
      errors: [{ code: 'SEIS-53', path: ['content'] }],
    });
    expect(refusalsOf(await system.ask(provider, MUTATION, { input: input(scan(100)) }))).toEqual([
      'UNAUTHORIZED_FIELD_OR_TYPE',
    ]);
    expect(refusalsOf(await system.ask('district.manteca', MUTATION, { input: input(scan(100)) }))).toEqual([
      'NOT_FOUND',
    ]);
    const state = await system.ask('state.ca', 'query($id: ID!) { iep(id: $id) { id signedCopy { content } } }', {
      id: iepId,
    });
    expect(state.data?.iep?.signedCopy ?? null).toBeNull();
    expect(await recordOf(system.database, pupil.id)).toEqual(before);
  });

  test('SEIS-53 a newer copy is shown, the older stays; no log and no outbox holds a content', async () => {
    const bytes = Buffer.concat([scan(2_000), Buffer.from('unmistakable content of a scan')]);
    await system.ask(administrator, MUTATION, {
      input: input(bytes, { fileName: 'newer.pdf', idempotencyKey: `scan-${iepId}` }),
    });
    const { iep } = await work.see(
      teacher,
      'query($id: ID!) { iep(id: $id) { legalNotice signedCopy { fileName } signedCopies { document { fileName } attachedBy { displayName } } } }',
      { id: iepId },
    );
    expect(iep.legalNotice).toContain('signed hard copy is the legal IEP');
    expect(iep.signedCopy.fileName).toBe('newer.pdf');
    expect(iep.signedCopies).toHaveLength(3);
    const tail = bytes.toString('base64').slice(-32);
    for (const table of ['idempotency', 'outbox_event', 'outbox_delivery'])
      expect(JSON.stringify(await select(system.database, `SELECT * FROM ${table}`))).not.toContain(tail);
  });
});
