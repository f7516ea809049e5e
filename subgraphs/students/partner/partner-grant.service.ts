import { databaseFault, reject } from '../../../platform/errors';
import { newId } from '../../../platform/ids';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { AccountRepository } from '../account/account.repository';
import type { Capability } from '../account/capability-matrix';
import { PARTNER_SCOPES } from '../account/rights';
import { OrganizationRepository } from '../organization/organization.repository';
import { GrantTerms, lastDays, lockGrantable } from './grant-terms';
import type { Credential } from './partner-credential.service';
import { agencyGrantee, endOf, type PartnerGrant, untouched } from './partner-grant.entity';
import type {
  ConfirmPartnerDestructionInput,
  CreatePartnerGrantInput,
  RedisclosureRecipientInput,
} from './partner-grant.inputs';
import { PartnerGrantRepository } from './partner-grant.repository';
import { LENDING_KINDS, PartnerOrganizationRepository } from './partner-organization.repository';

const MAX_YEARS = 3;
const MAX_STUDENTS = 500;
const MAX_ORGANIZATIONS = 50;
const MAX_RECIPIENTS = 10;
/** They travel with every request of the partner, in a header. */
const MAX_RECIPIENT_BYTES = 2_500;
const CLIENT_ID = /^[a-z0-9](?:[a-z0-9-]{1,58})[a-z0-9]$/;
const GRANTABLE: ReadonlySet<string> = new Set(PARTNER_SCOPES);
/** The texts that 34 CFR 99.33 and 99.35 ask for, with the length of their columns. */
const REQUIRED_TEXTS = { purpose: 500, legalBasis: 500, agreement: 200 } as const;

/** Grants partner agencies access to students, takes it away, and keeps what became of the records. */
export class PartnerGrantService {
  private readonly grants: PartnerGrantRepository;

  constructor(private readonly session: Session) {
    this.grants = session.get(PartnerGrantRepository);
  }

  /**
   * Grants students of the caller's scope, and those that organizations of the caller have now and later, to an agency. The
   * rows of access of named students open in the same transaction.
   */
  async create(input: CreatePartnerGrantInput, credential: Credential): Promise<PartnerGrant> {
    const studentIds = [...new Set(input.studentIds ?? [])];
    const organizationIds = [...new Set(input.organizationIds ?? [])];
    assertComplete(input, studentIds, organizationIds, this.session);
    if (studentIds.length > 0) await lockGrantable(this.session, studentIds);
    await this.assertLendable(organizationIds);
    const agency = await this.session.get(OrganizationRepository).findById(input.agencyId);
    if (agency?.kind !== 'PARTNER_AGENCY')
      throw reject('34-CFR-99.35', 'Records are granted to an organization of kind PARTNER_AGENCY.', ['agencyId']);
    const grant = this.grantFrom(input, credential);
    await this.insert(grant);
    await this.session.get(PartnerOrganizationRepository).insert(grant.id, organizationIds);
    await this.openAccess(grant, studentIds);
    await bumpEpoch(this.session, grant.clientId);
    return grant;
  }

  /** Ends a grant at once: its students, its client and every principal loaded for it. */
  async revoke(partnerGrantId: string): Promise<void> {
    const grant = await this.grants.findForChange(partnerGrantId);
    if (grant.revokedAt !== null) return;
    const studentIds = await this.grants.allStudentsOf(grant.id);
    await this.session.lock(...studentIds);
    await this.grants.update(grant.id, { revokedAt: this.session.now });
    const access = this.session.get(AccessWriter);
    for (const studentId of studentIds) {
      await access.revoke({ studentId, relation: 'GRANT', grantee: agencyGrantee(grant.id) });
    }
  }

  /**
   * Keeps that the agency has destroyed what it received (34 CFR 99.35(b)). Once: a record of it is not written over.
   * @throws Rejection while the grant is in force, or is yet to begin
   */
  async confirmDestruction(input: ConfirmPartnerDestructionInput): Promise<void> {
    const { today, now, principal } = this.session;
    const grant = await this.grants.findForChange(input.partnerGrantId);
    const endedOn = endOf(grant, today, principal.timeZone);
    const terms = new GrantTerms('34-CFR-99.35');
    terms.text('destroyedBy', input.destroyedBy, 200);
    terms.text('method', input.method, 500);
    terms.demand(
      input.destroyedOn >= (endedOn ?? grant.startsOn) && input.destroyedOn <= today,
      `The day lies between ${endedOn ?? grant.startsOn} and today.`,
      'destroyedOn',
    );
    terms.demand(endedOn !== null, 'The grant is in force: revoke it, or wait for its end.', 'partnerGrantId');
    terms.demand(grant.destructionConfirmedAt === null, 'The destruction is on record already.', 'partnerGrantId');
    terms.assertMet();
    await this.grants.update(grant.id, {
      destroyedBy: input.destroyedBy.trim(),
      destroyedOn: input.destroyedOn,
      destructionMethod: input.method.trim(),
      destructionConfirmedBy: principal.subject,
      destructionConfirmedAt: now,
    });
  }

