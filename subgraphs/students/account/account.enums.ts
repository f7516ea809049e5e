import { graphqlEnum } from '../../../platform/graphql/enums';
import { ACCESS_RELATIONS } from '../../../platform/principal/principal';
import { type RoleName, ROLES } from './roles';

type Same<K extends string> = { [Name in K]: Name };
const same = <K extends string>(names: readonly K[]): Same<K> =>
  Object.fromEntries(names.map((name) => [name, name])) as Same<K>;

const roleNames = Object.keys(ROLES) as RoleName[];

/** The roles of `roles.ts`, and PARTNER for the clients of partner agencies, whose rights stand in their grant. */
export const RoleEnum = same([...roleNames, 'PARTNER']);
graphqlEnum(RoleEnum, 'Role', 'What somebody is at an organization: decides level, rows and capabilities.', {
  ...(Object.fromEntries(roleNames.map((name) => [name, ROLES[name].description])) as Record<RoleName, string>),
  PARTNER: 'Client of a partner agency: the students and scopes of its grant.',
});

export const AccessRelationEnum = same(ACCESS_RELATIONS);
graphqlEnum(
  AccessRelationEnum,
  'AccessRelation',
  'How a caller is related to a student: why the student is in scope.',
  {
    JURISDICTION: 'The LEA that owns the record, its SELPA and its state.',
    REPORTING: 'The LEA that reports the student.',
    ACCOUNTABILITY: 'The district of special education accountability.',
    RESIDENCE: 'The district of residence.',
    LOCATION: 'The district of location.',
    SCHOOL: 'The school of attendance.',
    PRIVATE_SCHOOL: 'The private school of attendance.',
    NPS: 'The non-public school of attendance.',
    CASE_MANAGER: 'The case manager.',
    PROVIDER: 'A provider with an open assignment.',
    GRANT: 'Granted by name: a partner agency or a monitor.',
  },
);

export const ScopeLevel = same(['STATE', 'SELPA', 'DISTRICT', 'SCHOOL', 'TEACHER', 'PARTNER']);
export type ScopeLevel = keyof typeof ScopeLevel;
graphqlEnum(ScopeLevel, 'ScopeLevel', 'The level at which a caller stands.', {
  STATE: 'State agency.',
  SELPA: 'SELPA.',
  DISTRICT: 'LEA.',
  SCHOOL: 'School or site.',
  TEACHER: 'Case manager or provider.',
  PARTNER: 'Partner agency.',
});
