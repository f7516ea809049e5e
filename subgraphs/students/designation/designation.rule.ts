import type { Finding, ValidationRule } from '../../../platform/graphql/finding';
import type { SqlFragment } from '../../../platform/scope/row-scope';
import { type RoleName, roleOf, ROLES } from '../account/roles';
import type { Organization } from '../organization/organization.entity';
import { DesignationKind } from './designation.entity';

/** Roles of a district administrator: who manages the accounts of an LEA. */
export const DISTRICT_ADMINISTRATORS = (Object.keys(ROLES) as RoleName[]).filter(
  (name) => roleOf(name).level === 'district' && roleOf(name).capabilities.includes('account:manage'),
);

/** States whose districts must name their managers: the sources are California's. */
const STATES = ['CA'];

/** V-027. Found when it is asked for, so that it is never older than the account or role that it depends on. */
export const MISSING_DESIGNATION: ValidationRule = {
  id: 'V-027',
  when: ['nightly'],
  severity: 'ALERT',
  message: 'The district lacks a designated system manager or back-up.',
  fix: 'Designate an active account with the role of a district administrator.',
  source: 'SEIS-36; SIRAS-71, SIRAS-72',
};

const WORDS: Record<DesignationKind, string> = { PRIMARY: 'system manager', BACKUP: 'back-up of the system manager' };

/**
 * SQL that holds when the account in `account` is active and holds, on a day, a role of a district administrator at the
 * organization in `organization` that may change something.
 */
export function administers(account: string, organization: string, onDay: string): SqlFragment {
  return {
    sql:
      `EXISTS (SELECT 1 FROM role_grant dr JOIN account da ON da.id = dr.account_id WHERE da.id = ${account} AND da.active = :daActive` +
      ` AND dr.organization_id = ${organization} AND dr.role IN (:...daRoles) AND dr.read_only = :daReadOnly` +
      ' AND dr.revoked_at IS NULL AND dr.valid_from <= :daDay AND (dr.valid_to IS NULL OR dr.valid_to >= :daDay))',
    parameters: { daActive: true, daReadOnly: false, daRoles: DISTRICT_ADMINISTRATORS, daDay: onDay },
  };
}

/** SQL that holds for an open organization of the alias `o` of which V-027 speaks. */
export function lacksDesignation(onDay: string): SqlFragment {
  const { sql, parameters } = administers('md.account_id', 'md.organization_id', onDay);
  return {
    sql:
      "o.kind = 'LEA' AND o.active = :daActive AND o.state_code IN (:...daStates) AND (SELECT COUNT(DISTINCT md.kind)" +
      ` FROM manager_designation md WHERE md.organization_id = o.id AND md.ended_at IS NULL AND ${sql}) < :daKinds`,
    parameters: { ...parameters, daStates: STATES, daKinds: Object.keys(DesignationKind).length },
  };
}

/** What V-027 says of an organization with designations of these kinds in force. */
export function missingDesignations(
  { kind, active, stateCode, name }: Organization,
  named: readonly DesignationKind[],
): Finding[] {
  if (kind !== 'LEA' || !active || !STATES.includes(stateCode)) return [];
  const missing = Object.values(DesignationKind).filter((wanted) => !named.includes(wanted));
  return missing.map((wanted) => ({
    rule: MISSING_DESIGNATION,
    severity: MISSING_DESIGNATION.severity,
    message: `${name} has no designated ${WORDS[wanted]}.`,
    fix: MISSING_DESIGNATION.fix,
    path: ['designations', wanted],
  }));
}
