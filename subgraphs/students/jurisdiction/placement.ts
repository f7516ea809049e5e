import { notFound, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { Organization } from '../organization/organization.entity';
import { type Lineage, OrganizationRepository } from '../organization/organization.repository';

/** Where a jurisdiction places a student. */
export interface Placement {
  leaId: string;
  selpaId: string | null;
  stateOrgId: string;
  school: Organization;
}

/** Schools that serve students of many LEAs. */
const SHARED_SCHOOLS: readonly string[] = ['NPS', 'PRIVATE_SCHOOL'];
const SCHOOL_KINDS: readonly string[] = ['SCHOOL', ...SHARED_SCHOOLS];

/** Finds the LEA that a caller acts for, and checks that a school belongs to it. */
export class PlacementService {
  private readonly organizations: OrganizationRepository;

  constructor(private readonly session: Session) {
    this.organizations = session.get(OrganizationRepository);
  }

  /**
   * The placement of a student at a school by this caller: the LEA is the caller's own and can't be chosen (SER-30). A SELPA
   * acts for the LEA of the school, when that is one of its own.
   * @param leaId an LEA that the client named: only the caller's own passes (V-046)
   */
  async ofCaller(schoolId: string, leaId?: string | null): Promise<Placement> {
    const school = await this.organizations.lineage(schoolId);
    if (!school || !SCHOOL_KINDS.includes(school.organization.kind)) throw notFound('The school');
    const lea = await this.callersLea(school);
    if (leaId != null && leaId !== lea.organization.id) {
      throw reject('V-046', `The LEA is your own, ${lea.organization.name}, and can't be changed.`, ['leaId']);
    }
    return this.at(lea, school);
  }

  /** The placement at another school of the same LEA. */
  async inLea(leaId: string, schoolId: string): Promise<Placement> {
    const lineages = await this.organizations.lineages([leaId, schoolId]);
    const [lea, school] = [lineages.get(leaId), lineages.get(schoolId)];
    if (!lea || !school || !SCHOOL_KINDS.includes(school.organization.kind)) throw notFound('The school');
    return this.at(lea, school);
  }

  /** State, SELPA and LEA above the caller's own organization. */
  async caller(): Promise<Lineage | null> {
    const { organizationId } = this.session.principal;
    return organizationId ? this.organizations.lineage(organizationId) : null;
  }

  private async callersLea(school: Lineage): Promise<Lineage> {
    const caller = await this.caller();
    const leaId = caller?.leaId ?? (caller?.selpaId && caller.selpaId === school.selpaId ? school.leaId : null);
    // Read under a lock: an LEA that comes under its SELPA meanwhile waits, and takes the new student along.
    if (leaId) await this.organizations.hold(leaId);
    const lea = leaId ? await this.organizations.lineage(leaId) : null;
    if (!lea)
      throw reject(
        'V-046',
        'A jurisdiction belongs to an LEA: act under the perspective of your LEA, or name a school of your SELPA.',
        ['schoolId'],
      );
    return lea;
  }

  private at(lea: Lineage, { organization, leaId }: Lineage): Placement {
    const shared = SHARED_SCHOOLS.includes(organization.kind) && organization.stateCode === lea.organization.stateCode;
    if (leaId !== lea.organization.id && !shared) {
      throw reject('SER-24', `${organization.name} is not a school of ${lea.organization.name}: choose one that is.`, [
        'schoolId',
      ]);
    }
    if (!lea.stateId) throw new Error(`LEA ${lea.organization.id} belongs to no state`);
    return { leaId: lea.organization.id, selpaId: lea.selpaId, stateOrgId: lea.stateId, school: organization };
  }
}
