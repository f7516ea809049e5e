import type { SelectQueryBuilder } from 'typeorm';
import type { Page, PageArgs, SortKey } from '../../../platform/graphql/connection';
import { isEmpty, type Paging } from '../../../platform/scope/scoped-repository';
import type { DueKind } from '../due-date/due-dates';
import { normalizeName } from '../fact/compose-fact';
import type { StudentFact } from '../fact/student-fact.entity';
import { StudentFactRepository } from '../fact/student-fact.repository';
import type { WorklistFilter, WorklistOrder } from './worklist.inputs';

const COLUMN_OF: Record<DueKind, string> = {
  ANNUAL_REVIEW: 'f.annualDue',
  TRIENNIAL_REVIEW: 'f.triennialDue',
  AFFIRMATION: 'f.affirmDue',
  OPEN_MEETING: 'f.openMeetingDue',
};

const ORDERS: Record<WorklistOrder, SortKey<StudentFact>> = {
  NEXT_DUE: { sql: 'f.nextSort', value: (fact) => fact.nextSort },
  ANNUAL_DUE: { sql: 'f.annualSort', value: (fact) => fact.annualSort },
  TRIENNIAL_DUE: { sql: 'f.triennialSort', value: (fact) => fact.triennialSort },
  NAME: { sql: 'f.nameKey', value: (fact) => fact.nameKey },
  OPEN_FINDINGS: { sql: 'f.openFindings', value: (fact) => fact.openFindings, direction: 'DESC' },
};

/** The cross-domain list of students: one statement for a page, one more when the total is asked for. */
export class WorklistRepository extends StudentFactRepository {
  protected override readonly fieldClass = 'worklist';

  async page(filter: WorklistFilter, orderBy: WorklistOrder, args: PageArgs): Promise<Page<StudentFact>> {
    const isLarge = Boolean(filter.leaId) && !(await this.isSmall(`LEA:${filter.leaId}`));
    const key = ORDERS[orderBy];
    const paging: Paging<StudentFact> = {
      narrow: (query) => this.narrow(query.andWhere('f.hidden = 0'), filter, isLarge),
      isNarrowed: isNarrow(filter, isLarge),
      listed: orderBy === 'NEXT_DUE' && isEmpty(filter) ? 'due_sort' : undefined,
    };
    return this.paged('f', paging, {
      connection: `worklist:${orderBy}`,
      filter,
      args,
      order: [key, { sql: 'f.id', value: (fact) => fact.id, direction: key.direction }],
    });
  }

  private narrow(
    query: SelectQueryBuilder<StudentFact>,
    filter: WorklistFilter,
    isLarge: boolean,
  ): SelectQueryBuilder<StudentFact> {
    const {
      leaId,
      schoolId,
      caseManagerId,
      status,
      disability,
      overdue,
      dueBefore,
      dueKind,
      hasOpenFindings,
      unaffirmed,
      text,
    } = filter;
    // Of a large LEA the page is soon full: without a bare column no index of LEAs is taken for it, whose students would be sorted.
    if (leaId) query.andWhere(isLarge ? "COALESCE(f.leaId, '') = :leaId" : 'f.leaId = :leaId', { leaId });
    if (schoolId) query.andWhere('f.schoolId = :schoolId', { schoolId });
    if (caseManagerId) query.andWhere('f.caseManagerProviderId = :caseManagerId', { caseManagerId });
    if (status) anyOf(query, 'f.status', 'statuses', status);
    if (disability) anyOf(query, 'f.primaryDisability', 'disabilities', disability);
    if (overdue) anyBefore(query, overdue, 'today', this.session.today);
    if (dueBefore)
      anyBefore(query, dueKind ? [dueKind] : (Object.keys(COLUMN_OF) as DueKind[]), 'dueBefore', dueBefore);
    if (hasOpenFindings != null) query.andWhere(hasOpenFindings ? 'f.openFindings > 0' : 'f.openFindings = 0');
    if (unaffirmed != null) query.andWhere(unaffirmed ? 'f.unaffirmed = 1' : 'f.unaffirmed = 0');
    if (text?.trim()) matching(query, text.trim());
    return query;
  }
}

/** A status and a large LEA fit many, and everything else may fit few. */
const isNarrow = ({ status: _, leaId, ...others }: WorklistFilter, isLarge: boolean): boolean =>
  Boolean(leaId && !isLarge) || !isEmpty(others);

/** An empty list asks for none of them. */
function anyOf(query: SelectQueryBuilder<StudentFact>, column: string, name: string, values: readonly string[]): void {
  if (values.length === 0) query.andWhere('1 = 0');
  else query.andWhere(`${column} IN (:...${name})`, { [name]: values });
}

function anyBefore(query: SelectQueryBuilder<StudentFact>, kinds: readonly DueKind[], name: string, day: string): void {
  if (kinds.length === 0) query.andWhere('1 = 0');
  else query.andWhere(`(${kinds.map((kind) => `${COLUMN_OF[kind]} < :${name}`).join(' OR ')})`, { [name]: day });
}

/** SER-12..14: "last, first", "first last" (in either order), or the unique id. */
function matching(query: SelectQueryBuilder<StudentFact>, text: string): void {
  const words = normalizeName(text.replaceAll(',', ' ')).split(' ').slice(0, 5);
  const parameters: Record<string, string> = { exactStateId: text };
  const names = words.map((word, i) => {
    const escaped = word.replace(/[!%_]/g, '!$&');
    parameters[`word${i}`] = `${escaped}%`;
    parameters[`inner${i}`] = `% ${escaped}%`;
    return `(f.nameKey LIKE :word${i} ESCAPE '!' OR f.nameKey LIKE :inner${i} ESCAPE '!')`;
  });
  query.andWhere(`(f.stateId = :exactStateId OR (${names.join(' AND ')}))`, parameters);
}
