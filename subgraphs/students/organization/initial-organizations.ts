import type { Session } from '../../../platform/scope/session';
import type { OrganizationKind } from './organization-kind';
import { type NewOrganization, OrganizationRepository } from './organization.repository';
import { SAN_JOAQUIN } from './san-joaquin';

/** The states that the system knows the rules of. Their other organizations come with the imports of `scripts/import`. */
export const STATES = {
  CA: { id: 'state-ca', name: 'State of California', timeZone: 'America/Los_Angeles' },
  LA: { id: 'state-la', name: 'State of Louisiana', timeZone: 'America/Chicago' },
  NY: { id: 'state-ny', name: 'State of New York', timeZone: 'America/New_York' },
} as const;
export type StateCode = keyof typeof STATES;

/** Sites of Acadia Parish, Louisiana, by the state's six-digit site code (2023-24). */
const ACADIA_SITES = [
  ['001005', 'Church Point High School'],
  ['001006', 'Church Point Middle School'],
  ['001007', 'Crowley High School'],
  ['001010', 'North Crowley Elementary School'],
  ['001014', 'Iota Elementary School'],
] as const;

/** Schools of New York City's geographic district 1 by DBN (2022-23). */
const NYC_DISTRICT_1 = [
  ['01M015', 'P.S. 015 Roberto Clemente'],
  ['01M020', 'P.S. 020 Anna Silver'],
  ['01M034', 'P.S. 034 Franklin D. Roosevelt'],
  ['01M140', 'P.S. 140 Nathan Straus'],
  ['01M332', 'University Neighborhood Middle School'],
] as const;

type Place = Pick<NewOrganization, 'id' | 'code' | 'name' | 'kind' | 'parentId'> & Partial<NewOrganization>;

const inState = (stateCode: StateCode, place: Place): NewOrganization => ({
  ...place,
  stateCode,
  timeZone: STATES[stateCode].timeZone,
});

/** The row of a state. */
export const stateOrganization = (code: StateCode): NewOrganization =>
  inState(code, { id: STATES[code].id, code, name: STATES[code].name, kind: 'STATE', parentId: null });

/** Offices, never persons: numbers and addresses of the ranges kept for examples. */
const office = (
  id: string,
  position: number,
): Pick<NewOrganization, 'contactName' | 'contactPhone' | 'contactEmail'> => ({
  contactName: 'Special education office',
  contactPhone: `555-01${String(position % 100).padStart(2, '0')}`,
  contactEmail: `special-education@${id}.example`,
});

function california(): NewOrganization[] {
  return SAN_JOAQUIN.flatMap(({ id: selpaId, name, leas }, s) => [
    inState('CA', { id: selpaId, code: selpaId, name, kind: 'SELPA', parentId: STATES.CA.id, ...office(selpaId, s) }),
    ...leas.flatMap((lea, l) => {
      const leaId = `ca-${lea.district}0000000`;
      const directServiceSelpaId = lea.directService ? selpaId : null;
      return [
        inState('CA', {
          id: leaId,
          code: `${lea.district}0000000`,
          name: lea.name,
          kind: 'LEA',
          parentId: selpaId,
          directServiceSelpaId,
          ...office(leaId, 10 + 20 * s + l),
        }),
        ...lea.schools.map(([school, schoolName]) =>
          inState('CA', {
            id: `ca-${lea.district}${school}`,
            code: `${lea.district}${school}`,
            name: schoolName,
            kind: californiaKind(school),
            parentId: leaId,
          }),
        ),
      ];
    }),
  ]);
}

/** School code 0000001 is the state's pseudo-school for students placed in non-public schools. */
export const californiaKind = (schoolCode: string): OrganizationKind => (schoolCode === '0000001' ? 'NPS' : 'SCHOOL');

function louisiana(): NewOrganization[] {
  const acadia = inState('LA', {
    id: 'la-001',
    code: '001',
    name: 'Acadia Parish',
    kind: 'LEA',
    parentId: STATES.LA.id,
    ...office('la-001', 70),
  });
  return [
    acadia,
    ...ACADIA_SITES.map(([code, name]) =>
      inState('LA', { id: `la-${code}`, code, name, kind: 'SCHOOL', parentId: acadia.id }),
    ),
  ];
}

function newYork(): NewOrganization[] {
  const district = inState('NY', {
    id: 'ny-d01',
    code: 'D01',
    name: 'NYC Geographic District 1',
    kind: 'LEA',
    parentId: STATES.NY.id,
    ...office('ny-d01', 80),
  });
  return [
    district,
    ...NYC_DISTRICT_1.map(([code, name]) =>
      inState('NY', { id: `ny-${code}`, code, name, kind: 'SCHOOL', parentId: district.id }),
    ),
  ];
}

/** The organizations of the initial data, the upper ones first. */
export function initialOrganizations(): NewOrganization[] {
  const states = (Object.keys(STATES) as StateCode[]).map(stateOrganization);
  const agency = inState('CA', {
    id: 'agency-regional-center',
    code: 'regional-center',
    name: 'Regional Center',
    kind: 'PARTNER_AGENCY',
    parentId: STATES.CA.id,
    ...office('agency-regional-center', 90),
  });
  return [...states, ...california(), ...louisiana(), ...newYork(), agency];
}

/** Adds the organizations of the initial data that are missing; leaves the others alone. In a write transaction. */
export async function seedOrganizations(session: Session): Promise<void> {
  const repository = session.get(OrganizationRepository);
  const wanted = initialOrganizations();
  const known = new Set((await repository.findByIds(wanted.map(({ id }) => id))).map(({ id }) => id));
  await repository.insert(wanted.filter(({ id }) => !known.has(id)));
}
