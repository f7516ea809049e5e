import { Entity, Index, PrimaryColumn } from 'typeorm';
import {
  BoolColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../database/columns';
import {
  bool,
  createTable,
  id,
  insertOnly,
  instant,
  int,
  json,
  type MigrationClass,
  ref,
  refuseReplacing,
  statement,
  string,
} from '../database/migration';
import type { PublicKey } from './keys';

/** One entry of the append-only log: a request at the gateway, or what its fetches from one process disclosed together. Chained per writer. */
@Entity('audit_entry')
@Index('audit_entry_chain', ['chain', 'position'], { unique: true })
export class AuditEntry {
  @IdColumn() id: string;
  /** The writing process instance. */
  @RefColumn() chain: string;
  @IntColumn() position: number;
  @InstantColumn() at: Date;
  @StringColumn(20) kind: string;
  @JsonColumn() record: unknown;
  /** SHA-256 over the previous entry's hash and this entry. */
  @StringColumn(64) hash: string;
}

/** Which entries disclosed something of a student: how the record of one student is found (34 CFR 99.32). */
@Entity('audit_disclosed_student')
export class AuditDisclosedStudent {
  @PrimaryColumn({ type: 'varchar', length: 64 }) studentId: string;
  /** Ids of entries are in the order of time. */
  @PrimaryColumn({ type: 'varchar', length: 64 }) entryId: string;
  @InstantColumn() at: Date;
}

/** A chain as it was registered when its process started. */
@Entity('audit_chain')
export class AuditChain {
  @IdColumn() id: string;
  /** What the process is, such as `students`. */
  @StringColumn(40) process: string;
  @InstantColumn() startedAt: Date;
  /** Hash of the first entry. */
  @StringColumn(64) headHash: string;
  /** The last checkpoint of the whole log that the process knew at its start, and its hash. 0 and empty for the first. */
  @IntColumn() knownSequence: number;
  @StringColumn(64) knownHash: string;
}

/**
 * A signed statement that a chain stood at this position with this hash. The checkpoints of all chains form one sequence, in
 * which each names the one before it: none can be taken out, and with it no chain.
 */
@Entity('audit_checkpoint')
@Index('audit_checkpoint_by_chain', ['chain', 'position'])
export class AuditCheckpoint {
  @PrimaryColumn({ type: 'integer' }) sequence: number;
  @RefColumn() chain: string;
  @IntColumn() position: number;
  @StringColumn(64) hash: string;
  @InstantColumn() at: Date;
  /** The chain of the process that signed: a process that starts also signs what others left unsigned. */
  @RefColumn() signer: string;
  /** True for the last one of a chain whose process ended in order. */
  @BoolColumn() closes: boolean;
  /** Hash of the checkpoint before it; empty for the first. */
  @StringColumn(64) previous: string;
  @StringColumn(64) keyId: string;
  /** Ed25519, base64url. */
  @StringColumn(100) signature: string;
}

/** Public keys that checkpoints were signed with. The private ones are kept elsewhere (`AUDIT_KEY`). */
@Entity('audit_key')
export class AuditPublicKey {
  /** RFC 7638 thumbprint. */
  @IdColumn() id: string;
  @JsonColumn() publicKey: PublicKey;
  @InstantColumn() createdAt: Date;
}

export const auditTables = [AuditEntry, AuditDisclosedStudent, AuditChain, AuditCheckpoint, AuditPublicKey];
/** Holds which student was shown to whom: touched with a scope marker only. */
export const auditProtected = ['audit_disclosed_student'];

/** What a chain is called that was written before chains were registered. */
export const UNREGISTERED_PROCESS = 'before registration';
const REGISTER_EARLIER_CHAINS =
  'INSERT INTO audit_chain (id, process, started_at, head_hash, known_sequence, known_hash)' +
  ` SELECT chain, '${UNREGISTERED_PROCESS}', at, hash, 0, '' FROM audit_entry WHERE position = 1`;

/** The keys by which a row of the log could be replaced. */
const AUDIT_KEYS: readonly (readonly [table: string, ...keys: string[][]])[] = [
  ['audit_entry', ['id'], ['chain', 'position']],
  ['audit_disclosed_student', ['student_id', 'entry_id']],
  ['audit_chain', ['id']],
  ['audit_checkpoint', ['sequence']],
  ['audit_key', ['id']],
];

export const auditMigrations: MigrationClass[] = [
  createTable(1764000000201, 'audit_entry', {
    columns: {
      id: id(),
      chain: ref(),
      position: int(),
      at: instant(),
      kind: string(20),
      record: json(),
      hash: string(64),
    },
    unique: { audit_entry_chain: ['chain', 'position'] },
  }),
  createTable(1766700000001, 'audit_disclosed_student', {
    columns: { student_id: ref(), entry_id: ref(), at: instant() },
    primaryKey: ['student_id', 'entry_id'],
  }),
  createTable(1766700000002, 'audit_chain', {
    columns: {
      id: id(),
      process: string(40),
      started_at: instant(),
      head_hash: string(64),
      known_sequence: int(),
      known_hash: string(64),
    },
  }),
  createTable(1766700000003, 'audit_checkpoint', {
    columns: {
      sequence: { ...int(), isPrimary: true },
      chain: ref(),
      position: int(),
      hash: string(64),
      at: instant(),
      signer: ref(),
      closes: bool(),
      previous: string(64),
      key_id: string(64),
      signature: string(100),
    },
    indexes: { audit_checkpoint_by_chain: ['chain', 'position'] },
  }),
  createTable(1766700000004, 'audit_key', {
    columns: { id: id(), public_key: json(), created_at: instant() },
  }),
  statement(1766700000005, 'Register_earlier_audit_chains', {
    sqlite: REGISTER_EARLIER_CHAINS,
    mysql: REGISTER_EARLIER_CHAINS,
  }),
  ...insertOnly(1766700000011, 'audit_entry'),
  ...insertOnly(1766700000013, 'audit_disclosed_student'),
  ...insertOnly(1766700000015, 'audit_chain'),
  ...insertOnly(1766700000017, 'audit_checkpoint'),
  ...insertOnly(1766700000019, 'audit_key'),
  ...AUDIT_KEYS.map(([table, ...keys], n) =>
    refuseReplacing(1768400000001 + n, 'INSERT', table, keys, `${table} is insert-only`),
  ),
];
