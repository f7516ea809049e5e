import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Iep } from '../document/iep.entity';
import { SignatureOutcome } from '../document/iep-codes';
import { Finding } from '../../../platform/graphql/finding';
import {
  ContactMethod,
  DisabilityCategory,
  FederalEnvironment,
  IepFormKind,
  ParticipantAgreement,
  ParticipantRole,
} from './form-codes';
import { IepForm } from './form.types';

const TextField = (description: string): PropertyDecorator =>
  Field(() => String, { nullable: true, description }) as PropertyDecorator;

@InputType('PresentLevelsInput', { description: 'Content of the present levels form; replaces all of it.' })
export class PresentLevelsInput {
  @TextField('Strengths, interests and preferences.') strengths?: string | null;
  @TextField('Concerns of the parent.') parentConcerns?: string | null;
  @TextField('Academic and functional performance.') academicPerformance?: string | null;
  @TextField('Communication.') communication?: string | null;
  @TextField('Gross and fine motor skills.') motorSkills?: string | null;
  @TextField('Social and emotional development, behavior.') socialEmotional?: string | null;
  @TextField('Health.') health?: string | null;
  @TextField('Daily living and adaptive skills.') dailyLiving?: string | null;
  @TextField('How the disability affects involvement and progress.') disabilityImpact?: string | null;
}

@InputType('OfferInput', { description: 'Content of the offer form; replaces all of it.' })
export class OfferInput {
  @Field(() => [String], { nullable: true, description: 'The offers on the table.' }) offers?: string[] | null;
  @TextField('How the offer is a free appropriate public education in the least restrictive environment.')
  fapeStatement?: string | null;
  @Field(() => FederalEnvironment, { nullable: true, description: 'Educational environment.' })
  federalEnvironment?: FederalEnvironment | null;
  @Field(() => Int, { nullable: true, description: 'Share of the day inside the regular class, 0 to 100 per cent.' })
  percentInsideRegularClass?: number | null;
  @Field(() => DisabilityCategory, { nullable: true, description: 'Primary disability.' })
  primaryDisability?: DisabilityCategory | null;
  @Field(() => DisabilityCategory, { nullable: true, description: 'Secondary disability.' })
  secondaryDisability?: DisabilityCategory | null;
}

@InputType('ParticipantInput', { description: 'A person of the team.' })
export class ParticipantInput {
  @Field({ description: 'Name.' }) name: string;
  @Field(() => ParticipantRole, { description: 'As what the person takes part.' }) role: ParticipantRole;
  @Field({ description: 'Whether the person attended.' }) attended: boolean;
  @Field(() => ParticipantAgreement, { nullable: true, description: 'The person’s stand.' })
  agreement?: ParticipantAgreement | null;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature.' }) signedOn?: string | null;
}

@InputType('ParentSignatureInput', { description: 'The answer of the parent or adult student.' })
export class ParentSignatureInput {
  @Field(() => SignatureOutcome, { description: 'The answer.' }) outcome: SignatureOutcome;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature.' }) signedOn?: string | null;
  @TextField('The parts that are not agreed to.') exceptions?: string | null;
}

@InputType('ParentParticipationInput', { description: 'Whether the parent took part meaningfully (SEIS-85).' })
export class ParentParticipationInput {
  @Field({ description: 'Whether the parent confirmed it.' }) confirmed: boolean;
  @TextField('The concern, when not confirmed.') concern?: string | null;
  @TextField('How the team discussed it.') discussion?: string | null;
  @TextField('What the team decided.') decision?: string | null;
}

@InputType('ContactAttemptInput', { description: 'An attempt to reach the parent.' })
export class ContactAttemptInput {
  @Field(() => DateScalar, { description: 'The day.' }) on: string;
  @Field(() => ContactMethod, { description: 'How.' }) method: ContactMethod;
  @TextField('What came of it.') result?: string | null;
}

@InputType('ParticipantsInput', { description: 'Content of the participants form; replaces all of it.' })
export class ParticipantsInput {
  @Field(() => [ParticipantInput], { nullable: true, description: 'The team.' }) participants?:
    ParticipantInput[] | null;
  @Field(() => ParentSignatureInput, { nullable: true, description: 'The parent’s answer.' })
  signature?: ParentSignatureInput | null;
  @Field(() => DateScalar, { nullable: true, description: 'Date of the second consent page.' }) secondConsentOn?:
    string | null;
  @TextField('Why the meeting was held without the parent.') parentAbsence?: string | null;
  @Field(() => ParentParticipationInput, { nullable: true, description: 'Whether the parent took part meaningfully.' })
  participation?: ParentParticipationInput | null;
  @Field(() => [ContactAttemptInput], { nullable: true, description: 'Attempts to reach the parent.' })
  contactAttempts?: ContactAttemptInput[] | null;
}

