import { randomBytes } from 'node:crypto';
import { PrincipalSource } from '../../gateway/authenticate/principal-source';
import { inProcessTransport } from '../../gateway/create-gateway';
import { systemClock } from '../../platform/clock';
import { createLogger } from '../../platform/log';
import { PRINCIPAL_HEADER, sealPrincipal } from '../../platform/principal/envelope';
import type { Principal } from '../../platform/principal/principal';
import type { Subgraph, SubgraphRequest } from '../../platform/subgraph/create-subgraph';
import type { SubgraphName } from '../../scripts/graph';
import { createIepSubgraph } from '../../subgraphs/iep';
import { createReportingSubgraph } from '../../subgraphs/reporting';
import { createServicesSubgraph } from '../../subgraphs/services';
import { createStudentsSubgraph } from '../../subgraphs/students';
import type { TestSystem } from '../harness/system';

export interface DoorAnswer {
  status: number;
  text: string;
  // The shape of an answer is the query's.
  data: any;
  errors?: { message: string; extensions?: { code: string } }[];
}

const log = createLogger('test', 'silent');
let envelopes = 0;

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
  private readonly principals: PrincipalSource;

  constructor({ databases }: Pick<TestSystem, 'databases'>) {
    const serviceKey = randomBytes(32).toString('hex');
    const runtime = (name: SubgraphName) => ({
      ...{ database: databases[name], clock: systemClock, log, principalKeys: [this.keys[name]] },
      audit: { append: async () => undefined },
    });
    this.subgraphs = {
      students: createStudentsSubgraph({ ...runtime('students'), serviceKey }),
      iep: createIepSubgraph(runtime('iep')),
      services: createServicesSubgraph(runtime('services')),
      reporting: createReportingSubgraph(runtime('reporting')),
    };
    this.principals = new PrincipalSource(inProcessTransport(this.subgraphs.students), serviceKey);
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
    const header = await sealPrincipal(envelope, audience, body, this.keys[subgraph]);
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
