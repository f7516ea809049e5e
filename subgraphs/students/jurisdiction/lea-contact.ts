import type { Session } from '../../../platform/scope/session';
import { OrganizationRepository } from '../organization/organization.repository';

/** The LEAs that have to be asked, each with its contact, in words (SER-29). */
export async function contactsOf(session: Session, leaIds: readonly string[]): Promise<string> {
  const leas = await session.get(OrganizationRepository).findByIds(leaIds);
  const said = leas.map(({ name, contactName, contactPhone, contactEmail }) => {
    const contact = [contactName, contactPhone, contactEmail].filter(Boolean).join(', ');
    return contact ? `${name} (${contact})` : name;
  });
  return said.join('; ') || 'another LEA';
}
