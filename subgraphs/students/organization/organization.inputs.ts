import { connectionOf } from '../../../platform/graphql/connection';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { Organization } from './organization.entity';
import { OrganizationKind } from './organization-kind';

graphqlEnum(OrganizationKind, 'OrganizationKind', 'What an organization is.', {
  STATE: 'State education agency.',
  SELPA: 'Special education local plan area (California): plans special education for its LEAs.',
  LEA: 'Local education agency: a district, county office, parish or city district.',
  SCHOOL: 'Public school or site of an LEA.',
  NPS: 'Non-public, non-sectarian school under contract.',
  NPA: 'Non-public agency that provides services under contract.',
  PRIVATE_SCHOOL: 'Private school with parentally placed students.',
  PARTNER_AGENCY: 'Agency outside of education that receives granted records, such as a regional center.',
});

export const OrganizationConnection = connectionOf(() => Organization, 'Organization');
