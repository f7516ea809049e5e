import { today } from '../../../platform/clock';
import type { CalendarDay } from '../../../platform/dates';
import { PublicError } from '../../../platform/errors';
import type { AccessRelation, Principal } from '../../../platform/principal/principal';
import { currentEpoch } from '../../../platform/scope/epoch';
import { PrincipalScope } from '../../../platform/scope/row-scope';
import type { Session } from '../../../platform/scope/session';
import type { StudentAccess } from '../../../platform/scope/tables';
import { AccountLoader } from '../account/account.loader';
import { OrganizationRepository } from '../organization/organization.repository';
import { everyPerspectiveOf, staffPrincipal } from '../principal/load-principal';
import type { Perspective } from '../principal/viewer';
import { staffPerspective, ViewerService } from '../principal/viewer.service';
import { AccessExplanationRepository, type AccessReading, type Asker } from './access-explanation.repository';
import {
  AccessExplanation,
  AccessRow,
  AccessRowState,
  AccessVerdict,
  PerspectiveAccess,
} from './access-explanation.type';

/** One perspective that is explained: whose rows it reads, and what keeps it from reading any. */
interface Asked {
  perspective: Perspective;
  principal: Principal;
  hindrance: AccessVerdict | null;
}

/** Says why a student is open to a perspective, or why not. It tells nobody of a student that is out of its own scope. */
export class AccessExplanationService {
  private readonly rows: AccessExplanationRepository;

  constructor(private readonly session: Session) {
    this.rows = session.get(AccessExplanationRepository);
  }

  /**
   * @param accountId one that the caller manages; left out, the caller's own perspective in use is explained
   * @returns null when there is no such student in the caller's scope or no such account in its reach
   * @throws PublicError UNAUTHORIZED_FIELD_OR_TYPE for an account when the caller manages none; STALE_PRINCIPAL
   */
  async explain(studentId: string, accountId?: string | null): Promise<AccessExplanation | null> {
    if (accountId != null) this.assertManages();
    const asker: Asker = accountId == null ? 'in scope or former owner' : 'in scope';
    if (!(await this.rows.isVisible(studentId, asker))) return null;
    const asked = accountId == null ? [await this.ownPerspective()] : await this.perspectivesInReach(accountId);
    if (!asked) return null;
    const perspectives: PerspectiveAccess[] = [];
    for (const each of asked) {
      const scope = new PrincipalScope(each.principal, this.session.clock, 'asked');
      const reading = await this.rows.read(studentId, asker, scope);
      // The caller's own right has ended meanwhile.
      if (!reading) return null;
      perspectives.push(this.access(each, reading));
    }
    // Under outdated rights of the account nothing is open: that would be said of rights that it no longer has.
    // All are perspectives of one account.
    const rights = asked[0]?.principal;
    if (rights && (await currentEpoch(this.session.manager, rights.subject)) !== rights.epoch)
      return this.explain(studentId, accountId);
    this.session.disclosures.add('student.access', [studentId]);
    const { kind, subject } = this.session.principal;
    return Object.assign(new AccessExplanation(), {
      perspectives,
      accountId: accountId ?? (kind === 'staff' ? subject : null),
    });
  }

  /** The gateway has refused the argument before; this is for who went around it. */
  private assertManages(): void {
    if (!this.session.principal.capabilities.includes('account:manage'))
      throw new PublicError('UNAUTHORIZED_FIELD_OR_TYPE', 'You manage no accounts.');
  }

  private async ownPerspective(): Promise<Asked> {
    const { perspective } = await this.session.get(ViewerService).viewer();
    return { perspective, principal: this.session.principal, hindrance: null };
  }

  /** Those at the caller's organization and below it, as `Account.roles` shows them; null for an account out of reach. */
  private async perspectivesInReach(accountId: string): Promise<Asked[] | null> {
    const accounts = this.session.get(AccountLoader);
    if (!(await accounts.inReach(accountId))) return null;
    // The epoch before the rights, as where Principals are loaded.
    const epoch = await currentEpoch(this.session.manager, accountId);
    const account = await accounts.byId.load(accountId);
    if (!account) return null;
    const every = await everyPerspectiveOf(this.session, accountId);
    const inReach = await this.session.get(OrganizationRepository).idsWithin(
      every.map(({ organization }) => organization.id),
      this.session.principal.organizationId ?? '',
    );
    return every
      .filter(({ organization }) => inReach.has(organization.id))
      .map((one) => ({
        perspective: staffPerspective(one),
        principal: staffPrincipal(account, one, epoch),
        hindrance: account.active ? one.closed && AccessVerdict[`ROLE_${one.closed}`] : AccessVerdict.ACCOUNT_INACTIVE,
      }));
  }

  private access({ perspective, principal, hindrance }: Asked, reading: AccessReading): PerspectiveAccess {
    const on = today(this.session.clock, principal.timeZone);
    return Object.assign(new PerspectiveAccess(), {
      perspective,
      open: hindrance === null && reading.inScope,
      verdict: hindrance ?? verdictOf(reading),
      on,
      rows: reading.rows.map(({ row, isOpen }) =>
        Object.assign(new AccessRow(), {
          ...row,
          state: isOpen ? AccessRowState.OPEN : stateOf(row, on),
          relation: row.relation as AccessRelation,
          ...granteeOf(row, principal, perspective),
        }),
      ),
    });
  }
}

function verdictOf({ inScope, known, rows }: AccessReading): AccessVerdict {
  if (inScope) return AccessVerdict.OPEN;
  if (known) return AccessVerdict.OWN_PERIOD;
  return rows.length > 0 ? AccessVerdict.NO_OPEN_ROW : AccessVerdict.NO_ROW;
}

/** Why a row that is not open isn't. */
function stateOf({ revokedAt, validFrom }: StudentAccess, on: CalendarDay): AccessRowState {
  if (revokedAt !== null) return AccessRowState.REVOKED;
  return validFrom > on ? AccessRowState.NOT_BEGUN : AccessRowState.ENDED;
}

/** The rows of a perspective are its organization's or its holder's: no other name is needed. */
function granteeOf(
  { relation, grantee }: StudentAccess,
  { kind, displayName }: Principal,
  { organization }: Perspective,
): Pick<AccessRow, 'grantee' | 'granteeKind'> {
  // Rows of an organization that are lent to a partner are its grant's, too.
  if (relation === 'GRANT' || kind === 'partner') return { granteeKind: 'GRANT', grantee: displayName };
  if (grantee.startsWith('STAFF:')) return { granteeKind: 'CASELOAD', grantee: displayName };
  return { granteeKind: 'ORGANIZATION', grantee: organization?.name ?? '' };
}
