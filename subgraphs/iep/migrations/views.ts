import { createView } from '../../../platform/database/migration';

/** What other subgraphs may read. Columns are a contract: add, never change. */
export const viewMigrations = [
  createView(
    1764920000001,
    'pub_iep',
    'SELECT id, student_id, state, kind, parent_iep_id, meeting_date, held_on, opened_on, affirmed_on, plan_review_date,' +
      ' primary_disability, federal_environment, open_findings AS case_open_findings, version FROM iep',
  ),
  createView(1764920000002, 'pub_evaluation', 'SELECT id, student_id, kind, completed_on FROM evaluation'),
];
