import { Field, ObjectType } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateTimeScalar } from '../../../platform/graphql/scalars';
import type { Iep } from './iep.entity';

/** That a draft was given up. The columns are those of the IEP. */
@RequiresScopes('iep:read')
@ObjectType('IepDiscard', { description: 'That a draft was discarded.' })
export class IepDiscard {
  @Field(() => DateTimeScalar, { description: 'When.' }) discardedAt: Date;
  @RequiresScopes('iep.narrative:read')
  @Field(() => String, { nullable: true, description: 'Why.' })
  reason: string | null;
  byId: string;

  static of({ discardedAt, discardedById, discardReason }: Iep): IepDiscard | null {
    if (!discardedAt) return null;
    return Object.assign(new IepDiscard(), { discardedAt, reason: discardReason, byId: discardedById! });
  }
}
