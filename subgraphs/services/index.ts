import type { DatabaseUse } from '../../platform/rights';
import { createSubgraph, type Subgraph, type SubgraphRuntime } from '../../platform/subgraph/create-subgraph';
import { type BuiltSubgraph, buildSubgraph, stub } from '../../platform/subgraph/federation';
import type { RequestContext } from '../../platform/subgraph/request-context';
import { ProviderAssignment } from './assignment/assignment.entity';
import { AssignmentResolver, StudentAssignmentsResolver } from './assignment/assignment.resolver';
import { CaseloadResolver, FirstAttendResolver, ProviderCaseloadResolver } from './caseload/caseload.resolver';
import { FirstAttend } from './caseload/first-attend.entity';
import { consumers } from './consumers';
import { serviceTables, serviceViews } from './migrations/services';
import { Provider } from './provider/provider.entity';
import { ProviderLoader } from './provider/provider.loader';
import { ProviderResolver } from './provider/provider.resolver';
import { setStaffIdKey } from './provider/staff-id';
import { ReassignmentResolver } from './reassignment/reassignment.resolver';
import { IepRef } from './references/iep.reference';
import { StudentRef } from './references/student.reference';
import { ServiceCodeResolver } from './service/service-code.resolver';
import { IepServicesResolver, ServiceResolver, StudentServicesResolver } from './service/service.resolver';
import { PlannedService } from './service/planned-service.entity';
import { Service } from './service/service.entity';
import { ServiceLoader } from './service/service.loader';

export {
  type LoadedAssignment,
  type LoadedProvider,
  type LoadedService,
  loadProviders,
  loadServices,
  type StudentServices,
} from './load-services';
export { INITIAL_PROVIDERS, initialProviderId, seedProviders } from './provider/initial-providers';

export const servicesEntities = [Provider, Service, PlannedService, ProviderAssignment, FirstAttend];
export const servicesMigrations = [...serviceTables, ...serviceViews];
/** Tables with rows of students: only scoped statements touch them. */
export const servicesProtectedTables = ['student_service', 'planned_service', 'provider_assignment', 'first_attend'];

/** What the database user of this subgraph may do. */
export const servicesDatabaseUse: DatabaseUse = {
  owns: servicesEntities,
  reads: ['pub_account', 'pub_iep', 'pub_jurisdiction', 'pub_organization', 'pub_role_grant', 'pub_student'],
  does: ['answer', 'emit', 'consume', 'changeAccess'],
};

interface Representation {
  id: string;
}

/** The schema and the SDL, without a database. */
export function buildServicesGraph(): BuiltSubgraph {
  return buildSubgraph({
    resolvers: [
      ServiceResolver,
      ServiceCodeResolver,
      StudentServicesResolver,
      IepServicesResolver,
      ProviderResolver,
      ProviderCaseloadResolver,
      AssignmentResolver,
      StudentAssignmentsResolver,
      CaseloadResolver,
      FirstAttendResolver,
      ReassignmentResolver,
    ],
    references: {
      Student: stub(StudentRef),
      Iep: stub(IepRef),
      Service: ({ id }: Representation, ctx: RequestContext) => ctx.get(ServiceLoader).byId.load(id),
      Provider: ({ id }: Representation, ctx: RequestContext) => ctx.get(ProviderLoader).load(id),
    } as never,
  });
}

export interface ServicesRuntime extends SubgraphRuntime {
  /** Secret that staff numbers are hashed with; without it none are taken. */
  staffIdKey?: string;
}

/** The one composition root of the services subgraph. */
export function createServicesSubgraph({ staffIdKey, ...runtime }: ServicesRuntime): Subgraph {
  setStaffIdKey(staffIdKey);
  return createSubgraph({ name: 'services', graph: buildServicesGraph(), runtime, consumes: consumers });
}
