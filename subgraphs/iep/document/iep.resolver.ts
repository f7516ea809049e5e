import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Page } from '../../../platform/graphql/connection';
import { Cost, RequiresScopes } from '../../../platform/graphql/directives';
import type { RequestContext } from '../../../platform/subgraph/request-context';
import { IepForm } from '../form/form.types';
import { presentForm } from '../form/form.service';
import { Goal } from '../goal/goal.entity';
import { IepLoaders } from '../loaders';
import { Document } from '../pdf/document.entity';
import { IepDocumentService } from '../pdf/iep-document.service';
import { LEGAL_NOTICE } from '../pdf/render-iep';
import { AccountRef, StudentRef } from '../references/student-ref';
import { Finding } from '../../../platform/graphql/finding';
import { act } from './act';
import { AffirmService } from './affirm.service';
import { Iep } from './iep.entity';
import {
  AffirmIepInput,
  AffirmIepPayload,
  AmendIepInput,
  AmendIepPayload,
  ContinueIepInput,
  ContinueIepPayload,
  HoldMeetingInput,
  HoldMeetingPayload,
  IepConnection,
  IepFilter,
  PlanMeetingInput,
  PlanMeetingPayload,
  StartIepInput,
  StartIepPayload,
  SubmitIepInput,
  SubmitIepPayload,
  ValidateIepInput,
  ValidateIepPayload,
} from './iep.inputs';
import { IepService } from './iep.service';
import { RecordSystem } from './iep-codes';
import { isOpen, STATE_LABELS } from './iep-states';
import { MeetingService } from './meeting.service';
import { noticesOf } from './notices';

