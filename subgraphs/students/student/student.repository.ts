import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { readRows } from '../../../platform/database/read-entities';
import { anniversary } from '../../../platform/dates';
import type { Page, PageArgs, SortKey } from '../../../platform/graphql/connection';
import { assertFresh } from '../../../platform/scope/epoch';
import { isEmpty, type Paging, ScopedRepository } from '../../../platform/scope/scoped-repository';
import { normalizeName, type QuickSearch } from './search-text';
import { masked, Student } from './student.entity';
import { type StudentFilter, StudentOrder } from './student.inputs';

/** A record counts as inactive when nothing happened to it for this long (SER-18). */
const INACTIVE_AFTER_YEARS = 5;
/** As a scope column: a day that every closed jurisdiction covers. `student(id)` of a former owner is not dated. */
export const ANY_DAY = { from: "'1900-01-01'", to: 'NULL' };

const BY_NAME: SortKey<Student>[] = [
  { sql: 's.searchKey', value: (row) => row.searchKey },
  { sql: 's.id', value: (row) => row.id },
];
const ORDERS: Record<StudentOrder, SortKey<Student>[]> = {
  [StudentOrder.NAME]: BY_NAME,
  [StudentOrder.STATE_ID]: [{ sql: 's.stateId', value: (row) => row.stateId }],
  [StudentOrder.DATE_OF_BIRTH]: [{ sql: 's.dateOfBirth', value: (row) => row.dateOfBirth }, ...BY_NAME],
  [StudentOrder.GRADE_LEVEL]: [{ sql: 's.gradeLevel', value: (row) => row.gradeLevel }, ...BY_NAME],
};

export class StudentRepository extends ScopedRepository<Student> {
  protected readonly entity = Student;
  protected readonly scopedBy = { student: 'id' } as const;
  protected readonly fieldClass = 'student';

  /**
   * Students in scope, and of a former owner's students the masked card: each decided in the same statement as the data. Only
   * for look-ups by key; lists and searches know students in scope. Former students are asked for only when somebody is missing:
   * their condition costs as much as all the rest.
   */
  async findVisible(key: 'id' | 'stateId', values: readonly string[]): Promise<Student[]> {
    if (values.length === 0) return [];
    const wanted = new Set(values);
    const query = this.select('s').andWhere(`s.${key} IN (:...values)`, { values: [...wanted] });
    const found = await this.rows(query);
    for (const row of found) wanted.delete(row[key]);
    return wanted.size === 0 ? found : [...found, ...(await this.findFormer(key, [...wanted]))];
  }

  /** Of these the former owner's, and those that have come into scope since. */
  private async findFormer(key: 'id' | 'stateId', values: readonly string[]): Promise<Student[]> {
    const inScope = this.session.scope.predicate({ student: 's.id' });
    const known = this.session.scope.predicate({ student: 's.id', ...ANY_DAY });
    if (known.sql === inScope.sql) return [];
    const query = this.session.manager
      .createQueryBuilder(Student, 's')
      .addSelect(`CASE WHEN (${inScope.sql}) THEN 1 ELSE 0 END`, 'in_scope')
      .comment(scopeMarker(this.session.scope.marker))
      .where(`(${known.sql})`, { ...inScope.parameters, ...known.parameters })
      .andWhere(`s.${key} IN (:...values)`, { values });
    const { entities, raw } = await readRows(this.session, query);
    if (entities.length === 0) await assertFresh(this.session);
    const rows = entities.map((row, i) => (Number(raw[i]?.in_scope) === 1 ? row : masked(row)));
    this.session.disclosures.add(
      'student',
      rows.filter((row) => row.lastName !== undefined).map((row) => row.id),
    );
    this.session.disclosures.add(
      'student.card',
      rows.filter((row) => row.lastName === undefined).map((row) => row.id),
    );
    return rows;
  }

  /**
   * A student by unique id wherever the student is: for the named crossings only (claim, add), which show nothing of it.
   * Records no disclosure.
   */
  findBeyondScope(stateId: string): Promise<Student | null> {
    return this.everywhere().where('s.stateId = :stateId', { stateId }).getOne();
  }

  /** Students of this name and birth date wherever they are (SEIS-16); for `add` and `locate` only. Hidden duplicates don't count. */
  findTwins(lastName: string, dateOfBirth: string, limit: number, stateOrgId: string): Promise<Student[]> {
    return this.everywhere()
      .where('s.dateOfBirth = :dateOfBirth', { dateOfBirth })
      .andWhere(...nameBegins(`${normalizeName(lastName)},`, 'twin'))
      .andWhere('s.hidden = :hidden', { hidden: false })
      .andWhere('EXISTS (SELECT 1 FROM jurisdiction j WHERE j.student_id = s.id AND j.state_org_id = :stateOrgId)', {
        stateOrgId,
      })
      .orderBy('s.searchKey')
      .addOrderBy('s.id')
      .limit(limit)
      .getMany();
  }

