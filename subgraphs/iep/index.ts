import type { DatabaseUse } from '../../platform/rights';
import { createSubgraph, type Subgraph, type SubgraphRuntime } from '../../platform/subgraph/create-subgraph';
import { type BuiltSubgraph, buildSubgraph, stub } from '../../platform/subgraph/federation';
import type { RequestContext } from '../../platform/subgraph/request-context';
import { Attestation } from './document/attestation.entity';
import { Iep } from './document/iep.entity';
import { IepResolver } from './document/iep.resolver';
import { LateAgreementResolver } from './document/late-agreement.resolver';
import { IepReactivationResolver, ReactivationResolver } from './document/reactivation.resolver';
import { DiscardResolver, IepDiscardResolver } from './document/discard.resolver';
import { Evaluation } from './evaluation/evaluation.entity';
import { EvaluationResolver } from './evaluation/evaluation.resolver';
import { FormRecord } from './form/form.entity';
import { FormResolver } from './form/form.resolver';
import {
  AmendmentForm,
  NotesForm,
  OfferForm,
  ParticipantsForm,
  PresentLevelsForm,
  SiteDeterminationForm,
} from './form/form.types';
import { Goal, GoalProgress } from './goal/goal.entity';
import { GoalResolver } from './goal/goal.resolver';
import { IepLoaders } from './loaders';
import { iepMigrations } from './migrations';
import { IepDocument, IepDocumentPart } from './pdf/document.entity';
import { DocumentResolver } from './pdf/document.resolver';
import { RedWindowOverride } from './red-window/override.entity';
import { FormRedWindowResolver, IepRedWindowResolver } from './red-window/red-window.resolver';
import { AccountRef, StudentRef } from './references/student-ref';
import { StudentResolver } from './references/student.resolver';
import { SignedCopy } from './signed-copy/signed-copy.entity';
import { IepSignedCopyResolver, SignedCopyResolver } from './signed-copy/signed-copy.resolver';
import { ValidationRuleResolver } from './validation/validation-rule.resolver';

export { iepMigrations };
export const iepEntities = [
  Iep,
  FormRecord,
  Goal,
  GoalProgress,
  Evaluation,
  Attestation,
  IepDocument,
  IepDocumentPart,
  RedWindowOverride,
  SignedCopy,
];
/** Every table that holds a student's rows: only scoped statements touch them. */
export const iepProtectedTables = [
  'iep',
  'iep_form',
  'iep_goal',
  'goal_progress',
  'evaluation',
  'iep_attestation',
  'iep_document',
  'iep_document_part',
  'red_window_override',
  'iep_signed_copy',
];

/** What the database user of this subgraph may do. */
export const iepDatabaseUse: DatabaseUse = {
  owns: iepEntities,
  writesOnce: ['iep_attestation', 'iep_document', 'iep_document_part', 'iep_signed_copy', 'red_window_override'],
  removesFrom: ['iep_form', 'iep_goal'],
  reads: [
    'pub_assignment',
    'pub_jurisdiction',
    'pub_organization',
    'pub_reporting_period',
    'pub_service',
    'pub_student',
  ],
  does: ['answer', 'emit'],
};

interface Reference {
  id: string;
}

/** Schema and SDL of the iep subgraph; needs no database. */
export function buildIepGraph(): BuiltSubgraph {
  return buildSubgraph({
    resolvers: [
      IepResolver,
      LateAgreementResolver,
      IepDiscardResolver,
      DiscardResolver,
      IepReactivationResolver,
      ReactivationResolver,
      IepSignedCopyResolver,
      SignedCopyResolver,
      FormResolver,
      GoalResolver,
      EvaluationResolver,
      StudentResolver,
      DocumentResolver,
      FormRedWindowResolver,
      IepRedWindowResolver,
      ValidationRuleResolver,
    ],
    orphanedTypes: [
      PresentLevelsForm,
      OfferForm,
      ParticipantsForm,
      NotesForm,
      AmendmentForm,
      SiteDeterminationForm,
      StudentRef,
      AccountRef,
    ],
    references: {
      Student: stub(StudentRef),
      Iep: ({ id }: Reference, ctx: RequestContext) => ctx.get(IepLoaders).iep.load(id),
      Goal: ({ id }: Reference, ctx: RequestContext) => ctx.get(IepLoaders).goal.load(id),
      Evaluation: ({ id }: Reference, ctx: RequestContext) => ctx.get(IepLoaders).evaluation.load(id),
    } as never,
  });
}

/** The iep subgraph: meetings, documents and forms, goals, progress, evaluations. It consumes no events. */
export function createIepSubgraph(runtime: SubgraphRuntime): Subgraph {
  return createSubgraph({ name: 'iep', graph: buildIepGraph(), runtime });
}
