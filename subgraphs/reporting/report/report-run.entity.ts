import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  IdColumn,
  InstantColumn,
  IntColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { graphqlEnum } from '../../../platform/graphql/enums';

export enum ReportRunState {
  QUEUED = 'QUEUED',
  RUNNING = 'RUNNING',
  DONE = 'DONE',
  FAILED = 'FAILED',
}
graphqlEnum(ReportRunState, 'ReportRunState', 'How far a report run is.', {
  QUEUED: 'Waits for its turn.',
  RUNNING: 'Is being computed.',
  DONE: 'Is ready to download.',
  FAILED: 'Could not be computed; `failure` says why.',
});

/** What narrows a report; stored with the run. */
export interface ReportParameters {
  organizationId?: string | null;
  caseManagerId?: string | null;
  period?: { from: string; to: string } | null;
}

/** A report that somebody asked for: who, under which perspective, what. Never a token; the rights are loaded when it runs. */
@RequiresScopes('report:read')
@ObjectType('ReportRun', { implements: Node, description: 'A report that you ran; kept for 14 days (SER-127).' })
@Entity('report_run')
@Index('report_run_by_owner', ['owner', 'perspective', 'id'])
@Index('report_run_by_state', ['state', 'leaseUntil'])
@Index('report_run_by_expiry', ['expiresAt'])
export class ReportRun {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  /** Subject of the caller. */
  @RefColumn() owner: string;
  @RefColumn() perspective: string;
  @StringColumn(40) definitionId: string;
  @JsonColumn() parameters: ReportParameters;
  /** Keys of the columns that the owner had a right to when the run was asked for. */
  @JsonColumn() columns: string[];
  @Field(() => ReportRunState, { description: 'How far it is.' }) @StringColumn(10) state: ReportRunState;
  @Field(() => Int, { nullable: true, description: 'Rows of the finished report.' })
  @IntColumn({ nullable: true })
  rowCount: number | null;
  @Field(() => String, { nullable: true, description: 'Why it failed and what to do.' })
  @StringColumn(300, { nullable: true })
  failure: string | null;
  @IntColumn() attempts: number;
  @Field({ description: 'When it was asked for.' }) @InstantColumn() createdAt: Date;
  @Field({ description: 'When it will be deleted.' }) @InstantColumn() expiresAt: Date;
  /** Until when the worker that computes it is believed to be alive. */
  @InstantColumn({ nullable: true }) leaseUntil: Date | null;
}

/** A row of a finished report, frozen as it was when the report ran. Carries its student, so that a download can ask for the scope again. */
@Entity('report_row')
@Index('report_row_by_run', ['runId', 'position'])
export class ReportRow {
  @IdColumn() id: string;
  @RefColumn() runId: string;
  @RefColumn() studentId: string;
  @IntColumn() position: number;
  @JsonColumn() cells: (string | number)[];
}
