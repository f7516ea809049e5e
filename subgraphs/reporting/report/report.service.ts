import { setImmediate as turn } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import { badInput, conflict, notFound, reject } from '../../../platform/errors';
import type { Page, PageArgs } from '../../../platform/graphql/connection';
import type { Principal } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import type { ReportDocument } from './document.type';
import { allowedColumns, REPORT_KINDS, type ReportKind, reportColumns, reportKind } from './report-definitions';
import type { DeleteReportRunInput, ReportDefinition, RunReportInput } from './report.inputs';
import { type ReportRun, ReportRunState } from './report-run.entity';
import { ReportRowRepository, ReportRunRepository, TOO_MUCH_KEPT } from './report-run.repository';

/** SER-127, T-25: a finished report is kept this long. */
export const KEPT_DAYS = 14;
const MS_PER_DAY = 86_400_000;
/** Runs of one perspective that may wait or run at a time. */
const MAX_WAITING = 20;
/** Rows of a part of a file, some 600 KB: however long a report is, its answers and their records of disclosure stay this small. */
export const PART_ROWS = 5_000;
const PAGE = 500;

/** My Reports (SER-126..128): asking for a report, and saving or deleting it while it is kept. */
export class ReportService {
  constructor(private readonly session: Session) {}

  definitions(): ReportDefinition[] {
    return REPORT_KINDS.map((kind) => this.describe(kind));
  }

  definitionOf(run: ReportRun): ReportDefinition {
    const kind = reportKind(run.definitionId);
    return kind
      ? this.describe(kind)
      : {
          id: run.definitionId,
          name: run.definitionId,
          description: 'No longer offered.',
          needsPeriod: false,
          columns: [],
        };
  }

  run(id: string): Promise<ReportRun | null> {
    return this.session.get(ReportRunRepository).findById(id);
  }

  page(args: PageArgs): Promise<Page<ReportRun>> {
    return this.session.get(ReportRunRepository).page(args);
  }

  /** Queues a report. Returns the id of the run. */
  async ask({ definitionId, parameters }: RunReportInput): Promise<string> {
    const kind = reportKind(definitionId);
    if (!kind) throw notFound('The report definition');
    const period = parameters?.period ?? null;
    if (kind.period && !period)
      throw reject('SER-123', 'This report needs a period: give its first and last day.', ['parameters', 'period']);
    if (period && period.from > period.to)
      throw reject('SER-123', 'The period ends before it begins: exchange the two days.', ['parameters', 'period']);
    const runs = this.session.get(ReportRunRepository);
    if ((await runs.countWaiting()) >= MAX_WAITING) {
      throw reject('SER-126', `${MAX_WAITING} of your reports are waiting. Let them finish, or delete one.`);
    }
    if (await runs.keepsTooMuch()) throw reject('SER-127', TOO_MUCH_KEPT);
    return runs.insert({
      definitionId,
      parameters: {
        organizationId: parameters?.organizationId ?? null,
        caseManagerId: parameters?.caseManagerId ?? null,
        period: period && { from: period.from, to: period.to },
      },
      columns: allowedColumns(kind, this.session.principal.capabilities),
      state: ReportRunState.QUEUED,
      expiresAt: new Date(this.session.now.getTime() + KEPT_DAYS * MS_PER_DAY),
    });
  }

  /** Deletes a run of one's own with its rows, whatever its state. */
  async remove({ id }: DeleteReportRunInput): Promise<void> {
    const run = await this.run(id);
    if (!run) throw notFound('The report run');
    await this.session.get(ReportRunRepository).remove(run);
  }

  /** In how many parts the file of a run comes; null before it is finished. */
  parts({ rowCount }: ReportRun): number | null {
    return rowCount === null ? null : Math.max(1, Math.ceil(rowCount / PART_ROWS));
  }

  /**
   * The finished report, or a part of it, as a file. Every student in it must still be in the caller's scope, and every column
   * still within the caller's rights: a file never tells more than a new run would.
   * @param part from 1; may be left out of a report that has one
   * @throws CONFLICT while it is not finished, and when the rights have shrunk since: run it again
   */
  async download(run: ReportRun, part: number | null): Promise<ReportDocument> {
    if (run.state !== ReportRunState.DONE || run.rowCount === null)
      throw conflict('This report is not finished. Ask again when its state is DONE.');
    if (run.expiresAt <= this.session.now) throw runAgain();
    const columns = reportColumns(run.columns);
    if (!columns.every((column) => this.session.principal.capabilities.includes(column.capability))) throw runAgain();
    const parts = this.parts(run)!;
    if (part === null && parts > 1)
      throw badInput(`This report comes in ${parts} parts. Ask for each of them with \`part\`.`, ['part']);
    const number = part ?? 1;
    if (number < 1 || number > parts)
      throw badInput(`This report has ${parts === 1 ? 'one part' : `the parts 1 to ${parts}`}.`, ['part']);
    const from = (number - 1) * PART_ROWS;
    const head = number === 1 ? [toCsv([columns.map((column) => column.title)])] : [];
    const content = Buffer.concat([
      ...head,
      ...(await this.csvOf(run, from, Math.min(from + PART_ROWS, run.rowCount))),
    ]);
    const name = `${run.definitionId.toLowerCase().replaceAll('_', '-')}-${run.createdAt.toISOString().slice(0, 10)}`;
    return {
      id: parts === 1 ? run.id : `${run.id}.${number}`,
      fileName: parts === 1 ? `${name}.csv` : `${name}-${number}-of-${parts}.csv`,
      mediaType: 'text/csv',
      size: content.length,
      content: content.toString('base64'),
    };
  }

  /** A page of rows at a time: as text they take little, and others are served between two pages, on SQLite too. */
  private async csvOf(run: ReportRun, from: number, to: number): Promise<Buffer[]> {
    const pages: Buffer[] = [];
    for (let start = from; start < to; start += PAGE) {
      const end = Math.min(start + PAGE, to);
      const rows = await this.session.get(ReportRowRepository).ofRun(run.id, start, end);
      if (rows.length !== end - start) throw runAgain();
      pages.push(toCsv(rows.map((row) => row.cells)));
      await turn();
    }
    return pages;
  }

  private describe(kind: ReportKind): ReportDefinition {
    const columns = reportColumns(allowedColumns(kind, this.session.principal.capabilities)).map(
      (column) => column.title,
    );
    return { id: kind.id, name: kind.name, description: kind.description, needsPeriod: kind.period, columns };
  }
}

const runAgain = () => conflict('Your rights have changed since this report ran. Run it again.');

/** A cell that begins like a formula is made harmless: the names in it come from people. */
const toCsv = (rows: (string | number)[][]): Buffer =>
  Buffer.from(stringify(rows, { escape_formulas: true, record_delimiter: 'windows' }), 'utf8');

/**
 * The caller for the purpose of My Reports. A run is the caller's own note and no record of a student, so a perspective that
 * may only read students' records can still ask for a report and delete it.
 */
export const asKeeperOfReports = (principal: Principal): Principal => ({ ...principal, readOnly: false });
