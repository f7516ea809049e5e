import { createHash } from 'node:crypto';
import { scopeComment } from '../../../platform/database/guard';
import type { Principal } from '../../../platform/principal/principal';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { databaseUrls } from '../../../test/harness/databases';
import { pdfText } from '../../../test/scenarios/pdf-text';
import { caseManager, codes, dataWriter, district, former, IepGraph, provider, TODAY } from '../iep.fixture';
import { MAX_SCAN_BYTES } from './scanned-file';
import { MAX_COPIES } from './signed-copy.service';

const bytesOf = (first: readonly number[] | string, size = 400): Buffer => {
  const bytes = Buffer.alloc(size, 0x5a);
  Buffer.from(first as never).copy(bytes);
  return bytes;
};
const PDF = bytesOf('%PDF-1.7');
const PNG = bytesOf([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

describe.each(databaseUrls())('SEIS-53 scans of the signed hard copy on %s', (_engine, makeUrl) => {
  let graph: IepGraph;
  let iepId: string;
  let studentId: string;
  let count = 0;
  const newHeld = async () => graph.heldIep((studentId = await graph.student(`scan${++count}`)));
  beforeAll(async () => {
    graph = await IepGraph.open(makeUrl);
  });
  afterAll(() => graph?.database.close());
  beforeEach(async () => {
    iepId = await newHeld();
  });

  const file = (bytes: Buffer, over: object = {}) => ({
    iepId,
    fileName: 'signed.pdf',
    mediaType: 'application/pdf',
    content: bytes.toString('base64'),
    ...over,
  });
  const attach = (bytes: Buffer, over: object = {}, as?: Principal) =>
    graph.mutate('attachSignedCopy', file(bytes, over), 'iep { id }', as);
  const failure = async (over: object, bytes = PDF, as?: Principal) => {
    const { data, errors } = await graph.tryMutate('attachSignedCopy', file(bytes, over), 'iep { id }', as);
    if (!errors) return codes(data.attachSignedCopy)[0];
    return errors[0]!.extensions.code;
  };
  const COPIES =
    'signedCopy { id fileName mediaType size content } signedCopies { id signedOn attachedAt attachedBy { id } document { fileName size content } }';

  test('SEIS-53 attached to a held IEP: kept whole, shown with its day and its attacher; content and version stay', async () => {
    const before = await graph.iep(iepId, 'version state');
    const scan = bytesOf('%PDF-1.4', 200_000);
    const { iep, errors } = await graph.mutate(
      'attachSignedCopy',
      file(scan, { signedOn: '2026-02-05' }),
      `iep { version state legalNotice ${COPIES} }`,
    );
    expect(errors).toEqual([]);
    expect(iep).toMatchObject({
      ...before,
      legalNotice: 'The signed hard copy is the legal IEP. This document is a tool.',
    });
    expect(iep.signedCopy).toMatchObject({ fileName: 'signed.pdf', mediaType: 'application/pdf', size: 200_000 });
    expect(Buffer.from(iep.signedCopy.content, 'base64').equals(scan)).toBe(true);
    expect(iep.signedCopies).toMatchObject([
      { signedOn: '2026-02-05', attachedAt: '2026-02-10T18:00:00.000Z', attachedBy: { id: 'acct-cm' } },
    ]);
    const [stored] = await graph.select('SELECT sha256 FROM iep_signed_copy WHERE iep_id = ?', [iepId]);
    expect(stored!.sha256).toBe(createHash('sha256').update(scan).digest('hex'));
  });

  test('SEIS-53 a newer copy is shown in place of the older, which stays on record', async () => {
    await attach(PDF);
    graph.clock.set(new Date('2026-02-10T19:00:00Z'));
    await attach(PNG, { fileName: 'page 2.png' });
    graph.clock.set(new Date('2026-02-10T18:00:00Z'));
    const { signedCopy, signedCopies } = await graph.iep(iepId, COPIES);
    expect(signedCopy).toMatchObject({
      fileName: 'page 2.png',
      mediaType: 'image/png',
      content: PNG.toString('base64'),
    });
    expect(signedCopies.map((copy: any) => copy.document.content)).toEqual([
      PNG.toString('base64'),
      PDF.toString('base64'),
    ]);
  });

  test.each([
    ['application/pdf', bytesOf('%PDF-2.0')],
    ['image/jpeg', bytesOf([0xff, 0xd8, 0xff, 0xe0])],
    ['image/png', PNG],
    ['image/tiff', bytesOf([0x49, 0x49, 0x2a, 0x00])],
    ['image/tiff', bytesOf([0x4d, 0x4d, 0x00, 0x2a])],
  ])('SEIS-53 %s is known by its first bytes, whatever the client says', async (mediaType, bytes) => {
    expect((await attach(bytes, { mediaType: 'text/html' })).errors).toEqual([]);
    expect((await graph.iep(iepId, 'signedCopy { mediaType }')).signedCopy.mediaType).toBe(mediaType);
  });

  test('SEIS-53 refused by name: other types, empty, too large, no base64, bad names, days to come', async () => {
    for (const bytes of [
      Buffer.from('MZ this is a program'),
      Buffer.from('<html><script>alert(1)</script></html>'),
      Buffer.from('GIF89a and so on'),
      Buffer.from('%PD'),
      Buffer.from('PK\u0003\u0004'),
      Buffer.from('\n%PDF-1.7'),
    ])
      expect(await failure({}, bytes)).toBe('SEIS-53');
    expect(await failure({ content: '' })).toBe('SEIS-53');
    expect(await failure({}, bytesOf('%PDF-', MAX_SCAN_BYTES + 1))).toBe('SEIS-53');
    expect(await failure({ signedOn: '2026-02-11' })).toBe('SEIS-53');
    for (const content of [
      'JVBERi0',
      'JVBERi0x!!!!',
      'JVBE Ri0x',
      `data:application/pdf;base64,${PDF.toString('base64')}`,
      '====',
    ])
      expect([content.slice(0, 20), await failure({ content })]).toEqual([content.slice(0, 20), 'BAD_USER_INPUT']);
    for (const fileName of [
      'x'.repeat(121),
      ' ',
      '../../etc/passwd',
      'a\\b.pdf',
      'a\u0000.pdf',
      'gpj.\u202efdp',
      'a\r\nSet-Cookie: x',
    ])
      expect([fileName, await failure({ fileName })]).toEqual([fileName, 'BAD_USER_INPUT']);
    expect(await graph.select('SELECT id FROM iep_signed_copy WHERE iep_id = ?', [iepId])).toEqual([]);
    expect(await graph.iep(iepId, COPIES)).toEqual({ signedCopy: null, signedCopies: [] });
  });

  test('SEIS-53 the largest that is taken: 5 MB', async () => {
    const largest = bytesOf('%PDF-1.7', MAX_SCAN_BYTES);
    expect((await attach(largest)).errors).toEqual([]);
    const { content } = (await graph.iep(iepId, 'signedCopy { content }')).signedCopy;
    expect(Buffer.from(content, 'base64').equals(largest)).toBe(true);
  });

  test('SEIS-53 neither outbox nor idempotency keep the content; the same key attaches once', async () => {
    const events = await graph.select('SELECT COUNT(*) AS n FROM outbox_event', []);
    const marked = Buffer.concat([PDF, Buffer.from('unmistakable-content')]);
    for (let i = 0; i < 2; i++) await attach(marked, { idempotencyKey: `scan-${iepId}` });
    expect(await graph.select('SELECT id FROM iep_signed_copy WHERE iep_id = ?', [iepId])).toHaveLength(1);
    const other = await graph.tryMutate(
      'attachSignedCopy',
      file(PNG, { idempotencyKey: `scan-${iepId}` }),
      'iep { id }',
    );
    expect(other.errors![0]!.extensions.code).toBe('CONFLICT');
    const kept = JSON.stringify(await graph.select('SELECT * FROM idempotency', []));
    expect(kept).not.toContain(marked.toString('base64').slice(-40));
    expect(await graph.select('SELECT COUNT(*) AS n FROM outbox_event', [])).toEqual(events);
  });

  test('SEIS-53 not on a draft; on affirmed, history and closed documents it is', async () => {
    const { iep: draft } = await graph.mutate('startIep', {
      studentId: await graph.student(`scan${++count}`),
      kind: 'PART_B_INITIAL',
    });
    expect(await failure({ iepId: draft.id })).toBe('SEIS-53');
    await graph.affirm(iepId);
    expect((await attach(PDF)).errors).toEqual([]);
    const { iep: amendment } = await graph.mutate('amendIep', { iepId });
    expect((await attach(PDF, { iepId: amendment.id })).errors).toEqual([]);
    await graph.fill(amendment.id, 'REFUSED');
    await graph.save(amendment.id, 'amendment', { contactMethod: 'LETTER', whatChanged: 'x', why: 'y' });
    await graph.affirm(amendment.id, { purposes: ['AMENDMENT'] });
    expect((await attach(PNG, { iepId: amendment.id })).errors).toEqual([]);
    expect((await graph.iep(amendment.id, 'state signedCopies { id }')).signedCopies).toHaveLength(2);
    const review = await graph.heldIep(studentId, 'ANNUAL');
    await graph.affirm(review);
    expect((await graph.iep(iepId, 'state')).state).toBe('HISTORY');
    expect((await attach(PNG)).errors).toEqual([]);
  });

  test('SEIS-53 who may write or affirm attaches; who may only read doesn’t, and without narrative nobody sees it', async () => {
    for (const who of [caseManager(), district, dataWriter]) expect((await attach(PDF, {}, who)).errors).toEqual([]);
    const affirmsOnly = {
      ...dataWriter,
      capabilities: ['student:read', 'iep:read', 'iep.narrative:read', 'iep:affirm'],
    };
    expect((await attach(PDF, {}, affirmsOnly)).errors).toEqual([]);
    const reader = { ...provider, capabilities: ['student:read', 'iep:read'] };
    expect((await graph.tryMutate('attachSignedCopy', file(PDF), 'iep { id }', reader)).status).toBe(403);
    const query = (selection: string) =>
      graph.call(`query($id: ID!) { iep(id: $id) { ${selection} } }`, { id: iepId }, reader);
    expect((await query('id legalNotice')).data.iep.id).toBe(iepId);
    expect((await query('signedCopy { id }')).status).toBe(403);
    expect((await query('signedCopies { id }')).status).toBe(403);
  });

  test('C.3 a former district attaches nothing', async () => {
    expect(await failure({}, PDF, former)).toBe('NOT_FOUND');
    expect(await graph.select('SELECT id FROM iep_signed_copy WHERE iep_id = ?', [iepId])).toEqual([]);
  });

  test('C.3 what the new owner attaches to an affirmed IEP of the former one stays with the new owner', async () => {
    await graph.affirm(iepId);
    await attach(PDF);
    await graph.write(async (session) => {
      const access = session.get(AccessWriter);
      await access.close({ studentId, grantee: 'LEA:lea-a', relation: 'JURISDICTION' }, '2026-02-09');
      await access.open({
        studentId,
        leaId: 'lea-b',
        grantee: 'LEA:lea-b',
        relation: 'JURISDICTION',
        validFrom: TODAY,
      });
    });
    const next = { ...district, grants: [{ relation: 'JURISDICTION' as const, grantee: 'LEA:lea-b' }] };
    expect((await attach(PNG, { fileName: 'new.png' }, next)).errors).toEqual([]);
    const names = async (as: Principal) =>
      (await graph.iep(iepId, 'signedCopies { document { fileName content } }', as)).signedCopies
        .map((copy: any) => copy.document.fileName)
        .sort();
    expect(await names(next)).toEqual(['new.png', 'signed.pdf']);
    expect(await names(district)).toEqual(['signed.pdf']);
  });

  test('SEIS-53 an IEP holds 20 copies; two that come together for the last place don’t both get it', async () => {
    for (let i = 1; i < MAX_COPIES; i++) await attach(PDF);
    const answers = await Promise.all([attach(PDF), attach(PNG, { fileName: 'last.png' })]);
    expect(answers.flatMap(codes)).toEqual(['SEIS-53']);
    expect(await failure({})).toBe('SEIS-53');
    expect((await graph.iep(iepId, 'signedCopies { id }')).signedCopies).toHaveLength(MAX_COPIES);
    const kept = 'SELECT COUNT(DISTINCT document_id) AS files FROM iep_document_part WHERE student_id = ?';
    expect(Number((await graph.select(kept, [studentId]))[0]!.files)).toBe(MAX_COPIES);
  });

  test('SEIS-53 the database refuses to change or remove a copy', async () => {
    await attach(PDF);
    const run = (sql: string) =>
      graph.write((session) => session.manager.query(scopeComment('system:test') + sql, [iepId]));
    for (const sql of [
      "UPDATE iep_signed_copy SET file_name = 'x' WHERE iep_id = ?",
      'DELETE FROM iep_signed_copy WHERE iep_id = ?',
      "UPDATE iep_document_part SET content = 'x' WHERE document_id = (SELECT document_id FROM iep_signed_copy WHERE iep_id = ?)",
      'DELETE FROM iep_document_part WHERE document_id = (SELECT document_id FROM iep_signed_copy WHERE iep_id = ?)',
      'REPLACE INTO iep_signed_copy SELECT * FROM iep_signed_copy WHERE iep_id = ?',
      'REPLACE INTO iep_document_part SELECT * FROM iep_document_part WHERE document_id = (SELECT document_id FROM iep_signed_copy WHERE iep_id = ?)',
    ])
      await expect(run(sql)).rejects.toThrow('affirmed content cannot be changed');
  });

  test('C.2 a reactivated IEP keeps the signed copies of its meeting', async () => {
    await graph.affirm(iepId);
    await attach(PDF);
    graph.clock.set(new Date('2026-02-10T19:00:00Z'));
    await attach(PNG, { fileName: 'newest.png' });
    graph.clock.set(new Date('2026-02-10T18:00:00Z'));
    const { version } = await graph.iep(iepId, 'version');
    const { iep } = await graph.mutate(
      'reactivateIep',
      { iepId, version, reason: 'Typing error.' },
      'iep { id signedCopy { fileName content } signedCopies { id } }',
      district,
    );
    expect(iep.signedCopy).toEqual({ fileName: 'newest.png', content: PNG.toString('base64') });
    expect(iep.signedCopies).toHaveLength(2);
  });

  test('SEIS-53 one answer holds a few scans, not all of a school', async () => {
    const large = bytesOf('%PDF-1.7', MAX_SCAN_BYTES);
    for (let i = 0; i < 4; i++) await attach(large);
    const query = 'query($id: ID!) { iep(id: $id) { signedCopies { id document { size content } } } }';
    const answer = await graph.call(query, { id: iepId });
    expect(answer.errors!.map((error) => error.extensions.code)).toEqual(['BAD_USER_INPUT']);
    expect((await graph.iep(iepId, 'signedCopies { document { size } }')).signedCopies).toHaveLength(4);
  });

  test('SEIS-87 a print after affirmation is marked on every page as a copy that is not the legal IEP', async () => {
    await graph.affirm(iepId);
    const { document } = await graph.iep(iepId, 'document { content }');
    const text = pdfText(Buffer.from(document.content, 'base64'));
    const pages = Number(/page 1 of (\d+)/.exec(text)![1]);
    expect(text.match(/Clean copy, not the legal IEP/g)).toHaveLength(pages);
    expect(text.match(/The signed hard copy is the legal IEP/g)!.length).toBeGreaterThanOrEqual(pages);
    expect(text).not.toContain('DRAFT');
  });
});
