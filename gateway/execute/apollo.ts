import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { notUsable } from '../../platform/config';
import type { Logger } from '../../platform/log';
import type { RequestLimits } from '../limits';
import { formatPublicError } from '../public-errors';
import type { GatewayContext } from '../request-state';
import type { Answer, AuthorizingExecutor, ClientRequest } from './authorizing-executor';

export interface ApolloOptions {
  /** What clients can ask. */
  schema: GraphQLSchema;
  /** Of the same supergraph. */
  supergraphSdl: string;
  execute: AuthorizingExecutor;
  /** Learns of each operation that parsed and is valid, before it is executed. */
  onValid(request: ClientRequest): void;
  introspection: boolean;
  limits: RequestLimits;
  log: Logger;
}

/**
 * Apollo Server in front of our executor: it parses and validates.
 *
 * @throws Error when the environment switches a protection off
 */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<GatewayContext>> {
  assertProtected(process.env);
  const log = options.log.child(
    { part: 'apollo' },
    { level: options.log.level === 'info' ? 'warn' : options.log.level },
  );
  const server = new ApolloServer<GatewayContext>({
    gateway: asGateway(options),
    logger: log,
    introspection: options.introspection,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    // What is valid is remembered by us, without the tokens of its text, which a client can make long at will by comments.
    documentStore: null,
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

type GatewayInterface = NonNullable<ConstructorParameters<typeof ApolloServer<GatewayContext>>[0]['gateway']>;

/** As Apollo Server knows gateways. One supergraph for as long as it runs: the policy is bound to it (attack 10). */
function asGateway({ schema, supergraphSdl, execute, onValid }: ApolloOptions): GatewayInterface {
  return {
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: supergraphSdl });
      return () => undefined;
    },
    async load() {
      return {
        async executor({ request, source, queryHash, context }) {
          const asked: ClientRequest = {
            document: parse(source, { noLocation: true }),
            text: source,
            textHash: queryHash,
            operationName: request.operationName,
            variables: request.variables ?? {},
          };
          onValid(asked);
          return asResult(await execute(asked, (context as GatewayContext).state));
        },
      };
    },
    stop: async () => undefined,
  };
}

function asResult({ data, errors, extensions }: Answer) {
  return {
    ...(data !== undefined && { data: JSON.parse(data.toString()) as Record<string, unknown> | null }),
    ...(errors?.length && { errors: errors.map(({ message, ...others }) => new GraphQLError(message, others)) }),
    ...(extensions && { extensions }),
  };
}
