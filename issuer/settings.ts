import { address, readOwnSettings, readSettings, required, type Settings } from '../platform/config';

/** Variables that only an issuer process of its own has, beside those of platform/config. */
export const issuerSettings = {
  EMBEDDED_ISSUER: address('is needed, an address such as http://localhost:4005/oidc').describe(
    'Address that browsers reach the issuer at, `iss` of its tokens. The same string at the gateway.',
  ),
} as const;

export interface IssuerSettings {
  settings: Settings;
  issuerUrl: string;
  gatewayUrl: string;
  trustProxy: boolean;
}

/**
 * Reads and checks the environment of an issuer process.
 * @throws Error with one readable line per faulty variable
 */
export function readIssuerSettings(env: NodeJS.ProcessEnv = process.env): IssuerSettings {
  const settings = readSettings(env);
  const own = readOwnSettings(issuerSettings, env);
  return {
    settings,
    issuerUrl: own.EMBEDDED_ISSUER,
    gatewayUrl: required(settings, 'PUBLIC_URL'),
    trustProxy: settings.TRUST_PROXY === 'yes',
  };
}
