export interface SubgraphAnswer {
  status: number;
  body: string;
}

/**
 * The way to one subgraph, the same over HTTP and in process: a POST with a JSON text.
 *
 * Nothing of the client's request goes along but what the gateway puts into these arguments.
 */
export interface SubgraphTransport {
  /**
   * @param path such as `/graphql` or `/internal/principal`
   * @param headers lower-case names
   * @param signal ends the waiting; what the subgraph has begun may still run to its end
   * @throws Error when there is no answer, for whatever reason
   */
  send(path: string, body: string, headers: Record<string, string>, signal?: AbortSignal): Promise<SubgraphAnswer>;
  close?(): Promise<void>;
}

/** The same way, on which an answer is waited for no longer than this, unless its own signal says how long. */
export const withDeadline = (transport: SubgraphTransport, ms: number): SubgraphTransport => ({
  send: (path, body, headers, signal = AbortSignal.timeout(ms)) => transport.send(path, body, headers, signal),
});
