import type { Subgraph } from '../../platform/subgraph/create-subgraph';
import type { Leaving, SubgraphAnswer, SubgraphTransport } from './transport';

/** Calls a subgraph of the same process: same signed Principal, same request handler, no socket. */
export function inProcessTransport(subgraph: Pick<Subgraph, 'handle'>): SubgraphTransport {
  return {
    async send(path, body, headers, signal, later) {
      if (signal?.aborted) throw signal.reason;
      const answer = subgraph.handle({ method: 'POST', path, headers, body }, later);
      return signal ? untilAborted(answer, signal) : answer;
    },
  };
}

function untilAborted(answer: Promise<SubgraphAnswer>, signal: Leaving): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
