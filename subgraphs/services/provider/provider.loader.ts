import DataLoader from 'dataloader';
import type { Session } from '../../../platform/scope/session';
import type { Provider } from './provider.entity';
import { ProviderRepository } from './provider.repository';

/** Providers of a request by id, in one statement per batch. */
export class ProviderLoader {
  private readonly byId: DataLoader<string, Provider | null>;
  /** Whether the caller may change the provider: works at the caller's organization or below it. */
  readonly isManaged: DataLoader<string, boolean>;

  constructor(session: Session) {
    this.byId = new DataLoader(async (ids) => {
      const rows = new Map((await session.get(ProviderRepository).findByIds(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
    this.isManaged = new DataLoader(async (ids) => {
      const managed = await session.get(ProviderRepository).managedIds(ids);
      return ids.map((id) => managed.has(id));
    });
  }

  load(id: string | null): Promise<Provider | null> {
    return id === null ? Promise.resolve(null) : this.byId.load(id);
  }

  /** Remembers a row that another query brought along. */
  prime(provider: Provider): void {
    this.byId.prime(provider.id, provider);
  }
}
