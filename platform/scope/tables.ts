import { Entity, Index, PrimaryColumn } from 'typeorm';
import { DayColumn, IdColumn, InstantColumn, IntColumn, RefColumn, StringColumn } from '../database/columns';
import { addColumn, alike, createTable, day, id, instant, int, ref, statement, string } from '../database/migration';

/**
 * Who may see which student, and why: the one relation that row scope is computed from (architecture, section 4).
 * A row counts while it is open today and not revoked.
 */
@Entity('student_access')
@Index('student_access_by_student', ['studentId', 'relation', 'grantee'])
// With everything that decides whether a row counts: a list of all students of a grantee reads no other page.
@Index('student_access_by_grantee', ['grantee', 'relation', 'studentId', 'validFrom', 'validTo', 'revokedAt', 'leaId'])
export class StudentAccess {
  @IdColumn() id: string;
  @RefColumn() studentId: string;
  /** `STATE:…`, `SELPA:…`, `LEA:…`, `SCHOOL:…`, `STAFF:…` or `AGENCY:…`. */
  @StringColumn(80) grantee: string;
  @StringColumn(20) relation: string;
  /** The LEA through which the right came. */
  @RefColumn({ nullable: true }) leaId: string | null;
  @DayColumn() validFrom: string;
  /** Planned last day, inclusive. */
  @DayColumn({ nullable: true }) validTo: string | null;
  /** The last day that was planned for the right itself. A claim for a coming day ends it earlier, until it is withdrawn. */
  @DayColumn({ nullable: true }) plannedTo: string | null;
  /** The instant at which the right was taken away: ends it at once, whatever the days say. */
  @InstantColumn({ nullable: true }) revokedAt: Date | null;
}

/** The version of a subject's rights. Every change of an account, role, grant or partner bumps it in its own transaction. */
@Entity('principal_epoch')
export class PrincipalEpoch {
  @PrimaryColumn({ type: 'varchar', length: 64 }) subject: string;
  @IntColumn() epoch: number;
}

/** The row that transactions on one student take first (architecture, section 5), and the sequence of its events. */
@Entity('student_lock')
export class StudentLock {
  @PrimaryColumn({ type: 'varchar', length: 64 }) studentId: string;
  @IntColumn() sequence: number;
}

/** Ids of mutations that were accepted: a signed Principal on a mutation counts once. */
@Entity('seen_request')
@Index('seen_request_by_time', ['seenAt'])
export class SeenRequest {
  @PrimaryColumn({ type: 'varchar', length: 160 }) requestId: string;
  @InstantColumn() seenAt: Date;
}

export const scopeTables = [StudentAccess, PrincipalEpoch, StudentLock, SeenRequest];

const FILL_PLANNED_TO = '/* scope:system:migration */ UPDATE student_access SET planned_to = valid_to';

export const scopeMigrations = [
  createTable(1764000000001, 'student_access', {
    columns: {
      id: id(),
      student_id: ref(),
      grantee: string(80),
      relation: string(20),
      lea_id: ref({ nullable: true }),
      valid_from: day(),
      valid_to: day({ nullable: true }),
      revoked_at: instant({ nullable: true }),
    },
    indexes: {
      student_access_by_student: ['student_id', 'relation', 'grantee'],
      student_access_by_grantee: ['grantee', 'relation', 'student_id'],
    },
  }),
  createTable(1764000000002, 'principal_epoch', {
    columns: { subject: { ...string(64), isPrimary: true }, epoch: int() },
  }),
  createTable(1764000000003, 'student_lock', {
    columns: { student_id: { ...string(64), isPrimary: true }, sequence: int() },
  }),
  createTable(1764000000004, 'seen_request', {
    columns: { request_id: { ...string(160), isPrimary: true }, seen_at: instant() },
    indexes: { seen_request_by_time: ['seen_at'] },
  }),
  addColumn(1768200000001, 'student_access', 'planned_to', day({ nullable: true })),
  statement(1768200000002, 'Fill_student_access_planned_to', {
    sqlite: FILL_PLANNED_TO,
    mysql: FILL_PLANNED_TO,
  }),
  statement(1770000000120, 'Drop_student_access_by_grantee', {
    sqlite: 'DROP INDEX student_access_by_grantee',
    mysql: 'DROP INDEX student_access_by_grantee ON student_access',
  }),
  statement(
    1770000000121,
    'Create_student_access_by_grantee',
    alike(
      'CREATE INDEX student_access_by_grantee ON student_access (grantee, relation, student_id, valid_from, valid_to, revoked_at, lea_id)',
    ),
  ),
];
