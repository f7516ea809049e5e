import type { EntityManager } from 'typeorm';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { LearnedColumns } from '../database/learned-columns';
import { badInput, PublicError, Rejection } from '../errors';
import { once, type Outcome } from '../idempotency';
import type { Logger } from '../log';
import type { Principal } from '../principal/principal';
import { assertFresh } from '../scope/epoch';
import { Session, type SessionClass } from '../scope/session';

/** What a service's write answers: the ids that the payload reads anew, and warnings. */
export interface WriteResult {
  ids?: Record<string, string>;
  errors?: Outcome['errors'];
}

export interface MutationInput {
  /** Repeating a mutation with the same key does not repeat the act. */
  idempotencyKey?: string | null;
}

const MAX_KEY = 200;

/** The GraphQL context of one subgraph request: the caller's read session and the way to write. Never shared between requests. */
export class RequestContext {
  readonly session: Session;
  /** True once a write of this request is committed: what fails afterwards must not make anybody repeat it. */
  written = false;

  constructor(
    readonly database: Database,
    readonly principal: Principal,
    readonly requestId: string,
    readonly clock: Clock,
    readonly log: Logger,
    auditReader?: EntityManager,
    /** Where it reads outside of a write: a mutation on the primary, where its own writes are. */
    manager = database.read,
    columns?: LearnedColumns,
  ) {
    this.session = new Session({ manager, engine: database.engine, principal, clock, auditReader, columns });
  }

  /** The repository, service or loader of this request, bound to the caller. */
  get<T>(type: SessionClass<T>): T {
    return this.session.get(type);
  }

  /**
   * Runs one act of the domain in one transaction. A `Rejection` rolls back and becomes the payload's `errors`; any
   * other error rolls back and is answered as a top-level error (CONFLICT, NOT_FOUND, STALE_PRINCIPAL).
   * @param name of the mutation; with `input.idempotencyKey` the act happens once
   */
  async mutate(name: string, input: MutationInput, work: (session: Session) => Promise<WriteResult>): Promise<Outcome> {
    if (this.principal.readOnly) throw new PublicError('UNAUTHORIZED_FIELD_OR_TYPE', 'This perspective can only read.');
    if ((input.idempotencyKey?.length ?? 0) > MAX_KEY)
      throw badInput(`An idempotency key has at most ${MAX_KEY} characters.`, ['idempotencyKey']);
    const act = async (session: Session): Promise<Outcome> => {
      await assertFresh(session);
      const { ids = {}, errors = [] } = await work(session);
      return { ids, errors };
    };
    try {
      const outcome = await this.database.write((manager) => {
        const session = new Session({
          manager,
          engine: this.database.engine,
          principal: this.principal,
          clock: this.clock,
          disclosures: this.session.disclosures,
          writing: true,
        });
        return input.idempotencyKey
          ? once(session, name, input.idempotencyKey, input, () => act(session))
          : act(session);
      });
      this.written = true;
      return outcome;
    } catch (error) {
      if (error instanceof Rejection) return { ids: {}, errors: error.errors };
      throw error;
    }
  }
}
