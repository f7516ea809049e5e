import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { writeAtEndOfTurn } from '../../platform/turn';
import { AnswerReader } from './answer-reader';
import { type Leaving, NoAnswer, type SubgraphAnswer } from './transport';

/** A call that waits for a connection or for its answer. */
export interface Call {
  /** The whole request. */
  text: string;
  encoding: 'latin1' | 'utf8';
  resolve(answer: SubgraphAnswer): void;
  reject(error: unknown): void;
  signal?: Leaving;
  /** When something last came of it, ms of `performance.now`. */
  since: number;
}

export interface ConnectionOptions {
  url: URL;
  maxBytes: number;
  /** Told when it can take another call, and when it is gone. */
  onFree(connection: Connection): void;
  onGone(connection: Connection): void;
}

/** One connection to a subgraph: a call at a time. */
export class Connection {
  call?: Call;
  /** When its last call ended, ms of `performance.now`. */
  freeSince = 0;
  isConnected = false;
  private readonly socket: Socket;
  private reader?: AnswerReader;
  private isGone = false;
  /** Of the call: that it is written, and that all of it is. */
  private isBegun = false;
  private isSent = false;

  constructor(private readonly options: ConnectionOptions) {
    const { protocol, hostname, port } = options.url;
    // An address in brackets is IPv6.
    const host = hostname.replace(/^\[|\]$/g, '');
    this.socket =
      protocol === 'https:'
        ? connectTls({
            host,
            port: Number(port || 443),
            servername: isIP(host) ? '' : host,
            ALPNProtocols: ['http/1.1'],
          })
        : connectPlain({ host, port: Number(port || 80) });
    this.socket.setNoDelay(true);
    this.socket
      .on(protocol === 'https:' ? 'secureConnect' : 'connect', () => (this.isConnected = true))
      .on('data', (bytes: Buffer) => this.take(bytes))
      .on('error', (error) => this.end(error))
      .on('end', () => this.ended())
      .on('close', () => this.end(new NoAnswer('the connection was closed', 'ECONNRESET')));
  }

  begin(call: Call): void {
    this.call = call;
    call.since = performance.now();
    this.isBegun = false;
    this.isSent = false;
    this.reader = new AnswerReader(this.options.maxBytes);
    call.signal?.addEventListener('abort', this.leave);
    if (call.signal?.aborted) this.leave();
    else writeAtEndOfTurn(this.write);
  }

  /** Ends it, and with this reason the call that waits on it. */
  end(reason: unknown): void {
    if (this.isGone) return;
    this.isGone = true;
    this.socket.destroy();
    this.options.onGone(this);
    this.settle()?.reject(reason);
  }

  private readonly leave = (): void => this.end(this.call?.signal?.reason);

  /** Sends the call that was begun, unless nobody waits for it any more. */
  private readonly write = (): void => {
    if (!this.call || this.isGone) return;
    this.isBegun = true;
    this.socket.write(this.call.text, this.call.encoding, this.sent);
  };

  private readonly sent = (): void => {
    this.isSent = true;
  };

  private take(bytes: Buffer): void {
    const { call, reader } = this;
    if (!call || !reader || !this.isBegun) return this.end(new Error('an answer came that nobody asked for'));
    call.since = performance.now();
    try {
      reader.push(bytes);
    } catch (error) {
      return this.end(error);
    }
    this.finishIfWhole(reader);
  }

  private ended(): void {
    try {
      this.reader?.end();
    } catch (error) {
      return this.end(error);
    }
    if (this.reader) this.finishIfWhole(this.reader);
    this.end(new NoAnswer('the connection was closed', 'ECONNRESET'));
  }

  private finishIfWhole({ answer, isLast }: AnswerReader): void {
    if (!answer) return;
    const call = this.settle();
    // Who refuses a call, or answers before it is sent, may not have read all of it: what is left would be taken for the next one.
    if (isLast || !this.isSent || answer.status >= 400) this.end(undefined);
    else {
      this.freeSince = performance.now();
      this.options.onFree(this);
    }
    call?.resolve(answer);
  }

  private settle(): Call | undefined {
    const { call } = this;
    call?.signal?.removeEventListener('abort', this.leave);
    this.call = undefined;
    this.reader = undefined;
    return call;
  }
}
