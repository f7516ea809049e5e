/** Through which relations to a student each role of domain.md B.2 sees it. */
export type Relation =
  | 'JURISDICTION'
  | 'CASE_MANAGER'
  | 'PROVIDER'
  | 'REPORTING'
  | 'ACCOUNTABILITY'
  | 'RESIDENCE'
  | 'LOCATION'
  | 'SCHOOL'
  | 'PRIVATE_SCHOOL'
  | 'NPS'
  | 'GRANT';

export const RELATIONS: Readonly<Record<string, readonly Relation[]>> = {
  SELPA_ADMIN: ['JURISDICTION'],
  SELPA_SPECIALIST: ['JURISDICTION'],
  DISTRICT_ADMIN: ['JURISDICTION'],
  SEDS_COORDINATOR: ['JURISDICTION'],
  SIS_COORDINATOR: ['JURISDICTION'],
  CASE_MANAGER: ['CASE_MANAGER'],
  SERVICE_PROVIDER: ['PROVIDER'],
  GENERAL_USER: ['CASE_MANAGER', 'PROVIDER'],
  SITE_PROVIDER: ['CASE_MANAGER', 'PROVIDER', 'SCHOOL'],
  DISTRICT_PROVIDER: ['CASE_MANAGER', 'PROVIDER', 'JURISDICTION'],
  REPORTING_LEA: ['REPORTING'],
  DSEA: ['ACCOUNTABILITY'],
  DOR: ['RESIDENCE'],
  DOL: ['LOCATION'],
  SCHOOL: ['SCHOOL'],
  PRIVATE_SCHOOL: ['PRIVATE_SCHOOL'],
  NPA_PROVIDER: ['PROVIDER'],
  NPS_ADMIN: ['NPS'],
  NPS_PROVIDER: ['PROVIDER'],
  CDE_MONITOR: ['GRANT'],
  DATA_READER: ['JURISDICTION'],
  DATA_WRITER: ['JURISDICTION'],
  STATE_ADMIN: ['JURISDICTION'],
  // At a site its students, at a district all.
  SUPERVISOR: ['SCHOOL', 'JURISDICTION'],
  DOE_PROVIDER: ['PROVIDER'],
  AGENCY_PROVIDER: ['PROVIDER'],
  INDEPENDENT_PROVIDER: ['PROVIDER'],
  PARTNER: ['GRANT'],
};

export const hasCaseload = (role: string): boolean =>
  (RELATIONS[role] ?? []).some((relation) => relation === 'CASE_MANAGER' || relation === 'PROVIDER');

/** Roles that decide requests: the row "process requests" of domain.md B.3. */
export const DECIDING: ReadonlySet<string> = new Set([
  'SELPA_ADMIN',
  'DISTRICT_ADMIN',
  'SEDS_COORDINATOR',
  'DATA_WRITER',
  'SUPERVISOR',
]);
