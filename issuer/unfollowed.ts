import type { AsyncLocalStorage } from 'node:async_hooks';
// @ts-expect-error The package has no types for a file of its own.
import context from 'oidc-provider/lib/helpers/als.js';
import type { HttpHandler } from './mount';

/** What the provider follows its requests with. */
export const followed = context as AsyncLocalStorage<unknown>;

/** Of all providers: they follow by the same one, and beside a new one, with other keys, an old one finishes its requests. */
let underWay = 0;

/**
 * Ends the following of asynchronous work as soon as none of the provider's requests is under way. Before node 24, whoever has used
 * an AsyncLocalStorage once pays for it at every promise of the process: a tenth of a request to the gateway beside it.
 */
export function unfollowed(handler: (...args: Parameters<HttpHandler>) => unknown): HttpHandler {
  return (request, response) => {
    underWay++;
    // Whether or not the client still waits: the provider finishes what it has begun.
    void Promise.resolve(handler(request, response)).finally(() => {
      if (--underWay === 0) followed.disable();
    });
  };
}
