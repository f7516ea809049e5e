/**
 * The second opinion on rows: whom a perspective may see, from domain.md B.2 and C.3, authorization.md
 * and ADR 11, over the tables of the facts. It shares no code with the product and, after the start, never reads
 * `student_access`.
 *
 * Three facts have no table but that one: the relations of further LEAs, the students that a partner's grant names, and
 * that a monitor's grant was taken away. What the initial data say of them is read once, at the start; what happens later is
 * told by whoever does it.
 */
import { type Clock, systemClock } from '../../../platform/clock';
import type { TestSystem } from '../../harness/system';
import { todayAt } from '../../scenarios/facts';
import { select } from '../../scenarios/record';
import type { Perspective } from './perspectives';
import { hasCaseload, type Relation, RELATIONS } from './relations';

/** The days of which somebody may see a student's dated records; `null` is open. */
export type Window = [from: string, to: string | null];
export interface Visible {
  /** Seen wholly. */
  students: ReadonlySet<string>;
  /** Of former owners: the own period of each student that they let go. */
  periods: ReadonlyMap<string, readonly Window[]>;
}

/** A jurisdiction that was not withdrawn. */
interface Period {
  id: string;
  student: string;
  lea: string;
  selpa: string | null;
  state: string;
  begin: string;
  end: string | null;
  tookFrom: string | null;
}
type Chains = ReadonlyMap<string, readonly Period[]>;

/** A right that somebody was given by an organization or through it; it ends when this loses the student. */
interface Given {
  /** Id of the row that gave it. */
  id: string;
  student: string;
  through: string;
}
interface Dated extends Given {
  since: string;
  until: string | null;
}
interface Organization {
  id: string;
  kind: string;
  parent: string | null;
}

/** Ids of acts are in the order of time (UUID 7); those of periods in the initial data were written down. */
const isInitial = (id: string): boolean => !/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id);
const holdsOn = (day: string, from: string, to: string | null): boolean => from <= day && (to === null || to >= day);

export class RowsFromFacts {
  /** Relations of further LEAs, in addition to what has a table. */
  readonly related: (Given & { relation: Relation; leaId: string })[] = [];
  private readonly named = new Map<string, Given[]>();
  /** Ids of monitors' grants that were taken away. */
  readonly ended = new Set<string>();

  private constructor(
    private readonly system: Pick<TestSystem, 'database'>,
    private readonly clock: Clock,
  ) {}

  static async start(system: Pick<TestSystem, 'database'>, clock: Clock = systemClock): Promise<RowsFromFacts> {
    const facts = new RowsFromFacts(system, clock);
    const rows = await facts.rows<{ grantee: string; student: string; id: string; revoked: unknown }>(
      "SELECT grantee, student_id AS student, id, revoked_at AS revoked FROM student_access WHERE relation = 'GRANT'",
    );
    for (const { grantee, student, id, revoked } of rows) {
      if (grantee.startsWith('AGENCY:')) await facts.name(grantee.slice('AGENCY:'.length), [student]);
      else if (revoked) facts.ended.add(id);
    }
    return facts;
  }

  /** A partner's grant names these students. */
  async name(grantId: string, students: readonly string[]): Promise<void> {
    const [grant] = await this.rows<{ through: string }>(
      'SELECT grantor_organization_id AS through FROM partner_grant WHERE id = ?',
      [grantId],
    );
    const given = students.map((student) => ({ id: grantId, student, through: grant!.through }));
    this.named.set(grantId, [...(this.named.get(grantId) ?? []), ...given]);
  }

  /** Today where an organization is. */
  today(organizationId: string): string {
    return todayAt(organizationId, this.clock.now());
  }

