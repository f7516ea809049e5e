/**
 * SQL that holds when the organization in `column` is the one in `parameter` or lies below it. Joins, because the hierarchy
 * is at most four high: school, LEA, SELPA, state.
 */
export function withinOrganization(column: string, parameter: string): string {
  return (
    'EXISTS (SELECT 1 FROM pub_organization w0 LEFT JOIN pub_organization w1 ON w1.id = w0.parent_id' +
    ` LEFT JOIN pub_organization w2 ON w2.id = w1.parent_id WHERE w0.id = ${column}` +
    ` AND ${parameter} IN (w0.id, w0.parent_id, w1.parent_id, w2.parent_id))`
  );
}
