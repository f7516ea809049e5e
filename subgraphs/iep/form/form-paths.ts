import { IepFormKind } from './form-codes';

/** Which field of `SaveIepFormInput` carries which form; also what the paths of findings begin with. */
export const FORM_INPUTS = {
  presentLevels: IepFormKind.PRESENT_LEVELS,
  offer: IepFormKind.OFFER,
  participants: IepFormKind.PARTICIPANTS,
  notes: IepFormKind.NOTES,
  amendment: IepFormKind.AMENDMENT,
  siteDetermination: IepFormKind.SITE_DETERMINATION,
} as const;
export type FormInputField = keyof typeof FORM_INPUTS;

const FIELD_OF = Object.fromEntries(Object.entries(FORM_INPUTS).map(([field, kind]) => [kind, field])) as Record<
  IepFormKind,
  FormInputField
>;
export const inputFieldOf = (kind: IepFormKind): FormInputField => FIELD_OF[kind];
