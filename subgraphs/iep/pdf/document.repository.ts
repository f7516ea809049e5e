import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { IepDocument, IepDocumentPart } from './document.entity';

/** Printed IEPs, each dated as its IEP. */
export class IepDocumentRepository extends ScopedRepository<IepDocument> {
  protected readonly entity = IepDocument;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.document';

  findByIeps(iepIds: readonly string[]): Promise<IepDocument[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(this.select('d').andWhere('d.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] }));
  }
}

/** Bytes of a part: base64 makes 60,000 characters of it, which fits `text` on MariaDB. */
const PART_BYTES = 45_000;

/** The pieces of the bytes of printed IEPs and of signed copies. */
export class IepDocumentPartRepository extends ScopedRepository<IepDocumentPart> {
  protected readonly entity = IepDocumentPart;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.document';

  async store(
    documentId: string,
    owner: Pick<IepDocumentPart, 'studentId' | 'scopeDate'>,
    bytes: Buffer,
  ): Promise<void> {
    for (let position = 0; position * PART_BYTES < bytes.length; position++) {
      const content = bytes.subarray(position * PART_BYTES, (position + 1) * PART_BYTES).toString('base64');
      await this.insert({ documentId, ...owner, position, content });
    }
  }

  async bytesOf(documentId: string): Promise<Buffer> {
    const query = this.select('p').andWhere('p.documentId = :documentId', { documentId }).orderBy('p.position');
    return Buffer.concat((await this.rows(query)).map((part) => Buffer.from(part.content, 'base64')));
  }
}
