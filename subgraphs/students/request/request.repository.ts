import type { SelectQueryBuilder } from 'typeorm';
import { scopeMarker } from '../../../platform/database/guard';
import { conflict } from '../../../platform/errors';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { newId } from '../../../platform/ids';
import { assertFresh } from '../../../platform/scope/epoch';
import type { Session } from '../../../platform/scope/session';
import { StudentRequest } from './request.entity';
import type { RequestFilter } from './request.inputs';

/**
 * The work queue. A request hangs on an LEA rather than on a student, so its scope is its own: the requester sees what was
 * asked under this perspective; who may decide sees the queue of the own LEA or SELPA. Never more.
 */
export class RequestRepository {
  constructor(private readonly session: Session) {}

  async findById(id: string): Promise<StudentRequest | null> {
    return (await this.rows(this.select().andWhere('r.id = :id', { id })))[0] ?? null;
  }

  page(filter: RequestFilter, args: PageArgs): Promise<Page<StudentRequest>> {
    const query = this.select();
    if (filter.kind) query.andWhere('r.kind = :kind', { kind: filter.kind });
    if (filter.state) query.andWhere('r.state = :state', { state: filter.state });
    if (filter.mine) query.andWhere('r.requestedBy = :requester', { requester: this.session.principal.subject });
    return paginate(query, {
      connection: 'requests',
      filter,
      args,
      order: [{ sql: 'r.id', value: (row) => row.id, direction: 'DESC' }],
      principal: this.session.principal,
      run: (ready, shown) => this.rows(ready, shown),
    });
  }

  async insert(row: Omit<StudentRequest, 'id' | 'version'>): Promise<string> {
    const id = newId();
    await this.session.manager
      .createQueryBuilder()
      .insert()
      .into(StudentRequest)
      .values({ ...row, id, version: 1 } as never)
      .comment(scopeMarker(this.session.scope.marker))
      .updateEntity(false)
      .execute();
    return id;
  }

  /** Changes a request that was found in scope, unless somebody else has decided it since. */
  async update({ id, version }: StudentRequest, changes: Partial<StudentRequest>): Promise<void> {
    const { affected } = await this.session.manager
      .createQueryBuilder()
      .update(StudentRequest)
      .set({ ...changes, version: version + 1 } as never)
      .comment(scopeMarker(this.session.scope.marker))
      .where('id = :id AND version = :version', { id, version })
      .execute();
    if (affected === 0) throw conflict('Somebody else has decided this request. Read it again.');
  }

  /** Names the student that came of an accepted request. */
  async attachStudent(id: string, studentId: string): Promise<void> {
    await this.session.manager
      .createQueryBuilder()
      .update(StudentRequest)
      .set({ studentId })
      .comment(scopeMarker(this.session.scope.marker))
      .where('id = :id', { id })
      .execute();
  }

  private select(): SelectQueryBuilder<StudentRequest> {
    const { principal, scope } = this.session;
    const own = '(r.requestedBy = :me AND r.requestedAs = :perspective)';
    const [leas, selpas] = [owned(this.session, 'LEA:'), owned(this.session, 'SELPA:')];
    const visible = [
      own,
      ...(leas.length ? ['r.leaId IN (:...leas)'] : []),
      ...(selpas.length ? ['r.selpaId IN (:...selpas)'] : []),
    ];
    return this.session.manager
      .createQueryBuilder(StudentRequest, 'r')
      .comment(scopeMarker(scope.marker))
      .where(`(${visible.join(' OR ')})`, { me: principal.subject, perspective: principal.perspective, leas, selpas })
      .andWhere('EXISTS (SELECT 1 FROM principal_epoch pe WHERE pe.subject = :me AND pe.epoch = :epoch)', {
        epoch: principal.epoch,
      });
  }

  private async rows(query: SelectQueryBuilder<StudentRequest>, shown = Infinity): Promise<StudentRequest[]> {
    const found = await query.getMany();
    if (found.length === 0) await assertFresh(this.session);
    this.session.disclosures.add(
      'request',
      found.slice(0, shown).flatMap((row) => row.studentId ?? []),
    );
    return found;
  }
}

/** Organizations whose queue the caller may decide. */
function owned({ principal }: Session, prefix: 'LEA:' | 'SELPA:'): string[] {
  if (!principal.capabilities.includes('request:process')) return [];
  const grants = principal.grants.filter(
    ({ relation, grantee }) => relation === 'JURISDICTION' && grantee.startsWith(prefix),
  );
  return grants.map(({ grantee }) => grantee.slice(prefix.length));
}
