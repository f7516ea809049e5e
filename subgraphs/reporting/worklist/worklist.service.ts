import { badInput } from '../../../platform/errors';
import type { Page, PageArgs } from '../../../platform/graphql/connection';
import type { Session } from '../../../platform/scope/session';
import { DueDateKind } from '../due-date/due-date.types';
import { dueOn } from '../due-date/due-dates';
import type { StudentFact } from '../fact/student-fact.entity';
import { type WorklistFilter, WorklistOrder } from './worklist.inputs';
import { WorklistRepository } from './worklist.repository';

const MAX_TEXT = 200;

export class WorklistService {
  constructor(private readonly session: Session) {}

  /** Students within the caller's scope, most urgent first unless asked otherwise. */
  async list(filter: WorklistFilter, orderBy: WorklistOrder | null, args: PageArgs): Promise<Page<StudentFact>> {
    if (filter.text && filter.text.length > MAX_TEXT)
      throw badInput(`The search text may have ${MAX_TEXT} characters.`, ['filter', 'text']);
    if (filter.dueKind && !filter.dueBefore) throw badInput('`dueKind` needs `dueBefore`.', ['filter', 'dueKind']);
    return this.session.get(WorklistRepository).page(filter, orderBy ?? WorklistOrder.NEXT_DUE, args);
  }

  overdueKinds(fact: StudentFact): DueDateKind[] {
    return dueOn(fact.due, this.session.today).flatMap(({ kind, overdue }) => (overdue ? [DueDateKind[kind]] : []));
  }
}
