/** Every perspective of the initial data. */
import type { TestSystem } from '../../harness/system';
import { select } from '../../scenarios/record';

export interface Perspective {
  /** User name, or the id of the partner's client. */
  who: string;
  /** For the header `x-perspective`; empty for a partner. */
  id: string;
  role: string;
  organizationId: string;
  accountId: string;
  headers: Record<string, string>;
}

/** Permissions that join a perspective and are none (`addsTo`). */
const ADDITIVE = new Set(['IEP_SUBMITTER', 'SECURE_ID_EDITOR', 'CALPADS_REPORTER']);
export const PARTNER = 'regional-center';

export const partnerPerspective = (who: string): Perspective => ({
  who,
  id: '',
  role: 'PARTNER',
  organizationId: 'ca-39686500000000',
  accountId: '',
  headers: {},
});

/** @param isOver also roles that were taken away */
export async function perspectivesOf(
  { database }: Pick<TestSystem, 'database'>,
  { isOver = false } = {},
): Promise<Perspective[]> {
  const rows = await select<Omit<Perspective, 'headers'>>(
    database,
    'SELECT a.username AS who, r.id AS id, r.role AS role, r.organization_id AS organizationId, a.id AS accountId' +
      ` FROM role_grant r JOIN account a ON a.id = r.account_id ${isOver ? '' : 'WHERE r.revoked_at IS NULL'} ORDER BY r.id`,
    [],
  );
  const staff = rows
    .filter(({ role }) => !ADDITIVE.has(role))
    .map((row) => ({ ...row, headers: { 'x-perspective': row.id } }));
  return [...staff, partnerPerspective(PARTNER)];
}

/** One of each role: enough where every perspective takes too long. */
export function onePerRole(all: readonly Perspective[]): Perspective[] {
  return [...new Map([...all].reverse().map((one) => [one.role, one])).values()];
}
