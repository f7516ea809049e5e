import { CAPABILITIES, MATRIX, MATRIX_COLUMNS, onlyReads } from './capability-matrix';
import { PARTNER_SCOPES, perspectiveCapabilities } from './rights';
import { isAdditive, roleOf, ROLES, type RoleName } from './roles';
import { isVariantOf, usualUsername } from './usernames';

const roleNames = Object.keys(ROLES) as RoleName[];

describe('the table of roles against domain.md B.2 and B.3', () => {
  test('every row of the matrix has one mark per column, and names known capabilities', () => {
    for (const [right, marks, gives] of MATRIX) {
      expect([right, marks.split(/\s+/).length]).toEqual([right, MATRIX_COLUMNS.length]);
      for (const capability of Object.values(gives).flat()) expect(CAPABILITIES).toContain(capability);
    }
  });
  test('every capability of api.graphql is held by some role', () => {
    const held = new Set(roleNames.flatMap((name) => roleOf(name).capabilities));
    expect(CAPABILITIES.filter((capability) => !held.has(capability))).toEqual([]);
  });
  const holders = (capability: string): string[] =>
    roleNames.filter((name) => (roleOf(name).capabilities as readonly string[]).includes(capability)).sort();
  test.each([
    [
      'SEIS-52 nobody attests in place of the case manager',
      'iep:affirm',
      ['CASE_MANAGER', 'DATA_WRITER', 'GENERAL_USER'],
    ],
    [
      'SEIS-27 a provider does not open the whole draft',
      'iep:write',
      ['CASE_MANAGER', 'DATA_WRITER', 'DISTRICT_ADMIN', 'GENERAL_USER', 'SEDS_COORDINATOR', 'SELPA_ADMIN'],
    ],
    ['B.3 the district’s clerk reactivates', 'iep:reactivate', ['DISTRICT_ADMIN', 'SEDS_COORDINATOR']],
    ['SER-80 the submit right is additive', 'iep:submit', ['IEP_SUBMITTER']],
    ['SER-44 the Secure-ID right is additive', 'stateid:write', ['SECURE_ID_EDITOR']],
    ['SEIS-08 who manages users', 'account:manage', ['DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'SELPA_ADMIN']],
    [
      'SEIS-37, SER-24 who claims',
      'jurisdiction:write',
      ['DATA_WRITER', 'DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'SELPA_ADMIN'],
    ],
    [
      'SEIS-23 who processes exits',
      'exit:process',
      ['DATA_WRITER', 'DISTRICT_ADMIN', 'SEDS_COORDINATOR', 'SELPA_ADMIN'],
    ],
    ['SESIS-21 only the DOE provider adds itself', 'caseload:self-add', ['DOE_PROVIDER']],
    ['SEIS-34 the SELPA approves', 'certification:selpa-approve', ['SELPA_ADMIN']],
    ['SIRAS-85 who sends transactions', 'transaction:send', ['CALPADS_REPORTER', 'DATA_WRITER', 'SIS_COORDINATOR']],
  ])('%s', (_name, capability, expected) => expect(holders(capability)).toEqual(expected));
  test('SIRAS-02 the SIS coordinator reads no IEP text', () => {
    expect(ROLES.SIS_COORDINATOR.capabilities.filter((capability) => capability.startsWith('iep'))).toEqual([]);
  });
  test('SER-01 a state administrator changes nothing', () =>
    expect(ROLES.STATE_ADMIN.capabilities.every(onlyReads)).toBe(true));
  test('SIRAS-133 under a read-only grant everything that writes is left out, whoever holds it', () => {
    for (const role of roleNames) expect(perspectiveCapabilities(role, roleNames, true).every(onlyReads)).toBe(true);
    expect(perspectiveCapabilities('DISTRICT_ADMIN', [], false).every(onlyReads)).toBe(false);
  });
  test('B.4 a partner gets no narrative, contact, sensitive attachment or write', () => {
    expect(PARTNER_SCOPES.every((scope) => onlyReads(scope) && !/narrative|contacts|sensitive/.test(scope))).toBe(true);
  });
});

test('additive permissions are granted, not stood in', () =>
  expect(roleNames.filter(isAdditive)).toEqual(['CALPADS_REPORTER', 'IEP_SUBMITTER', 'SECURE_ID_EDITOR']));

describe('V-040 SIRAS-53 variants of a user name', () => {
  test.each([
    ['maria.garcia', true], ['maria2.garcia', true], ['mariaj.garcia', true], ['maria.garcia2', false], ['mariajo.garcia', false], ['xmaria.garcia', false], ['maria.garciax', false], ['garcia.maria', false],
  ])('%s → %s', (username, expected) => expect(isVariantOf(username, 'María', 'García')).toBe(expected)); // prettier-ignore
  test('names lose accents and signs', () => expect(usualUsername('Zoë', "O'Brien-Núñez")).toBe('zoe.obriennunez'));
});
