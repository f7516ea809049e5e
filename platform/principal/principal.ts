/** The level at which a caller stands: the strings of `@policy`. */
export type Level = 'state' | 'selpa' | 'district' | 'school' | 'teacher' | 'partner';

/** How a grantee is related to a student: the values of `student_access.relation`. */
export const ACCESS_RELATIONS = [
  'JURISDICTION',
  'REPORTING',
  'ACCOUNTABILITY',
  'RESIDENCE',
  'LOCATION',
  'SCHOOL',
  'PRIVATE_SCHOOL',
  'NPS',
  'CASE_MANAGER',
  'PROVIDER',
  'GRANT',
] as const;
export type AccessRelation = (typeof ACCESS_RELATIONS)[number];

/** Whose students are lent by a grant, and until when. */
export interface Lent {
  /** Organizations as rows of `student_access` name them: their students of today count, never former ones. */
  from: readonly { relation: AccessRelation; grantee: string }[];
  /** Last day, inclusive. */
  until: string;
}

/** A pair of `student_access`: students that stand in this relation to this grantee (`LEA:…`, `STAFF:…`) are in scope. */
export interface Grant {
  relation: AccessRelation;
  grantee: string;
  /** Rows that came through these LEAs don't count: they are another perspective's, open or taken away. */
  exceptLeas?: readonly string[];
  /**
   * Of a partner's grant to the students of organizations. Beside the pair, not a pair of its own: what a partner is lent makes
   * it no owner, neither of a period that is over nor of anything else that the relation JURISDICTION stands for (ADR 13).
   */
  lent?: Lent;
}

/** A party to which an agency may pass records on, and why (34 CFR 99.32(b)). */
export interface RedisclosureParty {
  name: string;
  interest: string;
}

/** Every grantee through which a caller comes to students. */
export const granteesOf = (grants: readonly Grant[]): string[] =>
  grants.flatMap(({ grantee, lent }) => [grantee, ...(lent?.from ?? []).map((source) => source.grantee)]);

/** Who asks, as what, and with which rights: one perspective of one account. Rights never add up across perspectives. */
export interface Principal {
  /** Id of the account or partner client. */
  subject: string;
  kind: 'staff' | 'partner';
  displayName: string;
  /** Id of the perspective (role grant) in use. */
  perspective: string;
  role: string;
  level: Level;
  readOnly: boolean;
  capabilities: string[];
  grants: Grant[];
  /** Organization of the perspective. */
  organizationId: string | null;
  /** IANA zone of the jurisdiction: decides what "today" is. */
  timeZone: string;
  /** The account's `principal_epoch` when this was loaded. Statements under another epoch return nothing. */
  epoch: number;
  /** Of a partner: to whom its grant lets it pass records on, for the record of disclosures. */
  redisclosure?: RedisclosureParty[];
}
