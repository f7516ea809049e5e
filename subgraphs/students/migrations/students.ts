import {
  addColumn,
  alike,
  bool,
  createTable,
  createView,
  day,
  editVersion,
  id,
  instant,
  json,
  type MigrationClass,
  ref,
  refuseReplacing,
  refusingTrigger,
  statement,
  string,
} from '../../../platform/database/migration';
import { listingFollows } from '../../../platform/scope/student-listing';

const refuse = (timestamp: number, table: string, act: 'UPDATE' | 'DELETE', message: string): MigrationClass =>
  statement(
    timestamp,
    `Refuse_${act.toLowerCase()}_${table}`,
    refusingTrigger(`${table}_no_${act.toLowerCase()}`, act, table, message),
  );

const optional = { nullable: true };

const tables: MigrationClass[] = [
  createTable(1764100000101, 'student', {
    columns: {
      id: id(),
      state_id: string(20),
      local_id: string(20, optional),
      first_name: string(60),
      middle_name: string(60, optional),
      last_name: string(60),
      date_of_birth: day(),
      gender: string(10),
      grade_level: string(10),
      language: string(40, optional),
      status: string(30),
      hidden: bool(),
      last_activity_on: day(),
      search_key: string(160),
      version: editVersion(),
    },
    unique: { student_by_state_id: ['state_id'] },
    indexes: { student_by_name: ['search_key', 'id'], student_by_birth: ['date_of_birth', 'search_key'] },
  }),
  createTable(1764100000102, 'guardian', {
    columns: {
      id: id(),
      student_id: ref(),
      title: string(20, optional),
      first_name: string(60),
      last_name: string(60),
      suffix: string(20, optional),
      relationship: string(20),
      phone: string(30, optional),
      email: string(120, optional),
      address: string(200, optional),
      language: string(40, optional),
      educational_rights: bool(),
      version: editVersion(),
    },
    indexes: { guardian_by_student: ['student_id'] },
  }),
  createTable(1764100000103, 'jurisdiction', {
    columns: {
      id: id(),
      student_id: ref(),
      lea_id: ref(),
      school_id: ref(),
      selpa_id: ref(optional),
      state_org_id: ref(),
      local_id: string(20, optional),
      begin_date: day(),
      end_date: day(optional),
      open_of: ref(optional),
    },
    unique: { jurisdiction_one_open: ['open_of'] },
    indexes: {
      jurisdiction_by_student: ['student_id', 'begin_date'],
      jurisdiction_by_lea: ['lea_id', 'student_id'],
      jurisdiction_by_school: ['school_id', 'student_id'],
    },
  }),
  createTable(1764100000104, 'school_period', {
    columns: {
      id: id(),
      student_id: ref(),
      jurisdiction_id: ref(),
      school_id: ref(),
      begin_date: day(),
      end_date: day(optional),
    },
    indexes: {
      school_period_by_student: ['student_id', 'begin_date'],
      school_period_by_jurisdiction: ['jurisdiction_id'],
    },
  }),
  createTable(1764100000105, 'student_status_entry', {
    columns: {
      id: id(),
      student_id: ref(),
      status: string(30),
      effective_on: day(),
      source: string(20),
      exit_reason: string(40, optional),
      non_participation_reason: string(40, optional),
      prior_written_notice_on: day(optional),
      note: string(500, optional),
      corrects_id: ref(optional),
      recorded_at: instant(),
      recorded_by: string(64),
    },
    indexes: { student_status_entry_by_student: ['student_id', 'recorded_at'] },
  }),
  createTable(1764100000106, 'sped_activity', {
    columns: {
      id: id(),
      student_id: ref(),
      entry_on: day(),
      exit_on: day(optional),
      exit_reason: string(40, optional),
      iep_id: ref(optional),
      open_of: ref(optional),
    },
    unique: { sped_activity_one_open: ['open_of'] },
    indexes: { sped_activity_by_student: ['student_id', 'entry_on'] },
  }),
  createTable(1764100000107, 'student_request', {
    columns: {
      id: id(),
      kind: string(30),
      state: string(20),
      student_id: ref(optional),
      lea_id: ref(),
      selpa_id: ref(optional),
      requested_by: string(64),
      requested_as: string(64),
      requested_at: instant(),
      proposal: json(),
      decided_by: string(64, optional),
      decided_at: instant(optional),
      note: string(500, optional),
      version: editVersion(),
    },
    indexes: {
      student_request_by_lea: ['lea_id', 'state', 'id'],
      student_request_by_selpa: ['selpa_id', 'state', 'id'],
      student_request_by_requester: ['requested_by', 'id'],
    },
  }),
  refuse(1764100000111, 'student_status_entry', 'UPDATE', 'A status entry is never changed: append a new one'),
  refuse(1764100000112, 'student_status_entry', 'DELETE', 'A status entry is never removed: append a new one'),
];

