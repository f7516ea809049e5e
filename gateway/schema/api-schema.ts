// Before the import below: @apollo/gateway reports usage unless it is told not to.
import '../telemetry-off';
import { ApolloGateway } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import { stripSupergraph } from '../authorize';

/** The schema that clients of this supergraph see, as `@apollo/gateway` loads it; nothing is started and nothing asked. */
export async function loadApiSchema(supergraphSdl: string): Promise<GraphQLSchema> {
  const gateway = new ApolloGateway({ supergraphSdl: stripSupergraph(supergraphSdl) });
  // Without the credentials of Apollo's platform, whatever the environment says.
  const { schema } = await gateway.load({ apollo: {} } as never);
  await gateway.stop();
  return schema;
}
