import { createHash } from 'node:crypto';
import type { AuditCheckpoint } from './tables';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The hash that ties an entry to the one before it. Keys are sorted first: MySQL stores JSON in an order of its own. */
export function entryHash(
  previous: string,
  chain: string,
  position: number,
  at: Date,
  kind: string,
  record: unknown,
): string {
  return sha256(JSON.stringify([previous, chain, position, at.toISOString(), kind, sorted(record)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** The text of a checkpoint that is signed. */
export function checkpointText(checkpoint: Omit<AuditCheckpoint, 'signature'>): string {
  const { sequence, chain, position, hash, at, signer, closes, previous, keyId } = checkpoint;
  const when = at.toISOString();
  return JSON.stringify(['checkpoint', sequence, chain, position, hash, when, signer, closes, previous, keyId]);
}

/** What the next checkpoint calls this one. */
export const checkpointHash = (checkpoint: AuditCheckpoint): string =>
  sha256(`${checkpointText(checkpoint)}.${checkpoint.signature}`);
