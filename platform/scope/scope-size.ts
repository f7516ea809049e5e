import { LRUCache } from 'lru-cache';
import { scopeComment } from '../database/guard';
import type { Session } from './session';

/**
 * Up to so many rows of access a page is read by looking at each of the caller's students: of all orders that are as good as any.
 * Beyond it the students are walked in the order asked for until the page is full, which of a scope this large takes fewer steps.
 */
const FEW = 4_000;
/** Staff and schools have few students, whatever the size of the state. */
const ALWAYS_FEW = /^(STAFF|SCHOOL):/;
const known = new LRUCache<string, boolean>({ max: 10_000, ttl: 10 * 60_000 });

/**
 * Whether the students of these grantees are few. Decides about a plan alone and never about a row, and so may be remembered
 * for some minutes. Looks at no more than 4,001 entries of an index.
 */
export async function isSmallScope(session: Session, grantees: readonly string[]): Promise<boolean> {
  if (grantees.every((grantee) => ALWAYS_FEW.test(grantee))) return true;
  const key = [...grantees].sort().join(' ');
  let small = known.get(key);
  if (small === undefined) {
    const marks = grantees.map(() => '?').join(', ');
    const sql = `SELECT COUNT(*) AS number FROM (SELECT 1 FROM student_access WHERE grantee IN (${marks}) LIMIT ${FEW + 1}) few`;
    const [row] = await session.manager.query(scopeComment(session.scope.marker) + sql, [...grantees]);
    known.set(key, (small = Number(row.number) <= FEW));
  }
  return small;
}
