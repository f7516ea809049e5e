import { graphqlEnum } from '../../../platform/graphql/enums';

/** The forms that an IEP is made of. */
export enum IepFormKind {
  PRESENT_LEVELS = 'PRESENT_LEVELS',
  OFFER = 'OFFER',
  PARTICIPANTS = 'PARTICIPANTS',
  NOTES = 'NOTES',
  AMENDMENT = 'AMENDMENT',
  SITE_DETERMINATION = 'SITE_DETERMINATION',
}
graphqlEnum(IepFormKind, 'IepFormKind', 'The forms that an IEP is made of.', {
  PRESENT_LEVELS: 'Present levels of academic achievement and functional performance.',
  OFFER: 'Offer of services and placement.',
  PARTICIPANTS: 'Participants, signatures and the parent’s participation.',
  NOTES: 'Meeting notes; prior written notice when complete (SEIS-70).',
  AMENDMENT: 'What an amendment changes, why, and how the parent was informed.',
  SITE_DETERMINATION: 'Site determination; may be added and removed (SER-84).',
});

/** Forms that a person may add to or remove from an IEP (SER-81 to SER-84). */
export const OPTIONAL_FORMS: readonly IepFormKind[] = [IepFormKind.SITE_DETERMINATION];

/** The mark that a form carries after validation (SER-76 to SER-78). */
export enum ValidationMark {
  PASS = 'PASS',
  WARNING = 'WARNING',
  FAIL = 'FAIL',
  NOT_RUN = 'NOT_RUN',
}
graphqlEnum(ValidationMark, 'ValidationMark', 'Result of the check of a form.', {
  PASS: 'Green check: nothing found.',
  WARNING: 'Yellow mark: a potential error that still passes.',
  FAIL: 'Red X: an error that blocks affirmation.',
  NOT_RUN: 'Not checked since the form was made.',
});

export enum ParticipantRole {
  PARENT = 'PARENT',
  STUDENT = 'STUDENT',
  ADULT_STUDENT = 'ADULT_STUDENT',
  CASE_MANAGER = 'CASE_MANAGER',
  GENERAL_EDUCATION_TEACHER = 'GENERAL_EDUCATION_TEACHER',
  SPECIAL_EDUCATION_TEACHER = 'SPECIAL_EDUCATION_TEACHER',
  ADMINISTRATOR = 'ADMINISTRATOR',
  RELATED_SERVICE_PROVIDER = 'RELATED_SERVICE_PROVIDER',
  PSYCHOLOGIST = 'PSYCHOLOGIST',
  INTERPRETER = 'INTERPRETER',
  AGENCY = 'AGENCY',
  OTHER = 'OTHER',
}
graphqlEnum(ParticipantRole, 'ParticipantRole', 'As what a person takes part in the meeting (34 CFR 300.321).', {
  PARENT: 'Parent or guardian.',
  STUDENT: 'The student.',
  ADULT_STUDENT: 'The student, who holds the rights.',
  CASE_MANAGER: 'Case manager.',
  GENERAL_EDUCATION_TEACHER: 'Teacher of general education.',
  SPECIAL_EDUCATION_TEACHER: 'Teacher of special education.',
  ADMINISTRATOR: 'Representative of the district.',
  RELATED_SERVICE_PROVIDER: 'Provider of a related service.',
  PSYCHOLOGIST: 'Person who interprets evaluation results.',
  INTERPRETER: 'Interpreter.',
  AGENCY: 'Representative of another agency.',
  OTHER: 'Another person with knowledge of the student.',
});

export enum ParticipantAgreement {
  AGREES = 'AGREES',
  DISAGREES = 'DISAGREES',
  NOT_RECORDED = 'NOT_RECORDED',
}
graphqlEnum(
  ParticipantAgreement,
  'ParticipantAgreement',
  'A participant’s stand. Decisions are by consensus, never by vote (SEIS-93).',
  {
    AGREES: 'Agrees with the team.',
    DISAGREES: 'Disagrees with the team.',
    NOT_RECORDED: 'Nothing recorded.',
  },
);

export enum ContactMethod {
  IN_PERSON = 'IN_PERSON',
  PHONE = 'PHONE',
  EMAIL = 'EMAIL',
  LETTER = 'LETTER',
  VIDEO = 'VIDEO',
}
graphqlEnum(ContactMethod, 'ContactMethod', 'How somebody was reached.', {
  IN_PERSON: 'Face to face.',
  PHONE: 'By telephone.',
  EMAIL: 'By electronic mail.',
  LETTER: 'By letter.',
  VIDEO: 'By video conference.',
});

/** Federal disability categories (domain F.1, EDFacts). */
export enum DisabilityCategory {
  AUT = 'AUT',
  DB = 'DB',
  DD = 'DD',
  EMN = 'EMN',
  HI = 'HI',
  ID = 'ID',
  MD = 'MD',
  OHI = 'OHI',
  OI = 'OI',
  SLD = 'SLD',
  SLI = 'SLI',
  TBI = 'TBI',
  VI = 'VI',
}
graphqlEnum(DisabilityCategory, 'DisabilityCategory', 'Federal disability category.', {
  AUT: 'Autism.',
  DB: 'Deaf-blindness.',
  DD: 'Developmental delay.',
  EMN: 'Emotional disturbance.',
  HI: 'Hearing impairment, deafness included.',
  ID: 'Intellectual disability.',
  MD: 'Multiple disabilities.',
  OHI: 'Other health impairment.',
  OI: 'Orthopedic impairment.',
  SLD: 'Specific learning disability.',
  SLI: 'Speech or language impairment.',
  TBI: 'Traumatic brain injury.',
  VI: 'Visual impairment.',
});

/** Federal educational environments (domain F.8): school age, and early childhood. */
export enum FederalEnvironment {
  RC80 = 'RC80',
  RC79TO40 = 'RC79TO40',
  RC39 = 'RC39',
  SS = 'SS',
  RF = 'RF',
  HH = 'HH',
  CF = 'CF',
  PPPS = 'PPPS',
  REC10YSVCS = 'REC10YSVCS',
  REC10YOTHLOC = 'REC10YOTHLOC',
  REC09YSVCS = 'REC09YSVCS',
  REC09YOTHLOC = 'REC09YOTHLOC',
  SC = 'SC',
  H = 'H',
  SPL = 'SPL',
}
graphqlEnum(FederalEnvironment, 'FederalEnvironment', 'Federal educational environment.', {
  RC80: 'Inside the regular class 80 % or more of the day.',
  RC79TO40: 'Inside the regular class 40 to 79 % of the day.',
  RC39: 'Inside the regular class less than 40 % of the day.',
  SS: 'Separate school.',
  RF: 'Residential facility.',
  HH: 'Homebound or hospital.',
  CF: 'Correctional facility.',
  PPPS: 'Parentally placed in a private school.',
  REC10YSVCS: 'Regular early childhood program 10 hours or more, services there.',
  REC10YOTHLOC: 'Regular early childhood program 10 hours or more, services elsewhere.',
  REC09YSVCS: 'Regular early childhood program less than 10 hours, services there.',
  REC09YOTHLOC: 'Regular early childhood program less than 10 hours, services elsewhere.',
  SC: 'Separate class.',
  H: 'Home.',
  SPL: 'Service provider location or another one.',
});

/** The share of the day inside the regular class that an environment stands for: [least, most] per cent. */
export const REGULAR_CLASS_RANGE: Partial<Record<FederalEnvironment, readonly [number, number]>> = {
  RC80: [80, 100],
  RC79TO40: [40, 79],
  RC39: [0, 39],
};
