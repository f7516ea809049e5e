import { z } from 'zod';
import { SignatureOutcome } from '../document/iep-codes';
import { isCalendarDay } from '../../../platform/dates';
import { parseInput } from '../../../platform/parse-input';
import {
  ContactMethod,
  DisabilityCategory,
  FederalEnvironment,
  IepFormKind,
  ParticipantAgreement,
  ParticipantRole,
} from './form-codes';

/** Lengths that a form accepts: a statement is a page of text, a name a line. */
const STATEMENT = 8_000;
const LINE = 200;

/** Absent and null are the same: nothing was written. A blank text is kept as nothing too. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((value) => value || null)
    .nullish()
    .transform((value) => value ?? null);
const statement = () => text(STATEMENT);
const line = () => text(LINE);
const someDay = () => z.string().refine(isCalendarDay, 'must be a day that exists, written YYYY-MM-DD');
const day = () =>
  someDay()
    .nullish()
    .transform((value) => value ?? null);
const oneOf = <E extends Record<string, string>>(values: E) =>
  z
    .enum(values)
    .nullish()
    .transform((value) => value ?? null);
const listOf = <T extends z.ZodType>(item: T, max: number) =>
  z
    .array(item)
    .max(max)
    .nullish()
    .transform((value) => value ?? []);

const presentLevels = z.object({
  strengths: statement(),
  parentConcerns: statement(),
  academicPerformance: statement(),
  communication: statement(),
  motorSkills: statement(),
  socialEmotional: statement(),
  health: statement(),
  dailyLiving: statement(),
  disabilityImpact: statement(),
});

const offer = z.object({
  offers: listOf(z.string().trim().min(1).max(STATEMENT), 10),
  fapeStatement: statement(),
  federalEnvironment: oneOf(FederalEnvironment),
  percentInsideRegularClass: z
    .number()
    .int()
    .min(0)
    .max(100)
    .nullish()
    .transform((value) => value ?? null),
  primaryDisability: oneOf(DisabilityCategory),
  secondaryDisability: oneOf(DisabilityCategory),
});

const participant = z.object({
  name: z.string().trim().min(1).max(LINE),
  role: z.enum(ParticipantRole),
  attended: z.boolean(),
  agreement: z
    .enum(ParticipantAgreement)
    .nullish()
    .transform((value) => value ?? ParticipantAgreement.NOT_RECORDED),
  signedOn: day(),
});

const participants = z.object({
  participants: listOf(participant, 60),
  signature: z
    .object({ outcome: z.enum(SignatureOutcome), signedOn: day(), exceptions: statement() })
    .nullish()
    .transform((value) => value ?? null),
  /** Date on the second consent page of a reconvened meeting (SEIS-91). */
  secondConsentOn: day(),
  /** Why the meeting was held without the parent (34 CFR 300.322). */
  parentAbsence: statement(),
  participation: z
    .object({ confirmed: z.boolean(), concern: statement(), discussion: statement(), decision: statement() })
    .nullish()
    .transform((value) => value ?? null),
  contactAttempts: listOf(z.object({ on: someDay(), method: z.enum(ContactMethod), result: line() }), 50),
});

const notes = z.object({
  discussion: statement(),
  topics: listOf(
    z.object({ topic: z.string().trim().min(1).max(LINE), discussed: z.boolean(), comment: statement() }),
    60,
  ),
  actionProposed: statement(),
  reason: statement(),
  evaluationBasis: statement(),
  optionsConsidered: statement(),
  otherFactors: statement(),
  safeguards: statement(),
  reconvening: statement(),
});

const amendment = z.object({
  contactMethod: oneOf(ContactMethod),
  contactedOn: day(),
  whatChanged: statement(),
  why: statement(),
});

const siteDetermination = z.object({ site: line(), reason: statement() });

export interface FormContents {
  PRESENT_LEVELS: z.infer<typeof presentLevels>;
  OFFER: z.infer<typeof offer>;
  PARTICIPANTS: z.infer<typeof participants>;
  NOTES: z.infer<typeof notes>;
  AMENDMENT: z.infer<typeof amendment>;
  SITE_DETERMINATION: z.infer<typeof siteDetermination>;
}
export type FormContent = FormContents[keyof FormContents];

const SCHEMAS: { [K in IepFormKind]: z.ZodType<FormContents[K]> } = {
  PRESENT_LEVELS: presentLevels,
  OFFER: offer,
  PARTICIPANTS: participants,
  NOTES: notes,
  AMENDMENT: amendment,
  SITE_DETERMINATION: siteDetermination,
};

/** An empty form of this kind. */
export function emptyContent<K extends IepFormKind>(kind: K): FormContents[K] {
  return SCHEMAS[kind].parse({}) as FormContents[K];
}

/**
 * The content as it is stored: trimmed, nothing as null, no other keys.
 * @throws BAD_USER_INPUT for over-long text, impossible days and numbers out of range, naming the input field
 */
export function parseContent<K extends IepFormKind>(kind: K, input: unknown, inputField: string): FormContents[K] {
  return parseInput(SCHEMAS[kind], input ?? {}, [inputField]) as FormContents[K];
}

/** Fields that go to the state: highlighted in every client (SEIS-45). */
export const STATE_REPORTED: Record<IepFormKind, readonly string[]> = {
  PRESENT_LEVELS: [],
  OFFER: ['federalEnvironment', 'percentInsideRegularClass', 'primaryDisability', 'secondaryDisability'],
  PARTICIPANTS: ['signature'],
  NOTES: [],
  AMENDMENT: ['contactedOn'],
  SITE_DETERMINATION: ['site'],
};

/** The elements of a prior written notice (34 CFR 300.503(b)) that the notes page must hold to serve as one (SEIS-70). */
export const PRIOR_WRITTEN_NOTICE_ITEMS = [
  'actionProposed',
  'reason',
  'evaluationBasis',
  'optionsConsidered',
  'otherFactors',
  'safeguards',
] as const satisfies readonly (keyof FormContents['NOTES'])[];

/** Items that may not be left blank (V-009), by form: field and label. */
export const REQUIRED_ITEMS: Record<IepFormKind, readonly (readonly [field: string, label: string])[]> = {
  PRESENT_LEVELS: [
    ['strengths', 'Strengths and interests'],
    ['parentConcerns', 'Concerns of the parent'],
    ['academicPerformance', 'Academic performance'],
    ['communication', 'Communication'],
    ['motorSkills', 'Motor skills'],
    ['socialEmotional', 'Social and emotional development'],
    ['health', 'Health'],
    ['dailyLiving', 'Daily living'],
    ['disabilityImpact', 'How the disability affects involvement and progress'],
  ],
  OFFER: [
    ['fapeStatement', 'Statement of the offer of a free appropriate public education'],
    ['federalEnvironment', 'Educational environment'],
    ['primaryDisability', 'Primary disability'],
  ],
  PARTICIPANTS: [],
  NOTES: [],
  AMENDMENT: [],
  SITE_DETERMINATION: [
    ['site', 'Site'],
    ['reason', 'Reason for the site'],
  ],
};
