import type { Service } from '../service/service.entity';
import { TerminationReason } from '../service/service.enums';

type Compared = Pick<Service, 'id' | 'code' | 'state' | 'terminationReason'>;

export interface Differences<S> {
  /** What the plan lists and nobody delivers: one row per code. */
  withoutRow: S[];
  /** What is delivered though the plan doesn't list it. */
  withoutPlan: S[];
}

/** Ends that say that the student needs no plan any more. */
const NO_LONGER_OWED: readonly (string | null)[] = [TerminationReason.EXITED_SPED, TerminationReason.DECEASED];

/**
 * What the services of a plan and the services of its student have not in common (X5, V-071). Services are entered by hand
 * after a claim, never pulled in from the former owner's plan (SER-99, SER-101): they match by code, whoever entered them.
 * @param planned services that the plan lists, in any state
 * @param all services of the student
 */
export function reconcile<S extends Compared>(planned: readonly S[], all: readonly S[]): Differences<S> {
  const active = all.filter((row) => row.state === 'ACTIVE');
  const delivered = new Set(active.map((row) => row.code));
  const ordered = new Set(planned.map((row) => row.code));
  const owed = planned.filter((row) => !delivered.has(row.code) && !NO_LONGER_OWED.includes(row.terminationReason));
  return {
    withoutRow: [...new Map(owed.map((row) => [row.code, row])).values()],
    withoutPlan: active.filter((row) => !ordered.has(row.code)),
  };
}
