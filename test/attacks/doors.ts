import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { PrincipalSource } from '../../gateway/authenticate/principal-source';
import { createGateway, inProcessTransport, type SubgraphTransport } from '../../gateway/create-gateway';
import { systemClock } from '../../platform/clock';
import { createLogger } from '../../platform/log';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import { listen } from '../../platform/process';
import type { Subgraph, SubgraphRequest, SubgraphRuntime } from '../../platform/subgraph/create-subgraph';
import type { SubgraphName } from '../../scripts/graph';
import { createIepSubgraph } from '../../subgraphs/iep';
import { createReportingSubgraph } from '../../subgraphs/reporting';
import { createServicesSubgraph } from '../../subgraphs/services';
import { createStudentsSubgraph } from '../../subgraphs/students';
import type { GraphqlAnswer, TestSystem } from '../harness/system';
import { postGraphql } from '../scenarios/product-process';

export interface DoorAnswer {
  status: number;
  text: string;
  // The shape of an answer is the query's.
  data: any;
  errors?: { message: string; extensions?: { code: string } }[];
}

const log = createLogger('test', 'silent');
let envelopes = 0;

export interface RunningGateway {
  ask(who: string, query: string, variables: Record<string, unknown>): Promise<GraphqlAnswer>;
  stop(): Promise<void>;
}

/**
 * The product's subgraphs once more, over its database, with keys that the test holds: the doors that stand open to who
 * has reached the inner network and one of its keys. Whoever goes through them is told apart by the signed Principal alone.
 */
export class Doors {
  readonly keys: Record<SubgraphName, Uint8Array> = {
    students: randomBytes(32),
    iep: randomBytes(32),
    services: randomBytes(32),
    reporting: randomBytes(32),
  };
  readonly subgraphs: Record<SubgraphName, Subgraph>;
  /** Opens the internal endpoints of students. */
  readonly serviceKey = randomBytes(32).toString('hex');
  private readonly principals: PrincipalSource;

  constructor(private readonly system: Pick<TestSystem, 'databases'>) {
    const { serviceKey } = this;
    const runtime = (name: SubgraphName) => this.runtime(name, [this.keys[name]]);
    this.subgraphs = {
      students: this.studentsWith([this.keys.students], serviceKey),
      iep: createIepSubgraph(runtime('iep')),
      services: createServicesSubgraph(runtime('services')),
      reporting: createReportingSubgraph(runtime('reporting')),
    };
    this.principals = new PrincipalSource(inProcessTransport(this.subgraphs.students), serviceKey);
  }

  private runtime(name: SubgraphName, principalKeys: Uint8Array[]): SubgraphRuntime {
    const database = this.system.databases[name];
    return { database, clock: systemClock, log, principalKeys, audit: { append: async () => undefined } };
  }

  /** The students subgraph once more, with other keys. */
  studentsWith(principalKeys: Uint8Array[], serviceKey: string): Subgraph {
    return createStudentsSubgraph({ ...this.runtime('students', principalKeys), serviceKey });
  }

  /** A gateway over these doors, but for those that have another way or key; tokens are those of the system. */
  async gateway(
    { url, token }: Pick<TestSystem, 'url' | 'token'>,
    ways: Partial<Record<SubgraphName, SubgraphTransport>>,
    keys: Partial<Record<SubgraphName, Uint8Array>>,
    serviceKey: string,
  ): Promise<RunningGateway> {
    const inside = Object.entries(this.subgraphs).map(([name, subgraph]) => [name, inProcessTransport(subgraph)]);
    const gateway = await createGateway({
      supergraphSdl: readFileSync(join(__dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8'),
      transports: { ...Object.fromEntries(inside), ...ways },
      principalKeys: { ...this.keys, ...keys },
      serviceKey,
      issuers: [{ url: `${url}/oidc`, audience: 'urn:iep-graph:api', embedded: true }],
      development: false,
      log,
    });
    const server = createServer(gateway.handler);
    const origin = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
    return {
      ask: async (who, query, variables) => postGraphql(origin, await token(who), query, variables),
      async stop() {
        server.closeAllConnections();
        server.close();
        await gateway.close();
      },
    };
  }

  /** The Principal that the gateway would load for an account (`teacher.ripon`) or partner client of the initial data. */
  principalOf(who: string): Promise<Principal> {
    const scopes = ['student:read', 'student.demographics:read', 'service:read'];
    const from = { issuer: 'embedded', expiresAt: Infinity };
    return this.principals.load(
      who.includes('.')
        ? { ...from, subject: `acct-${who.replaceAll('.', '-')}`, kind: 'staff', scopes: [] }
        : { ...from, subject: who, kind: 'partner', scopes },
      null,
    );
  }

  /** A request as the gateway sends it. */
  async sealed(
    subgraph: SubgraphName,
    principal: Principal,
    operation: object,
    audience: string = subgraph,
  ): Promise<SubgraphRequest> {
    const body = JSON.stringify(operation);
    const envelope = { principal, requestId: `door-${++envelopes}` };
    const header = sealPrincipal(envelope, audience, body, this.keys[subgraph]);
    return { method: 'POST', path: '/graphql', headers: { [PRINCIPAL_HEADER]: header }, body };
  }

  async call(
    subgraph: SubgraphName,
    principal: Principal,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<DoorAnswer> {
    return this.send(subgraph, await this.sealed(subgraph, principal, { query, variables }));
  }

  async send(subgraph: SubgraphName, request: SubgraphRequest): Promise<DoorAnswer> {
    const { status, body } = await this.subgraphs[subgraph].handle(request);
    return { status, text: body, ...(JSON.parse(body) as object) } as DoorAnswer;
  }
}
