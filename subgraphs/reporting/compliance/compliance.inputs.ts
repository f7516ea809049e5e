import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type { CalendarDay } from '../../../platform/dates';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { ListSize, RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { OrganizationRef } from '../references/organization.reference';
import { ProviderRef } from '../references/provider.reference';

export enum ComplianceReport {
  ANNUAL_REVIEW = 'ANNUAL_REVIEW',
  TRIENNIAL_REVIEW = 'TRIENNIAL_REVIEW',
}
graphqlEnum(ComplianceReport, 'ComplianceReport', 'Which timeline is counted.', {
  ANNUAL_REVIEW: 'Annual plan reviews (R-03, T-07).',
  TRIENNIAL_REVIEW: 'Triennial evaluations (T-08).',
});

export enum GroupBy {
  LEA = 'LEA',
  SCHOOL = 'SCHOOL',
  CASE_MANAGER = 'CASE_MANAGER',
}
graphqlEnum(
  GroupBy,
  'GroupBy',
  'What a row of a summary stands for.',
  { LEA: 'A district.', SCHOOL: 'A school.', CASE_MANAGER: 'A case manager.' },
  { CASE_MANAGER: ['Student.caseManager'] },
);

@InputType({ description: 'A period, first to last day, both counted.' })
export class PeriodInput {
  @Field(() => DateScalar, { description: 'First day.' }) from: CalendarDay;
  @Field(() => DateScalar, { description: 'Last day.' }) to: CalendarDay;
}

@RequiresScopes('report:read')
@ObjectType('ComplianceRow', { description: 'Reviews that fell due in the period, in and out of timeline.' })
export class ComplianceRow {
  @Field(() => OrganizationRef, {
    nullable: true,
    description: 'The district or school; null for a case manager and for the total.',
  })
  organization: OrganizationRef | null;
  @Field(() => ProviderRef, { nullable: true, description: 'The case manager, when grouped by case manager.' })
  caseManager: ProviderRef | null;
  @Field({ description: 'Name of what the row stands for.' }) label: string;
  @Field(() => Int, { description: 'Held on or before the due day, or not due yet.' }) inTimeline: number;
  @Field(() => Int, { description: 'Held after the due day, or overdue.' }) outOfTimeline: number;
  @Field(() => Int, { description: 'All reviews that fall due in the period.' }) total: number;
  @Field(() => Float, { description: 'Share in timeline, 0 to 100 with one decimal; 100 when nothing fell due.' })
  percent: number;
}

export interface ComplianceCount {
  key: string | null;
  inTimeline: number;
  outOfTimeline: number;
}

@RequiresScopes('report:read')
@ObjectType('ComplianceSummary', {
  description: 'Reviews in and out of timeline, by district, school or case manager, within your scope.',
})
export class ComplianceSummary {
  @ListSize(100)
  @Field(() => [ComplianceRow], { description: 'One row per group, by name.' })
  rows?: ComplianceRow[];
  @Field(() => ComplianceRow, { description: 'All groups together.' }) total: ComplianceRow;

  groupBy: GroupBy;
  /** What the rows are made of, which need names. */
  counts: readonly ComplianceCount[];
}
