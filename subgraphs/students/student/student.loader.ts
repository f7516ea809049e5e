import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import type { Student } from './student.entity';
import { StudentRepository } from './student.repository';

/** Students of a request by key, in one statement per batch: `_entities`, and fields that lead to a student. */
export class StudentLoader {
  readonly byId: DataLoader<string, Student | null>;
  readonly byStateId: DataLoader<string, Student | null>;

  constructor(session: Session) {
    const load = (key: 'id' | 'stateId') =>
      new DataLoader<string, Student | null>(async (values) => {
        const rows = new Map(
          (await session.get(StudentRepository).findVisible(key, values)).map((row) => [row[key], row]),
        );
        return values.map((value) => rows.get(value) ?? null);
      });
    this.byId = load('id');
    this.byStateId = load('stateId');
  }
}

/** `__resolveReference` of Student: by id or state id. Out of scope is as if it did not exist. */
export function studentReference(
  key: { id?: unknown; stateId?: unknown },
  ctx: { get<T>(type: new (session: Session) => T): T },
): Promise<Student | null> {
  const loader = ctx.get(StudentLoader);
  if (typeof key.id === 'string') return loader.byId.load(key.id);
  return typeof key.stateId === 'string' ? loader.byStateId.load(key.stateId) : Promise.resolve(null);
}
