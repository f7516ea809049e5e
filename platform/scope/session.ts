import type { EntityManager } from 'typeorm';
import { type Clock, today } from '../clock';
import type { CalendarDay } from '../dates';
import type { Engine } from '../database/database';
import type { LearnedColumns } from '../database/learned-columns';
import type { Principal } from '../principal/principal';
import type { EventType } from '../outbox/event';
import { appendEvent } from '../outbox/append';
import { lockStudents } from './student-lock';
import { PrincipalScope, type RowScope, UnlimitedScope } from './row-scope';

/** Reasons for which a service may leave the caller's scope. Each has its own guard and test. */
export type Crossing = 'claim' | 'add' | 'accept-request' | 'leave' | 'locate' | 'load-principal';

/** Students whose records were shown in this request, by class of field: what the disclosure record is made of. */
export class Disclosures {
  private readonly byClass = new Map<string, Set<string>>();
  private readonly said = new Set<string>();
  /** Why the caller looks, in its own words (34 CFR 99.32(a)(3)(ii)). */
  because(purpose: string): void {
    this.said.add(purpose);
  }
  get purposes(): string[] {
    return [...this.said];
  }
  add(fieldClass: string, studentIds: readonly string[]): void {
    if (studentIds.length === 0) return;
    let known = this.byClass.get(fieldClass);
    if (!known) this.byClass.set(fieldClass, (known = new Set()));
    for (const id of studentIds) known.add(id);
  }
  get isEmpty(): boolean {
    return this.byClass.size === 0;
  }
  toJSON(): Record<string, string[]> {
    return Object.fromEntries([...this.byClass].map(([fieldClass, ids]) => [fieldClass, [...ids].sort()]));
  }
}

/** Anything that is made once per session: repositories, services, loaders. */
export type SessionClass<T> = new (session: Session) => T;

export interface SessionOptions {
  manager: EntityManager;
  engine: Engine;
  principal: Principal;
  clock: Clock;
  scope?: RowScope;
  disclosures?: Disclosures;
  /** True inside a write transaction. */
  writing?: boolean;
  /** For statements that read the audit log, which on SQLite is a file of its own. */
  auditReader?: EntityManager;
  /** What is known of the columns that its operation reads; without it rows are read whole. */
  columns?: LearnedColumns;
}

/**
 * What repositories, services and loaders are bound to: a database manager (or one transaction), the caller, the clock and
 * the caller's row scope. `get` makes each of them once per session; nothing is shared between requests.
 */
export class Session {
  readonly manager: EntityManager;
  readonly engine: Engine;
  readonly principal: Principal;
  readonly clock: Clock;
  readonly scope: RowScope;
  readonly disclosures: Disclosures;
  readonly columns?: LearnedColumns;
  private readonly made = new Map<SessionClass<unknown>, unknown>();

  constructor(private readonly options: SessionOptions) {
    this.manager = options.manager;
    this.engine = options.engine;
    this.principal = options.principal;
    this.clock = options.clock;
    this.scope = options.scope ?? new PrincipalScope(options.principal, options.clock);
    this.disclosures = options.disclosures ?? new Disclosures();
    this.columns = options.columns;
  }

  /** The one instance of a repository, service or loader in this session. */
  get<T>(type: SessionClass<T>): T {
    if (!this.made.has(type)) this.made.set(type, new type(this));
    return this.made.get(type) as T;
  }

  /** The manager of the audit log, for reads. */
  get auditReader(): EntityManager {
    if (!this.options.auditReader) throw new Error('This session has no audit log to read.');
    return this.options.auditReader;
  }

  /** Today where the caller's jurisdiction is. */
  get today(): CalendarDay {
    return today(this.clock, this.principal.timeZone);
  }

  get now(): Date {
    return this.clock.now();
  }

  /** The same session without the caller's row limit, for one named reason. */
  crossScope(reason: Crossing): Session {
    return new Session({
      ...this.options,
      scope: new UnlimitedScope(`cross:${reason}`),
      disclosures: this.disclosures,
    });
  }

  /** Takes the locks of the students, in ascending order. First thing in every write that changes one (architecture, section 5). */
  lock(...studentIds: string[]): Promise<void> {
    this.assertWriting();
    return lockStudents(this, studentIds);
  }

  /** Appends an event of a student to the outbox: it is delivered if, and only if, this transaction commits. */
  emit<P extends object>(event: EventType<P>, studentId: string, payload: P): Promise<void> {
    this.assertWriting();
    return appendEvent(this, event, studentId, payload);
  }

  private assertWriting(): void {
    if (!this.options.writing) throw new Error('Only a write transaction can lock or emit.');
  }
}

/** The caller of a process's own work: event consumers, seeds, imports, nightly jobs. It has no rights through a door. */
export function systemPrincipal(reason: string): Principal {
  return {
    subject: `system:${reason}`,
    kind: 'staff',
    displayName: reason,
    perspective: 'system',
    role: 'SYSTEM',
    level: 'state',
    readOnly: false,
    capabilities: [],
    grants: [],
    organizationId: null,
    timeZone: 'America/Los_Angeles',
    epoch: 0,
  };
}

/** A session without row limit for a process's own work. The reason stands in every statement. */
export function systemSession(
  options: { manager: EntityManager; engine: Engine; clock: Clock; writing?: boolean },
  reason: string,
): Session {
  return new Session({ ...options, principal: systemPrincipal(reason), scope: new UnlimitedScope(`system:${reason}`) });
}
