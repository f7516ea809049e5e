import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { Logger } from '../log';
import { type Session, systemSession } from '../scope/session';
import type { DeliveredEvent } from './event';
import { Inbox, OutboxDelivery, OutboxEvent } from './tables';

/** What a subgraph does on an event, inside one transaction together with its inbox row. Must not touch anything else. */
export type EventHandler = (session: Session, event: DeliveredEvent<never>) => Promise<void>;
export type EventHandlers = Record<string, EventHandler>;

export interface DispatcherOptions {
  database: Database;
  clock: Clock;
  log: Logger;
  /** Name of the consuming subgraph. */
  consumer: string;
  handlers: EventHandlers;
  /** Pause between polls; a commit in this process triggers one at once. */
  pollMs?: number;
}

const BATCH = 50;
const LEASE_MS = 30_000;
const MAX_ATTEMPTS = 8;

/**
 * Delivers the outbox to one consumer: per student in order, across students in any order. A failing delivery is tried again
 * with growing pauses and parked after eight attempts; only that student's later events wait for it.
 */
export class Dispatcher {
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = true;
  private timer: NodeJS.Timeout | null = null;
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly options: DispatcherOptions) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.unsubscribe = this.options.database.onCommit(() => this.wake());
    this.timer = setInterval(() => this.wake(), this.options.pollMs ?? 500);
    this.timer.unref();
    this.wake();
  }

  /** Finishes the delivery in hand and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe();
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Delivers until nothing is due. For tests and for `start`. */
  async drain(): Promise<void> {
    while ((await this.deliverBatch()) > 0);
  }

  private wake(): void {
    if (this.stopped) return;
    this.again = true;
    this.running ??= this.loop().finally(() => (this.running = null));
  }

  private async loop(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        while (!this.stopped && (await this.deliverBatch()) > 0);
      } catch (error) {
        this.options.log.error({ err: error, consumer: this.options.consumer }, 'outbox poll failed');
        return;
      }
    }
  }

  private async deliverBatch(): Promise<number> {
    const due = await this.due();
    let delivered = 0;
    for (const delivery of due) if (!this.stopped || this.timer === null) delivered += await this.deliver(delivery.id);
    return delivered;
  }

  /** The lowest open sequence of each student; a parked one keeps the student's later events waiting. */
  private due(): Promise<OutboxDelivery[]> {
    return this.options.database.read
      .createQueryBuilder(OutboxDelivery, 'd')
      .where('d.consumer = :consumer AND d.state = :open AND d.notBefore <= :now', {
        consumer: this.options.consumer,
        open: 'OPEN',
        now: this.options.clock.now(),
      })
      .andWhere(
        'NOT EXISTS (SELECT 1 FROM outbox_delivery e WHERE e.consumer = d.consumer AND e.student_id = d.student_id' +
          " AND e.sequence < d.sequence AND e.state <> 'DONE')",
      )
      .orderBy('d.id')
      .limit(BATCH)
      .getMany();
  }

  private async deliver(deliveryId: string): Promise<number> {
    const { database, clock, consumer, log } = this.options;
    let claimed: OutboxDelivery | null = null;
    try {
      return await database.write(async (manager) => {
        claimed = await this.claim(manager, deliveryId);
        if (!claimed) return 0;
        const session = systemSession(
          { manager, engine: database.engine, clock, writing: true },
          `consumer-${consumer}`,
        );
        await this.apply(session, claimed);
        await manager.update(OutboxDelivery, deliveryId, { state: 'DONE', lastError: null });
        return 1;
      });
    } catch (error) {
      log.warn({ err: error, consumer, deliveryId }, 'delivery failed');
      if (claimed) await this.postpone(claimed, error);
      return 0;
    }
  }

  /** The open delivery, locked for this transaction; null when another process has it. Its lease is the row lock itself. */
  private async claim(manager: EntityManager, deliveryId: string): Promise<OutboxDelivery | null> {
    const query = manager
      .createQueryBuilder(OutboxDelivery, 'd')
      .where("d.id = :deliveryId AND d.state = 'OPEN'", { deliveryId });
    if (this.options.database.engine === 'mysql') query.setLock('pessimistic_write').setOnLocked('skip_locked');
    return query.getOne();
  }

  private async apply(session: Session, delivery: OutboxDelivery): Promise<void> {
    const { consumer, handlers } = this.options;
    const event = await session.manager.findOneByOrFail(OutboxEvent, { id: delivery.eventId });
    await session.lock(event.studentId);
    if (await session.manager.existsBy(Inbox, { consumer, eventId: event.id })) return;
    await session.manager.insert(Inbox, { consumer, eventId: event.id });
    const handler = handlers[event.type];
    if (!handler) throw new Error(`${consumer} has no handler for ${event.type}`);
    const delivered = {
      id: event.id,
      type: event.type,
      studentId: event.studentId,
      payload: event.payload,
      at: event.createdAt,
    };
    await handler(session, delivered as DeliveredEvent<never>);
  }

  private async postpone(delivery: OutboxDelivery, error: unknown): Promise<void> {
    const { database, clock, consumer, log } = this.options;
    const attempts = delivery.attempts + 1;
    const parked = attempts >= MAX_ATTEMPTS;
    if (parked)
      log.error(
        { consumer, eventId: delivery.eventId, studentId: delivery.studentId },
        'delivery parked: replay it after repair',
      );
    const pause = Math.min(LEASE_MS, 100 * 2 ** attempts);
    const postponed = {
      attempts,
      state: parked ? ('PARKED' as const) : ('OPEN' as const),
      notBefore: new Date(clock.now().getTime() + pause),
      lastError: String((error as Error)?.message ?? error).slice(0, 2_000),
    };
    // Another process may have delivered it since: it stays delivered.
    await database.write((manager) => manager.update(OutboxDelivery, { id: delivery.id, state: 'OPEN' }, postponed));
  }
}

/** Opens the parked deliveries of a consumer again, after their cause was repaired. Returns how many. */
export async function replayParked(database: Database, consumer: string): Promise<number> {
  const { affected } = await database.write((manager) =>
    manager.update(OutboxDelivery, { consumer, state: 'PARKED' }, { state: 'OPEN', attempts: 0 }),
  );
  return affected ?? 0;
}
