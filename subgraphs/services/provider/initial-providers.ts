import type { Session } from '../../../platform/scope/session';
import { type LoadedProvider, loadProviders } from '../load-services';
import type { ProviderKind } from './provider-kind';

const RIPON = 'ca-39686500000000';
const MANTECA = 'ca-39685930000000';
const LODI = 'ca-39685850000000';
const ACADIA = 'la-001';
const NYC_1 = 'ny-d01';

type InitialProvider = [
  username: string,
  displayName: string,
  kind: ProviderKind,
  organizationId: string,
  serviceCodes: string[] | null,
];

/** The providers behind the accounts of `SEED=demo`: whoever manages cases, serves or supervises. Invented persons. */
const PEOPLE: readonly InitialProvider[] = [
  ['teacher.ripon', 'Dana Whitfield', 'LEA_STAFF', RIPON, null],
  ['teacher2.ripon', 'Hugo Brandt', 'LEA_STAFF', RIPON, null],
  ['provider.ripon', 'Noor Haddad', 'LEA_STAFF', RIPON, null],
  ['provider2.ripon', 'Amara Cole', 'LEA_STAFF', RIPON, null],
  ['teacher.manteca', 'Samuel Ochoa', 'LEA_STAFF', MANTECA, null],
  ['teacher2.manteca', 'Beatriz Luna', 'LEA_STAFF', MANTECA, null],
  ['provider.manteca', 'Karl Jensen', 'LEA_STAFF', MANTECA, null],
  ['provider2.manteca', 'Ruth Okafor', 'LEA_STAFF', MANTECA, null],
  ['teacher.lodi', 'Helen Strand', 'LEA_STAFF', LODI, null],
  ['teacher2.lodi', 'Marco Silva', 'LEA_STAFF', LODI, null],
  ['provider.lodi', 'Joyce Tan', 'LEA_STAFF', LODI, null],
  ['provider2.lodi', 'Pavel Novak', 'LEA_STAFF', LODI, null],
  ['teacher.acadia', 'Nadine Fontenot', 'LEA_STAFF', ACADIA, null],
  ['provider.acadia', 'Basil Thibodeaux', 'LEA_STAFF', ACADIA, null],
  ['teacher.nyc', 'Rebecca Stein', 'DOE_STAFF', NYC_1, ['330', '350']],
  ['supervisor.nyc', 'Miriam Adler', 'DOE_STAFF', NYC_1, []],
  ['doe.provider.nyc', 'Tomas Rivera', 'DOE_STAFF', NYC_1, ['415', '450', '460', '510', '515']],
  ['agency.provider.nyc', 'Grace Lin', 'CONTRACTED_AGENCY', NYC_1, ['415', '450']],
  ['independent.provider.nyc', 'Elias Moreau', 'INDEPENDENT', NYC_1, ['415']],
];

/** The provider id of a user name of the initial data. */
export const initialProviderId = (username: string): string => `prov-${username.replaceAll('.', '-')}`;

export const INITIAL_PROVIDERS: readonly LoadedProvider[] = PEOPLE.map(
  ([username, displayName, kind, organizationId, serviceCodes]) => ({
    id: initialProviderId(username),
    accountId: `acct-${username.replaceAll('.', '-')}`,
    displayName,
    kind,
    organizationId,
    serviceCodes,
  }),
);

/** Adds the providers of the initial data that are missing. In a write transaction of a system session. */
export const seedProviders = (session: Session): Promise<void> => loadProviders(session, INITIAL_PROVIDERS);
