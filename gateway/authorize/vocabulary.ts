/**
 * The strings that `@requiresScopes` and `@policy` may name. A string outside these lists fails the composition:
 * a misspelt scope would otherwise be a field that nobody can ever read, and a misspelt policy a rule that nobody meant.
 *
 * Source: design/api.graphql, "Capabilities" and "Policies".
 */

/** What may be done: `<area>:<verb>`. */
export const CAPABILITIES = [
  'student:read',
  'student.demographics:read',
  'student.contacts:read',
  'student.sensitive:read',
  'student:write',
  'student:locate',
  'jurisdiction:write',
  'status:write',
  'exit:process',
  'request:process',
  'account:manage',
  'partner:manage',
  'stateid:write',
  'disclosure:read',
  'iep:read',
  'iep.narrative:read',
  'iep:write',
  'iep:affirm',
  'iep:reactivate',
  'iep:submit',
  'goal:write',
  'progress:write',
  'evaluation:read',
  'evaluation:write',
  'service:read',
  'service:write',
  'provider:read',
  'assignment:write',
  'caseload:self-add',
  'caseload:supervise',
  'servicelog:write',
  'report:read',
  'report:build',
  'transaction:read',
  'transaction:send',
  'certification:lea-approve',
  'certification:selpa-approve',
  'content:write',
] as const;

/** At which level the caller stands; exactly one at a time. */
export const POLICIES = ['state', 'selpa', 'district', 'school', 'teacher', 'partner'] as const;

export type Capability = (typeof CAPABILITIES)[number];
export type Policy = (typeof POLICIES)[number];
