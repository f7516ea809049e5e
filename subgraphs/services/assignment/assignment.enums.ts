import { graphqlEnum } from '../../../platform/graphql/enums';
import { ACCESS_RELATIONS } from '../../../platform/principal/principal';

export const AssignmentRole = { CASE_MANAGER: 'CASE_MANAGER', PROVIDER: 'PROVIDER' } as const;
export type AssignmentRole = (typeof AssignmentRole)[keyof typeof AssignmentRole];
graphqlEnum(AssignmentRole, 'AssignmentRole', 'As what somebody is assigned to a student.', {
  CASE_MANAGER: 'Manages the case; exactly one per student.',
  PROVIDER: 'Delivers services.',
});

/** What an assignment came from. */
export const AssignmentSource = {
  DIRECT: 'DIRECT',
  SERVICE: 'SERVICE',
  PLAN: 'PLAN',
  SUPERVISOR: 'SUPERVISOR',
  SELF: 'SELF',
  FIRST_ATTEND: 'FIRST_ATTEND',
  REASSIGNMENT: 'REASSIGNMENT',
  LOADED: 'LOADED',
} as const;
export type AssignmentSource = (typeof AssignmentSource)[keyof typeof AssignmentSource];
graphqlEnum(AssignmentSource, 'AssignmentSource', 'What an assignment came from.', {
  DIRECT: 'Entered on the student record.',
  SERVICE: 'A service was added with the provider.',
  PLAN: 'An affirmed plan names the provider.',
  SUPERVISOR: 'A supervisor added the student to the caseload.',
  SELF: 'The provider added the student to the own caseload.',
  FIRST_ATTEND: 'The provider reported the first attend.',
  REASSIGNMENT: 'Taken over from another provider in a bulk update.',
  LOADED: 'Came with initial or imported records.',
});

/** The public enum of all relations; a caseload uses two of them. */
export const AccessRelationEnum = Object.fromEntries(ACCESS_RELATIONS.map((relation) => [relation, relation])) as {
  [K in (typeof ACCESS_RELATIONS)[number]]: K;
};
graphqlEnum(AccessRelationEnum, 'AccessRelation', 'How a caller is related to a student.', {
  JURISDICTION: 'The LEA that owns the student, and those above it.',
  REPORTING: 'The LEA that reports the student to the state.',
  ACCOUNTABILITY: 'The district of special education accountability.',
  RESIDENCE: 'The district where the student lives.',
  LOCATION: 'The district where the student is served.',
  SCHOOL: 'The school that the student attends.',
  PRIVATE_SCHOOL: 'The private school that the student attends.',
  NPS: 'The non-public school that serves the student.',
  CASE_MANAGER: 'The case manager.',
  PROVIDER: 'A provider of services.',
  GRANT: 'A partner agency that was granted the student.',
});
