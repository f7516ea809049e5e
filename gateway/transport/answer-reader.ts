import { NoAnswer, type SubgraphAnswer } from './transport';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const MAX_HEAD = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** What the head of an answer says of its body. */
interface Head {
  status: number;
  /** In bytes; `chunked`, or `untilClose` where nothing is said. */
  length: number | 'chunked' | 'untilClose';
  /** Whether the connection serves another call. */
  isLast: boolean;
}

/** Reads one HTTP/1.1 answer (RFC 9112) as it comes in. */
export class AnswerReader {
  /** Set once the answer is whole. */
  answer?: SubgraphAnswer;
  /** Nothing may follow on the connection, or something did that nobody asked for. */
  isLast = false;
  private head?: Head;
  /** Not read yet: the beginning of the head, a body of known length, or a part of a chunk. */
  private pending: Buffer[] = [];
  private size = 0;
  private readonly chunks: Buffer[] = [];
  private chunksSize = 0;
  /** Of what is pending, before it is worth a look. */
  private wanted = 0;

  constructor(private readonly maxBytes: number) {}

  /** @throws Error when it is too long, or no HTTP answer */
  push(bytes: Buffer): void {
    if (this.answer) {
      this.isLast = true;
      return;
    }
    this.pending.push(bytes);
    this.size += bytes.length;
    if (!this.head && !this.readHead()) return;
    const { length } = this.head!;
    if (length === 'chunked') {
      if (this.size >= this.wanted) this.readChunks();
    } else if (length === 'untilClose') this.assertShort(this.size);
    else if (this.size >= length) this.finish(this.take(), length);
  }

  /** The connection is closed. @throws Error when the answer is not whole */
  end(): void {
    if (this.head?.length !== 'untilClose')
      throw new NoAnswer('the connection ended before the answer did', 'ECONNRESET');
    this.finish(this.take(), this.size);
  }

  private take(): Buffer {
    if (this.pending.length !== 1) this.pending = [Buffer.concat(this.pending, this.size)];
    return this.pending[0]!;
  }

  private drop(length: number): void {
    const rest = this.take().subarray(length);
    this.pending = [rest];
    this.size = rest.length;
  }

  private readHead(): boolean {
    const bytes = this.take();
    const end = bytes.indexOf(HEAD_END);
    if ((end === -1 ? bytes.length : end) > MAX_HEAD) throw new Error('the head of the answer is too long');
    if (end === -1) return false;
    const head = parseHead(bytes.toString('latin1', 0, end));
    this.drop(end + HEAD_END.length);
    // What comes before the answer itself, such as 103.
    if (head.status < 200) return this.readHead();
    if (typeof head.length === 'number') this.assertShort(head.length);
    this.head = head;
    this.isLast = head.isLast;
    return true;
  }

  private readChunks(): void {
    for (;;) {
      const bytes = this.take();
      const line = bytes.indexOf(LINE_END);
      if (line === -1) return this.assertShort(bytes.length);
      const size = /^([\da-f]{1,8})[ \t]*(;.*)?$/i.exec(bytes.toString('latin1', 0, line))?.[1];
      if (size === undefined) throw new Error('a chunk of the answer has no size');
      const length = parseInt(size, 16);
      const start = line + LINE_END.length;
      if (length === 0) return this.readTrailer(start);
      this.assertShort(this.chunksSize + length);
      this.wanted = start + length + LINE_END.length;
      if (bytes.length < this.wanted) return;
      this.chunks.push(bytes.subarray(start, start + length));
      this.chunksSize += length;
      this.drop(this.wanted);
      this.wanted = 0;
    }
  }

  /** After the last chunk come fields, of which nothing is read, and an empty line. */
  private readTrailer(start: number): void {
    const bytes = this.take();
    const end = bytes.indexOf(HEAD_END, start - LINE_END.length);
    if (end === -1) return this.assertShort(this.chunksSize + bytes.length);
    this.isLast ||= bytes.length > end + HEAD_END.length;
    const body = Buffer.concat(this.chunks, this.chunksSize);
    this.finish(body, body.length);
  }

  private finish(bytes: Buffer, length: number): void {
    this.isLast ||= bytes.length > length;
    this.answer = { status: this.head!.status, body: bytes.toString('utf8', 0, length) };
    this.pending = [NOTHING];
  }

  private assertShort(length: number): void {
    if (length > this.maxBytes) throw new Error(`the answer is longer than ${this.maxBytes} bytes`);
  }
}

const LENGTHS: ReadonlySet<number> = new Set(
  ['content-length', 'transfer-encoding', 'connection'].map(({ length }) => length),
);

/** @throws Error when it is none */
function parseHead(text: string): Head {
  const [, version, status] = /^HTTP\/1\.([01]) (\d{3})(?: |\r\n|$)/.exec(text) ?? [];
  if (!status) throw new Error('the answer is no HTTP/1.1');
  let [length, coding, connection]: (string | undefined)[] = [];
  for (let end = text.indexOf('\r\n'); end !== -1;) {
    const start = end + 2;
    end = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    // Most fields are of no interest, and are known by the length of their names.
    if (!LENGTHS.has(colon - start)) continue;
    const name = text.slice(start, colon).toLowerCase();
    const value = text.slice(colon + 1, end === -1 ? undefined : end).trim();
    if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (length ?? value) !== value) throw new Error('the answer has no clear length');
      length = value;
    } else if (name === 'transfer-encoding') coding = value.toLowerCase();
    else if (name === 'connection') connection = value.toLowerCase();
  }
  if (coding !== undefined && (coding !== 'chunked' || length !== undefined))
    throw new Error(`the answer has an encoding that is not read here: ${coding}`);
  const isEmpty = status === '204' || status === '304' || Number(status) < 200;
  const body = isEmpty ? 0 : coding ? 'chunked' : length === undefined ? 'untilClose' : Number(length);
  const isKept = version === '1' ? connection !== 'close' : connection === 'keep-alive';
  return { status: Number(status), length: body, isLast: !isKept || body === 'untilClose' };
}
