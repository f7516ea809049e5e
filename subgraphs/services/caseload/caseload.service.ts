import { randomInt } from 'node:crypto';
import { badInput, notFound, reject, Rejection, type RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { AssignmentAccess } from '../assignment/assignment.access';
import type { AssignmentSource } from '../assignment/assignment.enums';
import { AssignmentRepository } from '../assignment/assignment.repository';
import { isPermitted } from '../assignment/assignment.service';
import { OwnershipRepository } from '../ownership/ownership.repository';
import type { Provider } from '../provider/provider.entity';
import { MAY_ADD_THEMSELVES } from '../provider/provider-kind';
import { ProviderRepository } from '../provider/provider.repository';
import type { Service } from '../service/service.entity';
import { ServiceRepository } from '../service/service.repository';
import type { AddToCaseloadInput, CaseloadOutcome, ReportFirstAttendInput } from './caseload.inputs';
import { FirstAttendRepository } from './first-attend.repository';
import { mandates, type Refusal, refusal } from './mandate';
import { countSelfAdds } from './self-add-limit';

const MAX_STUDENTS = 100;

/** One student of a call: as asked for, and as found. */
interface Candidate {
  asked: string;
  path: string[];
  studentId: string | null;
}

export interface CandidateResult {
  asked: string;
  outcome: CaseloadOutcome;
  studentId: string | null;
  error: RuleError | null;
}

export interface FirstAttendReport {
  firstAttend: string;
  confirmation: string;
  /** The assignment that put the student on the caseload; null when permission is missing. */
  assignment: string | null;
  warnings: RuleError[];
}

type Path = 'SUPERVISOR' | 'SELF';

/**
 * Who comes onto a caseload (SESIS-01..21, domain C.9). Both manual paths reach beyond what the provider sees: being on the
 * caseload is what opens the student (SESIS-15). The provider's own path therefore leaves the caller's scope (`add`), and
 * answers alike for students who don't exist, belong elsewhere or have no mandate.
 */
export class CaseloadService {
  private readonly beyond: Session;

  constructor(private readonly session: Session) {
    this.beyond = session.crossScope('add');
  }

  /** Adds students one by one: those who can't be added don't stop the others (SESIS-12..14). */
  async add(input: AddToCaseloadInput): Promise<{ provider: string; results: CandidateResult[] }> {
    const path: Path = input.providerId ? 'SUPERVISOR' : 'SELF';
    const candidates = await this.candidates(input);
    if (path === 'SELF') await countSelfAdds(this.session.principal.subject, candidates.length);
    const known = candidates.flatMap(({ studentId }) => studentId ?? []);
    await this.session.lock(...known);
    const provider = path === 'SELF' ? await this.selfAdding() : await this.supervised(input.providerId!);
    const results: CandidateResult[] = [];
    for (const candidate of candidates) results.push(await this.addOne(path, provider, candidate, input.serviceCode));
    return { provider: provider.id, results };
  }

  /**
   * Records the first attend and, where mandate and permission hold, puts the student on the provider's caseload (SESIS-17).
   * Without permission the report stands, with a warning.
   */
  async reportFirstAttend(input: ReportFirstAttendInput): Promise<FirstAttendReport> {
    if (!input.studentId === !input.stateId) throw badInput('Give either `studentId` or `stateId`.', ['studentId']);
    await countSelfAdds(this.session.principal.subject, 1);
    const [by, asked] = input.studentId ? (['id', input.studentId] as const) : (['state_id', input.stateId!] as const);
    const studentId = (await this.beyond.get(OwnershipRepository).identify(by, [asked])).get(asked);
    if (studentId) await this.session.lock(studentId);
    const provider = await this.selfAdding();
    const services = studentId ? await this.mandatesOf(studentId, provider, input.serviceCode) : [];
    const service = await this.withoutFirstAttend(services, provider, input.serviceCode);
    this.assertAttendedDuring(service, input.attendedOn);
    const row = await this.beyond.get(FirstAttendRepository).insert({
      studentId: service.studentId,
      serviceId: service.id,
      providerId: provider.id,
      attendedOn: input.attendedOn,
      reportedAt: this.session.now,
      confirmationNumber: `FA-${randomInt(1e5, 1e6)}-${randomInt(1e5, 1e6)}`,
    });
    this.session.disclosures.add('caseload', [service.studentId]);
    const permitted = isPermitted(provider, service.code);
    const assignment = permitted ? await this.open(service, provider, 'FIRST_ATTEND') : null;
    const warnings: RuleError[] = permitted ? [] : [{ ...refusal('V-067', ['serviceCode']), severity: 'WARNING' }];
    return { firstAttend: row.id, confirmation: row.confirmationNumber, assignment, warnings };
  }

  /** The provider record of the caller, who must be of a kind that adds itself (SESIS-16, SESIS-21). */
  private async selfAdding(): Promise<Provider> {
    const providers = this.session.get(ProviderRepository);
    const own = await providers.findByAccount(this.session.principal.subject);
    const provider = own && (await providers.hold(own.id));
    if (!provider?.active) throw notFound('Your provider record');
    if (!this.can('caseload:self-add') || !MAY_ADD_THEMSELVES.includes(provider.kind))
      throw new Rejection([refusal('SESIS-21', null)]);
    return provider;
  }

  /** A provider whom the supervisor's lists show (SESIS-06). */
  private async supervised(providerId: string): Promise<Provider> {
    const providers = this.session.get(ProviderRepository);
    const provider = (await providers.findVisible(providerId)) && (await providers.hold(providerId));
    if (!provider || !this.can('caseload:supervise')) throw new Rejection([refusal('V-068', ['providerId'])]);
    if (!provider.active) throw reject('V-067', 'This provider has left: choose another one.', ['providerId']);
    return provider;
  }

  private async candidates({ studentIds, stateIds }: AddToCaseloadInput): Promise<Candidate[]> {
    const count = studentIds.length + stateIds.length;
    if (count === 0 || count > MAX_STUDENTS) throw badInput(`Give 1 to ${MAX_STUDENTS} students.`, ['studentIds']);
    const students = this.beyond.get(OwnershipRepository);
    const [byId, byStateId] = [
      await students.identify('id', studentIds),
      await students.identify('state_id', stateIds),
    ];
    return [
      ...studentIds.map((asked, i) => ({ asked, path: ['studentIds', String(i)], studentId: byId.get(asked) ?? null })),
      ...stateIds.map((asked, i) => ({
        asked,
        path: ['stateIds', String(i)],
        studentId: byStateId.get(asked) ?? null,
      })),
    ];
  }

  private async addOne(
    path: Path,
    provider: Provider,
    { asked, path: at, studentId }: Candidate,
    serviceCode?: string | null,
  ): Promise<CandidateResult> {
    const refused = (code: Refusal): CandidateResult => ({
      asked,
      outcome: 'REFUSED',
      studentId: null,
      error: refusal(code, at),
    });
    if (path === 'SUPERVISOR' && !(studentId && (await this.reaches(studentId)))) return refused('V-068');
    const services = studentId ? await this.mandatesOf(studentId, provider, serviceCode) : [];
    if (!studentId || services.length === 0) return refused('V-066');
    const open = await this.beyond.get(AssignmentRepository).findOpen(studentId);
    const there = open.some((row) => row.role === 'PROVIDER' && row.providerId === provider.id);
    if (there) return { asked, outcome: 'ALREADY_THERE', studentId, error: null };
    const attended = path === 'SELF' ? await this.firstAttended(services, provider) : services;
    if (attended.length === 0) return refused('V-069');
    const service = attended.find((row) => isPermitted(provider, row.code));
    if (!service) return refused('V-067');
    await this.open(service, provider, path);
    this.session.disclosures.add('caseload', [studentId]);
    return { asked, outcome: 'ADDED', studentId, error: null };
  }

  /** True when the student is in the caller's scope today. */
  private async reaches(studentId: string): Promise<boolean> {
    return (await this.session.get(OwnershipRepository).rights(studentId)).some((right) => right.open);
  }

  /** What affirmed plans order for a student whose LEA the provider works for, and may serve (V-067). */
  private async mandatesOf(studentId: string, provider: Provider, serviceCode?: string | null): Promise<Service[]> {
    const owner = await this.beyond.get(OwnershipRepository).owner(studentId);
    const providers = this.session.get(ProviderRepository);
    if (!owner || !(await providers.areRelated(provider.organizationId, owner.leaId))) return [];
    if (!(await providers.mayServe(provider.id, [owner.leaId]))) return [];
    return mandates(await this.beyond.get(ServiceRepository).findOpen(studentId), serviceCode);
  }

  /** Services that the provider has reported itself (SESIS-16): somebody else's first attend opens nothing. */
  private async firstAttended(services: readonly Service[], { id: providerId }: Provider): Promise<Service[]> {
    const reports = await this.beyond.get(FirstAttendRepository).findByServices(services.map((service) => service.id));
    const own = reports.filter((report) => report.providerId === providerId);
    return services.filter((service) => own.some((report) => report.serviceId === service.id));
  }

  /** The mandated service that has no first attend yet: once per student and service. */
  private async withoutFirstAttend(
    services: readonly Service[],
    provider: Provider,
    serviceCode: string,
  ): Promise<Service> {
    if (services.length === 0) throw new Rejection([refusal('V-066', ['serviceCode'])]);
    const reports = await this.beyond.get(FirstAttendRepository).findByServices(services.map((service) => service.id));
    const free = services.find((service) => !reports.some((report) => report.serviceId === service.id));
    if (free) return free;
    const own = reports.find((report) => report.providerId === provider.id);
    const number = own ? `, confirmation number ${own.confirmationNumber}` : '';
    throw reject('SESIS-16', `The first attend for service ${serviceCode} is on file already${number}.`, [
      'serviceCode',
    ]);
  }

  private assertAttendedDuring(service: Service, attendedOn: string): void {
    if (attendedOn > this.session.today)
      throw reject('SESIS-16', 'The first attend must not lie in the future.', ['attendedOn']);
    if (attendedOn < service.startDate)
      throw reject('SESIS-16', 'The first attend lies before the first day of the service.', ['attendedOn']);
  }

  private async open(service: Service, provider: Provider, source: AssignmentSource): Promise<string> {
    const { studentId, id: serviceId, leaId } = service;
    const row = await this.beyond
      .get(AssignmentAccess)
      .open({ studentId, provider, role: 'PROVIDER', leaId, serviceId, validFrom: this.session.today, source });
    return row.id;
  }

  private can(capability: string): boolean {
    return this.session.principal.capabilities.includes(capability);
  }
}
