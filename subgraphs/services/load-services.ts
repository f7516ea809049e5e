import { insertRows } from '../../platform/database/insert-rows';
import type { CalendarDay } from '../../platform/dates';
import { newId } from '../../platform/ids';
import type { Session } from '../../platform/scope/session';
import { StudentAccess } from '../../platform/scope/tables';
import { ProviderAssignment } from './assignment/assignment.entity';
import type { AssignmentRole } from './assignment/assignment.enums';
import { Provider } from './provider/provider.entity';
import type { ProviderKind } from './provider/provider-kind';
import { searchName } from './provider/search-name';
import { PlannedService } from './service/planned-service.entity';
import { Service } from './service/service.entity';
import type {
  DeliveryModel,
  Frequency,
  ServiceRecipient,
  ServiceState,
  TerminationReason,
} from './service/service.enums';

/** A provider as seeds and generators know one. Ids are theirs to choose. */
export interface LoadedProvider {
  id: string;
  accountId?: string | null;
  displayName: string;
  kind: ProviderKind;
  organizationId: string;
  agencyId?: string | null;
  /** Codes that the provider may deliver; null or left out for no limit. */
  serviceCodes?: string[] | null;
  active?: boolean;
}

export interface LoadedService {
  id?: string;
  /** The newest plan that orders it. */
  iepId?: string | null;
  /** Earlier plans that list it too: an amendment carries on what it doesn't change. */
  earlierPlans?: readonly string[];
  /** The owner when it was opened; the bundle's LEA when left out. */
  leaId?: string;
  code: string;
  state: ServiceState;
  providerId?: string | null;
  frequency: Frequency;
  minutes: number;
  delivery: DeliveryModel;
  location?: string | null;
  recipient?: ServiceRecipient;
  startDate: CalendarDay;
  endDate?: CalendarDay | null;
  doNotReport?: boolean;
  parentServiceId?: string | null;
  terminationReason?: TerminationReason | null;
}

export interface LoadedAssignment {
  id?: string;
  providerId: string;
  /** The provider's account: gets the access. Null for somebody who doesn't sign in. */
  accountId?: string | null;
  role: AssignmentRole;
  serviceId?: string | null;
  leaId?: string;
  validFrom: CalendarDay;
  validTo?: CalendarDay | null;
}

/** All that one student gets. The LEA is the owner of the open jurisdiction. */
export interface StudentServices {
  studentId: string;
  leaId: string;
  services: LoadedService[];
  assignments: LoadedAssignment[];
}

const CHUNK = 500;

/** Adds providers; those whose id is known stay as they are. In a write transaction of a system session. */
export async function loadProviders(session: Session, providers: readonly LoadedProvider[]): Promise<void> {
  for (let start = 0; start < providers.length; start += CHUNK) {
    const chunk = providers.slice(start, start + CHUNK);
    const known = await session.manager
      .createQueryBuilder(Provider, 'p')
      .select('p.id')
      .where('p.id IN (:...ids)', { ids: chunk.map((row) => row.id) })
      .getMany();
    const ids = new Set(known.map((row) => row.id));
    const fresh = chunk.filter((row) => !ids.has(row.id));
    await insertRows(session, Provider, fresh.map(toProvider));
  }
}

/**
 * Adds services and assignments of many students, with the access that follows from open assignments, in statements of up
 * to 500 rows. For initial data and generators: asks no rule and tells nobody. In a write transaction of a system session.
 */
export async function loadServices(session: Session, bundles: readonly StudentServices[]): Promise<void> {
  const loaded = bundles.flatMap((bundle) => bundle.services.map((row) => ({ row, service: toService(row, bundle) })));
  const services = loaded.map(({ service }) => service);
  const assignments = bundles.flatMap((bundle) => bundle.assignments.map((row) => toAssignment(row, bundle)));
  const planned = loaded.flatMap(({ row: { iepId, earlierPlans = [] }, service: { id: serviceId, studentId } }) =>
    [...earlierPlans, ...(iepId ? [iepId] : [])].map((plan) => ({ id: newId(), studentId, iepId: plan, serviceId })),
  );
  await insertRows(session, Service, services);
  await insertRows(session, PlannedService, planned);
  await insertRows(session, ProviderAssignment, assignments);
  await insertRows(session, StudentAccess, accessOf(assignments));
}

/** One right per student, account and role, from the widest of its assignments. */
function accessOf(assignments: readonly ProviderAssignment[]): StudentAccess[] {
  const rights = new Map<string, StudentAccess>();
  for (const { studentId, accountId, role, leaId, validFrom, validTo } of assignments) {
    if (!accountId) continue;
    const key = `${studentId} ${accountId} ${role}`;
    const known = rights.get(key);
    if (!known) {
      rights.set(key, {
        id: newId(),
        studentId,
        grantee: `STAFF:${accountId}`,
        relation: role,
        leaId,
        validFrom,
        validTo,
        plannedTo: validTo,
        revokedAt: null,
      });
      continue;
    }
    if (validFrom < known.validFrom) known.validFrom = validFrom;
    if (validTo === null || (known.validTo !== null && validTo > known.validTo))
      known.validTo = known.plannedTo = validTo;
  }
  return [...rights.values()];
}

function toProvider({
  accountId = null,
  agencyId = null,
  serviceCodes = null,
  active = true,
  ...row
}: LoadedProvider): Provider {
  return {
    ...row,
    accountId,
    agencyId,
    serviceCodes,
    active,
    searchName: searchName(row.displayName),
    staffIdHash: null,
    staffIdLastFour: null,
    version: 1,
  };
}

function toService({ earlierPlans: _plans, ...row }: LoadedService, { studentId, leaId }: StudentServices): Service {
  return {
    ...row,
    id: row.id ?? newId(),
    studentId,
    leaId: row.leaId ?? leaId,
    iepId: row.iepId ?? null,
    providerId: row.providerId ?? null,
    location: row.location ?? null,
    recipient: row.recipient ?? 'STUDENT',
    endDate: row.endDate ?? null,
    doNotReport: row.doNotReport ?? false,
    parentServiceId: row.parentServiceId ?? null,
    terminationReason: row.terminationReason ?? null,
    version: 1,
  };
}

function toAssignment(row: LoadedAssignment, { studentId, leaId }: StudentServices): ProviderAssignment {
  return {
    ...row,
    id: row.id ?? newId(),
    studentId,
    leaId: row.leaId ?? leaId,
    accountId: row.accountId ?? null,
    serviceId: row.serviceId ?? null,
    validTo: row.validTo ?? null,
    plannedTo: row.validTo ?? null,
    revokedAt: null,
    source: 'LOADED',
  };
}
