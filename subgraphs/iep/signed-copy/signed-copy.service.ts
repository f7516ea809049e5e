import { createHash } from 'node:crypto';
import { badInput, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { lockedIep } from '../document/iep-access';
import { IepState } from '../document/iep-codes';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import { Document } from '../pdf/document.entity';
import { IepDocumentPartRepository } from '../pdf/document.repository';
import { readScan } from './scanned-file';
import type { SignedCopy } from './signed-copy.entity';
import type { AttachSignedCopyInput } from './signed-copy.inputs';
import { SignedCopyRepository } from './signed-copy.repository';

/** Of scans in one answer: a list of students with their signed copies would not fit into memory. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/** Of one IEP, those that it kept from the one it reactivates among them. A copy stays for good, so that each one counts. */
export const MAX_COPIES = 20;

/** Scans of the signed hard copy, which is the legal IEP (SEIS-53). */
export class SignedCopyService {
  private answered = 0;

  constructor(private readonly session: Session) {}

  /**
   * Keeps a scan beside the IEP, whose content and version stay as they are. Signed is what a meeting brought forth, or an
   * amendment; a draft before its meeting is not. The content stands in no event, no outcome and no log.
   */
  async attach(input: AttachSignedCopyInput): Promise<WriteResult> {
    const { session } = this;
    const { fileName, mediaType, bytes } = readScan(input.fileName, input.content);
    const iep = await lockedIep(session, input.iepId);
    if (iep.state === IepState.DRAFT)
      throw reject('SEIS-53', 'A draft is not signed. Record the meeting with holdMeeting first.', ['iepId']);
    if (iep.state === IepState.DISCARDED)
      throw reject('V-014', 'This draft was discarded: nothing is attached to it any more.', ['iepId']);
    if (input.signedOn && input.signedOn > session.today)
      throw reject('SEIS-53', 'The day of the signature lies in the future.', ['signedOn']);
    // Under the student's lock: two that come together are counted one after the other.
    if ((await session.get(SignedCopyRepository).countOf(iep.id)) >= MAX_COPIES)
      throw reject(
        'SEIS-53',
        `This IEP has ${MAX_COPIES} signed copies, and holds no more: scan several pages into one file.`,
        ['iepId'],
      );
    const { studentId } = iep;
    const scopeDate = await scopeDateOf(session, studentId, iep.scopeDate);
    const documentId = newId();
    await session.get(IepDocumentPartRepository).store(documentId, { studentId, scopeDate }, bytes);
    await session.get(SignedCopyRepository).insert({
      iepId: iep.id,
      studentId,
      scopeDate,
      documentId,
      fileName,
      mediaType,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      signedOn: input.signedOn ?? null,
      attachedAt: session.now,
      attachedById: session.principal.subject,
    });
    return { ids: { iep: iep.id } };
  }

  /** The scan as clients see it; its bytes are read only when asked for. */
  asDocument({ id, documentId, fileName, mediaType, size }: SignedCopy): Document {
    const content = async (): Promise<string> => {
      this.answered += size;
      if (this.answered > ANSWER_BYTES)
        throw badInput(
          `Signed copies of more than ${ANSWER_BYTES} bytes in one answer: ask for their content one by one.`,
        );
      return (await this.session.get(IepDocumentPartRepository).bytesOf(documentId)).toString('base64');
    };
    return Object.assign(new Document(), { id, fileName, mediaType, size, content });
  }
}
