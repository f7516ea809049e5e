import { GoalArea } from '../../subgraphs/iep/goal/goal-codes';
import { DisabilityCategory, FederalEnvironment } from '../../subgraphs/iep/form/form-codes';
import type { DeliveryModel, Frequency } from '../../subgraphs/services/service/service.enums';
import type { Random } from './random';

const D = DisabilityCategory;
const E = FederalEnvironment;

/** Before kindergarten the environment is described in other words than from kindergarten on (domain F.8). */
export type Band = 'EARLY_CHILDHOOD' | 'SCHOOL_AGE';

type Weights<T> = readonly (readonly [T, number])[];

/** Roughly the shares of the federal child count: enough for a population that looks alive. */
export const DISABILITY_SHARES: Record<Band, Weights<DisabilityCategory>> = {
  EARLY_CHILDHOOD: [
    [D.AUT, 40],
    [D.SLI, 42],
    [D.OHI, 9],
    [D.ID, 4],
    [D.HI, 2],
    [D.OI, 2],
    [D.VI, 1],
  ],
  SCHOOL_AGE: [
    [D.SLD, 34],
    [D.SLI, 20],
    [D.AUT, 20],
    [D.OHI, 14],
    [D.ID, 5],
    [D.EMN, 3],
    [D.OI, 1],
    [D.HI, 1],
    [D.MD, 1],
    [D.VI, 0.5],
    [D.TBI, 0.3],
    [D.DB, 0.2],
  ],
};

const MILD: Weights<FederalEnvironment> = [
  [E.RC80, 82],
  [E.RC79TO40, 15],
  [E.RC39, 3],
];
const EXTENSIVE: Weights<FederalEnvironment> = [
  [E.RC80, 20],
  [E.RC79TO40, 25],
  [E.RC39, 45],
  [E.SS, 7],
  [E.HH, 2],
  [E.RF, 1],
];
const BETWEEN: Weights<FederalEnvironment> = [
  [E.RC80, 50],
  [E.RC79TO40, 25],
  [E.RC39, 20],
  [E.SS, 5],
];
const EARLY: Weights<FederalEnvironment> = [
  [E.REC10YSVCS, 30],
  [E.REC10YOTHLOC, 14],
  [E.REC09YSVCS, 4],
  [E.REC09YOTHLOC, 4],
  [E.SC, 36],
  [E.SPL, 9],
  [E.H, 2],
  [E.SS, 1],
];
const SCHOOL_AGE: Partial<Record<DisabilityCategory, Weights<FederalEnvironment>>> = {
  SLD: MILD,
  SLI: MILD,
  OHI: MILD,
  ID: EXTENSIVE,
  MD: EXTENSIVE,
  DB: EXTENSIVE,
};

/** An environment that fits disability and band. */
export function environmentFor(random: Random, disability: DisabilityCategory, band: Band): FederalEnvironment {
  return random.weighted(band === 'EARLY_CHILDHOOD' ? EARLY : (SCHOOL_AGE[disability] ?? BETWEEN));
}

/** The share of the day inside the regular class that goes with an environment (V-128); null where it isn't asked. */
export function shareInRegularClass(random: Random, environment: FederalEnvironment): number | null {
  if (environment === E.RC80) return random.int(80, 98);
  if (environment === E.RC79TO40) return random.int(40, 79);
  return environment === E.RC39 ? random.int(5, 39) : null;
}

/** A service as a plan orders it. */
export interface PlannedService {
  code: string;
  frequency: Frequency;
  minutes: number;
  delivery: DeliveryModel;
  location: string;
}

interface Offering {
  code: string;
  minutes: readonly [least: number, most: number];
  frequency?: Frequency;
  delivery?: DeliveryModel;
}

