import type { Clock } from '../../platform/clock';
import type { Settings } from '../../platform/config';
import type { Database } from '../../platform/database/database';
import { type Session, systemSession } from '../../platform/scope/session';
import { IepRepository } from '../../subgraphs/iep/document/iep.repository';
import { IepCheckService } from '../../subgraphs/iep/validation/iep-check.service';
import { FactService } from '../../subgraphs/reporting/fact/fact.service';
import { loadProviders } from '../../subgraphs/services/load-services';
import { seedProviders } from '../../subgraphs/services/provider/initial-providers';
import { seedMonitorGrants } from '../../subgraphs/students/access-grant/initial-access-grants';
import { INITIAL_ACCOUNTS, seedAccounts, seedPartnerGrant } from '../../subgraphs/students/account/initial-accounts';
import { seedOrganizations } from '../../subgraphs/students/organization/initial-organizations';
import { loadCases } from './load-cases';
import { planPopulation } from './population';

/** User names of the initial accounts; the password is the user name. */
export const demoAccounts: readonly string[] = INITIAL_ACCOUNTS.map(([username]) => username);

const CHUNK = 100;

/**
 * Loads the initial data into an empty database: organizations, accounts, providers, the partner's grant, and a few hundred
 * synthetic students in every state of the state machines. One transaction, so that a start that is interrupted begins
 * again; the same students on every machine, with dates counted from today.
 * @param say told what happens, in whole lines
 * @returns false when there are organizations already, and nothing was done
 * @throws Error in production: these accounts have known passwords
 */
export async function seedOnce(
  database: Database,
  clock: Clock,
  settings: Pick<Settings, 'NODE_ENV'>,
  say: (line: string) => void = () => undefined,
): Promise<boolean> {
  if (settings.NODE_ENV === 'production') {
    throw new Error('The initial data is refused with NODE_ENV=production: its accounts have known passwords.');
  }
  if (await hasOrganizations(database.read)) return false;
  say('Loading the initial data …');
  const started = Date.now();
  const students = await database.write(async (manager) => {
    if (await hasOrganizations(manager)) return null; // Another process was faster.
    return load(systemSession({ manager, engine: database.engine, clock, writing: true }, 'seed'));
  });
  if (students === null) return false;
  say(
    `Loaded ${demoAccounts.length} accounts and ${students} students in ${((Date.now() - started) / 1000).toFixed(1)} s.`,
  );
  return true;
}

async function hasOrganizations(manager: Database['read']): Promise<boolean> {
  return (await manager.query('SELECT id FROM organization LIMIT 1')).length > 0;
}

async function load(session: Session): Promise<number> {
  await seedOrganizations(session);
  await seedAccounts(session);
  await seedProviders(session);
  const { cases, providers, partnerStudents } = planPopulation(session.today, session.now);
  await loadProviders(session, providers);
  for (let start = 0; start < cases.length; start += CHUNK) await loadCases(session, cases.slice(start, start + CHUNK));
  await seedPartnerGrant(session, partnerStudents);
  await seedMonitorGrants(session, partnerStudents);
  await checkOpenDocuments(
    session,
    cases.map(({ student }) => student.id),
  );
  return cases.length;
}

/** Drafts show their findings, as if somebody had run the error check (SEIS-21). */
async function checkOpenDocuments(session: Session, studentIds: readonly string[]): Promise<void> {
  const open = await session.get(IepRepository).findFuture(studentIds);
  for (const iep of open) await session.get(IepCheckService).checkAndMark(iep);
  await session.get(FactService).recompute(open.map((iep) => iep.studentId));
}
