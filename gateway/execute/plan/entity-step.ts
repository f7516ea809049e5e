import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import { fetchedKeys } from '../fetched-paths';
import { compileContextArguments, type ContextArguments } from './context-arguments';
import { compileRepresentation, completeEntity, type Targets } from './entities';
import type { Faults } from './faults';
import type { FlattenPath, Place } from './flatten-path';
import { copy, isObject, type JsonObject } from './json';
import { compileRewrites, renamedKeys } from './rewrites';
import type { Run, Step } from './run';
import { compileRequest, type EntitiesAnswer } from './subgraph-calls';
import type { TypeConditions } from './type-conditions';

/**
 * Asks a subgraph to complete the objects at a path.
 *
 * @param copies whether two objects of one representation must not share what was answered
 */
export function entityStep(fetch: FetchNode, path: FlattenPath, types: TypeConditions, copies: boolean): Step {
  const request = compileRequest(fetch);
  const represent = compileRepresentation(fetch, types);
  const rewrite = compileRewrites(fetch.outputRewrites, types);
  const contextArguments = compileContextArguments(fetch.contextRewrites, types);
  const report = errorReport(fetch, path);

  const perform = async (run: Run, targets: Targets, further: readonly string[]): Promise<void> => {
    const { representations, objects } = targets;
    const answer = await run.calls.entities(request, representations, further);
    if (answer.errors.length > 0) report(run, answer, objects);
    answer.positions.forEach((position, at) => {
      const entity = answer.entities?.[position];
      if (!isObject(entity)) return;
      const own = answer.isShared ? copy(entity) : entity;
      rewrite?.(own);
      const receivers = objects[at]!;
      receivers.forEach((object, index) => completeEntity(object, copies && index > 0 ? copy(own) : own, types));
    });
  };

  return (run) => {
    if (run.calls.isAborted) return undefined;
    if (!contextArguments) {
      const targets = represent(path.objects(run.root));
      return targets.objects.length > 0 ? perform(run, targets, []) : undefined;
    }
    const groups = [...byArguments(path.places(run.root), contextArguments)];
    const calls = groups.map(([further, objects]): [string, Targets] => [further, represent(objects)]);
    const needed = calls.filter(([, targets]) => targets.objects.length > 0);
    return Promise.all(needed.map(([further, targets]) => perform(run, targets, further === '' ? [] : [further]))).then(
      () => undefined,
    );
  };
}

/** One call takes one set of arguments: the objects by the JSON of theirs. */
function byArguments(places: readonly Place[], argumentsOf: ContextArguments): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const place of places) {
    const text = JSON.stringify(argumentsOf(place)).slice(1, -1);
    const group = groups.get(text);
    if (group) group.push(place.object);
    else groups.set(text, [place.object]);
  }
  return groups;
}

/** An object that was answered once may stand at several places. */
function placesByObject(places: readonly Place[]): Map<JsonObject, Place[]> {
  const byObject = new Map<JsonObject, Place[]>();
  for (const place of places) {
    const known = byObject.get(place.object);
    if (known) known.push(place);
    else byObject.set(place.object, [place]);
  }
  return byObject;
}

/** Tells the errors of a fetch of entities by their places in the client's answer. */
function errorReport(fetch: FetchNode, path: FlattenPath) {
  const renamed = renamedKeys(fetch.outputRewrites);
  const named = (key: string | number) => renamed.get(String(key)) ?? key;
  const keys = fetchedKeys(fetch.operation).map(named);

  return ({ root, faults }: Run, answer: EntitiesAnswer, targets: readonly (readonly JsonObject[])[]): void => {
    const places = placesByObject(path.places(root));
    const targetsAt = new Map(answer.positions.map((position, at) => [position, targets[at]!]));
    for (const error of answer.errors) {
      const [field, position, ...rest] = error.path ?? [];
      if (field !== '_entities' || typeof position !== 'number') {
        tellUnplaced(faults, error, answer);
        continue;
      }
      const objects = targetsAt.get(position) ?? [];
      for (const place of objects.flatMap((object) => places.get(object) ?? [])) {
        faults.add({ ...error, path: [...place.path, ...rest.map(named)] });
        if (!answer.entities?.[position]) faults.account(place.path);
      }
    }
  };

  /** Without entities, it stands for every field that was asked for. */
  function tellUnplaced(faults: Faults, { path: _, ...error }: GraphQLFormattedError, answer: EntitiesAnswer): void {
    if (answer.entities) faults.add(error);
    else for (const key of keys) faults.add({ ...error, path: [...path.text, key] });
  }
}
