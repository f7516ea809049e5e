import type { Session } from '../../../platform/scope/session';
import { DesignationKind } from './designation.entity';
import { DesignationRepository } from './designation.repository';
import { DesignationService } from './designation.service';

const { PRIMARY, BACKUP } = DesignationKind;

/**
 * The designations of the initial data: Ripon has both, Manteca and two small districts that their SELPA serves directly have
 * no back-up, Lodi has nobody. The others have no accounts.
 */
const INITIAL_DESIGNATIONS: readonly [organizationId: string, accountId: string, kind: DesignationKind][] = [
  ['ca-39686500000000', 'acct-district-ripon', PRIMARY],
  ['ca-39686500000000', 'acct-backup-ripon', BACKUP],
  ['ca-39685930000000', 'acct-district-manteca', PRIMARY],
  ['ca-39686190000000', 'acct-selpa-lodi', PRIMARY],
  ['ca-39686350000000', 'acct-selpa-lodi', PRIMARY],
];

/** Adds the designations of the initial data that are missing. In a write transaction, after the accounts. */
export async function seedDesignations(session: Session): Promise<void> {
  for (const [organizationId, accountId, kind] of INITIAL_DESIGNATIONS) {
    const id = `designation-${organizationId}-${kind.toLowerCase()}`;
    if (await session.get(DesignationRepository).findById(id)) continue;
    await session.get(DesignationService).name(organizationId, accountId, kind, false, id);
  }
}
