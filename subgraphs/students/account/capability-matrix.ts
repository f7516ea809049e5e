/**
 * Who may do what: the matrix of domain.md B.3, row by row and mark by mark, and the capabilities that a mark gives.
 *
 * Marks: `F` full in row scope · `O` only own students · `R` read · `Q` may request, which another role decides ·
 * `+` only with an additive permission (`roles.ts`) · `s` only sections delegated to them, which gives no capability of its own ·
 * `-` none. The row scope (`student_access`) turns F into O: it decides
 * *which* students, the capability only *what*.
 */
// prettier-ignore
export const CAPABILITIES = [
  'student:read', 'student.demographics:read', 'student.contacts:read', 'student.sensitive:read', 'student:write', 'student:locate',
  'jurisdiction:write', 'status:write', 'exit:process', 'request:process', 'account:manage', 'partner:manage', 'stateid:write', 'disclosure:read',
  'iep:read', 'iep.narrative:read', 'iep:write', 'iep:affirm', 'iep:reactivate', 'iep:submit', 'goal:write', 'progress:write', 'evaluation:read', 'evaluation:write',
  'service:read', 'service:write', 'provider:read', 'assignment:write', 'caseload:self-add', 'caseload:supervise', 'servicelog:write',
  'report:read', 'report:build', 'transaction:read', 'transaction:send', 'certification:lea-approve', 'certification:selpa-approve', 'content:write',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Columns of the matrix. Roles that share a column in domain.md share it here. */
// prettier-ignore
export const MATRIX_COLUMNS = [
  'SELPA_ADMIN', 'SELPA_SPECIALIST', 'DISTRICT', 'SIS_COORDINATOR', 'CASE_MANAGER', 'SERVICE_PROVIDER', 'SITE_DISTRICT_PROVIDER', 'SCHOOL', 'NPS_ADMIN',
  'NPA_NPS_PROVIDER', 'PRIVATE_SCHOOL', 'DISTRICT_RELATION', 'CDE_MONITOR', 'DATA_READER', 'DATA_WRITER', 'SUPERVISOR', 'DOE_PROVIDER', 'AGENCY',
] as const;
export type MatrixColumn = (typeof MATRIX_COLUMNS)[number];

interface Right {
  /** Given by every mark that lets the role see something: R, O, F. */
  read?: Capability[];
  /** Given by O and F. */
  act?: Capability[];
  /** Given by F alone. */
  full?: Capability[];
}

type MatrixRow = [right: string, marks: string, gives: Right];

// Column order:               SELPA     DISTR     CASE      SITE/     NPS       PRIV      CDE       DATA      SUPER     AGENCY
//                             ADMIN SPEC    SIS     MGR  SP/GU DISTR SCHOOL ADMIN NPA/S  SCHOOL REL    MON READER WRITER  VISOR DOE
// prettier-ignore
export const MATRIX: readonly MatrixRow[] = [
  ['find student outside scope',   'F  R  F  F  F  -  -  -  -  -  -  R  -  F  F  F  F  -', { read: ['student:locate'] }],
  // SER-41: reader and writer both reach every link of a student; guardians are part of the profile.
  ['read student profile',         'F  R  F  F  O  O  F  F  F  O  R  R  R  R  F  R  O  O', { read: ['student:read', 'student.demographics:read', 'student.contacts:read'] }],
  // SER-42, SER-43: demographics come from the identity authority; the remaining fields are editable.
  ['edit profile',                 'F  -  F  F  O  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['student:write'] }],
  // The same capability: an `O` editor (CASE_MANAGER, marked Q) gets a request out of an addStudent.
  ['create student',               'F  -  F  F  Q  -  -  -  -  -  -  -  -  -  F  -  -  -', { full: ['student:write'] }],
  // SER-24, SER-30
  ['claim/transfer jurisdiction',  'F  -  F  Q  Q  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['jurisdiction:write'] }],
  // SEIS-37; a case manager sets PENDING and proposes the others (X2)
  ['set student status',           'F  -  F  -  O  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['status:write'] }],
  // SEIS-23
  ['exit student',                 'F  -  F  -  Q  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['exit:process'] }],
  // SEIS-42: everybody who delivers a service reads the record and its IEPs, services and providers included.
  ['read current/history IEP',     'F  R  F  -  O  O  F  R  F  O  R  R  R  R  R  R  O  O', { read: ['iep:read', 'iep.narrative:read', 'evaluation:read', 'service:read', 'provider:read'] }],
  // SEIS-27: B.3 has O* for providers. `iep:write` opens the whole draft, so it waits until delegations are recorded.
  ['edit future/draft IEP',        'F  -  F  -  O  s  s  -  s  s  -  -  -  -  F  -  -  -', { act: ['iep:write'] }],
  // SEIS-52: nobody attests in place of the case manager
  ['affirm/attest',                '-  -  -  -  O  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['iep:affirm'] }],
  // SER "make official" is the same act
  ['make official',                '-  -  -  -  -  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['iep:affirm'] }],
  // B.3, notes: the district's clerk reactivates a finalized meeting. Not the SELPA: who runs an LEA there holds the district's role (SEIS-35).
  ['reactivate finalized IEP',     '-  -  F  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['iep:reactivate'] }],
  // SER-80
  ['submit to state (IEP)',        '-  -  -  -  -  -  -  -  -  -  -  -  -  -  +  -  -  -', { act: ['iep:submit'] }],
  ['goals add/edit',               'F  -  F  -  O  O  O  -  -  O  -  -  -  -  F  -  -  -', { act: ['goal:write'] }],
  ['progress entry',               '-  -  -  -  O  O  O  -  -  O  -  -  -  -  F  -  O  O', { act: ['progress:write'] }],
  // SEIS-18, SEIS-26: a provider asks, the case manager does.
  ['service add/edit/terminate',   'F  -  F  -  O  Q  Q  -  -  Q  -  -  -  -  F  -  -  -', { act: ['service:write'] }],
  ['assign/remove providers',      'F  -  F  -  O  Q  Q  -  -  Q  -  -  -  -  F  F  -  -', { act: ['assignment:write'] }],
  // SESIS-16, SESIS-19, SESIS-21: the DOE provider's O in the row above is this right alone.
  ['add self to caseload',         '-  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  O  -', { act: ['caseload:self-add'] }],
  // SESIS-06, SER-115: acting on the caseloads of others
  ['provider bulk update',         'F  -  F  -  -  -  -  -  -  -  -  -  -  -  F  F  -  -', { act: ['caseload:supervise'] }],
  ['service log / attendance',     'R  -  R  -  O  O  O  -  R  O  -  -  R  R  F  R  O  O', { act: ['servicelog:write'] }],
  // SEIS-02
  ['process requests',             'F  -  F  -  -  -  -  -  -  -  -  -  -  -  F  F  -  -', { act: ['request:process'] }],
  // SEIS-08
  ['manage users',                 'F  -  F  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['account:manage'] }],
  // SIRAS-85: sending is an additive permission of the district role; SIRAS-89: the SIS coordinator holds it by role.
  ['read transactions',            'R  -  R  R  -  -  -  -  -  -  -  -  -  -  R  -  -  -', { read: ['transaction:read'] }],
  ['generate/send transactions',   '-  -  +  F  -  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['transaction:send'] }],
  ['LEA approve',                  '-  -  F  F  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['certification:lea-approve'] }],
  // SEIS-34
  ['SELPA approve',                'F  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['certification:selpa-approve'] }],
  // SEIS-04; building reports of one's own needs the full right
  ['compliance reports',           'F  R  F  R  O  O  R  R  R  -  -  R  R  R  R  R  O  -', { read: ['report:read'], full: ['report:build'] }],
  // SEIS-03, SEIS-07, SEIS-33
  ['content',                      'F  F  F  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['content:write'] }],
  // SER-44, SER-45
  ['Secure ID assign/update',      '-  -  -  -  -  -  -  -  -  -  -  -  -  -  +  -  -  -', { act: ['stateid:write'] }],
  // SIRAS-25
  ['grant external access',        'F  -  F  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -', { act: ['partner:manage'] }],
  // The rows below are not in B.3: [design], least access.
  // B.4: health attachments and the like stay with the record's owner and the case manager.
  ['read sensitive attachments',   'F  -  F  -  O  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['student.sensitive:read'] }],
  // 34 CFR 99.32: the custodian of the record answers who has seen it.
  ['read disclosure record',       'F  -  F  -  -  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['disclosure:read'] }],
  ['edit evaluations',             'F  -  F  -  O  -  -  -  -  -  -  -  -  -  F  -  -  -', { act: ['evaluation:write'] }],
];

/** The capabilities of a column of the matrix. */
export function capabilitiesOf(column: MatrixColumn): Capability[] {
  const position = MATRIX_COLUMNS.indexOf(column);
  const found = new Set<Capability>();
  for (const [, marks, { read = [], act = [], full = [] }] of MATRIX) {
    const mark = marks.split(/\s+/)[position];
    const gives =
      mark === 'F' ? [...read, ...act, ...full] : mark === 'O' ? [...read, ...act] : mark === 'R' ? read : [];
    for (const capability of gives) found.add(capability);
  }
  return CAPABILITIES.filter((capability) => found.has(capability));
}

/** True for a capability that changes nothing. Building a report changes nobody's record. */
export const onlyReads = (capability: string): boolean =>
  /:read$/.test(capability) || capability === 'student:locate' || capability === 'report:build';
