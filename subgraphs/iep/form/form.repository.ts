import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { scopeMarker } from '../../../platform/database/guard';
import { FormRecord } from './form.entity';
import type { IepFormKind, ValidationMark } from './form-codes';

/** Forms, each dated as its IEP. */
export class FormRepository extends ScopedRepository<FormRecord> {
  protected readonly entity = FormRecord;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.form';

  /** The forms of these IEPs, in one statement. */
  findByIeps(iepIds: readonly string[]): Promise<FormRecord[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(
      this.select('f')
        .andWhere('f.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] })
        .orderBy('f.kind'),
    );
  }

  async findByKind(iepId: string, kind: IepFormKind): Promise<FormRecord | null> {
    const [form] = await this.rows(this.select('f').andWhere('f.iepId = :iepId AND f.kind = :kind', { iepId, kind }));
    return form ?? null;
  }

  /** Sets the mark of the check; not an edit, so the version stays. */
  async setMark(id: string, mark: ValidationMark): Promise<void> {
    await this.update(id, { mark });
  }

  /** Forms are dated as their IEP: follows a change of its day. The IEP itself was found in scope by the caller. */
  async redate(iepId: string, scopeDate: string): Promise<void> {
    await this.session.manager
      .createQueryBuilder()
      .update(FormRecord)
      .set({ scopeDate })
      .comment(scopeMarker(this.session.scope.marker))
      .where('iep_id = :iepId', { iepId })
      .execute();
  }
}
