import type { AccessRelation, Level } from '../../../platform/principal/principal';
import type { OrganizationKind } from '../organization/organization-kind';
import { type Capability, capabilitiesOf, type MatrixColumn } from './capability-matrix';

/** How a role's rows are found: students that stand in this relation to the account itself or to the organization of the grant. */
export interface RowRule {
  relation: AccessRelation;
  /** `STAFF`: the account. Otherwise the kind of grantee that the organization must be. */
  of: 'STAFF' | 'STATE' | 'SELPA' | 'LEA' | 'SCHOOL';
}

export interface RoleDefinition {
  description: string;
  level: Level;
  /** Kinds of organization at which the role can be held. */
  heldAt: readonly OrganizationKind[];
  /** States whose system knows the role; everywhere when left out. A role must not carry rights into another state's rules. */
  states?: readonly string[];
  rows: readonly RowRule[];
  capabilities: readonly Capability[];
  /** For an additive permission: the roles whose perspectives at the same organization get its capabilities. It is no perspective itself. */
  addsTo?: readonly string[];
}

const STAFF_CASES: RowRule = { relation: 'CASE_MANAGER', of: 'STAFF' };
const STAFF_ASSIGNMENTS: RowRule = { relation: 'PROVIDER', of: 'STAFF' };
const ownedBy = (of: 'STATE' | 'SELPA' | 'LEA'): RowRule => ({ relation: 'JURISDICTION', of });
const atLea = (relation: AccessRelation): RowRule => ({ relation, of: 'LEA' });
const byMatrix = (column: MatrixColumn, ...more: Capability[]): Capability[] => [...capabilitiesOf(column), ...more];
const CA = ['CA'];
const LA = ['LA'];
const NY = ['NY'];
const SITES = ['LEA', 'SCHOOL'] as const;

/**
 * All roles of domain.md B.2: level, rows and capabilities. The one place where a role gets its rights.
 *
 * A grant of a role at an organization is a perspective, and rights never add up across perspectives. The only addition is
 * that of additive permissions at the *same* organization (`addsTo`). A SELPA system manager who also manages a
 * direct-service LEA (SEIS-35) holds DISTRICT_ADMIN at that LEA: another perspective.
 */
