import {
  bool,
  createTable,
  day,
  id,
  instant,
  int,
  type MigrationClass,
  ref,
  string,
} from '../../platform/database/migration';

const optional = { nullable: true };

/** The views of the other subgraphs as small tables with the contract's columns, for tests of this subgraph alone. */
export const publishedTables: MigrationClass[] = [
  createTable(1764990000001, 'pub_student', {
    columns: {
      id: id(),
      state_id: string(40),
      first_name: string(80),
      last_name: string(80),
      date_of_birth: day(),
      gender: string(10, optional),
      grade_level: string(10, optional),
      status: string(40),
      hidden: bool(),
    },
  }),
  createTable(1764990000002, 'pub_jurisdiction', {
    columns: {
      id: id(),
      student_id: ref(),
      lea_id: ref(),
      school_id: ref(optional),
      selpa_id: ref(optional),
      state_org_id: ref(),
      begin_date: day(),
      end_date: day(optional),
    },
  }),
  createTable(1764990000003, 'pub_organization', { columns: { id: id(), name: string(120), kind: string(20) } }),
  createTable(1764990000004, 'pub_iep', {
    columns: {
      id: id(),
      student_id: ref(),
      state: string(40),
      kind: string(40),
      parent_iep_id: ref(optional),
      reactivates_iep_id: ref(optional),
      meeting_date: day(optional),
      held_on: day(optional),
      opened_on: day(optional),
      affirmed_on: day(optional),
      plan_review_date: day(optional),
      primary_disability: string(10, optional),
      federal_environment: string(20, optional),
      case_open_findings: int(optional),
      version: int(),
    },
  }),
  createTable(1764990000005, 'pub_evaluation', {
    columns: { id: id(), student_id: ref(), kind: string(30), completed_on: day(optional) },
  }),
  createTable(1764990000006, 'pub_service', { columns: { id: id(), student_id: ref(), state: string(20) } }),
  createTable(1764990000007, 'pub_assignment', {
    columns: {
      id: id(),
      student_id: ref(),
      provider_id: ref(),
      account_id: ref(optional),
      role: string(20),
      lea_id: ref(optional),
      valid_from: day(),
      valid_to: day(optional),
      revoked_at: instant(optional),
    },
  }),
  createTable(1764990000008, 'pub_provider', { columns: { id: id(), display_name: string(120) } }),
];
