import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import { grouped } from '../grouped';
import type { Service } from './service.entity';
import { ServiceRepository } from './service.repository';

/** Most recent first (SER-100). */
const mostRecentFirst = (a: Service, b: Service): number =>
  b.startDate.localeCompare(a.startDate) || b.id.localeCompare(a.id);

/** Services of a request by student, by plan and by id: each in one statement per batch. */
export class ServiceLoader {
  readonly ofStudent: DataLoader<string, Service[]>;
  readonly ofPlan: DataLoader<string, Service[]>;
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
    this.byId = new DataLoader(async (ids) => {
      const rows = new Map((await services.findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
  }
}
