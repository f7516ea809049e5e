import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { Iep } from '../document/iep.entity';
import { IepConnection } from '../document/iep.inputs';
import { IepService } from '../document/iep.service';
import { Evaluation } from '../evaluation/evaluation.entity';
import { IepLoaders } from '../loaders';
import { Finding } from '../../../platform/graphql/finding';
import { StudentRef } from './student-ref';

/** What this subgraph adds to a student. */
@Resolver(() => StudentRef)
export class StudentResolver {
  @FieldResolver(() => Iep, { nullable: true, description: 'The affirmed IEP of the most recent meeting (SEIS-48).' })
  currentIep(@Root() student: StudentRef, @Ctx() ctx: RequestContext): Promise<Iep | null> {
    return ctx.get(IepLoaders).currentIep.load(student.id);
  }

  @FieldResolver(() => Iep, { nullable: true, description: 'The one editable IEP (SEIS-43).' })
  futureIep(@Root() student: StudentRef, @Ctx() ctx: RequestContext): Promise<Iep | null> {
    return ctx.get(IepLoaders).futureIep.load(student.id);
  }

  @FieldResolver(() => IepConnection, {
    nullable: true,
    description: 'Earlier affirmed IEPs, the newest first (SEIS-51).',
  })
  iepHistory(
    @Root() student: StudentRef,
    @Ctx() ctx: RequestContext,
    @Arg('first', () => Int, { nullable: true, description: 'Rows per page, 1 to 100; 25 when left out.' })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row that you have.' })
    after: string | null,
  ): Promise<Page<Iep>> {
    return ctx.get(IepService).history(student.id, { first, after });
  }

  @FieldResolver(() => [Evaluation], { nullable: true, description: 'Evaluations, the most recent first (SER-57).' })
  evaluations(@Root() student: StudentRef, @Ctx() ctx: RequestContext): Promise<Evaluation[]> {
    return ctx.get(IepLoaders).evaluations.load(student.id);
  }

  @RequiresScopes('iep:read')
  @FieldResolver(() => [Finding], {
    nullable: true,
    description:
      'What is open about the student now: what the error check finds in the open IEP (SEIS-21), an answer that the current IEP still lacks (V-007), and deadlines that have passed (V-008, V-028, V-208, V-209).',
  })
  findings(@Root() student: StudentRef, @Ctx() ctx: RequestContext): Promise<Finding[] | null> {
    return ctx.get(IepLoaders).studentFindings.load(student.id);
  }
}
