import type { Clock } from '../clock';
import { today } from '../clock';
import type { CalendarDay } from '../dates';
import type { Grant, Principal } from '../principal/principal';

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
}

/** What a session may see. `marker` goes into every statement as its scope comment. */
export interface RowScope {
  readonly marker: string;
  /** True once a statement was built under it. */
  readonly consulted?: boolean;
  /** The condition under which a row is in scope. */
  predicate(columns: ScopeColumns): SqlFragment;
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
  }

  predicate(columns: ScopeColumns): SqlFragment {
    this.consulted = true;
    const rows = this.accessRows('sa');
    if (rows.own === NONE) return { sql: NONE, parameters: {} };
    const { name, principal } = this;
    const parameters: Record<string, unknown> = {
      ...rows.parameters,
      [`${name}Subject`]: principal.subject,
      [`${name}Epoch`]: principal.epoch,
    };
    const open = `EXISTS (SELECT 1 FROM student_access sa WHERE sa.student_id = ${columns.student} AND ${rows.open})`;
    const inScope =
      columns.from && this.formerOwners.length > 0 ? `(${open} OR ${this.ownPeriod(columns, parameters)})` : open;
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
    const open =
      `${own} AND ${alias}.revoked_at IS NULL AND ${alias}.valid_from <= :${name}Today` +
      ` AND (${alias}.valid_to IS NULL OR ${alias}.valid_to >= :${name}Today)`;
    return { own, open, parameters };
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
