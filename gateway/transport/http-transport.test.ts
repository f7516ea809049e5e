import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AnswerReader } from './answer-reader';
import { httpTransport } from './http-transport';
import { Departure, type SubgraphTransport } from './transport';

/** The answer of these bytes, cut after each of the positions. */
function readIn(text: string, cuts: readonly number[], maxBytes = 1_000): AnswerReader {
  const bytes = Buffer.from(text);
  const reader = new AnswerReader(maxBytes);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    reader.push(bytes.subarray(from, cut));
    from = cut;
  }
  return reader;
}

describe('an answer as it comes in', () => {
  const answers: [string, string, { status: number; body: string }, boolean][] = [
    ['of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\né!', { status: 200, body: 'é!' }, false],
    ['empty', 'HTTP/1.1 500 \r\ncontent-length: 0\r\n\r\n', { status: 500, body: '' }, false],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }, false],
    [
      'in chunks, with a trailer',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\nB;x=1\r\n:"\r\n0\r\n\r\né\r\n1\r\n}\r\n0\r\nt: 1\r\n\r\n',
      { status: 200, body: '{"a":"\r\n0\r\n\r\né}' },
      false,
    ],
    ['in no chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', { status: 200, body: '' }, false],
    [
      'after an interim one',
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
      { status: 200, body: 'x' },
      false,
    ],
    [
      'on a connection that ends',
      'HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 1\r\n\r\nx',
      { status: 200, body: 'x' },
      true,
    ],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', { status: 200, body: 'x' }, true],
    ['with more behind it', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxy', { status: 200, body: 'x' }, true],
  ];
  test.each(answers)('%s, wherever it is cut', (_name, text, answer, isLast) => {
    const { length } = Buffer.from(text);
    const every = Array.from({ length }, (_, at) => at);
    for (const cuts of [[], every, ...every.map((at) => [at])]) {
      const reader = readIn(text, cuts);
      expect(reader.answer).toEqual(answer);
      expect(reader.isLast).toBe(isLast);
    }
  });

  test('without a length it ends with the connection; any other is broken off there', () => {
    const open = readIn('HTTP/1.1 200 OK\r\n\r\nall', [5]);
    expect(open.answer).toBeUndefined();
    open.end();
    expect([open.answer, open.isLast]).toEqual([{ status: 200, body: 'all' }, true]);
    for (const text of ['HTTP/1.1 200', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nall'])
      expect(() => readIn(text, []).end()).toThrow('ended before');
  });

  test.each([
    ['GET / HTTP/1.1\r\n\r\n', 'no HTTP/1.1'],
    ['HTTP/2 200\r\n\r\n', 'no HTTP/1.1'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxy', 'no clear length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', 'no clear length'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'an encoding'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n', 'an encoding'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n', 'no size'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n', 'longer than 1000'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n', 'longer than 1000'],
    [`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_001)}`, 'longer than 1000'],
    [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(70_000)}`, 'head of the answer is too long'],
  ])('%j is refused', (text, why) => {
    expect(() => readIn(text, [])).toThrow(why);
  });
});

describe('the way to a subgraph', () => {
  let server: Server | HttpServer;
  let transport: SubgraphTransport;
  const sockets = new Set<Socket>();

  async function over(listening: Server | HttpServer, options = {}): Promise<void> {
    server = listening;
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    transport = httpTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  }
  afterEach(async () => {
    await transport.close?.();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Answers with what it was sent, and counts its connections. */
  function echo(): { server: HttpServer; connections(): number } {
    let count = 0;
    const http = createHttp(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(Buffer.concat(chunks));
    });
    http.on('connection', () => (count += 1));
    return { server: http, connections: () => count };
  }

  test('one call after another goes over one connection, each with its own answer', async () => {
    const { server: http, connections } = echo();
    await over(http);
    for (const body of ['one', 'zwei €', '', 'x'.repeat(300_000), '\ud83d\ude00'])
      expect(await transport.send('/', body, {})).toEqual({ status: 200, body });
    expect(connections()).toBe(1);
  });

  test('more calls than connections wait for their turn', async () => {
    const { server: http, connections } = echo();
    await over(http, { connections: 3 });
    const bodies = Array.from({ length: 50 }, (_, at) => `call ${at}`);
    const answers = await Promise.all(bodies.map((body) => transport.send('/', body, {})));
    expect(answers.map(({ body }) => body)).toEqual(bodies);
    expect(connections()).toBe(3);
  });

  test('a connection that the subgraph has closed is not used again', async () => {
    await over(createHttp((_request, response) => response.end('x')));
    await transport.send('/', '', {});
    for (const socket of sockets) socket.end();
    await Promise.all([...sockets].map((socket) => once(socket, 'close')));
    await pause(10);
    expect((await transport.send('/', '', {})).body).toBe('x');
  });

  test('a connection that ends under a call fails that call alone', async () => {
    let calls = 0;
    await over(createHttp((request, response) => (++calls === 2 ? request.destroy() : response.end(String(calls)))));
    expect((await transport.send('/', '', {})).body).toBe('1');
    await expect(transport.send('/', '', {})).rejects.toThrow(/ECONNRESET|ended before|closed/);
    expect((await transport.send('/', '', {})).body).toBe('3');
  });

  test('what comes before a call is written is not its answer', async () => {
    await over(
      createServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1'))),
      { connections: 1 },
    );
    expect((await transport.send('/', '', {})).body).toBe('1');
    // Lies there, unread, when the next call is begun: this turn of the event loop ends first.
    await pause(5);
    [...sockets][0]!.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2');
    for (const end = performance.now() + 20; performance.now() < end;);
    await expect(transport.send('/', '', {})).rejects.toThrow('nobody asked for');
    expect((await transport.send('/', '', {})).body).toBe('1');
  });

  test('nobody is waited for longer than said: not for an answer, not for its next part, not for a connection', async () => {
    await over(
      createServer((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegun')),
      { timeoutMs: 200, connections: 1 },
    );
    const calls = [transport.send('/', '', {}), transport.send('/', '', {})];
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      expect([status, String(reason)]).toEqual(['rejected', expect.stringMatching(/within 200 ms/)]);
  });

  test('who leaves gets an error at once, and what he left ends, whether it was sent or waited', async () => {
    await over(
      createServer(() => undefined),
      { connections: 1 },
    );
    const left = new Departure();
    const calls = [transport.send('/', '', {}, left), transport.send('/', '', {}, left)];
    const settled = Promise.allSettled(calls);
    await once(server, 'connection');
    const ended = once([...sockets][0]!, 'close');
    left.abort(new Error('gone'));
    for (const one of await settled) expect(one).toMatchObject({ status: 'rejected', reason: { message: 'gone' } });
    [...sockets][0]?.resume();
    await ended;
    await expect(transport.send('/', '', {}, left)).rejects.toThrow('gone');
  });

  test.each([
    ['a\r\nx-principal: b', 'line end'],
    ['a\u010d\u010ax-principal: b', 'not ASCII'],
  ])('the header %j can’t hold another', async (value, why) => {
    await over(createServer(() => undefined));
    await expect(transport.send('/', '', { 'x-request-id': value })).rejects.toThrow(why);
  });

  test('an answer that comes before the call was sent, or that refuses it, is the last of its connection', async () => {
    const bodies: string[] = [];
    let count = 0;
    await over(
      createServer((socket) => {
        count += 1;
        socket.once('data', (bytes: Buffer) => {
          bodies.push(bytes.toString('latin1').split('\r\n\r\n')[1]!.slice(0, 3));
          // What comes further stays unread, or would be answered as the next call is.
          socket.pause();
          const status = bodies.length === 1 ? '200 OK' : '413 Too Large';
          socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 1\r\n\r\n${bodies.length}`);
        });
      }),
    );
    const answers = [
      await transport.send('/', 'one'.repeat(10_000_000), {}),
      await transport.send('/', 'two', {}),
      await transport.send('/', 'six', {}),
    ];
    expect(answers.map(({ body }) => body)).toEqual(['1', '2', '3']);
    expect([bodies, count]).toEqual([['one', 'two', 'six'], 3]);
  });

  test('a call that is given up leaves those that wait for its connection their own time', async () => {
    let asked = 0;
    await over(
      createHttp((_request, response) => {
        asked += 1;
        if (asked > 1) response.end('x');
      }),
      { connections: 1, timeoutMs: 800, connectMs: 100 },
    );
    const hung = transport.send('/', '', {});
    await pause(300);
    const others = Array.from({ length: 5 }, () => transport.send('/', '', {}));
    await expect(hung).rejects.toThrow('no answer within 800 ms');
    expect((await Promise.all(others)).map(({ body }) => body)).toEqual(['x', 'x', 'x', 'x', 'x']);
  });

  test('closed, it calls nobody; what is under way is finished', async () => {
    let finish!: () => void;
    await over(createHttp((_request, response) => void (finish = () => response.end('late'))));
    const call = transport.send('/', '', {});
    await once(server, 'request');
    await transport.close!();
    finish();
    expect((await call).body).toBe('late');
    await expect(transport.send('/', '', {})).rejects.toThrow('closed');
    await Promise.all([...sockets].map((socket) => once(socket, 'close')));
  });
});
