import { notFound, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { AccountService } from '../account/account.service';
import type { Organization } from '../organization/organization.entity';
import { OrganizationRepository } from '../organization/organization.repository';
import type { DesignationKind } from './designation.entity';
import type { DesignateManagerInput } from './designation.inputs';
import { DesignationRepository } from './designation.repository';
import { DISTRICT_ADMINISTRATORS } from './designation.rule';

/** Names the system manager of a district and the back-up (SEIS-36), inside the organization of the caller's perspective. */
export class DesignationService {
  private readonly designations: DesignationRepository;

  constructor(private readonly session: Session) {
    this.designations = session.get(DesignationRepository);
  }

  /** Designates a person, in the place of whom was before. Returns the id of the designation. */
  async designate({ organizationId, accountId, kind, halfTime }: DesignateManagerInput): Promise<string> {
    const { name } = await this.districtInReach(organizationId);
    // In line with others who designate here: one person must not become both at once.
    await this.session.get(OrganizationRepository).lock(organizationId);
    await this.session.get(AccountService).accountInReach(accountId);
    if (!(await this.designations.isAdministrator(accountId, organizationId))) {
      const roles = DISTRICT_ADMINISTRATORS.join(' or ');
      throw reject('SEIS-36', `An active account with the role ${roles} at ${name} can be designated.`, ['accountId']);
    }
    const open = await this.designations.open(organizationId);
    if (open.some((row) => row.accountId === accountId && row.kind !== kind)) {
      throw reject('SEIS-36', 'This person is the other of the two already: designate somebody else, or end that.', [
        'accountId',
      ]);
    }
    const current = open.find((row) => row.kind === kind);
    if (current?.accountId === accountId && current.halfTime === halfTime) return current.id;
    if (current) await this.designations.end(current.id);
    return this.name(organizationId, accountId, kind, halfTime);
  }

  /** Writes a designation down, whoever decided it. */
  async name(
    organizationId: string,
    accountId: string,
    kind: DesignationKind,
    halfTime = false,
    id = newId(),
  ): Promise<string> {
    const { principal, now } = this.session;
    const by = { designatedBy: principal.subject, designatedAt: now, endedAt: null };
    await this.designations.insert({
      id,
      organizationId,
      accountId,
      kind,
      halfTime,
      ...by,
      openOf: `${organizationId}:${kind}`,
    });
    return id;
  }

  /** Ends a designation without a successor: the finding V-027 follows. */
  async end(designationId: string): Promise<void> {
    const designation = await this.designations.findById(designationId);
    const { organizationId = '' } = designation ?? {};
    if (!designation || !(await this.isInReach(organizationId))) throw notFound('The designation');
    if (designation.endedAt === null) await this.designations.end(designation.id);
  }

  private async districtInReach(organizationId: string): Promise<Organization> {
    const organization = await this.session.get(OrganizationRepository).findById(organizationId);
    if (organization?.kind !== 'LEA' || !(await this.isInReach(organizationId))) {
      throw reject('SEIS-36', 'Managers are designated at your district, or at the districts of your SELPA.', [
        'organizationId',
      ]);
    }
    return organization;
  }

  private isInReach(organizationId: string): Promise<boolean> {
    const own = this.session.principal.organizationId ?? '';
    return this.session.get(OrganizationRepository).isWithin(organizationId, own);
  }
}