export const ROLES = {
  // SEIS-01, SEIS-02, SEIS-34, SEIS-35, SIRAS-137
  SELPA_ADMIN: {
    description: 'SELPA system manager: every LEA of the SELPA.',
    level: 'selpa',
    heldAt: ['SELPA'],
    states: CA,
    rows: [ownedBy('SELPA')],
    capabilities: byMatrix('SELPA_ADMIN'),
  },
  // SEIS-33
  SELPA_SPECIALIST: {
    description: 'Program specialist of a SELPA: reads, and writes content.',
    level: 'selpa',
    heldAt: ['SELPA'],
    states: CA,
    rows: [ownedBy('SELPA')],
    capabilities: byMatrix('SELPA_SPECIALIST'),
  },
  // SEIS-06, SEIS-08, SEIS-36, SEIS-37
  DISTRICT_ADMIN: {
    description: 'District system manager: the whole LEA.',
    level: 'district',
    heldAt: ['LEA'],
    rows: [ownedBy('LEA')],
    capabilities: byMatrix('DISTRICT'),
  },
  // SIRAS-01, SIRAS-136
  SEDS_COORDINATOR: {
    description: 'Special-education data coordinator of a district.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [ownedBy('LEA')],
    capabilities: byMatrix('DISTRICT'),
  },
  // SIRAS-02, SIRAS-87, SIRAS-89
  SIS_COORDINATOR: {
    description: 'Student-information coordinator: identity and enrolment, no IEP text.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [ownedBy('LEA')],
    capabilities: byMatrix('SIS_COORDINATOR'),
  },
  // SEIS-14, SEIS-18, SEIS-52
  CASE_MANAGER: {
    description: 'Case manager: the own cases.',
    level: 'teacher',
    heldAt: SITES,
    rows: [STAFF_CASES],
    capabilities: byMatrix('CASE_MANAGER'),
  },
  // SEIS-25, SEIS-26, SEIS-27, SEIS-42
  SERVICE_PROVIDER: {
    description: 'Service provider: students with an open assignment.',
    level: 'teacher',
    heldAt: SITES,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('SERVICE_PROVIDER'),
  },
  // SIRAS-133. SIRAS has no role of case manager: a general user marked as such on the student finalizes the meeting (B.3, below the matrix).
  GENERAL_USER: {
    description: 'General user: individually assigned students only.',
    level: 'teacher',
    heldAt: ['SELPA', ...SITES],
    states: CA,
    rows: [STAFF_CASES, STAFF_ASSIGNMENTS],
    capabilities: byMatrix('SERVICE_PROVIDER', 'iep:write', 'iep:affirm'),
  },
  // SIRAS-134
  SITE_PROVIDER: {
    description: 'Site provider: assigned students, and the whole school.',
    level: 'teacher',
    heldAt: ['SCHOOL'],
    states: CA,
    rows: [STAFF_CASES, STAFF_ASSIGNMENTS, { relation: 'SCHOOL', of: 'SCHOOL' }],
    capabilities: byMatrix('SITE_DISTRICT_PROVIDER'),
  },
  // SIRAS-135
  DISTRICT_PROVIDER: {
    description: 'District provider: assigned students, and the whole district.',
    level: 'teacher',
    heldAt: ['LEA'],
    states: CA,
    rows: [STAFF_CASES, STAFF_ASSIGNMENTS, ownedBy('LEA')],
    capabilities: byMatrix('SITE_DISTRICT_PROVIDER'),
  },
  // SIRAS-138
  REPORTING_LEA: {
    description: 'Reporting LEA: students that it reports.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [atLea('REPORTING')],
    capabilities: byMatrix('DISTRICT_RELATION'),
  },
  // SIRAS-139
  DSEA: {
    description: 'District of special education accountability.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [atLea('ACCOUNTABILITY')],
    capabilities: byMatrix('DISTRICT_RELATION'),
  },
  // SIRAS-140, in the reading "district of residence" (B.2); the Department of Rehabilitation is a partner agency.
  DOR: {
    description: 'District of residence.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [atLea('RESIDENCE')],
    capabilities: byMatrix('DISTRICT_RELATION'),
  },
  // SIRAS-141
  DOL: {
    description: 'District of location.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [atLea('LOCATION')],
    capabilities: byMatrix('DISTRICT_RELATION'),
  },
  // SIRAS-142
  SCHOOL: {
    description: 'School: its students.',
    level: 'school',
    heldAt: ['SCHOOL'],
    rows: [{ relation: 'SCHOOL', of: 'SCHOOL' }],
    capabilities: byMatrix('SCHOOL'),
  },
  // SIRAS-143
  PRIVATE_SCHOOL: {
    description: 'Private school: its students with a service plan.',
    level: 'school',
    heldAt: ['PRIVATE_SCHOOL'],
    states: CA,
    rows: [{ relation: 'PRIVATE_SCHOOL', of: 'SCHOOL' }],
    capabilities: byMatrix('PRIVATE_SCHOOL'),
  },
  // SIRAS-144
  NPA_PROVIDER: {
    description: 'Provider of a non-public agency: assigned students.',
    level: 'teacher',
    heldAt: ['NPA'],
    states: CA,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('NPA_NPS_PROVIDER'),
  },
  // SIRAS-145
  NPS_ADMIN: {
    description: 'Administrator of a non-public school: its students.',
    level: 'school',
    heldAt: ['NPS'],
    states: CA,
    rows: [{ relation: 'NPS', of: 'SCHOOL' }],
    capabilities: byMatrix('NPS_ADMIN'),
  },
  // SIRAS-146
  NPS_PROVIDER: {
    description: 'Provider of a non-public school: assigned students.',
    level: 'teacher',
    heldAt: ['NPS'],
    states: CA,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('NPA_NPS_PROVIDER'),
  },
  // SIRAS-25: per-student grants and nothing else
  CDE_MONITOR: {
    description: 'Monitor of the state agency: students granted one by one.',
    level: 'state',
    heldAt: ['STATE'],
    states: CA,
    rows: [{ relation: 'GRANT', of: 'STAFF' }],
    capabilities: byMatrix('CDE_MONITOR'),
  },
  // SER-41
  DATA_READER: {
    description: 'Data reader (SER): the whole LEA, read only.',
    level: 'district',
    heldAt: ['LEA'],
    states: LA,
    rows: [ownedBy('LEA')],
    capabilities: byMatrix('DATA_READER'),
  },
  // SER-41, SER-43
  DATA_WRITER: {
    description: 'Data writer (SER): the whole LEA.',
    level: 'district',
    heldAt: ['LEA'],
    states: LA,
    rows: [ownedBy('LEA')],
    capabilities: byMatrix('DATA_WRITER'),
  },
  // SER-01, [design]: not in the matrix. Reads the state's records; narratives, contacts and sensitive attachments stay with their LEAs.
  STATE_ADMIN: {
    description: 'State agency staff: the whole state, read only.',
    level: 'state',
    heldAt: ['STATE'],
    rows: [ownedBy('STATE')],
    capabilities: [
      'student:read',
      'student.demographics:read',
      'student:locate',
      'iep:read',
      'evaluation:read',
      'service:read',
      'provider:read',
      'report:read',
      'report:build',
      'transaction:read',
    ],
  },
  // SESIS-06: at a site its students, at a district all
  SUPERVISOR: {
    description: 'Supervisor (SESIS): students and staff of the supervised sites.',
    level: 'school',
    heldAt: SITES,
    states: NY,
    rows: [{ relation: 'SCHOOL', of: 'SCHOOL' }, ownedBy('LEA')],
    capabilities: byMatrix('SUPERVISOR'),
  },
  // SESIS-16, SESIS-19
  DOE_PROVIDER: {
    description: 'Provider employed by the department of education (SESIS): the own caseload.',
    level: 'teacher',
    heldAt: SITES,
    states: NY,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('DOE_PROVIDER'),
  },
  // SESIS-01, SESIS-21
  AGENCY_PROVIDER: {
    description: 'Provider of a contracted agency (SESIS): the own caseload.',
    level: 'teacher',
    heldAt: ['LEA', 'SCHOOL', 'NPA'],
    states: NY,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('AGENCY'),
  },
  // SESIS-01, SESIS-21
  INDEPENDENT_PROVIDER: {
    description: 'Independent provider (SESIS): the own caseload.',
    level: 'teacher',
    heldAt: ['LEA', 'SCHOOL', 'NPA'],
    states: NY,
    rows: [STAFF_ASSIGNMENTS],
    capabilities: byMatrix('AGENCY'),
  },
  // SIRAS-85
  CALPADS_REPORTER: {
    description: 'Additive: sends transactions to CALPADS and reads the results.',
    level: 'district',
    heldAt: ['LEA'],
    states: CA,
    rows: [],
    capabilities: ['transaction:read', 'transaction:send'],
    addsTo: ['DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'SIS_COORDINATOR'],
  },
  // SER-80
  IEP_SUBMITTER: {
    description: 'Additive: submits official IEPs to the state.',
    level: 'district',
    heldAt: ['LEA'],
    states: LA,
    rows: [],
    capabilities: ['iep:submit'],
    addsTo: ['DATA_WRITER'],
  },
  // SER-44, SER-45, V-065
  SECURE_ID_EDITOR: {
    description: 'Additive: assigns and updates Secure IDs; at most two persons per LEA.',
    level: 'district',
    heldAt: ['LEA'],
    states: LA,
    rows: [],
    capabilities: ['stateid:write'],
    addsTo: ['DATA_WRITER'],
  },
} satisfies Record<string, RoleDefinition>;

export type RoleName = keyof typeof ROLES;

/** The definition of a role, in the general type. */
export const roleOf = (name: RoleName): RoleDefinition => ROLES[name];
export const isAdditive = (name: RoleName): boolean => roleOf(name).addsTo !== undefined;
