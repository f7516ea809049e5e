import type { Iep } from './iep.entity';
import { IepState } from './iep-codes';
import { isOpen } from './iep-states';

/**
 * What a reader must know before relying on a document (SEIS-79, SEIS-81): a held meeting that is not affirmed makes the
 * current IEP not the agreed one; a current one without agreement took no effect.
 */
export function noticesOf(iep: Iep, future: Iep | null): string[] {
  const notices: string[] = [];
  if (isOpen(iep.state)) notices.push('Draft: not affirmed.');
  if (iep.state === IepState.CURRENT && future?.heldOn) {
    notices.push(`A meeting was held on ${future.heldOn} and is not affirmed: this is not the latest document.`);
  }
  if (iep.state === IepState.CURRENT && !iep.agreed)
    notices.push('The parent has not agreed: the plan that was agreed to before stays in force.');
  return notices;
}
