import { graphqlEnum } from '../../../platform/graphql/enums';

/** What a goal is about. SEIS-22 names academic and behavioural; the others are the usual pages of a goal bank. */
export enum GoalArea {
  ACADEMIC = 'ACADEMIC',
  BEHAVIORAL = 'BEHAVIORAL',
  COMMUNICATION = 'COMMUNICATION',
  MOTOR = 'MOTOR',
  SOCIAL_EMOTIONAL = 'SOCIAL_EMOTIONAL',
  DAILY_LIVING = 'DAILY_LIVING',
  TRANSITION = 'TRANSITION',
  OTHER = 'OTHER',
}
graphqlEnum(GoalArea, 'GoalArea', 'What a goal is about.', {
  ACADEMIC: 'Academic skills.',
  BEHAVIORAL: 'Behavior.',
  COMMUNICATION: 'Speech, language and communication.',
  MOTOR: 'Gross and fine motor skills.',
  SOCIAL_EMOTIONAL: 'Social and emotional development.',
  DAILY_LIVING: 'Daily living and adaptive skills.',
  TRANSITION: 'Transition to adult life.',
  OTHER: 'Another need.',
});

export enum ProgressRating {
  NOT_STARTED = 'NOT_STARTED',
  INSUFFICIENT = 'INSUFFICIENT',
  SUFFICIENT = 'SUFFICIENT',
  MET = 'MET',
}
graphqlEnum(ProgressRating, 'ProgressRating', 'How far a goal has come.', {
  NOT_STARTED: 'Not worked on in this period.',
  INSUFFICIENT: 'Progress that will not reach the goal in time.',
  SUFFICIENT: 'Progress that will reach the goal in time.',
  MET: 'The goal is met.',
});
