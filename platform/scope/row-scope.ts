import type { Clock } from '../clock';
import { today } from '../clock';
import type { CalendarDay } from '../dates';
import { type Grant, granteesOf, type Principal } from '../principal/principal';

/** The condition that no row meets. */
const NONE = '1 = 0';

/** A piece of SQL with its named parameters. */
export interface SqlFragment {
  sql: string;
  parameters: Record<string, unknown>;
}

/** Conditions on a row of `student_access`. */
export interface AccessConditions {
  own: string;
  /** Holds for rows of `own` alone. */
  open: string;
  parameters: Record<string, unknown>;
}

/** Which columns of a statement tie its rows to a student, and to a date where the row is dated. */
export interface ScopeColumns {
  /** Qualified column that holds the student's id, such as `iep.student_id`. */
  student: string;
  /** Qualified column of the day that the row belongs to, or the days of its period. Leave out for undated rows. */
  from?: string;
  to?: string;
  /**
   * Qualified columns of a right to the student that is copied into the row: the state of an open row without a last day, and its
   * first day. Only where the database itself takes the copy away with the right, in the same transaction.
   */
  settled?: { grantee: string; from: string };
}

/**
 * How the rights are read. `each`: asked of each row that is looked at. `listed`: once, all of the caller's, which then name the
 * students; for what reads all of them anyhow.
 */
export type RightsRead = 'each' | 'listed';

/**
 * When a row of `student_access` counts on a day.
 * @param day name of the parameter
 */
export const openOn = (alias: string, day: string): string =>
  `${alias}.revoked_at IS NULL AND ${alias}.valid_from <= :${day} AND (${alias}.valid_to IS NULL OR ${alias}.valid_to >= :${day})`;

/** What a session may see. `marker` goes into every statement as its scope comment. */
export interface RowScope {
  readonly marker: string;
  /** True once a statement was built under it. */
  readonly consulted?: boolean;
  /** The condition under which a row is in scope. */
  predicate(columns: ScopeColumns, read?: RightsRead): SqlFragment;
}

/** Grantees of one relation that count alike. */
interface Pair {
  relation: string;
  grantees: string[];
  exceptLeas: readonly string[];
}

/**
 * The row scope of a caller: students with an open `student_access` row for one of the Principal's (relation, grantee) pairs.
 * The predicate includes the Principal's epoch, so that a statement under outdated rights returns nothing.
 *
 * Dated rows have one exception: an LEA or SELPA whose jurisdiction was closed keeps the records of its own period. A partner
 * to which the students of an LEA are lent is no such owner, and its last day ends here: a Principal may be older than midnight.
 */
export class PrincipalScope implements RowScope {
  readonly marker = 'principal';
  consulted = false;
  private readonly pairs: Pair[];
  private readonly formerOwners: string[];
  private readonly states: string[];

  /** @param name what its parameters begin with: two scopes in one statement need two names */
  constructor(
    private readonly principal: Principal,
    private readonly clock: Clock,
    private readonly name = 'scope',
  ) {
    this.pairs = paired(principal.grants);
    this.formerOwners = this.pairs
      .flatMap(({ relation, grantees }) => (relation === 'JURISDICTION' ? grantees : []))
      .filter((grantee) => /^(LEA|SELPA):/.test(grantee));
    this.states = this.pairs
      .flatMap(({ relation, grantees, exceptLeas }) =>
        relation === 'JURISDICTION' && exceptLeas.length === 0 ? grantees : [],
      )
      .filter((grantee) => grantee.startsWith('STATE:'));
  }

