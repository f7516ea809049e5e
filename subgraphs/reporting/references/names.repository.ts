import { scopeComment } from '../../../platform/database/guard';
import type { Session } from '../../../platform/scope/session';

/** What an organization is: decides which column of a student's fact names it. */
export interface NamedOrganization {
  id: string;
  name: string;
  kind: string;
}

/** Names of organizations and providers for the labels of counts and reports, from the published views. Nothing of a student. */
export class NamesRepository {
  constructor(private readonly session: Session) {}

  async organizations(ids: readonly (string | null)[]): Promise<Map<string, NamedOrganization>> {
    const rows = await this.byIds<NamedOrganization>('SELECT id, name, kind FROM pub_organization WHERE id IN', ids);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async providers(ids: readonly (string | null)[]): Promise<Map<string, string>> {
    const rows = await this.byIds<{ id: string; name: string }>(
      'SELECT id, display_name AS name FROM pub_provider WHERE id IN',
      ids,
    );
    return new Map(rows.map((row) => [row.id, row.name]));
  }

  /** One statement for up to 1,000 ids; a statewide count by school has ten times as many. */
  private async byIds<T>(select: string, ids: readonly (string | null)[]): Promise<T[]> {
    const wanted = [...new Set(ids)].filter((id): id is string => id !== null);
    const rows: T[] = [];
    for (let start = 0; start < wanted.length; start += 1_000) {
      const chunk = wanted.slice(start, start + 1_000);
      const sql = `${scopeComment(this.session.scope.marker)}${select} (${chunk.map(() => '?').join(', ')})`;
      rows.push(...((await this.session.manager.query(sql, chunk)) as T[]));
    }
    return rows;
  }
}
