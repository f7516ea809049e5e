import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/database';
import { type Session, systemSession } from '../../platform/scope/session';
import { PartnerGrantService } from '../../subgraphs/students/partner/partner-grant.service';
import { followSelpas, HierarchyGuard } from '../../subgraphs/students/jurisdiction/selpa-membership';
import { type StateCode, stateOrganization, STATES } from '../../subgraphs/students/organization/initial-organizations';
import type { Organization } from '../../subgraphs/students/organization/organization.entity';
import {
  type NewOrganization,
  OrganizationRepository,
} from '../../subgraphs/students/organization/organization.repository';
import {
  LISTED_KINDS,
  ORGANIZATION_FILE,
  organizationId,
  type OrganizationRow,
  PARENT_KINDS,
} from './organization-file';
import { emptyReport, type ImportReport, type OnProgress, readRows, type RejectedRow } from './read-rows';

const CHUNK = 500;

interface Line {
  line: number;
  row: OrganizationRow;
}

/**
 * Imports organizations in our own layout: SELPAs, agencies, private schools, and which LEA belongs to which SELPA. New ones
 * are added, known ones (by state and code) brought up to date, nothing is removed, and run again it changes nothing.
 * Chunks commit one by one, so that a live server beside it keeps writing; a bad row is reported and stops no other.
 *
 * A row whose parent stands later in the file waits for it. The students of an LEA that comes under its SELPA come along.
 * @throws UnusableFile when the file can't be read or its header lacks a column
 */
export async function importOrganizationFile(
  database: Database,
  clock: Clock,
  source: Readable,
  onProgress: OnProgress = () => undefined,
): Promise<ImportReport> {
  const report = emptyReport();
  const waiting: Line[] = [];
  const write = async (lines: Line[], last: boolean): Promise<void> => {
    const chunk = await database.write((manager) =>
      new ChunkWriter(systemSession({ manager, engine: database.engine, clock, writing: true }, 'import'), last).write(
        lines,
      ),
    );
    for (const key of ['created', 'changed', 'unchanged'] as const) report[key] += chunk[key];
    report.rejected.push(...chunk.rejected);
    waiting.push(...chunk.waiting);
    report.studentsPlaced += await followSelpas(database, clock, chunk.leaIds);
    onProgress({ rows: report.rows, rejected: report.rejected.length });
  };
  let chunk: Line[] = [];
  for await (const line of readRows(ORGANIZATION_FILE, source, report)) {
    chunk.push(line);
    if (chunk.length < CHUNK) continue;
    await write(chunk, false);
    chunk = [];
  }
  await write(chunk, false);
  const inOrder = waiting.splice(0).sort(upperFirst);
  for (let start = 0; start < inOrder.length; start += CHUNK) await write(inOrder.slice(start, start + CHUNK), true);
  report.rejected.sort((a, b) => a.line - b.line);
  return report;
}

const upperFirst = (a: Line, b: Line): number => LISTED_KINDS.indexOf(a.row.kind) - LISTED_KINDS.indexOf(b.row.kind);

/** Why a row can't be imported. Caught by the chunk: the other rows go on. */
class BadRow extends Error {
  constructor(
    readonly column: keyof OrganizationRow,
    reason: string,
  ) {
    super(reason);
  }
}

/** Writes one chunk in one transaction. A transaction may be tried again: whatever it found out stands here alone. */
class ChunkWriter {
  changed = 0;
  unchanged = 0;
  readonly rejected: RejectedRow[] = [];
  /** Rows whose parent is not known yet. */
  readonly waiting: Line[] = [];
  /** The LEAs of the chunk. */
  readonly leaIds: string[] = [];
  private readonly fresh: NewOrganization[] = [];
  private readonly known = new Map<string, NewOrganization>();
  private readonly takenIds = new Map<string, string>();
  private readonly organizations: OrganizationRepository;

  /** @param last true when no row is left to wait for */
  constructor(
    private readonly session: Session,
    private readonly last: boolean,
  ) {
    this.organizations = session.get(OrganizationRepository);
  }

  get created(): number {
    return this.fresh.length;
  }

