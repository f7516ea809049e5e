import { Entity, Index, PrimaryColumn } from 'typeorm';
import {
  IdColumn,
  InstantColumn,
  IntColumn,
  JsonColumn,
  LongTextColumn,
  RefColumn,
  StringColumn,
} from '../database/columns';
import { createTable, id, instant, int, json, longText, ref, string } from '../database/migration';

/** A fact that happened to a student, in the order of the student's own sequence. */
@Entity('outbox_event')
@Index('outbox_event_by_student', ['studentId', 'sequence'], { unique: true })
export class OutboxEvent {
  @IdColumn() id: string;
  @RefColumn() studentId: string;
  @IntColumn() sequence: number;
  @StringColumn(60) type: string;
  @JsonColumn() payload: unknown;
  @InstantColumn() createdAt: Date;
}

/** One consumer's copy of an event: OPEN until its effect is committed, PARKED when it kept failing. */
@Entity('outbox_delivery')
@Index('outbox_delivery_open', ['consumer', 'state', 'notBefore'])
@Index('outbox_delivery_by_student', ['consumer', 'studentId', 'sequence'])
export class OutboxDelivery {
  @IdColumn() id: string;
  @RefColumn() eventId: string;
  @StringColumn(40) consumer: string;
  @RefColumn() studentId: string;
  @IntColumn() sequence: number;
  @StringColumn(10) state: 'OPEN' | 'DONE' | 'PARKED';
  @IntColumn() attempts: number;
  /** Not tried before this instant: the lease of whoever is at it, or the pause after a failure. */
  @InstantColumn() notBefore: Date;
  @LongTextColumn({ nullable: true }) lastError: string | null;
}

/** Events whose effect a consumer has committed: what makes a second delivery harmless. */
@Entity('inbox')
export class Inbox {
  @PrimaryColumn({ type: 'varchar', length: 40 }) consumer: string;
  @PrimaryColumn({ type: 'varchar', length: 64 }) eventId: string;
}

export const outboxTables = [OutboxEvent, OutboxDelivery, Inbox];

export const outboxMigrations = [
  createTable(1764000000101, 'outbox_event', {
    columns: { id: id(), student_id: ref(), sequence: int(), type: string(60), payload: json(), created_at: instant() },
    unique: { outbox_event_by_student: ['student_id', 'sequence'] },
  }),
  createTable(1764000000102, 'outbox_delivery', {
    columns: {
      id: id(),
      event_id: ref(),
      consumer: string(40),
      student_id: ref(),
      sequence: int(),
      state: string(10),
      attempts: int(),
      not_before: instant(),
      last_error: longText({ nullable: true }),
    },
    indexes: {
      outbox_delivery_open: ['consumer', 'state', 'not_before'],
      outbox_delivery_by_student: ['consumer', 'student_id', 'sequence'],
    },
  }),
  createTable(1764000000103, 'inbox', {
    columns: { consumer: string(40), event_id: ref() },
    primaryKey: ['consumer', 'event_id'],
  }),
];