/** Days that date entries for their readers: of what is on file, the entry's own. */
const scopeDates: MigrationClass[] = [
  addColumn(1766200000001, 'student_status_entry', 'scope_date', day(optional)),
  statement(
    1766200000002,
    'Drop_student_status_entry_no_update_',
    alike('DROP TRIGGER student_status_entry_no_update'),
  ),
  statement(
    1766200000003,
    'Fill_student_status_entry_scope_date_',
    alike('/* scope:system:migration */ UPDATE student_status_entry SET scope_date = effective_on'),
  ),
  refuse(1766200000004, 'student_status_entry', 'UPDATE', 'A status entry is never changed: append a new one'),
  addColumn(1766200000005, 'sped_activity', 'scope_date', day(optional)),
  statement(
    1766200000006,
    'Fill_sped_activity_scope_date_',
    alike('/* scope:system:migration */ UPDATE sped_activity SET scope_date = entry_on'),
  ),
];

const keeping: MigrationClass[] = [
  refuseReplacing(
    1768400000011,
    'INSERT',
    'student_status_entry',
    [['id']],
    'A status entry is never removed: append a new one',
  ),
];

const views: MigrationClass[] = [
  createView(
    1764910000001,
    'pub_student',
    'SELECT id, state_id, local_id, first_name, last_name, date_of_birth, gender, grade_level, status, hidden FROM student',
  ),
  createView(
    1764910000002,
    'pub_jurisdiction',
    'SELECT id, student_id, lea_id, school_id, selpa_id, state_org_id, begin_date, end_date FROM jurisdiction',
  ),
];

/** Claims that can be withdrawn, and the id in the district, which is each LEA's own. */
const claims: MigrationClass[] = [
  addColumn(1768200000101, 'jurisdiction', 'took_from_id', ref(optional)),
  addColumn(1768200000102, 'jurisdiction', 'withdrawn_at', instant(optional)),
  addColumn(1768200000103, 'jurisdiction', 'withdrawn_by', string(64, optional)),
  statement(1768200000104, 'Drop_pub_jurisdiction', alike('DROP VIEW pub_jurisdiction')),
  createView(
    1768200000105,
    'pub_jurisdiction',
    'SELECT id, student_id, lea_id, school_id, selpa_id, state_org_id, begin_date, end_date FROM jurisdiction WHERE withdrawn_at IS NULL',
  ),
  // Of a student whom another LEA has taken over since, the id on file may be the former LEA's: one that the present period has stays.
  statement(
    1768200000106,
    'Move_student_local_id',
    alike(
      '/* scope:system:migration */ UPDATE jurisdiction SET local_id =' +
        ' (SELECT s.local_id FROM student s WHERE s.id = jurisdiction.student_id) WHERE student_id IN' +
        ' (SELECT o.student_id FROM (SELECT student_id FROM jurisdiction GROUP BY student_id HAVING COUNT(*) = 1) o)',
    ),
  ),
  statement(
    1768200000107,
    'Move_present_local_id',
    alike(
      '/* scope:system:migration */ UPDATE jurisdiction SET local_id =' +
        ' (SELECT s.local_id FROM student s WHERE s.id = jurisdiction.student_id)' +
        ' WHERE local_id IS NULL AND begin_date <= CURRENT_DATE AND (end_date IS NULL OR end_date >= CURRENT_DATE)',
    ),
  ),
  statement(1768200000108, 'Drop_pub_student', alike('DROP VIEW pub_student')),
  createView(
    1768200000109,
    'pub_student',
    'SELECT id, state_id, first_name, last_name, date_of_birth, gender, grade_level, status, hidden FROM student',
  ),
  statement(1768200000111, 'Drop_student_local_id', alike('ALTER TABLE student DROP COLUMN local_id')),
];

const orders: MigrationClass[] = [
  statement(
    1770000000001,
    'Create_student_by_grade',
    alike('CREATE INDEX student_by_grade ON student (grade_level, search_key, id)'),
  ),
  statement(1770000000002, 'Drop_student_by_birth', {
    sqlite: 'DROP INDEX student_by_birth',
    mysql: 'DROP INDEX student_by_birth ON student',
  }),
  // With the id, which SQLite's indexes don't hold: without it the order was found by sorting everybody.
  statement(
    1770000000003,
    'Create_student_by_birth',
    alike('CREATE INDEX student_by_birth ON student (date_of_birth, search_key, id)'),
  ),
  statement(
    1770000000110,
    'Create_jurisdiction_by_local_id',
    alike('CREATE INDEX jurisdiction_by_local_id ON jurisdiction (local_id, student_id)'),
  ),
];

/** Tables of identity, guardians, jurisdiction, status and requests, and what other subgraphs may read of them. */
export const studentMigrations: MigrationClass[] = [
  ...tables,
  ...scopeDates,
  ...keeping,
  ...views,
  ...claims,
  ...orders,
  ...listingFollows(1771000000011, 'name_sort', 'student', 'search_key'),
];
