import { anniversary } from '../../../platform/dates';
import type { Session } from '../../../platform/scope/session';
import { initialAccountId } from '../account/initial-accounts';
import { StudentAccessGrantService } from './student-access-grant.service';

/** Opens students of Ripon to the monitor of the initial data. In a write transaction, once, after the students. */
export async function seedMonitorGrants(session: Session, studentIds: readonly string[]): Promise<void> {
  await session.get(StudentAccessGrantService).open({
    accountId: initialAccountId('monitor.ca'),
    studentIds,
    purpose: 'Compliance monitoring of overdue meetings',
    expiresOn: anniversary(session.today, 1),
    grantorOrganizationId: 'ca-39686500000000',
  });
}
