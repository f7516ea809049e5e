import { databaseFault, notFound, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { AccountRepository } from '../account/account.repository';
import type { Capability } from '../account/capability-matrix';
import { PARTNER_SCOPES } from '../account/rights';
import { OrganizationRepository } from '../organization/organization.repository';
import { GrantTerms, lastDays, lockGrantable } from './grant-terms';
import { agencyGrantee, type PartnerGrant } from './partner-grant.entity';
import type { CreatePartnerGrantInput } from './partner-grant.inputs';
import { PartnerGrantRepository } from './partner-grant.repository';

const MAX_YEARS = 3;
const CLIENT_ID = /^[a-z0-9](?:[a-z0-9-]{1,58})[a-z0-9]$/;
/** The texts that 34 CFR 99.33 and 99.35 ask for, with the length of their columns. */
const REQUIRED_TEXTS = { purpose: 500, legalBasis: 500, agreement: 200 } as const;

/** Grants partner agencies access to named students, and takes it away. */
export class PartnerGrantService {
  private readonly grants: PartnerGrantRepository;

  constructor(private readonly session: Session) {
    this.grants = session.get(PartnerGrantRepository);
  }

  /** Grants named students of the caller's scope to an agency, and opens their rows of access in the same transaction. */
  async create(input: CreatePartnerGrantInput, secretHash: string): Promise<PartnerGrant> {
    const studentIds = [...new Set(input.studentIds)];
    assertComplete(input, studentIds, this.session.today);
    await lockGrantable(this.session, studentIds);
    const agency = await this.session.get(OrganizationRepository).findById(input.agencyId);
    if (agency?.kind !== 'PARTNER_AGENCY')
      throw reject('34-CFR-99.35', 'Records are granted to an organization of kind PARTNER_AGENCY.', ['agencyId']);
    const grant = this.grantFrom(input, secretHash);
    await this.insert(grant);
    await this.openAccess(grant, studentIds);
    await bumpEpoch(this.session, grant.clientId);
    return grant;
  }

  /** Ends a grant at once: its students, its client and every principal loaded for it. */
  async revoke(partnerGrantId: string): Promise<void> {
    const grant = await this.grants.findInReach(partnerGrantId);
    if (!grant) throw notFound('The partner grant');
    if (grant.revokedAt !== null) return;
    await bumpEpoch(this.session, grant.clientId);
    await this.grants.revoke(grant.id);
    const access = this.session.get(AccessWriter);
    for (const studentId of await this.grants.allStudentsOf(grant.id)) {
      await access.revoke({ studentId, relation: 'GRANT', grantee: agencyGrantee(grant.id) });
    }
  }

  /** Opens the rows of access of a grant, under the LEA that grants where there is one. */
  async openAccess(grant: PartnerGrant, studentIds: readonly string[]): Promise<void> {
    const lineage = await this.session.get(OrganizationRepository).lineage(grant.grantorOrganizationId);
    const row = {
      grantee: agencyGrantee(grant.id),
      relation: 'GRANT' as const,
      leaId: lineage?.leaId ?? null,
      validFrom: grant.startsOn,
      plannedTo: grant.expiresOn,
    };
    const until = await lastDays(this.session, studentIds, grant.expiresOn);
    const rows = studentIds.map((studentId) => ({ ...row, studentId, validTo: until.get(studentId) }));
    await this.session.get(AccessWriter).open(...rows);
  }

  private grantFrom(input: CreatePartnerGrantInput, secretHash: string): PartnerGrant {
    const { principal, today, now } = this.session;
    const held = new Set<string>(principal.capabilities);
    const scopes = [...new Set(input.scopes)] as Capability[];
    const excess = scopes.filter((scope) => !PARTNER_SCOPES.includes(scope) || !held.has(scope));
    if (excess.length > 0 || scopes.length === 0) {
      throw reject('34-CFR-99.35', `A partner may be granted, as far as you hold them: ${PARTNER_SCOPES.join(' ')}.`, [
        'scopes',
      ]);
    }
    return {
      id: newId(),
      agencyId: input.agencyId,
      grantorOrganizationId: principal.organizationId ?? '',
      clientId: clientIdOf(input),
      secretHash,
      purpose: input.purpose.trim(),
      legalBasis: input.legalBasis.trim(),
      agreement: input.agreement.trim(),
      scopes,
      startsOn: today,
      expiresOn: input.expiresOn,
      destructionDate: input.destructionDate,
      revokedAt: null,
      createdBy: principal.subject,
      createdAt: now,
    };
  }

  private async insert(grant: PartnerGrant): Promise<void> {
    const taken = reject(
      '34-CFR-99.35',
      'This client id is taken: a client belongs to one grant. Choose another, or leave it out.',
      ['clientId'],
    );
    // A client's id and an account's id share the namespace of subjects.
    if (await this.session.get(AccountRepository).findById(grant.clientId)) throw taken;
    try {
      await this.grants.insert(grant);
    } catch (error) {
      throw databaseFault(error) === 'unique' ? taken : error;
    }
  }
}

function clientIdOf({ clientId }: CreatePartnerGrantInput): string {
  if (clientId == null) return `client-${newId()}`;
  if (!CLIENT_ID.test(clientId) || clientId.startsWith('acct-')) {
    throw reject(
      'BAD_USER_INPUT',
      'A client id has 3 to 60 lower-case letters, digits and hyphens, and does not begin with acct-.',
      ['clientId'],
    );
  }
  return clientId;
}

/** Everything that a grant needs before anybody is asked; all complaints at once. */
function assertComplete(input: CreatePartnerGrantInput, studentIds: string[], today: string): void {
  const terms = new GrantTerms('34-CFR-99.35');
  for (const [field, length] of Object.entries(REQUIRED_TEXTS))
    terms.text(field, input[field as keyof typeof REQUIRED_TEXTS], length);
  terms.students(studentIds);
  terms.lastDay(input.expiresOn, today, MAX_YEARS);
  terms.demand(
    input.destructionDate >= input.expiresOn,
    'The destruction date does not lie before the last day.',
    'destructionDate',
  );
  terms.assertMet();
}