  async write(lines: readonly Line[]): Promise<this> {
    await this.lookUp(lines.map(({ row }) => row));
    for (const line of [...lines].sort(upperFirst)) {
      try {
        await this.place(line);
      } catch (error) {
        if (!(error instanceof BadRow)) throw error;
        this.rejected.push({ line: line.line, column: error.column, reason: error.message });
      }
    }
    await this.organizations.insert(this.fresh);
    return this;
  }

  /** What the rows name, in two statements for each state; a state that is missing is added. */
  private async lookUp(rows: readonly OrganizationRow[]): Promise<void> {
    for (const state of Object.keys(STATES) as StateCode[]) {
      const own = rows.filter((row) => row.state === state);
      if (own.length === 0) continue;
      const codes = [state, ...own.flatMap((row) => [row.code, row.parentCode])];
      for (const row of (await this.organizations.findByCodes(state, codes)).values()) this.learn(row);
      if (!this.find(state, state)) this.add(stateOrganization(state));
      for (const { id, code } of await this.organizations.findByIds(own.map(organizationId)))
        this.takenIds.set(id, code);
    }
  }

  private async place(line: Line): Promise<void> {
    const { row } = line;
    const before = this.find(row.state, row.code) as Organization | undefined;
    if (before && before.kind !== row.kind) throw new BadRow('kind', `can not change: ${row.code} is ${before.kind}`);
    if (row.parentCode === row.code) throw new BadRow('parentCode', 'names the organization itself');
    // Without a parent a new one stands below the state, and a known one where it is.
    const parent = row.parentCode || !before ? this.find(row.state, row.parentCode || row.state) : null;
    if (parent === undefined) {
      if (this.last) throw new BadRow('parentCode', `names no organization of ${row.state}`);
      this.waiting.push(line);
      return;
    }
    if (parent && !PARENT_KINDS[row.kind].includes(parent.kind)) {
      const kinds = PARENT_KINDS[row.kind].join(' or ');
      throw new BadRow('parentCode', `${row.kind} stands below ${kinds}, and ${row.parentCode} is ${parent.kind}`);
    }
    if (before) await this.update(before, row, parent as Organization | null);
    else this.insert(row, parent!);
    if (row.kind === 'LEA') this.leaIds.push(before?.id ?? organizationId(row));
  }

  private insert(row: OrganizationRow, parent: NewOrganization): void {
    const id = organizationId(row);
    const other = this.takenIds.get(id);
    if (other !== undefined) throw new BadRow('code', `can't be told from ${other}`);
    const { code, name, kind, state } = row;
    const { timeZone } = STATES[state];
    this.add({ id, code, name, kind, parentId: parent.id, stateCode: state, timeZone, ...contactOf(row) });
  }

  private async update(before: Organization, row: OrganizationRow, parent: Organization | null): Promise<void> {
    const wanted: Partial<Organization> = { name: row.name, ...contactOf(row) };
    if (parent && parent.id !== before.parentId) {
      const refusal = await this.session.get(HierarchyGuard).refusal(before, parent);
      if (refusal) throw new BadRow('parentCode', refusal);
      wanted.parentId = parent.id;
      // Direct service is a matter between an LEA and the SELPA that it is in (SEIS-35).
      if (before.directServiceSelpaId !== parent.id) wanted.directServiceSelpaId = null;
    }
    const changes = Object.entries(wanted).filter(([key, value]) => before[key as keyof Organization] !== value);
    if (changes.length === 0) this.unchanged++;
    else {
      await this.organizations.update(before.id, Object.fromEntries(changes));
      if (wanted.parentId) await this.session.get(PartnerGrantService).organizationMoved(before.id);
      this.changed++;
    }
  }

  private add(organization: NewOrganization): void {
    this.fresh.push(organization);
    this.takenIds.set(organization.id, organization.code);
    this.learn(organization);
  }

  private find(state: string, code: string): NewOrganization | undefined {
    return this.known.get(`${state} ${code}`);
  }

  private learn(organization: NewOrganization): void {
    this.known.set(`${organization.stateCode} ${organization.code}`, organization);
  }
}

/** The contact fields that a row fills; an empty one leaves what is known. */
function contactOf({ contactName, contactPhone, contactEmail }: OrganizationRow): Partial<Organization> {
  return Object.fromEntries(
    Object.entries({ contactName, contactPhone, contactEmail }).filter(([, value]) => value !== ''),
  );
}
