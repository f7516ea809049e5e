/** The real gateway over in-process subgraphs of a random graph, which remember what they were asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  getNamedType,
  type GraphQLSchema,
  parse,
  parseType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createGateway, inProcessTransport } from '../../../gateway/create-gateway';
import { composeGraph } from '../../../gateway/schema/compose';
import { createLogger } from '../../../platform/log';
import type { RandomGraph } from './random-graph';
import type { RandomOperation } from './random-operation';
import type { Who } from './reference';
import { type Thing, World } from './world';

const ISSUER = 'http://issuer.test/oidc';
const AUDIENCE = 'urn:iep-graph:api';

export interface Answer {
  data: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: { code: string; argumentPath?: string[] } }[];
}
export interface RandomGateway {
  /** @param subject one subject is one caller, with rights of its own */
  ask(subject: string, who: Who, operation: RandomOperation): Promise<{ answer: Answer; fetched: string[] }>;
  stop(): Promise<void>;
}

let keys: ReturnType<typeof generateKeyPair> | undefined;

/** @param planted changes the supergraph that is served, to plant a leak */
export async function startRandomGateway(
  graph: RandomGraph,
  planted: (supergraph: string) => string = (same) => same,
): Promise<RandomGateway> {
  const { supergraph } = composeGraph(Object.entries(graph.sdls).map(([name, sdl]) => ({ name, sdl })));
  const callers = new Map<string, Who>();
  const fetched: string[] = [];
  const world = new World(graph);
  const { privateKey, publicKey } = await (keys ??= generateKeyPair('ES256'));
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const principalKey = new TextEncoder().encode('k'.repeat(40));
  const transport = (name: 'students' | 'iep') =>
    inProcessTransport({ handle: subgraphHandler(buildSubgraph(graph.sdls[name]), world, callers, fetched) });
  const gateway = await createGateway({
    supergraphSdl: planted(supergraph),
    transports: { students: transport('students'), iep: transport('iep') },
    principalKeys: { students: principalKey, iep: principalKey },
    serviceKey: 's'.repeat(40),
    issuers: [{ url: ISSUER, audience: AUDIENCE, embedded: true, keys: createLocalJWKSet({ keys: [jwk] }) }],
    development: true,
    log: createLogger('oracle', process.env.TEST_LOG ?? 'silent'),
    limits: {
      cost: Infinity,
      aliases: 5_000,
      directives: 5_000,
      fields: 50_000,
      depth: 100,
      rootFields: 500,
      tokens: 100_000,
    },
    rates: { accountPoints: 1e12, addressPoints: 1e12 },
  });
  const server = createServer(gateway.handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;

  return {
    async ask(subject, who, { text: query, variables, operationName }) {
      callers.set(subject, who);
      fetched.length = 0;
      const token = await new SignJWT({ kind: 'staff', sub: subject })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setExpirationTime('5m')
        .sign(privateKey);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables, operationName }),
      });
      return { answer: (await response.json()) as Answer, fetched: [...fetched] };
    },
    async stop() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const buildSubgraph = (sdl: string): GraphQLSchema => buildSubgraphSchema({ typeDefs: parse(sdl) });

/** Answers as the students subgraph does, internal endpoints included; `fetched` gets `Type.field` of everything asked. */
function subgraphHandler(schema: GraphQLSchema, world: World, callers: ReadonlyMap<string, Who>, fetched: string[]) {
  return async ({ path, body }: { path: string; body: string }) => {
    const request = JSON.parse(body);
    if (path === '/internal/audit')
      return { status: 200, body: JSON.stringify({ kept: request.records.map(() => true) }) };
    if (path === '/internal/principal') {
      const principal = principalOf(request.subject, callers.get(request.subject)!);
      return { status: 200, body: JSON.stringify({ principal }) };
    }
    const document = parse(request.query);
    const info = new TypeInfo(schema);
    visit(
      document,
      visitWithTypeInfo(info, {
        Field: ({ name }) => void fetched.push(`${getNamedType(info.getParentType())?.name}.${name.value}`),
      }),
    );
    const result = await execute({
      schema,
      document,
      variableValues: request.variables,
      fieldResolver: (source: Thing | undefined, _args, _context, at) => {
        const root = { __typename: at.parentType.name, id: at.parentType.name };
        return world.value(source?.__typename ? source : root, at.fieldName, parseType(String(at.returnType)));
      },
      typeResolver: (thing: unknown) => (thing as Thing).__typename,
    });
    return { status: 200, body: JSON.stringify(result) };
  };
}

const principalOf = (subject: string, { capabilities, level }: Who) => ({
  subject,
  kind: level === 'partner' ? 'partner' : 'staff',
  displayName: subject,
  perspective: subject,
  role: 'X',
  level,
  readOnly: false,
  capabilities,
  grants: [],
  organizationId: null,
  timeZone: 'America/Los_Angeles',
  epoch: 1,
});
