import { createHash } from 'node:crypto';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { AttestationRepository } from '../document/attestation.repository';
import type { AffirmedContent } from '../document/content-hash';
import type { Iep } from '../document/iep.entity';
import { IepRepository } from '../document/iep.repository';
import { PlannedServices } from '../document/planned-services';
import { FormRepository } from '../form/form.repository';
import { GoalRepository } from '../goal/goal.repository';
import { PublishedRepository } from '../published/published.repository';
import type { PublishedService } from '../published/published-rows';
import { Document, type IepDocument } from './document.entity';
import { IepDocumentPartRepository, IepDocumentRepository } from './document.repository';
import { renderIep } from './render-iep';

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
    await this.session.get(IepDocumentPartRepository).store(id, owner, bytes);
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
    const services = attestation?.services ?? (await this.plannedServices(iep));
    const student = await published.student(iep.studentId, iep.scopeDate);
    const bytes = await renderIep({ iep, forms, goals, services, attestation, student });
    this.session.disclosures.add('iep.document', [iep.studentId]);
    return Object.assign(new Document(), {
      id: `print-${iep.id}`,
      fileName: fileName(iep),
      mediaType: PDF,
      size: bytes.length,
      content: bytes.toString('base64'),
    });
  }

  private async plannedServices(iep: Iep): Promise<PublishedService[]> {
    const own = await this.session.get(PublishedRepository).servicesOf([iep.id]);
    const inForce = iep.parentIepId ? await this.session.get(IepRepository).findInForce(iep.studentId) : null;
    return this.session.get(PlannedServices).of(iep, own, inForce);
  }

  private asStored({ id, fileName: name, size }: IepDocument): Document {
    const content = async (): Promise<string> =>
      (await this.session.get(IepDocumentPartRepository).bytesOf(id)).toString('base64');
    return Object.assign(new Document(), { id, fileName: name, mediaType: PDF, size, content });
  }
}

const fileName = (iep: Iep): string =>
  `iep-${iep.meetingDate ?? iep.openedOn}-${iep.id.slice(-8)}${iep.affirmedAt ? '' : '-draft'}.pdf`;
