import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';

/** Rows that hang on students, for a whole page of students in one statement. */
export abstract class StudentRowsLoader<E extends { studentId: string }> {
  private readonly byStudent = new DataLoader<string, E[]>(async (studentIds) => {
    const grouped = new Map<string, E[]>(studentIds.map((id) => [id, []]));
    for (const row of await this.rows(studentIds)) grouped.get(row.studentId)?.push(row);
    return studentIds.map((id) => grouped.get(id)!.sort((a, b) => this.compare(a, b)));
  });

  constructor(protected readonly session: Session) {}

  load(studentId: string): Promise<E[]> {
    return this.byStudent.load(studentId);
  }

  /** The rows in scope of these students, by one scoped statement of a repository. */
  protected abstract rows(studentIds: readonly string[]): Promise<E[]>;
  /** The order in which the rows of one student are shown. */
  protected abstract compare(a: E, b: E): number;
}
