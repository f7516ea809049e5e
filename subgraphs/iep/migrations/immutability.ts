import {
  alike,
  type EngineSql,
  type MigrationClass,
  refusingTrigger,
  statement,
} from '../../../platform/database/migration';

/**
 * The database itself refuses to change affirmed content (SEIS-49, SEIS-51; architecture, section 5). Whatever program, or
 * person with a database client, asks: the content of a CURRENT, CLOSED_NO_AGREEMENT or HISTORY IEP stays. Free to change
 * are its state among these, the signature's state (SEIS-79), its effect, submission, and progress on its goals.
 */
export const FROZEN = "('CURRENT', 'CLOSED_NO_AGREEMENT', 'HISTORY')";

export const IEP_CONTENT = [
  'id',
  'student_id',
  'scope_date',
  'kind',
  'purposes',
  'purpose_text',
  'parent_iep_id',
  'continuation',
  'to_be_continued',
  'amendment_number',
  'opened_on',
  'meeting_date',
  'held_on',
  'reconvened_on',
  'affirmed_at',
  'affirmed_on',
  'affirmed_by_id',
  'content_hash',
  'primary_disability',
  'federal_environment',
];

export const AFFIRMED = 'affirmed content cannot be changed';

/** A trigger that refuses the statement when the condition holds, on both engines. */
export function refuse(
  timestamp: number,
  name: string,
  act: 'INSERT' | 'UPDATE' | 'DELETE',
  table: string,
  condition: EngineSql,
  message = AFFIRMED,
): MigrationClass {
  return statement(timestamp, `Trigger_${name}`, refusingTrigger(name, act, table, message, condition));
}

const iepChanges = (differs: (column: string) => string) =>
  `OLD.state IN ${FROZEN} AND (NEW.state NOT IN ${FROZEN} OR (OLD.state = 'HISTORY' AND NEW.state <> 'HISTORY')` +
  ` OR ${IEP_CONTENT.map(differs).join(' OR ')})`;

/**
 * Triggers on a table of parts of IEPs: nothing goes into, changes in or leaves an IEP of these states. Uses the number given
 * and the next two.
 */
export function childTriggers(
  timestamp: number,
  table: string,
  { states = FROZEN, name = table, message = AFFIRMED } = {},
): MigrationClass[] {
  const within = (row: 'OLD' | 'NEW') =>
    `EXISTS (SELECT 1 FROM iep WHERE iep.id = ${row}.iep_id AND iep.state IN ${states})`;
  return [
    refuse(timestamp, `${name}_no_insert`, 'INSERT', table, alike(within('NEW')), message),
    refuse(timestamp + 1, `${name}_no_update`, 'UPDATE', table, alike(`${within('OLD')} OR ${within('NEW')}`), message),
    refuse(timestamp + 2, `${name}_no_delete`, 'DELETE', table, alike(within('OLD')), message),
  ];
}

/** Triggers on a table whose rows never change once they are written. Uses the number given and the next. */
export function writeOnce(timestamp: number, table: string, message = AFFIRMED): MigrationClass[] {
  const always = alike('OLD.id IS NOT NULL');
  return [
    refuse(timestamp, `${table}_no_update`, 'UPDATE', table, always, message),
    refuse(timestamp + 1, `${table}_no_delete`, 'DELETE', table, always, message),
  ];
}

export const immutabilityMigrations = [
  refuse(1764200000101, 'iep_no_update', 'UPDATE', 'iep', {
    sqlite: iepChanges((column) => `NEW.${column} IS NOT OLD.${column}`),
    mysql: iepChanges((column) => `NOT (NEW.${column} <=> OLD.${column})`),
  }),
  refuse(1764200000102, 'iep_no_delete', 'DELETE', 'iep', alike(`OLD.state IN ${FROZEN}`)),
  ...childTriggers(1764200000111, 'iep_form'),
  ...childTriggers(1764200000121, 'iep_goal'),
  ...writeOnce(1764200000131, 'iep_attestation'),
  ...writeOnce(1764200000141, 'iep_document'),
  ...writeOnce(1764200000151, 'iep_document_part'),
];
