import { forgetRequests } from '../../../platform/idempotency';
import { newId } from '../../../platform/ids';
import { type Session, systemSession } from '../../../platform/scope/session';
import { lockChunk } from '../../../platform/scope/student-lock';
import type { SubgraphRuntime } from '../../../platform/subgraph/create-subgraph';
import { FactRefreshRepository } from './fact-refresh.repository';
import { FactService } from './fact.service';

export interface DailyRefreshRuntime extends Pick<SubgraphRuntime, 'database' | 'clock' | 'log'> {
  /** Pause between looks at the calendar. */
  pollMs?: number;
}

const POLL_MS = 10 * 60_000;
const LEASE_MS = 5 * 60_000;
const CHUNK = 500;

/**
 * Recomputes, once a day, the facts that time alone has changed: a case manager's planned last day, a jurisdiction that
 * begins. Everything else comes with an event. Any number of processes may run it: one takes the day. With it go the
 * remembered requests that are older than a day.
 *
 * A day begins when it has begun in the westernmost of the students' time zones, which is that of a system session: in New
 * York three hours after midnight. Row scope does not wait for it; it asks for the day itself.
 */
export class DailyRefresh {
  private readonly owner = newId();
  private running: Promise<unknown> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly runtime: DailyRefreshRuntime) {}

  start(): this {
    this.timer = setInterval(() => this.wake(), this.runtime.pollMs ?? POLL_MS);
    this.timer.unref();
    this.wake();
    return this;
  }

  /** Finishes the chunk in hand, gives the day back and stops. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Computes what is due. @returns how many students; null when the day is done, or another process is at it */
  async run(): Promise<number | null> {
    const { database, clock, log } = this.runtime;
    const reading = systemSession({ manager: database.read, engine: database.engine, clock }, 'daily-refresh');
    if (!(await reading.get(FactRefreshRepository).isDue())) return null;
    if (!(await this.write((refresh) => refresh.claim(this.owner, this.lease())))) return null;
    // Midnight may pass on the way: then the new day is due again.
    const { today } = reading;
    let done = false;
    try {
      const since = await reading.get(FactRefreshRepository).since();
      const students = await reading.get(FactRefreshRepository).changedBetween(since, today);
      for (let start = 0; start < students.length && !this.stopped; start += CHUNK)
        await this.recompute(students.slice(start, start + CHUNK));
      done = !this.stopped;
      log.info({ since, today, students: students.length, done }, 'facts refreshed for the day');
      const forgotten = await forgetRequests(database, clock.now(), () => this.stopped);
      if (forgotten > 0) log.info({ forgotten }, 'requests of earlier days forgotten');
      return students.length;
    } finally {
      await this.write((refresh) => refresh.release(this.owner, done ? today : null));
    }
  }

  private wake(): void {
    this.running ??= this.run()
      .catch((error) => this.runtime.log.error({ err: error }, 'daily refresh of facts failed: tried again later'))
      .finally(() => (this.running = null));
  }

  /** One transaction, under the locks of its students. */
  private recompute(students: string[]): Promise<void> {
    return this.write(async (refresh, session) => {
      await lockChunk(session, students);
      await session.get(FactService).recompute(students);
      await refresh.renew(this.owner, this.lease());
    });
  }

  private write<T>(work: (refresh: FactRefreshRepository, session: Session) => Promise<T>): Promise<T> {
    const { database, clock } = this.runtime;
    return database.write((manager) => {
      const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'daily-refresh');
      return work(session.get(FactRefreshRepository), session);
    });
  }

  private lease(): Date {
    return new Date(this.runtime.clock.now().getTime() + LEASE_MS);
  }
}

/** Starts the daily refresh of a process. */
export const startDailyRefresh = (runtime: DailyRefreshRuntime): DailyRefresh => new DailyRefresh(runtime).start();
