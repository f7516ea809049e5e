import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../platform/log';
import { subgraphs } from './execute/plan/subgraphs.fixture';
import { openGateway } from './open-gateway';

const servers: Server[] = [];
async function serve(handler: Parameters<typeof createServer>[1] & object): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const log = createLogger('test', 'silent');
let url: string;
beforeAll(async () => {
  const given = {
    books: {
      sdl: 'type Query { book(id: ID!): Book } type Mutation { burn(id: ID!): Boolean } type Book { title: String! }',
      resolvers: { Query: { book: () => ({ title: 'T' }) }, Mutation: { burn: () => true } },
    },
  };
  const { transports } = subgraphs(given);
  const subgraph = await serve(async (request, response) => {
    if (request.url !== '/graphs/books') return response.writeHead(404).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await transports.books!.send('', Buffer.concat(chunks).toString(), {});
    return response.writeHead(answer.status).end(answer.body);
  });
  const { supergraphSdl } = subgraphs(given, () => `${subgraph}/graphs/books`);
  url = `${await serve(openGateway({ supergraphSdl, log }))}/graphql`;
});
afterAll(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

const post = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: (await response.json()) as any };
};

it('answers by POST and by GET', async () => {
  const query = 'query Q($id: ID!) { book(id: $id) { __typename title } }';
  const wanted = { data: { book: { __typename: 'Book', title: 'T' } } };
  expect(await post({ query, variables: { id: 1 } })).toMatchObject({ status: 200, body: wanted });
  const got = await fetch(`${url}?${new URLSearchParams({ query, variables: '{"id":"1"}', operationName: 'Q' })}`);
  expect(await got.json()).toEqual(wanted);
});

it('says the type of GraphQL over HTTP to those who ask for it', async () => {
  const { type } = await post({ query: '{ __typename }' }, { accept: 'application/graphql-response+json' });
  expect(type).toContain('application/graphql-response+json');
});

it('answers introspection among other fields', async () => {
  const { body } = await post({
    query:
      '{ book(id: 1) { title } mine: __type(name: "Book") { ...N } __schema { queryType { name } } } fragment N on __Type { name }',
  });
  expect(body).toEqual({
    data: { book: { title: 'T' }, mine: { name: 'Book' }, __schema: { queryType: { name: 'Query' } } },
  });
});

it.each([
  ['no JSON', '{', 400],
  ['no query', {}, 400],
  ['a query that can not be parsed', { query: '{' }, 400],
  ['a field that there is not', { query: '{ nothing }' }, 400],
  ['a variable without value', { query: 'query($id: ID!) { book(id: $id) { title } }' }, 400],
  ['an operation that there is not', { query: 'query A { __typename }', operationName: 'B' }, 400],
  ['a batch', [], 400],
])('refuses %s', async (_case, body, status) => {
  const answer = await post(body);
  expect([answer.status, answer.body.errors.length > 0, 'data' in answer.body]).toEqual([status, true, false]);
});

describe('what was valid once is not validated again', () => {
  const TWO = 'query A { __typename } query B($id: ID!) { book(id: $id) { title } }';
  const told = async (body: object) => (await post(body)).body as { data?: unknown; errors?: { message: string }[] };

  it('and each request still gets the operation that it names, with its own variables', async () => {
    for (const _again of [1, 2, 3]) {
      expect(await told({ query: TWO, operationName: 'A' })).toEqual({ data: { __typename: 'Query' } });
      expect(await told({ query: TWO, operationName: 'B', variables: { id: 1 } })).toEqual({
        data: { book: { title: 'T' } },
      });
      expect((await told({ query: TWO, operationName: 'B' })).errors).toHaveLength(1);
      expect((await told({ query: TWO })).errors).toHaveLength(1);
      expect((await told({ query: TWO.slice(0, -1), operationName: `${TWO.slice(-1)}A` })).errors).toHaveLength(1);
    }
  });

  it('and a GET of a mutation is refused also when it came by POST before', async () => {
    const query = 'mutation { burn(id: 1) }';
    for (const _again of [1, 2]) {
      expect(await told({ query })).toEqual({ data: { burn: true } });
      expect((await fetch(`${url}?${new URLSearchParams({ query })}`)).status).toBe(405);
    }
  });
});

it('refuses other methods and types', async () => {
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
  expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
});

it('does not start when a subgraph has no address', () => {
  const { supergraphSdl } = subgraphs({ books: { sdl: 'type Query { n: Int }' } }, () => 'in-process://books');
  expect(() => openGateway({ supergraphSdl, log })).toThrow('no HTTP address of the subgraph books');
});

it('does not start in production', () => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    expect(() => openGateway({ supergraphSdl: '', log })).toThrow('knows no rights');
  } finally {
    process.env.NODE_ENV = before;
  }
});
