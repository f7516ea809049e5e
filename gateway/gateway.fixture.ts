/** A gateway over fake subgraphs that remember what reached them, with an issuer of its own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createLogger } from '../platform/log';
import { openPrincipal, PRINCIPAL_HEADER } from '../platform/principal/envelope';
import type { Principal } from '../platform/principal/principal';
import { createGateway, type Gateway, type GatewayOptions, inProcessTransport } from './create-gateway';
import { composeGraph } from './schema/compose';
import type { SubgraphAnswer, SubgraphTransport } from './transport/transport';

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy", "@listSize", "@composeDirective"])
  @link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"])
  @composeDirective(name: "@reads")
directive @reads(fields: [String!]!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
`;

const STUDENTS = `${HEADER}
type Query @authenticated {
  student(id: ID!): Student
  students(filter: StudentFilter, first: Int = 25): [Student!] @listSize(slicingArguments: ["first"])
  born(on: String @reads(fields: ["Student.dateOfBirth"])): [Student!]
}
type Mutation @authenticated {
  rename(id: ID!, name: String): RenamePayload! @requiresScopes(scopes: [["student:write"]])
  touch(id: ID!): RenamePayload! @requiresScopes(scopes: [["student:write"]])
}
type RenamePayload @authenticated { student: Student }
type Student @key(fields: "id") @requiresScopes(scopes: [["student:read"]]) {
  id: ID!
  name: String
  dateOfBirth: String @requiresScopes(scopes: [["student.demographics:read"]])
}
input StudentFilter { name: String dateOfBirth: String @reads(fields: ["Student.dateOfBirth"]) }
`;

const IEP = `${HEADER}
type Query @authenticated { news: String }
type Mutation @authenticated { affirm(id: ID!): RenameResult! @requiresScopes(scopes: [["student:write"]]) }
type RenameResult @authenticated { ok: Boolean }
type Iep @key(fields: "id") @requiresScopes(scopes: [["iep:read"]]) { id: ID! state: String }
type Student @key(fields: "id") @requiresScopes(scopes: [["student:read"]]) { id: ID! currentIep: Iep }
`;

export const { supergraph } = composeGraph([
  { name: 'students', sdl: STUDENTS },
  { name: 'iep', sdl: IEP },
]);

export const AUDIENCE = 'urn:iep-graph:api';
export const EMBEDDED = 'http://issuer.test/oidc';
export const FOREIGN = 'https://staff.example';
export const SERVICE_KEY = 's'.repeat(40);
export const principalKeys = {
  students: new TextEncoder().encode('students-'.repeat(5)),
  iep: new TextEncoder().encode('iep-'.repeat(10)),
};

/** One request as a subgraph saw it. */
export interface Seen {
  subgraph: string;
  path: string;
  query: string;
  variables: Record<string, unknown>;
  headers: Record<string, string>;
  principal?: Principal;
  requestId?: string;
  operation?: string | null;
}
type Data = { data?: unknown; errors?: { message: string; path?: unknown[]; extensions?: object }[] };
type Respond = (request: Seen) => Promise<Data | SubgraphAnswer> | Data | SubgraphAnswer;

export const student = { __typename: 'Student', id: 's1', name: 'Ada', dateOfBirth: '2015-03-08' };
export const reply = (data: unknown): Data => ({ data });

export class FakeGraph {
  seen: Seen[] = [];
  asked: Record<string, unknown>[] = [];
  audited: Record<string, unknown>[] = [];
  /** How many records each call to the log brought. */
  auditCalls: number[] = [];
  keeps: (record: any) => boolean | Promise<boolean> = () => true;
  epoch = 1;
  capabilities = ['student:read', 'student.demographics:read', 'student:write', 'iep:read'];
  level: Principal['level'] = 'district';
  respond: Record<string, Respond> = {};
  principalStatus = 200;
  auditStatus = 200;
  /** Paths that are never answered. */
  silent: string[] = [];

  reset(): void {
    Object.assign(this, new FakeGraph());
  }

  /** What reached the subgraphs, but for the internal endpoints. */
  get fetched(): string[] {
    return this.seen.filter(({ path }) => path === '/graphql').map(({ subgraph, query }) => `${subgraph}: ${query}`);
  }

  principal(): Principal {
    return {
      subject: 'acct-1',
      kind: 'staff',
      displayName: 'T',
      perspective: 'p1',
      role: 'X',
      level: this.level,
      readOnly: false,
      capabilities: [...this.capabilities],
      grants: [],
      organizationId: null,
      timeZone: 'America/Los_Angeles',
      epoch: this.epoch,
    };
  }

