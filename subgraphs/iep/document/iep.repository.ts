import { type Page, type PageArgs, paginate, type SortKey } from '../../../platform/graphql/connection';
import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import type { IepFilter } from './iep.inputs';
import { Iep } from './iep.entity';
import { IepState, SIGNATURE_MEANING, SignatureOutcome } from './iep-codes';
import { LEFTOVER_DAYS, PAST_STATES } from './iep-states';
import { addDays } from '../../../platform/dates';

const UNSIGNED = Object.values(SignatureOutcome).filter((outcome) => !SIGNATURE_MEANING[outcome].signed);

const NEWEST_FIRST: SortKey<Iep>[] = [
  { sql: 'i.scopeDate', value: (iep) => iep.scopeDate, direction: 'DESC' },
  { sql: 'i.id', value: (iep) => iep.id, direction: 'DESC' },
];

/** IEPs, dated by their meeting; before it by their opening. */
export class IepRepository extends ScopedRepository<Iep> {
  protected readonly entity = Iep;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep';

  /** The current IEPs of these students, in one statement. */
  findCurrent(studentIds: readonly string[]): Promise<Iep[]> {
    return this.findBy('currentOf', studentIds);
  }

  /** The open ("Future") IEPs of these students, in one statement. */
  findFuture(studentIds: readonly string[]): Promise<Iep[]> {
    return this.findBy('futureOf', studentIds);
  }

  /** The open and the current IEPs of these students, in one statement. */
  findAlive(studentIds: readonly string[]): Promise<Iep[]> {
    if (studentIds.length === 0) return Promise.resolve([]);
    const query = this.select('i').andWhere('(i.futureOf IN (:...studentIds) OR i.currentOf IN (:...studentIds))', {
      studentIds: [...new Set(studentIds)],
    });
    return this.rows(query.orderBy('i.openedOn').addOrderBy('i.id'));
  }

  /** The plan in force: the last one that was agreed to, whether or not a later one is current without agreement. */
  async findInForce(studentId: string): Promise<Iep | null> {
    const query = this.select('i')
      .andWhere('i.studentId = :studentId AND i.agreed = :agreed', { studentId, agreed: true })
      .orderBy('i.affirmedAt', 'DESC')
      .addOrderBy('i.id', 'DESC')
      .limit(1);
    return (await this.rows(query))[0] ?? null;
  }

  historyPage(studentId: string, args: PageArgs): Promise<Page<Iep>> {
    const query = this.select('i').andWhere('i.studentId = :studentId AND i.state IN (:...past)', {
      studentId,
      past: [...PAST_STATES],
    });
    return this.page('iepHistory', studentId, query, args);
  }

  async listPage(filter: IepFilter, args: PageArgs): Promise<Page<Iep>> {
    const query = filter.studentId ? this.select('i') : await this.drivenPage('i');
    if (filter.studentId) query.andWhere('i.studentId = :studentId', { studentId: filter.studentId });
    if (filter.states?.length) query.andWhere('i.state IN (:...states)', { states: filter.states });
    if (filter.kinds?.length) query.andWhere('i.kind IN (:...kinds)', { kinds: filter.kinds });
    // A held meeting that nobody has affirmed (SEIS-80).
    if (filter.unaffirmed) query.andWhere('i.futureOf IS NOT NULL AND i.heldOn IS NOT NULL');
    if (filter.unsigned) {
      const unsigned = { current: IepState.CURRENT, unsigned: UNSIGNED };
      query.andWhere('i.state = :current AND (i.signature IS NULL OR i.signature IN (:...unsigned))', unsigned);
    }
    if (filter.leftover)
      query.andWhere('i.futureOf IS NOT NULL AND i.openedOn < :leftover', {
        leftover: addDays(this.session.today, -LEFTOVER_DAYS),
      });
    return this.page('ieps', filter, query, args);
  }

  private page(
    connection: string,
    filter: unknown,
    query: ReturnType<IepRepository['select']>,
    args: PageArgs,
  ): Promise<Page<Iep>> {
    const { principal } = this.session;
    return paginate(query, {
      connection,
      filter,
      args,
      order: NEWEST_FIRST,
      principal,
      run: (finished, shown) => this.rows(finished, shown),
    });
  }

  private findBy(column: 'currentOf' | 'futureOf', studentIds: readonly string[]): Promise<Iep[]> {
    if (studentIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('i').andWhere(`i.${column} IN (:...studentIds)`, { studentIds: [...new Set(studentIds)] }),
    );
  }
}
