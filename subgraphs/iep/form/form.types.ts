import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { Iep } from '../document/iep.entity';
import { SignatureOutcome } from '../document/iep-codes';
import {
  ContactMethod,
  DisabilityCategory,
  FederalEnvironment,
  IepFormKind,
  ParticipantAgreement,
  ParticipantRole,
  ValidationMark,
} from './form-codes';
import { NarrativeField } from './narrative-field';

@InterfaceType('IepForm', {
  description: 'A form of an IEP.',
  resolveType: (form: IepForm) => GRAPHQL_TYPES[form.kind],
})
export abstract class IepForm {
  @Field(() => ID, { description: 'Id.' }) id: string;
  @Field(() => IepFormKind, { description: 'Which form this is.' }) kind: IepFormKind;
  @Field({ description: 'True until the IEP is affirmed: show and print it marked "draft" (SEIS-68).' }) draft: boolean;
  @Field(() => ValidationMark, { description: 'Result of the last check of this form.' }) mark: ValidationMark;
  @Field(() => Int, { description: 'Counts the edits of this form. Send it back with a change.' }) version: number;
  @Field(() => [String], { description: 'Fields of this form that go to the state: highlight them (SEIS-45).' })
  stateReportedFields: readonly string[];
  @Field({
    description:
      'True while those fields are to be left alone: turn the highlights red (SEIS-46). The weeks before a report date, unless the meeting is known to come by then.',
  })
  redWindow: boolean;
  /** The document that the form is of. */
  iep: Iep;
}

@RequiresScopes('iep:read')
@ObjectType('PresentLevelsForm', {
  implements: IepForm,
  description: 'Present levels of academic achievement and functional performance.',
})
export class PresentLevelsForm extends IepForm {
  @NarrativeField('Strengths, interests and preferences.') strengths?: string | null;
  @NarrativeField('Concerns of the parent.') parentConcerns?: string | null;
  @NarrativeField('Academic and functional performance.') academicPerformance?: string | null;
  @NarrativeField('Communication.') communication?: string | null;
  @NarrativeField('Gross and fine motor skills.') motorSkills?: string | null;
  @NarrativeField('Social and emotional development, behavior.') socialEmotional?: string | null;
  @NarrativeField('Health.') health?: string | null;
  @NarrativeField('Daily living and adaptive skills.') dailyLiving?: string | null;
  @NarrativeField('How the disability affects involvement and progress in the general curriculum.') disabilityImpact?:
    string | null;
}

@RequiresScopes('iep:read')
@ObjectType('OfferForm', { implements: IepForm, description: 'The district’s offer of services and placement.' })
export class OfferForm extends IepForm {
  @RequiresScopes('iep.narrative:read')
  @Field(() => [String], { nullable: true, description: 'The offers on the table. Affirmed with exactly one (V-006).' })
  offers?: string[] | null;
  @Field(() => Int, { nullable: true, description: 'How many offers are on the table.' })
  get offerCount(): number {
    return this.offers?.length ?? 0;
  }
  @NarrativeField('How the offer is a free appropriate public education in the least restrictive environment.')
  fapeStatement?: string | null;
  @Field(() => FederalEnvironment, { nullable: true, description: 'Educational environment.' })
  federalEnvironment?: FederalEnvironment | null;
  @Field(() => Int, { nullable: true, description: 'Share of the day inside the regular class, per cent.' })
  percentInsideRegularClass?: number | null;
  @Field(() => Int, { nullable: true, description: 'Share of the day outside the regular class, per cent.' })
  get percentOutsideRegularClass(): number | null {
    return this.percentInsideRegularClass == null ? null : 100 - this.percentInsideRegularClass;
  }
  @Field(() => DisabilityCategory, { nullable: true, description: 'Primary disability.' })
  primaryDisability?: DisabilityCategory | null;
  @Field(() => DisabilityCategory, { nullable: true, description: 'Secondary disability.' })
  secondaryDisability?: DisabilityCategory | null;
}

