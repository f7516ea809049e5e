import type { CalendarDay } from '../../../platform/dates';
import { graphqlEnum } from '../../../platform/graphql/enums';

export enum CountDimension {
  DISABILITY = 'DISABILITY',
  AGE = 'AGE',
  AGE_BAND = 'AGE_BAND',
  AGE_GROUP = 'AGE_GROUP',
  ENVIRONMENT = 'ENVIRONMENT',
  LEA = 'LEA',
  SCHOOL = 'SCHOOL',
  SELPA = 'SELPA',
  STATE = 'STATE',
}
/**
 * What a partner may count is protected by suppression, not by the right to read the single record; ages follow from the
 * date of birth and need the right to it all the same.
 */
graphqlEnum(
  CountDimension,
  'CountDimension',
  'What a child count is broken down by.',
  {
    DISABILITY: 'Primary disability of the current IEP: federal code such as AUT.',
    AGE: 'Completed years on the day of the count, 3 to 21.',
    AGE_BAND: 'EARLY_CHILDHOOD (3, 4, and 5 before kindergarten) or SCHOOL_AGE (5 in kindergarten, 6 to 21).',
    AGE_GROUP: 'The federal groups: 3_TO_5_EARLY_CHILDHOOD, 5_TO_11_SCHOOL_AGE, 12_TO_17, 18_TO_21.',
    ENVIRONMENT: 'Educational environment of the current IEP: federal code such as RC80.',
    LEA: 'District that has jurisdiction: its id.',
    SCHOOL: 'School of attendance: its id.',
    SELPA: 'SELPA of the district: its id.',
    STATE: 'State: its id.',
  },
  {
    AGE: ['Student.dateOfBirth'],
    AGE_BAND: ['Student.dateOfBirth', 'Student.gradeLevel'],
    AGE_GROUP: ['Student.dateOfBirth', 'Student.gradeLevel'],
  },
);

/** Youngest and oldest age of the IDEA section 618 count. */
export const COUNTED_AGES = { from: 3, to: 21 } as const;
/** Key of students for whom the value is not recorded. */
export const NOT_RECORDED = 'NOT_RECORDED';

/** Grades before kindergarten. A child of five in any other grade, transitional kindergarten included, is of school age (FS002, FS089). */
const PRESCHOOL_GRADES = ['IN', 'TD', 'PS', 'PK', 'P3', 'P4', 'EC', 'EE'];

/** SQL of the age on a day. Both engines lack a common date function: year and month-day are columns of their own. */
export function ageSql(on: CalendarDay, alias = 'f'): string {
  const [year, month, day] = on.split('-').map(Number) as [number, number, number];
  return `(${year} - ${alias}.birthYear - CASE WHEN ${alias}.birthMonthDay > ${month * 100 + day} THEN 1 ELSE 0 END)`;
}

/** SQL of a dimension's key. */
export function keySql(dimension: CountDimension, on: CalendarDay): string {
  const age = ageSql(on);
  const preschool = `(${age} < 5 OR (${age} = 5 AND (f.gradeLevel IS NULL OR f.gradeLevel IN (${PRESCHOOL_GRADES.map((grade) => `'${grade}'`).join(', ')}))))`;
  const recorded = (column: string): string => `COALESCE(f.${column}, '${NOT_RECORDED}')`;
  const sql: Record<CountDimension, string> = {
    DISABILITY: recorded('primaryDisability'),
    AGE: age,
    AGE_BAND: `CASE WHEN ${preschool} THEN 'EARLY_CHILDHOOD' ELSE 'SCHOOL_AGE' END`,
    AGE_GROUP:
      `CASE WHEN ${preschool} THEN '3_TO_5_EARLY_CHILDHOOD' WHEN ${age} < 12 THEN '5_TO_11_SCHOOL_AGE'` +
      ` WHEN ${age} < 18 THEN '12_TO_17' ELSE '18_TO_21' END`,
    ENVIRONMENT: recorded('federalEnvironment'),
    LEA: recorded('leaId'),
    SCHOOL: recorded('schoolId'),
    SELPA: recorded('selpaId'),
    STATE: recorded('stateOrgId'),
  };
  return sql[dimension];
}

/** Dimensions whose keys are organizations. */
export const ORGANIZATION_DIMENSIONS: readonly CountDimension[] = [
  CountDimension.LEA,
  CountDimension.SCHOOL,
  CountDimension.SELPA,
  CountDimension.STATE,
];

/** Names of the federal codes (EDFacts; domain F.1, F.8). */
export const CODE_NAMES: Partial<Record<CountDimension, Readonly<Record<string, string>>>> = {
  DISABILITY: {
    AUT: 'Autism',
    DB: 'Deaf-blindness',
    DD: 'Developmental delay',
    EMN: 'Emotional disturbance',
    HI: 'Hearing impairment',
    ID: 'Intellectual disability',
    MD: 'Multiple disabilities',
    OHI: 'Other health impairment',
    OI: 'Orthopedic impairment',
    SLD: 'Specific learning disability',
    SLI: 'Speech or language impairment',
    TBI: 'Traumatic brain injury',
    VI: 'Visual impairment',
  },
  ENVIRONMENT: {
    RC80: 'Inside regular class 80% or more of the day',
    RC79TO40: 'Inside regular class 40% through 79% of the day',
    RC39: 'Inside regular class less than 40% of the day',
    SS: 'Separate school',
    RF: 'Residential facility',
    HH: 'Homebound/hospital',
    CF: 'Correctional facility',
    PPPS: 'Parentally placed in private school',
    REC10YSVCS: 'Services in regular early childhood program (attends at least 10 hours)',
    REC10YOTHLOC: 'Services in other location (attends regular early childhood program at least 10 hours)',
    REC09YSVCS: 'Services in regular early childhood program (attends less than 10 hours)',
    REC09YOTHLOC: 'Services in other location (attends regular early childhood program less than 10 hours)',
    SC: 'Separate class',
    H: 'Home',
    SPL: 'Service provider location',
  },
  AGE_BAND: { EARLY_CHILDHOOD: 'Early childhood', SCHOOL_AGE: 'School age' },
  AGE_GROUP: {
    '3_TO_5_EARLY_CHILDHOOD': 'Ages 3 to 5, early childhood',
    '5_TO_11_SCHOOL_AGE': 'Ages 5 (school age) to 11',
    '12_TO_17': 'Ages 12 to 17',
    '18_TO_21': 'Ages 18 to 21',
  },
};
