import type { Iep } from './iep.entity';
import { MeetingPurpose } from './iep-codes';

/**
 * How an agreement is recorded that comes after the plan was affirmed without one (V-007, SEIS-79): who does it, and with
 * which act. A final offer has closed its meeting, so that it can't be continued (SEIS-75).
 */
export function wayToAgree({ purposes }: Iep): string {
  return purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE)
    ? 'If the parents agree after all, the district opens it again with reactivateIep (California), or the case manager starts the next IEP with startIep.'
    : 'If the parents agree after all, the case manager goes on with its meeting with continueIep, records the signature on the participants form and affirms; in California the district may open it again with reactivateIep instead.';
}
