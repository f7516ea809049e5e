import DataLoader from 'dataloader';
import type { Session } from '../../platform/scope/session';
import type { Attestation } from './document/attestation.entity';
import { AttestationRepository } from './document/attestation.repository';
import type { Iep } from './document/iep.entity';
import { IepRepository } from './document/iep.repository';
import type { Evaluation } from './evaluation/evaluation.entity';
import { EvaluationRepository } from './evaluation/evaluation.repository';
import type { FormRecord } from './form/form.entity';
import { FormRepository } from './form/form.repository';
import type { Goal, GoalProgress } from './goal/goal.entity';
import { GoalProgressRepository, GoalRepository } from './goal/goal.repository';
import type { Document } from './pdf/document.entity';
import { IepDocumentService } from './pdf/iep-document.service';
import type { PublishedPeriod } from './published/published-rows';
import type { RedWindowOverride } from './red-window/override.entity';
import { OverrideRepository } from './red-window/override.repository';
import { RedWindowService } from './red-window/red-window.service';
import type { SignedCopy } from './signed-copy/signed-copy.entity';
import { SignedCopyRepository } from './signed-copy/signed-copy.repository';
import type { IepFinding } from './validation/check-iep';
import type { Finding } from '../../platform/graphql/finding';
import { IepCheckService } from './validation/iep-check.service';
import { StudentFindingsService } from './validation/student-findings.service';

/** Loads by key with one statement per batch. Made per request, so nothing passes from one caller to another. */
export class IepLoaders {
  readonly iep: DataLoader<string, Iep | null>;
  readonly currentIep: DataLoader<string, Iep | null>;
  readonly futureIep: DataLoader<string, Iep | null>;
  readonly forms: DataLoader<string, FormRecord[]>;
  readonly goal: DataLoader<string, Goal | null>;
  readonly goals: DataLoader<string, Goal[]>;
  readonly progress: DataLoader<string, GoalProgress[]>;
  readonly evaluation: DataLoader<string, Evaluation | null>;
  readonly evaluations: DataLoader<string, Evaluation[]>;
  readonly findings: DataLoader<Iep, IepFinding[], string>;
  readonly redWindow: DataLoader<Iep, PublishedPeriod | null, string>;
  readonly redWindowOverrides: DataLoader<string, RedWindowOverride[]>;
  /** By student; null when the student is not the caller's today. */
  readonly studentFindings: DataLoader<string, Finding[] | null>;
  readonly document: DataLoader<Iep, Document | null, string>;
  readonly attestations: DataLoader<string, Attestation[]>;
  readonly signedCopies: DataLoader<string, SignedCopy[]>;

  constructor(session: Session) {
    const ieps = session.get(IepRepository);
    const goals = session.get(GoalRepository);
    const evaluations = session.get(EvaluationRepository);
    this.iep = single(
      (ids) => ieps.findByIds(ids),
      (iep) => iep.id,
    );
    this.currentIep = single(
      (students) => ieps.findCurrent(students),
      (iep) => iep.studentId,
    );
    this.futureIep = single(
      (students) => ieps.findFuture(students),
      (iep) => iep.studentId,
    );
    this.forms = grouped(
      (ids) => session.get(FormRepository).findByIeps(ids),
      (form) => form.iepId,
    );
    this.goal = single(
      (ids) => goals.findByIds(ids),
      (goal) => goal.id,
    );
    this.goals = grouped(
      (ids) => goals.findByIeps(ids),
      (goal) => goal.iepId,
    );
    this.progress = grouped(
      (ids) => session.get(GoalProgressRepository).findByGoals(ids),
      (entry) => entry.goalId,
    );
    this.evaluation = single(
      (ids) => evaluations.findByIds(ids),
      (evaluation) => evaluation.id,
    );
    this.evaluations = grouped(
      (students) => evaluations.findNewestFirst(students),
      (evaluation) => evaluation.studentId,
    );
    this.attestations = grouped(
      (ids) => session.get(AttestationRepository).findByIeps(ids),
      (attestation) => attestation.iepId,
    );
    this.signedCopies = grouped(
      (ids) => session.get(SignedCopyRepository).findByIeps(ids),
      (copy) => copy.iepId,
    );
    const byId = { cacheKeyFn: (iep: Iep): string => iep.id };
    this.findings = new DataLoader((batch: readonly Iep[]) => session.get(IepCheckService).findings(batch), byId);
    this.redWindow = new DataLoader((batch: readonly Iep[]) => session.get(RedWindowService).windowsOf(batch), byId);
    this.redWindowOverrides = grouped(
      (ids) => session.get(OverrideRepository).findByIeps(ids),
      (override) => override.iepId,
    );
    this.studentFindings = new DataLoader((students: readonly string[]) =>
      session.get(StudentFindingsService).of(students),
    );
    this.document = new DataLoader((batch: readonly Iep[]) => session.get(IepDocumentService).documentsOf(batch), byId);
  }

  /** Forgets what was read before a write of the same request. */
  forget(): void {
    for (const loader of Object.values(this)) if (loader instanceof DataLoader) loader.clearAll();
  }
}

function single<T>(
  find: (keys: readonly string[]) => Promise<T[]>,
  keyOf: (row: T) => string,
): DataLoader<string, T | null> {
  return new DataLoader(async (keys: readonly string[]) => {
    const byKey = new Map((await find(keys)).map((row) => [keyOf(row), row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

function grouped<T>(
  find: (keys: readonly string[]) => Promise<T[]>,
  keyOf: (row: T) => string,
): DataLoader<string, T[]> {
  return new DataLoader(async (keys: readonly string[]) => {
    const byKey = new Map<string, T[]>(keys.map((key) => [key, []]));
    for (const row of await find(keys)) byKey.get(keyOf(row))?.push(row);
    return keys.map((key) => byKey.get(key)!);
  });
}
