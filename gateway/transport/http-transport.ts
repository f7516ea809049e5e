import { type Call, Connection } from './connection';
import { NoAnswer, type SubgraphTransport } from './transport';

export interface HttpTransportOptions {
  /** Connections kept open to one subgraph. */
  connections?: number;
  /** How long a subgraph may take to begin its answer, and between two parts of it. */
  timeoutMs?: number;
  /** How long a connection may take. */
  connectMs?: number;
  /** A longer answer is no answer. */
  maxAnswerBytes?: number;
}

/** Below the 65 s of the subgraphs' servers: the client closes first, so no request meets a closing socket. */
const KEEP_ALIVE_MS = 50_000;
const CLOSED = new Error('the connection is closed');

/**
 * Calls a subgraph over HTTP/1.1 with kept connections, one call at a time on each. Written here, and not with a client from
 * the registry, because it is most of what a small operation costs (ADR 20).
 *
 * @param url origin of the subgraph; a path in it comes before the path of every request
 */
export function httpTransport(url: string, options: HttpTransportOptions = {}): SubgraphTransport {
  const { connections: most = 64, timeoutMs = 30_000, connectMs = 5_000, maxAnswerBytes = 32 * 1024 * 1024 } = options;
  const address = new URL(url);
  const base = address.pathname.replace(/\/+$/, '');
  const fixed = `host: ${address.host}\r\ncontent-type: application/json\r\n`;
  const open = new Set<Connection>();
  // The one that was used last is taken first, so that those beyond need grow old.
  const free: Connection[] = [];
  const waiting = new Set<Call>();
  let sweeper: NodeJS.Timeout | undefined;
  let isClosed = false;

  function begin(call: Call): void {
    const connection = free.pop() ?? (open.size < most ? connect() : undefined);
    if (connection) connection.begin(call);
    else waitFor(call);
  }

  function waitFor(call: Call): void {
    waiting.add(call);
    call.signal?.addEventListener('abort', () => {
      if (waiting.delete(call)) call.reject(call.signal!.reason);
    });
  }

  function connect(): Connection {
    const connection = new Connection({ url: address, maxBytes: maxAnswerBytes, onFree, onGone });
    open.add(connection);
    sweeper ??= setInterval(sweep, Math.min(timeoutMs / 4, 1_000)).unref();
    return connection;
  }

  /** Those who have left are told so by their own signal. */
  function nextWaiting(): Call | undefined {
    for (const call of waiting) {
      if (call.signal?.aborted) continue;
      waiting.delete(call);
      return call;
    }
    return undefined;
  }

  function onFree(connection: Connection): void {
    const call = nextWaiting();
    if (call) connection.begin(call);
    else if (isClosed) connection.end(CLOSED);
    else free.push(connection);
  }

  function onGone(connection: Connection): void {
    open.delete(connection);
    const at = free.indexOf(connection);
    if (at !== -1) free.splice(at, 1);
    const call = nextWaiting();
    if (call) begin(call);
  }

  /** One look at all of them now and then costs less than a timer for each call. */
  function sweep(): void {
    const now = performance.now();
    // Those that end make room for others, which are not looked at yet.
    for (const connection of [...open]) {
      const { call, isConnected, freeSince } = connection;
      const patience = isConnected ? timeoutMs : Math.min(timeoutMs, connectMs);
      if (call && now - call.since > patience)
        connection.end(
          new NoAnswer(`${isConnected ? 'no answer' : 'no connection'} within ${patience} ms`, 'ETIMEDOUT'),
        );
      else if (!call && now - freeSince > KEEP_ALIVE_MS) connection.end(CLOSED);
    }
    for (const call of [...waiting]) {
      if (now - call.since > timeoutMs && waiting.delete(call))
        call.reject(new NoAnswer(`no free connection within ${timeoutMs} ms`, 'ETIMEDOUT'));
    }
    if (open.size === 0) {
      clearInterval(sweeper);
      sweeper = undefined;
    }
  }

  return {
    send: (path, body, headers, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) throw signal.reason;
        if (isClosed) throw CLOSED;
        const { text, encoding } = requestText(`POST ${base}${path} HTTP/1.1\r\n${fixed}${headerText(headers)}`, body);
        begin({ text, encoding, resolve, reject, signal, since: performance.now() });
      }),
    async close() {
      isClosed = true;
      for (const connection of free.splice(0)) connection.end(CLOSED);
    },
  };
}

/**
 * @param head what comes before the length of the body
 * @throws Error when it holds more than ASCII
 */
function requestText(head: string, body: string): Pick<Call, 'text' | 'encoding'> {
  const withLength = (bytes: number): string => `${head}content-length: ${bytes}\r\n\r\n${body}`;
  const text = withLength(body.length);
  // Mostly all of it is ASCII: one look at the whole finds that.
  if (Buffer.byteLength(text) === text.length) return { text, encoding: 'latin1' };
  if (Buffer.byteLength(head) !== head.length) throw new Error('a header holds what is not ASCII');
  return { text: withLength(Buffer.byteLength(body)), encoding: 'utf8' };
}

/** @throws Error when a value would end its line */
function headerText(headers: Record<string, string>): string {
  let text = '';
  for (const name in headers) {
    const value = headers[name]!;
    if (value.includes('\n') || value.includes('\r')) throw new Error(`the header ${name} holds a line end`);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
