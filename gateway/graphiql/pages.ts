import type { IncomingMessage, ServerResponse } from 'node:http';
import { send } from '../http/send';
import type { TrustedIssuer } from '../authenticate/trusted-issuer';
import { type Asset, loadAssets } from './assets';

/** The issuer knows GraphiQL by this public client. Its redirect address is `<origin>/signed-in`. */
export const WEB_CLIENT_ID = 'iep-graph-web';

export interface PagesOptions {
  issuer: Pick<TrustedIssuer, 'url' | 'audience'>;
  demoAccounts: readonly string[];
}

export interface Pages {
  /** Answers when there is something at this path; false otherwise. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

const ASSET_PREFIX = '/graphiql/';

/** GraphiQL with a sign-in. Everything comes from here: the pages' policy lets nothing else load. */
export function createPages(options: PagesOptions): Pages {
  let assets: Promise<ReadonlyMap<string, Asset>> | null = null;
  const load = () => (assets ??= loadAssets());
  const policy = contentPolicy(options.issuer.url);

  async function page(
    response: ServerResponse,
    body: string,
    scripts: readonly string[],
    styles: readonly string[],
  ): Promise<boolean> {
    const known = await load();
    const address = (name: string) => `${ASSET_PREFIX}${name}?v=${known.get(name)!.version}`;
    const settings = { ...settingsOf(options), graphiql: address('graphiql.js') };
    const html = render(body, settings, scripts.map(address), styles.map(address));
    send(response, 200, html, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    return true;
  }

  return {
    async serve(path, request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      if (path === '/') {
        send(response, 302, '', { location: '/graphql' });
        return true;
      }
      if (path === '/graphql') return page(response, GRAPHIQL, ['account.js'], ['graphiql.css', 'account.css']);
      if (path === '/signed-in') return page(response, SIGNED_IN, ['account.js'], ['account.css']);
      const asset = path.startsWith(ASSET_PREFIX) ? (await load()).get(path.slice(ASSET_PREFIX.length)) : undefined;
      if (!asset) return false;
      sendAsset(asset, request, response);
      return true;
    },
  };
}

function sendAsset(asset: Asset, request: IncomingMessage, response: ServerResponse): void {
  const isCompressed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  send(response, 200, isCompressed ? asset.compressed : asset.content, {
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  });
}

/**
 * As strict as GraphiQL allows: its editor writes style elements and starts workers from blobs. Scripts come from files of
 * this origin only, and the one foreign address is that of the sign-in.
 */
function contentPolicy(issuerUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    'worker-src blob:',
    `connect-src 'self' ${new URL(issuerUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const GRAPHIQL = `<header id="account"><strong>IEP Graph</strong></header>
<div id="root"></div>
<noscript>GraphiQL needs JavaScript.</noscript>`;

const SIGNED_IN = `<main><h1>Signing in</h1><p id="outcome" role="status">One moment.</p><p><a href="/graphql">Back to GraphiQL</a></p></main>`;

/** What the browser needs to know. GraphiQL asks for the schema as soon as it runs: our script loads it after sign-in. */
const settingsOf = ({ issuer, demoAccounts }: PagesOptions) => ({
  issuer: issuer.url,
  audience: issuer.audience,
  clientId: WEB_CLIENT_ID,
  demoAccounts,
});

function render(body: string, settings: object, scripts: readonly string[], styles: readonly string[]): string {
  // In a data block only `<` can end it.
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IEP Graph</title>
<link rel="icon" href="data:,">
${styles.map((address) => `<link rel="stylesheet" href="${address}">`).join('\n')}
</head>
<body>
${body}
<script type="application/json" id="settings">${json}</script>
${scripts.map((address) => `<script src="${address}"></script>`).join('\n')}
</body>
</html>
`;
}
