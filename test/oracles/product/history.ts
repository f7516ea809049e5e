/** What people do all day that moves rights, through the public API: each act drawn, accepted or refused as it comes. */
import type { FixedClock } from '../../../platform/clock';
import { addDays } from '../../../platform/dates';
import { deliverEvents } from '../../harness/events';
import type { GraphqlAnswer, TestSystem } from '../../harness/system';
import {
  accountIdOf,
  CaseWork,
  type District,
  LODI,
  MANTECA,
  providerIdOf,
  refusalsOf,
  RIPON,
} from '../../scenarios/case-work';
import { type Draw, oneOf } from '../run';
import { SHARED } from './every-role';
import { partnerPerspective, type Perspective } from './perspectives';
import type { RowsFromFacts } from './rows-from-facts';

const DISTRICTS: readonly District[] = [RIPON, MANTECA, LODI];
const districtOf = (leaId: string): District => DISTRICTS.find((one) => one.leaId === leaId)!;
/** What moves most rights is drawn more often. */
const OFTEN = ['claim', 'claim', 'claim', 'aDayPasses', 'eventsArrive'];
type Done = Promise<GraphqlAnswer | undefined>;

export class History {
  /** Clients that were made, by the grant's id. */
  readonly partners = new Map<string, Perspective>();
  /** How often each act was accepted. */
  readonly accepted = new Map<string, number>();
  private readonly roles: string[] = [];
  private readonly work: CaseWork;

  constructor(
    private readonly system: TestSystem,
    private readonly clock: FixedClock,
    private readonly facts: RowsFromFacts,
  ) {
    this.work = new CaseWork(system);
  }

