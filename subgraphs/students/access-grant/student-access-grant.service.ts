import type { CalendarDay } from '../../../platform/dates';
import { notFound, reject } from '../../../platform/errors';
import type { Page, PageArgs } from '../../../platform/graphql/connection';
import { newId } from '../../../platform/ids';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import type { Account } from '../account/account.entity';
import { AccountRepository } from '../account/account.repository';
import { OrganizationRepository } from '../organization/organization.repository';
import { GrantTerms, lastDays, lockGrantable } from '../partner/grant-terms';
import type { GrantStudentAccessInput } from './student-access-grant.inputs';
import { StudentAccessGrantRepository } from './student-access-grant.repository';

const MONITOR = 'CDE_MONITOR';
const MAX_PURPOSE = 500;
/** A monitoring is done in a year; a longer one is granted anew. */
const MAX_YEARS = 1;

/** What opens students to a monitor, whoever decides it. */
export interface MonitorAccess {
  accountId: string;
  studentIds: readonly string[];
  purpose: string;
  expiresOn: CalendarDay;
  /** Whose records these are. */
  grantorOrganizationId: string;
}

/** Opens students one by one to monitors of the state agency, and takes them away (SIRAS-25). */
export class StudentAccessGrantService {
  private readonly grants: StudentAccessGrantRepository;

  constructor(private readonly session: Session) {
    this.grants = session.get(StudentAccessGrantRepository);
  }

  /** Grants students of the caller's scope. Returns the ids of the grants. */
  async grant({ accountId, purpose, expiresOn, ...input }: GrantStudentAccessInput): Promise<string[]> {
    const studentIds = [...new Set(input.studentIds)];
    const { principal, today } = this.session;
    const terms = new GrantTerms('SIRAS-25');
    terms.text('purpose', purpose, MAX_PURPOSE);
    terms.students(studentIds);
    terms.lastDay(expiresOn, today, MAX_YEARS);
    terms.assertMet();
    await lockGrantable(this.session, studentIds);
    if (!(await this.session.get(AccountRepository).holds(accountId, MONITOR, await this.ownState())))
      throw reject('SIRAS-25', `Students are opened to an active account with the role ${MONITOR} in your state.`, [
        'accountId',
      ]);
    const grantorOrganizationId = principal.organizationId ?? '';
    return this.open({ accountId, studentIds, purpose: purpose.trim(), expiresOn, grantorOrganizationId });
  }

  /** The monitors of the caller's state, by name. */
  async monitors(args: PageArgs): Promise<Page<Account>> {
    return this.session.get(AccountRepository).pageOfHolders(MONITOR, await this.ownState(), args);
  }

  private async ownState(): Promise<string> {
    const own = await this.session.get(OrganizationRepository).findById(this.session.principal.organizationId ?? '');
    return own?.stateCode ?? '';
  }

  /** Opens the rows of access, under the LEA that grants where there is one: a claim by another LEA ends them with it. */
  async open({ accountId, studentIds, grantorOrganizationId, ...terms }: MonitorAccess): Promise<string[]> {
    const { today: startsOn, now: createdAt, principal } = this.session;
    const lineage = await this.session.get(OrganizationRepository).lineage(grantorOrganizationId);
    const access = this.session.get(AccessWriter);
    await bumpEpoch(this.session, accountId);
    const until = await lastDays(this.session, studentIds, terms.expiresOn);
    const ids: string[] = [];
    for (const studentId of studentIds) {
      const id = newId();
      await access.open({
        id,
        studentId,
        grantee: `STAFF:${accountId}`,
        relation: 'GRANT',
        leaId: lineage?.leaId ?? null,
        validFrom: startsOn,
        validTo: until.get(studentId),
        plannedTo: terms.expiresOn,
      });
      const by = { grantorOrganizationId, createdBy: principal.subject, createdAt };
      await this.grants.insert({ id, studentId, accountId, ...terms, startsOn, ...by });
      ids.push(id);
    }
    return ids;
  }

  /** Ends a grant at once. */
  async revoke(studentAccessGrantId: string): Promise<void> {
    const grant = await this.grants.findForChange(studentAccessGrantId);
    if (!grant) throw notFound('The grant');
    await bumpEpoch(this.session, grant.accountId);
    const ended = (await this.grants.ends([grant.id])).get(grant.id);
    if (!ended) await this.session.get(AccessWriter).revoke({ studentId: grant.studentId, id: grant.id });
  }
}
