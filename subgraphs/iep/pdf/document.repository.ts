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

/** The pieces of their bytes. */
export class IepDocumentPartRepository extends ScopedRepository<IepDocumentPart> {
  protected readonly entity = IepDocumentPart;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.document';

  findByDocument(documentId: string): Promise<IepDocumentPart[]> {
    return this.rows(this.select('p').andWhere('p.documentId = :documentId', { documentId }).orderBy('p.position'));
  }
}
