import type { DatabaseUse } from '../../platform/rights';
import { createSubgraph, type Subgraph } from '../../platform/subgraph/create-subgraph';
import { type BuiltSubgraph, buildSubgraph } from '../../platform/subgraph/federation';
import type { RequestContext } from '../../platform/subgraph/request-context';
import { AccessExplanationResolver, AccessRowResolver } from './access-explanation/access-explanation.resolver';
import { StudentAccessGrant } from './access-grant/student-access-grant.entity';
import { StudentAccessGrantResolver } from './access-grant/student-access-grant.resolver';
import { Account } from './account/account.entity';
import { AccountLoader } from './account/account.loader';
import { AccountResolver } from './account/account.resolver';
import { RoleGrant } from './account/role-grant.entity';
import { RoleGrantResolver } from './account/role-grant.resolver';
import { ManagerDesignation } from './designation/designation.entity';
import { DesignationResolver, OrganizationDesignationResolver } from './designation/designation.resolver';
import { DisclosureResolver } from './disclosure/disclosure.resolver';
import { organizationMigrations, organizationViews } from './migrations/organizations';
import { Organization } from './organization/organization.entity';
import { OrganizationLoader } from './organization/organization.loader';
import { OrganizationResolver } from './organization/organization.resolver';
import { PartnerGrant, PartnerGrantOrganization } from './partner/partner-grant.entity';
import { PartnerGrantResolver } from './partner/partner-grant.resolver';
import { internalRoutes, type StudentsRuntime } from './principal/internal-routes';
import { ViewerResolver } from './principal/viewer.resolver';
import { COUNTED_LOOKS } from './student/crossing-limit';
import {
  studentConsumers,
  studentEntities,
  studentMigrations,
  studentProtectedTables,
  studentReferences,
  studentResolvers,
} from './student/module';

export { INITIAL_ACCOUNTS, initialAccountId, seedAccounts, seedPartnerGrant } from './account/initial-accounts';
export { seedOrganizations } from './organization/initial-organizations';
export type { StudentsRuntime } from './principal/internal-routes';

/** Tables of this subgraph. */
export const studentsEntities = [
  Organization,
  Account,
  RoleGrant,
  ManagerDesignation,
  PartnerGrant,
  PartnerGrantOrganization,
  StudentAccessGrant,
  ...studentEntities,
];
export const studentsMigrations = [...organizationMigrations, ...organizationViews, ...studentMigrations];
/** Tables with rows of students: only scoped statements touch them. */
export const studentsProtectedTables: string[] = [...studentProtectedTables, 'student_access_grant'];

/** What the database user of this subgraph may do. */
export const studentsDatabaseUse: DatabaseUse = {
  owns: studentsEntities,
  writesOnce: ['student_status_entry'],
  reads: ['pub_evaluation', 'pub_goal_progress', 'pub_iep', 'pub_red_window_override', 'pub_service'],
  does: ['readDisclosures', 'answer', 'list', 'emit', 'consume', 'changeAccess', 'changePrincipals'],
};

/** The schema of the students subgraph, without a database. */
export function buildStudentsGraph(): BuiltSubgraph {
  return buildSubgraph({
    resolvers: [
      OrganizationResolver,
      AccountResolver,
      RoleGrantResolver,
      DesignationResolver,
      OrganizationDesignationResolver,
      PartnerGrantResolver,
      StudentAccessGrantResolver,
      ViewerResolver,
      DisclosureResolver,
      AccessExplanationResolver,
      AccessRowResolver,
      ...studentResolvers,
    ],
    references: {
      Organization: ({ id }: { id: string }, ctx: RequestContext) => ctx.get(OrganizationLoader).load(id),
      Account: ({ id }: { id: string }, ctx: RequestContext) => ctx.get(AccountLoader).byId.load(id),
      ...studentReferences,
    } as never,
  });
}

/** The students subgraph: identity, jurisdiction, organizations, accounts and grants. Also the gateway's source of principals. */
export function createStudentsSubgraph(runtime: StudentsRuntime): Subgraph {
  return createSubgraph({
    name: 'students',
    graph: buildStudentsGraph(),
    runtime,
    consumes: studentConsumers,
    routes: internalRoutes(runtime),
    effects: COUNTED_LOOKS,
  });
}
