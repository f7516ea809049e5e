import { DOOR_GUARDS } from './list/doors';
import { GATEWAY_GUARDS } from './list/gateway';
import { RECORD_GUARDS } from './list/records';
import { ROW_GUARDS } from './list/rows';
import { STUDENTS_GUARDS } from './list/students';
import type { Guard } from './guard';

/** Everything in the code that stands between a caller and a row, or keeps what was shown from being denied. */
export const GUARDS: readonly Guard[] = [
  ...ROW_GUARDS,
  ...GATEWAY_GUARDS,
  ...DOOR_GUARDS,
  ...STUDENTS_GUARDS,
  ...RECORD_GUARDS,
];
