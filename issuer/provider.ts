import Provider, {
  type ClientMetadata,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database/database';
import { API_SCOPES, CREDENTIAL, firstPartyClients, gatewayOrigins, partnerMetadata } from './clients';
import type { Credentials } from './credentials';
import type { FailedAttempts } from './failed-attempts';
import { type IssuerKeys, SIGNING_ALGORITHM } from './keys';
import { LIFETIME, MINUTE, WORKING_DAY } from './lifetimes';
import { mountPath } from './mount';
import { errorPage, signedOutPage, signOutPage } from './pages';
import { PayloadAdapter } from './payload-adapter';
import { sendPage } from './sign-in';

export interface ProviderOptions {
  issuerUrl: string;
  gatewayUrl: string;
  audience: string;
  database: Database;
  clock: Clock;
  keys: IssuerKeys;
  credentials: Credentials;
  /** Counts wrong client secrets. */
  clientAttempts: FailedAttempts;
}

/** The OpenID provider, configured: what is not listed here is off. */
export function buildProvider(options: ProviderOptions): Provider {
  const { issuerUrl, gatewayUrl, keys, credentials } = options;
  const origins = gatewayOrigins(gatewayUrl);
  const configuration: Configuration = {
    adapter: adapterFor(options) as Configuration['adapter'],
    clients: firstPartyClients(gatewayUrl),
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    // Asymmetric only: with a shared secret among them, a public key could be used as one.
    enabledJWA: { clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] },
    assertJwtClientAuthClaimsAndHeader: assertShortLived,
    extraClientMetadata: { properties: [API_SCOPES, CREDENTIAL] },
    jwks: { keys: keys.signing },
    cookies: cookies(issuerUrl, keys),
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    ttl: lifetimes(),
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => true,
    // Of the client as it was read before its credential was looked at: a replacement in between makes the token one of before.
    extraTokenClaims: async (_ctx, token) =>
      token.kind === 'ClientCredentials'
        ? { kind: 'partner', [CREDENTIAL]: token.client?.[CREDENTIAL] }
        : { kind: 'staff' },
    findAccount: async (_ctx, accountId) =>
      (await credentials.isActive(accountId)) ? { accountId, claims: async () => ({ sub: accountId }) } : undefined,
    interactions: { policy: signInPolicy(), url: (_ctx, { uid }) => `${mountPath(issuerUrl)}/interaction/${uid}` },
    clientBasedCORS: (_ctx, origin) => origins.includes(origin),
    renderError: async (ctx, out) =>
      sendPage(
        ctx,
        errorPage(ctx.status, `${out.error_description ?? 'The request was not understood.'} (${out.error})`),
      ),
    features: features(options, origins),
  };
  const provider = new Provider(issuerUrl, configuration);
  provider.proxy = true;
  // Only the nearest proxy's word counts: what stands before it in X-Forwarded-For comes from the client.
  provider.maxIpsCount = 1;
  checkHashedSecrets(provider, options);
  return provider;
}

function features(options: ProviderOptions, origins: string[]): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    userinfo: { enabled: false },
    clientCredentials: { enabled: true },
    revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (ctx, form) => sendPage(ctx, signOutPage(form, origins)),
      postLogoutSuccessSource: async (ctx) => sendPage(ctx, signedOutPage()),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => options.audience,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource, client) => {
        if (resource !== options.audience) throw new errors.InvalidTarget();
        const scopes = (client[API_SCOPES] as string[] | undefined) ?? [];
        applyScopes(ctx, scopes);
        return {
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: SIGNING_ALGORITHM } },
        };
      },
    },
  };
}

/**
 * A partner that names no scope gets all of its own (RFC 6749, 3.3); one that names none of its own gets no token, rather
 * than one whose missing scope somebody might read as "everything".
 */
function applyScopes({ oidc }: KoaContextWithOIDC, scopes: string[]): void {
  const params = oidc.params as { grant_type?: string; scope?: string };
  if (params.grant_type !== 'client_credentials') return;
  params.scope ||= scopes.join(' ') || undefined;
  const asked = params.scope?.split(' ') ?? [];
  if (!asked.some((scope) => scopes.includes(scope)))
    throw new errors.InvalidScope('none of these scopes is granted to this client', params.scope ?? '');
}

/** An assertion is remembered until it ends, so it has to end soon; a client makes one for each token. */
async function assertShortLived(_ctx: KoaContextWithOIDC, { exp = Infinity }: { exp?: number }): Promise<void> {
  if (exp > Date.now() / 1_000 + LIFETIME.assertion)
    throw new errors.InvalidClientAuth(`an assertion ends within ${LIFETIME.assertion / MINUTE} minutes`);
}

type Assertion = Parameters<PayloadAdapter['insert']>;

/** Partner clients come from the view that `students` publishes, at every use; everything else from the provider's own table. */
function adapterFor({ database, clock, credentials }: ProviderOptions) {
  return (kind: string) => {
    const payloads = new PayloadAdapter(kind, database, clock);
    if (kind === 'ReplayDetection')
      return Object.assign(payloads, { upsert: (...assertion: Assertion) => payloads.insert(...assertion) });
    if (kind !== 'Client') return payloads;
    return Object.assign(payloads, {
      find: async (clientId: string): Promise<ClientMetadata | undefined> => {
        const client = await credentials.partnerClient(clientId);
        const asserts = Provider.ctx?.oidc?.params?.client_assertion !== undefined;
        return client ? partnerMetadata(client, asserts) : undefined;
      },
    });
  };
}

/** Secrets are stored hashed. The provider compares plain texts unless told otherwise (its documented way to do so). */
function checkHashedSecrets(provider: Provider, { credentials, clientAttempts: attempts }: ProviderOptions): void {
  provider.Client.prototype.compareClientSecret = async function (secret: string): Promise<boolean> {
    const address = Provider.ctx?.ip ?? '';
    if ((await attempts.begin(this.clientId, address)) > 0) return false;
    const matches = await credentials.verifyClientSecret(this.clientId, secret);
    if (matches) await attempts.succeeded(this.clientId, address);
    return matches;
  };
}

/** Asks for the password again when the account has been switched off, or after a working day. */
function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.get('login')!.checks.add(
    new interactionPolicy.Check('stale_session', 'The session has ended.', 'login_required', ({ oidc }) => {
      const { session } = oidc;
      return Boolean(session?.accountId) && (!oidc.account || Boolean(session?.past(WORKING_DAY)));
    }),
  );
  return policy;
}

function lifetimes(): Configuration['ttl'] {
  return {
    AccessToken: LIFETIME.staffToken,
    ClientCredentials: LIFETIME.partnerToken,
    AuthorizationCode: LIFETIME.code,
    IdToken: LIFETIME.staffToken,
    Interaction: LIFETIME.signInPage,
    Session: WORKING_DAY,
    // A rotated token does not start a new day.
    RefreshToken: (ctx) => Math.max(1, ctx?.oidc.entities.RotatedRefreshToken?.remainingTTL ?? WORKING_DAY),
    Grant: 2 * WORKING_DAY,
  };
}

function cookies(issuerUrl: string, { cookie }: IssuerKeys): Configuration['cookies'] {
  return {
    keys: cookie,
    names: { session: 'oidc_session', interaction: 'oidc_interaction', resume: 'oidc_resume' },
    long: { httpOnly: true, sameSite: 'lax', path: mountPath(issuerUrl) || '/' },
    short: { httpOnly: true, sameSite: 'lax' },
  };
}
