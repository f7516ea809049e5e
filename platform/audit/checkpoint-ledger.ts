import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock';
import { checkpointHash, checkpointText } from './chain';
import type { SigningKey } from './keys';
import { AuditChain, AuditCheckpoint, AuditEntry, AuditPublicKey } from './tables';

/** Where a chain stands: its last entry. */
export interface ChainHead {
  chain: string;
  position: number;
  hash: string;
}

/** A checkpoint by its number and hash. */
interface Known {
  sequence: number;
  hash: string;
}

/** Adds to the one sequence of signed checkpoints. Every method belongs in a write transaction. */
export class CheckpointLedger {
  constructor(
    private readonly manager: EntityManager,
    private readonly clock: Clock,
    private readonly key: SigningKey,
    /** The chain of this process. */
    private readonly signer: string,
  ) {}

  /** The last checkpoint of the whole log: sequence 0 and no hash before the first. */
  async known(): Promise<Known> {
    const [last] = await this.manager.find(AuditCheckpoint, { order: { sequence: 'DESC' }, take: 1 });
    return last ? { sequence: last.sequence, hash: checkpointHash(last) } : { sequence: 0, hash: '' };
  }

  /**
   * Signs where a chain stands. Two processes that sign at once take the same number: the second insert fails, and its
   * transaction is tried again.
   * @param known the last checkpoint, where it has been said already which one that is
   */
  async append({ chain, position, hash }: ChainHead, closes = false, known?: Known): Promise<void> {
    known ??= await this.known();
    const checkpoint = {
      sequence: known.sequence + 1,
      chain,
      position,
      hash,
      at: this.clock.now(),
      signer: this.signer,
      closes,
      previous: known.hash,
      keyId: this.key.id,
    };
    await this.manager.insert(AuditCheckpoint, { ...checkpoint, signature: this.key.sign(checkpointText(checkpoint)) });
  }

  /** Makes the public key known; old ones stay, so that what they signed can be verified. */
  async registerKey(): Promise<void> {
    const { id, publicKey } = this.key;
    if (await this.manager.existsBy(AuditPublicKey, { id })) return;
    await this.manager.insert(AuditPublicKey, { id, publicKey: publicKey as never, createdAt: this.clock.now() });
  }

  /**
   * Signs what other processes left unsigned: the last entries before a kill, or those that a living one is about to sign.
   * Whoever takes them out later contradicts a signature.
   */
  async sealOthers(): Promise<void> {
    const chains = await this.manager
      .createQueryBuilder(AuditChain, 'c')
      .select('c.id', 'chain')
      .addSelect('(SELECT MAX(e.position) FROM audit_entry e WHERE e.chain = c.id)', 'last')
      .addSelect('(SELECT MAX(k.position) FROM audit_checkpoint k WHERE k.chain = c.id)', 'sealed')
      .where('c.id <> :signer', { signer: this.signer })
      .getRawMany<{ chain: string; last: number | null; sealed: number | null }>();
    for (const { chain, last, sealed } of chains) {
      if (Number(last ?? 0) <= Number(sealed ?? 0)) continue;
      const entry = await this.manager.findOneByOrFail(AuditEntry, { chain, position: Number(last) });
      await this.append({ chain, position: entry.position, hash: entry.hash });
    }
  }
}
