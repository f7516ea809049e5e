import {
  addColumn,
  bool,
  createTable,
  createView,
  day,
  editVersion,
  id,
  instant,
  int,
  json,
  ref,
  statement,
  string,
} from '../../../platform/database/migration';

const FILL_PLANNED_TO = '/* scope:system:migration */ UPDATE provider_assignment SET planned_to = valid_to';

/** Tables of the services subgraph. */
export const serviceTables = [
  createTable(1764300000001, 'provider', {
    columns: {
      id: id(),
      account_id: ref({ nullable: true }),
      display_name: string(160),
      search_name: string(160),
      kind: string(20),
      organization_id: ref(),
      agency_id: ref({ nullable: true }),
      service_codes: json({ nullable: true }),
      active: bool(),
      staff_id_hash: string(64, { nullable: true }),
      staff_id_last_four: string(4, { nullable: true }),
    },
    indexes: {
      provider_by_organization: ['organization_id', 'search_name'],
      provider_by_account: ['account_id'],
      provider_by_staff_id: ['staff_id_hash'],
    },
  }),
  createTable(1764300000002, 'student_service', {
    columns: {
      id: id(),
      student_id: ref(),
      iep_id: ref({ nullable: true }),
      lea_id: ref(),
      code: string(10),
      state: string(12),
      provider_id: ref({ nullable: true }),
      frequency: string(10),
      minutes: int(),
      delivery: string(12),
      location: string(80, { nullable: true }),
      recipient: string(10),
      start_date: day(),
      end_date: day({ nullable: true }),
      do_not_report: bool(),
      parent_service_id: ref({ nullable: true }),
      termination_reason: string(20, { nullable: true }),
      version: editVersion(),
    },
    indexes: {
      student_service_by_student: ['student_id', 'state', 'start_date'],
      student_service_by_iep: ['iep_id'],
      student_service_by_provider: ['provider_id', 'state'],
      student_service_by_parent: ['parent_service_id'],
    },
  }),
  createTable(1764300000003, 'planned_service', {
    columns: { id: id(), student_id: ref(), iep_id: ref(), service_id: ref() },
    unique: { planned_service_by_plan: ['iep_id', 'service_id'] },
    indexes: { planned_service_by_service: ['service_id'], planned_service_by_student: ['student_id'] },
  }),
  createTable(1764300000004, 'provider_assignment', {
    columns: {
      id: id(),
      student_id: ref(),
      provider_id: ref(),
      account_id: ref({ nullable: true }),
      role: string(12),
      lea_id: ref(),
      service_id: ref({ nullable: true }),
      valid_from: day(),
      valid_to: day({ nullable: true }),
      revoked_at: instant({ nullable: true }),
      source: string(12),
    },
    indexes: {
      provider_assignment_by_student: ['student_id', 'role'],
      provider_assignment_by_account: ['account_id', 'role', 'student_id'],
      provider_assignment_by_provider: ['provider_id', 'student_id'],
      provider_assignment_by_service: ['service_id'],
    },
  }),
  createTable(1764300000005, 'first_attend', {
    columns: {
      id: id(),
      student_id: ref(),
      service_id: ref(),
      provider_id: ref(),
      attended_on: day(),
      reported_at: instant(),
      confirmation_number: string(20),
    },
    unique: { first_attend_by_service: ['service_id'], first_attend_by_confirmation: ['confirmation_number'] },
    indexes: { first_attend_by_student: ['student_id'], first_attend_by_time: ['reported_at'] },
  }),
  addColumn(1766400000001, 'provider', 'version', editVersion()),
  // Nothing wrote staff numbers before: there are no doubles to sort out.
  statement(1766400000002, 'Drop_provider_by_staff_id', {
    sqlite: 'DROP INDEX provider_by_staff_id',
    mysql: 'DROP INDEX provider_by_staff_id ON provider',
  }),
  statement(1766400000003, 'Unique_provider_by_staff_id', {
    sqlite: 'CREATE UNIQUE INDEX provider_by_staff_id ON provider (staff_id_hash)',
    mysql: 'CREATE UNIQUE INDEX provider_by_staff_id ON provider (staff_id_hash)',
  }),
  addColumn(1768200000201, 'provider_assignment', 'planned_to', day({ nullable: true })),
  statement(1768200000202, 'Fill_provider_assignment_planned_to', {
    sqlite: FILL_PLANNED_TO,
    mysql: FILL_PLANNED_TO,
  }),
];

/** What other subgraphs may read. */
export const serviceViews = [
  createView(
    1764930000001,
    'pub_service',
    'SELECT id, student_id, iep_id, lea_id, code, state, do_not_report, parent_service_id, frequency, minutes, delivery, location, provider_id,' +
      ' start_date, end_date FROM student_service',
  ),
  createView(
    1764930000002,
    'pub_assignment',
    'SELECT id, student_id, provider_id, account_id, role, lea_id, valid_from, valid_to, revoked_at FROM provider_assignment',
  ),
  createView(
    1764930000003,
    'pub_provider',
    'SELECT id, account_id, display_name, kind, organization_id, active FROM provider',
  ),
];
