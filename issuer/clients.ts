import type { ClientMetadata } from 'oidc-provider';
import type { PartnerClient } from './credentials';

/** Client metadata of ours: the scopes that a partner's agreement covers. */
export const API_SCOPES = 'api_scopes';
/** Client metadata of ours: of which credential the tokens are. */
export const CREDENTIAL = 'credential';

export const WEB_CLIENT = 'iep-graph-web';
export const CLI_CLIENT = 'iep-graph-cli';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export const isLoopback = (hostname: string): boolean => LOOPBACK_NAMES.includes(hostname);

/** The gateway's origin as browsers may write it: on one's own machine `localhost` and `127.0.0.1` are the same. */
export function gatewayOrigins(gatewayUrl: string): string[] {
  const { origin, protocol, hostname, port } = new URL(gatewayUrl);
  if (!isLoopback(hostname)) return [origin];
  return LOOPBACK_NAMES.map((name) => `${protocol}//${name}${port ? `:${port}` : ''}`);
}

/** Our own clients. They hold no secret: a code counts only with its PKCE verifier. */
export function firstPartyClients(gatewayUrl: string): ClientMetadata[] {
  const path = new URL(gatewayUrl).pathname.replace(/\/$/, '');
  const atGateway = (suffix: string): string[] =>
    gatewayOrigins(gatewayUrl).map((origin) => `${origin}${path}${suffix}`);
  const common = {
    token_endpoint_auth_method: 'none' as const,
    response_types: ['code' as const],
    grant_types: ['authorization_code', 'refresh_token'],
  };
  return [
    {
      ...common,
      client_id: WEB_CLIENT,
      client_name: 'IEP Graph in the browser',
      application_type: 'web',
      redirect_uris: atGateway('/signed-in'),
      post_logout_redirect_uris: [...atGateway('/'), ...atGateway('/graphql')],
    },
    {
      ...common,
      client_id: CLI_CLIENT,
      client_name: 'IEP Graph on the command line',
      // RFC 8252, 7.3: a native application listens on whatever loopback port is free.
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback'],
    },
  ];
}

/**
 * A partner agency's client: nothing but client credentials. A client has one method at the provider; while a secret gives way
 * to a key, or a key to a secret, both count, and the request says which it is.
 * @param asserts whether the client has sent an assertion (RFC 7523) in place of a secret
 */
export function partnerMetadata(client: PartnerClient, asserts: boolean): ClientMetadata {
  const { clientId, secretHashes, publicKeys, scopes, tokensFrom } = client;
  const [secretHash] = secretHashes;
  const byKey = publicKeys.length > 0 && (asserts || !secretHash);
  return {
    client_id: clientId,
    ...(byKey
      ? { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: { keys: publicKeys as never[] } }
      : // The hash, never a secret: `checkHashedSecrets` compares.
        { token_endpoint_auth_method: 'client_secret_basic' as const, client_secret: secretHash }),
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    [API_SCOPES]: scopes,
    [CREDENTIAL]: tokensFrom,
  };
}
