import { immutabilityMigrations } from './immutability';
import { redWindowMigrations } from './red-window';
import { tableMigrations } from './tables';
import { viewMigrations } from './views';

/** Tables first, then the triggers that guard them, then the published views. */
export const iepMigrations = [...tableMigrations, ...immutabilityMigrations, ...viewMigrations, ...redWindowMigrations];
