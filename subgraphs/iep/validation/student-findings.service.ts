import type { Session } from '../../../platform/scope/session';
import { IepRepository } from '../document/iep.repository';
import { isOpen } from '../document/iep-states';
import { EvaluationRepository } from '../evaluation/evaluation.repository';
import { PublishedRepository } from '../published/published.repository';
import { awaitsMeetings, DEADLINE_RULES, type DeadlineRule, type StudentCase } from './deadlines';
import type { Finding } from '../../../platform/graphql/finding';
import { IepCheckService } from './iep-check.service';

/** What is open about students now: what the check finds in the open IEP, and the deadlines that have passed. */
export class StudentFindingsService {
  constructor(private readonly session: Session) {}

  /**
   * Student by student, in one statement per table. Affirmed IEPs were checked and stay as they are: of the current one only
   * its deadline counts. Null for a student who is not the caller's today.
   */
  async of(studentIds: readonly string[]): Promise<(Finding[] | null)[]> {
    const standings = await this.session.get(PublishedRepository).standings(studentIds);
    const known = standings.map(({ id }) => id);
    const ieps = await this.session.get(IepRepository).findAlive(known);
    const evaluations = await this.session.get(EvaluationRepository).findNewestFirst(known);
    const open = ieps.filter((iep) => isOpen(iep.state));
    const found = open.length > 0 ? await this.session.get(IepCheckService).findings(open) : [];
    const byStudent = new Map(
      standings.map(({ id, status }): [string, Finding[]] => {
        const ofDocuments = open
          .flatMap((iep, i) => (iep.studentId === id ? found[i]! : []))
          .filter(({ rule }) => awaitsMeetings(status) || !rule.when.includes('nightly'));
        const subject: StudentCase = {
          status,
          ieps: ieps.filter((iep) => iep.studentId === id),
          evaluations: evaluations.filter((one) => one.studentId === id),
          today: this.session.today,
        };
        return [id, [...ofDocuments, ...DEADLINE_RULES.flatMap((rule) => passed(rule, subject))]];
      }),
    );
    return studentIds.map((id) => byStudent.get(id) ?? null);
  }
}

function passed({ missed, ...rule }: DeadlineRule, subject: StudentCase): Finding[] {
  const due = missed(subject);
  if (!due) return [];
  const { severity, message, fix } = rule;
  return [{ rule, severity, message: `${message} It was due on ${due}.`, fix, path: null }];
}
