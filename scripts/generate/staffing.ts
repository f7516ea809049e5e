import type { LoadedProvider } from '../../subgraphs/services/load-services';
import type { Team } from '../seed/case-record';
import type { NameSource } from '../seed/person';
import { Random } from '../seed/random';
import type { Lea, Staff } from '../seed/student-case';

/** Students of one case manager: what a full caseload of a resource specialist is (California Education Code 56362). */
const CASELOAD = 28;
/** The members of a team after the case manager, who delivers instruction; the last one delivers whatever is left. */
const SPECIALISTS: readonly (readonly [first: string, ...others: string[]])[] = [['415'], ['450', '460', '425'], ['*']];
const TEAM_SIZE = 1 + SPECIALISTS.length;
const INSTRUCTION = /^3/;
const MOST_KEPT = 10_000;

export type StaffMember = LoadedProvider & { isCaseManager: boolean };

/** Gives every 28 students of an LEA a team of providers, who have the same names in every run. */
export class Staffing {
  private readonly made = new Map<string, StaffMember>();
  private fresh: StaffMember[] = [];

  /**
   * @param students how many generated students each LEA has already
   * @param prefix of the series of students
   * @param withAccounts whether they sign in, which gives them the rows of their students
   */
  constructor(
    private readonly seed: number,
    private readonly names: NameSource,
    private readonly students: Map<string, number>,
    private readonly prefix = 'gen',
    private readonly withAccounts = false,
  ) {}

  /** The team of the next student of an LEA. */
  teamFor(lea: Lea): Team {
    const before = this.students.get(lea.id) ?? 0;
    this.students.set(lea.id, before + 1);
    const team = Math.floor(before / CASELOAD);
    const member = (place: number): Staff => this.provider(lea, team * TEAM_SIZE + place + 1);
    const caseManager = member(0);
    const specialistFor = (code: string): Staff => {
      const place = SPECIALISTS.findIndex((codes) => codes.includes(code));
      return member(1 + (place < 0 ? SPECIALISTS.length - 1 : place));
    };
    return { caseManager, providerFor: (code) => (INSTRUCTION.test(code) ? caseManager : specialistFor(code)) };
  }

  /** Providers that were needed since the last call. */
  takeNew(): StaffMember[] {
    const taken = this.fresh;
    this.fresh = [];
    // Who is forgotten comes again, and is known by the database.
    if (this.made.size > MOST_KEPT) this.made.clear();
    return taken;
  }

  private provider(lea: Lea, number: number): Staff {
    const key = `${this.prefix}-${lea.id}-${number}`;
    const id = `prov-${key}`;
    let provider = this.made.get(id);
    if (!provider) {
      const random = Random.of(this.seed, id);
      const displayName = `${this.names.guardian(random)} ${this.names.last(random)}`;
      const accountId = this.withAccounts ? `acct-${key}` : null;
      const isCaseManager = number % TEAM_SIZE === 1;
      provider = { id, displayName, accountId, kind: 'LEA_STAFF', organizationId: lea.id, isCaseManager };
      this.made.set(id, provider);
      this.fresh.push(provider);
    }
    return { providerId: id, accountId: provider.accountId ?? null, name: provider.displayName };
  }
}
