import type { EntityManager } from 'typeorm';
import type { Clock } from '../../../platform/clock';
import type { Database } from '../../../platform/database/database';
import { type Session, systemSession } from '../../../platform/scope/session';
import { inLockedChunks } from '../../../platform/scope/student-lock';
import { composeFact } from './compose-fact';
import { FactSourcesRepository } from './fact-sources.repository';
import { StudentFactRepository } from './student-fact.repository';

/** Keeps the read model: recomputes whole rows from the published views, never a delta. */
export class FactService {
  constructor(private readonly session: Session) {}

  /** Recomputes the rows of these students in a handful of statements. Inside a write transaction that holds their locks. */
  async recompute(studentIds: readonly string[]): Promise<void> {
    if (studentIds.length === 0) return;
    const sources = await this.session.get(FactSourcesRepository).of(studentIds);
    const facts = this.session.get(StudentFactRepository);
    await facts.replace([...sources.values()].map((source) => composeFact(source, this.session.now)));
    await facts.remove(studentIds.filter((id) => !sources.has(id)));
  }
}

/**
 * Recomputes the read model of every student, in chunks that commit one by one: after a bulk load that emitted no events.
 * What time alone changes is the work of `DailyRefresh`.
 * @returns how many students were computed
 */
export function rebuildFacts(database: Database, clock: Clock, onProgress?: (done: number) => void): Promise<number> {
  const sessionOf = (manager: EntityManager): Session =>
    systemSession({ manager, engine: database.engine, clock, writing: true }, 'rebuild-facts');
  return inLockedChunks(database, {
    idsAfter: (manager, last, limit) => sessionOf(manager).get(FactSourcesRepository).idsAfter(last, limit),
    work: (manager, ids) => sessionOf(manager).get(FactService).recompute(ids),
    onProgress,
  });
}
