import { createHash } from 'node:crypto';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { AttestationRepository } from '../document/attestation.repository';
import type { AffirmedContent } from '../document/content-hash';
import type { Iep } from '../document/iep.entity';
import { FormRepository } from '../form/form.repository';
import { GoalRepository } from '../goal/goal.repository';
import { PublishedRepository } from '../published/published.repository';
import { Document, type IepDocument } from './document.entity';
import { IepDocumentPartRepository, IepDocumentRepository } from './document.repository';
import { renderIep } from './render-iep';

/** Bytes of a part: base64 makes 60,000 characters of it, which fits `text` on MariaDB. */
const PART_BYTES = 45_000;
const PDF = 'application/pdf';

/** The PDFs of IEPs: made and kept at affirmation; drafts are printed on demand, marked as such. */
export class IepDocumentService {
  constructor(private readonly session: Session) {}

  /** Renders and keeps the PDF of an IEP in the transaction of its affirmation (SEIS-51). */
  async store({ iep, forms, goals, attestation }: AffirmedContent): Promise<void> {
    const student = await this.session.get(PublishedRepository).student(iep.studentId, iep.scopeDate);
    const bytes = await renderIep({ iep, forms, goals, services: attestation.services, attestation, student });
    const id = newId();
    const owner = { studentId: iep.studentId, scopeDate: iep.scopeDate };
    await this.session.get(IepDocumentRepository).insert({
      id,
      iepId: iep.id,
      ...owner,
      fileName: fileName(iep),
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      createdAt: this.session.now,
    });
    for (let position = 0; position * PART_BYTES < bytes.length; position++) {
      const content = bytes.subarray(position * PART_BYTES, (position + 1) * PART_BYTES).toString('base64');
      await this.session.get(IepDocumentPartRepository).insert({ documentId: id, ...owner, position, content });
    }
  }

  /** The documents of affirmed IEPs, in one statement; an IEP that came in affirmed has none stored and is printed from its content. */
  async documentsOf(ieps: readonly Iep[]): Promise<(Document | null)[]> {
    const stored = await this.session.get(IepDocumentRepository).findByIeps(ieps.map((iep) => iep.id));
    const byIep = new Map(stored.map((document) => [document.iepId, document]));
    return Promise.all(
      ieps.map((iep) => {
        const document = byIep.get(iep.id);
        if (document) return this.asStored(document);
        return iep.affirmedAt ? this.print(iep) : null;
      }),
    );
  }

  /** The IEP as it stands, rendered now: "DRAFT" across every page until it is affirmed (SEIS-68). */
  async print(iep: Iep): Promise<Document> {
    const [attestation = null] = await this.session.get(AttestationRepository).findByIeps([iep.id]);
    const forms = await this.session.get(FormRepository).findByIeps([iep.id]);
    const goals = await this.session.get(GoalRepository).findByIeps([iep.id]);
    const published = this.session.get(PublishedRepository);
    const services = attestation?.services ?? (await published.servicesOf([iep.id]));
    const student = await published.student(iep.studentId, iep.scopeDate);
    const bytes = await renderIep({ iep, forms, goals, services, attestation, student });
    return Object.assign(new Document(), {
      id: `print-${iep.id}`,
      fileName: fileName(iep),
      mediaType: PDF,
      size: bytes.length,
      content: bytes.toString('base64'),
    });
  }

  private asStored({ id, fileName: name, size }: IepDocument): Document {
    const content = async (): Promise<string | null> => {
      const parts = await this.session.get(IepDocumentPartRepository).findByDocument(id);
      return Buffer.concat(parts.map((part) => Buffer.from(part.content, 'base64'))).toString('base64');
    };
    return Object.assign(new Document(), { id, fileName: name, mediaType: PDF, size, content });
  }
}

const fileName = (iep: Iep): string =>
  `iep-${iep.meetingDate ?? iep.openedOn}-${iep.id.slice(-8)}${iep.affirmedAt ? '' : '-draft'}.pdf`;
