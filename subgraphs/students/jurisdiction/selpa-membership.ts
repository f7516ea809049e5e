import type { Clock } from '../../../platform/clock';
import type { Database } from '../../../platform/database/database';
import { AccessWriter } from '../../../platform/scope/access-writer';
import { type Session, systemSession } from '../../../platform/scope/session';
import { jurisdictionChanged } from '../events';
import type { Organization } from '../organization/organization.entity';
import { OrganizationRepository } from '../organization/organization.repository';
import { SelpaMembershipRepository } from './selpa-membership.repository';

const CHUNK = 100;

/**
 * Whether an organization may get another parent. What hangs on the parent of an LEA are the rights of its SELPA over its
 * students, and on that of a school whose caseload its staff works on.
 */
export class HierarchyGuard {
  constructor(private readonly session: Session) {}

  /** Why the organization can't come under another parent, and what to do; null when it can. Locks an LEA until the end. */
  async refusal(organization: Organization, parent: Organization): Promise<string | null> {
    const repository = this.session.get(SelpaMembershipRepository);
    if (organization.kind === 'SCHOOL')
      return (await repository.isInUse(organization.id))
        ? 'can not change: the school has students or staff on record. Add the school under a new code and transfer them'
        : null;
    if (organization.kind !== 'LEA') return null;
    await this.session.get(OrganizationRepository).lock(organization.id);
    const students = await repository.studentsElsewhere(organization.id, parent.kind === 'SELPA' ? parent.id : null);
    // Each SELPA keeps the records of its own time. Only a period that ends and one that begins say when that was.
    return students > 0
      ? `can not change while students of the LEA (${students}) are under its present SELPA: close their jurisdictions, import again, then claim them`
      : null;
  }
}

/**
 * Takes the students of LEAs along that have come under a SELPA: those whose period at the LEA names none. The SELPA gets
 * its rights from the first day of the period, because the LEA was its member before anybody said so here. Periods that
 * are over stay as they are. Student by student under its lock, in chunks that commit one by one; run again after an
 * interruption it goes on.
 * @returns how many students came along
 */
export async function followSelpas(database: Database, clock: Clock, leaIds: readonly string[]): Promise<number> {
  if (leaIds.length === 0) return 0;
  const { engine } = database;
  const write = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    database.write((manager) => work(systemSession({ manager, engine, clock, writing: true }, 'join-selpa')));
  const reading = systemSession({ manager: database.read, engine, clock }, 'join-selpa');
  const lineages = await reading.get(OrganizationRepository).lineages(leaIds);
  const selpas = new Map([...lineages].flatMap(([leaId, { selpaId }]) => (selpaId ? [[leaId, selpaId]] : [])));
  let placed = 0;
  for (;;) {
    const chunk = await reading.get(SelpaMembershipRepository).unplaced([...selpas.keys()], CHUNK);
    if (chunk.length === 0) break;
    for (const [leaId, selpaId] of selpas) {
      const studentIds = chunk.filter((row) => row.leaId === leaId).map((row) => row.studentId);
      if (studentIds.length > 0) placed += await write((session) => place(session, leaId, selpaId, studentIds));
    }
  }
  await write((session) => session.get(SelpaMembershipRepository).moveQueues(leaIds));
  return placed;
}

async function place(session: Session, leaId: string, selpaId: string, studentIds: string[]): Promise<number> {
  await session.lock(...studentIds);
  const repository = session.get(SelpaMembershipRepository);
  // Read anew under the locks: a claim may have ended a period meanwhile.
  const periods = await repository.periodsWithoutSelpa(leaId, studentIds);
  for (const { id, studentId, schoolId, beginDate, endDate } of periods) {
    await repository.nameSelpa(id, selpaId);
    await session.get(AccessWriter).open({
      studentId,
      grantee: `SELPA:${selpaId}`,
      relation: 'JURISDICTION',
      leaId,
      validFrom: beginDate,
      validTo: endDate,
      plannedTo: null,
    });
    await session.emit(jurisdictionChanged, studentId, {
      change: 'SELPA_JOINED',
      leaId,
      schoolId,
      formerLeaId: null,
      beginDate,
      endDate,
    });
  }
  return periods.length;
}