@RequiresScopes('iep:read')
@ObjectType('MeetingParticipant', { description: 'A person of the IEP team at the meeting.' })
export class MeetingParticipant {
  @NarrativeField('Name.') name?: string | null;
  @Field(() => ParticipantRole, { description: 'As what the person takes part.' }) role: ParticipantRole;
  @Field({ description: 'Whether the person attended.' }) attended: boolean;
  @Field(() => ParticipantAgreement, { description: 'The person’s stand.' }) agreement: ParticipantAgreement;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature.' }) signedOn?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('ParentSignature', { description: 'The answer of the parent or adult student, as signed.' })
export class ParentSignature {
  @Field(() => SignatureOutcome, { description: 'The answer.' }) outcome: SignatureOutcome;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature.' }) signedOn?: string | null;
  @NarrativeField('The parts that are not agreed to.') exceptions?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('ParentParticipation', {
  description: 'The parent’s answer whether participation was meaningful (SEIS-85).',
})
export class ParentParticipation {
  @Field({ description: 'Whether the parent confirmed it.' }) confirmed: boolean;
  @NarrativeField('The concern, when not confirmed.') concern?: string | null;
  @NarrativeField('How the team discussed it.') discussion?: string | null;
  @NarrativeField('What the team decided.') decision?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('ContactAttempt', { description: 'A documented attempt to reach the parent.' })
export class ContactAttempt {
  @Field(() => DateScalar, { description: 'The day.' }) on: string;
  @Field(() => ContactMethod, { description: 'How.' }) method: ContactMethod;
  @NarrativeField('What came of it.') result?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('ParticipantsForm', {
  implements: IepForm,
  description: 'Who took part, who signed, and what the parent answered.',
})
export class ParticipantsForm extends IepForm {
  @Field(() => [MeetingParticipant], { description: 'The team.' }) participants: MeetingParticipant[];
  @Field(() => ParentSignature, { nullable: true, description: 'The parent’s answer.' })
  signature?: ParentSignature | null;
  @Field(() => DateScalar, {
    nullable: true,
    description: 'Date of the second consent page of a reconvened meeting (SEIS-91).',
  })
  secondConsentOn?: string | null;
  @NarrativeField('Why the meeting was held without the parent.') parentAbsence?: string | null;
  @Field(() => ParentParticipation, { nullable: true, description: 'Whether the parent took part meaningfully.' })
  participation?: ParentParticipation | null;
  @Field(() => [ContactAttempt], { description: 'Attempts to reach the parent.' }) contactAttempts: ContactAttempt[];
}

@RequiresScopes('iep:read')
@ObjectType('DiscussionTopic', { description: 'A topic of the meeting.' })
export class DiscussionTopic {
  @NarrativeField('The topic.') topic?: string | null;
  @Field({ description: 'Whether it was discussed; then a comment must stand with it (SEIS-65).' }) discussed: boolean;
  @NarrativeField('What was said and agreed.') comment?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('NotesForm', {
  implements: IepForm,
  description: 'Meeting notes, structured so that they serve as prior written notice when complete.',
})
export class NotesForm extends IepForm {
  @NarrativeField('Discussion points, suggestions, requests, agreements (SEIS-69).') discussion?: string | null;
  @Field(() => [DiscussionTopic], { description: 'The topics of the agenda.' }) topics: DiscussionTopic[];
  @NarrativeField('The action that the district proposes or refuses.') actionProposed?: string | null;
  @NarrativeField('Why.') reason?: string | null;
  @NarrativeField('Evaluations, records and reports that it rests on.') evaluationBasis?: string | null;
  @NarrativeField('Other options that the team considered, and why they were rejected.') optionsConsidered?:
    string | null;
  @NarrativeField('Other relevant factors.') otherFactors?: string | null;
  @NarrativeField('How the parent gets the procedural safeguards, and help to understand them.') safeguards?:
    string | null;
  @NarrativeField('When and why the meeting is reconvened or continued.') reconvening?: string | null;
  @Field({ description: 'True when the notes are complete enough to be prior written notice (34 CFR 300.503).' })
  usableAsPriorWrittenNotice: boolean;
}

@RequiresScopes('iep:read')
@ObjectType('AmendmentForm', { implements: IepForm, description: 'What an amendment changes.' })
export class AmendmentForm extends IepForm {
  @Field(() => ContactMethod, { nullable: true, description: 'How the parent was informed (SER-91).' })
  contactMethod?: ContactMethod | null;
  @Field(() => DateScalar, { nullable: true, description: 'When the parent was informed.' }) contactedOn?:
    string | null;
  @NarrativeField('What was changed (SER-92).') whatChanged?: string | null;
  @NarrativeField('Why it was changed (SER-92).') why?: string | null;
}

@RequiresScopes('iep:read')
@ObjectType('SiteDeterminationForm', { implements: IepForm, description: 'Where the student is served.' })
export class SiteDeterminationForm extends IepForm {
  @Field(() => String, { nullable: true, description: 'The site.' }) site?: string | null;
  @NarrativeField('Why this site.') reason?: string | null;
}

/** Implementer of each form kind. */
export const FORM_TYPES = {
  PRESENT_LEVELS: PresentLevelsForm,
  OFFER: OfferForm,
  PARTICIPANTS: ParticipantsForm,
  NOTES: NotesForm,
  AMENDMENT: AmendmentForm,
  SITE_DETERMINATION: SiteDeterminationForm,
} as const;
const GRAPHQL_TYPES: Record<IepFormKind, string> = {
  PRESENT_LEVELS: 'PresentLevelsForm',
  OFFER: 'OfferForm',
  PARTICIPANTS: 'ParticipantsForm',
  NOTES: 'NotesForm',
  AMENDMENT: 'AmendmentForm',
  SITE_DETERMINATION: 'SiteDeterminationForm',
};
