import type { CalendarDay } from '../../platform/dates';
import type { SignatureOutcome } from '../../subgraphs/iep/document/iep-codes';
import {
  ContactMethod,
  type DisabilityCategory,
  type FederalEnvironment,
  ParticipantAgreement,
  ParticipantRole,
} from '../../subgraphs/iep/form/form-codes';
import type { FormContents } from '../../subgraphs/iep/form/form-content';
import { GoalArea } from '../../subgraphs/iep/goal/goal-codes';
import { GOAL_AREAS, shareInRegularClass } from './needs';
import type { Random } from './random';
import type { GoalBundle } from '../../subgraphs/iep/document/load-ieps';
import type { Person, Staff } from './student-case';

/** What the pages of a plan are written from. */
export interface Subject {
  person: Person;
  leaName: string;
  caseManager: Staff;
  disability: DisabilityCategory;
  environment: FederalEnvironment;
}

const NAMES: Record<DisabilityCategory, string> = {
  AUT: 'autism',
  DB: 'deaf-blindness',
  DD: 'developmental delay',
  EMN: 'emotional disturbance',
  HI: 'hearing impairment',
  ID: 'intellectual disability',
  MD: 'multiple disabilities',
  OHI: 'another health impairment',
  OI: 'orthopedic impairment',
  SLD: 'specific learning disability',
  SLI: 'speech or language impairment',
  TBI: 'traumatic brain injury',
  VI: 'visual impairment',
};

const STRENGTHS = [
  'builds with blocks for a long time',
  'remembers songs and stories',
  'is kind to younger children',
  'likes numbers and maps',
  'asks good questions',
  'draws with care',
];
const CONCERNS = [
  'reading at home has become a struggle',
  'making friends',
  'the way to school',
  'being understood by people outside the family',
  'keeping up with homework',
  'what comes after school',
];
const LEVELS = [
  'below the level of the grade',
  'at the beginning of the grade before',
  'close to the level of the grade with help',
  'at the level of the grade in short tasks',
];

/** Present levels, every item filled in (V-009). */
export function presentLevels(
  random: Random,
  { person: { firstName }, disability }: Subject,
): FormContents['PRESENT_LEVELS'] {
  const ability = NAMES[disability];
  return {
    strengths: `${firstName} ${random.pick(STRENGTHS)} and enjoys work in small groups.`,
    parentConcerns: `The family is concerned about ${random.pick(CONCERNS)}.`,
    academicPerformance: `Reading is ${random.pick(LEVELS)}; mathematics is ${random.pick(LEVELS)}.`,
    communication: `${firstName} speaks in sentences of ${random.int(3, 9)} words and follows directions of ${random.int(1, 3)} steps.`,
    motorSkills: `${firstName} moves safely at school; writing takes ${random.pick(['some', 'much', 'little'])} effort.`,
    socialEmotional: `${firstName} joins others when invited and needs ${random.int(1, 5)} reminders on a usual day.`,
    health: `Vision and hearing were checked in the last ${random.int(2, 12)} months; no new findings.`,
    dailyLiving: `${firstName} takes care of own belongings with ${random.pick(['a list', 'one reminder', 'help from a classmate'])}.`,
    disabilityImpact: `Because of ${ability}, ${firstName} needs specially designed instruction to make progress in the general curriculum.`,
  };
}

/** The one offer of the district (V-006), with a share of the day that fits the environment (V-128). */
export function offer(random: Random, { person, leaName, disability, environment }: Subject): FormContents['OFFER'] {
  return {
    offers: [`${leaName} offers the services listed in this plan, at ${person.firstName}’s school, for one year.`],
    fapeStatement: `The services and placement give ${person.firstName} a free appropriate public education in the least restrictive environment.`,
    federalEnvironment: environment,
    percentInsideRegularClass: shareInRegularClass(random, environment),
    primaryDisability: disability,
    secondaryDisability: null,
  };
}

/** The team and the parent's answer; without an answer nobody has signed. */
export function participants(
  { person, caseManager }: Subject,
  outcome: SignatureOutcome | null,
  on: CalendarDay | null,
): FormContents['PARTICIPANTS'] {
  const parent = person.guardians[0]!;
  const signed = outcome !== null && outcome !== 'AWAITING' && outcome !== 'REFUSED' ? on : null;
  const agrees = outcome === 'AGREE_ALL' ? ParticipantAgreement.AGREES : ParticipantAgreement.NOT_RECORDED;
  const attended = on !== null;
  const member = (name: string, role: ParticipantRole) => ({
    name,
    role,
    attended,
    agreement: agrees,
    signedOn: signed,
  });
  return {
    participants: [
      member(`${parent.firstName} ${parent.lastName}`, ParticipantRole.PARENT),
      member(caseManager.name, ParticipantRole.CASE_MANAGER),
      member('Robin Hale', ParticipantRole.GENERAL_EDUCATION_TEACHER),
      member('Morgan Reed', ParticipantRole.ADMINISTRATOR),
    ],
    signature: outcome && { outcome, signedOn: signed, exceptions: null },
    secondConsentOn: null,
    parentAbsence: null,
    participation: outcome && { confirmed: true, concern: null, discussion: null, decision: null },
    contactAttempts:
      outcome === 'REFUSED' && on
        ? [{ on, method: ContactMethod.PHONE, result: 'Left a message; no answer within the week.' }]
        : [],
  };
}

