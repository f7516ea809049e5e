import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { systemSession } from '../../platform/scope/session';
import { loadProviders } from '../../subgraphs/services/load-services';
import { type AccountBundle, loadAccounts } from '../../subgraphs/students/account/load-accounts';
import { loadCases } from '../seed/load-cases';
import type { StudentCase } from '../seed/student-case';
import type { StaffMember } from './staffing';

/** Writes generated students, with everything that hangs on them and the staff that they are the first to have, in one commit. */
export function writeStudents(
  { database, clock }: { database: Database; clock: Clock },
  { cases, staff, accounts = [] }: { cases: StudentCase[]; staff: StaffMember[]; accounts?: AccountBundle[] },
): Promise<void> {
  return database.write(async (manager) => {
    const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'generate');
    await loadAccounts(session, accounts);
    await loadProviders(session, staff);
    await loadCases(session, cases);
  });
}
