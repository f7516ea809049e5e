import { conflict, databaseFault, notFound, reject, Rejection, type RuleError } from '../../../platform/errors';
import type { Page, PageArgs } from '../../../platform/graphql/connection';
import { newId } from '../../../platform/ids';
import type { Session } from '../../../platform/scope/session';
import { AssignmentRepository } from '../assignment/assignment.repository';
import { OwnershipRepository } from '../ownership/ownership.repository';
import { isServiceCode } from '../service/service-codes';
import { ServiceRepository } from '../service/service.repository';
import { DirectoryRepository, type Place } from './directory.repository';
import type { Provider } from './provider.entity';
import type {
  CreateProviderInput,
  DeactivateProviderInput,
  ProviderFilter,
  UpdateProviderInput,
} from './provider.inputs';
import { KIND_RULES, type ProviderKind } from './provider-kind';
import { ProviderRepository } from './provider.repository';
import { searchName } from './search-name';
import { keepStaffId } from './staff-id';
import { countStaffId } from './staff-id-limit';

const MAX_NAME = 160;

/** Providers: entered, changed and deactivated by who supervises caseloads at their organization or above it. */
export class ProviderService {
  private readonly providers: ProviderRepository;
  private readonly directory: DirectoryRepository;

  constructor(private readonly session: Session) {
    this.providers = session.get(ProviderRepository);
    this.directory = session.get(DirectoryRepository);
  }

  /** A page of providers; with `assignableTo` of those who may be given this student, for whoever may assign and sees the student. */
  async page(filter: ProviderFilter, args: PageArgs): Promise<Page<Provider>> {
    const { assignableTo } = filter;
    if (assignableTo == null) return this.providers.page(filter, args);
    const ownership = this.session.get(OwnershipRepository);
    const mayAssign = this.session.principal.capabilities.includes('assignment:write');
    const inScope = mayAssign && (await ownership.rights(assignableTo)).some((right) => right.open);
    const owner = inScope ? await ownership.owner(assignableTo) : null;
    return this.providers.page(filter, args, owner ? [owner.leaId] : []);
  }

  /** Enters a provider (SESIS-01). Returns the id. */
  async create(input: CreateProviderInput): Promise<string> {
    const { kind, organizationId, staffId } = input;
    const place = await this.place(organizationId);
    const agencyId = input.agencyId ?? null;
    await this.assertFits(kind, place, agencyId);
    const accountId = input.accountId ?? null;
    if (accountId) await this.assertAccount(accountId);
    const provider: Provider = {
      id: newId(),
      accountId,
      ...nameOf(input.displayName),
      kind,
      organizationId,
      agencyId,
      serviceCodes: codesOf(input.serviceCodes ?? null),
      active: true,
      staffIdHash: null,
      staffIdLastFour: null,
      ...(staffId != null ? await this.staffId(staffId, place) : {}),
      version: 1,
    };
    await this.written(this.providers.insert(provider));
    return provider.id;
  }

  /** Changes what is given, and brings back somebody who had left. */
  async update(input: UpdateProviderInput): Promise<void> {
    const provider = await this.forChange(input);
    const { displayName, serviceCodes, staffId, reactivate } = input;
    const next = {
      kind: given(input.kind, provider.kind, 'kind'),
      organizationId: given(input.organizationId, provider.organizationId, 'organizationId'),
      agencyId: input.agencyId === undefined ? provider.agencyId : input.agencyId,
      accountId: input.accountId === undefined ? provider.accountId : input.accountId,
      active: provider.active || reactivate,
    };
    const place = await this.place(next.organizationId);
    if ((['kind', 'organizationId', 'agencyId'] as const).some((field) => next[field] !== provider[field]))
      await this.assertFits(next.kind, place, next.agencyId);
    const accountMoves = next.accountId !== provider.accountId;
    if (accountMoves) await this.assertServesNobody(provider, 'Access to students does not move between accounts:');
    if (next.accountId && next.active && (accountMoves || !provider.active))
      await this.assertAccount(next.accountId, provider.id);
    const staff = staffId != null ? await this.staffId(staffId, place, provider.id) : {};
    const change: Partial<Provider> = {
      ...next,
      ...(displayName === undefined ? {} : nameOf(given(displayName, provider.displayName, 'displayName'))),
      ...(serviceCodes === undefined ? {} : { serviceCodes: codesOf(serviceCodes) }),
      ...(staffId === null ? { staffIdHash: null, staffIdLastFour: null } : staff),
    };
    await this.written(this.providers.update(provider, change));
  }

  /**
   * Ends the work of somebody who has left. Refused while students depend on it: they are handed over first, so that none is
   * left without a case manager (SEIS-38) or a provider, and no access stays behind.
   */
  async deactivate(input: DeactivateProviderInput): Promise<void> {
    const provider = await this.forChange(input);
    if (!provider.active) return;
    await this.assertServesNobody(provider, 'A provider who has left serves nobody:');
    await this.providers.update(provider, { active: false });
  }

  private async forChange({ providerId, version }: { providerId: string; version: number }): Promise<Provider> {
    const provider = await this.providers.findForChange(providerId);
    if (!provider) throw notFound('The provider');
    if (provider.version !== version)
      throw conflict('Somebody else has changed this provider. Read it again and repeat your change.');
    return provider;
  }

  private async place(organizationId: string): Promise<Place> {
    const place = await this.directory.placeInReach(organizationId);
    if (place) return place;
    throw reject('V-068', 'Providers are entered at your organization and those below it only.', ['organizationId']);
  }

