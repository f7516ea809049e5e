const QUOTE = 0x22;
/** What stands in a JSON string as it is, of ASCII. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => Number(code >= 0x20 && code !== QUOTE && code !== 0x5c));
/** Up to here a loop is faster than a call out of JavaScript. */
const SHORT = 128;

/**
 * Writes JSON as UTF-8, piece by piece, into one block of bytes. As text every piece would be an object of its own, and the
 * whole would be encoded once more before it is sent.
 */
export class JsonBytes {
  /** How much is written: set back to take the end away. */
  length = 0;
  private bytes: Buffer;

  /** @param expected length of the whole; it grows beyond it */
  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(expected);
  }

  /** What is written so far; good until more is written. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Bytes of JSON as they are. */
  raw(piece: Uint8Array): void {
    const { length } = piece;
    this.reserve(length);
    if (length > SHORT) this.bytes.set(piece, this.length);
    else for (let at = 0; at < length; at++) this.bytes[this.length + at] = piece[at]!;
    this.length += length;
  }

  /** A text that is JSON already. */
  json(text: string): void {
    const { length } = text;
    this.reserve(length * 3);
    if (length > SHORT) {
      this.length += this.bytes.write(text, this.length);
      return;
    }
    const { bytes } = this;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.length += bytes.write(text, this.length);
        return;
      }
      bytes[this.length + at] = code;
    }
    this.length += length;
  }

  string(text: string): void {
    const { length } = text;
    if (length > SHORT) return this.json(JSON.stringify(text));
    this.reserve(length + 2);
    const { bytes } = this;
    let to = this.length;
    bytes[to++] = QUOTE;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (PLAIN[code] !== 1) return this.json(JSON.stringify(text));
      bytes[to++] = code;
    }
    bytes[to++] = QUOTE;
    this.length = to;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
