import { addColumn, createTable, day, id, instant, json, ref, string } from '../../../platform/database/migration';
import { writeOnce } from './immutability';

/** The planned day of a meeting, and the record of overrides of the red window (SEIS-46, V-015). */
export const redWindowMigrations = [
  addColumn(1766000000011, 'iep', 'planned_meeting_date', day({ nullable: true })),
  createTable(1766000000012, 'red_window_override', {
    columns: {
      id: id(),
      iep_id: ref(),
      student_id: ref(),
      overridden_on: day(),
      form: string(24),
      fields: json(),
      reason: string(500),
      period_code: string(20),
      report_date: day(),
      overridden_by_id: ref(),
      overridden_at: instant(),
    },
    indexes: { red_window_override_by_iep: ['iep_id'], red_window_override_by_student: ['student_id'] },
  }),
  ...writeOnce(1766000000013, 'red_window_override', 'an override is on record for good'),
];