  /** An organization has come under another parent: whoever was lent its students is asked anew by whom. */
  async organizationMoved(organizationId: string): Promise<void> {
    const clients = await this.session.get(PartnerOrganizationRepository).clientsAt(organizationId);
    for (const client of clients.sort()) await bumpEpoch(this.session, client);
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

  /**
   * Only who owns all students of an organization by its own jurisdiction lends them. Organizations of others and ones that
   * don't exist answer alike.
   */
  private async assertLendable(organizationIds: readonly string[]): Promise<void> {
    if (organizationIds.length === 0) return;
    const { grants, organizationId } = this.session.principal;
    const organizations = this.session.get(OrganizationRepository);
    const isOwner = grants.some(({ relation, exceptLeas }) => relation === 'JURISDICTION' && !exceptLeas);
    const own = isOwner ? await organizations.idsWithin(organizationIds, organizationId ?? '') : new Set();
    const kinds = new Map((await organizations.findByIds(organizationIds)).map(({ id, kind }) => [id, kind]));
    if (!organizationIds.every((id) => own.has(id) && LENDING_KINDS.includes(kinds.get(id) ?? '')))
      throw reject('34-CFR-99.35', 'Students are granted of an LEA or school that is your own or below it.', [
        'organizationIds',
      ]);
  }

  private grantFrom(input: CreatePartnerGrantInput, credential: Credential): PartnerGrant {
    const { principal, today, now } = this.session;
    return {
      id: newId(),
      agencyId: input.agencyId,
      grantorOrganizationId: principal.organizationId ?? '',
      clientId: input.clientId ?? `client-${newId()}`,
      ...credential,
      purpose: input.purpose.trim(),
      legalBasis: input.legalBasis.trim(),
      agreement: input.agreement.trim(),
      scopes: [...new Set(input.scopes)] as Capability[],
      redisclosure: recipientsOf(input),
      startsOn: input.startsOn ?? today,
      expiresOn: input.expiresOn,
      destructionDate: input.destructionDate,
      ...untouched,
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

const recipientsOf = ({ redisclosureRecipients }: CreatePartnerGrantInput): RedisclosureRecipientInput[] =>
  (redisclosureRecipients ?? []).map(({ name, interest }) => ({ name: name.trim(), interest: interest.trim() }));

/** Everything that a grant needs before anybody is asked; all complaints at once. */
function assertComplete(
  input: CreatePartnerGrantInput,
  studentIds: readonly string[],
  organizationIds: readonly string[],
  { today, principal }: Session,
): void {
  const terms = new GrantTerms('34-CFR-99.35');
  for (const [field, length] of Object.entries(REQUIRED_TEXTS))
    terms.text(field, input[field as keyof typeof REQUIRED_TEXTS], length);
  terms.demand(studentIds.length + organizationIds.length > 0, 'Name students or organizations.', 'studentIds');
  terms.atMost('studentIds', studentIds, MAX_STUDENTS);
  terms.atMost('organizationIds', organizationIds, MAX_ORGANIZATIONS);
  terms.lastDay(input.expiresOn, today, MAX_YEARS);
  const { startsOn } = input;
  terms.demand(
    startsOn == null || (startsOn >= today && startsOn <= input.expiresOn),
    'The first day lies between today and the last day.',
    'startsOn',
  );
  terms.demand(
    input.destructionDate >= input.expiresOn,
    'The destruction date does not lie before the last day.',
    'destructionDate',
  );
  demandRecipients(terms, recipientsOf(input));
  const held = new Set<string>(principal.capabilities);
  terms.demand(
    input.scopes.length > 0 && input.scopes.every((scope) => GRANTABLE.has(scope) && held.has(scope)),
    `A partner may be granted, as far as you hold them: ${PARTNER_SCOPES.join(' ')}.`,
    'scopes',
  );
  const { clientId } = input;
  terms.demand(
    clientId == null || (CLIENT_ID.test(clientId) && !clientId.startsWith('acct-')),
    'A client id has 3 to 60 lower-case letters, digits and hyphens, and does not begin with acct-.',
    'clientId',
    'BAD_USER_INPUT',
  );
  terms.assertMet();
}

/** 34 CFR 99.32(b): each party has a name and an interest. */
function demandRecipients(terms: GrantTerms, recipients: readonly RedisclosureRecipientInput[]): void {
  const field = 'redisclosureRecipients';
  terms.atMost(field, recipients, MAX_RECIPIENTS);
  for (const { name, interest } of recipients) {
    terms.text(field, name, 200);
    terms.text(field, interest, 500);
  }
  terms.demand(
    Buffer.byteLength(JSON.stringify(recipients)) <= MAX_RECIPIENT_BYTES,
    `Names and interests together are too long: at most ${MAX_RECIPIENT_BYTES} bytes.`,
    field,
  );
}
