import type { CalendarDay } from '../../../platform/dates';
import { badInput } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { lastCountDays } from '../calendar/reporting-periods';
import { NamesRepository } from '../references/names.repository';
import type { ChildCount, ChildCountRow } from './child-count.inputs';
import { ChildCountRepository } from './child-count.repository';
import { CODE_NAMES, CountDimension, ORGANIZATION_DIMENSIONS } from './dimensions';
import { type PublishedCounts, suppress } from './suppress';

const MAX_DIMENSIONS = 4;
/** Which dimension an organization of a kind is a key of. */
const DIMENSION_OF_KIND: Readonly<Record<string, CountDimension>> = {
  STATE: CountDimension.STATE,
  SELPA: CountDimension.SELPA,
  LEA: CountDimension.LEA,
  SCHOOL: CountDimension.SCHOOL,
  NPS: CountDimension.SCHOOL,
  PRIVATE_SCHOOL: CountDimension.SCHOOL,
};
/** Dimensions that an IEP decides. */
const OF_IEPS: ReadonlySet<CountDimension> = new Set([CountDimension.DISABILITY, CountDimension.ENVIRONMENT]);
/** Keys sort as people read them: 9 before 10. */
const collator = new Intl.Collator('en', { numeric: true });

/** The IDEA section 618 child count (SER-145, R-10, R-27). */
export class ChildCountService {
  constructor(private readonly session: Session) {}

  /**
   * Counts the students in the caller's scope that are eligible and participating, have a current IEP, and are 3 to 21
   * years old on the day. The day decides the ages; status, IEP and organization are those of now.
   *
   * Staff who may read reports and IEPs see exact counts, because every row counted is in their own scope and so is what it
   * is counted by. Partners and other staff see counts with small cells suppressed, of the last count days alone: with the
   * day, students come of age one by one, and two tables that differ by one student tell that student's cell.
   */
  async count(on: CalendarDay, groupBy: readonly CountDimension[], organizationId: string | null): Promise<ChildCount> {
    if (groupBy.length === 0 || groupBy.length > MAX_DIMENSIONS)
      throw badInput(`Name one to ${MAX_DIMENSIONS} dimensions.`, ['groupBy']);
    if (new Set(groupBy).size < groupBy.length) throw badInput('A dimension is named twice.', ['groupBy']);
    this.assertNoOneByOne(groupBy);
    const { seesExactCounts } = this;
    const days = lastCountDays(this.session.today);
    if (!seesExactCounts && !days.includes(on))
      throw badInput(`Students are counted for you on the last count days: ${days.join(', ')}.`, ['on']);
    const counts = seesExactCounts
      ? await this.exact(on, groupBy, organizationId)
      : await this.suppressed(on, groupBy, organizationId);
    const rows = await this.labelled(groupBy, counts);
    return { rows: rows.sort(byKeys), total: counts.total };
  }

  /**
   * Students of lent organizations come and go one by one, and two tables that differ by one student tell that student's
   * cell: of what a partner may not read of each, it gets no count either.
   */
  private assertNoOneByOne(groupBy: readonly CountDimension[]): void {
    const { grants, capabilities } = this.session.principal;
    if (capabilities.includes('iep:read') || grants.every(({ lent }) => !lent)) return;
    if (groupBy.some((dimension) => OF_IEPS.has(dimension)))
      throw badInput('Your grant covers no IEPs: count by other dimensions.', ['groupBy']);
  }

  private get seesExactCounts(): boolean {
    const { kind, level, capabilities } = this.session.principal;
    const reads = ['report:read', 'iep:read'].every((capability) => capabilities.includes(capability));
    return kind === 'staff' && level !== 'partner' && reads;
  }

  private async exact(
    on: CalendarDay,
    groupBy: readonly CountDimension[],
    organizationId: string | null,
  ): Promise<PublishedCounts> {
    const cells = await this.session.get(ChildCountRepository).count(on, groupBy, organizationId);
    return {
      rows: cells.map((cell) => ({ ...cell, suppressed: false })),
      total: cells.reduce((sum, cell) => sum + cell.count, 0),
    };
  }

  /**
   * An organization is a slice of the table that has it as a dimension, and the dimensions are taken in one order: asking
   * for the same cell in another way must not hide other cells, or the two answers together would tell both.
   */
  private async suppressed(
    on: CalendarDay,
    groupBy: readonly CountDimension[],
    organizationId: string | null,
  ): Promise<PublishedCounts> {
    const slice = organizationId ? await this.dimensionOf(organizationId) : null;
    const dimensions = Object.values(CountDimension).filter((each) => groupBy.includes(each) || each === slice);
    const { rows, total } = await this.publish(on, dimensions);
    const places = groupBy.map((dimension) => dimensions.indexOf(dimension));
    const asked = (keys: readonly string[]): string[] => places.map((place) => keys[place]!);
    if (!organizationId) return { rows: rows.map((row) => ({ ...row, keys: asked(row.keys) })), total };
    if (!slice) return { rows: [], total: 0 };
    const mine = rows.filter((row) => row.keys[dimensions.indexOf(slice)] === organizationId);
    const whole = (await this.publish(on, [slice])).rows.find((row) => row.keys[0] === organizationId);
    return { rows: mine.map((row) => ({ ...row, keys: asked(row.keys) })), total: whole ? whole.count : 0 };
  }

  private async publish(on: CalendarDay, dimensions: readonly CountDimension[]): Promise<PublishedCounts> {
    return suppress(await this.session.get(ChildCountRepository).count(on, dimensions, null), dimensions.length);
  }

  private async dimensionOf(organizationId: string): Promise<CountDimension | null> {
    const known = await this.session.get(NamesRepository).organizations([organizationId]);
    return DIMENSION_OF_KIND[known.get(organizationId)?.kind ?? ''] ?? null;
  }

  private async labelled(groupBy: readonly CountDimension[], { rows }: PublishedCounts): Promise<ChildCountRow[]> {
    const ids = groupBy.flatMap((dimension, i) =>
      ORGANIZATION_DIMENSIONS.includes(dimension) ? rows.map((row) => row.keys[i]!) : [],
    );
    const organizations = await this.session.get(NamesRepository).organizations(ids);
    const label = (dimension: CountDimension, key: string): string =>
      CODE_NAMES[dimension]?.[key] ?? organizations.get(key)?.name ?? key;
    return rows.map(({ keys, count, suppressed }) => ({
      keys: [...keys],
      labels: keys.map((key, i) => label(groupBy[i]!, key)),
      count,
      suppressed,
    }));
  }
}

function byKeys(a: ChildCountRow, b: ChildCountRow): number {
  for (const [i, key] of a.keys.entries()) {
    const order = collator.compare(key, b.keys[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
