import { z } from 'zod';
import { californiaKind, type StateCode, STATES } from '../../subgraphs/students/organization/initial-organizations';
import type { NewOrganization } from '../../subgraphs/students/organization/organization.repository';

/** What a row of a directory says: a school, and the LEA that it names. */
export interface DirectoryEntry {
  /** The LEA as the row names it. Made when unknown; an existing one is left alone, unless `organization` is the LEA itself. */
  lea: NewOrganization;
  /** What the row is about. */
  organization: NewOrganization;
}

/** A layout of a directory file that can be imported. */
export interface Directory {
  state: StateCode;
  description: string;
  /** Columns that the header must have. Others are ignored. */
  row: z.ZodObject<Record<string, z.ZodType<string>>>;
  entry(row: Record<string, string>): DirectoryEntry;
}

const MAX_NAME = 200;
export const name = z
  .string()
  .min(1, 'is empty')
  .max(MAX_NAME, `has more than ${MAX_NAME} characters`)
  .regex(/^[^\p{Cc}]*$/u, 'has control characters');
const code = (pattern: RegExp, what: string) => z.string().regex(pattern, `must be ${what}`);
const cds = code(/^\d{14}$/, '14 digits');
const DISTRICT_OFFICE = '0000000';

const inState = (
  state: StateCode,
  place: Pick<NewOrganization, 'id' | 'code' | 'name' | 'kind' | 'parentId'>,
): NewOrganization => ({ ...place, stateCode: state, timeZone: STATES[state].timeZone });

/** The county-district-school code names the district in its first seven digits; school code 0000000 is the district itself. */
function californiaEntry(cdsCode: string, district: string, school: string, active: boolean): DirectoryEntry {
  const [districtCode, schoolCode] = [cdsCode.slice(0, 7), cdsCode.slice(7)];
  // Membership of a SELPA is in no directory: a new LEA stands below the state until somebody places it.
  const leaCode = `${districtCode}${DISTRICT_OFFICE}`;
  const lea = inState('CA', {
    id: `ca-${leaCode}`,
    code: leaCode,
    name: district,
    kind: 'LEA',
    parentId: STATES.CA.id,
  });
  if (schoolCode === DISTRICT_OFFICE) return { lea, organization: { ...lea, active } };
  return {
    lea,
    organization: {
      ...inState('CA', {
        id: `ca-${cdsCode}`,
        code: cdsCode,
        name: school,
        kind: californiaKind(schoolCode),
        parentId: lea.id,
      }),
      active,
    },
  };
}

const caSchoolRow = z.object({ cds, district: name, school: name, status: z.string() });
const caPubschlsRow = z.object({
  cds,
  StatusType: z.enum(['Active', 'Closed', 'Merged', 'Pending'], 'must be Active, Closed, Merged or Pending'),
  District: name,
  School: z.string().max(MAX_NAME, `has more than ${MAX_NAME} characters`),
});
const laSiteRow = z.object({
  site_code: code(/^[0-9A-Z]{6}$/, '6 digits or letters'),
  lea_code: code(/^[0-9A-Z]{3}$/, '3 digits or letters'),
  lea_name: name,
  site_name: name,
});
const nycSchoolRow = z.object({
  dbn: code(/^\d{2}[A-Z]\d{3}$/, 'a DBN such as 01M015'),
  district: code(/^\d{2}$/, '2 digits'),
  school_name: name,
});

const asRow = (row: z.ZodObject): Directory['row'] => row as unknown as Directory['row'];

/** The directories by the name under which `npm run import` knows them. */
export const DIRECTORIES = {
  'ca-schools': {
    state: 'CA',
    description: 'California schools (CDE and CALPADS, one row per school)',
    row: asRow(caSchoolRow),
    entry: ({ cds: cdsCode, district, school, status }) =>
      californiaEntry(cdsCode!, district!, school!, status === 'Active' || status === ''),
  },
  'ca-pubschls': {
    state: 'CA',
    description: "California schools in CDE's own pubschls layout, all statuses",
    row: asRow(
      caPubschlsRow.refine((row) => row.School !== '' || row.cds.endsWith(DISTRICT_OFFICE), {
        path: ['School'],
        message: 'is empty',
      }),
    ),
    entry: ({ cds: cdsCode, District, School, StatusType }) =>
      californiaEntry(cdsCode!, District!, School!, StatusType === 'Active'),
  },
  'la-sites': {
    state: 'LA',
    description: 'Louisiana sites (LDOE)',
    row: asRow(laSiteRow),
    entry: ({ site_code, lea_code, lea_name, site_name }) => {
      const lea = inState('LA', {
        id: `la-${lea_code}`,
        code: lea_code!,
        name: lea_name!,
        kind: 'LEA',
        parentId: STATES.LA.id,
      });
      return {
        lea,
        organization: inState('LA', {
          id: `la-${site_code}`,
          code: site_code!,
          name: site_name!,
          kind: 'SCHOOL',
          parentId: lea.id,
        }),
      };
    },
  },
  'nyc-schools': {
    state: 'NY',
    description: 'New York City schools (NYC DOE)',
    row: asRow(nycSchoolRow),
    entry: ({ dbn, district, school_name }) => {
      const lea = inState('NY', {
        id: `ny-d${district}`,
        code: `D${district}`,
        name: nycDistrictName(Number(district)),
        kind: 'LEA',
        parentId: STATES.NY.id,
      });
      return {
        lea,
        organization: inState('NY', {
          id: `ny-${dbn}`,
          code: dbn!,
          name: school_name!,
          kind: 'SCHOOL',
          parentId: lea.id,
        }),
      };
    },
  },
} satisfies Record<string, Directory>;

export type DirectoryName = keyof typeof DIRECTORIES;

/** Districts 1 to 32 are geographic; the higher numbers (75, 79, 84) are citywide. */
const nycDistrictName = (district: number): string =>
  district <= 32 ? `NYC Geographic District ${district}` : `NYC District ${district}`;
