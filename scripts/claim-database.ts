import { besideDatabase } from './beside-database';

interface EmbeddedDatabase {
  exec(sql: string): void;
  close(): void;
}

/**
 * Claims an embedded database for one running system: two would each deliver the same events and hold their own keys and
 * caches. The claim is SQLite's own lock on an empty database beside it, which the operating system lets go of however the
 * process ends. Programs that work beside a running system (import, migrate, …) claim nothing; nor do processes on a server,
 * which are made to be several.
 *
 * @returns what gives the claim back
 * @throws Error when another running system has it
 */
export function claimDatabase(url: string): () => void {
  const file = besideDatabase(url, 'running');
  if (!file) return () => undefined;
  const Driver = require('libsql') as new (path: string) => EmbeddedDatabase;
  const claim = new Driver(file);
  try {
    // No journal beside it: nothing is ever written.
    claim.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    claim.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new Error(
      `DATABASE_URL=${url} is in use by another running system: stop that one, or set another DATABASE_URL.`,
      { cause: error },
    );
  }
  return () => claim.close();
}
