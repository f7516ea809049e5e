import { startGateway, type Running } from '../../gateway/gateway.fixture';
import { inProcessTransport } from '../../gateway/create-gateway';
import type { GatewayOptions } from '../../gateway/create-gateway';

/** One operation as it reached a subgraph. */
export interface Fetch {
  subgraph: string;
  query: string;
  variables: Record<string, unknown>;
}

export interface RecordingGateway extends Running {
  /** What reached the subgraphs since `forget`. */
  fetches: Fetch[];
  forget(): void;
}

/** Answers in place of a subgraph. */
export type Answering = (fetch: Fetch) => object | Promise<object>;

const key = new TextEncoder().encode('principal-'.repeat(4));
const nothing: Answering = () => ({ data: {} });

/**
 * A gateway over any supergraph whose subgraphs are stubs: they remember what reached them, whoever asked, and answer as
 * `answer` says. The rights of the caller are those of `graph`.
 */
export async function recordingGateway(
  supergraphSdl: string,
  answer: Answering = nothing,
  over: Partial<GatewayOptions> = {},
): Promise<RecordingGateway> {
  const fetches: Fetch[] = [];
  const forget = (): void => void fetches.splice(0);
  const subgraphs = [...supergraphSdl.matchAll(/@join__graph\(name: "(\w+)"/g)].map(([, name]) => name!);
  const names = new Set([...subgraphs, 'students']);
  const transport = (subgraph: string) =>
    inProcessTransport({
      handle: async ({ method, path, headers, body }) => {
        if (path !== '/graphql')
          return running.graph.transport('students').send(path, body, headers as Record<string, string>);
        if (method !== 'POST') return { status: 405, body: '' };
        const fetch: Fetch = { subgraph, ...JSON.parse(body) };
        fetches.push(fetch);
        return { status: 200, body: JSON.stringify(await answer(fetch)) };
      },
    });
  const each = <T>(make: (name: string) => T): Record<string, T> =>
    Object.fromEntries([...names].map((name) => [name, make(name)]));
  const running: Running = await startGateway({
    supergraphSdl,
    transports: each(transport),
    principalKeys: each(() => key),
    ...over,
  });
  return { ...running, fetches, forget };
}