@Resolver(() => Iep)
export class IepResolver {
  @RequiresScopes('iep:read')
  @Query(() => Iep, { nullable: true, description: 'An IEP; null when there is none within your scope.' })
  iep(@Ctx() ctx: RequestContext, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<Iep | null> {
    return ctx.get(IepLoaders).iep.load(id);
  }

  @RequiresScopes('iep:read')
  @Query(() => IepConnection, {
    description: 'IEPs within your scope, the newest first: unaffirmed, unsigned, left over …',
  })
  ieps(
    @Ctx() ctx: RequestContext,
    @Arg('filter', () => IepFilter, { nullable: true, description: 'Which ones.' }) filter: IepFilter | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 25, description: 'Rows per page, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last row that you have.' })
    after: string | null,
  ): Promise<Page<Iep>> {
    return ctx.get(IepService).list(filter ?? {}, { first, after });
  }

  @FieldResolver(() => StudentRef, { nullable: true, description: 'The student.' })
  student(@Root() iep: Iep): StudentRef {
    return { id: iep.studentId };
  }

  @FieldResolver(() => AccountRef, { nullable: true, description: 'Who affirmed it.' })
  affirmedBy(@Root() iep: Iep): AccountRef | null {
    return iep.affirmedById ? { id: iep.affirmedById } : null;
  }

  @FieldResolver(() => Iep, { nullable: true, description: 'The IEP that this one amends or continues.' })
  parent(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Iep | null> | null {
    return iep.parentIepId ? ctx.get(IepLoaders).iep.load(iep.parentIepId) : null;
  }

  @FieldResolver(() => [IepForm], { nullable: true, description: 'The forms.' })
  async forms(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<IepForm[]> {
    return (await ctx.get(IepLoaders).forms.load(iep.id)).map((form) => presentForm(form, iep));
  }

  @FieldResolver(() => [Goal], { nullable: true, description: 'The annual goals, in page order.' })
  goals(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Goal[]> {
    return ctx.get(IepLoaders).goals.load(iep.id);
  }

  @FieldResolver(() => [Finding], {
    nullable: true,
    description: 'What the error check finds now (SEIS-21). Empty for affirmed IEPs: they were checked and stay.',
  })
  findings(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Finding[]> | Finding[] {
    return isOpen(iep.state) ? ctx.get(IepLoaders).findings.load(iep) : [];
  }

  @RequiresScopes('iep.narrative:read')
  @Cost(20)
  @FieldResolver(() => Document, {
    nullable: true,
    description: 'The date-stamped read-only PDF, once affirmed (SEIS-51).',
  })
  document(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Document | null> {
    return ctx.get(IepLoaders).document.load(iep);
  }

  @RequiresScopes('iep.narrative:read')
  @Cost(100)
  @FieldResolver(() => Document, {
    nullable: true,
    description: 'A print of the draft, every page marked so (SEIS-68); null once affirmed.',
  })
  draftDocument(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<Document> | null {
    return isOpen(iep.state) ? ctx.get(IepDocumentService).print(iep) : null;
  }

  @FieldResolver(() => String, { description: 'What a record system calls the state.' })
  stateLabel(
    @Root() iep: Iep,
    @Arg('system', () => RecordSystem, { defaultValue: RecordSystem.SEIS, description: 'Whose words.' })
    system: RecordSystem,
  ): string {
    return STATE_LABELS[iep.state][system];
  }

  @FieldResolver(() => String, { description: 'Show this wherever the IEP is shown (SEIS-53).' })
  legalNotice(): string {
    return LEGAL_NOTICE;
  }

  @FieldResolver(() => [String], {
    nullable: true,
    description: 'What a reader must know before relying on this document (SEIS-81).',
  })
  async notices(@Root() iep: Iep, @Ctx() ctx: RequestContext): Promise<string[]> {
    return noticesOf(iep, await ctx.get(IepLoaders).futureIep.load(iep.studentId));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => StartIepPayload, {
    description: 'Opens the editable IEP of a student; the current content is copied in.',
  })
  startIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => StartIepInput, { description: 'Input.' }) input: StartIepInput,
  ): Promise<StartIepPayload> {
    return act(ctx, 'startIep', input, (session) => session.get(IepService).start(input));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => PlanMeetingPayload, { description: 'Sets, moves or takes back the planned day of a meeting.' })
  planMeeting(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => PlanMeetingInput, { description: 'Input.' }) input: PlanMeetingInput,
  ): Promise<PlanMeetingPayload> {
    return act(ctx, 'planMeeting', input, (session) => session.get(MeetingService).plan(input));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => HoldMeetingPayload, { description: 'Records that the meeting was held, or reconvened.' })
  holdMeeting(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => HoldMeetingInput, { description: 'Input.' }) input: HoldMeetingInput,
  ): Promise<HoldMeetingPayload> {
    return act(ctx, 'holdMeeting', input, (session) => session.get(MeetingService).hold(input));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => ValidateIepPayload, { description: 'Runs the error check and marks the forms.' })
  async validateIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => ValidateIepInput, { description: 'Input.' }) input: ValidateIepInput,
  ): Promise<ValidateIepPayload> {
    const { iep, errors } = await act(ctx, 'validateIep', input, (session) => session.get(IepService).validate(input));
    return { iep, errors, findings: iep ? await this.findings(iep, ctx) : null };
  }

  @RequiresScopes('iep:affirm')
  @Mutation(() => AffirmIepPayload, {
    description: 'Affirms and attests the IEP (Louisiana: makes it official). All or nothing.',
  })
  affirmIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => AffirmIepInput, { description: 'Input.' }) input: AffirmIepInput,
  ): Promise<AffirmIepPayload> {
    return act(ctx, 'affirmIep', input, (session) => session.get(AffirmService).affirm(input));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => AmendIepPayload, { description: 'Opens an amendment of the current IEP.' })
  amendIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => AmendIepInput, { description: 'Input.' }) input: AmendIepInput,
  ): Promise<AmendIepPayload> {
    return act(ctx, 'amendIep', input, (session) => session.get(IepService).amend(input));
  }

  @RequiresScopes('iep:write')
  @Mutation(() => ContinueIepPayload, { description: 'Goes on with the meeting of the current IEP in a new draft.' })
  continueIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => ContinueIepInput, { description: 'Input.' }) input: ContinueIepInput,
  ): Promise<ContinueIepPayload> {
    return act(ctx, 'continueIep', input, (session) => session.get(IepService).continue(input));
  }

  @RequiresScopes('iep:submit')
  @Mutation(() => SubmitIepPayload, { description: 'Submits an official IEP to the state.' })
  submitIep(
    @Ctx() ctx: RequestContext,
    @Arg('input', () => SubmitIepInput, { description: 'Input.' }) input: SubmitIepInput,
  ): Promise<SubmitIepPayload> {
    return act(ctx, 'submitIep', input, (session) => session.get(IepService).submit(input));
  }
}
