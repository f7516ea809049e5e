import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../platform/log';
import { type CircuitOptions, withCircuit } from './transport/circuit';
import { httpTransport } from './transport/http-transport';
import { FakeGraph, reply, type Running, startGateway, student } from './gateway.fixture';

const log = createLogger('test', 'silent');
const said: string[] = [];
log.warn = ((_: object, message: string) => said.push(message)) as never;
log.info = ((message: string) => said.push(message)) as never;

/** The subgraph iep behind an address of its own, that can go away and come back. */
class IepProcess {
  /** Calls that reached it. */
  calls = 0;
  behaves: 'answers' | 'fails' | 'is silent' = 'answers';
  private server?: Server;
  private port = 0;

  constructor(private readonly graph: FakeGraph) {}

  async start(): Promise<string> {
    const inside = this.graph.transport('iep');
    this.server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      this.calls += 1;
      if (this.behaves === 'is silent') return;
      if (this.behaves === 'fails') return void response.writeHead(500).end('{"errors":[{"message":"x"}]}');
      const headers = request.headers as Record<string, string>;
      const { status, body } = await inside.send(request.url!, Buffer.concat(chunks).toString(), headers);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.server!.closeAllConnections();
    await new Promise((resolve) => this.server!.close(resolve));
  }
}

let running: Running;
let iep: IepProcess;
/** Calls that the circuit let through. */
let tried: number;
async function start(circuit: Partial<CircuitOptions>, deadlineMs = 30_000): Promise<void> {
  const graph = new FakeGraph();
  graph.respond = {
    students: () => reply({ student }),
    iep: ({ query }) =>
      reply(
        query.startsWith('mutation')
          ? { affirm: { ok: true } }
          : { news: 'N', _entities: [{ currentIep: { id: 'i1' } }] },
      ),
  };
  iep = new IepProcess(graph);
  const http = httpTransport(await iep.start());
  tried = 0;
  said.length = 0;
  const counted: typeof http = { ...http, send: (...call) => ((tried += 1), http.send(...call)) };
  const way = withCircuit(counted, { failures: 3, pauseMs: 600_000, log, ...circuit });
  running = await startGateway(
    { transports: { students: graph.transport('students'), iep: way }, limits: { deadlineMs } },
    false,
    graph,
  );
}
afterEach(async () => {
  await iep.stop();
  await running.stop();
});

const QUERY = '{ student(id: 1) { name currentIep { id } } }';
const whole = { student: { name: 'Ada', currentIep: { id: 'i1' } } };
const without = { student: { name: 'Ada', currentIep: null } };
const refusal = [
  expect.objectContaining({
    path: ['student', 'currentIep'],
    extensions: expect.objectContaining({ code: 'INTERNAL' }),
  }),
];
async function expectsWithout(): Promise<void> {
  const { status, data, errors } = await running.post(QUERY);
  expect([status, data, errors]).toEqual([200, without, refusal]);
}
const times = async (count: number, work: () => Promise<unknown>) => {
  for (let i = 0; i < count; i += 1) await work();
};

test('a subgraph that is gone is asked so many times, and then not: what the others know is answered all the same', async () => {
  await start({});
  expect((await running.post(QUERY)).data).toEqual(whole);
  await iep.stop();
  await times(3, expectsWithout);
  expect([tried, said]).toEqual([4, ['subgraph cut off']]);
  await iep.start();
  await times(3, expectsWithout);
  expect([tried, said]).toEqual([4, ['subgraph cut off']]);
});

test('when it is back, one call finds out, and all are answered', async () => {
  await start({ pauseMs: 1, slowMs: 1 });
  await iep.stop();
  await times(4, expectsWithout);
  await iep.start();
  let answer = await running.post(QUERY);
  while (answer.errors) answer = await running.post(QUERY);
  expect(answer.data).toEqual(whole);
  await times(3, async () => expect((await running.post(QUERY)).data).toEqual(whole));
  expect(said).toEqual(['subgraph cut off', 'subgraph answers again']);
});

test('failures that have answers between them are not in a row', async () => {
  await start({});
  for (const _round of [1, 2, 3]) {
    await iep.stop();
    await times(2, expectsWithout);
    await iep.start();
    expect((await running.post(QUERY)).data).toEqual(whole);
  }
  expect(said).toEqual([]);
});

test('a subgraph that answers with errors is asked every time', async () => {
  await start({});
  iep.behaves = 'fails';
  await times(6, expectsWithout);
  expect([iep.calls, said]).toEqual([6, []]);
});

describe('a subgraph that is silent', () => {
  test('is waited for until the deadline so many times, and then not', async () => {
    await start({ slowMs: 1 }, 500);
    iep.behaves = 'is silent';
    await Promise.all([1, 2, 3].map(expectsWithout));
    expect(said).toEqual(['subgraph cut off']);
    await times(3, expectsWithout);
    expect(iep.calls).toBe(3);
  });

  test('is tried by one call, while the others go on at once', async () => {
    await start({ failures: 1, pauseMs: 1, slowMs: 600_000 });
    await iep.stop();
    await expectsWithout();
    await iep.start();
    iep.behaves = 'is silent';
    await new Promise((resolve) => setTimeout(resolve, 20));
    const trying = running.post(QUERY);
    while (iep.calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await times(3, expectsWithout);
    expect(iep.calls).toBe(1);
    await iep.stop();
    expect((await trying).data).toEqual(without);
  });

  test('for less than its time, since the request ended before, has not failed', async () => {
    await start({ slowMs: 600_000 }, 300);
    iep.behaves = 'is silent';
    await Promise.all([1, 2, 3, 4].map(expectsWithout));
    iep.behaves = 'answers';
    expect((await running.post(QUERY)).data).toEqual(whole);
    expect(said).toEqual([]);
  });
});

test('a mutation is sent once or not at all, whichever way its subgraph fails', async () => {
  await start({ slowMs: 1, failures: 2 }, 500);
  iep.behaves = 'is silent';
  const affirm = async () => {
    const { data, errors } = await running.post('mutation { affirm(id: 1) { ok } }');
    expect([data ?? null, errors![0].extensions.code]).toEqual([null, 'INTERNAL']);
  };
  await times(4, affirm);
  expect([iep.calls, tried]).toEqual([2, 2]);
});
