/** What an organization is (domain B.1, G.1). */
export const OrganizationKind = {
  STATE: 'STATE',
  SELPA: 'SELPA',
  LEA: 'LEA',
  SCHOOL: 'SCHOOL',
  NPS: 'NPS',
  NPA: 'NPA',
  PRIVATE_SCHOOL: 'PRIVATE_SCHOOL',
  PARTNER_AGENCY: 'PARTNER_AGENCY',
} as const;
export type OrganizationKind = (typeof OrganizationKind)[keyof typeof OrganizationKind];

/** The word before the colon of a grantee (`LEA:ca-39686500000000`); null when no student hangs on such an organization. */
export const GRANTEE_PREFIX: Record<OrganizationKind, 'STATE' | 'SELPA' | 'LEA' | 'SCHOOL' | null> = {
  STATE: 'STATE',
  SELPA: 'SELPA',
  LEA: 'LEA',
  SCHOOL: 'SCHOOL',
  NPS: 'SCHOOL',
  PRIVATE_SCHOOL: 'SCHOOL',
  // A non-public agency sees students through its providers' assignments, a partner agency through its grants.
  NPA: null,
  PARTNER_AGENCY: null,
};
