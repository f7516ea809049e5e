import {
  addColumn,
  alike,
  day,
  type EngineSql,
  rowTrigger,
  statement,
  string,
} from '../../../platform/database/migration';

const optional = { nullable: true };

/** What is added to the rights of a student takes none away: only a change or a removal can. */
const unsettle = (act: 'UPDATE' | 'DELETE'): EngineSql =>
  rowTrigger(`student_access_unsettles_on_${act.toLowerCase()}`, 'AFTER', act, 'student_access', {
    when: "OLD.grantee LIKE 'STATE:%'",
    body: ['UPDATE student_fact SET settled_for = NULL WHERE id = OLD.student_id'],
  });

/**
 * The copy of a state's right in the read model, which the database itself takes away with the right, in the same transaction
 * and whoever changes it. It is computed with the row: `npm run rebuild:facts` fills it for those that were there before.
 */
export const settledRightMigrations = [
  addColumn(1770000000101, 'student_fact', 'settled_for', string(80, optional)),
  addColumn(1770000000102, 'student_fact', 'settled_from', day(optional)),
  statement(1770000000103, 'Unsettle_on_update', unsettle('UPDATE')),
  statement(1770000000104, 'Unsettle_on_delete', unsettle('DELETE')),
  // The list of a case manager's students, for whoever has many others as well.
  statement(
    1770000000106,
    'Create_student_fact_by_case_manager',
    alike('CREATE INDEX student_fact_by_case_manager ON student_fact (case_manager_provider_id, status)'),
  ),
];
