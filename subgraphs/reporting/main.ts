import 'reflect-metadata';
import { required, type Settings } from '../../platform/config';
import type { Principal } from '../../platform/principal/principal';
import { runProgram } from '../../platform/process';
import { runSubgraph } from '../../platform/subgraph/run';
import {
  createReportingSubgraph,
  reportingEntities,
  reportingMigrations,
  reportingProtectedTables,
  startDailyRefresh,
  startReportWorker,
} from './index';

/** The rights of a report's runner, loaded anew from the students subgraph. */
const principalLoader =
  (settings: Settings) =>
  async (subject: string, perspective: string): Promise<Principal | null> => {
    const response = await fetch(`${required(settings, 'STUDENTS_URL')}/internal/principal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-service-key': required(settings, 'SERVICE_KEY') },
      body: JSON.stringify({ account: subject, perspective }),
    });
    if (!response.ok && response.status !== 403) throw new Error(`students answered ${response.status}`);
    return response.ok ? ((await response.json()) as { principal: Principal }).principal : null;
  };

/** The reporting subgraph as a process of its own. */
runProgram(() =>
  runSubgraph({
    name: 'reporting',
    entities: reportingEntities,
    migrations: reportingMigrations,
    protectedTables: reportingProtectedTables,
    create: (runtime, settings) => createReportingSubgraph({ ...runtime, loadPrincipal: principalLoader(settings) }),
    background(runtime, settings) {
      const worker = startReportWorker({ ...runtime, loadPrincipal: principalLoader(settings) });
      const refresh = startDailyRefresh(runtime);
      return async () => {
        await refresh.stop();
        await worker.stop();
      };
    },
  }),
);
