import { z } from 'zod';
import { type StateCode, STATES } from '../../subgraphs/students/organization/initial-organizations';
import { OrganizationKind } from '../../subgraphs/students/organization/organization-kind';
import { name } from './directories';
import type { Layout } from './read-rows';

/** The kinds that a file may name: all but the states, which come by themselves. */
type ListedKind = Exclude<OrganizationKind, 'STATE'>;

/**
 * What each kind stands below, the upper kinds first. Nothing stands below its own kind, so no two organizations can be
 * above each other. Schools and agencies under contract serve many LEAs and may stand below any of the three.
 */
export const PARENT_KINDS: Record<ListedKind, readonly OrganizationKind[]> = {
  SELPA: ['STATE'],
  LEA: ['STATE', 'SELPA'],
  SCHOOL: ['LEA'],
  NPS: ['STATE', 'SELPA', 'LEA'],
  NPA: ['STATE', 'SELPA', 'LEA'],
  PRIVATE_SCHOOL: ['STATE', 'SELPA', 'LEA'],
  PARTNER_AGENCY: ['STATE', 'SELPA', 'LEA'],
};
export const LISTED_KINDS = Object.keys(PARENT_KINDS) as ListedKind[];

const CODE = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*)?$/;
const EMAIL = /^(?:[^\s@]+@[^\s@]+\.[^\s@]+)?$/;

const text = (most: number) =>
  z
    .string()
    .max(most, `has more than ${most} characters`)
    .regex(/^[^\p{Cc}]*$/u, 'has control characters');
const code = text(40).regex(CODE, 'may have letters, digits, dots, hyphens and underscores only');
/** A column that the header may lack; an empty field leaves what is known. */
const optional = (type: z.ZodString) => type.default('');

const row = z.object({
  code: code.min(1, 'is empty'),
  name,
  kind: z.enum(LISTED_KINDS, `must be ${LISTED_KINDS.join(', ')}`),
  parentCode: code,
  state: z.enum(Object.keys(STATES) as StateCode[], `must be ${Object.keys(STATES).join(', ')}`),
  contactName: optional(text(120)),
  contactPhone: optional(text(40)),
  contactEmail: optional(text(200).regex(EMAIL, 'is not an e-mail address')),
});

export type OrganizationRow = z.output<typeof row>;

/** Our own layout: everything that the published directories don't hold. */
export const ORGANIZATION_FILE: Layout<OrganizationRow> = {
  description: 'Organizations in our own layout: code,name,kind,parentCode,state (docs/set-up-a-system.md)',
  row: row as unknown as Layout<OrganizationRow>['row'],
  identity: ({ state, code }) => `${state} ${code}`,
};

/** The id of a new organization: the one that the state's directory would give it (`directories.ts`). */
export function organizationId({ state, code, kind }: OrganizationRow): string {
  return `${state.toLowerCase()}-${state === 'NY' && kind === 'LEA' ? code.toLowerCase() : code}`;
}
