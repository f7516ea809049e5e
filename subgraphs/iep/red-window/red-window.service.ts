import { badInput, Rejection, type RuleError } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { Iep } from '../document/iep.entity';
import type { IepFormKind } from '../form/form-codes';
import type { FormContent } from '../form/form-content';
import { PublishedRepository } from '../published/published.repository';
import type { PublishedPeriod } from '../published/published-rows';
import { asRuleError, checkIep, isBlocking } from '../validation/check-iep';
import type { FormEdit } from '../validation/iep-case';
import { IepCheckService } from '../validation/iep-check.service';
import { REASON_LENGTH } from './override.entity';
import { OverrideRepository } from './override.repository';
import { mayOverride } from './overriding-roles';
import { changedReportedFields, redWindowOf, sessionDay } from './red-window';

/** One form before and after a save; null: not on the IEP. */
export interface FormChange {
  form: IepFormKind;
  before: FormContent | null;
  after: FormContent | null;
  overrideReason?: string | null;
}

/** The weeks before a report date, in which state-reported fields are red and stay as they are (SEIS-45, SEIS-46). */
export class RedWindowService {
  constructor(private readonly session: Session) {}

  /** The red window that each of these IEPs stands in today, if any. One statement; a second one while some window is open. */
  async windowsOf(ieps: readonly Iep[]): Promise<(PublishedPeriod | null)[]> {
    const published = this.session.get(PublishedRepository);
    const open = await published.redPeriods(this.session.today);
    if (open.length === 0) return ieps.map(() => null);
    const jurisdictions = await published.jurisdictionsOf(ieps.map((iep) => iep.studentId));
    return ieps.map((iep) =>
      redWindowOf(
        iep,
        open,
        jurisdictions.filter(({ studentId }) => studentId === iep.studentId),
      ),
    );
  }

  /**
   * V-015, for a save under the student's lock: inside the red window a state-reported field changes for a meeting after the
   * report date only with a district administrator's reason, which is put on record. With the day of the meeting unknown it
   * is a warning.
   * @returns the warnings of a save that stands
   * @throws Rejection V-015 with one error per field
   */
  async guard(iep: Iep, { form, before, after, overrideReason }: FormChange): Promise<RuleError[]> {
    const reason = overrideReason?.trim() || null;
    if (reason && reason.length > REASON_LENGTH)
      throw badInput(`The reason is limited to ${REASON_LENGTH} characters.`, ['overrideReason']);
    const fields = changedReportedFields(form, before, after);
    if (fields.length === 0) return [];
    const [window] = await this.windowsOf([iep]);
    if (!window) return [];
    const isDated = sessionDay(iep) !== null;
    const overridden = isDated && reason !== null && mayOverride(this.session.principal.role);
    const edit: FormEdit = { form, fields, removed: after === null, window, isDated, overridden };
    const findings = checkIep({ ...(await this.session.get(IepCheckService).caseOf(iep)), edit }, ['save']);
    const errors = findings.map(asRuleError);
    if (findings.some(isBlocking)) throw new Rejection(errors);
    if (overridden) await this.record(iep, edit, reason);
    return errors;
  }

  private async record(iep: Iep, { form, fields, window }: FormEdit, reason: string): Promise<void> {
    const { principal, now, today } = this.session;
    await this.session.get(OverrideRepository).insert({
      iepId: iep.id,
      studentId: iep.studentId,
      overriddenOn: today,
      form,
      fields: [...fields],
      reason,
      periodCode: window.code,
      reportDate: window.reportDate,
      overriddenById: principal.subject,
      overriddenAt: now,
    });
  }
}
