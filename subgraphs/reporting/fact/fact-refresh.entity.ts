import { Entity } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, StringColumn } from '../../../platform/database/columns';
import type { CalendarDay } from '../../../platform/dates';

/** Until which day the read model is as the calendar has it, and who is at work on it: one row, made by its migration. */
@Entity('fact_refresh')
export class FactRefresh {
  @IdColumn() id: string;
  /** The last day for which what time alone changes was computed; null before the first time. */
  @DayColumn({ nullable: true }) through: CalendarDay | null;
  @StringColumn(64, { nullable: true }) owner: string | null;
  @InstantColumn({ nullable: true }) leaseUntil: Date | null;
}

export const DAILY = 'daily';
