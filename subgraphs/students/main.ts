import 'reflect-metadata';
import { required } from '../../platform/config';
import { runProgram } from '../../platform/process';
import { runSubgraph } from '../../platform/subgraph/run';
import { refuseInitialAccounts } from './account/initial-accounts';
import { createStudentsSubgraph, studentsEntities, studentsMigrations, studentsProtectedTables } from './index';

/** The students subgraph as a process of its own. */
runProgram(() =>
  runSubgraph({
    name: 'students',
    entities: studentsEntities,
    migrations: studentsMigrations,
    protectedTables: studentsProtectedTables,
    verify: async (session, { NODE_ENV }) => {
      if (NODE_ENV === 'production') await refuseInitialAccounts(session);
    },
    create: (runtime, settings) =>
      createStudentsSubgraph({ ...runtime, serviceKey: required(settings, 'SERVICE_KEY') }),
  }),
);
