import type { CalendarDay } from '../../../platform/dates';
import { canonicalJson } from '../document/content-hash';
import type { Iep } from '../document/iep.entity';
import { isOpen } from '../document/iep-states';
import type { IepFormKind } from '../form/form-codes';
import { type FormContent, STATE_REPORTED } from '../form/form-content';
import type { PublishedJurisdiction, PublishedPeriod } from '../published/published-rows';

/** The day that decides V-015: on which the document's own session was held or is planned, else the meeting's; null: unknown. */
export const sessionDay = ({ heldOn, plannedMeetingDate, meetingDate }: Iep): CalendarDay | null =>
  heldOn ?? plannedMeetingDate ?? meetingDate;

/**
 * The open red window that a document stands in (SEIS-46): of a report date of the student's state that does not come on or
 * after its meeting. As long as the day of the meeting is unknown, it may be after. Of several, the last to close.
 * @param open periods whose red window is open today, the earliest report date first
 */
export function redWindowOf(
  iep: Iep,
  open: readonly PublishedPeriod[],
  jurisdictions: readonly PublishedJurisdiction[],
): PublishedPeriod | null {
  if (!isOpen(iep.state)) return null;
  const stateId = stateOn(iep.scopeDate, jurisdictions);
  const day = sessionDay(iep);
  return open.findLast((period) => period.stateId === stateId && (day === null || day > period.reportDate)) ?? null;
}

/** The state of a student on the day that dates a record: a former owner does not learn where the student is now. */
function stateOn(day: CalendarDay, jurisdictions: readonly PublishedJurisdiction[]): string | null {
  const from = jurisdictions.filter(({ endDate }) => endDate === null || endDate >= day);
  const [first] = from.sort((a, b) => ((a.endDate ?? '9') < (b.endDate ?? '9') ? -1 : 1));
  return first?.stateId ?? null;
}

/** State-reported fields whose value differs; null stands for a form that is not on the IEP. */
export function changedReportedFields(
  kind: IepFormKind,
  before: FormContent | null,
  after: FormContent | null,
): string[] {
  const valueOf = (content: FormContent | null, field: string): string =>
    canonicalJson((content as Record<string, unknown> | null)?.[field] ?? null);
  return STATE_REPORTED[kind].filter((field) => valueOf(before, field) !== valueOf(after, field));
}
