import { Field, ObjectType } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateTimeScalar } from '../../../platform/graphql/scalars';
import type { Iep } from './iep.entity';

/** How a document came to be when it was not opened for a meeting (C.2). The columns are those of the IEP. */
@RequiresScopes('iep:read')
@ObjectType('Reactivation', { description: 'That the district opened an affirmed IEP again, to be corrected.' })
export class Reactivation {
  @Field(() => DateTimeScalar, { description: 'When.' }) reactivatedAt: Date;
  @RequiresScopes('iep.narrative:read')
  @Field(() => String, { nullable: true, description: 'Why.' })
  reason: string | null;
  byId: string;
  replacesId: string;

  static of({ reactivatesIepId, reactivatedAt, reactivatedById, reactivationReason }: Iep): Reactivation | null {
    if (!reactivatesIepId) return null;
    return Object.assign(new Reactivation(), {
      reactivatedAt: reactivatedAt!,
      reason: reactivationReason,
      byId: reactivatedById!,
      replacesId: reactivatesIepId,
    });
  }
}
