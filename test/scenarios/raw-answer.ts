import type { TestSystem } from '../harness/system';

export interface RawAnswer {
  status: number;
  text: string;
  /** The body as JSON; undefined when it is none. */
  json: any;
  headers: Headers;
}

/** Posts to the gateway exactly what a test wants to say, well formed or not. */
export async function post(
  system: Pick<TestSystem, 'url'>,
  body: BodyInit,
  headers: Record<string, string> = {},
  path = '/graphql',
): Promise<RawAnswer> {
  const response = await fetch(`${system.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, text, json, headers: response.headers };
}

/** The bytes that an account gets for a query. */
export async function bytesFor(
  system: Pick<TestSystem, 'url' | 'token'>,
  who: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<string> {
  const { status, text } = await post(system, JSON.stringify({ query, variables }), {
    authorization: `Bearer ${await system.token(who)}`,
  });
  return `${status} ${text}`;
}
