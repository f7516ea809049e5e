/**
 * Rounds of one question (attack 56): a right is given, readers look at the row through every gateway without pause, the right
 * is taken away through one of them, and from the moment that this is acknowledged nobody is shown the row any more.
 */
import { clientCredentials, signIn } from '../../../scripts/token/obtain-token';
import type { SubgraphName } from '../../../scripts/graph';
import type { GraphqlAnswer } from '../../harness/system';
import { accountIdOf, CaseWork, daysFromToday, MANTECA, type Payload, providerIdOf } from '../../scenarios/case-work';
import { select } from '../../scenarios/record';
import { type Draw, oneOf } from '../run';
import { type Caller, type Client, type Gateways, now } from './gateways';

const ON = daysFromToday(0);
/** The same row in other shapes. What answers nothing of the row itself counts it. */
export const SHAPES = {
  student: 'query($id: ID!) { student(id: $id) { id lastName } }',
  nested:
    'query($id: ID!) { student(id: $id) { services { id } currentIep { id goals { id } } } students(first: 1) { totalCount } }',
  list: '{ students(first: 100) { totalCount nodes { id services { id } } } }',
  ieps: '{ ieps(first: 100) { totalCount nodes { id } } }',
  worklist: '{ studentWorklist(filter: {}, first: 100) { totalCount nodes { student { id } } } }',
  childCount: `{ childCount(on: "${ON}", groupBy: [DISABILITY]) { total } }`,
} as const;
export type Shape = keyof typeof SHAPES;
const shapes = Object.keys(SHAPES) as Shape[];

const DOORS: [SubgraphName, selection: string][] = [
  ['students', 'id lastName'],
  ['services', 'services { id }'],
  ['iep', 'currentIep { id }'],
];
/** Less than a token lasts. */
const SIGNED_IN_MS = 300_000;
const PARTNER_SCOPES = ['student:read', 'student.demographics:read', 'service:read', 'iep:read'];

/** One right on one student. */
interface Right {
  caller: Caller;
  student: string;
  /** True when the caller is somebody without it, who sees others; false when nothing is left of the caller. */
  leavesOthers: boolean;
  revoke(): Promise<unknown>;
}
export const KINDS = ['caseload', 'case manager', 'role', 'partner grant', 'account'] as const;
export type Kind = (typeof KINDS)[number];

/** A student of Manteca with a plan and services, and every id by which an answer could give the row away, as JSON has it. */
interface Row {
  id: string;
  manager: string;
  words: string[];
}

export interface Figures {
  rounds: number;
  /** All reads, those sent after an acknowledgement, and those before it that showed the row. */
  reads: number;
  after: number;
  showed: number;
  /** Statements that returned the row, and had to. */
  statements: number;
  byKind: Record<Kind, number>;
  /** Shapes that showed the row while it was the caller's. */
  seenIn: Set<string>;
  leaks: string[];
}

const CANDIDATES =
  'SELECT DISTINCT s.id AS id, m.account_id AS manager FROM student s' +
  ' JOIN jurisdiction j ON j.student_id = s.id AND j.lea_id = ? AND j.end_date IS NULL' +
  " JOIN iep i ON i.student_id = s.id AND i.state = 'CURRENT' JOIN student_service v ON v.student_id = s.id AND v.state = 'ACTIVE'" +
  " JOIN provider_assignment m ON m.student_id = s.id AND m.role = 'CASE_MANAGER' AND m.revoked_at IS NULL AND m.valid_to IS NULL" +
  ' WHERE NOT EXISTS (SELECT 1 FROM provider_assignment p WHERE p.student_id = s.id AND p.account_id = ? AND p.revoked_at IS NULL)' +
  ' ORDER BY s.id';

/** The students that the rounds are about. */
export async function candidates(database: Gateways['database']): Promise<Omit<Row, 'words'>[]> {
  const rows = await select<Omit<Row, 'words'>>(database, CANDIDATES, [MANTECA.leaId, accountIdOf(MANTECA.provider)]);
  return rows.slice(0, 12);
}

export class RevocationRounds {
  private rows: Row[] = [];
  private number = 0;
  private readonly work: CaseWork;
  private readonly tokens = new Map<string, { until: number; token: Promise<string> }>();
  /** What a caller of a kind is shown without the right. */
  private readonly without = new Map<string, string>();
  readonly figures: Figures = {
    rounds: 0,
    reads: 0,
    after: 0,
    showed: 0,
    statements: 0,
    byKind: Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>,
    seenIn: new Set(),
    leaks: [],
  };

