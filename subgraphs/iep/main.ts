import 'reflect-metadata';
import { runProgram } from '../../platform/process';
import { runSubgraph } from '../../platform/subgraph/run';
import { createIepSubgraph, iepEntities, iepMigrations, iepProtectedTables } from './index';

/** The iep subgraph as a process of its own. */
runProgram(() =>
  runSubgraph({
    name: 'iep',
    entities: iepEntities,
    migrations: iepMigrations,
    protectedTables: iepProtectedTables,
    create: createIepSubgraph,
  }),
);
