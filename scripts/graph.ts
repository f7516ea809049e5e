import { issuerEntities, issuerMigrations } from '../issuer';
import type { MigrationClass } from '../platform/database/migration';
import type { BuiltSubgraph } from '../platform/subgraph/federation';
import { auditMigrations, platformMigrations, platformProtected, platformTables } from '../platform/tables';
import { buildIepGraph, iepEntities, iepMigrations, iepProtectedTables } from '../subgraphs/iep';
import {
  buildReportingGraph,
  reportingEntities,
  reportingMigrations,
  reportingProtectedTables,
} from '../subgraphs/reporting';
import {
  buildServicesGraph,
  servicesEntities,
  servicesMigrations,
  servicesProtectedTables,
} from '../subgraphs/services';
import {
  buildStudentsGraph,
  studentsEntities,
  studentsMigrations,
  studentsProtectedTables,
} from '../subgraphs/students';

/** The four subgraphs side by side: what only scripts and tests may see at once. */
export const subgraphNames = ['students', 'iep', 'services', 'reporting'] as const;
export type SubgraphName = (typeof subgraphNames)[number];

export const allEntities = [
  ...platformTables,
  ...issuerEntities,
  ...studentsEntities,
  ...iepEntities,
  ...servicesEntities,
  ...reportingEntities,
];

/** One history for both engines. TypeORM orders it by the number at the end of each name: tables first, then views. */
export const migrationsByPart: Readonly<Record<string, readonly MigrationClass[]>> = {
  platform: [...platformMigrations, ...auditMigrations],
  issuer: issuerMigrations,
  students: studentsMigrations,
  iep: iepMigrations,
  services: servicesMigrations,
  reporting: reportingMigrations,
};
export const allMigrations = Object.values(migrationsByPart).flat();

export const allProtectedTables = [
  ...platformProtected,
  ...studentsProtectedTables,
  ...iepProtectedTables,
  ...servicesProtectedTables,
  ...reportingProtectedTables,
];

/** The schemas of all subgraphs, without a database. */
export const buildGraphs = (): Record<SubgraphName, BuiltSubgraph> => ({
  students: buildStudentsGraph(),
  iep: buildIepGraph(),
  services: buildServicesGraph(),
  reporting: buildReportingGraph(),
});
