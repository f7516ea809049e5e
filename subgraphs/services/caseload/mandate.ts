import { type RuleError } from '../../../platform/errors';
import type { Service } from '../service/service.entity';

/** Mandates among these services: active ones that an affirmed plan orders (V-066, SESIS-03). */
export function mandates(services: readonly Service[], serviceCode?: string | null): Service[] {
  return services.filter(
    (row) => row.state === 'ACTIVE' && row.iepId !== null && (!serviceCode || row.code === serviceCode),
  );
}

/** Why a student doesn't come onto a caseload: the rule and what to do. */
export const REFUSALS = {
  'V-066': 'There is no mandate for this student and service: an affirmed plan has to order it first.',
  'V-067': 'The provider is not permitted to deliver the service: have the permission entered first.',
  'V-068': 'A supervisor needs access to both the student and the provider.',
  'V-069': 'No first attend is on file: report the first attend, which adds the student by itself.',
  'SESIS-21': 'Only providers of the department add students to their own caseload: ask your supervisor.',
} as const;
export type Refusal = keyof typeof REFUSALS;

export const refusal = (code: Refusal, path: string[] | null): RuleError => ({
  code,
  message: REFUSALS[code],
  path,
  severity: 'ERROR',
});
