import { setImmediate as turn } from 'node:timers/promises';
import { disclosureRecord } from '../../../platform/audit/disclosure-record';
import { PublicError } from '../../../platform/errors';
import type { Principal } from '../../../platform/principal/principal';
import { Session, systemSession } from '../../../platform/scope/session';
import type { SubgraphRuntime } from '../../../platform/subgraph/create-subgraph';
import type { StudentFact } from '../fact/student-fact.entity';
import { NamesRepository } from '../references/names.repository';
import { allowedColumns, type ReportColumn, reportColumns, reportKind, type ReportKind } from './report-definitions';
import type { ReportRow, ReportRun } from './report-run.entity';
import { ReportQueueRepository, TOO_MUCH_KEPT } from './report-run.repository';
import { ReportSourceRepository } from './report-source.repository';

/** Loads the rights of an account under a perspective anew; null when they have ended. */
export type LoadPrincipal = (subject: string, perspective: string) => Promise<Principal | null>;

export interface ReportWorkerRuntime extends Pick<SubgraphRuntime, 'database' | 'clock' | 'log' | 'audit'> {
  loadPrincipal: LoadPrincipal;
  /** Pause between looks at the queue; a commit in this process triggers one at once. */
  pollMs?: number;
}

const PAGE = 500;
const LEASE_MS = 120_000;
const MAX_ATTEMPTS = 3;
/** No state has so many students: beyond it something is wrong. */
const MAX_ROWS = 1_000_000;
/** Runs at a time, each of another owner: a state's takes minutes, and a teacher's doesn't wait for it. */
const LANES = 2;

interface Lane {
  running: Promise<void> | null;
  /** The queue may have changed since the lane looked. */
  again: boolean;
}

/** Something that the owner of the run can mend; its message is shown as `failure`. */
class ReportFailure extends Error {}

/**
 * Computes queued reports, page by page, each page under rights that were loaded for it. A run whose worker died is taken
 * up again when its lease has ended.
 */
