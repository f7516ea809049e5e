import { Entity } from 'typeorm';
import { DayColumn, IdColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import type { PeriodInYear } from './reporting-periods';

/** The report calendar, which other subgraphs read through its published view. Written from the rules of `reporting-periods.ts`. */
@Entity('reporting_period')
export class ReportingPeriodInYear implements PeriodInYear {
  @IdColumn() id: string;
  @StringColumn(20) code: string;
  @StringColumn(120) name: string;
  @RefColumn({ nullable: true }) stateOrgId: string | null;
  @DayColumn() censusDay: string;
  /** First and last day on which state-reported fields are closed; null: the period closes none. */
  @DayColumn({ nullable: true }) redFrom: string | null;
  @DayColumn({ nullable: true }) redTo: string | null;
}
