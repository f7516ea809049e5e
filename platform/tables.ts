import { auditMigrations, auditProtected, auditTables } from './audit/tables';
import { writeCountMigrations, writeCountTables } from './database/write-count';
import { idempotencyMigrations, idempotencyTables } from './idempotency';
import { outboxMigrations, outboxTables } from './outbox/tables';
import { StudentListing, studentListingMigrations } from './scope/student-listing';
import { scopeMigrations, scopeTables } from './scope/tables';

/** Platform tables that hang on the product's database. The audit log may live in a file of its own. */
export const platformTables = [
  ...scopeTables,
  StudentListing,
  ...outboxTables,
  ...idempotencyTables,
  ...writeCountTables,
];
export const platformMigrations = [
  ...scopeMigrations,
  ...studentListingMigrations,
  ...outboxMigrations,
  ...idempotencyMigrations,
  ...writeCountMigrations,
];
/** Guarded by the driver: only statements with a scope marker touch them. */
export const platformProtected = ['student_access', 'student_listing', ...auditProtected];
export { auditMigrations, auditProtected, auditTables };
