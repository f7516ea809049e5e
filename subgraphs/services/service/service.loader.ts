import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { grouped } from '../../../platform/grouped';
import type { Service } from './service.entity';
import { type CarriedOn, PlanRepository } from './plan.repository';
import { ServiceRepository } from './service.repository';

/** Most recent first (SER-100). */
const mostRecentFirst = (a: Service, b: Service): number =>
  b.startDate.localeCompare(a.startDate) || b.id.localeCompare(a.id);

/** Services of a request by student, by plan and by id: each in one statement per batch. */
export class ServiceLoader {
  readonly ofStudent: DataLoader<string, Service[]>;
  /** What a plan orders itself. */
  readonly ofPlan: DataLoader<string, Service[]>;
  /** What a plan shows: an open one also shows what it carries on from another plan (C.2). */
  readonly listedIn: DataLoader<string, Service[]>;
  readonly byId: DataLoader<string, Service | null>;

  constructor(session: Session) {
    const services = session.get(ServiceRepository);
    this.ofStudent = new DataLoader(async (ids) => {
      const rows = (await services.findByStudents(ids)).sort(mostRecentFirst);
      const byStudent = grouped(rows, (row) => row.studentId);
      return ids.map((id) => byStudent.get(id) ?? []);
    });
    this.ofPlan = new DataLoader(async (ids) => {
      const rows = (await services.findByPlans(ids)).sort(mostRecentFirst);
      return ids.map((id) => rows.filter((row) => row.plans?.some((plan) => plan.iepId === id)));
    });
    this.listedIn = new DataLoader(async (ids) => {
      const carriedOn = await session.get(PlanRepository).carriedOn(ids);
      const others = [...carriedOn.values()].flatMap((plan) => [plan.parentIepId, plan.reactivatesIepId]);
      const plans = [...ids, ...others.filter((id) => id !== null)];
      const rows = (await services.findByPlans(plans)).sort(mostRecentFirst);
      const inPlan = (id: string | null): Service[] =>
        rows.filter((row) => row.plans?.some((plan) => plan.iepId === id));
      return ids.map((id) => [...inPlan(id), ...carried(inPlan, id, carriedOn.get(id))].sort(mostRecentFirst));
    });
    this.byId = new DataLoader(async (ids) => {
      const rows = new Map((await services.findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
  }
}

/**
 * What an open plan carries on beside what it orders anew, the same that its affirmation will list: services of the plan that
 * it replaces, and those that its unagreed parent proposed.
 */
function carried(inPlan: (id: string | null) => Service[], id: string, others?: CarriedOn): Service[] {
  if (!others) return [];
  const { reactivatesIepId, parentIepId } = others;
  const ordered = new Set(inPlan(id).map((row) => row.code));
  const goesOn = (row: Service): boolean =>
    (row.iepId === reactivatesIepId && row.state !== 'TERMINATED') ||
    (row.iepId === parentIepId && row.state === 'PROPOSED');
  const rows = [...inPlan(reactivatesIepId), ...inPlan(parentIepId)];
  return [...new Set(rows)].filter((row) => goesOn(row) && !ordered.has(row.code));
}
