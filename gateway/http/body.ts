import type { IncomingMessage } from 'node:http';
import { errorBody, type PublicCode } from '../public-errors';

/** A request that is answered before it becomes an operation. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Record<string, string> = {},
    readonly code: PublicCode = 'BAD_USER_INPUT',
  ) {
    super(message);
    this.name = 'HttpRefusal';
  }

  body(requestId: string): string {
    return errorBody(this.code, this.message, this.code === 'INTERNAL' ? requestId : undefined);
  }
}

/**
 * Looks at the headers alone: plain JSON in UTF-8 or nothing. What is compressed is refused unread, so there is nothing
 * to inflate (attack 53).
 *
 * @throws HttpRefusal (415)
 */
export function assertPlainJson({ headers }: IncomingMessage): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isUtf8 = parameters.every((parameter) => !parameter || /^charset="?utf-?8"?$/.test(parameter));
  if (type !== 'application/json' || !isUtf8) throw new HttpRefusal(415, 'Send application/json in UTF-8.');
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new HttpRefusal(415, 'Send the body without content encoding.');
}

/** The length that a body announces; 0 when it comes in pieces, unannounced. */
export const announcedLength = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** How fast a body has to come: after the first moment, at no time less of it than this rate. */
export interface Pace {
  graceMs: number;
  bytesPerSecond: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The GraphQL request of a body.
 *
 * @throws HttpRefusal (413, 400) when it is too long, no JSON, a batch (attack 31) or no object; (429) when it comes too slowly
 */
export async function readOperation(
  request: IncomingMessage,
  maxBytes: number,
  pace?: Pace,
): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request, maxBytes, pace);
  let body: unknown;
  let text: string;
  let isHalf: boolean;
  if (bytes.length > LARGE && structureOf(bytes) > MAX_STRUCTURE)
    throw new HttpRefusal(413, 'A large body is for a large text, such as a scan: this one holds too many values.');
  try {
    text = utf8.decode(bytes);
    body = JSON.parse(text);
    isHalf = holdsHalfCharacter(text);
  } catch {
    throw new HttpRefusal(400, 'The body is not JSON.');
  }
  if (isHalf) throw new HttpRefusal(400, 'The body holds half of a character: send whole ones.');
  if (Array.isArray(body)) throw new HttpRefusal(400, 'Send one operation per request.');
  if (typeof body !== 'object' || body === null)
    throw new HttpRefusal(400, 'The body must be a JSON object with a query.');
  return body as Record<string, unknown>;
}

/** From here on a body is judged by its structure first: values cost a hundred times what the bytes of one text do. */
const LARGE = 1024 * 1024;
const MAX_STRUCTURE = 20_000;
const STRUCTURAL = new Set([...'[{,\\'].map((sign) => sign.charCodeAt(0)));

/** How many signs of JSON's structure, and escapes, the bytes hold; base64 has none of them. */
function structureOf(bytes: Buffer): number {
  let found = 0;
  for (const byte of bytes) if (STRUCTURAL.has(byte)) found += 1;
  return found;
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** JSON can write half of a surrogate pair, as an escape. No database and no other program takes such a text. */
function holdsHalfCharacter(json: string): boolean {
  if (!SURROGATE_ESCAPE.test(json)) return false;
  let found = false;
  JSON.parse(json, (key, value) => {
    found ||= LONE_SURROGATE.test(key) || (typeof value === 'string' && LONE_SURROGATE.test(value));
    return value;
  });
  return found;
}

async function readBytes(request: IncomingMessage, maxBytes: number, pace?: Pace): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let watch: NodeJS.Timeout | undefined;
  // Not an iterator: leaving one destroys the socket before the refusal is sent.
  return new Promise<Buffer>((resolve, reject) => {
    // Its events are over when it went away while its sender was being looked up: nobody would ever answer.
    if (request.destroyed) return reject(new HttpRefusal(400, 'The request ended early.'));
    if (pace) watch = watchPace(pace, () => size, reject);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.readableEnded) reject(new HttpRefusal(400, 'The request ended early.'));
    });
  }).finally(() => clearInterval(watch));
}

/** Refuses a body that falls behind its pace. The rate and the largest length are also a limit of time for the whole. */
function watchPace(
  { graceMs, bytesPerSecond }: Pace,
  received: () => number,
  refuse: (refusal: HttpRefusal) => void,
): NodeJS.Timeout {
  const started = performance.now();
  return setInterval(() => {
    const due = ((performance.now() - started - graceMs) / 1000) * bytesPerSecond;
    if (received() >= due) return;
    const message = `A large body must come with at least ${bytesPerSecond} bytes per second: try again on a faster connection.`;
    refuse(new HttpRefusal(429, message, { 'retry-after': '30' }, 'RATE_LIMITED'));
  }, 100);
}

export const tooLarge = (maxBytes: number) => new HttpRefusal(413, `The body is larger than ${maxBytes} bytes.`);
