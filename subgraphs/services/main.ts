import 'reflect-metadata';
import { required } from '../../platform/config';
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
    create: (runtime, settings) =>
      createServicesSubgraph({ ...runtime, staffIdKey: required(settings, 'STAFF_ID_KEY') }),
  }),
);
