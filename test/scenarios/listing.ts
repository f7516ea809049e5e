import type { Database } from '../../platform/database/database';
import { select } from './record';

const RIGHTS = `SELECT a.grantee, a.student_id, MAX(COALESCE(a.valid_to, '9999-12-31')) AS last_day,
  COALESCE(MAX(s.search_key), '') AS name_sort, COALESCE(MAX(f.next_sort), '') AS due_sort
  FROM student_access a LEFT JOIN student s ON s.id = a.student_id LEFT JOIN student_fact f ON f.id = a.student_id
  WHERE a.revoked_at IS NULL AND (a.grantee LIKE 'LEA:%' OR a.grantee LIKE 'SELPA:%' OR a.grantee LIKE 'AGENCY:%')
  GROUP BY a.grantee, a.student_id ORDER BY a.grantee, a.student_id`;
const LISTING =
  'SELECT grantee, student_id, last_day, name_sort, due_sort FROM student_listing ORDER BY grantee, student_id';

/** The listing as it stands, and as it follows from rights, names and due dates: the two are equal at any time. */
export async function listingOf(database: Database): Promise<{ kept: object[]; due: object[] }> {
  const [kept, due] = await Promise.all([select(database, LISTING), select(database, RIGHTS)]);
  return { kept, due };
}
