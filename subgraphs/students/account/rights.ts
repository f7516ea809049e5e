import type { AccessRelation, Grant, Level } from '../../../platform/principal/principal';
import { GRANTEE_PREFIX, type OrganizationKind } from '../organization/organization-kind';
import { type Capability, onlyReads } from './capability-matrix';
import { type RoleName, roleOf } from './roles';

/** What a partner's client may be granted (B.3 PARTNER_TOKEN, B.4): never narratives, contacts, sensitive attachments or writes. */
export const PARTNER_SCOPES: readonly Capability[] = [
  'student:read',
  'student.demographics:read',
  'iep:read',
  'evaluation:read',
  'service:read',
  'provider:read',
  'report:read',
];

/** From the widest level to the narrowest: nobody grants a role above the own level. */
const RANK: Record<Level, number> = { state: 0, selpa: 1, district: 2, school: 3, teacher: 4, partner: 5 };
export const isAtOrBelow = (level: Level, own: Level): boolean => RANK[level] >= RANK[own];

/**
 * The rows of a role held by an account at an organization, as pairs of `student_access`.
 * @param only limits them to one relation: a site provider with individually assigned students only (SIRAS-134)
 */
export function grantsOf(
  role: RoleName,
  accountId: string,
  organization: { id: string; kind: OrganizationKind },
  only?: AccessRelation | null,
): Grant[] {
  const prefix = GRANTEE_PREFIX[organization.kind];
  return roleOf(role)
    .rows.filter(({ relation, of }) => (of === 'STAFF' || of === prefix) && (!only || relation === only))
    .map(({ relation, of }) => ({
      relation,
      grantee: of === 'STAFF' ? `STAFF:${accountId}` : `${of}:${organization.id}`,
    }));
}

/** The capabilities of a perspective: those of its role and of the additive permissions that join it; reading ones only when the grant is read only. */
export function perspectiveCapabilities(
  role: RoleName,
  additive: readonly RoleName[],
  readOnly: boolean,
): Capability[] {
  const joined = additive
    .filter((name) => roleOf(name).addsTo?.includes(role))
    .flatMap((name) => roleOf(name).capabilities);
  const all = [...new Set([...roleOf(role).capabilities, ...joined])];
  return readOnly ? all.filter(onlyReads) : all;
}

/** True when nothing can be changed under the role. */
export const isReadOnly = (capabilities: readonly Capability[]): boolean => capabilities.every(onlyReads);
