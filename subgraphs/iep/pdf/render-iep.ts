import PDFDocument from 'pdfkit';
import type { Attestation } from '../document/attestation.entity';
import { MEETING_KINDS } from '../document/meeting-kinds';
import type { Iep } from '../document/iep.entity';
import type { FormRecord } from '../form/form.entity';
import { REQUIRED_ITEMS } from '../form/form-content';
import type { IepFormKind } from '../form/form-codes';
import type { Goal } from '../goal/goal.entity';
import type { PublishedService, PublishedStudent } from '../published/published-rows';

/** SEIS-53: stands on every page. */
export const LEGAL_NOTICE = 'The signed hard copy is the legal IEP. This document is a tool.';
/** SEIS-87: what an affirmed print may be sent as. */
const CLEAN_COPY = 'Clean copy, not the legal IEP';

export interface PrintedIep {
  iep: Iep;
  forms: readonly FormRecord[];
  goals: readonly Goal[];
  services: readonly PublishedService[];
  /** Null while the IEP is a draft: every page is marked so (SEIS-68). */
  attestation: Omit<Attestation, 'id'> | null;
  student: PublishedStudent | null;
}

const TITLES: Record<IepFormKind, string> = {
  AMENDMENT: 'Amendment',
  PRESENT_LEVELS: 'Present levels',
  OFFER: 'Offer of services and placement',
  PARTICIPANTS: 'Participants and signatures',
  NOTES: 'Meeting notes',
  SITE_DETERMINATION: 'Site determination',
};
const ORDER = Object.keys(TITLES) as IepFormKind[];
const MARGIN = 56;

