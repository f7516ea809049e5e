import { graphqlEnum } from '../../../platform/graphql/enums';

/** SESIS-01, and the staff of LEAs and non-public agencies elsewhere. */
export const ProviderKind = {
  DOE_STAFF: 'DOE_STAFF',
  CONTRACTED_AGENCY: 'CONTRACTED_AGENCY',
  INDEPENDENT: 'INDEPENDENT',
  LEA_STAFF: 'LEA_STAFF',
  NPA_STAFF: 'NPA_STAFF',
} as const;
export type ProviderKind = (typeof ProviderKind)[keyof typeof ProviderKind];
graphqlEnum(ProviderKind, 'ProviderKind', 'On what footing a provider works.', {
  DOE_STAFF: 'Staff of the New York City Department of Education.',
  CONTRACTED_AGENCY: 'Works for an agency under contract.',
  INDEPENDENT: 'An independent service provider.',
  LEA_STAFF: 'Staff of a district or county office.',
  NPA_STAFF: 'Staff of a non-public agency or school.',
});

/** Only staff of the department may put students on their own caseload; all others depend on a supervisor (SESIS-21). */
export const MAY_ADD_THEMSELVES: readonly ProviderKind[] = [ProviderKind.DOE_STAFF];

/** Where providers of a kind work. */
interface KindRule {
  states: readonly string[];
  /** Kinds of organization that they work for, or that hold their contract. */
  at: readonly string[];
  /** Kinds of agency that may employ them. Such a provider works for one: there, or under a contract that names it. */
  agencies?: readonly string[];
  /** True when the agency must be known. */
  needsAgency?: true;
}

/** New York City's three kinds (SESIS-01), and those of the other states. */
export const KIND_RULES: Record<ProviderKind, KindRule> = {
  DOE_STAFF: { states: ['NY'], at: ['LEA', 'SCHOOL'] },
  CONTRACTED_AGENCY: { states: ['NY'], at: ['LEA', 'SCHOOL', 'NPA'], agencies: ['NPA'] },
  INDEPENDENT: { states: ['NY'], at: ['LEA', 'SCHOOL'] },
  LEA_STAFF: { states: ['CA', 'LA'], at: ['SELPA', 'LEA', 'SCHOOL'] },
  NPA_STAFF: {
    states: ['CA', 'LA'],
    at: ['NPA', 'NPS', 'SELPA', 'LEA', 'SCHOOL'],
    agencies: ['NPA', 'NPS'],
    needsAgency: true,
  },
};
