import type { Iep } from './iep.entity';
import { IepState } from './iep-codes';
import { isOpen } from './iep-states';

/**
 * What a reader must know before relying on a document (SEIS-79, SEIS-81): a held meeting that is not affirmed makes the
 * current IEP not the agreed one; a current one without agreement took no effect.
 */
export function noticesOf(iep: Iep, future: Iep | null): string[] {
  const notices: string[] = [];
  if (iep.state === IepState.DISCARDED) notices.push('Discarded: a draft that never took effect.');
  if (isOpen(iep.state)) notices.push('Draft: not affirmed.');
  if (isOpen(iep.state) && iep.reactivatesIepId)
    notices.push(`Reactivated on ${iep.openedOn}: the affirmed IEP stays in force until this one is affirmed.`);
  if (iep.state === IepState.CURRENT && future?.reactivatesIepId === iep.id) {
    notices.push(`Reactivated on ${future.openedOn} to be corrected: this IEP stays in force until that is affirmed.`);
  } else if (iep.state === IepState.CURRENT && future?.heldOn) {
    notices.push(`A meeting was held on ${future.heldOn} and is not affirmed: this is not the latest document.`);
  }
  if (iep.state === IepState.CURRENT && !iep.agreed)
    notices.push('The parent has not agreed: the plan that was agreed to before stays in force.');
  return notices;
}
