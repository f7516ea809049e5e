import { stalePrincipal } from '../../../platform/errors';
import type { AccessRelation, Grant, Level } from '../../../platform/principal/principal';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import type { ScopeLevel } from '../account/account.enums';
import type { StaffPerspective } from '../account/perspective';
import { OrganizationLoader } from '../organization/organization.loader';
import { perspectivesOf } from './load-principal';
import type { Perspective, Viewer } from './viewer';

const levelOf = (level: Level): ScopeLevel => level.toUpperCase() as ScopeLevel;
const relationsOf = (grants: readonly Grant[]): AccessRelation[] => [
  ...new Set(grants.map(({ relation }) => relation)),
];

/** What a caller may know about itself. */
export class ViewerService {
  constructor(private readonly session: Session) {}

  async viewer(): Promise<Viewer> {
    const { principal } = this.session;
    const perspectives =
      principal.kind === 'partner'
        ? [await this.partnerPerspective()]
        : (await perspectivesOf(this.session, principal.subject)).map(staffPerspective);
    await assertFresh(this.session);
    const perspective = perspectives.find(({ id }) => id === principal.perspective);
    // Its last day has passed since the Principal was loaded: days end without anybody counting the epoch up.
    if (!perspective) throw stalePrincipal();
    return {
      subject: principal.subject,
      displayName: principal.displayName,
      level: levelOf(principal.level),
      perspective,
      perspectives,
      capabilities: principal.capabilities,
    };
  }

  private async partnerPerspective(): Promise<Perspective> {
    const { perspective, grants, organizationId, level, readOnly } = this.session.principal;
    const organization = await this.session.get(OrganizationLoader).load(organizationId);
    return {
      id: perspective,
      role: 'PARTNER',
      relations: relationsOf(grants),
      organization,
      level: levelOf(level),
      readOnly,
    };
  }
}

/** A role grant as callers see it. */
export function staffPerspective({ grant, grants, organization, level, readOnly }: StaffPerspective): Perspective {
  return {
    id: grant.id,
    role: grant.role,
    relations: relationsOf(grants),
    organization,
    level: levelOf(level),
    readOnly,
  };
}
