import { insertValues } from '../../../platform/database/insert-rows';
import { addDays, type CalendarDay } from '../../../platform/dates';
import { newId } from '../../../platform/ids';
import type { AccessRelation } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import { ownersOf, schoolRow } from '../jurisdiction/jurisdiction-access';
import { searchKey } from './search-text';

/** A student with everything that this subgraph keeps about one, for seeds and imports. Ids are given by the caller. */
export interface StudentBundle {
  id: string;
  stateId: string;
  localId?: string | null;
  firstName: string;
  middleName?: string | null;
  lastName: string;
  dateOfBirth: CalendarDay;
  gender: 'F' | 'M' | 'X';
  gradeLevel: string;
  language?: string | null;
  /** The session's today when left out. */
  lastActivityOn?: CalendarDay;
  guardians: GuardianBundle[];
  /** In order, without gaps; all but the last have an end. */
  jurisdictions: JurisdictionBundle[];
  /** In order; the last one holds. */
  statuses: StatusBundle[];
  spedActivities: SpedActivityBundle[];
  /** Further LEA relations (reporting, accountability, residence, location) from the last jurisdiction's begin on. */
  relations?: {
    relation: Extract<AccessRelation, 'REPORTING' | 'ACCOUNTABILITY' | 'RESIDENCE' | 'LOCATION'>;
    leaId: string;
  }[];
}

export interface GuardianBundle {
  id: string;
  firstName: string;
  lastName: string;
  /** A `GuardianRelationship`. */
  relationship: string;
  phone?: string | null;
  email?: string | null;
  address?: string | null;
  language?: string | null;
  educationalRights?: boolean;
}

export interface JurisdictionBundle {
  id: string;
  leaId: string;
  selpaId: string | null;
  stateOrgId: string;
  schoolId: string;
  /** SCHOOL when left out. */
  schoolKind?: 'SCHOOL' | 'NPS' | 'PRIVATE_SCHOOL';
  localId?: string | null;
  beginDate: CalendarDay;
  endDate?: CalendarDay | null;
}

export interface StatusBundle {
  id: string;
  /** A `StudentStatus`. */
  status: string;
  effectiveOn: CalendarDay;
  exitReason?: string | null;
  nonParticipationReason?: string | null;
  priorWrittenNoticeOn?: CalendarDay | null;
}

export interface SpedActivityBundle {
  id: string;
  entryOn: CalendarDay;
  exitOn?: CalendarDay | null;
  exitReason?: string | null;
  iepId?: string | null;
}

type Row = (string | number | null)[];

/**
 * Inserts students with their guardians, jurisdictions, statuses, sped activities, locks and rights, a few hundred rows per
 * statement. For a system session; checks no rules and emits no events: what follows from the students is rebuilt.
 */
export async function loadStudents(session: Session, bundles: StudentBundle[]): Promise<void> {
  const each = <T>(pick: (bundle: StudentBundle) => T[]): T[] => bundles.flatMap(pick);
  await insertValues(
    session,
    'student_lock',
    ['student_id', 'sequence'],
    bundles.map(({ id }) => [id, 0]),
  );
  await insertValues(
    session,
    'student',
    STUDENT_COLUMNS,
    bundles.map((bundle) => studentRow(bundle, session.today)),
  );
  await insertValues(session, 'guardian', GUARDIAN_COLUMNS, each(guardianRows));
  await insertValues(session, 'jurisdiction', JURISDICTION_COLUMNS, each(jurisdictionRows));
  await insertValues(session, 'school_period', SCHOOL_PERIOD_COLUMNS, each(schoolPeriodRows));
  await insertValues(
    session,
    'student_status_entry',
    STATUS_COLUMNS,
    each((bundle) => statusRows(bundle, session)),
  );
  await insertValues(session, 'sped_activity', SPED_COLUMNS, each(spedRows));
  await insertValues(session, 'student_access', ACCESS_COLUMNS, each(accessRows));
}

const STUDENT_COLUMNS = [
  'id',
  'state_id',
  'first_name',
  'middle_name',
  'last_name',
  'date_of_birth',
  'gender',
  'grade_level',
  'language',
  'status',
  'hidden',
  'last_activity_on',
  'search_key',
  'version',
];
function studentRow(s: StudentBundle, today: CalendarDay): Row {
  const status = s.statuses.at(-1)?.status ?? 'REFERRED';
  return [
    s.id,
    s.stateId,
    s.firstName,
    s.middleName ?? null,
    s.lastName,
    s.dateOfBirth,
    s.gender,
    s.gradeLevel,
    s.language ?? null,
    status,
    status === 'INACTIVE_NOT_REPORTED' ? 1 : 0,
    s.lastActivityOn ?? today,
    searchKey(s.lastName, s.firstName),
    1,
  ];
}

