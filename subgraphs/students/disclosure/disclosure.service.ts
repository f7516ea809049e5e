import type { DisclosureRecord } from '../../../platform/audit/disclosure-record';
import type { AuditEntry } from '../../../platform/audit/tables';
import { MappedPage, type Page, type PageArgs } from '../../../platform/graphql/connection';
import type { AccessRelation } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import { type RoleName, roleOf, ROLES } from '../account/roles';
import type { PartnerGrant } from '../partner/partner-grant.entity';
import { PartnerGrantRepository } from '../partner/partner-grant.repository';
import { DisclosureRepository } from './disclosure.repository';
import { Disclosure } from './disclosure.type';

/**
 * By which relations somebody is a school official of the agencies that keep the record, or does their work for them
 * (34 CFR 99.31(a)(1)(i)). Officials of other districts and of the state are not (99.31(a)(2), (3)).
 */
const OFFICIALS: ReadonlySet<AccessRelation> = new Set(['JURISDICTION', 'SCHOOL', 'NPS', 'CASE_MANAGER', 'PROVIDER']);
/** What is shown of students who are another district's. */
const BEYOND_SCOPE = 'student.card';

/** Who has seen the record of a student (34 CFR 99.32). */
export class DisclosureService {
  constructor(private readonly session: Session) {}

  /** A page, the newest first; empty when the student is not in scope. Reading it is a disclosure itself. */
  async page(studentId: string, args: PageArgs): Promise<Page<Disclosure>> {
    const repository = this.session.get(DisclosureRepository);
    const times = await repository.visibleTimes(studentId);
    const page = await repository.page(studentId, times, args);
    const entries = await repository.entries(page.nodes.map(({ entryId }) => entryId));
    // Asked again: rights that were taken away meanwhile count for what was read under them.
    const now = JSON.stringify(await repository.visibleTimes(studentId));
    if (now !== JSON.stringify(times)) return this.page(studentId, args);
    if (times.length > 0) this.session.disclosures.add('disclosure', [studentId]);
    const grants = await this.grantsOf([...entries.values()]);
    const edges = page.edges.flatMap(({ node, cursor }) => {
      const entry = entries.get(node.entryId);
      return entry ? [{ cursor, node: toDisclosure(entry, studentId, grants) }] : [];
    });
    return new MappedPage(page, edges);
  }

  /** The grants of partners among these, whoever granted them: the record names the interest of each party. */
  private async grantsOf(entries: readonly AuditEntry[]): Promise<Map<string, PartnerGrant>> {
    const ids = entries.map(recordOf).flatMap(({ kind, perspective }) => (kind === 'partner' ? [perspective] : []));
    const grants = await this.session.get(PartnerGrantRepository).findByIds(ids);
    return new Map(grants.map((grant) => [grant.id, grant]));
  }
}

const recordOf = ({ record }: AuditEntry): DisclosureRecord => record as DisclosureRecord;

function toDisclosure(entry: AuditEntry, studentId: string, grants: ReadonlyMap<string, PartnerGrant>): Disclosure {
  const record = recordOf(entry);
  const grant = record.kind === 'partner' ? grants.get(record.perspective) : undefined;
  const fieldClasses = Object.entries(record.disclosed)
    .filter(([, studentIds]) => studentIds.includes(studentId))
    .map(([fieldClass]) => fieldClass)
    .sort();
  return Object.assign(new Disclosure(), {
    id: entry.id,
    at: entry.at,
    name: record.name,
    kind: record.kind,
    subject: record.subject,
    partnerClient: record.kind === 'partner' ? record.subject : null,
    organizationId: record.organization,
    role: record.role,
    perspective: record.perspective,
    interest: interestOf(record, grant),
    legalBasis: grant?.legalBasis ?? null,
    redisclosureRecipients: record.redisclosure ?? [],
    exempt: isExempt(record, fieldClasses),
    fieldClasses,
    operation: record.operation,
  });
}

function interestOf({ kind, purposes = [] }: DisclosureRecord, grant: PartnerGrant | undefined): string {
  const base = kind === 'partner' ? (grant?.purpose ?? 'Purpose of a grant') : 'Legitimate educational interest';
  return [base, ...purposes].join('; ');
}

function isExempt({ kind, role, level }: DisclosureRecord, fieldClasses: readonly string[]): boolean {
  if (kind === 'partner' || level === 'state' || !(role in ROLES) || fieldClasses.includes(BEYOND_SCOPE)) return false;
  return roleOf(role as RoleName).rows.every(({ relation }) => OFFICIALS.has(relation));
}
