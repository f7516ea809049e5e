import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import { entityStep } from './entity-step';
import { FlattenPath } from './flatten-path';
import { rootStep } from './root-step';
import type { Step } from './run';
import { REPRESENTATIONS } from './subgraph-calls';
import type { TypeConditions } from './type-conditions';

/**
 * Compiles a plan into one step that runs all of it.
 *
 * @throws GraphQLError (BAD_USER_INPUT) when the operation has a variable of a name that fetches of entities need
 * @throws Error for nodes that answers in one piece have no use for (subscriptions, `@defer`)
 */
export function compilePlan({ node }: QueryPlan, types: TypeConditions): Step {
  if (!node) return () => undefined;
  if (node.kind === 'Subscription') throw new Error('Subscriptions are not executed');
  const copies = usesContext(node);
  return compileNode(node, [], (fetch, path) => {
    if (!fetch.requires) return safely(fetch, rootStep(fetch, path, types));
    assertFreeName(fetch);
    return safely(fetch, entityStep(fetch, path, types, copies));
  });

  function compileNode(node: PlanNode, path: readonly (string | number)[], compileFetch: CompileFetch): Step {
    const compile = (child: PlanNode) => compileNode(child, path, compileFetch);
    switch (node.kind) {
      case 'Sequence':
        return inSequence(node.nodes.map(compile));
      case 'Parallel':
        return inParallel(node.nodes.map(compile));
      case 'Flatten':
        return compileNode(node.node, [...path, ...node.path], compileFetch);
      case 'Fetch':
        return compileFetch(node, new FlattenPath(path, types));
      case 'Condition':
        return onCondition(
          node.condition,
          node.ifClause && compile(node.ifClause),
          node.elseClause && compile(node.elseClause),
        );
      case 'Defer':
        throw new Error('@defer is not executed');
    }
  }
}

type CompileFetch = (fetch: FetchNode, path: FlattenPath) => Step;

/** Whatever an answer may hold, the steps after it go on. */
function safely({ serviceName }: FetchNode, step: Step): Step {
  return async (run) => {
    try {
      await step(run);
    } catch (error) {
      run.faults.add(run.calls.broken(serviceName, error));
    }
  };
}

function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

function inParallel(steps: readonly Step[]): Step {
  // All are begun before any is waited for, which is what lets their calls be joined.
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)));
  };
}

function onCondition(variable: string, then: Step | undefined, otherwise: Step | undefined): Step {
  return (run) => (run.conditions[variable] ? then : otherwise)?.(run);
}

/** The client's own variable would be taken for the list of entities. */
function assertFreeName({ variableUsages }: FetchNode): void {
  if (variableUsages?.includes(REPRESENTATIONS))
    throw new GraphQLError(`The variable $${REPRESENTATIONS} needs another name.`, {
      extensions: { code: 'BAD_USER_INPUT' },
    });
}

/** With `@fromContext`, one entity has other values at other places, so that nothing of it may be shared between them. */
function usesContext(node: PlanNode): boolean {
  if (node.kind === 'Fetch') return (node.contextRewrites?.length ?? 0) > 0;
  if (node.kind === 'Flatten') return usesContext(node.node);
  if (node.kind === 'Sequence' || node.kind === 'Parallel') return node.nodes.some(usesContext);
  return node.kind === 'Condition' && [node.ifClause, node.elseClause].some((one) => one && usesContext(one));
}
