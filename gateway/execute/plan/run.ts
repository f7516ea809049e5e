import type { Faults } from './faults';
import type { JsonObject } from './json';
import type { SubgraphCalls } from './subgraph-calls';

/** One run of a compiled operation, for one caller. */
export interface Run {
  /** What has been fetched so far, in the shape of the plan: more than the client asked for, in no particular order. */
  readonly root: JsonObject;
  /** The variables of `@skip` and `@include`, defaults applied. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly calls: SubgraphCalls;
  readonly faults: Faults;
}

/** A part of a plan. What fails in it is told to `faults`: a step never throws, so the others go on. */
export type Step = (run: Run) => Promise<void> | undefined;
