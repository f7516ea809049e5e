import { Field, ID, ObjectType } from 'type-graphql';
import type { Party } from '../../../platform/audit/disclosure-record';
import { connectionOf } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { RoleEnum } from '../account/account.enums';
import { RedisclosureRecipient } from '../partner/partner-grant.entity';

/** One line of the record of disclosures of a student (34 CFR 99.32(a)). Made from the audit log; no table of this subgraph. */
@RequiresScopes('disclosure:read')
@ObjectType('Disclosure', { description: 'That something of the record of a student was shown to somebody.' })
export class Disclosure {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
  @Field(() => Date, { description: 'When.' }) at: Date;
  @Field({ description: 'Who: the name of the person, or of the partner agency, at that time.' }) name: string;
  @Field(() => String, { nullable: true, description: 'The client by which a partner agency asked; null for staff.' })
  partnerClient: string | null;
  @Field(() => RoleEnum, { description: 'The role in which it was asked.' }) role: string;
  @Field(() => ID, { description: 'The role grant under which it was asked; of a partner its grant.' })
  perspective: string;
  @Field({
    description:
      'The legitimate interest: of staff in the education of the student, of others the purpose of their grant, or what they said.',
  })
  interest: string;
  @Field(() => String, {
    nullable: true,
    description: 'The law or consent on which the grant of a partner agency rests; null for staff.',
  })
  legalBasis: string | null;
  @Field(() => [RedisclosureRecipient], {
    description:
      'To whom a partner agency was allowed to pass it on, and why, at that time (34 CFR 99.32(b)); empty for staff.',
  })
  redisclosureRecipients: RedisclosureRecipient[];
  @Field({
    description:
      'True for school officials of the own agencies, whose looks need not be recorded by law (34 CFR 99.32(d)) and are.',
  })
  exempt: boolean;
  @Field(() => [String], { description: 'What was shown, as classes of fields such as `iep.goal`. Never a value.' })
  fieldClasses: string[];
  @Field(() => String, { nullable: true, description: 'Name of the operation that asked.' }) operation: string | null;

  kind: Party['kind'];
  subject: string;
  organizationId: string | null;
}

export const DisclosureConnection = connectionOf(() => Disclosure, 'Disclosure');