  /** SESIS-01: a kind belongs to a state and to kinds of organization. */
  private async assertFits(kind: ProviderKind, place: Place, agencyId: string | null): Promise<void> {
    const { states, at, agencies = [], needsAgency } = KIND_RULES[kind];
    if (!states.includes(place.stateCode)) {
      const kinds = Object.entries(KIND_RULES).flatMap(([name, rule]) =>
        rule.states.includes(place.stateCode) ? name : [],
      );
      throw reject('SESIS-01', `Providers in this state are of kind ${kinds.join(', ')}.`, ['kind']);
    }
    if (!at.includes(place.kind)) {
      throw reject('SESIS-01', `Providers of this kind work for an organization of kind ${at.join(', ')}.`, [
        'organizationId',
      ]);
    }
    if (agencyId === null) {
      if (!needsAgency || agencies.includes(place.kind)) return;
      throw reject('SESIS-01', 'Name the non-public agency or school that employs the provider.', ['agencyId']);
    }
    const agency = await this.directory.place(agencyId);
    if (agency?.stateCode === place.stateCode && agencies.includes(agency.kind)) return;
    const message =
      agencies.length === 0
        ? 'Providers of this kind have no agency: leave it empty.'
        : `The agency is an organization of kind ${agencies.join(' or ')} in the same state.`;
    throw reject('SESIS-01', message, ['agencyId']);
  }

  /** The account that shall see the students: at work, within reach, and nobody else's. */
  private async assertAccount(accountId: string, providerId?: string): Promise<void> {
    const account = await this.directory.accountInReach(accountId);
    if (!account) throw notFound('The account');
    if (!account.active)
      throw reject('SEIS-08', 'This account is deactivated: choose another one, or leave it empty.', ['accountId']);
    const other = await this.providers.findByAccount(accountId);
    if (other?.active && other.id !== providerId)
      throw reject('SEIS-08', 'Another provider has this account: choose another one, or leave it empty.', [
        'accountId',
      ]);
  }

  /** What is kept of a staff number; one that a provider of the state has already is refused (SER-117). */
  private async staffId(text: string, { stateCode }: Place, providerId?: string): Promise<Partial<Provider>> {
    await countStaffId(this.session.principal.subject);
    const kept = keepStaffId(text, stateCode);
    const holder = await this.providers.findByStaffId(kept.staffIdHash);
    if (!holder || holder.id === providerId) return kept;
    const inReach = (await this.providers.managedIds([holder.id])).has(holder.id);
    throw inReach ? staffIdTaken(holder.displayName) : staffIdTaken();
  }

  /** Somebody else may have entered the number since it was looked for. */
  private async written(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      if (databaseFault(error) === 'unique') throw staffIdTaken();
      throw error;
    }
  }

  /** Asks beyond the caller's scope (`leave`), and tells of students there only that there are some. */
  private async assertServesNobody({ id, displayName }: Provider, why: string): Promise<void> {
    const beyond = this.session.crossScope('leave');
    const servesSomebody =
      (await beyond.get(AssignmentRepository).hasOpen(id)) || (await beyond.get(ServiceRepository).hasOpen(id));
    if (!servesSomebody) return;
    const assignments = await this.session.get(AssignmentRepository).findOpenOfProvider(id);
    const services = await this.session.get(ServiceRepository).findOpenOfProvider(id);
    const own = new Set([...assignments, ...services].map((row) => row.studentId)).size;
    const cases = assignments.filter((row) => row.role === 'CASE_MANAGER').length;
    const whose =
      own > 0
        ? `hand over first the students whom ${displayName} has: ${own} of yours (reassignProviders; \`caseload\` lists them).`
        : `${displayName} has students beyond your own. Ask their districts to hand them over (reassignProviders).`;
    const errors = [refusal('SER-115', `${why} ${whose}`)];
    if (cases > 0)
      errors.unshift(
        refusal('V-019', `${displayName} manages the case of ${cases} of your students, and each has exactly one.`),
      );
    throw new Rejection(errors);
  }
}

const refusal = (code: string, message: string): RuleError => ({
  code,
  message,
  path: ['providerId'],
  severity: 'ERROR',
});

/** Names the holder only to whoever may see the holder: the number itself tells nobody whose it is. */
function staffIdTaken(name?: string): Error {
  const message = name
    ? `${name} has this staff number: change that provider instead.`
    : 'This staff number cannot be entered: check it, or leave it empty and ask the state office.';
  return reject('SER-117', message, ['staffId']);
}

/** The new value, or the old one when left out; null empties what can't be empty. */
function given<T>(value: T | null | undefined, old: T, field: string): T {
  if (value === null) throw reject('BAD_USER_INPUT', 'This cannot be emptied.', [field]);
  return value ?? old;
}

function nameOf(text: string): Pick<Provider, 'displayName' | 'searchName'> {
  const displayName = text.trim().replace(/\s+/g, ' ');
  const found = searchName(displayName);
  if (found === '' || displayName.length > MAX_NAME || found.length > MAX_NAME || /\p{Cc}/u.test(displayName))
    throw reject('BAD_USER_INPUT', `A name has 1 to ${MAX_NAME} characters, letters among them.`, ['displayName']);
  return { displayName, searchName: found };
}

/** SESIS-04: the permission, as codes of the list; null for no limit. */
function codesOf(codes: readonly string[] | null): string[] | null {
  if (codes === null) return null;
  const unknown = codes.find((code) => !isServiceCode(code));
  if (unknown !== undefined)
    throw reject('SER-108', 'There is no service of one of these codes: choose from `serviceCodes`.', ['serviceCodes']);
  return [...new Set(codes)].sort();
}
