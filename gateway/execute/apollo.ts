// Before the import below: @apollo/gateway reports usage unless it is told not to (design/authorization.md).
import '../telemetry-off';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { notUsable } from '../../platform/config';
import type { Logger } from '../../platform/log';
import {
  boundHash,
  buildPolicyIndex,
  createAuthorizer,
  explainOperation,
  type PolicyIndex,
  rejectWhole,
  stripSupergraph,
} from '../authorize';
import { formatPublicError } from '../public-errors';
import type { RequestLimits } from '../limits';
import type { GatewayContext } from '../request-state';
import type { SubgraphTransport } from '../transport/transport';
import { createAuthorizingExecutor, type ExecutorOptions } from './authorizing-executor';
import { VisibleSchemas } from './introspection';
import { SubgraphDataSource } from './subgraph-data-source';

const MAX_DECISIONS = 5_000;

export interface ApolloOptions extends Pick<ExecutorOptions, 'principals' | 'audit'> {
  supergraphSdl: string;
  transports: Readonly<Record<string, SubgraphTransport>>;
  principalKeys: Readonly<Record<string, Uint8Array>>;
  introspection: boolean;
  /** Tell who asks what each selection takes and what the caller lacks. Never in production. */
  explains: boolean;
  limits: RequestLimits;
  log: Logger;
}

/**
 * Apollo Server over the planner, with authorization between the two.
 *
 * @throws Error when the supergraph has a hole in its policy, names a subgraph without transport and key, or the environment
 *   switches a protection off
 */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<GatewayContext>> {
  assertProtected(process.env);
  const log = options.log.child(
    { part: 'apollo' },
    { level: options.log.level === 'info' ? 'warn' : options.log.level },
  );
  const server = new ApolloServer<GatewayContext>({
    gateway: authorizedGateway(options, log),
    logger: log,
    introspection: options.introspection,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    maxRecursiveSelections: true,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    parseOptions: { maxTokens: options.limits.tokens },
    validationOptions: { maxErrors: 20 },
    formatError: formatPublicError,
    plugins: disabledPlugins(),
  });
  await server.start();
  return server;
}

/** The planner bounds what it is asked (attacks 44 and 45), unless its environment says otherwise. */
function assertProtected(env: NodeJS.ProcessEnv): void {
  const off = Object.keys(env).filter((name) => name.startsWith('APOLLO_DISABLE_SECURITY_'));
  if (off.length > 0) throw notUsable(off.map((name) => `${name}: switches a protection off. Remove it`));
}

const disabledPlugins = (): ApolloServerPlugin[] => [
  ApolloServerPluginCacheControlDisabled(),
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

/**
 * The planner as Apollo Server loads it. It gets the stripped supergraph, which enforces nothing, so the policy index in
 * front of it has to come from the very same supergraph (attack 10).
 */
function authorizedGateway(options: ApolloOptions, log: Logger) {
  const { supergraphSdl, transports, principalKeys } = options;
  const index = buildPolicyIndex(supergraphSdl);
  const stripped = stripSupergraph(supergraphSdl);
  if (boundHash(stripped) !== index.hash)
    throw new Error('The policy index and the planner are of different supergraphs');
  const gateway = new ApolloGateway({
    supergraphSdl: stripped,
    logger: log,
    debug: false,
    // Shows the plan, with the names of subgraphs, to whoever sends a header.
    __exposeQueryPlanExperimental: false,
    buildService: ({ name }) => {
      const transport = transports[name];
      const key = principalKeys[name];
      if (!transport || !key) throw new Error(`No transport or principal key for the subgraph ${name}`);
      return new SubgraphDataSource(name, transport, key);
    },
  } as ConstructorParameters<typeof ApolloGateway>[0]);

  return {
    onSchemaLoadOrUpdate: (callback: Parameters<ApolloGateway['onSchemaLoadOrUpdate']>[0]) =>
      gateway.onSchemaLoadOrUpdate(callback),
    stop: () => gateway.stop(),
    async load() {
      // Without the credentials of Apollo's platform, whatever the environment says.
      const { schema, executor: inner } = (await gateway.load({ apollo: {} } as never)) as {
        schema: GraphQLSchema;
        executor: ApolloGateway['executor'];
      };
      const authorizer = createAuthorizer({ index, schema, maxEntries: MAX_DECISIONS });
      const visibleSchemas = new VisibleSchemas(index, schema);
      const { principals, audit } = options;
      const explain = options.explains ? explainer(index, schema) : undefined;
      return {
        executor: createAuthorizingExecutor({ inner, schema, authorizer, visibleSchemas, principals, audit, explain }),
      };
    },
  };
}

/** Explains an operation with the policy and the schema by which it was judged. */
function explainer(index: PolicyIndex, schema: GraphQLSchema): ExecutorOptions['explain'] {
  return ({ document, request }, { caller }) =>
    explainOperation({
      ...{ index, schema, document, caller, operationName: request.operationName, variables: request.variables ?? {} },
      rejectsWhole: (authorized) => rejectWhole(authorized, authorized.operationType, caller),
    });
}