/** Notes that are complete as prior written notice (V-012). */
export function notes({ person: { firstName }, leaName }: Subject): FormContents['NOTES'] {
  return {
    discussion: `The team went through present levels, goals and services, and answered the family’s questions.`,
    topics: [
      { topic: 'Progress since the last meeting', discussed: true, comment: 'The reports were read together.' },
      { topic: 'Placement', discussed: true, comment: 'The team chose the least restrictive setting that works.' },
    ],
    actionProposed: `${leaName} proposes the plan as discussed.`,
    reason: `The plan answers the needs found in the last evaluation.`,
    evaluationBasis: `Classroom work, observation, and the evaluation on file.`,
    optionsConsidered: `General education without services was considered; ${firstName} would not make enough progress.`,
    otherFactors: `No other factors.`,
    safeguards: `The family received a copy of the procedural safeguards and knows whom to call about them.`,
    reconvening: null,
  };
}

/** What an amendment changed, why, and how the family heard of it (SER-91, SER-92). */
export function amendment(on: CalendarDay): FormContents['AMENDMENT'] {
  return {
    contactMethod: ContactMethod.PHONE,
    contactedOn: on,
    whatChanged: 'The minutes of speech services were changed.',
    why: 'Progress was faster than expected.',
  };
}

/** A page on which nothing was written yet, for drafts that still have findings. */
export const EMPTY_LEVELS: FormContents['PRESENT_LEVELS'] = {
  strengths: null,
  parentConcerns: null,
  academicPerformance: null,
  communication: null,
  motorSkills: null,
  socialEmotional: null,
  health: null,
  dailyLiving: null,
  disabilityImpact: null,
};

const GOALS: Partial<
  Record<GoalArea, readonly (readonly [baseline: string, statement: string, responsible: string])[]>
> = {
  ACADEMIC: [
    [
      'reads {a} words per minute in a text of the grade',
      'will read {b} words per minute with {c} % accuracy in three of four samples',
      'Special education teacher',
    ],
    [
      'solves {d} of 10 problems with two steps',
      'will solve 8 of 10 problems with two steps in four of five trials',
      'Special education teacher',
    ],
    [
      'writes {d} sentences on a topic',
      'will write a paragraph of five sentences with {c} % correct punctuation',
      'Special education teacher',
    ],
  ],
  BEHAVIORAL: [
    [
      'stays with a task for {d} minutes',
      'will stay with a task for 15 minutes in four of five observations',
      'Behavior specialist',
    ],
  ],
  COMMUNICATION: [
    [
      'says the sounds s and r correctly in {c0} % of words',
      'will say the sounds s and r correctly in {c} % of words in conversation',
      'Speech-language pathologist',
    ],
    [
      'answers {d} of 10 questions about a story',
      'will answer 8 of 10 questions about a story in complete sentences',
      'Speech-language pathologist',
    ],
  ],
  MOTOR: [
    [
      'copies {d} of 10 shapes within the lines',
      'will copy 9 of 10 shapes within the lines in three sessions',
      'Occupational therapist',
    ],
  ],
  SOCIAL_EMOTIONAL: [
    [
      'joins a game of others once in {d} breaks',
      'will join a game of others in four of five breaks',
      'Special education teacher',
    ],
  ],
  DAILY_LIVING: [
    [
      'packs the school bag with {d} reminders',
      'will pack the school bag without a reminder on nine of ten days',
      'Special education teacher',
    ],
  ],
  TRANSITION: [
    ['names {d} occupations of interest', 'will visit three workplaces and report on each', 'Transition teacher'],
  ],
};

/** Age from which a plan has a goal for life after school (34 CFR 300.320(b)). */
const TRANSITION_AGE = 16;

/** Two or three measurable goals that fit the disability and the age. */
export function goalsFor(random: Random, { person: { firstName }, disability }: Subject, age: number): GoalBundle[] {
  const areas = [
    ...GOAL_AREAS[disability].slice(0, random.int(2, 3)),
    ...(age >= TRANSITION_AGE ? [GoalArea.TRANSITION] : []),
  ];
  return areas.map((area) => {
    const [baseline, statement, responsible] = random.pick(GOALS[area] ?? GOALS.ACADEMIC!);
    const from = random.int(20, 90);
    const values: Record<string, number> = {
      a: from,
      b: from + random.int(15, 40),
      c0: random.int(20, 50),
      c: random.int(80, 95),
      d: random.int(2, 6),
    };
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]));
    return {
      area,
      baseline: `${firstName} ${fill(baseline)}.`,
      statement: `Within a year, ${firstName} ${fill(statement)}.`,
      responsible,
    };
  });
}
