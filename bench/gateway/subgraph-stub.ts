import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type FormattedExecutionResult, graphql, type GraphQLSchema, parse, visit } from 'graphql';
import { openPrincipal, PRINCIPAL_HEADER } from '../../platform/principal/envelope';
import type { SubgraphRequest, SubgraphResponse } from '../../platform/subgraph/create-subgraph';
import { PRINCIPAL } from './caller';
import { entityOf, root } from './records';

const SCHEMA = join(__dirname, '..', '..', '..', 'schema');

export const SUBGRAPHS = ['students', 'iep', 'services', 'reporting'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

/** What a stub was asked since its counts were last set to nothing. */
export interface Counts {
  fetches: number;
  /** Of the fetches, those that carried a Principal. */
  signed: number;
  /** Records of requests. */
  audits: number;
}
const NOTHING: Counts = { fetches: 0, signed: 0, audits: 0 };

export interface StubOptions {
  name: SubgraphName;
  /** The secret shared with the gateway. */
  principalKey: string;
  serviceKey: string;
  /** Public keys of whoever signs the caller's token; the students stub serves them. */
  jwks: string;
}

/**
 * A subgraph that costs next to nothing: it executes a body the first time that it comes, with the product's own SDL over the
 * records of the bench, and answers from memory from then on. A Principal is verified that first time; whoever sends none,
 * as the peers, is answered as well.
 */
export class SubgraphStub {
  counts = { ...NOTHING };
  private readonly schema: GraphQLSchema;
  private readonly answers = new Map<string, SubgraphResponse>();
  private readonly results = new Map<SubgraphResponse, () => FormattedExecutionResult>();

  constructor(readonly options: StubOptions) {
    this.schema = executableSchema(readFileSync(join(SCHEMA, `${options.name}.graphql`), 'utf8'));
  }

  reset(): void {
    this.counts = { ...NOTHING };
  }

  /** The answer when it is in memory. */
  known({ path, headers, body }: SubgraphRequest): SubgraphResponse | undefined {
    if (path === '/internal/audit') {
      const { records } = JSON.parse(body) as { records: unknown[] };
      this.counts.audits += records.length;
      return this.internal(headers, { status: 200, body: JSON.stringify({ kept: records.map(() => true) }) });
    }
    if (path === '/internal/principal') return this.internal(headers, { status: 200, body: principalAnswer });
    if (path === '/jwks') return { status: 200, body: this.options.jwks };
    this.counts.fetches++;
    if (headers[PRINCIPAL_HEADER]) this.counts.signed++;
    return this.answers.get(body);
  }

  /** In process: objects of the caller's own, as a subgraph makes them. */
  async handle(request: SubgraphRequest): Promise<SubgraphResponse> {
    const answer = this.known(request) ?? (await this.execute(request));
    const result = this.results.get(answer);
    return result ? { ...answer, result: result() } : answer;
  }

  /** Executes a fetch and remembers its answer. */
  async execute({ headers, body }: SubgraphRequest): Promise<SubgraphResponse> {
    const { name, principalKey } = this.options;
    const principal = headers[PRINCIPAL_HEADER];
    if (principal) openPrincipal(principal, name, body, [new TextEncoder().encode(principalKey)]);
    const { query, variables, operationName } = JSON.parse(body);
    const result = await graphql({
      ...{ schema: this.schema, source: query, variableValues: variables, operationName },
      rootValue: root,
    });
    const answer = { status: 200, body: JSON.stringify(result) };
    this.answers.set(body, answer);
    // As a program's own text: nothing else makes the same objects again and again for so little.
    this.results.set(answer, runInThisContext(`() => (${answer.body})`) as () => FormattedExecutionResult);
    return answer;
  }

  private internal(headers: SubgraphRequest['headers'], answer: SubgraphResponse): SubgraphResponse {
    return headers['x-service-key'] === this.options.serviceKey ? answer : { status: 401, body: '{}' };
  }
}

const principalAnswer = JSON.stringify({ principal: PRINCIPAL });

/** The schema with `_entities`; every other field is the property of its name. */
function executableSchema(sdl: string): GraphQLSchema {
  const typeDefs = parse(sdl);
  const resolvers: Record<string, object> = {};
  visit(typeDefs, {
    ObjectTypeDefinition({ name, directives }) {
      if (directives?.some((directive) => directive.name.value === 'key'))
        resolvers[name.value] = { __resolveReference: entityOf };
    },
  });
  return buildSubgraphSchema({ typeDefs, resolvers: resolvers as never });
}
