import type { JWTVerifyGetKey } from 'jose';

/** An OpenID provider whose access tokens we accept. */
export interface TrustedIssuer {
  /** The exact `iss` of its tokens. */
  readonly url: string;
  /** The audience that an access token must carry. */
  readonly audience: string;
  /** Where its keys are; by default found through discovery, at the first token. */
  readonly jwksUri?: string;
  /** Our own provider: the only one whose claims `kind` and `scope` count. */
  readonly embedded: boolean;
  /** Instead of fetching keys: of the same process, or of a test. */
  readonly keys?: JWTVerifyGetKey;
}
