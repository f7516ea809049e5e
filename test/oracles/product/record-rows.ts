/** Ids of everything that a perspective may come upon, by type of the schema: from the tables of the facts. */
import type { Perspective } from './perspectives';
import { DECIDING } from './relations';
import type { RowsFromFacts, Visible, Window } from './rows-from-facts';

interface RecordTable {
  table: string;
  /** Columns of the day, or of the period, by which a former owner sees the row; without, it sees none. */
  days?: readonly [from: string, to?: string];
  /** The type above it, and the column that names its row: what is not shown hides what hangs on it. */
  below?: readonly [type: string, column: string];
  where?: (today: string) => string;
}

const scopeDay = ['scope_date'] as const;
const inIep = ['Iep', 'iep_id'] as const;

/** Everything that hangs on a student, a type before what is below it. */
const TABLES: Readonly<Record<string, RecordTable>> = {
  Guardian: { table: 'guardian' },
  Jurisdiction: {
    table: 'jurisdiction',
    days: ['begin_date', 'end_date'],
    // ADR 11: before its first day a claim is shown to nobody, and one that was withdrawn never.
    where: (today) => `withdrawn_at IS NULL AND begin_date <= '${today}'`,
  },
  SchoolPeriod: {
    table: 'school_period',
    days: ['begin_date', 'end_date'],
    below: ['Jurisdiction', 'jurisdiction_id'],
  },
  StudentStatusEntry: { table: 'student_status_entry', days: scopeDay },
  SpedActivity: { table: 'sped_activity', days: scopeDay },
  Iep: { table: 'iep', days: scopeDay },
  Goal: { table: 'iep_goal', days: scopeDay, below: inIep },
  GoalProgress: { table: 'goal_progress', days: scopeDay, below: ['Goal', 'goal_id'] },
  IepForm: { table: 'iep_form', days: scopeDay, below: inIep },
  SignedCopy: { table: 'iep_signed_copy', days: scopeDay, below: inIep },
  RedWindowOverride: { table: 'red_window_override', days: ['overridden_on'], below: inIep },
  Evaluation: { table: 'evaluation', days: scopeDay },
  Service: { table: 'student_service', days: ['start_date', 'end_date'] },
  ProviderAssignment: { table: 'provider_assignment' },
  FirstAttend: { table: 'first_attend' },
  StudentAccessGrant: { table: 'student_access_grant' },
  // What `explainAccess` shows: the rows themselves, to whom the facts show the student or a period.
  AccessRow: { table: 'student_access', days: ['valid_from', 'valid_to'] },
};

/** Types by other names: forms by their kind, caseloads of assignments. */
export const typeOf = (typename: string): string =>
  typename.endsWith('Form') ? 'IepForm' : typename === 'CaseloadEntry' ? 'ProviderAssignment' : typename;

/** Types with ids that are shown beyond the students in scope, by rules that have tests of their own. */
export const BESIDE_ROWS: ReadonlySet<string> = new Set([
  'Account',
  'Disclosure',
  'ManagerDesignation',
  'Organization',
  'Perspective',
  'Provider',
  'ReportDefinition',
  'RoleGrant',
  'ValidationRule',
]);

export type Rows = ReadonlyMap<string, ReadonlySet<string>>;

interface Row {
  id: string;
  student: string;
  since: string | null;
  until: string | null;
  above: string | null;
}

/** @param visible what `visibleTo` says of the perspective */
export async function rowsOf(facts: RowsFromFacts, perspective: Perspective, visible: Visible): Promise<Rows> {
  const found = new Map<string, ReadonlySet<string>>();
  found.set('Student', new Set([...visible.students, ...visible.periods.keys()]));
  const today = facts.today(perspective.organizationId);
  for (const [type, { table, days, below, where }] of Object.entries(TABLES)) {
    const [from = 'NULL', to = from] = days ?? [];
    const rows = await facts.rows<Row>(
      `SELECT id, student_id AS student, ${from} AS since, ${to} AS until, ${below?.[1] ?? 'NULL'} AS above FROM ${table}` +
        ` WHERE ${where?.(today) ?? '1 = 1'}`,
    );
    const shown = rows.filter(
      (row) =>
        (!below || found.get(below[0])!.has(row.above!)) &&
        (visible.students.has(row.student) || liesIn(row, visible.periods.get(row.student) ?? [])),
    );
    found.set(type, new Set(shown.map(({ id }) => id)));
  }
  found.set('Document', await documents(facts, found));
  if (await facts.isOpen(perspective)) await addQueues(facts, perspective, found);
  return found;
}

const liesIn = ({ since, until }: Row, windows: readonly Window[]): boolean =>
  since !== null && windows.some(([from, to]) => since <= to! && (until === null || until >= from));

/** Prints and scans go with the IEP or the copy that they are of. */
async function documents(facts: RowsFromFacts, found: Rows): Promise<Set<string>> {
  const prints = await facts.rows<{ id: string; iep: string }>('SELECT id, iep_id AS iep FROM iep_document');
  const scans = await facts.rows<{ id: string; copy: string }>(
    'SELECT document_id AS id, id AS copy FROM iep_signed_copy',
  );
  return new Set([
    ...prints.filter(({ iep }) => found.get('Iep')!.has(iep)).map(({ id }) => id),
    ...scans.filter(({ copy }) => found.get('SignedCopy')!.has(copy)).map(({ id }) => id),
    ...[...found.get('Iep')!].map((id) => `print-${id}`),
  ]);
}

/** What hangs on the caller or its organization: requests (SEIS-02), partner grants, own reports. */
async function addQueues(
  facts: RowsFromFacts,
  { accountId, id: perspective, organizationId, role }: Perspective,
  found: Map<string, ReadonlySet<string>>,
): Promise<void> {
  const ids = async (sql: string, parameters: unknown[]): Promise<Set<string>> =>
    new Set((await facts.rows<{ id: string }>(sql, parameters)).map(({ id }) => id));
  const queue = DECIDING.has(role) ? organizationId : '';
  found.set(
    'Request',
    await ids(
      'SELECT id FROM student_request WHERE (requested_by = ? AND requested_as = ?) OR lea_id = ? OR selpa_id = ?',
      [accountId, perspective, queue, queue],
    ),
  );
  found.set(
    'ReportRun',
    await ids('SELECT id FROM report_run WHERE owner = ? AND perspective = ?', [accountId, perspective]),
  );
  const below = [...(await organizationsBelow(facts, organizationId))];
  found.set(
    'PartnerGrant',
    await ids(
      `SELECT id FROM partner_grant WHERE grantor_organization_id IN (${below.map(() => '?').join(', ')})`,
      below,
    ),
  );
}

/** An organization and all below it. */
export async function organizationsBelow(facts: RowsFromFacts, organizationId: string): Promise<ReadonlySet<string>> {
  const rows = await facts.rows<{ id: string; parent: string | null }>(
    'SELECT id, parent_id AS parent FROM organization',
  );
  const found = new Set([organizationId]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { id, parent } of rows) if (parent && found.has(parent)) found.add(id);
  }
  return found;
}
