import type { Subgraph } from '../../platform/subgraph/create-subgraph';
import type { SubgraphAnswer, SubgraphTransport } from './transport';

/** Calls a subgraph of the same process: same signed Principal, same request handler, no socket. */
export function inProcessTransport(subgraph: Pick<Subgraph, 'handle'>): SubgraphTransport {
  return {
    send(path, body, headers, signal) {
      signal?.throwIfAborted();
      const answer = subgraph.handle({ method: 'POST', path, headers, body });
      return signal ? untilAborted(answer, signal) : answer;
    },
  };
}

function untilAborted(answer: Promise<SubgraphAnswer>, signal: AbortSignal): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
