import { checkpointHash, checkpointText, entryHash } from './chain';
import { isSignedBy, keyId, type PublicKey } from './keys';
import type { LogLine } from './read-log';
import { type AuditChain, type AuditCheckpoint, type AuditEntry, UNREGISTERED_PROCESS } from './tables';

/** Kinds of faults, each with what it means. */
export const FAULTS = {
  altered: 'an entry does not follow from the one before it: altered, put in or moved',
  missing: 'entries are missing between two others',
  rewritten: 'a signed checkpoint contradicts the entry at its position: the chain was computed anew',
  truncated: 'entries that a checkpoint has signed are missing at the end',
  appended: 'entries follow after the chain was closed',
  unregistered: 'a chain is not registered, or not as its first entry says',
  removed: 'a chain that was signed is gone',
  unsigned: 'a registered chain has no checkpoint',
  signature: 'a checkpoint is not signed by a key that is trusted',
  checkpoints: 'checkpoints are missing, altered or moved',
  unindexed: 'a disclosure is not found by its student',
} as const;
export type FaultKind = keyof typeof FAULTS;

export interface Fault {
  kind: FaultKind;
  /** Null where no chain is at fault, but the sequence of checkpoints. */
  chain: string | null;
  /** Of the entry; of a fault of the sequence, the number of the checkpoint. */
  position: number;
}

export interface ChainSummary {
  chain: string;
  process: string | null;
  entries: number;
  first: Date | null;
  last: Date | null;
  checkpoints: number;
  closed: boolean;
  /** Entries behind the last checkpoint: tied to the ones before them, and nothing proves that none followed. */
  unproven: number;
}

export interface VerifiedLog {
  chains: number;
  entries: number;
  /** The last checkpoint: kept elsewhere, it proves later that nothing was cut off (`known`). */
  last: { sequence: number; hash: string };
  /** Faults by kind, the first of each kind, and how many there are. */
  faults: Map<FaultKind, { first: Fault; count: number }>;
}

export interface VerifyOptions {
  /** Keys that are trusted. When left out, those that the log itself names: they prove that it agrees with itself. */
  trusted?: readonly PublicKey[];
  /** A checkpoint that was seen before and has to be there still. */
  known?: { sequence: number; hash: string };
  /** Told of every chain when it is read. */
  chainRead?(summary: ChainSummary): void;
}

/** What the sequence of checkpoints said about a chain: all that is kept of it in memory. */
interface Signed {
  count: number;
  position: number;
}

/** The chain that is being read. */
interface Reading extends ChainSummary {
  registered: Omit<AuditChain, 'id'> | null;
  /** Position and hash of the entry before; no hash when entries are missing there. */
  position: number;
  hash: string | null;
  signedUpTo: number;
  closedAt: number | null;
  firstSeal: AuditCheckpoint | null;
  lastSeal: AuditCheckpoint | null;
}

/** Reads a log once, in the order of `readLog`, and finds what does not hold. Memory grows with the chains, not the entries. */
export async function verifyLog(lines: AsyncIterable<LogLine>, options: VerifyOptions = {}): Promise<VerifiedLog> {
  const verifier = new LogVerifier(options);
  for await (const line of lines) verifier.read(line);
  return verifier.end();
}

class LogVerifier {
  private readonly result: VerifiedLog = {
    chains: 0,
    entries: 0,
    last: { sequence: 0, hash: '' },
    faults: new Map(),
  };
  private readonly keys = new Map<string, PublicKey>();
  private readonly signed = new Map<string, Signed>();
  private chain: Reading | null = null;
  private isKnownSeen: boolean;

  constructor(private readonly options: VerifyOptions) {
    for (const key of options.trusted ?? []) this.keys.set(keyId(key), key);
    this.isKnownSeen = !options.known || options.known.sequence === 0;
  }

  read(line: LogLine): void {
    if (line.line === 'key') {
      if (!this.options.trusted) this.keys.set(keyId(line.publicKey), line.publicKey);
    } else if (line.line === 'checkpoint') this.checkpoint(line);
    else if (line.line === 'chain') this.begin(line.id, line.registered);
    else if (line.line === 'entry') this.entry(line);
    else if (line.line === 'seal') this.seal(line);
  }

  end(): VerifiedLog {
    this.finishChain();
    for (const [chain, { position }] of this.signed) this.fault('removed', chain, position);
    if (!this.isKnownSeen) this.fault('checkpoints', null, this.options.known!.sequence);
    return this.result;
  }

  private fault(kind: FaultKind, chain: string | null, position: number): void {
    const known = this.result.faults.get(kind);
    if (known) known.count += 1;
    else this.result.faults.set(kind, { first: { kind, chain, position }, count: 1 });
  }

