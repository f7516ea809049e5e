import type { SelectQueryBuilder } from 'typeorm';
import { readEntities } from '../../../platform/database/read-entities';
import { type Page, type PageArgs, paginate } from '../../../platform/graphql/connection';
import { assertSearchText } from '../../../platform/graphql/search-text';
import type { Session } from '../../../platform/scope/session';
import { lacksDesignation } from '../designation/designation.rule';
import { Organization, searchForm } from './organization.entity';
import type { OrganizationKind } from './organization-kind';

export interface OrganizationFilter {
  kind?: OrganizationKind | null;
  parentId?: string | null;
  text?: string | null;
  /** Only districts of the caller without a designated manager (V-027). */
  withoutDesignation?: boolean | null;
}

/** The organizations above a school or LEA: the grantees that a student's jurisdiction opens rights for. */
export interface Lineage {
  organization: Organization;
  stateId: string | null;
  selpaId: string | null;
  leaId: string | null;
}

/** How many steps up a hierarchy may have: school → LEA → SELPA → state. */
const LEVELS_ABOVE = 3;

/**
 * SQL that holds when the organization in `column` is the one in `parameter` or lies below it. Joins, because the
 * hierarchy is at most four high and recursive statements differ between the engines.
 */
export function withinOrganization(column: string, parameter: string): string {
  return (
    `EXISTS (SELECT 1 FROM organization w0 LEFT JOIN organization w1 ON w1.id = w0.parent_id` +
    ` LEFT JOIN organization w2 ON w2.id = w1.parent_id WHERE w0.id = ${column}` +
    ` AND ${parameter} IN (w0.id, w0.parent_id, w1.parent_id, w2.parent_id))`
  );
}

/** The directory. Not a scoped repository: an organization says nothing about any student. */
export class OrganizationRepository {
  constructor(private readonly session: Session) {}

  private select(): SelectQueryBuilder<Organization> {
    return this.session.manager.createQueryBuilder(Organization, 'o');
  }

  async findByIds(ids: readonly string[]): Promise<Organization[]> {
    if (ids.length === 0) return [];
    const query = this.select().where('o.id IN (:...ids)', { ids: [...new Set(ids)] });
    return readEntities(this.session, query);
  }

  async findById(id: string): Promise<Organization | null> {
    return (await this.findByIds([id]))[0] ?? null;
  }

  /** Codes are official and don't collide between the states that we know; should they, the first by id answers. */
  findByCode(code: string): Promise<Organization | null> {
    return this.select().where('o.code = :code', { code }).orderBy('o.id').limit(1).getOne();
  }

  /** Those of a state that are known under these codes; of several with one code the first by id. */
  async findByCodes(stateCode: string, codes: readonly string[]): Promise<Map<string, Organization>> {
    if (codes.length === 0) return new Map();
    const query = this.select().where('o.stateCode = :stateCode', { stateCode });
    const rows = await query
      .andWhere('o.code IN (:...codes)', { codes: [...new Set(codes)] })
      .orderBy('o.id', 'DESC')
      .getMany();
    return new Map(rows.map((row) => [row.code, row]));
  }

  /** A page of the open organizations, by name. */
  page(filter: OrganizationFilter, args: PageArgs): Promise<Page<Organization>> {
    assertSearchText(filter.text);
    const query = this.select().where('o.active = :active', { active: true });
    if (filter.kind) query.andWhere('o.kind = :kind', { kind: filter.kind });
    if (filter.parentId) query.andWhere('o.parentId = :parentId', { parentId: filter.parentId });
    const text = filter.text == null ? '' : searchForm(filter.text);
    if (text) query.andWhere('o.searchName LIKE :text', { text: `%${text}%` });
    else if (filter.text) query.andWhere('1 = 0'); // Signs only: nothing is called that.
    if (filter.withoutDesignation) {
      const { sql, parameters } = lacksDesignation(this.session.today);
      const reach = this.session.principal.organizationId ?? '';
      query.andWhere(withinOrganization('o.id', ':reach'), { reach }).andWhere(`(${sql})`, parameters);
    }
    return paginate(query, {
      connection: 'organizations',
      filter,
      args,
      order: [
        { sql: 'o.searchName', value: (row) => row.searchName },
        { sql: 'o.id', value: (row) => row.id },
      ],
      principal: this.session.principal,
      run: (ready) => ready.getMany(),
    });
  }

