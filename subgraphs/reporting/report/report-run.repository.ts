import { LessThan, type SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { insertRows } from '../../../platform/database/insert-rows';
import { newId } from '../../../platform/ids';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import type { Session } from '../../../platform/scope/session';
import { ReportRow, ReportRun, ReportRunState } from './report-run.entity';

/**
 * Of the rows of an owner's finished runs under a perspective: two reports of a whole state, so that one can be held against the
 * other. Beyond it no run begins; the last one that does may add its own.
 */
const MAX_KEPT_ROWS = 2_000_000;
export const TOO_MUCH_KEPT = `Your finished reports have ${MAX_KEPT_ROWS.toLocaleString('en-US')} rows or more. Delete a report that you no longer need, and run this one again.`;

/** Runs of a subject under a perspective that have not expired. */
function keptRuns({ manager, now }: Session, subject: string, perspective: string): SelectQueryBuilder<ReportRun> {
  return manager
    .createQueryBuilder(ReportRun, 'r')
    .where('r.owner = :subject AND r.perspective = :perspective AND r.expiresAt > :now', { subject, perspective, now });
}

async function keepsTooMuch(session: Session, subject: string, perspective: string): Promise<boolean> {
  const sum = keptRuns(session, subject, perspective).select('SUM(r.rowCount)', 'kept');
  return Number((await sum.getRawOne<{ kept: unknown }>())?.kept) >= MAX_KEPT_ROWS;
}

/** The caller's own report runs: same subject, same perspective, not expired. Nobody else's exist. */
export class ReportRunRepository {
  constructor(private readonly session: Session) {}

  findById(id: string): Promise<ReportRun | null> {
    return this.mine().andWhere('r.id = :id', { id }).getOne();
  }

  /** The newest first: ids are time-ordered. */
  page(args: PageArgs): Promise<Page<ReportRun>> {
    return paginate(this.mine(), {
      connection: 'myReports',
      filter: null,
      args,
      order: [{ sql: 'r.id', value: (run) => run.id, direction: 'DESC' }],
      principal: this.session.principal,
      run: (query) => query.getMany(),
    });
  }

  countWaiting(): Promise<number> {
    return this.mine().andWhere("r.state IN ('QUEUED', 'RUNNING')").getCount();
  }

  /** Whether the caller's finished reports leave no room for another one. */
  keepsTooMuch(): Promise<boolean> {
    const { subject, perspective } = this.session.principal;
    return keepsTooMuch(this.session, subject, perspective);
  }

  async insert(
    run: Pick<ReportRun, 'definitionId' | 'parameters' | 'columns' | 'state' | 'expiresAt'>,
  ): Promise<string> {
    const { subject, perspective } = this.session.principal;
    const id = newId();
    const row = {
      ...run,
      id,
      owner: subject,
      perspective,
      rowCount: null,
      failure: null,
      attempts: 0,
      createdAt: this.session.now,
      leaseUntil: null,
    };
    await this.session.manager.insert(ReportRun, row as never);
    return id;
  }

  /**
   * Ends a run: from now on nobody finds it, and no worker goes on with it. It goes at once; of a long one the rows follow,
   * with the worker's `purge`.
   */
  async remove({ id }: ReportRun): Promise<void> {
    const expiresAt = new Date(this.session.now.getTime() - 1);
    await this.session.manager.update(ReportRun, { id }, { state: ReportRunState.FAILED, expiresAt });
    if (await removeRows(this.session, id)) await this.session.manager.delete(ReportRun, { id });
  }

  private mine(): SelectQueryBuilder<ReportRun> {
    const { subject, perspective } = this.session.principal;
    return keptRuns(this.session, subject, perspective);
  }
}

/** Rows of a finished report, through the scope that the caller has now. */
export class ReportRowRepository extends ScopedRepository<ReportRow> {
  protected readonly entity = ReportRow;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'report';

  /** The rows of the run from one position up to another, that one not included, whose student is in scope. */
  ofRun(runId: string, from: number, to: number): Promise<ReportRow[]> {
    const query = this.select('r').andWhere('r.runId = :runId AND r.position >= :from AND r.position < :to', {
      ...{ runId, from, to },
    });
    return this.rows(query.orderBy('r.position'));
  }
}

/** What one transaction removes: on SQLite everybody else waits for it. */
const REMOVED_AT_ONCE = 5_000;

/**
 * Removes the last rows of a run. Run rows are the owner's file: they go with the run, whatever the scope has become since.
 * @returns whether none is left
 */
async function removeRows({ manager }: Session, runId: string): Promise<boolean> {
  const last = await manager
    .createQueryBuilder(ReportRow, 'r')
    .comment(scopeMarker('report-owner'))
    .where('r.runId = :runId', { runId })
    .orderBy('r.position', 'DESC')
    .limit(1)
    .getOne();
  if (!last) return true;
  await manager
    .createQueryBuilder()
    .delete()
    .from(ReportRow)
    .comment(scopeMarker('report-owner'))
    .where('run_id = :runId AND position > :kept', { runId, kept: last.position - REMOVED_AT_ONCE })
    .execute();
  return last.position < REMOVED_AT_ONCE;
}

/** The queue as the worker sees it, under a system session. */
export class ReportQueueRepository {
  constructor(private readonly session: Session) {}

  /** The oldest run that waits, or whose worker has died. One owner's runs take turns: a long one keeps nobody else waiting. */
  next(): Promise<ReportRun | null> {
    return this.session.manager
      .createQueryBuilder(ReportRun, 'r')
      .where("(r.state = 'QUEUED' OR (r.state = 'RUNNING' AND r.leaseUntil < :now)) AND r.expiresAt > :now", {
        now: this.session.now,
      })
      .andWhere(
        "NOT EXISTS (SELECT 1 FROM report_run o WHERE o.owner = r.owner AND o.state = 'RUNNING' AND o.lease_until >= :now)",
      )
      .orderBy('r.id')
      .getOne();
  }

  /** Takes a run; false when another worker was faster. Rows of an attempt that died are still there: see `dropRows`. */
  async claim(run: ReportRun, leaseUntil: Date): Promise<boolean> {
    const { affected } = await this.session.manager
      .createQueryBuilder()
      .update(ReportRun)
      .set({ state: 'RUNNING' as never, attempts: run.attempts + 1, leaseUntil })
      .where('id = :id AND attempts = :attempts AND state = :state', {
        id: run.id,
        attempts: run.attempts,
        state: run.state,
      })
      .execute();
    return Boolean(affected);
  }

  /**
   * Removes some rows that an attempt before this one left, and renews the lease. Returns whether none is left, or the run is
   * no longer this attempt's: then the rows are another worker's.
   */
  async dropRows(run: ReportRun, attempt: number, leaseUntil: Date): Promise<boolean> {
    return !(await this.change(run.id, attempt, { leaseUntil })) || removeRows(this.session, run.id);
  }

  /** Removes some rows of a run that failed, which nobody takes up again. Returns whether none is left. */
  dropFailed(run: ReportRun): Promise<boolean> {
    return removeRows(this.session, run.id);
  }

  /** Adds rows and renews the lease; false when the run was deleted or taken over meanwhile. */
  async append(
    run: ReportRun,
    attempt: number,
    rows: readonly Omit<ReportRow, 'id' | 'runId'>[],
    leaseUntil: Date,
  ): Promise<boolean> {
    if (!(await this.change(run.id, attempt, { leaseUntil }))) return false;
    await insertRows(
      this.session,
      ReportRow,
      rows.map((row) => ({ ...row, id: newId(), runId: run.id })),
    );
    return true;
  }

  /** False when the run was deleted or taken over meanwhile. */
  finish(run: ReportRun, attempt: number, outcome: { rowCount: number } | { failure: string }): Promise<boolean> {
    const state = 'failure' in outcome ? 'FAILED' : 'DONE';
    return this.change(run.id, attempt, { ...outcome, state, leaseUntil: null });
  }

  /** Gives a run back to the queue: the next worker begins it anew. */
  async release(run: ReportRun, attempt: number): Promise<void> {
    await this.change(run.id, attempt, { state: 'QUEUED', leaseUntil: null });
  }

  /** Whether the owner's finished reports leave no room for this one. */
  keepsTooMuch({ owner, perspective }: ReportRun): Promise<boolean> {
    return keepsTooMuch(this.session, owner, perspective);
  }

  hasExpired(): Promise<boolean> {
    return this.session.manager.existsBy(ReportRun, { expiresAt: LessThan(this.session.now) });
  }

  /** SER-127: what is older than its 14 days goes, some rows at a time. */
  async purge(): Promise<void> {
    const [expired] = await this.session.manager.find(ReportRun, {
      select: { id: true },
      where: { expiresAt: LessThan(this.session.now) },
      take: 1,
    });
    if (!expired) return;
    // No worker adds a row after this.
    await this.session.manager.update(ReportRun, { id: expired.id }, { state: ReportRunState.FAILED });
    if (await removeRows(this.session, expired.id)) await this.session.manager.delete(ReportRun, { id: expired.id });
  }

  private async change(id: string, attempt: number, values: Record<string, unknown>): Promise<boolean> {
    const { affected } = await this.session.manager
      .createQueryBuilder()
      .update(ReportRun)
      .set(values)
      .where("id = :id AND attempts = :attempt AND state = 'RUNNING'", { id, attempt })
      .execute();
    return Boolean(affected);
  }
}
