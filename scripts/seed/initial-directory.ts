import { INITIAL_PROVIDERS, initialProviderId } from '../../subgraphs/services/provider/initial-providers';
import { INITIAL_ACCOUNTS, initialAccountId } from '../../subgraphs/students/account/initial-accounts';
import { initialOrganizations } from '../../subgraphs/students/organization/initial-organizations';
import type { Team } from './case-record';
import type { Lea, School, Staff } from './student-case';

const ORGANIZATIONS = initialOrganizations();
const PROVIDERS = new Map(INITIAL_PROVIDERS.map((provider) => [provider.id, provider]));
/** Codes of instruction are the case manager's, everything else a specialist's. */
const INSTRUCTION = /^3/;

/** An LEA of the initial data. */
export function leaOf(id: string): Lea {
  const { name, parentId, stateCode } = ORGANIZATIONS.find((organization) => organization.id === id)!;
  const selpaId = parentId?.startsWith('selpa-') ? parentId : null;
  return { id, name, selpaId, stateOrgId: `state-${stateCode.toLowerCase()}` };
}

/** Its schools, the pseudo-school for non-public placements included. */
export function schoolsOf(leaId: string): School[] {
  const below = ORGANIZATIONS.filter(({ parentId }) => parentId === leaId);
  return below.flatMap(({ id, name, kind }) => (kind === 'SCHOOL' || kind === 'NPS' ? [{ id, name, kind }] : []));
}

/** The person behind a user name of the initial data; null when there is neither provider nor account. */
export function staffOf(username: string): Staff | null {
  const providerId = initialProviderId(username);
  const account = INITIAL_ACCOUNTS.find(([name]) => name === username);
  const name = PROVIDERS.get(providerId)?.displayName ?? account?.[1];
  return name ? { providerId, accountId: account ? initialAccountId(username) : null, name } : null;
}

/** A case manager who instructs and a specialist for the rest, as far as they are permitted to deliver a service (V-067). */
export function teamOf(caseManager: Staff, specialist: Staff | null): Team {
  const permitted = (staff: Staff | null, code: string): Staff | null => {
    const codes = staff && PROVIDERS.get(staff.providerId)?.serviceCodes;
    return codes && !codes.includes(code) ? null : staff;
  };
  // Where nobody has taken on the rest, instruction waits as well (SESIS: a mandate that is on no caseload).
  const instructor = specialist && caseManager;
  return { caseManager, providerFor: (code) => permitted(INSTRUCTION.test(code) ? instructor : specialist, code) };
}
