import type { Clock } from '../../../platform/clock';
import type { Database } from '../../../platform/database/database';
import { type Session, systemSession } from '../../../platform/scope/session';
import { lockChunk } from '../../../platform/scope/student-lock';
import { composeFact } from './compose-fact';
import { FactSourcesRepository } from './fact-sources.repository';
import { StudentFactRepository } from './student-fact.repository';

const CHUNK = 500;

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
export async function rebuildFacts(
  database: Database,
  clock: Clock,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  let done = 0;
  for (let last = ''; ;) {
    const ids = await database.write(async (manager) => {
      const session = systemSession({ manager, engine: database.engine, clock, writing: true }, 'rebuild-facts');
      const chunk = await session.get(FactSourcesRepository).idsAfter(last, CHUNK);
      await lockChunk(session, chunk);
      await session.get(FactService).recompute(chunk);
      return chunk;
    });
    done += ids.length;
    if (ids.length > 0) onProgress(done);
    if (ids.length < CHUNK) return done;
    last = ids.at(-1)!;
  }
}
