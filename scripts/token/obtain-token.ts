import { createHash, randomBytes } from 'node:crypto';
import { CookieJar } from './cookie-jar';

/** What the issuer gave. */
export interface TokenSet {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  scope: string | null;
  refreshToken: string | null;
}

/** Why there is no token, in words for the person at the terminal. */
export class TokenError extends Error {}

const CLIENT_ID = 'iep-graph-cli';
const REDIRECT_URI = 'http://127.0.0.1/callback';
const MAX_STEPS = 12;

interface Endpoints {
  authorization_endpoint: string;
  token_endpoint: string;
}

/** Signs a person in through the pages of the embedded issuer: authorization code with PKCE, without a browser. */
export async function signIn({
  issuer,
  username,
  password,
}: {
  issuer: string;
  username: string;
  password: string;
}): Promise<TokenSet> {
  const endpoints = await discover(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const start = new URL(endpoints.authorization_endpoint);
  start.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const callback = await walk(start, { username, password });
  if (callback.get('state') !== state) throw new TokenError('The issuer answered another sign-in than ours.');
  return requestToken(endpoints, {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    code: callback.get('code') ?? '',
    code_verifier: verifier,
  });
}

/** A partner agency's token. Without `scope`: all scopes of the client. */
export async function clientCredentials(options: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
}): Promise<TokenSet> {
  const { issuer, clientId, clientSecret, scope } = options;
  const endpoints = await discover(issuer);
  // RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
  const credentials = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return requestToken(endpoints, { grant_type: 'client_credentials', ...(scope ? { scope } : {}) }, { authorization });
}

async function discover(issuer: string): Promise<Endpoints> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await get(address, {});
  const endpoints = response.ok ? ((await response.json().catch(() => null)) as Partial<Endpoints> | null) : null;
  if (!endpoints?.authorization_endpoint || !endpoints.token_endpoint)
    throw new TokenError(`There is no OpenID provider at ${issuer} (HTTP ${response.status}).`);
  return endpoints as Endpoints;
}

/** Follows the redirects up to our own address, filling in the sign-in form once. Returns the answer's parameters. */
async function walk(start: URL, form: { username: string; password: string }): Promise<URLSearchParams> {
  const jar = new CookieJar();
  let address = start;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < MAX_STEPS; step++) {
    const sent = body;
    const response = await get(address, {
      method: sent ? 'POST' : 'GET',
      body: sent,
      redirect: 'manual',
      headers: { cookie: jar.headerFor(address), accept: 'text/html' },
    });
    jar.take(response.headers);
    body = undefined;
    const location = response.headers.get('location');
    if (location) {
      address = new URL(location, address);
      if (address.href.startsWith(`${REDIRECT_URI}?`)) return answerOf(address.searchParams);
      continue;
    }
    const page = await response.text();
    if (response.status === 429) throw new TokenError('Too many failed sign-ins. Wait some minutes.');
    if (sent)
      throw new TokenError(
        `${form.username} could not sign in: the user name and password do not match an active account.`,
      );
    if (!page.includes('data-form="sign-in"'))
      throw new TokenError(
        `${address.origin}${address.pathname} is not a sign-in page of ours (HTTP ${response.status}).`,
      );
    body = new URLSearchParams({ ...form });
  }
  throw new TokenError('The sign-in runs in circles.');
}

function answerOf(parameters: URLSearchParams): URLSearchParams {
  if (parameters.has('code')) return parameters;
  throw new TokenError(
    `The issuer refused: ${parameters.get('error_description') ?? parameters.get('error') ?? 'without a reason'}.`,
  );
}

async function requestToken(
  { token_endpoint }: Endpoints,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenSet> {
  const response = await get(token_endpoint, { method: 'POST', body: new URLSearchParams(form), headers });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (answer.error === 'invalid_client')
    throw new TokenError('The client is unknown, expired or switched off, or its secret is wrong.');
  if (!response.ok)
    throw new TokenError(
      `The issuer gave no token: ${String(answer.error_description ?? answer.error ?? `HTTP ${response.status}`)}.`,
    );
  return {
    accessToken: String(answer.access_token),
    expiresIn: Number(answer.expires_in),
    scope: answer.scope ? String(answer.scope) : null,
    refreshToken: answer.refresh_token ? String(answer.refresh_token) : null,
  };
}

async function get(address: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const cause = (error as Error & { cause?: { code?: string; errors?: { code?: string }[] } }).cause;
    const code = cause?.code ?? cause?.errors?.[0]?.code;
    if (code === 'ECONNREFUSED')
      throw new TokenError(`Nothing answers at ${new URL(address).origin}. Start the system with: npm start`);
    throw new TokenError(`${new URL(address).origin} could not be reached: ${code ?? (error as Error).message}`);
  }
}
