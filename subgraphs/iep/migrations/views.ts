import { alike, createView, statement } from '../../../platform/database/migration';

/** What other subgraphs may read. Columns are a contract: add, never change. */
export const viewMigrations = [
  createView(
    1764920000001,
    'pub_iep',
    'SELECT id, student_id, state, kind, parent_iep_id, meeting_date, held_on, opened_on, affirmed_on, plan_review_date,' +
      ' primary_disability, federal_environment, open_findings AS case_open_findings, version FROM iep',
  ),
  createView(1764920000002, 'pub_evaluation', 'SELECT id, student_id, kind, completed_on FROM evaluation'),
  statement(1768200000301, 'Drop_pub_evaluation', alike('DROP VIEW pub_evaluation')),
  createView(1768200000302, 'pub_evaluation', 'SELECT id, student_id, kind, completed_on, scope_date FROM evaluation'),
  // That something was recorded of a day, and not what: the period of the LEA that recorded it can't end before (C.3).
  createView(
    1768200000303,
    'pub_goal_progress',
    'SELECT id, student_id, COALESCE(scope_date, reported_on) AS recorded_of FROM goal_progress',
  ),
  createView(
    1768200000304,
    'pub_red_window_override',
    'SELECT id, student_id, overridden_on AS recorded_of FROM red_window_override',
  ),
];
