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
