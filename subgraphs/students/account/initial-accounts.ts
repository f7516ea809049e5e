import { anniversary } from '../../../platform/dates';
import { bumpEpoch } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { hashSecret } from '../../../platform/secret';
import { seedDesignations } from '../designation/initial-designations';
import { type PartnerGrant, untouched } from '../partner/partner-grant.entity';
import { PartnerGrantRepository } from '../partner/partner-grant.repository';
import { PartnerGrantService } from '../partner/partner-grant.service';
import { EMBEDDED_ISSUER } from './account.entity';
import { AccountRepository, RoleGrantRepository } from './account.repository';
import type { Capability } from './capability-matrix';
import type { RoleName } from './roles';

const RIPON = 'ca-39686500000000';
const MANTECA = 'ca-39685930000000';
const LODI = 'ca-39685850000000';
const ACADIA = 'la-001';
const NYC_1 = 'ny-d01';

type InitialAccount = [
  username: string,
  displayName: string,
  role: RoleName,
  organizationId: string,
  ...more: [RoleName, string][],
];

/**
 * The accounts of `SEED=demo`: password = user name. Those named in api.graphql first, then colleagues that make caseloads
 * and rights look like those of a real district. Invented persons.
 */
export const INITIAL_ACCOUNTS: readonly InitialAccount[] = [
  ['selpa.sanjoaquin', 'Marion Keller', 'SELPA_ADMIN', 'selpa-san-joaquin-county'],
  // SEIS-35: also system manager of two small districts, which are perspectives of their own
  [
    'selpa.lodi',
    'Ines Calloway',
    'SELPA_ADMIN',
    'selpa-lodi-area',
    ['DISTRICT_ADMIN', 'ca-39686190000000'],
    ['DISTRICT_ADMIN', 'ca-39686350000000'],
  ],
  ['district.ripon', 'Owen Fairbanks', 'DISTRICT_ADMIN', RIPON],
  ['district.manteca', 'Priya Raman', 'DISTRICT_ADMIN', MANTECA],
  ['school.ripon', 'Lucia Ferrante', 'SCHOOL', 'ca-39686506042477'],
  ['teacher.ripon', 'Dana Whitfield', 'CASE_MANAGER', RIPON],
  ['teacher.manteca', 'Samuel Ochoa', 'CASE_MANAGER', MANTECA],
  ['provider.ripon', 'Noor Haddad', 'SERVICE_PROVIDER', RIPON],
  ['state.ca', 'Evelyn Marsh', 'STATE_ADMIN', 'state-ca'],
  ['writer.acadia', 'Celeste Boudreaux', 'DATA_WRITER', ACADIA],
  ['reader.acadia', 'Remy Guidry', 'DATA_READER', ACADIA],
  ['supervisor.nyc', 'Miriam Adler', 'SUPERVISOR', NYC_1],
  ['doe.provider.nyc', 'Tomas Rivera', 'DOE_PROVIDER', NYC_1],
  ['agency.provider.nyc', 'Grace Lin', 'AGENCY_PROVIDER', NYC_1],
  ['teacher2.ripon', 'Hugo Brandt', 'CASE_MANAGER', RIPON],
  ['provider2.ripon', 'Amara Cole', 'SERVICE_PROVIDER', RIPON],
  ['teacher2.manteca', 'Beatriz Luna', 'CASE_MANAGER', MANTECA],
  ['provider.manteca', 'Karl Jensen', 'SERVICE_PROVIDER', MANTECA],
  ['provider2.manteca', 'Ruth Okafor', 'SERVICE_PROVIDER', MANTECA],
  ['district.lodi', 'Victor Palmer', 'DISTRICT_ADMIN', LODI],
  ['teacher.lodi', 'Helen Strand', 'CASE_MANAGER', LODI],
  ['teacher2.lodi', 'Marco Silva', 'CASE_MANAGER', LODI],
  ['provider.lodi', 'Joyce Tan', 'SERVICE_PROVIDER', LODI],
  ['provider2.lodi', 'Pavel Novak', 'SERVICE_PROVIDER', LODI],
  ['district.acadia', 'Odile Comeaux', 'DISTRICT_ADMIN', ACADIA],
  [
    'submitter.acadia',
    'Leon Broussard',
    'DATA_WRITER',
    ACADIA,
    ['IEP_SUBMITTER', ACADIA],
    ['SECURE_ID_EDITOR', ACADIA],
  ],
  ['teacher.acadia', 'Nadine Fontenot', 'CASE_MANAGER', ACADIA],
  ['provider.acadia', 'Basil Thibodeaux', 'SERVICE_PROVIDER', ACADIA],
  ['teacher.nyc', 'Rebecca Stein', 'CASE_MANAGER', NYC_1],
  ['independent.provider.nyc', 'Elias Moreau', 'INDEPENDENT_PROVIDER', NYC_1],
  ['backup.ripon', 'Wendell Pryce', 'SEDS_COORDINATOR', RIPON],
  ['monitor.ca', 'Ingrid Solberg', 'CDE_MONITOR', 'state-ca'],
];