  /** State, SELPA and LEA of these organizations, in at most four statements for all of them. */
  async lineages(ids: readonly string[]): Promise<Map<string, Lineage>> {
    const known = new Map<string, Organization>();
    let wanted = [...ids];
    for (let level = 0; level <= LEVELS_ABOVE && wanted.length > 0; level++) {
      for (const row of await this.findByIds(wanted)) known.set(row.id, row);
      wanted = [...known.values()].flatMap((row) => (row.parentId && !known.has(row.parentId) ? [row.parentId] : []));
    }
    const result = new Map<string, Lineage>();
    for (const id of ids) {
      const organization = known.get(id);
      if (organization) result.set(id, lineageOf(organization, known));
    }
    return result;
  }

  /** State, SELPA and LEA of one organization; null when it doesn't exist. */
  async lineage(id: string): Promise<Lineage | null> {
    return (await this.lineages([id])).get(id) ?? null;
  }

  /** True when the organization is `ancestorId` or lies below it. */
  async isWithin(id: string, ancestorId: string): Promise<boolean> {
    return (await this.idsWithin([id], ancestorId)).has(id);
  }

  /** Those of these organizations that are `ancestorId` or lie below it, in one statement. */
  async idsWithin(ids: readonly string[], ancestorId: string): Promise<Set<string>> {
    const query = this.select().where('o.id IN (:...ids)', { ids: [...new Set(ids)] });
    const rows = await query.andWhere(withinOrganization('o.id', ':ancestorId'), { ancestorId }).getMany();
    return new Set(rows.map((row) => row.id));
  }

  /** Locks the row until the transaction ends: for rules that count something per organization (V-065). */
  async lock(id: string): Promise<void> {
    if (this.session.engine === 'sqlite') return; // The single writer gives the same.
    await this.select().where('o.id = :id', { id }).setLock('pessimistic_write').getOne();
  }

  /** Keeps the row as it is until the transaction ends: for what is decided by its parent. Any number may hold one row. */
  async hold(id: string): Promise<void> {
    if (this.session.engine === 'sqlite') return; // The single writer gives the same.
    await this.select().where('o.id = :id', { id }).setLock('pessimistic_read').getOne();
  }

  /** Inserts new organizations. The search form of the name is ours to fill. */
  async insert(rows: readonly NewOrganization[]): Promise<void> {
    if (rows.length > 0) await this.session.manager.insert(Organization, rows.map(withDefaults));
  }

  /** Changes an organization. Another parent moves rights over students: of an LEA and a school see `HierarchyGuard`. */
  async update(id: string, changes: Partial<Omit<Organization, 'id' | 'kind' | 'searchName'>>): Promise<void> {
    const { name } = changes;
    await this.session.manager.update(Organization, id, { ...changes, ...(name && { searchName: searchForm(name) }) });
  }
}

export type NewOrganization = Pick<
  Organization,
  'id' | 'code' | 'name' | 'kind' | 'parentId' | 'stateCode' | 'timeZone'
> &
  Partial<Organization>;

function withDefaults(row: NewOrganization): Organization {
  return {
    contactName: null,
    contactPhone: null,
    contactEmail: null,
    active: true,
    directServiceSelpaId: null,
    ...row,
    searchName: searchForm(row.name),
  };
}

function lineageOf(organization: Organization, known: Map<string, Organization>): Lineage {
  const above = new Map<OrganizationKind, string>();
  let row: Organization | undefined = organization;
  for (let level = 0; row && level <= LEVELS_ABOVE; level++) {
    above.set(row.kind, row.id);
    row = row.parentId ? known.get(row.parentId) : undefined;
  }
  return {
    organization,
    stateId: above.get('STATE') ?? null,
    selpaId: above.get('SELPA') ?? null,
    leaId: above.get('LEA') ?? null,
  };
}
