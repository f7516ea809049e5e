import type { CalendarDay } from '../../../platform/dates';
import type { Grant, Level } from '../../../platform/principal/principal';
import type { Organization } from '../organization/organization.entity';
import { type Capability } from './capability-matrix';
import { isOpen, type RoleGrant } from './role-grant.entity';
import { grantsOf, isReadOnly, perspectiveCapabilities } from './rights';
import { isAdditive, roleOf } from './roles';

/** One role at one organization with the rights that follow: what a request acts under. */
export interface StaffPerspective {
  grant: RoleGrant;
  organization: Organization;
  level: Level;
  grants: Grant[];
  capabilities: Capability[];
  readOnly: boolean;
}

/**
 * The perspectives that an account may choose from today: its open grants, additive permissions worked in. The default
 * comes first, then the oldest.
 * @param grants all grants of the account, oldest first
 */
export function openPerspectives(
  grants: readonly RoleGrant[],
  organizations: ReadonlyMap<string, Organization>,
  today: (timeZone: string) => CalendarDay,
): StaffPerspective[] {
  const perspectives: StaffPerspective[] = [];
  for (const grant of grants) {
    const organization = organizations.get(grant.organizationId);
    if (!organization || isAdditive(grant.role)) continue;
    const open = (other: RoleGrant): boolean => isOpen(other, today(organization.timeZone));
    if (!open(grant)) continue;
    const additive = grants.filter(
      (other) => other.organizationId === grant.organizationId && isAdditive(other.role) && open(other),
    );
    perspectives.push(perspectiveOf(grant, organization, additive));
  }
  return perspectives.sort((a, b) => Number(b.grant.isDefault) - Number(a.grant.isDefault));
}

function perspectiveOf(grant: RoleGrant, organization: Organization, additive: RoleGrant[]): StaffPerspective {
  const joined = additive.map((other) => other.role);
  const capabilities = perspectiveCapabilities(grant.role, joined, grant.readOnly);
  return {
    grant,
    organization,
    level: roleOf(grant.role).level,
    grants: grantsOf(grant.role, grant.accountId, organization, grant.relation),
    capabilities,
    readOnly: grant.readOnly || isReadOnly(capabilities),
  };
}
