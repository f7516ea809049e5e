import { insertRows } from '../../../platform/database/insert-rows';
import type { CalendarDay } from '../../../platform/dates';
import { PrincipalEpoch } from '../../../platform/scope/tables';
import type { Session } from '../../../platform/scope/session';
import { Account } from './account.entity';
import { AccountRepository } from './account.repository';
import type { RoleName } from './roles';
import { RoleGrant } from './role-grant.entity';

/** A member of the staff who signs in at a foreign issuer, with one role. */
export interface AccountBundle {
  id: string;
  /** URL of the OpenID provider. */
  issuer: string;
  username: string;
  displayName: string;
  role: RoleName;
  organizationId: string;
  validFrom: CalendarDay;
}

/** The bulk door for generators: accounts whose id is known stay as they are. In a write transaction of a system session. */
export async function loadAccounts(session: Session, bundles: readonly AccountBundle[]): Promise<void> {
  const known = new Set(
    (await session.get(AccountRepository).findByIds(bundles.map(({ id }) => id))).map(({ id }) => id),
  );
  const fresh = bundles.filter(({ id }) => !known.has(id));
  const accounts = fresh.map(({ id, issuer, username, displayName }): Account => {
    const identity = { issuer, subject: username, kind: 'staff' as const };
    const signIn = { email: null, passwordHash: null, active: true, createdAt: session.now, lastLoginAt: null };
    return { id, ...identity, username, displayName, ...signIn };
  });
  const grants = fresh.map(({ id, role, organizationId, validFrom }): RoleGrant => {
    const period = { validFrom, validTo: null, revokedAt: null };
    const granted = { grantedBy: session.principal.subject, grantedAt: session.now };
    return {
      id: `role-${id.replace(/^acct-/, '')}`,
      accountId: id,
      role,
      organizationId,
      relation: null,
      readOnly: false,
      isDefault: true,
      ...period,
      ...granted,
    };
  });
  await insertRows(session, Account, accounts);
  await insertRows(session, RoleGrant, grants);
  await insertRows(
    session,
    PrincipalEpoch,
    fresh.map(({ id }) => ({ subject: id, epoch: 1 })),
  );
}