const INSTRUCTION: Offering = { code: '330', minutes: [120, 600] };
const SPEECH: Offering = { code: '415', minutes: [30, 90], delivery: 'GROUP' };
const OCCUPATIONAL: Offering = { code: '450', minutes: [30, 60] };
const PHYSICAL: Offering = { code: '460', minutes: [30, 60] };
const ADAPTED_PE: Offering = { code: '425', minutes: [30, 90], delivery: 'GROUP' };
const COUNSELING: Offering = { code: '510', minutes: [30, 60] };
const BEHAVIOR: Offering = { code: '535', minutes: [60, 240], frequency: 'MONTHLY' };
const NURSING: Offering = { code: '436', minutes: [20, 60], frequency: 'MONTHLY', delivery: 'CONSULTATION' };
const TECHNOLOGY: Offering = { code: '445', minutes: [30, 60], frequency: 'MONTHLY', delivery: 'CONSULTATION' };
const HEARING: Offering = { code: '710', minutes: [60, 240] };
const VISION: Offering = { code: '725', minutes: [60, 180] };
const MOBILITY: Offering = { code: '730', minutes: [30, 60] };
const CAREER: Offering = { code: '840', minutes: [60, 300], frequency: 'YEARLY', delivery: 'GROUP' };

/** The main service of a disability first, then what often goes with it. */
const OFFERINGS: Record<DisabilityCategory, readonly Offering[]> = {
  AUT: [INSTRUCTION, SPEECH, OCCUPATIONAL, BEHAVIOR],
  DB: [INSTRUCTION, HEARING, VISION, MOBILITY],
  DD: [INSTRUCTION, SPEECH, OCCUPATIONAL],
  EMN: [INSTRUCTION, COUNSELING, BEHAVIOR],
  HI: [HEARING, SPEECH, INSTRUCTION],
  ID: [INSTRUCTION, SPEECH, ADAPTED_PE],
  MD: [INSTRUCTION, OCCUPATIONAL, PHYSICAL, NURSING],
  OHI: [INSTRUCTION, COUNSELING, NURSING],
  OI: [INSTRUCTION, PHYSICAL, OCCUPATIONAL, TECHNOLOGY],
  SLD: [INSTRUCTION, SPEECH, TECHNOLOGY],
  SLI: [SPEECH],
  TBI: [INSTRUCTION, SPEECH, OCCUPATIONAL],
  VI: [VISION, MOBILITY, INSTRUCTION],
};

/** Age from which a plan holds transition services (34 CFR 300.320(b)). */
const TRANSITION_AGE = 16;

/** One to three services that fit a disability and an age; no two of one code. */
export function servicesFor(random: Random, disability: DisabilityCategory, age: number): PlannedService[] {
  const [main, ...others] = OFFERINGS[disability];
  const chosen = [main!, ...random.shuffle(others).slice(0, random.int(0, 2))];
  if (age >= TRANSITION_AGE && chosen.length < 3 && random.chance(0.7)) chosen.push(CAREER);
  return chosen.map(({ code, minutes: [least, most], frequency = 'WEEKLY', delivery = 'INDIVIDUAL' }) => ({
    code,
    frequency,
    minutes: Math.round(random.int(least, most) / 10) * 10,
    delivery,
    location: code === '330' || random.chance(0.3) ? 'Separate classroom in the school' : 'Regular classroom',
  }));
}

/** What goals a disability usually calls for. */
export const GOAL_AREAS: Record<DisabilityCategory, readonly GoalArea[]> = {
  AUT: [GoalArea.COMMUNICATION, GoalArea.SOCIAL_EMOTIONAL, GoalArea.ACADEMIC],
  DB: [GoalArea.COMMUNICATION, GoalArea.DAILY_LIVING, GoalArea.MOTOR],
  DD: [GoalArea.COMMUNICATION, GoalArea.MOTOR, GoalArea.SOCIAL_EMOTIONAL],
  EMN: [GoalArea.BEHAVIORAL, GoalArea.SOCIAL_EMOTIONAL, GoalArea.ACADEMIC],
  HI: [GoalArea.COMMUNICATION, GoalArea.ACADEMIC],
  ID: [GoalArea.ACADEMIC, GoalArea.DAILY_LIVING, GoalArea.COMMUNICATION],
  MD: [GoalArea.DAILY_LIVING, GoalArea.MOTOR, GoalArea.COMMUNICATION],
  OHI: [GoalArea.ACADEMIC, GoalArea.BEHAVIORAL],
  OI: [GoalArea.MOTOR, GoalArea.ACADEMIC],
  SLD: [GoalArea.ACADEMIC, GoalArea.ACADEMIC],
  SLI: [GoalArea.COMMUNICATION, GoalArea.COMMUNICATION],
  TBI: [GoalArea.ACADEMIC, GoalArea.BEHAVIORAL],
  VI: [GoalArea.ACADEMIC, GoalArea.DAILY_LIVING],
};
