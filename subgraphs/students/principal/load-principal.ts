import { today } from '../../../platform/clock';
import type { Grant, Principal } from '../../../platform/principal/principal';
import { currentEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import type { Account } from '../account/account.entity';
import { AccountRepository, RoleGrantRepository } from '../account/account.repository';
import { isReadOnly } from '../account/rights';
import { everyPerspective, openPerspectives, type StaffPerspective } from '../account/perspective';
import type { Organization } from '../organization/organization.entity';
import { OrganizationRepository } from '../organization/organization.repository';
import { agencyGrantee, isInForce, type PartnerGrant } from '../partner/partner-grant.entity';
import { PartnerGrantRepository } from '../partner/partner-grant.repository';
import { PartnerOrganizationRepository } from '../partner/partner-organization.repository';

/** Who a verified token says the caller is. */
export interface Identity {
  /** `embedded`, or the URL of a foreign OpenID provider. */
  issuer: string;
  /** `sub` of staff; the client id of a partner. */
  subject: string;
  kind: 'staff' | 'partner';
  /** Scopes of a partner's token. */
  scopes?: string[];
  /** Which credential of a partner's client the token was got with: `tokensFrom` of then, in milliseconds. */
  credential?: number;
  /** Id of the perspective asked for; the default when left out. */
  perspective?: string | null;
}

/** An account that a process knows by id, such as the owner of a report run. */
export interface KnownAccount {
  account: string;
  perspective?: string | null;
}

export type Refusal = 'NO_ACCOUNT' | 'INACTIVE' | 'NO_PERSPECTIVE' | 'EXPIRED';
export type PrincipalAnswer = { principal: Principal } | { refused: Refusal };

const refuse = (refused: Refusal): PrincipalAnswer => ({ refused });

/**
 * Makes the Principal of a caller. The epoch is read before the rights: a change that comes in between makes the Principal
 * stale, never fresh with old rights (architecture, section 4).
 * @param session a system session: nobody is the caller yet
 */
export async function loadPrincipal(session: Session, identity: Identity | KnownAccount): Promise<PrincipalAnswer> {
  if ('account' in identity) return loadStaff(session, identity.account, identity.perspective);
  if (identity.kind === 'partner') return loadPartner(session, identity);
  const known = await session.get(AccountRepository).findByIdentity(identity.issuer, identity.subject);
  return known ? loadStaff(session, known.id, identity.perspective) : refuse('NO_ACCOUNT');
}

async function loadStaff(session: Session, accountId: string, perspective?: string | null): Promise<PrincipalAnswer> {
  const epoch = await currentEpoch(session.manager, accountId);
  const account = await session.get(AccountRepository).findById(accountId);
  if (!account?.active) return refuse('INACTIVE');
  const chosen = choose(await perspectivesOf(session, account.id), perspective);
  return chosen ? { principal: staffPrincipal(account, chosen, epoch) } : refuse('NO_PERSPECTIVE');
}

/** The perspectives that an account may choose from today, the default first. */
export const perspectivesOf = (session: Session, accountId: string): Promise<StaffPerspective[]> =>
  perspectivesBy(openPerspectives, session, accountId);

/** Every perspective of an account, those that are not open today too; the oldest first. */
export const everyPerspectiveOf = (session: Session, accountId: string): Promise<StaffPerspective[]> =>
  perspectivesBy(everyPerspective, session, accountId);

async function perspectivesBy(
  choice: typeof openPerspectives,
  session: Session,
  accountId: string,
): Promise<StaffPerspective[]> {
  const grants = await session.get(RoleGrantRepository).findByAccounts([accountId]);
  const organizations = await session
    .get(OrganizationRepository)
    .findByIds(grants.map((grant) => grant.organizationId));
  return choice(grants, new Map(organizations.map((row) => [row.id, row])), (timeZone) =>
    today(session.clock, timeZone),
  );
}

function choose(perspectives: StaffPerspective[], wanted: string | null | undefined): StaffPerspective | undefined {
  return wanted ? perspectives.find(({ grant }) => grant.id === wanted) : perspectives[0];
}

/** The Principal of an account under one of its perspectives. */
export function staffPrincipal(account: Account, chosen: StaffPerspective, epoch: number): Principal {
  const { grant, organization, level, grants, capabilities, readOnly } = chosen;
  return {
    subject: account.id,
    kind: 'staff',
    displayName: account.displayName,
    perspective: grant.id,
    role: grant.role,
    level,
    readOnly,
    capabilities,
    grants,
    organizationId: organization.id,
    timeZone: organization.timeZone,
    epoch,
  };
}

/** A partner's client: one grant, which is its perspective; never more than both the token and the grant allow. */
async function loadPartner(
  session: Session,
  { subject: clientId, scopes = [], credential, perspective }: Identity,
): Promise<PrincipalAnswer> {
  const epoch = await currentEpoch(session.manager, clientId);
  const grant = await session.get(PartnerGrantRepository).findByClient(clientId);
  if (!grant) return refuse('NO_ACCOUNT');
  if (grant.revokedAt !== null || isOfEndedCredential(grant, credential)) return refuse('INACTIVE');
  if (perspective && perspective !== grant.id) return refuse('NO_PERSPECTIVE');
  const agency = await session.get(OrganizationRepository).findById(grant.agencyId);
  if (!agency) return refuse('NO_ACCOUNT');
  // The grantor's day: what ends its right ends the partner's.
  const grantor = await session.get(OrganizationRepository).findById(grant.grantorOrganizationId);
  const { timeZone } = grantor ?? agency;
  const day = today(session.clock, timeZone);
  if (!isInForce(grant, day)) return refuse('EXPIRED');
  const capabilities = grant.scopes.filter((scope) => scopes.includes(scope));
  const grants = [await partnerRows(session, grant)];
  return { principal: partnerPrincipal(grant, agency, capabilities, grants, epoch, timeZone) };
}

/** A token of a credential that was replaced at once. Compared, not ordered: the issuer's clock is another one. */
const isOfEndedCredential = ({ tokensFrom }: PartnerGrant, credential = 0): boolean =>
  credential !== (tokensFrom?.getTime() ?? 0);

/** The students that a grant names, and those of the organizations that it names. */
async function partnerRows(session: Session, { id, expiresOn: until }: PartnerGrant): Promise<Grant> {
  const from = (await session.get(PartnerOrganizationRepository).lentBy([id])).get(id) ?? [];
  return { relation: 'GRANT', grantee: agencyGrantee(id), ...(from.length > 0 && { lent: { from, until } }) };
}

function partnerPrincipal(
  { id, clientId, redisclosure }: PartnerGrant,
  agency: Organization,
  capabilities: string[],
  grants: Grant[],
  epoch: number,
  timeZone: string,
): Principal {
  return {
    subject: clientId,
    kind: 'partner',
    displayName: agency.name,
    perspective: id,
    role: 'PARTNER',
    level: 'partner',
    readOnly: isReadOnly(capabilities as never),
    capabilities,
    grants,
    organizationId: agency.id,
    timeZone,
    epoch,
    ...(redisclosure && redisclosure.length > 0 && { redisclosure }),
  };
}
