/**
 * One hash binds the supergraph, the policy index made from it, the stripped copy that the planner loads, and the
 * committed policy snapshot. Whoever loads a pair compares before serving it (attack 10).
 */
import { createHash } from 'node:crypto';

const STRIPPED_MARK = '# stripped of supergraph ';
const SNAPSHOT_MARK = '# policy of supergraph ';

/** SHA-256, hex, of the exact supergraph text. */
export function supergraphHash(supergraphSdl: string): string {
  return createHash('sha256').update(supergraphSdl).digest('hex');
}

/** First line of the stripped copy. */
export function strippedHeader(hash: string): string {
  return STRIPPED_MARK + hash;
}

/** First line of the policy snapshot. */
export function snapshotHeader(hash: string): string {
  return SNAPSHOT_MARK + hash;
}

/** The supergraph hash that a stripped copy or a policy snapshot says it belongs to; undefined when it says nothing. */
export function boundHash(text: string): string | undefined {
  const firstLine = text.split('\n', 1)[0] ?? '';
  const mark = [STRIPPED_MARK, SNAPSHOT_MARK].find((one) => firstLine.startsWith(one));
  return mark && firstLine.slice(mark.length).trim();
}