  rows<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return select<T>(this.system.database, sql, parameters);
  }

  /** True while the perspective can be chosen: role and account, or the partner's grant, are in force. */
  async isOpen({ role, id, who, organizationId }: Perspective): Promise<boolean> {
    const sql =
      role === 'PARTNER'
        ? 'SELECT starts_on AS since, expires_on AS until, revoked_at AS revoked, 1 AS active FROM partner_grant WHERE client_id = ?'
        : 'SELECT r.valid_from AS since, r.valid_to AS until, r.revoked_at AS revoked, a.active FROM role_grant r JOIN account a ON a.id = r.account_id WHERE r.id = ?';
    const [row] = await this.rows<{ since: string; until: string | null; revoked: unknown; active: unknown }>(sql, [
      role === 'PARTNER' ? who : id,
    ]);
    if (!row || row.revoked || !Number(row.active)) return false;
    return holdsOn(this.today(organizationId), row.since, row.until);
  }

  /** Whom a perspective sees, and the periods of those whom it let go; nobody once the perspective itself is gone. */
  async visibleTo(perspective: Perspective): Promise<Visible> {
    const students = new Set<string>();
    const periods = new Map<string, Window[]>();
    if (!(await this.isOpen(perspective))) return { students, periods };
    const day = this.today(perspective.organizationId);
    const chains = await this.chains();
    for (const relation of await this.relationsOf(perspective)) {
      if (relation !== 'JURISDICTION') {
        for (const id of await this.through(relation, perspective, chains, day)) students.add(id);
        continue;
      }
      for (const [student, chain] of chains) {
        const { isOwn, over } = ownership(chain, perspective.organizationId, day);
        if (isOwn) students.add(student);
        if (over.length > 0) periods.set(student, over);
      }
    }
    return { students, periods };
  }

  /** A grant of a role may be limited to one of its relations (SIRAS-134). */
  private async relationsOf({ role, id }: Perspective): Promise<readonly Relation[]> {
    const [row] = await this.rows<{ relation: Relation | null }>('SELECT relation FROM role_grant WHERE id = ?', [id]);
    return RELATIONS[role]!.filter((one) => !row?.relation || row.relation === one);
  }

  private async through(
    relation: Relation,
    perspective: Perspective,
    chains: Chains,
    day: string,
  ): Promise<readonly string[]> {
    if (relation === 'SCHOOL' || relation === 'NPS' || relation === 'PRIVATE_SCHOOL')
      return this.attending(perspective.organizationId, day);
    const organizations = await this.organizations();
    const alive = (given: Given): boolean => goesOn(given, organizations, chains.get(given.student) ?? [], day);
    const given =
      relation === 'GRANT'
        ? await this.granted(perspective, day)
        : relation === 'CASE_MANAGER' || relation === 'PROVIDER'
          ? await this.caseload(relation, perspective, organizations, day)
          : this.related.filter((one) => one.relation === relation && one.leaId === perspective.organizationId);
    return given.filter(alive).map(({ student }) => student);
  }

  private async attending(schoolId: string, day: string): Promise<string[]> {
    const rows = await this.rows<{ student: string }>(
      'SELECT p.student_id AS student FROM school_period p JOIN jurisdiction j ON j.id = p.jurisdiction_id WHERE p.school_id = ?' +
        ' AND j.withdrawn_at IS NULL AND p.begin_date <= ? AND (p.end_date IS NULL OR p.end_date >= ?)',
      [schoolId, day, day],
    );
    return rows.map(({ student }) => student);
  }

  /** Open assignments of the account, but for those through an LEA where it has, or had, another role with a caseload. */
  private async caseload(
    relation: Relation,
    { accountId, organizationId }: Perspective,
    organizations: ReadonlyMap<string, Organization>,
    day: string,
  ): Promise<Given[]> {
    const held = await this.rows<{ role: string; at: string; since: string }>(
      'SELECT role, organization_id AS at, valid_from AS since FROM role_grant WHERE account_id = ?',
      [accountId],
    );
    const own = leaOf(organizationId, organizations);
    const others = new Set(
      held
        .filter(({ role, since }) => hasCaseload(role) && since <= day)
        .map(({ at }) => leaOf(at, organizations))
        .filter((leaId) => leaId !== own),
    );
    const rows = await this.rows<Dated>(
      'SELECT id, student_id AS student, lea_id AS through, valid_from AS since, valid_to AS until FROM provider_assignment' +
        ' WHERE account_id = ? AND role = ? AND revoked_at IS NULL',
      [accountId, relation],
    );
    return rows.filter((row) => holdsOn(day, row.since, row.until) && !others.has(row.through));
  }

  private async granted({ role, who, accountId }: Perspective, day: string): Promise<Given[]> {
    if (role === 'PARTNER') {
      const [grant] = await this.rows<{ id: string }>('SELECT id FROM partner_grant WHERE client_id = ?', [who]);
      return this.named.get(grant!.id) ?? [];
    }
    const rows = await this.rows<Dated>(
      'SELECT id, student_id AS student, grantor_organization_id AS through, starts_on AS since, expires_on AS until' +
        ' FROM student_access_grant WHERE account_id = ?',
      [accountId],
    );
    return rows.filter((row) => holdsOn(day, row.since, row.until) && !this.ended.has(row.id));
  }

  private async organizations(): Promise<Map<string, Organization>> {
    const rows = await this.rows<Organization>('SELECT id, kind, parent_id AS parent FROM organization');
    return new Map(rows.map((row) => [row.id, row]));
  }

  private async chains(): Promise<Chains> {
    const rows = await this.rows<Period>(
      'SELECT id, student_id AS student, lea_id AS lea, selpa_id AS selpa, state_org_id AS state, begin_date AS begin, end_date AS end,' +
        ' took_from_id AS tookFrom FROM jurisdiction WHERE withdrawn_at IS NULL ORDER BY begin_date, id',
    );
    const chains = new Map<string, Period[]>();
    for (const row of rows) chains.set(row.student, [...(chains.get(row.student) ?? []), row]);
    return chains;
  }
}

