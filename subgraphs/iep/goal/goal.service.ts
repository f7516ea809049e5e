import { z } from 'zod';
import { badInput, conflict, notFound, reject } from '../../../platform/errors';
import { parseInput } from '../../../platform/parse-input';
import { scopeDateOf } from '../../../platform/scope/scope-date';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { lockedIep, stateAfter } from '../document/iep-access';
import type { Iep } from '../document/iep.entity';
import { IepRepository } from '../document/iep.repository';
import { IepState } from '../document/iep-codes';
import { PAST_STATES } from '../document/iep-states';
import { iepChanged } from '../events';
import { IepCheckService } from '../validation/iep-check.service';
import type { Goal } from './goal.entity';
import type { AddGoalInput, RecordGoalProgressInput, RemoveGoalInput } from './goal.inputs';
import { GoalProgressRepository, GoalRepository } from './goal.repository';

const STATEMENT = 8_000;
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .nullish()
    .transform((value) => value || null);
const goalText = z.object({
  baseline: text(STATEMENT),
  statement: text(STATEMENT),
  responsible: text(200),
  objectives: z
    .array(
      z.object({
        statement: z.string().trim().min(1).max(2_000),
        targetDate: z
          .string()
          .nullish()
          .transform((value) => value ?? null),
      }),
    )
    .max(20)
    .nullish()
    .transform((value) => value ?? []),
});

/** Goals of drafts, and progress on goals. */
export class GoalService {
  constructor(private readonly session: Session) {}

  /** Adds a goal to an open IEP, or changes one of its goals (V-013, V-014; CONFLICT by the goal's version). */
  async add(input: AddGoalInput): Promise<WriteResult> {
    const iep = await lockedIep(this.session, input.iepId);
    stateAfter(iep, 'EDIT', ['iepId']);
    const values = { ...parseInput(goalText, input), area: input.area, discussed: input.discussed ?? false };
    if (!values.statement) {
      const message = 'A goal needs its text: write what the student will reach within a year, measurably.';
      throw reject('V-009', message, ['statement']);
    }
    const goals = this.session.get(GoalRepository);
    const known = await goals.findByIeps([iep.id]);
    const goalId = input.goalId ? await this.change(known, input, values) : await this.insert(iep, known, values);
    await this.edited(iep);
    return { ids: { goal: goalId, iep: iep.id } };
  }

  /** Takes a goal off an open IEP: the team adds and deletes goals as it discusses them (SEIS-67). Progress on record keeps it. */
  async remove({ goalId, version }: RemoveGoalInput): Promise<WriteResult> {
    const goals = this.session.get(GoalRepository);
    const known = await goals.findById(goalId);
    if (!known) throw notFound('The goal');
    const iep = await lockedIep(this.session, known.iepId);
    stateAfter(iep, 'EDIT', ['goalId']);
    const goal = await goals.findForChange(goalId);
    if (!goal) throw notFound('The goal');
    if (goal.version !== version)
      throw conflict('Somebody else has changed this goal. Read it again and repeat your change.');
    if ((await this.session.get(GoalProgressRepository).findByGoals([goalId])).length > 0) {
      const message = 'Progress is recorded on this goal, so that it stays. Change its text with addGoal instead.';
      throw reject('SEIS-67', message, ['goalId']);
    }
    await goals.remove([goalId]);
    await this.edited(iep);
    return { ids: { iep: iep.id } };
  }

  /** Progress goes on while the IEP is current: it is not part of the affirmed content. History takes none. */
  async recordProgress(input: RecordGoalProgressInput): Promise<WriteResult> {
    const goal = await this.session.get(GoalRepository).findById(input.goalId);
    if (!goal) throw notFound('The goal');
    const iep = await lockedIep(this.session, goal.iepId);
    if (PAST_STATES.includes(iep.state) || iep.state === IepState.DISCARDED)
      throw reject('V-014', 'This IEP is history or discarded. Record progress on the goals of the current one.', [
        'goalId',
      ]);
    if (input.reportedOn > this.session.today)
      throw reject('C.6', 'Progress is recorded for today or a day before.', ['reportedOn']);
    const { comment } = parseInput(z.object({ comment: text(STATEMENT) }), input);
    const entry = await this.session.get(GoalProgressRepository).insert({
      goalId: goal.id,
      iepId: iep.id,
      studentId: iep.studentId,
      reportedOn: input.reportedOn,
      scopeDate: await scopeDateOf(this.session, iep.studentId, input.reportedOn),
      rating: input.rating,
      comment,
      recordedById: this.session.principal.subject,
      recordedAt: this.session.now,
    });
    return { ids: { progress: entry.id, goal: goal.id } };
  }

  /** A goal is part of the document: its version counts up, its marks follow. */
  private async edited(iep: Iep): Promise<void> {
    const ieps = this.session.get(IepRepository);
    await ieps.update(iep.id, {}, iep.version);
    await this.session.get(IepCheckService).checkAndMark((await ieps.findById(iep.id))!);
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
  }

  private async insert(iep: Iep, known: readonly Goal[], values: Partial<Goal>): Promise<string> {
    const position = 1 + Math.max(0, ...known.map((goal) => goal.position));
    const { id: iepId, studentId, scopeDate } = iep;
    return (
      await this.session.get(GoalRepository).insert({ ...values, iepId, studentId, scopeDate, position, version: 1 })
    ).id;
  }

  private async change(
    known: readonly Goal[],
    { goalId, version }: AddGoalInput,
    values: Partial<Goal>,
  ): Promise<string> {
    const goal = known.find((one) => one.id === goalId);
    if (!goal) throw notFound('The goal');
    if (version == null)
      throw badInput('Send the version of the goal that you read, so that nobody’s edit is lost.', ['version']);
    await this.session.get(GoalRepository).update(goal.id, values, version);
    return goal.id;
  }
}
