import type { Session } from '../../../platform/scope/session';
import { IepRepository } from '../document/iep.repository';
import { wayToAgree } from '../document/agreeing';
import type { Iep } from '../document/iep.entity';
import { IepState, MeetingPurpose, SIGNATURE_MEANING } from '../document/iep-codes';
import { isOpen } from '../document/iep-states';
import { EvaluationRepository } from '../evaluation/evaluation.repository';
import { PublishedRepository } from '../published/published.repository';
import { awaitsMeetings, DEADLINE_RULES, type DeadlineRule, type StudentCase } from './deadlines';
import type { Finding } from '../../../platform/graphql/finding';
import { IepCheckService } from './iep-check.service';
import { RULE_CATALOGUE } from './catalogue';

/** What is open about students now: what the check finds in the open IEP, and the deadlines that have passed. */
export class StudentFindingsService {
  constructor(private readonly session: Session) {}

  /**
   * Student by student, in one statement per table. Affirmed IEPs were checked and stay as they are: of the current one only
   * its deadline counts, and that its answer is still missing. Null for a student who is not the caller's today.
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
        return [
          id,
          [...ofDocuments, ...unanswered(subject), ...DEADLINE_RULES.flatMap((rule) => passed(rule, subject))],
        ];
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

/**
 * V-007 stays open after the affirmation: what the notice at the current IEP says, and how the answer is recorded (SEIS-79).
 * A final offer without signature has closed its meeting, and waits for no answer (domain 0.3, X4).
 */
function unanswered({ ieps, status }: StudentCase): Finding[] {
  if (!awaitsMeetings(status)) return [];
  return ieps.filter(isUnanswered).map((iep) => {
    const rule = RULE_CATALOGUE.find(({ id }) => id === 'V-007')!;
    const message = 'The parent has not agreed to the current IEP: the plan that was agreed to before stays in force.';
    return { rule, severity: rule.severity, message, fix: wayToAgree(iep), path: null };
  });
}

const isUnanswered = ({ state, agreed, signature, purposes }: Iep): boolean =>
  state === IepState.CURRENT &&
  !agreed &&
  (signature === null || !SIGNATURE_MEANING[signature].signed) &&
  !purposes.includes(MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE);
