import type * as creation from './create-issuer';
import type { Issuer, IssuerOptions } from './create-issuer';

export type { Issuer, IssuerOptions };
export { type KeyState, keyStates, retireKeys, rotateKeys } from './keys';
export { issuerDatabaseUse, issuerEntities, issuerMigrations } from './tables';
export { CLI_CLIENT, WEB_CLIENT } from './clients';

/** Starts the embedded OpenID provider. It is loaded here, not above: programs that only want its tables do without it. */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  const { createIssuer: create } = require('./create-issuer') as typeof creation;
  return create(options);
}
