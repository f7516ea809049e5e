import { Entity, Index } from 'typeorm';
import { IdColumn, InstantColumn, IntColumn, JsonColumn, RefColumn, StringColumn } from '../database/columns';
import { createTable, id, instant, int, json, ref, string } from '../database/migration';

/** One entry of the append-only log: a request at the gateway, or the disclosure of one subgraph fetch. Chained per writer. */
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

export const auditTables = [AuditEntry];

export const auditMigrations = [
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
];