  /** A page of students in scope. */
  async page(filter: StudentFilter, order: StudentOrder, args: PageArgs): Promise<Page<Student>> {
    const { includeInactive, ...narrowing } = filter;
    const { firstName, localId, leaId, schoolId } = narrowing;
    const isSmallLea = Boolean(leaId) && (await this.isSmall(`LEA:${leaId}`));
    const paging: Paging<Student> = {
      narrow: (query) => this.hideInactive(this.narrow(query, filter, isSmallLea), includeInactive),
      isNarrowed: Boolean(firstName || localId || schoolId || isSmallLea),
      listed: order === StudentOrder.NAME && isEmpty(narrowing) ? 'name_sort' : undefined,
    };
    return this.paged('s', paging, {
      connection: 'students',
      filter: [filter, order],
      order: ORDERS[order],
      args,
    });
  }

  /** A page of a quick search, by name (SER-12..14). */
  async search(search: QuickSearch, includeInactive: boolean, args: PageArgs): Promise<Page<Student>> {
    const narrow = (query: SelectQueryBuilder<Student>): SelectQueryBuilder<Student> => {
      if ('stateId' in search) query.andWhere('s.stateId = :stateId', { stateId: search.stateId });
      else {
        const names = search.prefixes.map((prefix, i) => nameBegins(prefix, `name${i}`));
        query.andWhere(
          `(${names.map(([sql]) => sql).join(' OR ')})`,
          Object.assign({}, ...names.map(([, parameters]) => parameters)),
        );
      }
      return this.hideInactive(query, includeInactive);
    };
    return this.paged(
      's',
      { narrow, isNarrowed: false },
      { connection: 'searchStudents', filter: [search, includeInactive], order: BY_NAME, args },
    );
  }

  private everywhere(): SelectQueryBuilder<Student> {
    return this.session.manager.createQueryBuilder(Student, 's').comment(scopeMarker(this.session.scope.marker));
  }

  /** Any field narrows the search (SER-16, SER-17, SER-19). */
  private narrow(
    query: SelectQueryBuilder<Student>,
    filter: StudentFilter,
    isSmallLea: boolean,
  ): SelectQueryBuilder<Student> {
    for (const field of ['stateId', 'dateOfBirth', 'gender'] as const) {
      if (filter[field] != null) query.andWhere(`s.${field} = :${field}`, { [field]: filter[field] });
    }
    for (const field of ['status', 'gradeLevel'] as const) {
      const values = filter[field];
      if (values?.length === 0) query.andWhere('1 = 0');
      else if (values) query.andWhere(`s.${field} IN (:...${field})`, { [field]: values });
    }
    if (filter.lastName != null) query.andWhere(...nameBegins(normalizeName(filter.lastName), 'lastName'));
    if (filter.firstName != null)
      query.andWhere('s.searchKey LIKE :firstName', { firstName: `%, ${normalizeName(filter.firstName)}%` });
    for (const [field, column] of [
      ['leaId', 'lea_id'],
      ['schoolId', 'school_id'],
      ['localId', 'local_id'],
    ] as const) {
      if (filter[field] == null) continue;
      query.andWhere(
        // Few are listed first, whatever the order; among many the order is walked, and each is asked for its jurisdiction.
        (field === 'leaId' && !isSmallLea
          ? `EXISTS (SELECT 1 FROM jurisdiction j_${field} WHERE j_${field}.student_id = s.id`
          : `s.id IN (SELECT j_${field}.student_id FROM jurisdiction j_${field} WHERE 1 = 1`) +
          ` AND j_${field}.${column} = :${field} AND j_${field}.begin_date <= :onDay` +
          ` AND (j_${field}.end_date IS NULL OR j_${field}.end_date >= :onDay))`,
        { [field]: filter[field], onDay: this.session.today },
      );
    }
    return query;
  }

  private hideInactive(
    query: SelectQueryBuilder<Student>,
    includeInactive?: boolean | null,
  ): SelectQueryBuilder<Student> {
    if (includeInactive) return query;
    return query.andWhere('s.hidden = :hidden AND s.lastActivityOn > :activeSince', {
      hidden: false,
      activeSince: anniversary(this.session.today, -INACTIVE_AFTER_YEARS),
    });
  }
}

/** A range instead of LIKE: SQLite uses no index for LIKE, and both engines compare by code point. */
function nameBegins(prefix: string, name: string): [sql: string, parameters: Record<string, string>] {
  const end = `${prefix}${String.fromCodePoint(0x10ffff)}`;
  return [
    `(s.searchKey >= :${name}From AND s.searchKey < :${name}To)`,
    { [`${name}From`]: prefix, [`${name}To`]: end },
  ];
}
