import { Field, ID, InputType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection';
import { Reads } from '../../../platform/graphql/directives';
import { Provider } from './provider.entity';
import { ProviderKind } from './provider-kind';

export const ProviderConnection = connectionOf(() => Provider, 'Provider');

@InputType({ description: 'Which providers are listed. What is left out does not limit.' })
export class ProviderFilter {
  @Reads('Provider.displayName')
  @Field(() => String, { nullable: true, description: 'Part of the name; case and accents do not matter.' })
  text?: string | null;

  @Reads('Provider.kind')
  @Field(() => ProviderKind, { nullable: true, description: 'On what footing they work.' })
  kind?: ProviderKind | null;

  @Reads('Provider.organization')
  @Field(() => ID, { nullable: true, description: 'The organization that they belong to.' })
  organizationId?: string | null;

  @Reads('Provider.serviceCodes')
  @Field(() => String, { nullable: true, description: 'A service that they may deliver, by its code.' })
  serviceCode?: string | null;

  @Reads('Provider.active')
  @Field(() => Boolean, { nullable: true, description: 'True for those at work, false for those who have left.' })
  active?: boolean | null;
}
