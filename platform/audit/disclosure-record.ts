import type { Principal, RedisclosureParty } from '../principal/principal';
import { Disclosures } from '../scope/session';
import type { AuditRecord } from './audit-log';

/** The caller as the log keeps it: everything that the law asks of a party (34 CFR 99.32(a)), as it was when it asked. */
export interface Party {
  subject: string;
  name: string;
  kind: Principal['kind'];
  /** The role grant of staff; of a partner's client its grant, in which purpose and legal basis stand. */
  perspective: string;
  role: string;
  level: Principal['level'];
  /** Where the role is held; of a partner the agency. */
  organization: string | null;
}

export function partyOf(principal: Principal): Party {
  return {
    subject: principal.subject,
    name: principal.displayName,
    kind: principal.kind,
    perspective: principal.perspective,
    role: principal.role,
    level: principal.level,
    organization: principal.organizationId,
  };
}

/** One disclosure as the log keeps it: who, what of which students, in which operation. Never a value. */
export interface DisclosureRecord extends Party {
  requestId: string;
  /** Which subgraphs disclosed it; more than one where they share a process. */
  subgraph: string;
  /** Name of the client's operation. */
  operation: string | null;
  /** What the caller said why, beside its role or grant. */
  purposes: string[];
  /** To whom a partner was allowed to pass it on, and why, at that time (34 CFR 99.32(b)); left out when to nobody. */
  redisclosure?: RedisclosureParty[];
  /** Ids of students by class of field. */
  disclosed: Record<string, string[]>;
}

export function disclosureRecord(
  principal: Principal,
  where: Pick<DisclosureRecord, 'requestId' | 'subgraph' | 'operation'>,
  disclosures: Disclosures,
): AuditRecord {
  const record: DisclosureRecord = {
    ...where,
    ...partyOf(principal),
    purposes: disclosures.purposes,
    ...(principal.redisclosure && { redisclosure: principal.redisclosure }),
    disclosed: disclosures.toJSON(),
  };
  return { ...record };
}

/**
 * What tells the disclosures of one request to one party, for the purposes that it said, from all others; nothing for what is of no
 * request. What was said of one student is not said of those that the same request asked for besides.
 */
export function disclosureKey(record: AuditRecord): string | undefined {
  const { subgraph: _subgraph, disclosed: _disclosed, ...same } = record;
  return same.requestId === undefined ? undefined : JSON.stringify(same);
}

/** What several fetches of one request disclosed, as one record. */
export function joined(records: readonly AuditRecord[]): AuditRecord {
  const all = records as readonly Partial<DisclosureRecord>[];
  const disclosures = new Disclosures();
  for (const { disclosed = {} } of all)
    for (const [fieldClass, ids] of Object.entries(disclosed)) disclosures.add(fieldClass, ids);
  return {
    ...all[0],
    subgraph: [...new Set(all.map(({ subgraph }) => subgraph))].join(', '),
    disclosed: disclosures.toJSON(),
  };
}