const GUARDIAN_COLUMNS = [
  'id',
  'student_id',
  'first_name',
  'last_name',
  'relationship',
  'phone',
  'email',
  'address',
  'language',
  'educational_rights',
  'version',
];
const guardianRows = ({ id, guardians }: StudentBundle): Row[] =>
  guardians.map((g) => [
    g.id,
    id,
    g.firstName,
    g.lastName,
    g.relationship,
    g.phone ?? null,
    g.email ?? null,
    g.address ?? null,
    g.language ?? null,
    g.educationalRights === false ? 0 : 1,
    1,
  ]);

const JURISDICTION_COLUMNS = [
  'id',
  'student_id',
  'lea_id',
  'school_id',
  'selpa_id',
  'state_org_id',
  'local_id',
  'begin_date',
  'end_date',
  'open_of',
];
/** The student's own local id is that of the last period. */
const jurisdictionRows = ({ id, jurisdictions, localId }: StudentBundle): Row[] =>
  jurisdictions.map((j) => [
    j.id,
    id,
    j.leaId,
    j.schoolId,
    j.selpaId,
    j.stateOrgId,
    j.localId ?? (j === jurisdictions.at(-1) ? (localId ?? null) : null),
    j.beginDate,
    j.endDate ?? null,
    j.endDate ? null : id,
  ]);

const SCHOOL_PERIOD_COLUMNS = ['id', 'student_id', 'jurisdiction_id', 'school_id', 'begin_date', 'end_date'];
const schoolPeriodRows = ({ id, jurisdictions }: StudentBundle): Row[] =>
  jurisdictions.map((j) => [newId(), id, j.id, j.schoolId, j.beginDate, j.endDate ?? null]);

const STATUS_COLUMNS = [
  'id',
  'student_id',
  'status',
  'effective_on',
  'scope_date',
  'source',
  'exit_reason',
  'non_participation_reason',
  'prior_written_notice_on',
  'recorded_at',
  'recorded_by',
];
/** Recorded at noon of the day from which they hold, at the latest now: later determinations must come after them. */
function statusRows({ id, statuses }: StudentBundle, { now, principal }: Session): Row[] {
  return statuses.map((s) => {
    const noon = new Date(`${s.effectiveOn}T12:00:00.000Z`);
    const recordedAt = (noon < now ? noon : now).toISOString().replace('T', ' ').replace('Z', '');
    return [
      s.id,
      id,
      s.status,
      s.effectiveOn,
      s.effectiveOn,
      'SEED',
      s.exitReason ?? null,
      s.nonParticipationReason ?? null,
      s.priorWrittenNoticeOn ?? null,
      recordedAt,
      principal.subject,
    ];
  });
}

const SPED_COLUMNS = ['id', 'student_id', 'entry_on', 'scope_date', 'exit_on', 'exit_reason', 'iep_id', 'open_of'];
const spedRows = ({ id, spedActivities }: StudentBundle): Row[] =>
  spedActivities.map((a) => [
    a.id,
    id,
    a.entryOn,
    a.entryOn,
    a.exitOn ?? null,
    a.exitReason ?? null,
    a.iepId ?? null,
    a.exitOn ? null : id,
  ]);

const ACCESS_COLUMNS = ['id', 'student_id', 'grantee', 'relation', 'lea_id', 'valid_from', 'valid_to'];
/** The rights that follow from the chain: an owner that goes on (the state, often the SELPA) has one row for all of it. */
function accessRows({ id, jurisdictions, relations = [] }: StudentBundle): Row[] {
  const open = new Map<string, { grantee: string; leaId: string; from: CalendarDay; to: CalendarDay | null }>();
  const done: Row[] = [];
  const row = (grantee: string, relation: string, leaId: string, from: CalendarDay, to: CalendarDay | null): Row => [
    newId(),
    id,
    grantee,
    relation,
    leaId,
    from,
    to,
  ];
  for (const j of jurisdictions) {
    for (const grantee of ownersOf(j)) {
      const before = open.get(grantee);
      const goesOn =
        before && (grantee.startsWith('STATE:') || (before.to !== null && addDays(before.to, 1) === j.beginDate));
      if (before && !goesOn) done.push(row(grantee, 'JURISDICTION', before.leaId, before.from, before.to));
      open.set(grantee, {
        grantee,
        leaId: goesOn ? before.leaId : j.leaId,
        from: goesOn ? before.from : j.beginDate,
        to: grantee.startsWith('STATE:') ? null : (j.endDate ?? null),
      });
    }
  }
  for (const { grantee, leaId, from, to } of open.values()) done.push(row(grantee, 'JURISDICTION', leaId, from, to));
  const last = jurisdictions.at(-1);
  if (!last || last.endDate) return done;
  const school = schoolRow(id, last.leaId, { id: last.schoolId, kind: last.schoolKind ?? 'SCHOOL' }, last.beginDate);
  done.push(row(school.grantee, school.relation, last.leaId, last.beginDate, null));
  for (const { relation, leaId } of relations)
    done.push(row(`LEA:${leaId}`, relation, last.leaId, last.beginDate, null));
  return done;
}
