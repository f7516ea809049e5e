import { z } from 'zod';
import {
  address,
  notUsable,
  readMap,
  readOwnSettings,
  readSettings,
  required,
  type Settings,
  wholeNumber,
} from '../platform/config';
import type { TrustedIssuer } from './authenticate/trusted-issuer';
import type { CircuitOptions } from './transport/circuit';

/** Variables that only a gateway process of its own has, beside those of platform/config. */
export const gatewaySettings = {
  SUPERGRAPH: z
    .string()
    .default('schema/supergraph.graphql')
    .describe('Gateway only: file of the composed supergraph.'),
  EMBEDDED_ISSUER: address()
    .optional()
    .describe(
      'Gateway only: address of the embedded OpenID provider as its tokens name it (`iss`). Always needed for partner agencies.',
    ),
  EMBEDDED_JWKS_URI: address()
    .optional()
    .describe('Gateway only: keys of the embedded provider, when the gateway reaches it at another address.'),
  CIRCUIT_FAILURES: wholeNumber(1, 1_000_000)
    .default(5)
    .describe('Gateway only: so many calls in a row to a subgraph without an answer, and it is not asked for a while.'),
  CIRCUIT_SECONDS: wholeNumber(1, 300)
    .default(2)
    .describe('Gateway only: that while. Then one call tries. Each gateway process decides for itself.'),
  DEMO_ACCOUNTS: z
    .string()
    .optional()
    .describe(
      'Gateway only: user names that the sign-in of GraphiQL offers, comma-separated; with any of them, the header `x-explain` is heeded. Ignored in production.',
    ),
} as const;

export interface GatewayConfig {
  settings: Settings;
  supergraphFile: string;
  subgraphUrls: Record<string, string>;
  principalKeys: Record<string, Uint8Array>;
  serviceKey: string;
  circuit: Pick<CircuitOptions, 'failures' | 'pauseMs'>;
  issuers: TrustedIssuer[];
  development: boolean;
  demoAccounts: string[];
}

const MIN_KEY_LENGTH = 32;

const isAddress = (url: string): boolean => address().safeParse(url).success;

/**
 * Reads and checks the environment of a gateway process.
 *
 * @throws Error with one readable line per faulty variable
 */
export function readGatewayConfig(env: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const settings = readSettings(env);
  const own = readOwnSettings(gatewaySettings, env);
  const subgraphUrls = readMap(required(settings, 'SUBGRAPH_URLS'), 'SUBGRAPH_URLS');
  const secrets = readMap(required(settings, 'PRINCIPAL_KEYS'), 'PRINCIPAL_KEYS');
  const faults = [
    ...Object.entries(subgraphUrls).flatMap(([name, url]) =>
      isAddress(url) ? [] : [`SUBGRAPH_URLS: ${name} is not a URL of http or https`],
    ),
    ...Object.keys(subgraphUrls).flatMap((name) => (secrets[name] ? [] : [`PRINCIPAL_KEYS: has none for ${name}`])),
    ...Object.entries(secrets).flatMap(([name, secret]) =>
      secret.length < MIN_KEY_LENGTH ? [`PRINCIPAL_KEYS: ${name} must have at least ${MIN_KEY_LENGTH} characters`] : [],
    ),
    ...(subgraphUrls.students ? [] : ['SUBGRAPH_URLS: students is needed, it knows the accounts']),
    ...(settings.OIDC_ISSUER || own.EMBEDDED_ISSUER
      ? []
      : ['EMBEDDED_ISSUER: nobody could sign in without it or OIDC_ISSUER']),
  ];
  if (faults.length > 0) throw notUsable(faults);
  const development = settings.NODE_ENV !== 'production';
  return {
    settings,
    supergraphFile: own.SUPERGRAPH,
    subgraphUrls,
    principalKeys: Object.fromEntries(
      Object.entries(secrets).map(([name, secret]) => [name, new TextEncoder().encode(secret)]),
    ),
    serviceKey: required(settings, 'SERVICE_KEY'),
    circuit: { failures: own.CIRCUIT_FAILURES, pauseMs: own.CIRCUIT_SECONDS * 1_000 },
    issuers: trustedIssuers(settings, own),
    development,
    demoAccounts: development
      ? (own.DEMO_ACCOUNTS ?? '')
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean)
      : [],
  };
}

type OwnSettings = z.infer<z.ZodObject<typeof gatewaySettings>>;

function trustedIssuers(settings: Settings, own: OwnSettings): TrustedIssuer[] {
  const audience = settings.OIDC_AUDIENCE;
  const issuers: TrustedIssuer[] = [];
  if (own.EMBEDDED_ISSUER)
    issuers.push({ url: own.EMBEDDED_ISSUER, jwksUri: own.EMBEDDED_JWKS_URI, audience, embedded: true });
  if (settings.OIDC_ISSUER)
    issuers.push({ url: settings.OIDC_ISSUER, jwksUri: settings.OIDC_JWKS_URI, audience, embedded: false });
  return issuers;
}