  constructor(
    private readonly gateways: Gateways,
    private readonly draw: Draw,
  ) {
    // Acts go through any of the gateways.
    this.work = new CaseWork({
      ask: async (who, query, variables) => this.client().ask(await this.staff(who), query, variables),
    });
  }

  async prepare(): Promise<void> {
    const { database } = this.gateways;
    for (const row of await candidates(database)) {
      const ids = async (sql: string) => (await select<{ id: string }>(database, sql, [row.id])).map(({ id }) => id);
      const ieps = await ids('SELECT id FROM iep WHERE student_id = ?');
      const services = await ids('SELECT id FROM student_service WHERE student_id = ?');
      this.rows.push({ ...row, words: [row.id, ...ieps, ...services].map((id) => `"${id}"`) });
    }
    // From now on this account has the role of a round, or none.
    await this.work.done(MANTECA.administrator, 'revokeRole', { roleGrantId: 'role-provider2-manteca' });
  }

  async round(kind: Kind): Promise<void> {
    const { figures } = this;
    figures.rounds++;
    figures.byKind[kind]++;
    const row = oneOf(this.draw, kind === 'case manager' ? this.rows.filter(isManagedByColleague) : this.rows);
    const right = await this.give(kind, row);
    const where = `round ${figures.rounds} (${kind})`;

    // Every gateway has met the caller: Principal, decision and plan are remembered.
    const [first] = shapes;
    for (const [i, client] of this.gateways.clients.entries())
      if (!(await this.shows(client, right, row, first!)))
        throw new Error(`${where}: gateway ${i} does not show the row`);
    const principals = await Promise.all(this.gateways.doors.map((door) => door.principalOf(right.caller)));
    this.gateways.statements();

    let acknowledged = false;
    const readers = this.gateways.clients.flatMap((client, i) =>
      [0, 1].map(async () => {
        for (let left = 1; left >= 0;) {
          const after = acknowledged;
          if (after) left--;
          await this.look(client, right, row, oneOf(this.draw, shapes), after, `${where}, gateway ${i}`);
        }
      }),
    );
    await this.look(this.client(), right, row, oneOf(this.draw, shapes), false, where);
    await right.revoke();
    const acknowledgedAt = now();
    acknowledged = true;
    // Through each gateway at once, and around it with the Principal of before.
    const burst = this.gateways.clients.map((client, i) =>
      this.look(client, right, row, oneOf(this.draw, shapes), true, `${where}, gateway ${i}`),
    );
    const around = this.gateways.doors.map(async (door, i) => {
      const [subgraph, selection] = oneOf(this.draw, DOORS);
      const text = await door.entity(subgraph, principals[i]!, { id: row.id, selection });
      this.count(true);
      const shown = row.words.filter((word) => text.includes(word));
      if (shown.length > 0) figures.leaks.push(`${where}: ${subgraph} of gateway ${i} shows ${shown.join(' ')}`);
    });
    await Promise.all([...readers, ...burst, ...around]);

    for (const { startedAt, subject, students } of this.gateways.statements()) {
      if (subject !== right.caller.identity.subject || !students.includes(row.id)) continue;
      if (startedAt <= acknowledgedAt) figures.statements++;
      else figures.leaks.push(`${where}: a statement begun ${startedAt - acknowledgedAt} µs after returned the row`);
    }
  }

  private async look(client: Client, right: Right, row: Row, shape: Shape, after: boolean, where: string) {
    const answer = await client.ask(right.caller, SHAPES[shape], { id: row.id });
    this.count(after);
    const shown = row.words.filter((word) => JSON.stringify(answer.data ?? null).includes(word));
    if (!after) {
      if (shown.length > 0) {
        this.figures.showed++;
        this.figures.seenIn.add(shape);
      }
      return;
    }
    const expected = right.leavesOthers ? this.without.get(`${right.caller.identity.subject} ${shape}`) : REFUSED;
    const got = summary(answer);
    if (got !== expected)
      this.figures.leaks.push(`${where}: ${shape} shows ${shown.join(' ') || 'no id, but'} ${got.slice(0, 300)}`);
  }

  private count(after: boolean): void {
    this.figures.reads++;
    if (after) this.figures.after++;
  }

  private async shows(client: Client, { caller }: Right, { id }: Row, shape: Shape): Promise<boolean> {
    return JSON.stringify((await client.ask(caller, SHAPES[shape], { id })).data ?? null).includes(`"${id}"`);
  }

  /** What the caller is shown before the right is given, once for all rounds: nothing else changes for it. */
  private async learn(caller: Caller, row: Row): Promise<void> {
    for (const shape of shapes) {
      const key = `${caller.identity.subject} ${shape}`;
      if (this.without.has(key)) continue;
      const text = summary(await this.client().ask(caller, SHAPES[shape], { id: row.id }));
      if (row.words.some((word) => text.includes(word))) throw new Error(`${key} shows the row without the right`);
      this.without.set(key, text);
    }
  }

