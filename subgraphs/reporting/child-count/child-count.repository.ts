import { readValues } from '../../../platform/database/read-entities';
import type { CalendarDay } from '../../../platform/dates';
import { assertFresh } from '../../../platform/scope/epoch';
import { ofOrganization, StudentFactRepository } from '../fact/student-fact.repository';
import { ageSql, COUNTED_AGES, type CountDimension, keySql } from './dimensions';
import type { CountCell } from './suppress';

export class ChildCountRepository extends StudentFactRepository {
  /**
   * One statement: students per combination of keys. No dimension gives one cell with all of them. Whom no LEA has is not
   * served: the state, which keeps such a record, counts what its LEAs count together.
   */
  async count(
    on: CalendarDay,
    dimensions: readonly CountDimension[],
    organizationId: string | null,
  ): Promise<CountCell[]> {
    const query = this.driven('f')
      .andWhere("f.hidden = 0 AND f.status = 'ELIGIBLE_ACTIVE' AND f.currentIepId IS NOT NULL AND f.leaId IS NOT NULL")
      .andWhere(`${ageSql(on)} BETWEEN ${COUNTED_AGES.from} AND ${COUNTED_AGES.to}`)
      .select('COUNT(*)', 'number');
    ofOrganization(query, organizationId);
    dimensions.forEach((dimension, i) => query.addSelect(keySql(dimension, on), `key${i}`).addGroupBy(`key${i}`));
    const rows = await readValues<Record<string, string | number>>(this.session, query);
    if (rows.length === 0) await assertFresh(this.session);
    return rows.map((row) => ({ keys: dimensions.map((_, i) => String(row[`key${i}`])), count: Number(row.number) }));
  }
}
