import { Field, ID, InputType } from 'type-graphql';
import type { CalendarDay } from '../../../platform/dates';
import { connectionOf } from '../../../platform/graphql/connection';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { Reads } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { DueDateKind } from '../due-date/due-date.types';
import { StudentFact } from '../fact/student-fact.entity';

/** The same enum as in `students`; federation needs it declared wherever it is used. */
export enum StudentStatus {
  REFERRED = 'REFERRED',
  PENDING = 'PENDING',
  ELIGIBLE_ACTIVE = 'ELIGIBLE_ACTIVE',
  ELIGIBLE_NO_PLAN = 'ELIGIBLE_NO_PLAN',
  ELIGIBLE_NOT_ENROLLED = 'ELIGIBLE_NOT_ENROLLED',
  INELIGIBLE = 'INELIGIBLE',
  EXITED = 'EXITED',
  INACTIVE_NOT_REPORTED = 'INACTIVE_NOT_REPORTED',
}
graphqlEnum(StudentStatus, 'StudentStatus', 'Where a student stands in special education (domain C.1).', {
  REFERRED: 'Referred for evaluation.',
  PENDING: 'Under evaluation; eligibility is not decided.',
  ELIGIBLE_ACTIVE: 'Eligible and participating.',
  ELIGIBLE_NO_PLAN: 'Eligible, without a plan in force.',
  ELIGIBLE_NOT_ENROLLED: 'Eligible, not enrolled.',
  INELIGIBLE: 'Evaluated and not eligible.',
  EXITED: 'Left special education.',
  INACTIVE_NOT_REPORTED: 'Inactive and not reported to the state.',
});

/** What tells when something is due. */
const DUES = ['annualDue', 'triennialDue', 'affirmDue', 'openMeetingDue'].map((field) => `WorklistEntry.${field}`);

export enum WorklistOrder {
  NEXT_DUE = 'NEXT_DUE',
  ANNUAL_DUE = 'ANNUAL_DUE',
  TRIENNIAL_DUE = 'TRIENNIAL_DUE',
  NAME = 'NAME',
  OPEN_FINDINGS = 'OPEN_FINDINGS',
}
graphqlEnum(
  WorklistOrder,
  'WorklistOrder',
  'What a worklist is sorted by. Students without the date come last.',
  {
    NEXT_DUE: 'The first of all due dates: the most urgent first.',
    ANNUAL_DUE: 'The day on which the annual review is due.',
    TRIENNIAL_DUE: 'The day on which the triennial evaluation is due.',
    NAME: 'Last name, then first name.',
    OPEN_FINDINGS: 'Number of open findings, most first.',
  },
  {
    NEXT_DUE: DUES,
    ANNUAL_DUE: ['WorklistEntry.annualDue'],
    TRIENNIAL_DUE: ['WorklistEntry.triennialDue'],
    NAME: ['Student.lastName', 'Student.firstName'],
    OPEN_FINDINGS: ['WorklistEntry.openFindings'],
  },
);

@InputType({ description: 'Which students to list. What is left out does not limit; everything given must hold.' })
export class WorklistFilter {
  @Reads('Student.jurisdiction')
  @Field(() => ID, { nullable: true, description: 'District that has jurisdiction.' })
  leaId?: string | null;
  @Reads('Student.jurisdiction')
  @Field(() => ID, { nullable: true, description: 'School of attendance.' })
  schoolId?: string | null;
  @Reads('Student.caseManager')
  @Field(() => ID, { nullable: true, description: 'Id of the provider who manages the case.' })
  caseManagerId?: string | null;
  @Reads('Student.status')
  @Field(() => [StudentStatus], { nullable: true, description: 'Any of these statuses.' })
  status?: StudentStatus[] | null;
  @Reads('Student.currentIep')
  @Field(() => [String], {
    nullable: true,
    description: 'Any of these primary disabilities, as federal codes such as AUT.',
  })
  disability?: string[] | null;
  @Reads('WorklistEntry.overdueKinds')
  @Field(() => [DueDateKind], { nullable: true, description: 'Something of any of these kinds is overdue.' })
  overdue?: DueDateKind[] | null;
  @Reads(...DUES)
  @Field(() => DateScalar, { nullable: true, description: 'Something is due before this day.' })
  dueBefore?: CalendarDay | null;
  @Reads(...DUES)
  @Field(() => DueDateKind, { nullable: true, description: 'Which kind `dueBefore` speaks of; any when left out.' })
  dueKind?: DueDateKind | null;
  @Reads('WorklistEntry.openFindings')
  @Field(() => Boolean, { nullable: true, description: 'With (true) or without (false) open findings.' })
  hasOpenFindings?: boolean | null;
  @Reads('WorklistEntry.unaffirmed')
  @Field(() => Boolean, {
    nullable: true,
    description: 'With (true) or without (false) a held meeting or amendment that awaits affirmation.',
  })
  unaffirmed?: boolean | null;
  @Reads('Student.firstName', 'Student.lastName', 'Student.stateId')
  @Field(() => String, {
    nullable: true,
    description: '"first last", "last, first", the beginning of a name, or the state id.',
  })
  text?: string | null;
}

export const WorklistConnection = connectionOf(() => StudentFact, 'Worklist');
