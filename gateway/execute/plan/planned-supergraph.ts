import type { QueryPlan } from '@apollo/query-planner';
import { type ConstDirectiveNode, type DocumentNode, Kind, parse, visit } from 'graphql';
import { restoredPlan } from './restored-plan';
import { StandIns } from './stand-ins';

export interface PlannedSupergraph {
  document: DocumentNode;
  /** A plan for `document` as one for the supergraph itself; left out where they are the same. */
  restore?(plan: QueryPlan): QueryPlan;
}

/**
 * A supergraph as the planner gets it, so that its plans are right:
 *
 * - with stand-ins for fields that are required with different arguments (stand-ins.ts);
 * - without keys by which a subgraph finds nothing, beside one by which it does. To give a subgraph the inputs of a field, the
 *   planner takes the first key, resolvable or not.
 */
export function plannedSupergraph(supergraphSdl: string): PlannedSupergraph {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const standIns = new StandIns(supergraph);
  const graphs = new Map<string, string>();
  const interfaces = new Set<string>();
  const document = visit(supergraph, {
    EnumValueDefinition({ name, directives = [] }) {
      for (const given of directives) {
        const subgraph = given.name.value === 'join__graph' ? argument(given, 'name') : undefined;
        if (subgraph?.kind === Kind.STRING) graphs.set(subgraph.value, name.value);
      }
    },
    ObjectTypeDefinition: (type) => ({
      ...type,
      directives: usefulKeys(type.directives),
      fields: standIns.shown(type.name.value, type.fields ?? []),
    }),
    InterfaceTypeDefinition(type) {
      interfaces.add(type.name.value);
      return {
        ...type,
        directives: usefulKeys(type.directives),
        fields: standIns.shown(type.name.value, type.fields ?? []),
      };
    },
  });
  if (standIns.fields.size === 0) return { document };
  return { document, restore: (plan) => restoredPlan(plan, { standIns, graphs, interfaces }) };
}

function usefulKeys(directives: readonly ConstDirectiveNode[] = []): readonly ConstDirectiveNode[] {
  const keys = directives.filter((one) => one.name.value === 'join__type' && argument(one, 'key'));
  const graphOf = (key: ConstDirectiveNode): string | undefined => {
    const graph = argument(key, 'graph');
    return graph?.kind === Kind.ENUM ? graph.value : undefined;
  };
  const finds = (key: ConstDirectiveNode): boolean => {
    const resolvable = argument(key, 'resolvable');
    return !(resolvable?.kind === Kind.BOOLEAN && !resolvable.value);
  };
  const found = new Set(keys.filter(finds).map(graphOf));
  return directives.filter((one) => !keys.includes(one) || finds(one) || !found.has(graphOf(one)));
}

const argument = ({ arguments: given }: ConstDirectiveNode, name: string) =>
  given?.find((one) => one.name.value === name)?.value;
