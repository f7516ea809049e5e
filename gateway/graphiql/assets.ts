import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file that the pages load. Its address carries its hash, so browsers may keep it. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly content: Buffer;
  readonly compressed: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Our own script and style, and GraphiQL's taken out of the one page that its package renders. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const graphiql = await takeApart();
  const own = (name: string) => readFileSync(join(__dirname, name), 'utf8');
  const assets = await Promise.all([
    asset('account.js', own('account.browser.js')),
    asset('account.css', ACCOUNT_STYLE),
    asset('graphiql.js', graphiql.script),
    asset('graphiql.css', graphiql.style),
  ]);
  return new Map(assets.map((one) => [one.name, one]));
}

/**
 * The package renders one page of nine megabytes with everything inline. Taken apart, the script and style can be kept by
 * the browser, and the page needs no inline script, so its security policy can forbid them. The script only defines
 * `YogaGraphiQL`: our own one calls it, after sign-in.
 */
async function takeApart(): Promise<{ script: string; style: string }> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL();
  return {
    style: between(html, '<style>', html.indexOf('</style>')),
    script: between(html, '<script>', html.lastIndexOf('YogaGraphiQL.renderYogaGraphiQL(')),
  };
}

function between(html: string, start: string, end: number): string {
  const at = html.indexOf(start);
  if (at < 0 || end < at) throw new Error('The page of @graphql-yoga/render-graphiql has another shape than expected');
  return html.slice(at + start.length, end);
}

async function asset(name: string, text: string): Promise<Asset> {
  const content = Buffer.from(text);
  const version = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  return { name, type: TYPES[name.split('.').pop()!]!, version, content, compressed: await promisify(gzip)(content) };
}

const ACCOUNT_STYLE = `
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: system-ui, sans-serif; }
#root { flex: 1; min-height: 0; overflow: hidden; }
#root:has(main) { overflow: auto; }
#root .graphiql-container { height: 100% !important; min-height: 0; }
#account { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; padding: .4rem .9rem; background: #1f3a5f; color: #fff; font-size: .9rem; }
#account strong { margin-right: auto; }
#account button, #account select { font: inherit; padding: .2rem .7rem; border: 1px solid #9db4d0; border-radius: 4px; background: #fff; color: #1f3a5f; }
#account button:focus-visible, #account select:focus-visible { outline: 3px solid #ffd166; outline-offset: 1px; }
main { margin: 3rem auto; max-width: 34rem; padding: 0 1rem; line-height: 1.5; }
main form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin: 1rem 0; }
main button, main select, main input { font: inherit; padding: .35rem .8rem; border: 1px solid #6b7f99; border-radius: 4px; background: #fff; color: #1f3a5f; }
main button { background: #1f3a5f; color: #fff; }
main input { flex: 1; min-width: 12rem; }
main :focus-visible { outline: 3px solid #b35c00; outline-offset: 1px; }
main [role=alert]:not(:empty) { padding: .5rem .8rem; border-left: 4px solid #b3261e; background: #fdecea; }
`;
