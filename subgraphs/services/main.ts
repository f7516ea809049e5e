import 'reflect-metadata';
import { runProgram } from '../../platform/process';
import { runSubgraph } from '../../platform/subgraph/run';
import { createServicesSubgraph, servicesEntities, servicesMigrations, servicesProtectedTables } from './index';

/** The services subgraph as a process of its own. */
runProgram(() =>
  runSubgraph({
    name: 'services',
    entities: servicesEntities,
    migrations: servicesMigrations,
    protectedTables: servicesProtectedTables,
    create: createServicesSubgraph,
  }),
);
