import { alike, statement } from '../../../platform/database/migration';
import { discardMigrations } from './discard';
import { immutabilityMigrations } from './immutability';
import { keepingMigrations } from './keeping';
import { reactivationMigrations } from './reactivation';
import { redWindowMigrations } from './red-window';
import { progressScopeMigrations, tableMigrations } from './tables';
import { viewMigrations } from './views';

/** Tables first, then the triggers that guard them, then the published views, then what came later. */
export const iepMigrations = [
  ...tableMigrations,
  ...immutabilityMigrations,
  ...viewMigrations,
  ...redWindowMigrations,
  ...reactivationMigrations,
  ...progressScopeMigrations,
  ...discardMigrations,
  ...keepingMigrations,
  statement(1770000000011, 'Create_iep_by_date', alike('CREATE INDEX iep_by_date ON iep (scope_date, id)')),
];
