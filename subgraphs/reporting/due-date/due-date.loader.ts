import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { StudentFactRepository } from '../fact/student-fact.repository';
import type { DueDate } from './due-date.types';
import { dueOn } from './due-dates';

/** Due dates by student: one scoped statement for all students of a request's batch. */
export class DueDateLoader {
  private readonly byStudent: DataLoader<string, DueDate[] | null>;

  constructor(session: Session) {
    this.byStudent = new DataLoader(async (ids) => {
      const facts = await session.get(StudentFactRepository).findByIds(ids);
      const known = new Map(facts.map((fact) => [fact.id, dueOn(fact.due, session.today) as DueDate[]]));
      return ids.map((id) => known.get(id) ?? null);
    });
  }

  /** Null when the student is out of scope. */
  load(studentId: string): Promise<DueDate[] | null> {
    return this.byStudent.load(studentId);
  }
}
