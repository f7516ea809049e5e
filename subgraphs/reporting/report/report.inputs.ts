import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PeriodInput } from '../compliance/compliance.inputs';
import { connectionOf } from '../../../platform/graphql/connection';
import { Authenticated, Reads, RequiresScopes } from '../../../platform/graphql/directives';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { Payload } from '../../../platform/graphql/user-error';
import { ReportRun } from './report-run.entity';

export enum ReportFormat {
  CSV = 'CSV',
}
graphqlEnum(ReportFormat, 'ReportFormat', 'The format of a download.', { CSV: 'Comma-separated values, UTF-8.' });

@RequiresScopes('report:read')
@ObjectType('ReportDefinition', { description: 'A report that can be run.' })
export class ReportDefinition {
  @Field(() => ID, { description: 'Id to run it by.' }) id: string;
  @Field({ description: 'Name.' }) name: string;
  @Field({ description: 'Which rows it has.' }) description: string;
  @Field({ description: 'True when it needs a period.' }) needsPeriod: boolean;
  @Field(() => [String], { description: 'Titles of the columns that you have a right to.' }) columns: string[];
}

@InputType({ description: 'What narrows a report.' })
export class ReportParametersInput {
  @Field(() => ID, { nullable: true, description: 'Only students of this state, SELPA, district or school.' })
  organizationId?: string | null;
  @Reads('Student.caseManager')
  @Field(() => ID, { nullable: true, description: 'Only students whose case this provider manages.' })
  caseManagerId?: string | null;
  @Field(() => PeriodInput, { nullable: true, description: 'In which period the review falls due.' })
  period?: PeriodInput | null;
}

@InputType({ description: 'Which report to run.' })
export class RunReportInput {
  @Field(() => ID, { description: 'Id of the definition.' }) definitionId: string;
  @Field(() => ReportParametersInput, { nullable: true, description: 'What narrows it.' })
  parameters?: ReportParametersInput | null;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating a mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which run to delete.' })
export class DeleteReportRunInput {
  @Field(() => ID, { description: 'Id of the run.' }) id: string;
  @Field(() => String, {
    nullable: true,
    description: 'Repeating a mutation with the same key does not repeat the act.',
  })
  idempotencyKey?: string | null;
}

@Authenticated()
@ObjectType('RunReportPayload', { description: 'The run that was queued.' })
export class RunReportPayload extends Payload {
  @Field(() => ReportRun, { nullable: true, description: 'The run; ask again until it is DONE.' })
  reportRun: ReportRun | null;
}

@Authenticated()
@ObjectType('DeleteReportRunPayload', { description: 'The run that was deleted.' })
export class DeleteReportRunPayload extends Payload {
  @Field(() => ID, { nullable: true, description: 'Id of the run that is gone.' }) deletedId: string | null;
}

export const ReportRunConnection = connectionOf(() => ReportRun, 'ReportRun');
