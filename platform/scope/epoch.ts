import type { EntityManager } from 'typeorm';
import { stalePrincipal } from '../errors';
import type { Session } from './session';

/** Marks every Principal that was loaded for this subject as outdated. In the transaction that changes its rights. */
export async function bumpEpoch(session: Session, subject: string): Promise<void> {
  const sql =
    session.engine === 'sqlite'
      ? 'INSERT INTO principal_epoch (subject, epoch) VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET epoch = epoch + 1'
      : 'INSERT INTO principal_epoch (subject, epoch) VALUES (?, 1) ON DUPLICATE KEY UPDATE epoch = epoch + 1';
  await session.manager.query(sql, [subject]);
}

/** The current epoch of a subject; 0 when nothing was ever granted. */
export async function currentEpoch(manager: EntityManager, subject: string): Promise<number> {
  const [row] = await manager.query('SELECT epoch FROM principal_epoch WHERE subject = ?', [subject]);
  return row ? Number(row.epoch) : 0;
}

/**
 * Throws STALE_PRINCIPAL when the rights have changed since the Principal was loaded. Called after a scoped statement that
 * found nothing, since outdated rights and an empty scope look alike there. Epochs only grow: equal now means equal then.
 */
export async function assertFresh(session: Session): Promise<void> {
  if (session.scope.marker !== 'principal') return;
  if ((await currentEpoch(session.manager, session.principal.subject)) !== session.principal.epoch)
    throw stalePrincipal();
}
