import type { Logger } from '../platform/log';
import type { Principal } from '../platform/principal/principal';
import type { Identity, Refusal } from './authenticate/identity';

/** What one client request carries through the gateway. Never shared between requests. */
export interface RequestState {
  readonly requestId: string;
  readonly identity: Identity;
  /** The perspective that the client asked for; null for the account's default. */
  readonly perspective: string | null;
  /** Loaded anew, once, when a subgraph says that its rights have changed. */
  principal: Principal;
  /** Set when that showed that there are none left: the caller is not let in, as at its next request (attack 60). */
  refused?: Refusal;
  /** True when the client asks why each part of its operation is allowed or denied, where the system tells that. */
  readonly explains: boolean;
  /** Ends the waiting for subgraphs. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Audit records on their way; the answer waits until all are kept. */
  readonly records: Promise<void>[];
  /** Once the operation is judged; for the log line. */
  operation?: { name: string | null; hash: string };
}

/** Apollo Server copies the context object of a request, so everything that changes stands one level below. */
export interface GatewayContext {
  readonly state: RequestState;
}
