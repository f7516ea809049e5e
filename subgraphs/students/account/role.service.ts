import { addDays } from '../../../platform/dates';
import { notFound, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import type { Organization } from '../organization/organization.entity';
import { OrganizationRepository } from '../organization/organization.repository';
import type { Account } from './account.entity';
import type { GrantRoleInput } from './account.inputs';
import { RoleGrantRepository } from './account.repository';
import type { RoleGrant } from './role-grant.entity';
import { grantsOf, isAtOrBelow } from './rights';
import { isAdditive, roleOf, ROLES } from './roles';

/** V-065, SER-44: the Secure-ID right belongs to one or two persons per LEA. */
const SECURE_ID_EDITORS = 2;

/** Grants and takes away roles, inside the organization of the caller's perspective and at or below its level. */
export class RoleService {
  private readonly grants: RoleGrantRepository;
  private readonly organizations: OrganizationRepository;

  constructor(private readonly session: Session) {
    this.grants = session.get(RoleGrantRepository);
    this.organizations = session.get(OrganizationRepository);
  }

  /** Grants a role. Every change of rights counts the account's epoch up, first, which also puts concurrent changes in line. */
  async grant(input: GrantRoleInput, account: Account): Promise<RoleGrant> {
    if (!account.active) throw reject('SEIS-08', 'This account is deactivated.', ['accountId']);
    await bumpEpoch(this.session, account.id);
    const organization = await this.assertGrantable(input);
    const grant = this.grantFrom(input, account.id);
    assertPeriod(grant, this.session.today);
    assertRelation(grant, organization);
    const open = (await this.grants.findUnrevoked(account.id)).filter(
      (other) => other.validTo === null || other.validTo >= grant.validFrom,
    );
    if (open.some((other) => other.role === grant.role && other.organizationId === grant.organizationId)) {
      throw reject('SEIS-08', 'The account holds this role at this organization already.', ['role']);
    }
    if (grant.role === 'SECURE_ID_EDITOR') await this.assertSeatFree(grant);
    await this.grants.insert(grant);
    const first = !isAdditive(grant.role) && !open.some((other) => other.isDefault);
    if (input.isDefault || first) await this.grants.makeDefault(grant);
    return grant;
  }

  /** Takes a role away, at once. */
  async revoke(roleGrantId: string): Promise<void> {
    const grant = await this.grants.findById(roleGrantId);
    const inReach = grant !== null && (await this.organizations.isWithin(grant.organizationId, this.ownOrganization));
    if (!inReach) throw notFound('The role grant');
    if (grant.id === this.session.principal.perspective)
      throw reject('SEIS-08', 'You are acting under this role: ask another administrator to revoke it.', [
        'roleGrantId',
      ]);
    this.assertMayManage([grant]);
    await bumpEpoch(this.session, grant.accountId);
    if (grant.revokedAt === null) await this.grants.revoke(grant.id);
  }

  /** Nobody changes a role above the own level. */
  assertMayManage(grants: readonly RoleGrant[]): void {
    const { level } = this.session.principal;
    if (grants.some((grant) => !isAtOrBelow(roleOf(grant.role).level, level))) {
      throw reject('SEIS-08', 'This account holds a role above your own level.', ['accountId']);
    }
  }

  private get ownOrganization(): string {
    return this.session.principal.organizationId ?? '';
  }

  private async assertGrantable({
    role,
    organizationId,
  }: Pick<GrantRoleInput, 'role' | 'organizationId'>): Promise<Organization> {
    if (!(role in ROLES))
      throw reject('SEIS-08', 'The rights of a partner agency are granted with createPartnerGrant.', ['role']);
    const definition = roleOf(role);
    const organization = await this.organizations.findById(organizationId);
    if (!organization || !(await this.organizations.isWithin(organizationId, this.ownOrganization))) {
      throw reject('SEIS-08', 'Roles can be granted at your organization and those below it only.', ['organizationId']);
    }
    if (!isAtOrBelow(definition.level, this.session.principal.level))
      throw reject('SEIS-08', 'This role stands above your own level.', ['role']);
    if (!definition.heldAt.includes(organization.kind)) {
      throw reject('SEIS-08', `This role is held at an organization of kind ${definition.heldAt.join(' or ')}.`, [
        'organizationId',
      ]);
    }
    if (definition.states && !definition.states.includes(organization.stateCode)) {
      throw reject('SEIS-08', `This role belongs to the system of ${definition.states.join(', ')}.`, ['role']);
    }
    return organization;
  }

  private grantFrom(input: GrantRoleInput, accountId: string): RoleGrant {
    return {
      id: newId(),
      accountId,
      role: input.role,
      organizationId: input.organizationId,
      relation: input.relation ?? null,
      readOnly: input.readOnly,
      isDefault: false,
      validFrom: input.validFrom ?? this.session.today,
      validTo: input.validTo ?? null,
      revokedAt: null,
      grantedBy: this.session.principal.subject,
      grantedAt: this.session.now,
    };
  }

  private async assertSeatFree({ accountId, organizationId, role, validFrom }: RoleGrant): Promise<void> {
    await this.organizations.lock(organizationId);
    const holders = await this.grants.holders(role, organizationId, validFrom);
    holders.delete(accountId);
    if (holders.size >= SECURE_ID_EDITORS) {
      throw reject('V-065', 'Two persons of this LEA hold the Secure-ID right already. Revoke one of them first.', [
        'role',
      ]);
    }
  }
}

function assertPeriod({ validFrom, validTo }: RoleGrant, today: string): void {
  if (validTo !== null && validTo < validFrom)
    throw reject('BAD_USER_INPUT', 'The last day lies before the first.', ['validTo']);
  if (validTo !== null && validTo < today) throw reject('BAD_USER_INPUT', 'The last day has passed.', ['validTo']);
  if (validFrom > addDays(today, 366))
    throw reject('BAD_USER_INPUT', 'A role can begin within a year at the latest.', ['validFrom']);
}

function assertRelation({ role, accountId, relation }: RoleGrant, organization: Organization): void {
  if (relation !== null && grantsOf(role, accountId, organization, relation).length === 0) {
    throw reject('BAD_USER_INPUT', 'The role has no rows of this relation at this organization.', ['relation']);
  }
}
