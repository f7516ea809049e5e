import type { Logger } from '../platform/log';
import type { Principal } from '../platform/principal/principal';
import type { Identity, Refusal } from './authenticate/identity';
import type { HttpRefusal } from './http/body';
import type { Leaving } from './transport/transport';

/** What one client request carries through the gateway. Never shared between requests. */
export interface RequestState {
  readonly requestId: string;
  readonly identity: Identity;
  /** The perspective that the client asked for; null for the account's default. */
  readonly perspective: string | null;
  /** Loaded anew, once, when a subgraph says that its rights have changed. */
  principal: Principal;
  /**
   * Charges the caller points of cost, for work that shows on the way.
   *
   * @throws HttpRefusal (429) when that is more than is left
   */
  readonly charge: (points: number) => Promise<void>;
  /**
   * Set when the rights were loaded anew and there are none left (attack 60), or no points were: the caller is not let in, as at
   * its next request.
   */
  refused?: Refusal | HttpRefusal;
  /** True when the client asks why each part of its operation is allowed or denied, where the system tells that. */
  readonly explains: boolean;
  /** Ends the waiting for subgraphs. */
  readonly signal: Leaving;
  /** Of the gateway: a line says itself of which request it is. */
  readonly log: Logger;
  /** Audit records on their way; the answer waits until all are kept. */
  readonly records: Promise<void>[];
  /** What puts on record what subgraphs of this process disclosed: all of it at once, when there is an answer. */
  readonly disclosures: (() => Promise<void>)[];
  /** Once the operation is judged. */
  operation?: { name: string | null; hash: string; type: string };
}

/** Apollo Server copies the context object of a request, so everything that changes stands one level below. */
export interface GatewayContext {
  readonly state: RequestState;
}
