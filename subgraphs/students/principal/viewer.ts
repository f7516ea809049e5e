import { Field, ID, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import type { AccessRelation } from '../../../platform/principal/principal';
import { AccessRelationEnum, RoleEnum, ScopeLevel } from '../account/account.enums';
import { Organization } from '../organization/organization.entity';

@Authenticated()
@ObjectType('Perspective', {
  implements: Node,
  description:
    'One role at one organization, or one partner grant: what a request acts under. Chosen per request by the header x-perspective.',
})
export class Perspective {
  @Field(() => ID, { description: 'The value for the header x-perspective.' }) id: string;
  @Field(() => RoleEnum, { description: 'The role.' }) role: keyof typeof RoleEnum;
  @Field(() => [AccessRelationEnum], { description: 'How its students are related to the caller.' })
  relations: AccessRelation[];
  @Field(() => Organization, { nullable: true, description: 'Where the role is held; the agency of a partner.' })
  organization: Organization | null;
  @Field(() => ScopeLevel, { description: 'The level at which the caller stands.' }) level: ScopeLevel;
  @Field({ description: 'True when nothing can be changed under it.' }) readOnly: boolean;
}

@Authenticated()
@ObjectType('Viewer', { description: 'Who is asking, and with which rights.' })
export class Viewer {
  @Field(() => ID, { description: 'Id of the account or of the partner client.' }) subject: string;
  @Field({ description: 'Name of the person or agency.' }) displayName: string;
  @Field(() => ScopeLevel, { description: 'The level of the perspective in use.' }) level: ScopeLevel;
  @Field(() => Perspective, { description: 'The perspective in use.' }) perspective: Perspective;
  @Field(() => [Perspective], { description: 'The perspectives that may be chosen from today, the default first.' })
  perspectives: Perspective[];
  @Field(() => [String], { description: 'What may be done under the perspective in use.' }) capabilities: string[];
}