export class ReportWorker {
  private readonly lanes: Lane[] = Array.from({ length: LANES }, () => ({ running: null, again: false }));
  private stopped = true;
  private stopping = false;
  /** A lane removes some expired rows: the other one would wait for the same. */
  private purging = false;
  private timer: NodeJS.Timeout | null = null;
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly runtime: ReportWorkerRuntime) {}

  start(): this {
    this.stopped = this.stopping = false;
    this.unsubscribe = this.runtime.database.onCommit(() => this.wake());
    this.timer = setInterval(() => this.wake(), this.runtime.pollMs ?? 2_000);
    this.timer.unref();
    this.wake();
    return this;
  }

  /** Finishes the pages in hand, gives the runs back and stops. */
  async stop(): Promise<void> {
    this.stopped = this.stopping = true;
    this.unsubscribe();
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await Promise.all(this.lanes.map((lane) => lane.running));
  }

  /** Computes until the queue is empty, and removes what is past its 14 days. */
  async drain(): Promise<void> {
    while (await this.purgeSome());
    while (await this.computeNext());
  }

  private wake(): void {
    if (this.stopped) return;
    for (const lane of this.lanes) {
      lane.again = true;
      lane.running ??= this.loop(lane).finally(() => (lane.running = null));
    }
  }

  private async loop(lane: Lane): Promise<void> {
    while (lane.again && !this.stopped) {
      lane.again = false;
      try {
        while (!this.stopped && (await this.step()));
      } catch (error) {
        this.runtime.log.error({ err: error }, 'report queue failed');
        return;
      }
    }
  }

  /** A run, and some of what has expired: neither keeps the other waiting long. Returns whether there may be more. */
  private async step(): Promise<boolean> {
    const ran = await this.computeNext();
    return (await this.purgeSome()) || ran;
  }

  private async purgeSome(): Promise<boolean> {
    if (this.purging || this.stopping) return false;
    this.purging = true;
    try {
      if (!(await this.reading().get(ReportQueueRepository).hasExpired())) return false;
      await this.asSystem((queue) => queue.purge());
      await turn();
      return true;
    } finally {
      this.purging = false;
    }
  }

  private async computeNext(): Promise<boolean> {
    const run = await this.reading().get(ReportQueueRepository).next();
    if (!run) return false;
    const attempt = run.attempts + 1;
    if (!(await this.asSystem((queue) => queue.claim(run, this.lease())))) return true;
    try {
      if (attempt > MAX_ATTEMPTS)
        throw new ReportFailure('The report broke off several times. Run it again, or narrow it.');
      if (run.attempts > 0) await this.until((queue) => queue.dropRows(run, attempt, this.lease()));
      const rowCount = await this.compute(run, attempt);
      if (rowCount !== null) await this.asSystem((queue) => queue.finish(run, attempt, { rowCount }));
    } catch (error) {
      const failure =
        error instanceof ReportFailure ? error.message : 'Something went wrong on our side. Run it again.';
      if (!(error instanceof ReportFailure)) this.runtime.log.error({ err: error, runId: run.id }, 'report failed');
      if (await this.asSystem((queue) => queue.finish(run, attempt, { failure })))
        await this.until((queue) => queue.dropFailed(run));
    }
    return true;
  }

  /** Work in many short transactions; others are served between them, on SQLite too. */
  private async until(isDone: (queue: ReportQueueRepository) => Promise<boolean>): Promise<void> {
    while (!(await this.asSystem(isDone))) await turn();
  }

  /** Returns the number of rows; null when the run was deleted, or the worker stopped, on the way. */
  private async compute(run: ReportRun, attempt: number): Promise<number | null> {
    const kind = reportKind(run.definitionId);
    if (!kind) throw new ReportFailure('This report is no longer offered.');
    // Runs that waited side by side were asked for before the first of them had rows.
    if (await this.reading().get(ReportQueueRepository).keepsTooMuch(run)) throw new ReportFailure(TOO_MUCH_KEPT);
    const columns = reportColumns(run.columns);
    let position = 0;
    for (let last: StudentFact | null = null; ;) {
      if (this.stopping) {
        await this.asSystem((queue) => queue.release(run, attempt));
        return null;
      }
      const page: Page = await this.page(run, kind, columns, last);
      const rows = page.rows.map((row) => ({ ...row, position: position++ }));
      if (position > MAX_ROWS)
        throw new ReportFailure(
          `The report has more than ${MAX_ROWS} rows. Narrow it by organization, case manager or period.`,
        );
      if (!(await this.asSystem((queue) => queue.append(run, attempt, rows, this.lease())))) return null;
      await turn();
      if (page.rows.length < PAGE) return position;
      last = page.last;
    }
  }

  /** One page of rows with the rights of now. Rights that change between loading and reading are loaded once more. */
  private async page(
    run: ReportRun,
    kind: ReportKind,
    columns: ReportColumn[],
    last: StudentFact | null,
  ): Promise<Page> {
    try {
      return await this.pageOnce(run, kind, columns, last);
    } catch (error) {
      if (error instanceof PublicError && error.code === 'STALE_PRINCIPAL')
        return this.pageOnce(run, kind, columns, last);
      throw error;
    }
  }

  private async pageOnce(
    run: ReportRun,
    kind: ReportKind,
    columns: ReportColumn[],
    last: StudentFact | null,
  ): Promise<Page> {
    const { database, clock, audit } = this.runtime;
    const principal = await this.runtime.loadPrincipal(run.owner, run.perspective);
    if (!principal?.capabilities.includes('report:read'))
      throw new ReportFailure('You no longer have the right to run this report.');
    const allowed = allowedColumns(kind, principal.capabilities);
    if (!run.columns.every((key) => allowed.includes(key)))
      throw new ReportFailure('Your rights changed while the report ran. Run it again.');
    const session = new Session({ manager: database.read, engine: database.engine, principal, clock });
    const facts = await session.get(ReportSourceRepository).after(last, PAGE, kind.selection, run.parameters);
    const rows = await toRows(session, facts, columns);
    if (!session.disclosures.isEmpty) {
      const where = { requestId: run.id, subgraph: 'reporting', operation: 'runReport' };
      await audit.append('disclosure', disclosureRecord(principal, where, session.disclosures));
    }
    return { rows, last: facts.at(-1) ?? null };
  }

  private reading(): Session {
    const { database, clock } = this.runtime;
    return systemSession({ manager: database.read, engine: database.engine, clock }, 'report-worker');
  }

  private asSystem<T>(work: (queue: ReportQueueRepository) => Promise<T>): Promise<T> {
    const { database, clock } = this.runtime;
    return database.write((manager) =>
      work(
        systemSession({ manager, engine: database.engine, clock, writing: true }, 'report-worker').get(
          ReportQueueRepository,
        ),
      ),
    );
  }

  private lease(): Date {
    return new Date(this.runtime.clock.now().getTime() + LEASE_MS);
  }
}

interface Page {
  rows: Pick<ReportRow, 'studentId' | 'cells'>[];
  last: StudentFact | null;
}

async function toRows(
  session: Session,
  facts: readonly StudentFact[],
  columns: readonly ReportColumn[],
): Promise<Page['rows']> {
  const names = session.get(NamesRepository);
  const organizations = await names.organizations(facts.flatMap((fact) => [fact.leaId, fact.schoolId]));
  const providers = await names.providers(facts.map((fact) => fact.caseManagerProviderId));
  const named = {
    today: session.today,
    organizationName: (id: string | null): string => organizations.get(id ?? '')?.name ?? id ?? '',
    providerName: (id: string | null): string => providers.get(id ?? '') ?? '',
  };
  return facts.map((fact) => ({
    studentId: fact.id,
    cells: columns.map((column) => column.value({ fact, ...named })),
  }));
}

/** Starts the worker of this process. */
export const startReportWorker = (runtime: ReportWorkerRuntime): ReportWorker => new ReportWorker(runtime).start();