/** Renders an IEP as a tagged PDF. The same content gives the same bytes: no clock, no random id. */
export function renderIep(printed: PrintedIep): Promise<Buffer> {
  const { iep, attestation } = printed;
  const title = `IEP ${MEETING_KINDS[iep.kind].label} ${iep.meetingDate ?? ''}`.trim();
  const stamp = attestation?.attestedAt ?? new Date(`${iep.openedOn}T00:00:00Z`);
  const doc = new PDFDocument({
    size: 'LETTER',
    margin: MARGIN,
    bufferPages: true,
    tagged: true,
    lang: 'en-US',
    displayTitle: true,
    pdfVersion: '1.7',
    info: { Title: title, Author: 'IEP Graph', Subject: LEGAL_NOTICE, CreationDate: stamp, ModDate: stamp },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const finished = new Promise<Buffer>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const page = new Writer(doc);
  writeHead(page, printed, title);
  for (const kind of ORDER) {
    const form = printed.forms.find((one) => one.kind === kind);
    if (form) writeForm(page, form);
  }
  writeGoals(page, printed.goals);
  writeServices(page, printed.services);
  if (attestation) writeAttestation(page, iep, attestation);
  stampPages(doc, attestation ? `Affirmed ${attestation.attestedAt.toISOString()} · ${CLEAN_COPY}` : null);
  doc.end();
  return finished;
}

type Doc = InstanceType<typeof PDFDocument>;

/** Headings, lines and labelled items, each as its own element of the document's structure. */
class Writer {
  private readonly root;
  constructor(private readonly doc: Doc) {
    this.root = doc.struct('Document');
    doc.addStructure(this.root);
  }

  heading(level: 1 | 2, text: string): void {
    this.element(`H${level}`, () =>
      this.doc
        .font('Helvetica-Bold')
        .fontSize(level === 1 ? 18 : 13)
        .text(printable(text)),
    );
    this.doc.moveDown(0.3);
  }

  line(text: string): void {
    this.element('P', () => this.doc.font('Helvetica').fontSize(10).text(printable(text)));
  }

  item(label: string, value: unknown): void {
    if (value === null || value === undefined || value === '') return;
    this.line(`${label}: ${String(value)}`);
  }

  gap(): void {
    this.doc.moveDown(0.8);
  }

  private element(type: string, write: () => void): void {
    this.root.add(this.doc.struct(type, {}, write));
  }
}

function writeHead(page: Writer, { iep, student, attestation }: PrintedIep, title: string): void {
  page.heading(1, title);
  page.line(LEGAL_NOTICE);
  page.item('Student', student?.name);
  page.item('State id', student?.stateId);
  page.item('Date of birth', student?.dateOfBirth);
  page.item('District', student?.lea);
  page.item('Meeting', iep.meetingDate);
  page.item('Reconvened', iep.reconvenedOn);
  page.item('Amendment number', iep.amendmentNumber || null);
  page.item('Purposes', iep.purposes.map(words).join(', ') || null);
  page.item('Purpose text', iep.purposeText);
  page.item('Affirmed', attestation?.attestedAt.toISOString());
  if (iep.reactivatedAt) {
    page.item('Reactivated', iep.reactivatedAt.toISOString());
    page.item('Reason of the reactivation', iep.reactivationReason);
  }
  if (attestation?.agreedOn)
    page.line(
      `The parent refused this amendment first and agreed on ${attestation.agreedOn}: the form below shows the refusal, the attestation at the end the agreement.`,
    );
  page.gap();
}

function writeForm(page: Writer, form: FormRecord): void {
  page.heading(2, TITLES[form.kind]);
  const labels = new Map(REQUIRED_ITEMS[form.kind]);
  for (const [field, value] of Object.entries(form.content).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const label = labels.get(field) ?? words(field);
    if (Array.isArray(value)) value.forEach((entry, i) => page.item(`${label} ${i + 1}`, describe(entry)));
    else page.item(label, describe(value));
  }
  page.gap();
}

function writeGoals(page: Writer, goals: readonly Goal[]): void {
  if (goals.length === 0) return;
  page.heading(2, 'Goals');
  [...goals]
    .sort((a, b) => a.position - b.position)
    .forEach((goal, i) => {
      page.line(`Goal ${i + 1} (${words(goal.area)})`);
      page.item('Baseline', goal.baseline);
      page.item('Goal', goal.statement);
      goal.objectives.forEach((objective, k) =>
        page.item(`Objective ${k + 1}`, [objective.statement, objective.targetDate].filter(Boolean).join(', by ')),
      );
      page.item('Responsible', goal.responsible);
    });
  page.gap();
}

function writeServices(page: Writer, services: readonly PublishedService[]): void {
  if (services.length === 0) return;
  page.heading(2, 'Services');
  for (const service of services) {
    const parts = [
      `${service.minutes ?? '?'} minutes`,
      words(service.frequency ?? ''),
      words(service.delivery ?? ''),
      service.location ?? '',
    ];
    page.item(service.code, parts.filter(Boolean).join(', '));
  }
  page.gap();
}

function writeAttestation(page: Writer, iep: Iep, attestation: Omit<Attestation, 'id'>): void {
  page.heading(2, attestation.path === 'AFFIRM' ? 'Attestation' : 'Made official');
  page.line('Document and state data match what the parent was given and answered.');
  page.item('By', attestation.attestedByName);
  page.item('Copy given to the parent', attestation.copyGivenOn);
  page.item('Parent’s answer', iep.signature ? words(iep.signature) : 'none on file');
  page.item('Agreed on', attestation.agreedOn);
  page.item('Except', attestation.exceptions);
  page.item('Content hash (SHA-256)', iep.contentHash);
}

/** Stamp and notice at the foot of every page; "DRAFT" across it until the IEP is affirmed. */
function stampPages(doc: Doc, affirmed: string | null): void {
  const { start, count } = doc.bufferedPageRange();
  for (let i = start; i < start + count; i++) {
    doc.switchToPage(i);
    // Text below the bottom margin would open a page.
    doc.page.margins.bottom = 0;
    doc.markContent('Artifact', { type: 'Pagination' });
    const foot = [`${affirmed ?? 'DRAFT, not affirmed'} · page ${i + 1} of ${count}`, LEGAL_NOTICE];
    doc.font('Helvetica').fontSize(8).fillColor('black');
    foot.forEach((line, at) => doc.text(line, MARGIN, doc.page.height - 44 + 10 * at, { lineBreak: false }));
    if (!affirmed) {
      doc.save().rotate(-45, { origin: [306, 396] });
      doc.font('Helvetica-Bold').fontSize(120).fillColor('gray', 0.25).text('DRAFT', 110, 340, { lineBreak: false });
      doc.restore();
    }
    doc.endMarkedContent();
  }
}

/** `PARENT_CONCERNS`, `parentConcerns` → `Parent concerns`. */
function words(code: string): string {
  const text = code
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function describe(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null && part !== '')
    .map(([field, part]) => `${words(field)} ${describe(part)}`)
    .join('; ');
}

/** The standard fonts know Latin-1 only: other letters lose their marks rather than their readability. */
function printable(text: string): string {
  return [...text.normalize('NFC')]
    .map((letter) =>
      /[\u0009\u000a\u0020-\u00ff‘’“”–—•…€]/.test(letter)
        ? letter
        : letter.normalize('NFD').replace(/[^\u0020-\u00ff]/g, '') || '?',
    )
    .join('');
}