const SINCE = '2020-07-01';
/** Cheap, because these passwords are public anyway and start-up waits for them. */
const COST = { N: 2 ** 14 };
const dashed = (username: string): string => username.replaceAll('.', '-');

/** The account id of a user name of the initial data. */
export const initialAccountId = (username: string): string => `acct-${dashed(username)}`;

/** User names of the initial accounts that can sign in here. Their passwords are known to everybody. */
export async function activeInitialAccounts(session: Session): Promise<string[]> {
  const ids = INITIAL_ACCOUNTS.map(([username]) => initialAccountId(username));
  const known = await session.get(AccountRepository).findByIds(ids);
  return known.filter(({ active }) => active).map(({ username }) => username);
}

/** @throws Error when a production system holds accounts of the initial data */
export async function refuseInitialAccounts(session: Session): Promise<void> {
  const accounts = await activeInitialAccounts(session);
  if (accounts.length === 0) return;
  throw new Error(
    `NODE_ENV=production is refused on this database: it holds ${accounts.length} accounts of the initial data, whose passwords are known. Deactivate them, or begin with an empty database.`,
  );
}

/** Adds the accounts of the initial data that are missing, with their roles, and the partner client. In a write transaction, after the organizations. */
export async function seedAccounts(session: Session): Promise<void> {
  const accounts = session.get(AccountRepository);
  const known = new Set(
    (await accounts.findByIds(INITIAL_ACCOUNTS.map(([username]) => initialAccountId(username)))).map(({ id }) => id),
  );
  const missing = INITIAL_ACCOUNTS.filter(([username]) => !known.has(initialAccountId(username)));
  const hashes = await Promise.all(missing.map(([username]) => hashSecret(username, COST)));
  for (const [i, account] of missing.entries()) await seedAccount(session, account, hashes[i]!);
  await seedDesignations(session);
  await seedPartnerGrant(session, []);
}

async function seedAccount(
  session: Session,
  [username, displayName, role, organizationId, ...more]: InitialAccount,
  passwordHash: string,
): Promise<void> {
  const id = initialAccountId(username);
  const email = `${username}@example.org`;
  const identity = { issuer: EMBEDDED_ISSUER, subject: id, kind: 'staff' as const };
  await session.get(AccountRepository).insert({
    id,
    ...identity,
    username,
    displayName,
    email,
    passwordHash,
    active: true,
    createdAt: session.now,
    lastLoginAt: null,
  });
  const roles: [RoleName, string][] = [[role, organizationId], ...more];
  for (const [i, [name, at]] of roles.entries()) {
    await session.get(RoleGrantRepository).insert({
      id: `role-${dashed(username)}${i === 0 ? '' : `-${i + 1}`}`,
      accountId: id,
      role: name,
      organizationId: at,
      relation: null,
      readOnly: false,
      isDefault: i === 0,
      validFrom: SINCE,
      validTo: null,
      revokedAt: null,
      grantedBy: session.principal.subject,
      // In order: of several perspectives without a default the oldest counts.
      grantedAt: new Date(session.now.getTime() + i),
    });
  }
  await bumpEpoch(session, id);
}

/** The grant of the partner client `regional-center` (secret = client id). */
export const INITIAL_PARTNER_GRANT = 'grant-regional-center';
export const INITIAL_PARTNER_CLIENT = 'regional-center';
export const INITIAL_PARTNER_SCOPES: readonly Capability[] = [
  'student:read',
  'student.demographics:read',
  'service:read',
];

/** Makes the partner grant of the initial data if it is missing, and adds students to it. In a write transaction. */
export async function seedPartnerGrant(session: Session, studentIds: readonly string[]): Promise<void> {
  const grants = session.get(PartnerGrantRepository);
  let grant = await grants.findById(INITIAL_PARTNER_GRANT);
  if (!grant) await grants.insert((grant = await initialPartnerGrant(session)));
  const open = new Set(await grants.allStudentsOf(grant.id));
  await session.get(PartnerGrantService).openAccess(
    grant,
    studentIds.filter((id) => !open.has(id)),
  );
  await bumpEpoch(session, grant.clientId);
}

async function initialPartnerGrant(session: Session): Promise<PartnerGrant> {
  const clientId = INITIAL_PARTNER_CLIENT;
  return {
    id: INITIAL_PARTNER_GRANT,
    agencyId: 'agency-regional-center',
    grantorOrganizationId: RIPON,
    clientId,
    secretHash: await hashSecret(clientId, COST),
    purpose: 'Coordination of services of students served by both',
    legalBasis: 'Written consent of the parents (34 CFR 99.30)',
    agreement: 'Interagency agreement, initial data',
    scopes: [...INITIAL_PARTNER_SCOPES],
    startsOn: session.today,
    expiresOn: anniversary(session.today, 3),
    destructionDate: anniversary(session.today, 4),
    publicKeys: null,
    redisclosure: null,
    ...untouched,
    createdBy: initialAccountId('district.ripon'),
    createdAt: session.now,
  };
}