  /** One drawn act. Returns what was tried. */
  async act(draw: Draw): Promise<string> {
    const name = oneOf(draw, [...Object.keys(this.acts), ...OFTEN]);
    const answer = await this.acts[name]!(draw);
    if (answer && refusalsOf(answer).length > 0) return `${name}: ${refusalsOf(answer).join()}`;
    if (answer) this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1);
    return name;
  }

  /** A day in California. */
  day(offset = 0): string {
    return addDays(this.facts.today('state-ca'), offset);
  }

  pass(days = 1): void {
    this.clock.set(new Date(this.clock.now().getTime() + days * 86_400_000));
  }

  deliver(): Promise<void> {
    return deliverEvents(this.system, this.clock);
  }

  /** Another district takes a student over; the present one ends its services first, or V-045 would hold the claim. */
  async claim(student: string, claimant: District, beginDate = this.day()): Done {
    await this.endServices(student);
    const [row] = await this.facts.rows<{ stateId: string }>('SELECT state_id AS stateId FROM student WHERE id = ?', [
      student,
    ]);
    return this.work.claim(claimant, row!.stateId, beginDate);
  }

  assign(where: District, studentId: string, who: string, until: string | null = null): Done {
    return this.try(where, 'assignProvider', { studentId, providerId: providerIdOf(who), until });
  }

  remove(where: District, studentId: string, providerId: string): Done {
    return this.try(where, 'removeProvider', { studentId, providerId });
  }

  async transfer(where: District, studentId: string, schoolId: string): Done {
    return this.try(where, 'transferSchool', { studentId, schoolId, beginDate: this.day() });
  }

  /** Students whom an LEA owns today; with `isMoved` those who have been elsewhere. */
  async studentsOf(leaId: string, isMoved = false): Promise<string[]> {
    const rows = await this.facts.rows<{ id: string }>(
      'SELECT student_id AS id FROM jurisdiction j WHERE lea_id = ? AND withdrawn_at IS NULL AND begin_date <= ? AND (end_date IS NULL OR end_date >= ?)' +
        (isMoved
          ? ' AND EXISTS (SELECT 1 FROM jurisdiction o WHERE o.student_id = j.student_id AND o.id <> j.id)'
          : '') +
        ' ORDER BY student_id',
      [leaId, this.day(), this.day()],
    );
    return rows.map(({ id }) => id);
  }

  private readonly acts: Record<string, (draw: Draw) => Done> = {
    claim: async (draw) => {
      const [from, student] = await this.someone(draw);
      const claimant = oneOf(
        draw,
        DISTRICTS.filter((one) => one !== from),
      );
      return this.claim(student, claimant, this.day(oneOf(draw, [0, 0, 1, 2])));
    },
    withdrawClaim: async (draw) => {
      const claims = await this.facts.rows<{ id: string; leaId: string }>(
        'SELECT id, lea_id AS leaId FROM jurisdiction WHERE begin_date > ? AND withdrawn_at IS NULL ORDER BY id',
        [this.day()],
      );
      if (claims.length === 0) return undefined;
      const { id, leaId } = oneOf(draw, claims);
      return this.try(districtOf(leaId), 'withdrawClaim', { claimId: id });
    },
    closeJurisdiction: async (draw) => {
      const [where, studentId] = await this.someone(draw);
      await this.endServices(studentId);
      return this.try(where, 'closeJurisdiction', { studentId, endDate: this.day(-draw(2)) });
    },
    transferSchool: async (draw) => {
      const [where, student] = await this.someone(draw);
      const schools = await this.facts.rows<{ id: string }>(
        "SELECT id FROM organization WHERE parent_id = ? AND kind = 'SCHOOL' ORDER BY id",
        [where.leaId],
      );
      const shared = [SHARED.NPS, SHARED.PRIVATE_SCHOOL];
      return this.transfer(where, student, draw(2) ? oneOf(draw, schools).id : oneOf(draw, shared));
    },
    assignProvider: async (draw) => {
      const [where, student] = await this.someone(draw);
      const who = oneOf(draw, [where.teacher, where.colleague, where.provider]);
      return this.assign(where, student, who, oneOf(draw, [null, this.day(), this.day(1)]));
    },
    changeCaseManager: async (draw) => {
      const [where, studentId] = await this.someone(draw);
      const who = oneOf(draw, [where.teacher, where.colleague]);
      await this.assign(where, studentId, who);
      return this.try(where, 'changeCaseManager', { studentId, providerId: providerIdOf(who) });
    },
    removeProvider: async (draw) => {
      const where = oneOf(draw, DISTRICTS);
      const rows = await this.facts.rows<{ student: string; provider: string }>(
        "SELECT student_id AS student, provider_id AS provider FROM provider_assignment WHERE lea_id = ? AND role = 'PROVIDER' AND revoked_at IS NULL ORDER BY id",
        [where.leaId],
      );
      const { student, provider } = oneOf(draw, rows);
      return this.remove(where, student, provider);
    },
    grantRole: async (draw) => {
      const where = oneOf(draw, DISTRICTS);
      const input = {
        accountId: accountIdOf(oneOf(draw, [where.teacher, where.colleague, where.provider])),
        role: oneOf(draw, ['CASE_MANAGER', 'SERVICE_PROVIDER', 'GENERAL_USER', 'SITE_PROVIDER', 'SCHOOL']),
        organizationId: oneOf(draw, [where.leaId, where.schoolId]),
        validFrom: this.day(draw(2)),
        validTo: oneOf(draw, [null, this.day(1)]),
      };
      const answer = await this.try(where, 'grantRole', input, 'roleGrant { id }');
      const id = answer?.data?.grantRole?.roleGrant?.id;
      if (id) this.roles.push(`${where.leaId} ${id}`);
      return answer;
    },
    revokeRole: async (draw) => {
      if (this.roles.length === 0) return undefined;
      const [leaId, roleGrantId] = oneOf(draw, this.roles).split(' ');
      return this.try(districtOf(leaId!), 'revokeRole', { roleGrantId });
    },
    createPartnerGrant: async (draw) => {
      const [where, student] = await this.someone(draw);
      const studentIds = [...new Set([student, oneOf(draw, await this.studentsOf(where.leaId))])];
      const input = {
        agencyId: 'agency-regional-center',
        studentIds,
        scopes: ['student:read', 'iep:read', 'service:read'],
        purpose: 'Coordination of services',
        legalBasis: 'Consent of the parents',
        agreement: 'Agreement of this year',
        expiresOn: this.day(oneOf(draw, [0, 1, 30])),
        destructionDate: this.day(60),
      };
      const answer = await this.try(where, 'createPartnerGrant', input, 'clientSecret partnerGrant { id clientId }');
      const { partnerGrant, clientSecret } = answer?.data?.createPartnerGrant ?? {};
      if (!partnerGrant) return answer;
      await this.facts.name(partnerGrant.id, studentIds);
      await this.system.token(partnerGrant.clientId, clientSecret);
      this.partners.set(`${where.leaId} ${partnerGrant.id}`, partnerPerspective(partnerGrant.clientId));
      return answer;
    },
    revokePartnerGrant: async (draw) => {
      if (this.partners.size === 0) return undefined;
      const [leaId, partnerGrantId] = oneOf(draw, [...this.partners.keys()]).split(' ');
      return this.try(districtOf(leaId!), 'revokePartnerGrant', { partnerGrantId });
    },
    grantStudentAccess: async (draw) => {
      const [where, student] = await this.someone(draw);
      const input = {
        accountId: accountIdOf('monitor.ca'),
        studentIds: [student],
        purpose: 'Monitoring of this year',
        expiresOn: this.day(oneOf(draw, [0, 1, 30])),
      };
      const by = where !== LODI && draw(2) ? 'selpa.sanjoaquin' : where.administrator;
      return this.work.attempt(by, 'grantStudentAccess', input);
    },
    revokeStudentAccess: async (draw) => {
      const grants = await this.facts.rows<{ id: string; student: string }>(
        'SELECT id, student_id AS student FROM student_access_grant ORDER BY id',
      );
      const { id } = oneOf(draw, grants);
      const where = oneOf(draw, DISTRICTS);
      const answer = await this.try(where, 'revokeStudentAccess', { studentAccessGrantId: id });
      if (answer && refusalsOf(answer).length === 0) this.facts.ended.add(id);
      return answer;
    },
    deactivateAccount: async (draw) => {
      if (draw(8)) return undefined;
      return this.try(LODI, 'deactivateAccount', {
        accountId: accountIdOf(oneOf(draw, ['provider2.lodi', LODI.colleague])),
      });
    },
    aDayPasses: async () => {
      this.pass();
      return undefined;
    },
    eventsArrive: async () => {
      await this.deliver();
      return undefined;
    },
  };

  private async someone(draw: Draw): Promise<[District, string]> {
    const where = oneOf(draw, DISTRICTS);
    // Who has been elsewhere comes back now and then.
    const moved = draw(3) === 0 ? await this.studentsOf(where.leaId, true) : [];
    return [where, oneOf(draw, moved.length > 0 ? moved : await this.studentsOf(where.leaId))];
  }

  private async endServices(student: string): Promise<void> {
    const services = await this.facts.rows<{ id: string; version: number; leaId: string; since: string }>(
      "SELECT id, version, lea_id AS leaId, start_date AS since FROM student_service WHERE student_id = ? AND state IN ('PROPOSED', 'ACTIVE')",
      [student],
    );
    for (const { id, version, leaId, since } of services) {
      const endDate = this.day(since < this.day() ? -1 : 0);
      const input = { serviceId: id, version, endDate, terminationReason: 'MOVED' };
      if (districtOf(leaId)) await this.try(districtOf(leaId), 'terminateService', input);
    }
  }

  private try({ administrator }: District, mutation: string, input: object, selection = ''): Promise<GraphqlAnswer> {
    return this.work.attempt(administrator, mutation, input, selection);
  }
}
