import type { FetchNode } from '@apollo/query-planner';
import { fetchedKeys } from '../fetched-paths';
import type { FlattenPath } from './flatten-path';
import { copy, merge } from './json';
import { compileRewrites, renamedKeys } from './rewrites';
import type { Step } from './run';
import { compileRequest } from './subgraph-calls';
import type { TypeConditions } from './type-conditions';

/** Asks a subgraph for fields of the query or mutation itself. */
export function rootStep(fetch: FetchNode, path: FlattenPath, types: TypeConditions): Step {
  const request = compileRequest(fetch);
  const rewrite = compileRewrites(fetch.outputRewrites, types);
  const renamed = renamedKeys(fetch.outputRewrites);
  const named = (key: string | number) => renamed.get(String(key)) ?? key;
  const keys = fetchedKeys(fetch.operation).map(named);
  const perform: NonUndefined<Step> = async ({ root, calls, faults }) => {
    const { data, errors } = await calls.ask(request);
    for (const error of errors) {
      // Without data, an error without a place stands for every field that was asked for.
      const places = error.path ? [error.path.map(named)] : data ? [] : keys.map((key) => [key]);
      if (places.length === 0) faults.add(error);
      for (const place of places) faults.add({ ...error, path: [...path.text, ...place] });
    }
    if (!data) return;
    rewrite?.(data);
    const objects = path.objects(root);
    for (const object of objects) merge(object, objects.length > 1 ? copy(data) : data);
  };
  return (run) => (run.calls.isAborted || path.objects(run.root).length === 0 ? undefined : perform(run));
}
type NonUndefined<S extends Step> = (run: Parameters<S>[0]) => Promise<void>;
