import { createHash } from 'node:crypto';
import type { FormRecord } from '../form/form.entity';
import type { Goal } from '../goal/goal.entity';
import type { PublishedService } from '../published/published-rows';
import type { Attestation } from './attestation.entity';
import type { Iep } from './iep.entity';

/** What an affirmation covers: the document, its forms and goals, and the attestation with the plan's services. */
export interface AffirmedContent {
  iep: Iep;
  forms: readonly FormRecord[];
  goals: readonly Goal[];
  attestation: Omit<Attestation, 'id'>;
}

/** JSON with the keys of every object in order: the same content gives the same text, whatever the database's key order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part) && !(part instanceof Date)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** SHA-256 over the affirmed content. Ids of rows, marks and edit counters are not content. */
export function contentHash({ iep, forms, goals, attestation }: AffirmedContent): string {
  const content = {
    iep: {
      id: iep.id,
      studentId: iep.studentId,
      kind: iep.kind,
      purposes: iep.purposes,
      purposeText: iep.purposeText,
      continuation: iep.continuation,
      amendmentNumber: iep.amendmentNumber,
      meetingDate: iep.meetingDate,
      heldOn: iep.heldOn,
      reconvenedOn: iep.reconvenedOn,
      ...(iep.reactivatesIepId && {
        reactivates: iep.reactivatesIepId,
        reactivatedAt: iep.reactivatedAt?.toISOString(),
        reactivatedById: iep.reactivatedById,
        reactivationReason: iep.reactivationReason,
      }),
    },
    forms: [...forms].sort((a, b) => (a.kind < b.kind ? -1 : 1)).map(({ kind, content: body }) => ({ kind, body })),
    goals: [...goals]
      .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1))
      .map(({ position, area, baseline, statement, objectives, responsible, discussed }) => ({
        position,
        area,
        baseline,
        statement,
        objectives,
        responsible,
        discussed,
      })),
    attestation: {
      path: attestation.path,
      attestedById: attestation.attestedById,
      attestedAt: attestation.attestedAt.toISOString(),
      handwrittenChangesTyped: attestation.handwrittenChangesTyped,
      matchesSignedCopy: attestation.matchesSignedCopy,
      copyGivenToParent: attestation.copyGivenToParent,
      copyGivenOn: attestation.copyGivenOn,
      ...(attestation.agreedOn && {
        agreedOn: attestation.agreedOn,
        agreement: attestation.agreement,
        exceptions: attestation.exceptions,
      }),
    },
    services: attestation.services.map((service: PublishedService) => ({
      id: service.id,
      code: service.code,
      doNotReport: service.doNotReport,
      frequency: service.frequency,
      minutes: service.minutes,
      delivery: service.delivery,
      location: service.location,
      startDate: service.startDate,
      endDate: service.endDate,
    })),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
