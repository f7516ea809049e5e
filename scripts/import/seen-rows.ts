import { createHash } from 'node:crypto';

const FIRST_CAPACITY = 1_024;

/**
 * The rows that a file has had, by their identity, with their lines. Keeps 64 bits of a digest and the line for each, some 20
 * bytes: a Map of their texts takes ten times as much.
 */
export class SeenRows {
  /** 0 is an empty place. */
  private digests = new BigUint64Array(FIRST_CAPACITY);
  private lines = new Uint32Array(FIRST_CAPACITY);
  private size = 0;

  /** The line that had this identity before; null when it is the first one, which is remembered. */
  before(identity: string, line: number): number | null {
    const digest = digestOf(identity);
    const place = this.placeOf(digest);
    if (this.digests[place] === digest) return this.lines[place]!;
    this.put(place, digest, line);
    if (++this.size * 2 > this.digests.length) this.grow();
    return null;
  }

  private placeOf(digest: bigint): number {
    const { length } = this.digests;
    let place = Number(digest % BigInt(length));
    while (this.digests[place] !== 0n && this.digests[place] !== digest) place = (place + 1) % length;
    return place;
  }

  private put(place: number, digest: bigint, line: number): void {
    this.digests[place] = digest;
    this.lines[place] = line;
  }

  private grow(): void {
    const { digests, lines } = this;
    this.digests = new BigUint64Array(digests.length * 2);
    this.lines = new Uint32Array(digests.length * 2);
    digests.forEach((digest, i) => digest !== 0n && this.put(this.placeOf(digest), digest, lines[i]!));
  }
}

const digestOf = (identity: string): bigint => createHash('sha256').update(identity).digest().readBigUInt64LE() || 1n;
