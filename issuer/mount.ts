import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from './clients';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** The path below which the issuer lives: `/oidc` for `http://host/oidc`, empty at the root. */
export const mountPath = (issuerUrl: string): string => new URL(issuerUrl).pathname.replace(/\/$/, '');

/**
 * Lets the provider see its public address, wherever it is mounted: at the root of its own server, below a path of another
 * one, and whether or not that one has cut the path off `request.url`.
 *
 * Scheme and host of every address that it writes come from the configured issuer, not from the request, so that a forged
 * `Host` header changes nothing. On one's own machine the loopback names stay as the browser wrote them (cookies are per host).
 */
export function mounted(handler: HttpHandler, issuerUrl: string, trustProxy: boolean): HttpHandler {
  const issuer = new URL(issuerUrl);
  const mount = mountPath(issuerUrl);
  const hostOf = (request: IncomingMessage): string => {
    const asked = request.headers.host ?? '';
    return isLoopback(issuer.hostname) && isLoopback(asked.replace(/:\d+$/, '')) ? asked : issuer.host;
  };
  return (request, response) => {
    const incoming = request as IncomingMessage & { originalUrl?: string };
    const url = incoming.url ?? '/';
    const below = mount !== '' && isBelow(url, mount) ? url.slice(mount.length) || '/' : url;
    incoming.url = below.startsWith('/') ? below : `/${below}`;
    incoming.originalUrl = `${mount}${incoming.url}`;
    incoming.headers['x-forwarded-host'] = hostOf(request);
    incoming.headers['x-forwarded-proto'] = issuer.protocol.replace(':', '');
    if (!trustProxy) delete incoming.headers['x-forwarded-for'];
    handler(incoming, response);
  };
}

const isBelow = (url: string, mount: string): boolean =>
  url.startsWith(mount) && ['/', '?', undefined].includes(url[mount.length]);
