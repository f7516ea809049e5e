import type { Iep } from '../document/iep.entity';
import { IepRepository } from '../document/iep.repository';
import { FormRepository } from '../form/form.repository';
import { GoalRepository } from '../goal/goal.repository';
import { PublishedRepository } from '../published/published.repository';
import type { Session } from '../../../platform/scope/session';
import { checkOnDemand, isBlocking, type IepFinding, markOf } from './check-iep';
import type { IepCase } from './iep-case';

/** Gathers what the rules look at, runs them, and keeps the marks. */
export class IepCheckService {
  constructor(private readonly session: Session) {}

  /** The cases of these IEPs: one statement each for forms, goals and services. */
  async cases(ieps: readonly Iep[]): Promise<IepCase[]> {
    const ids = ieps.map((iep) => iep.id);
    // One after another: inside a transaction they share one connection.
    const forms = await this.session.get(FormRepository).findByIeps(ids);
    const goals = await this.session.get(GoalRepository).findByIeps(ids);
    const services = await this.session.get(PublishedRepository).servicesOf(ids);
    return ieps.map((iep) => ({
      iep,
      forms: forms.filter((form) => form.iepId === iep.id),
      goals: goals.filter((goal) => goal.iepId === iep.id),
      services: services.filter((service) => service.iepId === iep.id),
      today: this.session.today,
    }));
  }

  async caseOf(iep: Iep): Promise<IepCase> {
    return (await this.cases([iep]))[0]!;
  }

  /** What the check on demand finds (SEIS-21), IEP by IEP. */
  async findings(ieps: readonly Iep[]): Promise<IepFinding[][]> {
    return (await this.cases(ieps)).map(checkOnDemand);
  }

  /** Checks an open IEP and keeps the marks of its forms and the number of its blocking findings. */
  async checkAndMark(iep: Iep): Promise<IepFinding[]> {
    const subject = await this.caseOf(iep);
    const findings = checkOnDemand(subject);
    await this.keepMarks(subject, findings);
    const openFindings = findings.filter(isBlocking).length;
    if (openFindings !== iep.openFindings) await this.session.get(IepRepository).update(iep.id, { openFindings });
    return findings;
  }

  async keepMarks({ forms }: IepCase, findings: readonly IepFinding[]): Promise<void> {
    for (const form of forms) {
      const mark = markOf(form.kind, findings);
      if (mark !== form.mark) await this.session.get(FormRepository).setMark(form.id, mark);
      form.mark = mark;
    }
  }
}
