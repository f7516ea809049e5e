import type { CalendarDay } from '../../../platform/dates';
import type { AccessRelation, Grant, Level } from '../../../platform/principal/principal';
import type { Organization } from '../organization/organization.entity';
import { type Capability } from './capability-matrix';
import { closedBy, isOpen, type RoleGrant } from './role-grant.entity';
import { grantsOf, isReadOnly, perspectiveCapabilities } from './rights';
import { isAdditive, roleOf } from './roles';

const CASELOAD: readonly AccessRelation[] = ['CASE_MANAGER', 'PROVIDER'];

/** One role at one organization with the rights that follow: what a request acts under. */
export interface StaffPerspective {
  grant: RoleGrant;
  organization: Organization;
  level: Level;
  grants: Grant[];
  capabilities: Capability[];
  readOnly: boolean;
  /** Why the grant gives nothing today; null when it does. */
  closed: ReturnType<typeof closedBy>;
}

type Today = (timeZone: string) => CalendarDay;

/**
 * The perspectives that an account may choose from today: its open grants, additive permissions worked in. The default
 * comes first, then the oldest.
 * @param grants all grants of the account, oldest first
 */
export function openPerspectives(
  grants: readonly RoleGrant[],
  organizations: ReadonlyMap<string, Organization>,
  today: Today,
): StaffPerspective[] {
  return everyPerspective(grants, organizations, today)
    .filter(({ closed }) => closed === null)
    .sort((a, b) => Number(b.grant.isDefault) - Number(a.grant.isDefault));
}

/** The same with those that are not open: with the rights that they would give, were they open today. */
export function everyPerspective(
  grants: readonly RoleGrant[],
  organizations: ReadonlyMap<string, Organization>,
  today: Today,
): StaffPerspective[] {
  const perspectives: StaffPerspective[] = [];
  for (const grant of grants) {
    const organization = organizations.get(grant.organizationId);
    if (!organization || isAdditive(grant.role)) continue;
    const day = today(organization.timeZone);
    const additive = grants.filter(
      (other) => other.organizationId === grant.organizationId && isAdditive(other.role) && isOpen(other, day),
    );
    const begun = grants.filter((other) => other.validFrom <= day);
    const exceptLeas = otherCaseloads(grant, begun, organizations);
    perspectives.push({ ...perspectiveOf(grant, organization, additive, exceptLeas), closed: closedBy(grant, day) });
  }
  return perspectives;
}

/**
 * LEAs whose caseload is not this perspective's: the account holds or held a role with a caseload there. Its cases of such
 * an LEA are that role's alone, and end with it. A student of yet another LEA, which assigned the account as a provider of
 * elsewhere, stays visible.
 */
function otherCaseloads(
  grant: RoleGrant,
  grants: readonly RoleGrant[],
  organizations: ReadonlyMap<string, Organization>,
): string[] {
  const leaOf = ({ organizationId }: RoleGrant): string | null => {
    const organization = organizations.get(organizationId);
    if (organization?.kind === 'LEA') return organization.id;
    return organization?.kind === 'SCHOOL' ? organization.parentId : null;
  };
  const own = leaOf(grant);
  const held = grants.filter(({ role }) => roleOf(role).rows.some((row) => CASELOAD.includes(row.relation))).map(leaOf);
  return [...new Set(held)].filter((leaId): leaId is string => leaId !== null && leaId !== own).sort();
}

function perspectiveOf(
  grant: RoleGrant,
  organization: Organization,
  additive: RoleGrant[],
  exceptLeas: readonly string[],
): Omit<StaffPerspective, 'closed'> {
  const joined = additive.map((other) => other.role);
  const capabilities = perspectiveCapabilities(grant.role, joined, grant.readOnly);
  return {
    grant,
    organization,
    level: roleOf(grant.role).level,
    grants: grantsOf(grant.role, grant.accountId, organization, grant.relation).map((row) =>
      exceptLeas.length > 0 && CASELOAD.includes(row.relation) ? { ...row, exceptLeas } : row,
    ),
    capabilities,
    readOnly: grant.readOnly || isReadOnly(capabilities),
  };
}
