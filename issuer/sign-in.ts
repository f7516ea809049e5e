import { errors, type Interaction, type InteractionResults } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Logger } from '../platform/log';
import type { Credentials } from './credentials';
import type { FailedAttempts } from './failed-attempts';
import { confirmPage, errorPage, type Page, pageHeaders, renderPage, signInPage } from './pages';

/** Request and answer as the provider's server sees them. */
export type Context = ReturnType<Provider['createContext']>;
type Middleware = (ctx: Context, next: () => Promise<unknown>) => Promise<unknown>;

const ROUTE = /^\/interaction\/([\w-]{1,64})$/;
const MAX_FORM_BYTES = 8 * 1024;

/** Never says which part was wrong, nor whether the account exists or is inactive. */
const WRONG = 'That user name and password do not match an active account.';

export interface SignInOptions {
  provider: Provider;
  credentials: Credentials;
  attempts: FailedAttempts;
  log: Logger;
}

/** Sends a page of ours. */
export function sendPage(ctx: Context, page: Page): void {
  ctx.status = page.status;
  ctx.type = 'html';
  ctx.set(pageHeaders(page));
  ctx.body = renderPage(page);
}

/** The pages between an authorization request and its answer: sign-in, and consent, which our own clients have beforehand. */
export function signInRoutes(options: SignInOptions): Middleware {
  return async (ctx, next) => {
    const uid = ROUTE.exec(ctx.path)?.[1];
    if (!uid || !(ctx.method === 'GET' || ctx.method === 'POST')) return next();
    try {
      const interaction = await options.provider.interactionDetails(ctx.req, ctx.res);
      if (interaction.uid !== uid) throw new errors.SessionNotFound('interaction and cookie differ');
      await (ctx.method === 'GET' ? show(ctx, interaction, options) : submit(ctx, interaction, options));
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      sendPage(ctx, errorPage(400, 'This sign-in is no longer open. Go back to the application and start again.'));
    }
  };
}

async function show(ctx: Context, interaction: Interaction, options: SignInOptions): Promise<void> {
  const application = await applicationName(interaction, options);
  const formTargets = formTargetsOf(interaction);
  if (interaction.prompt.name === 'login')
    return sendPage(ctx, signInPage({ application, username: loginHint(interaction), formTargets }));
  if (wantsConfirmation(interaction)) return sendPage(ctx, confirmPage(application, formTargets));
  await grantAll(ctx, interaction, options);
}

async function submit(ctx: Context, interaction: Interaction, options: SignInOptions): Promise<void> {
  const form = await readForm(ctx);
  if (!form) return sendPage(ctx, errorPage(400, 'The form could not be read. Go back and try again.'));
  if (form.has('cancel'))
    return finish(ctx, { error: 'access_denied', error_description: 'The sign-in was cancelled.' }, options);
  if (interaction.prompt.name === 'login') return checkPassword(ctx, form, interaction, options);
  await grantAll(ctx, interaction, options);
}

async function checkPassword(
  ctx: Context,
  form: URLSearchParams,
  interaction: Interaction,
  options: SignInOptions,
): Promise<void> {
  const { credentials, attempts, log } = options;
  const username = (form.get('username') ?? '').trim();
  const again = async (error: string, status: number): Promise<void> =>
    sendPage(
      ctx,
      signInPage({
        application: await applicationName(interaction, options),
        username,
        error,
        status,
        formTargets: formTargetsOf(interaction),
      }),
    );

  const wait = await attempts.begin(username, ctx.ip);
  if (wait > 0) {
    log.warn({ address: ctx.ip }, 'too many failed sign-ins');
    ctx.set('retry-after', String(wait));
    return again(`Too many attempts. Try again in ${Math.ceil(wait / 60)} minutes.`, 429);
  }
  const accountId = await credentials.verifyPassword(username, form.get('password') ?? '');
  if (!accountId) {
    log.info({ address: ctx.ip }, 'sign-in refused');
    return again(WRONG, 422);
  }
  await attempts.succeeded(username, ctx.ip);
  log.info({ accountId, address: ctx.ip }, 'signed in');
  // A shared computer in a school forgets the session when the browser is closed.
  await finish(ctx, { login: { accountId, remember: false, amr: ['pwd'] } }, options);
}

/** A native application that did not just ask for the password. */
const wantsConfirmation = ({ prompt, lastSubmission }: Interaction): boolean =>
  prompt.reasons.includes('native_client_prompt') && !lastSubmission?.login;

/** Our own clients get what they ask for: what an account may do is not decided by consent. */
async function grantAll(ctx: Context, interaction: Interaction, options: SignInOptions): Promise<void> {
  const { provider } = options;
  const { grantId, session, params, prompt } = interaction;
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  const grant = known ?? new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
  const { missingOIDCScope, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
    grant.addResourceScope(resource, scopes.join(' '));
  await finish(ctx, { consent: { grantId: await grant.save() } }, options);
}

async function finish(ctx: Context, result: InteractionResults, { provider }: SignInOptions): Promise<void> {
  const returnTo = await provider.interactionResult(ctx.req, ctx.res, result, {
    mergeWithLastSubmission: Boolean(result.consent),
  });
  ctx.redirect(returnTo);
  ctx.status = 303;
}

async function applicationName({ params }: Interaction, { provider }: SignInOptions): Promise<string> {
  const client = await provider.Client.find(String(params.client_id));
  return client?.clientName ?? 'IEP Graph';
}

const loginHint = ({ params }: Interaction): string =>
  typeof params.login_hint === 'string' ? params.login_hint.slice(0, 200) : '';

/** Where the answer goes when the form has been accepted: the (checked) redirect address of the client. */
function formTargetsOf({ params }: Interaction): string[] {
  const origin = URL.canParse(String(params.redirect_uri)) ? new URL(String(params.redirect_uri)).origin : 'null';
  return origin === 'null' ? [] : [origin];
}

async function readForm(ctx: Context): Promise<URLSearchParams | null> {
  if (!ctx.is('application/x-www-form-urlencoded')) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req) {
    size += (chunk as Buffer).length;
    if (size > MAX_FORM_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
