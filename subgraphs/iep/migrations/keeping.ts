import { type MigrationClass, refuseReplacing } from '../../../platform/database/migration';
import { AFFIRMED, FROZEN, refuse } from './immutability';

/** What the triggers before let through: affirmed rows pushed out by REPLACE, and a second current IEP (SEIS-49, SEIS-50). */
const ONCE: readonly (readonly [table: string, ...keys: string[][]])[] = [
  ['iep_attestation', ['id'], ['iep_id']],
  ['iep_document', ['id'], ['iep_id']],
  ['iep_document_part', ['id'], ['document_id', 'position']],
  ['iep_signed_copy', ['id']],
];
/** The frozen states, and that of drafts which were discarded: those are on record too (SEIS-43). */
const KEPT = FROZEN.replace(')', ", 'DISCARDED')");
const OF_KEPT_IEP = `EXISTS (SELECT 1 FROM iep WHERE iep.id = kept.iep_id AND iep.state IN ${KEPT})`;
const OF_DOCUMENTS: readonly (readonly [table: string, which: string, ...keys: string[][]])[] = [
  ['iep', `kept.state IN ${KEPT}`, ['id'], ['current_of'], ['future_of']],
  ['iep_form', OF_KEPT_IEP, ['id'], ['iep_id', 'kind']],
  ['iep_goal', OF_KEPT_IEP, ['id']],
];

/** `current_of` is what keeps a student to one current IEP: filled for CURRENT, and for nothing else. */
const CURRENT_OF = "CASE WHEN NEW.state = 'CURRENT' THEN NEW.student_id END";
const oneCurrent = (timestamp: number, act: 'INSERT' | 'UPDATE'): MigrationClass =>
  refuse(
    timestamp,
    `iep_current_${act.toLowerCase()}`,
    act,
    'iep',
    { sqlite: `NEW.current_of IS NOT ${CURRENT_OF}`, mysql: `NOT (NEW.current_of <=> ${CURRENT_OF})` },
    `${AFFIRMED}: current_of names the student of the one current IEP`,
  );

export const keepingMigrations = [
  ...ONCE.map(([table, ...keys], n) => refuseReplacing(1768400000021 + n, 'INSERT', table, keys, AFFIRMED)),
  refuseReplacing(1768400000029, 'INSERT', 'red_window_override', [['id']], 'an override is on record for good'),
  ...OF_DOCUMENTS.flatMap(([table, which, ...keys], n) => [
    refuseReplacing(1768400000031 + 2 * n, 'INSERT', table, keys, AFFIRMED, which),
    refuseReplacing(1768400000032 + 2 * n, 'UPDATE', table, keys, AFFIRMED, which),
  ]),
  oneCurrent(1768400000041, 'INSERT'),
  oneCurrent(1768400000042, 'UPDATE'),
];
