import { ScopedRepository } from '../../../platform/scope/scoped-repository';
import { Attestation } from './attestation.entity';

/** Attestations, each dated as its IEP. */
export class AttestationRepository extends ScopedRepository<Attestation> {
  protected readonly entity = Attestation;
  protected readonly scopedBy = { student: 'studentId', from: 'scopeDate' } as const;
  protected readonly fieldClass = 'iep.attestation';

  findByIeps(iepIds: readonly string[]): Promise<Attestation[]> {
    if (iepIds.length === 0) return Promise.resolve([]);
    return this.rows(this.select('a').andWhere('a.iepId IN (:...iepIds)', { iepIds: [...new Set(iepIds)] }));
  }
}
