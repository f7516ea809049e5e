import { LessThan, type SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { newId } from '../../../platform/ids';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import type { Session } from '../../../platform/scope/session';
import { ReportRow, ReportRun } from './report-run.entity';

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

  async remove(run: ReportRun): Promise<void> {
    await this.session.manager.delete(ReportRun, { id: run.id });
    await removeRows(this.session, run.id);
  }

  private mine(): SelectQueryBuilder<ReportRun> {
    const { subject, perspective } = this.session.principal;
    return this.session.manager
      .createQueryBuilder(ReportRun, 'r')
      .where('r.owner = :subject AND r.perspective = :perspective AND r.expiresAt > :now', {
        subject,
        perspective,
        now: this.session.now,
      });
  }
}

/** Rows of a finished report, through the scope that the caller has now. */
export class ReportRowRepository extends ScopedRepository<ReportRow> {
  protected readonly entity = ReportRow;
  protected readonly scopedBy = { student: 'studentId' } as const;
  protected readonly fieldClass = 'report';

  /** The rows of the run whose student is in scope. */
  ofRun(runId: string): Promise<ReportRow[]> {
    return this.rows(this.select('r').andWhere('r.runId = :runId', { runId }).orderBy('r.position'));
  }
}

/** Run rows are the owner's file: they go with the run, whatever the scope has become since. */
async function removeRows(session: Session, runId: string): Promise<void> {
  await session.manager
    .createQueryBuilder()
    .delete()
    .from(ReportRow)
    .comment(scopeMarker('report-owner'))
    .where('run_id = :runId', { runId })
    .execute();
}

/** The queue as the worker sees it, under a system session. */
export class ReportQueueRepository {
  constructor(private readonly session: Session) {}

  /** The oldest run that waits, or whose worker has died. */
  next(): Promise<ReportRun | null> {
    return this.session.manager
      .createQueryBuilder(ReportRun, 'r')
      .where("(r.state = 'QUEUED' OR (r.state = 'RUNNING' AND r.leaseUntil < :now)) AND r.expiresAt > :now", {
        now: this.session.now,
      })
      .orderBy('r.id')
      .getOne();
  }

  /** Takes a run; false when another worker was faster. Rows of an attempt that died are dropped. */
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
    if (!affected) return false;
    await removeRows(this.session, run.id);
    return true;
  }

  /** Adds rows and renews the lease; false when the run was deleted or taken over meanwhile. */
  async append(
    run: ReportRun,
    attempt: number,
    rows: readonly Omit<ReportRow, 'id' | 'runId'>[],
    leaseUntil: Date,
  ): Promise<boolean> {
    if (!(await this.change(run.id, attempt, { leaseUntil }))) return false;
    if (rows.length === 0) return true;
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(ReportRow)
      .values(rows.map((row) => ({ ...row, id: newId(), runId: run.id })) as never[])
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
    return true;
  }

  async finish(run: ReportRun, attempt: number, outcome: { rowCount: number } | { failure: string }): Promise<void> {
    const failed = 'failure' in outcome;
    await this.change(run.id, attempt, { ...outcome, state: failed ? 'FAILED' : 'DONE', leaseUntil: null });
    if (failed) await removeRows(this.session, run.id);
  }

  /** Gives a run back to the queue: the next worker begins it anew. */
  async release(run: ReportRun, attempt: number): Promise<void> {
    await this.change(run.id, attempt, { state: 'QUEUED', leaseUntil: null });
  }

  hasExpired(): Promise<boolean> {
    return this.session.manager.existsBy(ReportRun, { expiresAt: LessThan(this.session.now) });
  }

  /** SER-127: what is older than its 14 days goes. Returns how many. */
  async purge(): Promise<number> {
    const expired = await this.session.manager.find(ReportRun, {
      select: { id: true },
      where: { expiresAt: LessThan(this.session.now) },
      take: 100,
    });
    for (const { id } of expired) {
      await this.session.manager.delete(ReportRun, { id });
      await removeRows(this.session, id);
    }
    return expired.length;
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