  private checkpoint(checkpoint: AuditCheckpoint): void {
    const { last } = this.result;
    const { sequence, chain, position, previous } = checkpoint;
    if (!this.isSigned(checkpoint)) this.fault('signature', chain, position);
    if (sequence !== last.sequence + 1 || previous !== last.hash) this.fault('checkpoints', null, last.sequence + 1);
    this.result.last = { sequence, hash: checkpointHash(checkpoint) };
    const { known } = this.options;
    if (known?.sequence === sequence && known.hash === this.result.last.hash) this.isKnownSeen = true;
    const { count, position: upTo } = this.signed.get(chain) ?? { count: 0, position: 0 };
    this.signed.set(chain, { count: count + 1, position: Math.max(upTo, position) });
  }

  private isSigned(checkpoint: AuditCheckpoint): boolean {
    const key = this.keys.get(checkpoint.keyId);
    return key !== undefined && isSignedBy(key, checkpointText(checkpoint), checkpoint.signature);
  }

  private begin(chain: string, registered: Reading['registered']): void {
    this.finishChain();
    this.chain = {
      chain,
      process: registered?.process ?? null,
      registered,
      entries: 0,
      first: null,
      last: null,
      checkpoints: 0,
      closed: false,
      unproven: 0,
      position: 0,
      hash: '',
      signedUpTo: 0,
      closedAt: null,
      firstSeal: null,
      lastSeal: null,
    };
  }

  private entry({ chain, position, at, kind, record, hash, indexed }: AuditEntry & { indexed: boolean }): void {
    const reading = this.of(chain);
    if (position > reading.position + 1) {
      this.fault('missing', chain, reading.position + 1);
      reading.hash = null;
    }
    const follows =
      position > reading.position &&
      (reading.hash === null || entryHash(reading.hash, chain, position, at, kind, record) === hash);
    if (!follows) this.fault('altered', chain, position);
    if (!indexed) this.fault('unindexed', chain, position);
    if (reading.closedAt !== null) this.fault('appended', chain, position);
    else if (position <= reading.signedUpTo) this.fault('checkpoints', chain, position);
    if (position === 1) this.checkHead(reading, { kind, record, hash });
    this.result.entries += 1;
    reading.entries += 1;
    reading.first ??= at;
    reading.last = at;
    Object.assign(reading, { position, hash });
  }

  /** The first entry says what the registration says. */
  private checkHead(reading: Reading, { kind, record, hash }: Pick<AuditEntry, 'kind' | 'record' | 'hash'>): void {
    const { registered, chain } = reading;
    if (!registered) return;
    const said =
      kind === 'start' ? (record as { process?: unknown; known?: { sequence?: unknown; hash?: unknown } }) : {};
    const agrees =
      registered.process === UNREGISTERED_PROCESS ||
      (said.process === registered.process &&
        said.known?.sequence === registered.knownSequence &&
        said.known.hash === registered.knownHash);
    if (!agrees || registered.headHash !== hash) this.fault('unregistered', chain, 1);
  }

  /** The chain's checkpoints once more, each behind its entry. Signed, distinct and as many as in the sequence: the same. */
  private seal(seal: AuditCheckpoint): void {
    const reading = this.of(seal.chain);
    const { lastSeal, position } = reading;
    const isNext =
      !lastSeal ||
      seal.position > lastSeal.position ||
      (seal.position === lastSeal.position && seal.sequence > lastSeal.sequence);
    if (!isNext || seal.position < position) this.fault('checkpoints', seal.chain, seal.position);
    if (!this.isSigned(seal)) this.fault('signature', seal.chain, seal.position);
    if (seal.position === position && seal.hash !== reading.hash) this.fault('rewritten', seal.chain, seal.position);
    if (seal.closes) reading.closedAt = seal.position;
    reading.checkpoints += 1;
    reading.firstSeal ??= seal;
    reading.lastSeal = seal;
    reading.signedUpTo = Math.max(reading.signedUpTo, seal.position);
  }

  private finishChain(): void {
    const reading = this.chain;
    if (!reading) return;
    const { chain, position, registered, signedUpTo, firstSeal } = reading;
    const signed = this.signed.get(chain);
    this.signed.delete(chain);
    this.result.chains += 1;
    if (position < signedUpTo) this.fault(position === 0 ? 'removed' : 'truncated', chain, position + 1);
    if (!registered) this.fault('unregistered', chain, 1);
    if (registered && !signed && registered.process !== UNREGISTERED_PROCESS) this.fault('unsigned', chain, 1);
    if ((signed?.count ?? 0) !== reading.checkpoints) this.fault('checkpoints', chain, signedUpTo);
    const isFirst = firstSeal && registered?.process !== UNREGISTERED_PROCESS;
    if (isFirst && registered && firstSeal.previous !== registered.knownHash) this.fault('unregistered', chain, 1);
    reading.closed = reading.closedAt !== null;
    reading.unproven = Math.max(0, position - signedUpTo);
    this.options.chainRead?.(reading);
    this.chain = null;
  }

  /** The chain that is being read; a line of another one stands where none may stand. */
  private of(chain: string): Reading {
    if (this.chain?.chain !== chain) this.begin(chain, null);
    return this.chain!;
  }
}
