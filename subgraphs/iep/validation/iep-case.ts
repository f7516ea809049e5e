import type { Iep } from '../document/iep.entity';
import type { SignatureOutcome } from '../document/iep-codes';
import { MeetingPurpose, SIGNATURE_MEANING } from '../document/iep-codes';
import { contentOf, type FormRecord } from '../form/form.entity';
import { IepFormKind } from '../form/form-codes';
import type { FormContents } from '../form/form-content';
import type { Goal } from '../goal/goal.entity';
import type { PublishedPeriod, PublishedService } from '../published/published-rows';
import type { CalendarDay } from '../../../platform/dates';

/** Everything that the rules of one IEP look at. Rules are pure functions of it. */
export interface IepCase {
  iep: Iep;
  forms: readonly FormRecord[];
  goals: readonly Goal[];
  services: readonly PublishedService[];
  today: CalendarDay;
  /** What is being saved: only for the rules of that moment. */
  edit?: FormEdit;
}

/** A save that changes state-reported fields of a form inside a red window. */
export interface FormEdit {
  form: IepFormKind;
  fields: readonly string[];
  /** The form is taken off the IEP. */
  removed: boolean;
  window: PublishedPeriod;
  /** The day of the meeting is known, and lies after the report date. */
  isDated: boolean;
  /** A district administrator gives a reason. */
  overridden: boolean;
}

export const contentIn = <K extends IepFormKind>(subject: IepCase, kind: K): FormContents[K] | null =>
  contentOf(subject.forms, kind);

export function signatureIn(subject: IepCase): SignatureOutcome | null {
  return contentIn(subject, IepFormKind.PARTICIPANTS)?.signature?.outcome ?? null;
}

/** The district made its final offer and the parent did not sign (SEIS-74). */
export const isUnsignedOffer = ({ iep }: IepCase): boolean =>
  iep.purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE);

/** A student who does not qualify gets no offer and no goals. */
export function hasPlan(subject: IepCase): boolean {
  const signature = signatureIn(subject);
  return signature === null || SIGNATURE_MEANING[signature].eligible;
}
