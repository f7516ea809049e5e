import DataLoader from 'dataloader';
import type { RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { PlanRepository } from '../service/plan.repository';
import { serviceName } from '../service/service-codes';
import { ServiceLoader } from '../service/service.loader';
import { reconcile } from './reconcile';
import type { ServiceReconciliation } from './reconciliation.types';

/** Differences between plans and services of a request by plan, in one statement of each table per batch. */
export class ReconciliationLoader {
  /** Null for a plan that is not in force, or whose student is not the caller's today: part of the rows would be missing. */
  readonly ofPlan: DataLoader<string, ServiceReconciliation | null>;

  constructor(session: Session) {
    const services = session.get(ServiceLoader);
    this.ofPlan = new DataLoader(async (ids) => {
      const students = await session.get(PlanRepository).studentsInForce(ids);
      return Promise.all(
        ids.map(async (iepId) => {
          const studentId = students.get(iepId);
          if (!studentId) return null;
          const [planned, all] = [await services.ofPlan.load(iepId), await services.ofStudent.load(studentId)];
          const differences = reconcile(planned, all);
          return { ...differences, alerts: alertsOf(differences) };
        }),
      );
    });
  }
}

const alert = (message: string): RuleError => ({ code: 'V-071', message, path: null, severity: 'ALERT' });

function alertsOf({ withoutRow, withoutPlan }: Pick<ServiceReconciliation, 'withoutRow' | 'withoutPlan'>): RuleError[] {
  return [
    ...withoutRow.map(({ code }) =>
      alert(`The plan lists ${serviceName(code)}, and nobody delivers it: add the service.`),
    ),
    ...withoutPlan.map(({ code }) =>
      alert(`${serviceName(code)} is delivered, and the plan does not list it: amend the plan, or end the service.`),
    ),
  ];
}