  predicate(columns: ScopeColumns, read: RightsRead = 'each'): SqlFragment {
    this.consulted = true;
    const rows = this.accessRows('sa');
    if (rows.own === NONE) return { sql: NONE, parameters: {} };
    const { name, principal } = this;
    const parameters: Record<string, unknown> = {
      ...rows.parameters,
      [`${name}Subject`]: principal.subject,
      [`${name}Epoch`]: principal.epoch,
    };
    // As a comparison it is asked of each row that is looked at. As a bare condition MariaDB and MySQL make a join of it, and read
    // every right of a state to show one page of it in order.
    const one = `(EXISTS (SELECT 1 FROM student_access sa WHERE sa.student_id = ${columns.student} AND ${rows.open})) = 1`;
    const isDated = columns.from !== undefined && this.formerOwners.length > 0;
    let inScope = one;
    if (isDated) inScope = `(${one} OR ${this.ownPeriod(columns, parameters)})`;
    else if (columns.settled && this.states.length > 0) inScope = this.unlessSettled(one, columns.settled, parameters);
    if (read === 'listed') {
      parameters[`${name}Drivers`] = granteesOf(principal.grants);
      const listed = `${columns.student} IN (SELECT sa.student_id FROM student_access sa WHERE sa.grantee IN (:...${name}Drivers)`;
      // Of the former owner's rights, which are not open, the row is asked besides.
      inScope = isDated ? `${listed}) AND ${inScope}` : `${listed} AND ${rows.open})`;
    }
    return {
      sql: `${inScope} AND EXISTS (SELECT 1 FROM principal_epoch pe WHERE pe.subject = :${name}Subject AND pe.epoch = :${name}Epoch)`,
      parameters,
    };
  }

  /** Which rows of `student_access` are this caller's, and which of those are open today: what `predicate` asks of each. */
  accessRows(alias: string): AccessConditions {
    const { name } = this;
    const day = today(this.clock, this.principal.timeZone);
    const parameters: Record<string, unknown> = { [`${name}Today`]: day };
    const pairs = [...this.pairs, ...this.lentOn(day)].map(({ relation, grantees, exceptLeas }, i) => {
      parameters[`${name}Relation${i}`] = relation;
      parameters[`${name}Grantees${i}`] = grantees;
      const pair = `${alias}.relation = :${name}Relation${i} AND ${alias}.grantee IN (:...${name}Grantees${i})`;
      if (exceptLeas.length === 0) return `(${pair})`;
      parameters[`${name}ExceptLeas${i}`] = exceptLeas;
      return `(${pair} AND (${alias}.lea_id IS NULL OR ${alias}.lea_id NOT IN (:...${name}ExceptLeas${i})))`;
    });
    const own = pairs.length > 0 ? `(${pairs.join(' OR ')})` : NONE;
    return { own, open: `${own} AND ${openOn(alias, `${name}Today`)}`, parameters };
  }

  /** Sums over a state read the copy in the row: asking for the right of every student is most of what they cost. */
  private unlessSettled(one: string, settled: { grantee: string; from: string }, parameters: Record<string, unknown>) {
    const { name } = this;
    parameters[`${name}States`] = this.states;
    const isSettled = `${settled.grantee} IN (:...${name}States) AND ${settled.from} <= :${name}Today`;
    return `(CASE WHEN ${isSettled} THEN 1 ELSE ${one} END) = 1`;
  }

  private lentOn(day: CalendarDay): Pair[] {
    const lent = this.principal.grants.flatMap((grant) => grant.lent ?? []);
    return paired(lent.flatMap(({ from, until }) => (until >= day ? from : [])));
  }

  /** A closed jurisdiction whose window overlaps the row's day or period. */
  private ownPeriod({ student, from, to = from }: ScopeColumns, parameters: Record<string, unknown>): string {
    const { name } = this;
    parameters[`${name}FormerOwners`] = this.formerOwners;
    return (
      `EXISTS (SELECT 1 FROM student_access fo WHERE fo.student_id = ${student} AND fo.relation = 'JURISDICTION'` +
      ` AND fo.grantee IN (:...${name}FormerOwners) AND fo.revoked_at IS NULL AND fo.valid_to < :${name}Today` +
      ` AND ${from} <= fo.valid_to AND (${to} IS NULL OR ${to} >= fo.valid_from))`
    );
  }
}

function paired(grants: readonly Grant[]): Pair[] {
  const grouped = new Map<string, Pair>();
  for (const { relation, grantee, exceptLeas = [] } of grants) {
    const key = JSON.stringify([relation, exceptLeas]);
    const pair = grouped.get(key) ?? { relation, grantees: [], exceptLeas };
    grouped.set(key, { ...pair, grantees: [...pair.grantees, grantee] });
  }
  return [...grouped.values()];
}

/**
 * No row limit. The greppable exception: event consumers, seeds, sign-in, and the named crossings of a scope
 * (claim, add, accept-request, leave), each with its own guard.
 */
export class UnlimitedScope implements RowScope {
  readonly marker: string;
  constructor(reason: string) {
    this.marker = reason;
  }
  predicate(): SqlFragment {
    return { sql: '1 = 1', parameters: {} };
  }
}
