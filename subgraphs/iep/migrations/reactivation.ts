import {
  addColumn,
  alike,
  createTable,
  createView,
  day,
  id,
  instant,
  int,
  longText,
  ref,
  statement,
  string,
} from '../../../platform/database/migration';
import { AFFIRMED, FROZEN, IEP_CONTENT, refuse, writeOnce } from './immutability';

/** Late agreement and reactivation (domain C.2), and scanned signed copies (SEIS-53). */
const optional = { nullable: true };

/** Set by an affirmation. A closed amendment has none of them until its late agreement, which sets them once. */
const SET_ONCE = ['held_on', 'affirmed_at', 'affirmed_on', 'affirmed_by_id', 'content_hash'];
const CONTENT = [
  ...IEP_CONTENT.filter((column) => !SET_ONCE.includes(column)),
  'reactivates_iep_id',
  'reactivated_at',
  'reactivated_by_id',
  'reactivation_reason',
];

const AGREES_LATE = "(OLD.state = 'CLOSED_NO_AGREEMENT' AND NEW.state = 'CURRENT')";
const NEVER: readonly (readonly [from: string, to: string])[] = [
  ['CURRENT', 'CLOSED_NO_AGREEMENT'],
  ['CLOSED_NO_AGREEMENT', 'HISTORY'],
  ['HISTORY', 'CURRENT'],
  ['HISTORY', 'CLOSED_NO_AGREEMENT'],
];

/**
 * What the first version of this trigger refused, and besides: steps between the frozen states that are not in the table
 * of domain C.2. Open is the one step from CLOSED_NO_AGREEMENT to CURRENT; it needs the attestation of the late agreement,
 * and may fill what no affirmation had filled before.
 */
const frozenIepChanges = (differs: (column: string) => string): string =>
  `OLD.state IN ${FROZEN} AND (${[
    `NEW.state NOT IN ${FROZEN}`,
    ...NEVER.map(([from, to]) => `(OLD.state = '${from}' AND NEW.state = '${to}')`),
    ...CONTENT.map(differs),
    ...SET_ONCE.map(
      (column) =>
        `(${differs(column)} AND NOT (${AGREES_LATE} AND OLD.${column} IS NULL AND NEW.${column} IS NOT NULL))`,
    ),
    `(${AGREES_LATE} AND (NEW.content_hash IS NULL OR NOT EXISTS` +
      ' (SELECT 1 FROM iep_attestation a WHERE a.iep_id = NEW.id AND a.agreed_on IS NOT NULL)))',
  ].join(' OR ')})`;

export const reactivationMigrations = [
  addColumn(1766100000001, 'iep', 'reactivates_iep_id', ref(optional)),
  addColumn(1766100000002, 'iep', 'reactivated_at', instant(optional)),
  addColumn(1766100000003, 'iep', 'reactivated_by_id', ref(optional)),
  addColumn(1766100000004, 'iep', 'reactivation_reason', string(500, optional)),
  addColumn(1766100000005, 'iep_attestation', 'agreed_on', day(optional)),
  addColumn(1766100000006, 'iep_attestation', 'agreement', string(24, optional)),
  addColumn(1766100000007, 'iep_attestation', 'exceptions', longText(optional)),
  // The new trigger before the old one goes: affirmed content is never without.
  refuse(
    1766100000011,
    'iep_no_change',
    'UPDATE',
    'iep',
    {
      sqlite: frozenIepChanges((column) => `NEW.${column} IS NOT OLD.${column}`),
      mysql: frozenIepChanges((column) => `NOT (NEW.${column} <=> OLD.${column})`),
    },
    AFFIRMED,
  ),
  statement(1766100000012, 'Drop_trigger_iep_no_update', alike('DROP TRIGGER iep_no_update')),
  createTable(1766100000021, 'iep_signed_copy', {
    columns: {
      id: id(),
      iep_id: ref(),
      student_id: ref(),
      scope_date: day(),
      document_id: ref(),
      file_name: string(120),
      media_type: string(40),
      size: int(),
      sha256: string(64),
      signed_on: day(optional),
      attached_at: instant(),
      attached_by_id: ref(),
    },
    indexes: {
      iep_signed_copy_by_iep: ['iep_id', 'attached_at'],
      iep_signed_copy_by_student: ['student_id'],
    },
  }),
  ...writeOnce(1766100000022, 'iep_signed_copy'),
  statement(1766100000031, 'Drop_view_pub_iep', alike('DROP VIEW pub_iep')),
  createView(
    1766100000032,
    'pub_iep',
    'SELECT id, student_id, state, kind, parent_iep_id, meeting_date, held_on, opened_on, affirmed_on, plan_review_date,' +
      ' primary_disability, federal_environment, open_findings AS case_open_findings, version, reactivates_iep_id FROM iep',
  ),
];
