import { errorBody } from '../public-errors';

/** Who a verified token speaks for. What they may see, the database says. */
export interface Identity {
  /** `embedded`, or the URL of the staff's OpenID provider. */
  readonly issuer: string;
  readonly subject: string;
  readonly kind: 'staff' | 'partner';
  /** Of partner clients, sorted; a staff token's scopes mean nothing here. */
  readonly scopes: readonly string[];
  /** Milliseconds. */
  readonly expiresAt: number;
  /** Of partner clients: the tokens of a credential that was replaced at once don't count any more. 0 before the first such end. */
  readonly credential?: number;
}

/**
 * The caller isn't let in. 401: the token is missing or not valid, sign in again. 403: the token is valid, but stands for
 * no account here, or the perspective is not one of its own. Both carry the code UNAUTHENTICATED, and neither message
 * tells whether something exists.
 */
export class Refusal extends Error {
  readonly code = 'UNAUTHENTICATED';

  constructor(
    readonly status: 401 | 403,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }

  body(): string {
    return errorBody(this.code, this.message);
  }
}