  transport(subgraph: 'students' | 'iep'): SubgraphTransport {
    return inProcessTransport({
      handle: async ({ path, body: text, headers: given }) => {
        const headers = given as Record<string, string>;
        const body = JSON.parse(text);
        if (this.silent.includes(path)) return new Promise(() => undefined);
        if (path === '/internal/principal') {
          this.asked.push({ ...body, key: headers['x-service-key'] });
          if (this.principalStatus !== 200) return { status: this.principalStatus, body: '{}' };
          return { status: 200, body: JSON.stringify({ principal: this.principal() }) };
        }
        if (path === '/internal/audit') {
          const records = body.records as Record<string, unknown>[];
          this.audited.push(...records);
          this.auditCalls.push(records.length);
          const kept = await Promise.all(records.map((record) => this.keeps(record)));
          return { status: this.auditStatus, body: JSON.stringify({ kept }) };
        }
        const envelope = openPrincipal(headers[PRINCIPAL_HEADER]!, subgraph, text, [principalKeys[subgraph]]);
        const request: Seen = { subgraph, path, headers, ...body, ...envelope };
        this.seen.push(request);
        const answer = await this.respond[subgraph]!(request);
        if ('status' in answer) return answer;
        const [operation] = parse(request.query).definitions;
        const set = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined;
        return { status: 200, body: JSON.stringify({ ...answer, data: underAliases(answer.data, set) }) };
      },
    });
  }
}

/** What the fakes say by the names of fields also stands where it was asked for. */
function underAliases(data: unknown, set: SelectionSetNode | undefined): unknown {
  if (Array.isArray(data)) return data.map((item) => underAliases(item, set));
  if (typeof data !== 'object' || data === null) return data;
  const found: Record<string, unknown> = { ...data };
  for (const selection of set?.selections ?? []) {
    if (selection.kind === Kind.INLINE_FRAGMENT) Object.assign(found, underAliases(data, selection.selectionSet));
    if (selection.kind !== Kind.FIELD || !Object.hasOwn(data, selection.name.value)) continue;
    const value = (data as Record<string, unknown>)[selection.name.value];
    found[selection.alias?.value ?? selection.name.value] = underAliases(value, selection.selectionSet);
  }
  return found;
}

export interface Running {
  graph: FakeGraph;
  gateway: Gateway;
  origin: string;
  token(claims?: JWTPayload, options?: TokenOptions): Promise<string>;
  post(query: string, extra?: PostOptions): Promise<{ status: number; headers: Headers; data?: any; errors?: any[] }>;
  stop(): Promise<void>;
}
export interface TokenOptions {
  issuer?: string;
  audience?: string;
  expires?: string | number;
  notBefore?: string | number;
  key?: CryptoKey | Uint8Array;
  alg?: string;
  kid?: string;
}
export interface PostOptions {
  variables?: Record<string, unknown>;
  headers?: Record<string, string>;
  token?: string | null;
  operationName?: string;
}

/**
 * @param foreignIssuer whether the staff also sign in elsewhere
 * @param graph to be told before how its subgraphs are reached, with `over.transports`
 */
export async function startGateway(
  over: Partial<GatewayOptions> = {},
  foreignIssuer = true,
  graph = new FakeGraph(),
): Promise<Running> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
  const gateway = await createGateway({
    supergraphSdl: supergraph,
    transports: { students: graph.transport('students'), iep: graph.transport('iep') },
    principalKeys,
    serviceKey: SERVICE_KEY,
    issuers: [
      { url: EMBEDDED, audience: AUDIENCE, embedded: true, keys },
      ...(foreignIssuer ? [{ url: FOREIGN, audience: AUDIENCE, embedded: false, keys }] : []),
    ],
    development: true,
    log: createLogger('gateway-test', 'silent'),
    ...over,
  });
  const server: Server = createServer(gateway.handler);
  // As in the product: an idle connection outlives a test that keeps this process busy.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const token: Running['token'] = (claims = {}, options = {}) => {
    const jwt = new SignJWT({ kind: 'staff', sub: 'teacher', ...claims })
      .setProtectedHeader({ alg: options.alg ?? 'ES256', kid: options.kid ?? 'k1' })
      .setIssuer(options.issuer ?? EMBEDDED)
      .setAudience(options.audience ?? AUDIENCE)
      .setExpirationTime(options.expires ?? '5m');
    if (options.notBefore) jwt.setNotBefore(options.notBefore);
    return jwt.sign(options.key ?? privateKey);
  };
  // A subject of its own per call: nothing is answered from the memory of an earlier test unless a test wants it.
  let subjects = 0;
  const post: Running['post'] = async (query, { variables, headers, token: given, operationName } = {}) => {
    const bearer = given === undefined ? await token({ sub: `teacher-${++subjects}` }) : given;
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
      body: JSON.stringify({ query, variables, operationName }),
    });
    return { status: answer.status, headers: answer.headers, ...((await answer.json()) as object) };
  };
  return {
    graph,
    gateway,
    origin,
    token,
    post,
    stop: async () => {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
