import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { grouped } from '../../../platform/grouped';
import { ProviderLoader } from '../provider/provider.loader';
import type { ProviderAssignment } from './assignment.entity';
import { AssignmentRepository } from './assignment.repository';

/** Open assignments of a request by student, with their providers: one statement per batch. */
export class AssignmentLoader {
  readonly ofStudent: DataLoader<string, ProviderAssignment[]>;

  constructor(session: Session) {
    this.ofStudent = new DataLoader(async (ids) => {
      const rows = await session.get(AssignmentRepository).findOpenWithProviders(ids);
      for (const row of rows) if (row.joinedProvider) session.get(ProviderLoader).prime(row.joinedProvider);
      const byStudent = grouped(rows, (row) => row.studentId);
      return ids.map((id) => byStudent.get(id) ?? []);
    });
  }
}
