import { notFound, reject } from '../../../platform/errors';
import type { AccessRelation } from '../../../platform/principal/principal';
import type { Session } from '../../../platform/scope/session';
import { type Owner, OwnershipRepository, type Right } from './ownership.repository';

/**
 * Relations through which services and assignments may be changed; all others (residence, location, reporting, grants)
 * read only (domain B.3). Which of these a role has is decided by its capabilities.
 */
const CHANGING: readonly AccessRelation[] = ['JURISDICTION', 'SCHOOL', 'CASE_MANAGER'];

/** The LEA for which a right acts; null for a right that reaches over all LEAs below it. */
function actingLea({ grantee, leaId }: Right): string | null {
  const [kind, organization] = [grantee.slice(0, grantee.indexOf(':')), grantee.slice(grantee.indexOf(':') + 1)];
  if (kind === 'LEA') return organization;
  return kind === 'STAFF' || kind === 'SCHOOL' ? leaId : null;
}

/** Whether the caller may change the services and providers of a student, asked under the student's lock. */
export class OwnershipService {
  constructor(private readonly session: Session) {}

  /**
   * The owner for whom the caller acts. Services opened while a claim was under way wait for its lock and find the new
   * owner here (domain G.3, F3).
   * @throws NOT_FOUND for a student out of scope; SER-101 for an LEA that doesn't own the student
   */
  async assertMayChange(studentId: string): Promise<Owner> {
    const repository = this.session.get(OwnershipRepository);
    const rights = await repository.rights(studentId);
    if (rights.length === 0) throw notFound('The student');
    const owner = await repository.owner(studentId);
    if (!owner) throw reject('SER-101', 'No LEA owns this student at present: claim the student first.', ['studentId']);
    const changing = rights.filter((right) => right.open && CHANGING.includes(right.relation));
    const leas = changing.map(actingLea);
    if (leas.includes(null) || leas.includes(owner.leaId)) return owner;
    // Who owns the student now, and since when, is not for a former owner to know.
    throw reject(
      'SER-101',
      'Your LEA does not own this student today: only the owner changes services and providers.',
      ['studentId'],
    );
  }
}