@InputType('DiscussionTopicInput', { description: 'A topic of the meeting.' })
export class DiscussionTopicInput {
  @Field({ description: 'The topic.' }) topic: string;
  @Field({ description: 'Whether it was discussed.' }) discussed: boolean;
  @TextField('What was said and agreed.') comment?: string | null;
}

@InputType('NotesInput', { description: 'Content of the notes form; replaces all of it.' })
export class NotesInput {
  @TextField('Discussion points, suggestions, requests, agreements.') discussion?: string | null;
  @Field(() => [DiscussionTopicInput], { nullable: true, description: 'The topics of the agenda.' }) topics?:
    DiscussionTopicInput[] | null;
  @TextField('The action that the district proposes or refuses.') actionProposed?: string | null;
  @TextField('Why.') reason?: string | null;
  @TextField('Evaluations, records and reports that it rests on.') evaluationBasis?: string | null;
  @TextField('Other options, and why they were rejected.') optionsConsidered?: string | null;
  @TextField('Other relevant factors.') otherFactors?: string | null;
  @TextField('How the parent gets the procedural safeguards.') safeguards?: string | null;
  @TextField('When and why the meeting is reconvened or continued.') reconvening?: string | null;
}

@InputType('AmendmentInput', { description: 'Content of the amendment form; replaces all of it.' })
export class AmendmentInput {
  @Field(() => ContactMethod, { nullable: true, description: 'How the parent was informed.' })
  contactMethod?: ContactMethod | null;
  @Field(() => DateScalar, { nullable: true, description: 'When the parent was informed.' }) contactedOn?:
    string | null;
  @TextField('What was changed.') whatChanged?: string | null;
  @TextField('Why it was changed.') why?: string | null;
}

@InputType('SiteDeterminationInput', { description: 'Content of the site determination form; replaces all of it.' })
export class SiteDeterminationInput {
  @TextField('The site.') site?: string | null;
  @TextField('Why this site.') reason?: string | null;
}

@InputType('SaveIepFormInput', { description: 'One form of a draft: give exactly one of the contents, or `remove`.' })
export class SaveIepFormInput {
  @Field(() => ID, { description: 'The IEP.' }) iepId: string;
  @Field(() => Int, {
    nullable: true,
    description: 'The form’s version as you read it. Leave out only when the form is added.',
  })
  version?: number | null;
  @Field(() => PresentLevelsInput, { nullable: true, description: 'Present levels.' })
  presentLevels?: PresentLevelsInput | null;
  @Field(() => OfferInput, { nullable: true, description: 'Offer of services and placement.' })
  offer?: OfferInput | null;
  @Field(() => ParticipantsInput, { nullable: true, description: 'Participants and signatures.' })
  participants?: ParticipantsInput | null;
  @Field(() => NotesInput, { nullable: true, description: 'Meeting notes.' }) notes?: NotesInput | null;
  @Field(() => AmendmentInput, { nullable: true, description: 'Amendment.' }) amendment?: AmendmentInput | null;
  @Field(() => SiteDeterminationInput, { nullable: true, description: 'Site determination.' })
  siteDetermination?: SiteDeterminationInput | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Why a state-reported field must change inside the red window; a district administrator’s reason lets it (V-015). At most 500 characters.',
  })
  overrideReason?: string | null;
  @Field(() => IepFormKind, { nullable: true, description: 'Takes an optional form off the IEP instead (SER-83).' })
  remove?: IepFormKind | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key saves once.' }) idempotencyKey?:
    string | null;
}

@Authenticated()
@ObjectType('SaveIepFormPayload', { description: 'The form as saved and checked.' })
export class SaveIepFormPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP, with the marks of all its forms.' }) iep?: Iep | null;
  @Field(() => IepForm, { nullable: true, description: 'The form as saved; null when it was removed.' })
  form?: IepForm | null;
  @Field(() => [Finding], { nullable: true, description: 'What the check of this form found.' }) findings?:
    Finding[] | null;
}
