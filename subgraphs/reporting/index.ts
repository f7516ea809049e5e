import type { DatabaseUse } from '../../platform/rights';
import { createSubgraph, type Subgraph, type SubgraphRuntime } from '../../platform/subgraph/create-subgraph';
import { type BuiltSubgraph, buildSubgraph, stub } from '../../platform/subgraph/federation';
import { ReportingPeriodInYear } from './calendar/reporting-period.entity';
import { ChildCountResolver } from './child-count/child-count.resolver';
import { ComplianceResolver } from './compliance/compliance.resolver';
import { DueDateResolver } from './due-date/due-date.resolver';
import { factConsumers } from './fact/consumers';
import { FactRefresh } from './fact/fact-refresh.entity';
import { StudentFact } from './fact/student-fact.entity';
import { reportingMigrations } from './migrations/tables';
import { StudentRef } from './references/student.reference';
import { ReportResolver } from './report/report.resolver';
import { ReportRow, ReportRun } from './report/report-run.entity';
import type { LoadPrincipal } from './report/report-worker';
import { WorklistResolver } from './worklist/worklist.resolver';

export { writeReportingCalendar } from './calendar/reporting-calendar.service';
export { DailyRefresh, type DailyRefreshRuntime, startDailyRefresh } from './fact/daily-refresh';
export { rebuildFacts } from './fact/fact.service';
export { type LoadPrincipal, ReportWorker, type ReportWorkerRuntime, startReportWorker } from './report/report-worker';
export { reportingMigrations };

export const reportingEntities = [StudentFact, FactRefresh, ReportRun, ReportRow, ReportingPeriodInYear];
/** Tables with rows of a student. */
export const reportingProtectedTables = ['student_fact', 'report_row'];

/** What the database user of this subgraph may do. */
export const reportingDatabaseUse: DatabaseUse = {
  owns: reportingEntities,
  removesFrom: ['student_fact', 'report_run', 'report_row'],
  reads: [
    'pub_assignment',
    'pub_evaluation',
    'pub_iep',
    'pub_jurisdiction',
    'pub_organization',
    'pub_provider',
    'pub_service',
    'pub_student',
  ],
  does: ['answer', 'list', 'consume', 'forgetRequests'],
};

/** The schema of the subgraph, without a database. */
export function buildReportingGraph(): BuiltSubgraph {
  return buildSubgraph({
    resolvers: [DueDateResolver, WorklistResolver, ComplianceResolver, ChildCountResolver, ReportResolver],
    // The student is another subgraph's: whatever is asked of it here goes through the scoped read model.
    references: { Student: stub(StudentRef) },
  });
}

/** `loadPrincipal` is for the report worker; it is accepted here so that a process needs one runtime for both. */
export type ReportingRuntime = SubgraphRuntime & { loadPrincipal?: LoadPrincipal };

/** The reporting subgraph: due dates, worklists, counts and reports over the read model that it keeps. */
export function createReportingSubgraph(runtime: ReportingRuntime): Subgraph {
  return createSubgraph({ name: 'reporting', graph: buildReportingGraph(), runtime, consumes: factConsumers });
}
