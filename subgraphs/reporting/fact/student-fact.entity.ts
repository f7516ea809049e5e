import { Field, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  DayColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import type { CalendarDay } from '../../../platform/dates';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { DueKind } from '../due-date/due-dates';

/** Stands in a sort column for a date that is not set, so that keyset pages never meet null. */
export const NEVER = '9999-12-31';

/**
 * The read model: one row per student with everything that cross-domain filters, sorting, counts and reports need. It is
 * recomputed whole from the published views on any event of the student (architecture, section 6), so it cannot drift.
 * To clients it is a line of the worklist.
 */
@RequiresScopes('report:read', 'iep:read')
@ObjectType('WorklistEntry', { description: 'A student in a worklist, with what is due.' })
@Entity('student_fact')
@Index('student_fact_by_name', ['nameKey', 'id'])
@Index('student_fact_by_annual', ['annualSort', 'id'])
@Index('student_fact_by_next', ['nextSort', 'id'])
@Index('student_fact_by_triennial', ['triennialSort', 'id'])
@Index('student_fact_by_findings', ['openFindings', 'id'])
@Index('student_fact_by_lea', ['leaId', 'status'])
@Index('student_fact_by_school', ['schoolId', 'status'])
@Index('student_fact_by_case_manager', ['caseManagerProviderId', 'status'])
export class StudentFact {
  /** The student's id. */
  @IdColumn() id: string;
  @StringColumn(40) stateId: string;
  @StringColumn(120) lastName: string;
  @StringColumn(120) firstName: string;
  /** `last, first` without case and accents: what names sort and search by. */
  @StringColumn(250) nameKey: string;
  @DayColumn({ nullable: true }) dateOfBirth: CalendarDay | null;
  /** Year and month × 100 + day of birth: ages are computed from them in SQL that has no date functions. */
  @IntColumn({ nullable: true }) birthYear: number | null;
  @IntColumn({ nullable: true }) birthMonthDay: number | null;
  @StringColumn(20, { nullable: true }) gradeLevel: string | null;
  @StringColumn(40) status: string;
  /** Marked as a duplicate or not reported: in no list and no count. */
  @BoolColumn() hidden: boolean;

  @RefColumn({ nullable: true }) leaId: string | null;
  @RefColumn({ nullable: true }) schoolId: string | null;
  @RefColumn({ nullable: true }) selpaId: string | null;
  @RefColumn({ nullable: true }) stateOrgId: string | null;

  /**
   * The state that has an open right to the student without a last day, as `student_access` names it, and since when: so that
   * sums over a state don't ask for the right of each student. The database empties it when that right is changed.
   */
  @StringColumn(80, { nullable: true }) settledFor: string | null;
  @DayColumn({ nullable: true }) settledFrom: CalendarDay | null;

  @RefColumn({ nullable: true }) currentIepId: string | null;
  /** State of the document that is worked on, else of the current one. */
  @StringColumn(40, { nullable: true }) iepState: string | null;
  /** Team meeting of the current IEP. */
  @DayColumn({ nullable: true }) meetingDate: CalendarDay | null;
  @DayColumn({ nullable: true }) planReviewDate: CalendarDay | null;
  @StringColumn(20, { nullable: true }) primaryDisability: string | null;
  @StringColumn(40, { nullable: true }) federalEnvironment: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'When the annual review is due (T-07).' })
  @DayColumn({ nullable: true })
  annualDue: CalendarDay | null;
  @Field(() => DateScalar, { nullable: true, description: 'When the triennial evaluation is due (T-08).' })
  @DayColumn({ nullable: true })
  triennialDue: CalendarDay | null;
  @Field(() => DateScalar, { nullable: true, description: 'By when the held meeting must be affirmed (T-14).' })
  @DayColumn({ nullable: true })
  affirmDue: CalendarDay | null;
  @Field(() => DateScalar, { nullable: true, description: 'By when the open meeting event must be closed (T-16).' })
  @DayColumn({ nullable: true })
  openMeetingDue: CalendarDay | null;
  @StringColumn(10) annualSort: CalendarDay;
  @StringColumn(10) triennialSort: CalendarDay;
  /** The first of all due dates. */
  @StringColumn(10) nextSort: CalendarDay;

  /** The last review that was held and the day on which it had been due. */
  @DayColumn({ nullable: true }) lastAnnualDue: CalendarDay | null;
  @DayColumn({ nullable: true }) lastAnnualHeld: CalendarDay | null;
  @DayColumn({ nullable: true }) lastTriennialDue: CalendarDay | null;
  @DayColumn({ nullable: true }) lastTriennialHeld: CalendarDay | null;

  @RefColumn({ nullable: true }) caseManagerProviderId: string | null;
  @RefColumn({ nullable: true }) caseManagerAccountId: string | null;
  @IntColumn() openServices: number;
  @Field(() => Int, { description: 'Open findings of the documents that are current or worked on.' })
  @IntColumn()
  openFindings: number;
  @Field({ description: 'True when a meeting was held, or an amendment begun, that nobody has affirmed yet.' })
  @BoolColumn()
  unaffirmed: boolean;
  @Field(() => Int, {
    description:
      'Sessions of the meeting that awaits affirmation; more than one means tabled and reconvened (SEIS-92).',
  })
  @IntColumn()
  meetingSessions: number;
  @InstantColumn() computedAt: Date;

  /** The due dates by kind. */
  get due(): Record<DueKind, CalendarDay | null> {
    return {
      ANNUAL_REVIEW: this.annualDue,
      TRIENNIAL_REVIEW: this.triennialDue,
      AFFIRMATION: this.affirmDue,
      OPEN_MEETING: this.openMeetingDue,
    };
  }
}
