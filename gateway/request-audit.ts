import { partyOf } from '../platform/audit/disclosure-record';
import type { Logger } from '../platform/log';
import type { Identity, Refusal } from './authenticate/identity';
import type { RecordQueue } from './record-queue';
import type { RequestState } from './request-state';

/** What the audit log keeps of a request: who asked, as what, for which operation, and what was denied. Never a value. */
export interface RequestRecord {
  /** Of the operation as the client sent it; null when it never became one. */
  operationName: string | null;
  /** SHA-256, hex, of the client's text. */
  operationHash: string | null;
  operationType: string | null;
  outcome: 'allowed' | 'filtered' | 'denied' | 'rejected' | 'invalid';
  /** Coordinates of denied selections and inputs. */
  denials: readonly string[];
}

/** Callers who were not let in since the last record: how many, and of verified tokens whose. */
interface Refused {
  status: 401 | 403;
  issuer?: string;
  subject?: string;
  count: number;
}

const COUNTED_FOR_MS = 60_000;
/** More callers than this in one record are counted together. */
const MAX_CALLERS = 100;

/** Says what the audit log keeps of requests. The students subgraph keeps it: the gateway itself has no database. */
export class RequestAudit {
  private refused = new Map<string, Refused>();
  private since = new Date();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly queue: RecordQueue,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => void this.keepRefused(), COUNTED_FOR_MS);
    this.timer.unref();
  }

  /** Begins to keep a record beside the execution; the answer waits for it (`state.records`). No record, no answer. */
  begin(state: RequestState, record: RequestRecord): void {
    const { requestId, principal } = state;
    const keeping = this.queue.keep('request', { requestId, ...partyOf(principal), ...record });
    // Awaited later: until then, a failure isn't an unhandled one.
    keeping.catch(() => undefined);
    state.records.push(keeping);
  }

  /**
   * Counts a caller who is not let in. Nobody waits for it, since nothing is answered, and a flood of bad tokens is one
   * record: of a token that isn't valid nothing is known, of a valid one whose it is.
   */
  countRefused({ status }: Pick<Refusal, 'status'>, identity: Identity | null): void {
    const caller = identity && { issuer: identity.issuer, subject: identity.subject };
    const key = JSON.stringify([status, caller]);
    const known = this.refused.get(key);
    if (known) known.count += 1;
    else if (caller && this.refused.size >= MAX_CALLERS) this.countRefused({ status }, null);
    else this.refused.set(key, { status, ...caller, count: 1 });
  }

  /** Keeps what was counted. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.keepRefused();
  }

  private async keepRefused(): Promise<void> {
    if (this.refused.size === 0) return;
    const [refused, since, until] = [this.refused, this.since, new Date()];
    Object.assign(this, { refused: new Map(), since: until });
    try {
      await this.queue.keep('refusal', { since, until, refused: [...refused.values()] });
    } catch (error) {
      this.log.error(
        { err: error, refused: [...refused.values()] },
        'the audit log did not take the count of refusals',
      );
    }
  }
}
