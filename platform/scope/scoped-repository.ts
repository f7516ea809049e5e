import type { EntityTarget, ObjectLiteral, QueryDeepPartialEntity, SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../database/guard';
import { snake } from '../database/naming';
import { alongKey, readAlong, readEntities, sortIds } from '../database/read-entities';
import { conflict, notFound } from '../errors';
import { type Page, type PageRequest, paginate } from '../graphql/connection';
import { newId } from '../ids';
import { granteesOf } from '../principal/principal';
import { assertFresh } from './epoch';
import { isSmallScope } from './scope-size';
import type { RightsRead, ScopeColumns, SqlFragment } from './row-scope';
import type { Session } from './session';
import { isListed, type ListingOrder } from './student-listing';

/** Property names of the columns that tie an entity to a student. `student` may be `id` itself. */
export interface ScopedBy<E> {
  student: keyof E & string;
  from?: keyof E & string;
  to?: keyof E & string;
  /** Where the right of a state is copied to: see `ScopeColumns`. */
  settled?: { grantee: keyof E & string; from: keyof E & string };
}

/** Whether a filter limits nothing. */
export const isEmpty = (filter: object): boolean =>
  Object.values(filter).every((value) => value === undefined || value === null);

/** Which rows a page is of, and in which order. */
export interface Paging<E extends ObjectLiteral> {
  /** Adds the conditions of the page's filter to a query: to that of the page, and to another one that counts. */
  narrow: (query: SelectQueryBuilder<E>) => SelectQueryBuilder<E>;
  /** Few of the caller's students may fit. */
  isNarrowed: boolean;
  /** The order of the listing that is the page's, when no filter limits it. */
  listed?: ListingOrder;
}

/**
 * The only door to the rows of a student. It is bound to a session; the row predicate of the caller is in the same
 * statement as the data, for reads and for writes. A row out of scope is, for every method, a row that does not exist.
 *
 * A subclass names its entity, its scope columns and the class of fields that its rows disclose, and adds the queries of
 * its aggregate on top of `select`. Rows that hang on a student only through a parent (goal → iep) carry the student's id.
 */
export abstract class ScopedRepository<E extends ObjectLiteral & { id: string }> {
  protected abstract readonly entity: EntityTarget<E>;
  protected abstract readonly scopedBy: ScopedBy<E>;
  /** What a disclosure record calls these rows, such as `iep` or `student.contacts`. */
  protected abstract readonly fieldClass: string;

  constructor(protected readonly session: Session) {}

  /** A SELECT of the entity, limited to the caller's rows. Further conditions with `andWhere` (in brackets when they hold OR). */
  protected select(alias = 't', read: RightsRead = 'each'): SelectQueryBuilder<E> {
    const { sql, parameters } = this.session.scope.predicate(this.columns(alias), read);
    return this.session.manager
      .createQueryBuilder(this.entity, alias)
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters);
  }

  /**
   * `select`, driven from `student_access`: for counts, sums and lists of all of the caller's students, whose number is then
   * what they cost. Of a state that is everybody.
   */
  protected driven(alias = 't'): SelectQueryBuilder<E> {
    return this.select(alias, this.drivers().length > 0 ? 'listed' : 'each');
  }

  /**
   * The same for a page in an order that an index has: of a large scope the rows are walked in that order instead, until the
   * page is full.
   * @param isNarrowed few of the caller's students may fit, and a walk might meet all of the state before it has them
   */
  protected async drivenPage(alias: string, isNarrowed = false): Promise<SelectQueryBuilder<E>> {
    const drivers = this.drivers();
    if (drivers.length > 0 && isNarrowed) return this.driven(alias);
    const isDriven = drivers.length > 0 && (await isSmallScope(this.session, drivers));
    return isDriven ? sortIds(this.driven(alias)) : this.select(alias);
  }

  /** A page in an order that an index has: along the listing, or as `drivenPage` has it. */
  protected async paged(
    alias: string,
    { narrow, isNarrowed, listed }: Paging<E>,
    asked: Omit<PageRequest<E>, 'principal' | 'run'>,
  ): Promise<Page<E>> {
    const { principal } = this.session;
    const request: PageRequest<E> = { ...asked, principal, run: (ready, shown) => this.rows(ready, shown) };
    const grantee = listed && this.listedGrantee();
    if (!grantee) return paginate(narrow(await this.drivenPage(alias, isNarrowed)), request);
    const key = `listing.${listed}`;
    const student = this.columns(alias).student;
    const on = `${student} = listing.student_id AND listing.grantee = :listed AND listing.last_day >= :listedOn`;
    const query = this.select(alias).setParameters({ listed: grantee, listedOn: this.session.today });
    return paginate(narrow(readAlong(query, { table: 'student_listing listing', on, key })), {
      ...request,
      along: [
        // The row's own key is read besides: the same text then reads the same columns of whoever is not listed.
        { sql: key, value: (row) => (asked.order[0]!.value(row), alongKey(row)) },
        { sql: 'listing.student_id', value: (row) => row[this.scopedBy.student] as string },
      ],
      counted: () => narrow(this.driven(alias)),
    });
  }

  /** Whose listing has the caller's students; none where they aren't listed, or are those of several. */
  private listedGrantee(): string | undefined {
    const [grantee, ...others] = new Set(this.drivers());
    return grantee !== undefined && others.length === 0 && isListed(grantee) ? grantee : undefined;
  }

  /** Whether an organization, as `student_access` names it, has so few students that a list of them is looked at whole. */
  protected isSmall(grantee: string): Promise<boolean> {
    return isSmallScope(this.session, [grantee]);
  }

  /** Whose rows of access the caller's students have; none when they are all students, or the caller has no limit. */
  private drivers(): string[] {
    if (this.session.scope.marker !== 'principal') return [];
    const grantees = granteesOf(this.session.principal.grants);
    return grantees.some((grantee) => grantee.startsWith('STATE:')) ? [] : grantees;
  }

  /**
   * Runs a scoped SELECT: records the disclosure, and tells outdated rights from an empty answer.
   * @param shown how many of the rows are disclosed; those behind only tell that there are more
   */
  protected async rows(query: SelectQueryBuilder<E>, shown = Infinity): Promise<E[]> {
    const found = await readEntities(this.session, query);
    if (found.length === 0) await assertFresh(this.session);
    this.session.disclosures.add(
      this.fieldClass,
      found.slice(0, shown).map((row) => row[this.scopedBy.student] as string),
    );
    return found;
  }

  /** The rows of these ids that are in scope, in one statement; no particular order. */
  async findByIds(ids: readonly string[]): Promise<E[]> {
    if (ids.length === 0) return [];
    return this.rows(this.select('t').andWhere('t.id IN (:...ids)', { ids: [...new Set(ids)] }));
  }

  async findById(id: string): Promise<E | null> {
    return (await this.findByIds([id]))[0] ?? null;
  }

  /**
   * The row when its student is the caller's today. A former district keeps reading the records of its own period, and
   * changes none of them (domain C.3): every write goes by this narrower predicate.
   */
  async findForChange(id: string): Promise<E | null> {
    const { sql, parameters } = this.openPredicate('t');
    return (
      (await this.rows(this.select('t').andWhere('t.id = :id', { id }).andWhere(`(${sql})`, parameters)))[0] ?? null
    );
  }

  /** All rows in scope of these students, in one statement. */
  async findByStudents(studentIds: readonly string[]): Promise<E[]> {
    if (studentIds.length === 0) return [];
    return this.rows(
      this.select('t').andWhere(`t.${this.scopedBy.student} IN (:...studentIds)`, {
        studentIds: [...new Set(studentIds)],
      }),
    );
  }

  /** Inserts a row. The student must be in scope, and the row must be in scope afterwards. Returns it with its id. */
  async insert(values: Omit<Partial<E>, 'id'> & { id?: string }): Promise<E> {
    const row = { ...values, id: values.id ?? newId() } as E;
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(this.entity)
      .values(row as QueryDeepPartialEntity<E>)
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
    await this.assertStillInScope(row.id);
    return row;
  }

  /**
   * Changes a row that is in scope before and after. With `version` the change is refused as CONFLICT when somebody else
   * changed the row since; the entity must then have a `version` column, which is counted up.
   */
  async update(id: string, changes: Partial<E>, version?: number): Promise<void> {
    const table = this.session.manager.getRepository(this.entity).metadata.tableName;
    const { sql, parameters } = this.openPredicate(table);
    const versioned = version === undefined ? {} : { version: version + 1 };
    const statement = this.session.manager
      .createQueryBuilder()
      .update(this.entity)
      .set({ ...changes, ...versioned } as QueryDeepPartialEntity<E>)
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('id = :rowId', { rowId: id });
    if (version !== undefined) statement.andWhere('version = :rowVersion', { rowVersion: version });
    const { affected } = await statement.execute();
    if (affected === 0) await this.explainMiss(id, version);
    else await this.assertStillInScope(id);
  }

  /** Removes rows in scope. For drafts only: records of a student are ended, not deleted. */
  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const table = this.session.manager.getRepository(this.entity).metadata.tableName;
    const { sql, parameters } = this.openPredicate(table);
    await this.session.manager
      .createQueryBuilder()
      .delete()
      .from(this.entity)
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${sql})`, parameters)
      .andWhere('id IN (:...rowIds)', { rowIds: [...ids] })
      .execute();
  }

  /** MySQL counts changed rows only, so a miss may also be a change to the same values. */
  private async explainMiss(id: string, version?: number): Promise<void> {
    const row = await this.findForChange(id);
    if (!row) throw notFound('The record');
    if (version !== undefined)
      throw conflict('Somebody else has changed this record. Read it again and repeat your change.');
  }

  private async assertStillInScope(id: string): Promise<void> {
    if (this.session.scope.marker !== 'principal') return;
    if (!(await this.findForChange(id))) throw notFound('The record');
  }

  /** The caller's rows of today, without the past of a former district. */
  private openPredicate(alias: string): SqlFragment {
    return this.session.scope.predicate({ student: this.columns(alias).student });
  }

  private columns(alias: string): ScopeColumns {
    const { student, from, to, settled } = this.scopedBy;
    const column = (property: string): string => `${alias}.${snake(property)}`;
    return {
      student: column(student),
      from: from && column(from),
      to: to && column(to),
      settled: settled && { grantee: column(settled.grantee), from: column(settled.from) },
    };
  }
}
