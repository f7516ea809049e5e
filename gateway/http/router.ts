import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from '../../platform/log';
import type { Pages } from '../graphiql/pages';
import { errorBody, UNAVAILABLE_MESSAGE } from '../public-errors';
import type { LogFields } from './graphql-route';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id';
import { send } from './send';

type GraphQLRoute = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<LogFields>;

export interface RouterOptions {
  graphql: GraphQLRoute;
  /** GraphiQL and its sign-in; absent where there are none. */
  pages?: Pages;
  /** Handlers by path prefix, such as `/oidc`. They see the rest of the path in `url`, the whole in `originalUrl`. */
  mounts: Readonly<Record<string, RequestListener>>;
  /** On every answer, those of handlers included. */
  headers: Readonly<Record<string, string>>;
  isReady(): boolean;
  log: Logger;
}

export interface Router {
  handler: RequestListener;
  /** GraphQL requests that have no answer yet. */
  inFlight(): number;
}

/** Everything that the gateway answers over HTTP, on plain node:http. */
export function createRouter(options: RouterOptions): Router {
  const { log } = options;
  let inFlight = 0;

  const graphql = async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    const started = performance.now();
    inFlight += 1;
    try {
      const fields = await options.graphql(request, response, requestId);
      const ms = Math.round((performance.now() - started) * 10) / 10;
      log.info({ requestId, status: response.statusCode, ms, ...fields }, 'graphql');
    } finally {
      inFlight -= 1;
    }
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = requestIdOf(request);
    response.setHeader(REQUEST_ID_HEADER, requestId);
    for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const mount = mountOf(options.mounts, path);
    if (mount) return mounted(request, response, mount);
    if (path === '/health') return send(response, 200, '{"status":"ok"}');
    if (path === '/ready') return sendReadiness(response, options.isReady());
    if (path === '/graphql' && request.method === 'POST') {
      if (options.isReady()) return graphql(request, response, requestId);
      return send(response, 503, errorBody('INTERNAL', UNAVAILABLE_MESSAGE, requestId), {
        connection: 'close',
        'retry-after': '5',
      });
    }
    if (path === '/graphql') return graphqlPage(options.pages, request, response);
    if ((await options.pages?.serve(path, request, response)) !== true) {
      send(response, 404, errorBody('NOT_FOUND', 'There is nothing here.'));
    }
  };

  return {
    inFlight: () => inFlight,
    handler(request, response) {
      route(request, response).catch((error) => {
        log.error({ err: error }, 'request failed');
        send(response, 500, errorBody('INTERNAL', UNAVAILABLE_MESSAGE, String(response.getHeader(REQUEST_ID_HEADER))));
      });
    },
  };
}

/** Only POST carries operations; a browser that comes by GET wants the page. */
async function graphqlPage(
  pages: Pages | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { 'content-type': type, accept = '' } = request.headers;
  const isGet = request.method === 'GET' || request.method === 'HEAD';
  // Attack 52: an odd type would make a browser send it without asking first.
  if (isGet && type !== undefined && type !== 'application/json')
    return send(response, 415, errorBody('BAD_USER_INPUT', 'A GET has no content type.'));
  if (isGet && pages && accept.includes('text/html')) return void (await pages.serve('/graphql', request, response));
  send(response, 405, errorBody('BAD_USER_INPUT', 'Send operations by POST.'), {
    allow: 'POST',
    ...(request.complete ? {} : { connection: 'close' }),
  });
}

function sendReadiness(response: ServerResponse, isReady: boolean): void {
  send(response, isReady ? 200 : 503, JSON.stringify({ status: isReady ? 'ready' : 'not ready' }));
}

interface Mount {
  prefix: string;
  handler: RequestListener;
}

function mountOf(mounts: Readonly<Record<string, RequestListener>>, path: string): Mount | undefined {
  const prefix = Object.keys(mounts).find((one) => path === one || path.startsWith(`${one}/`));
  return prefix === undefined ? undefined : { prefix, handler: mounts[prefix]! };
}

/** As Express mounts: the handler's own paths begin after the prefix. */
function mounted(request: IncomingMessage, response: ServerResponse, { prefix, handler }: Mount): void {
  const whole = request.url ?? '/';
  const rest = whole.slice(prefix.length);
  Object.assign(request, { originalUrl: whole, baseUrl: prefix, url: rest.startsWith('/') ? rest : `/${rest}` });
  handler(request, response);
}
