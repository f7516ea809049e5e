import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import type { Need, StandIns } from './stand-ins';

export interface PlannedGraph {
  standIns: StandIns;
  /** What `join__Graph` calls each subgraph. */
  graphs: ReadonlyMap<string, string>;
  interfaces: ReadonlySet<string>;
}

type Rewrites = NonNullable<FetchNode['inputRewrites']>;

/** A plan whose stand-ins are the fields again that they stand for (stand-ins.ts). */
export function restoredPlan(plan: QueryPlan, graph: PlannedGraph): QueryPlan {
  const { node } = plan;
  return node && node.kind !== 'Subscription' ? { ...plan, node: restored(node, graph) } : plan;
}

function restored(node: PlanNode, graph: PlannedGraph): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((one) => restored(one, graph)) };
    case 'Flatten':
      return { ...node, node: restored(node.node, graph) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ifClause: ifClause && restored(ifClause, graph),
        elseClause: elseClause && restored(elseClause, graph),
      };
    }
    case 'Fetch': {
      const [first, ...others] = restoredFetches(node, graph);
      return others.length === 0 ? first! : { kind: 'Parallel', nodes: [first!, ...others] };
    }
    case 'Defer':
      return node;
  }
}

/** A representation has one value of each name: fields that need different ones are asked for apart. */
function restoredFetches(fetch: FetchNode, graph: PlannedGraph): FetchNode[] {
  const document = parse(fetch.operation, { noLocation: true });
  const { requires } = fetch;
  if (!requires) return [named(fetch, document, graph)];
  const fields = completedFields(document);
  const groups = groupsOf(fields, fetch.serviceName, graph);
  if (groups.length === 1) return [named(fetch, document, graph)];
  return groups.map(({ members, needs }) => {
    const left = new Set([...fields.keys()].filter((field) => !members.has(field)));
    const part = withoutFields(document, left);
    const needed = new Set(needs.map(({ path, standIn }) => `${path} ${standIn}`));
    const variables = usedVariables(part);
    return named(
      {
        ...fetch,
        requires: requiredBy(requires, '', needed, graph.standIns),
        variableUsages: fetch.variableUsages?.filter((name) => variables.has(name)),
      },
      declaring(part, variables),
      graph,
    );
  });
}

interface Group {
  members: Set<FieldNode>;
  needs: Need[];
}

function groupsOf(fields: ReadonlyMap<FieldNode, string>, subgraph: string, graph: PlannedGraph): Group[] {
  const { standIns, graphs, interfaces } = graph;
  const groups: Group[] = [];
  const clash = (one: Need, other: Need): boolean =>
    one.path === other.path &&
    one.standIn !== other.standIn &&
    (one.type === other.type || interfaces.has(one.type) || interfaces.has(other.type));
  for (const [field, type] of fields) {
    const name = standIns.fields.get(field.name.value)?.name ?? field.name.value;
    const needs = standIns.needsOf(graphs.get(subgraph) ?? subgraph, type, name);
    let group = groups.find((known) => !known.needs.some((one) => needs.some((other) => clash(one, other))));
    if (!group) groups.push((group = { members: new Set(), needs: [] }));
    group.members.add(field);
    group.needs.push(...needs);
  }
  return groups.length > 0 ? groups : [{ members: new Set(), needs: [] }];
}

/** The fields of entities that a fetch asks for, with the type that each is asked of. */
function completedFields(document: DocumentNode): Map<FieldNode, string> {
  const found = new Map<FieldNode, string>();
  const collect = ({ selections }: SelectionSetNode, type: string | undefined): void => {
    for (const node of selections)
      if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet, node.typeCondition?.name.value ?? type);
      else if (node.kind === Kind.FIELD && node.name.value === '_entities' && type === undefined)
        collect(node.selectionSet!, undefined);
      else if (node.kind === Kind.FIELD && node.name.value !== '__typename' && type !== undefined)
        found.set(node, type);
  };
  for (const one of document.definitions)
    if (one.kind === Kind.OPERATION_DEFINITION) collect(one.selectionSet, undefined);
  return found;
}

function withoutFields(document: DocumentNode, left: ReadonlySet<FieldNode>): DocumentNode {
  return visit(document, {
    Field: (node) => (left.has(node) ? null : undefined),
    InlineFragment: {
      leave: ({ selectionSet }): SelectionNode | null | undefined =>
        selectionSet.selections.length === 0 ? null : undefined,
    },
  });
}

function usedVariables(document: DocumentNode): Set<string> {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      used.add(name.value);
    },
  });
  return used;
}

function declaring(document: DocumentNode, variables: ReadonlySet<string>): DocumentNode {
  return visit(document, {
    VariableDefinition: ({ variable }) => (variables.has(variable.name.value) ? undefined : null),
  });
}

/** What representations hold beyond stand-ins is a key, or small: it stays. */
function requiredBy(
  selections: readonly QueryPlanSelectionNode[],
  path: string,
  needed: ReadonlySet<string>,
  standIns: StandIns,
): QueryPlanSelectionNode[] {
  return selections.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'InlineFragment')
      return [{ ...node, selections: requiredBy(node.selections, path, needed, standIns) }];
    const standsFor = standIns.fields.get(node.name);
    const below = `${path}.${standsFor?.name ?? node.name}`;
    if (standsFor && !needed.has(`${below} ${node.name}`)) return [];
    if (!node.selections) return [node];
    const kept = requiredBy(node.selections, below, needed, standIns);
    return kept.length > 0 ? [{ ...node, selections: kept }] : [];
  });
}

/** A fetch that names the fields: what it fetches keeps the stand-in's key, what it sends has the field's name. */
function named(fetch: FetchNode, document: DocumentNode, { standIns }: PlannedGraph): FetchNode {
  const restoredDocument = visit(document, {
    Field(node): FieldNode | undefined {
      const field = standIns.fields.get(node.name.value);
      if (!field) return undefined;
      const alias = node.alias ?? node.name;
      return { ...node, alias, name: { kind: Kind.NAME, value: field.name }, arguments: field.arguments };
    },
  });
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(restoredDocument)),
    operationDocumentNode: undefined,
    inputRewrites: [...renames(fetch.requires ?? [], [], standIns), ...(fetch.inputRewrites ?? [])],
  };
}

/** Inner ones first: they are found by the keys above them. */
function renames(selections: readonly QueryPlanSelectionNode[], path: string[], standIns: StandIns): Rewrites {
  return selections.flatMap((node): Rewrites => {
    if (node.kind === 'InlineFragment')
      return renames(node.selections, node.typeCondition ? [...path, `... on ${node.typeCondition}`] : path, standIns);
    const own = [...path, node.alias ?? node.name];
    const below = renames(node.selections ?? [], own, standIns);
    const field = standIns.fields.get(node.name);
    return field ? [...below, { kind: 'KeyRenamer', path: own, renameKeyTo: field.name }] : below;
  });
}
