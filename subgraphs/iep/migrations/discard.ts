import { addColumn, alike, createView, instant, ref, statement, string } from '../../../platform/database/migration';
import { childTriggers, refuse } from './immutability';

/** Drafts that are discarded, and what the services subgraph must know to tell the plan that is in force. */
const optional = { nullable: true };
const DISCARDED = 'a discarded draft stays as it is';

export const discardMigrations = [
  addColumn(1768100000001, 'iep', 'discarded_at', instant(optional)),
  addColumn(1768100000002, 'iep', 'discarded_by_id', ref(optional)),
  addColumn(1768100000003, 'iep', 'discard_reason', string(500, optional)),
  refuse(1768100000011, 'iep_discarded_no_change', 'UPDATE', 'iep', alike("OLD.state = 'DISCARDED'"), DISCARDED),
  refuse(1768100000012, 'iep_discarded_no_delete', 'DELETE', 'iep', alike("OLD.state = 'DISCARDED'"), DISCARDED),
  ...(['iep_form', 'iep_goal'] as const).flatMap((table, i) =>
    childTriggers(1768100000021 + 10 * i, table, {
      states: "('DISCARDED')",
      name: `${table}_discarded`,
      message: DISCARDED,
    }),
  ),
  statement(1768100000041, 'Drop_view_pub_iep_', alike('DROP VIEW pub_iep')),
  createView(
    1768100000042,
    'pub_iep',
    'SELECT id, student_id, state, kind, parent_iep_id, meeting_date, held_on, opened_on, affirmed_on, plan_review_date,' +
      ' primary_disability, federal_environment, open_findings AS case_open_findings, version, reactivates_iep_id, agreed,' +
      ' affirmed_at FROM iep',
  ),
];
