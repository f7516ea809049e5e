import type { IncomingMessage } from 'node:http';
import type { RequestLimits } from '../limits';
import type { RequestState } from '../request-state';
import { announcedLength, HttpRefusal, type Pace, tooLarge } from './body';

interface Place {
  /** How much of the body is read. */
  maxBytes: number;
  /** How fast it has to come. */
  pace?: Pace;
  leave(): void;
}

const SMALL: Pick<Place, 'leave'> = { leave: () => undefined };

/**
 * Bodies that are larger than anybody may send: scanned signed copies (SEIS-53). They are taken from signed-in staff who may
 * write, never from partners; they announce their length, and few are in memory at a time, so that none of the small ones waits.
 * Nobody has more than one of the few places, and a body that trickles loses its own: one caller can't keep the others out.
 */
export class Uploads {
  /** Who has a place. */
  private readonly taken = new Set<string>();

  constructor(private readonly limits: RequestLimits) {}

  /**
   * Looks at the headers alone, before anything is verified or read.
   *
   * @throws HttpRefusal (413) for what is too large for everybody, and for what is large and comes without a token
   */
  assertWelcome(request: IncomingMessage): void {
    const { bodyBytes, uploadBytes } = this.limits;
    const length = announcedLength(request);
    if (length > bodyBytes && !request.headers.authorization) throw tooLarge(bodyBytes);
    if (length > Math.max(bodyBytes, uploadBytes)) throw tooLarge(Math.max(bodyBytes, uploadBytes));
  }

  /**
   * How much of the body is read now that its sender is known. A large one takes a place until it is answered.
   *
   * @throws HttpRefusal (413) when it is larger than this caller may send, (429) when all places are taken, or this caller has one
   */
  admit(request: IncomingMessage, { identity, principal }: Pick<RequestState, 'identity' | 'principal'>): Place {
    const { bodyBytes, uploadBytes, uploadsAtOnce, uploadPace } = this.limits;
    if (announcedLength(request) <= bodyBytes) return { maxBytes: bodyBytes, ...SMALL };
    if (identity.kind !== 'staff' || principal.readOnly) throw tooLarge(bodyBytes);
    const caller = JSON.stringify([identity.issuer, identity.subject]);
    if (this.taken.has(caller))
      throw comeAgain('Another large file of yours is being taken in: send one after the other.');
    if (this.taken.size >= uploadsAtOnce)
      throw comeAgain('Several large files are being taken in at this moment: try again soon.');
    this.taken.add(caller);
    return { maxBytes: uploadBytes, pace: uploadPace, leave: () => void this.taken.delete(caller) };
  }

  /**
   * Large is what variables hold. Texts of operations are parsed, hashed and remembered, so theirs is the limit of everybody.
   *
   * @throws HttpRefusal (413)
   */
  assertShortText({ query, operationName }: Record<string, unknown>): void {
    const { textLength } = this.limits;
    for (const text of [query, operationName])
      if (typeof text === 'string' && text.length > textLength)
        throw new HttpRefusal(
          413,
          `The operation is longer than ${textLength} characters: send large values as variables.`,
        );
  }
}

const comeAgain = (message: string) => new HttpRefusal(429, message, { 'retry-after': '2' }, 'RATE_LIMITED');