  private give(kind: Kind, row: Row): Promise<Right> {
    const { administrator } = MANTECA;
    const act = (mutation: string, input: object, selection = ''): Promise<Payload> =>
      this.work.done(administrator, mutation, input, selection);
    const givers: Record<Kind, () => Promise<Right>> = {
      caseload: async () => {
        const caller = await this.staff(MANTECA.provider);
        await this.learn(caller, row);
        const input = { studentId: row.id, providerId: providerIdOf(MANTECA.provider) };
        await act('assignProvider', input);
        return { caller, student: row.id, leavesOthers: true, revoke: () => act('removeProvider', input) };
      },
      'case manager': async () => {
        const caller = await this.staff(MANTECA.teacher);
        await this.learn(caller, row);
        const to = (who: string) => ({ studentId: row.id, providerId: providerIdOf(who) });
        await act('assignProvider', to(MANTECA.teacher));
        await act('changeCaseManager', to(MANTECA.teacher));
        return {
          caller,
          student: row.id,
          leavesOthers: true,
          revoke: () => act('changeCaseManager', to(MANTECA.colleague)),
        };
      },
      role: async () => {
        const accountId = accountIdOf('provider2.manteca');
        const role = { accountId, role: 'DISTRICT_ADMIN', organizationId: MANTECA.leaId };
        const { roleGrant } = await act('grantRole', role, 'roleGrant { id }');
        const staff = await this.staff('provider2.manteca');
        // Named in each request, or the only one there is.
        const caller = this.draw(2) ? staff : { ...staff, headers: { 'x-perspective': roleGrant.id } };
        const revoke = () => act('revokeRole', { roleGrantId: roleGrant.id });
        return { caller, student: row.id, leavesOthers: false, revoke };
      },
      'partner grant': async () => {
        const { partnerGrant, clientSecret } = await act(
          'createPartnerGrant',
          {
            agencyId: 'agency-regional-center',
            studentIds: [row.id],
            scopes: PARTNER_SCOPES,
            purpose: 'Coordination of services',
            legalBasis: 'Consent of the family',
            agreement: 'MOU 7',
            expiresOn: daysFromToday(30),
            destructionDate: daysFromToday(60),
          },
          'clientSecret partnerGrant { id clientId }',
        );
        const { clientId } = partnerGrant;
        const { accessToken } = await clientCredentials({ issuer: this.gateways.issuer, clientId, clientSecret });
        const identity = { subject: clientId, kind: 'partner' as const, scopes: [...PARTNER_SCOPES].sort() };
        const caller = { token: accessToken, headers: {}, identity };
        const revoke = () => act('revokePartnerGrant', { partnerGrantId: partnerGrant.id });
        return { caller, student: row.id, leavesOthers: false, revoke };
      },
      account: async () => {
        const letters = [...String(++this.number)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
        const { account, initialPassword } = await act(
          'createAccount',
          { firstName: 'Robin', lastName: `Round${letters}`, role: 'DISTRICT_ADMIN', organizationId: MANTECA.leaId },
          'account { id username } initialPassword',
        );
        const caller = await this.staff(account.username, account.id, initialPassword);
        const revoke = () => act('deactivateAccount', { accountId: account.id });
        return { caller, student: row.id, leavesOthers: false, revoke };
      },
    };
    return givers[kind]();
  }

  private client(): Client {
    return oneOf(this.draw, this.gateways.clients);
  }

  private async staff(username: string, id = accountIdOf(username), password = username): Promise<Caller> {
    let known = this.tokens.get(username);
    if (!known || known.until < Date.now()) {
      const signedIn = signIn({ issuer: this.gateways.issuer, username, password });
      known = { until: Date.now() + SIGNED_IN_MS, token: signedIn.then(({ accessToken }) => accessToken) };
      this.tokens.set(username, known);
    }
    const token = await known.token;
    return { token, headers: {}, identity: { subject: id, kind: 'staff', scopes: [] } };
  }
}

const isManagedByColleague = ({ manager }: Row): boolean => manager === accountIdOf(MANTECA.colleague);

/** An answer without what differs from request to request. */
function summary({ status, data, errors = [] }: GraphqlAnswer): string {
  const codes = [...new Set(errors.map(({ extensions }) => extensions.code))];
  if (data == null) return JSON.stringify([status === 200 ? null : 'not let in', codes]);
  return JSON.stringify([data, codes]);
}
const REFUSED = JSON.stringify(['not let in', ['UNAUTHENTICATED']]);
