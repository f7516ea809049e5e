import { Field, ObjectType } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { UserError } from '../../../platform/graphql/user-error';
import { Service } from '../service/service.entity';

@RequiresScopes('service:read')
@ObjectType('ServiceReconciliation', {
  description: 'What a plan and the services of its student do not have in common (SER-98, SER-99).',
})
export class ServiceReconciliation {
  @Field(() => [Service], {
    description: 'Services that the plan lists and nobody delivers, as the plan lists them: enter them.',
  })
  withoutRow: Service[];

  @Field(() => [Service], {
    description: 'Active services that the plan does not list: amend the plan, or end them.',
  })
  withoutPlan: Service[];

  @Field(() => [UserError], { description: 'One alert V-071 per difference; none when both agree.' })
  alerts: UserError[];
}