/** As `RowsFromFacts.visibleTo`, where nothing but the initial data gave a right. */
export const visibleTo = async (system: Pick<TestSystem, 'database'>, perspective: Perspective): Promise<Visible> =>
  (await RowsFromFacts.start(system)).visibleTo(perspective);

/** What an LEA, SELPA or state has of a student by jurisdiction. */
function ownership(chain: readonly Period[], organizationId: string, day: string): { isOwn: boolean; over: Window[] } {
  const begun = chain.filter(({ begin }) => begin <= day);
  const own = begun.filter(({ lea, selpa }) => lea === organizationId || selpa === organizationId);
  return {
    // The state keeps whom an LEA let go, until another state has the student.
    isOwn: begun.at(-1)?.state === organizationId || own.some(({ begin, end }) => holdsOn(day, begin, end)),
    // C.3, A-55: a former district or SELPA keeps its own period.
    over: own.filter(({ end }) => end !== null && end < day).map(({ begin, end }): Window => [begin, end]),
  };
}

/** True while the LEA or SELPA that a right came through has the student without a break since it was given. */
function goesOn(
  { id, through }: Given,
  organizations: ReadonlyMap<string, Organization>,
  chain: readonly Period[],
  day: string,
): boolean {
  let period = chain.find(({ begin, end }) => holdsOn(day, begin, end));
  const leaId = leaOf(through, organizations);
  const has = (one: Period | undefined): one is Period => (leaId ? one?.lea === leaId : one?.selpa === through);
  if (!has(period)) return false;
  // A SELPA goes on when one of its LEAs takes the student over from another.
  for (let before = leaId ? undefined : taken(period, chain); has(before); before = taken(before, chain))
    period = before;
  return isInitial(period.id) || (!isInitial(id) && id > period.id);
}
const taken = ({ tookFrom }: Period, chain: readonly Period[]): Period | undefined =>
  chain.find(({ id }) => id === tookFrom);

function leaOf(organizationId: string, organizations: ReadonlyMap<string, Organization>): string | null {
  const organization = organizations.get(organizationId);
  if (organization?.kind === 'LEA') return organization.id;
  return organization?.kind === 'SCHOOL' ? organization.parent : null;
}
