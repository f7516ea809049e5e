import { setMaxListeners } from 'node:events';
import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import { UNAVAILABLE_MESSAGE } from '../../public-errors';
import type { SubgraphTransport } from '../../transport/transport';
import { isObject, type JsonObject } from './json';

/** How subgraphs are reached; the same for all requests. */
export interface SubgraphAccess {
  transports: Readonly<Record<string, SubgraphTransport>>;
  /** A subgraph that has not answered by then has failed (default 30 s). */
  timeoutMs?: number;
  /** What an answer's error may say to the client; by default all of it. */
  readError?(error: GraphQLFormattedError, status: number, subgraph: string): GraphQLFormattedError;
  /** Learns why a subgraph gave no answer; the client does not. */
  onFailure?(subgraph: string, error: unknown): void;
}

/** Whose calls these are: nothing of it outlives the request. */
export interface Caller {
  /** As the client sent them. */
  variables: JsonObject;
  /** For every call; without lower-case `content-type`, JSON is said. */
  headers?(subgraph: string, body: string): Record<string, string> | Promise<Record<string, string>>;
  /** Ends the waiting for all subgraphs, when the client is gone. */
  signal?: AbortSignal;
}

/** A subgraph's operation, serialised up to its variables. */
export interface SubgraphRequest {
  readonly subgraph: string;
  /** The JSON body up to the first variable. */
  readonly head: string;
  readonly variables: readonly string[];
  /** The same for requests that differ in nothing but the values of variables. */
  readonly key: string;
}

export interface SubgraphAnswer {
  data: JsonObject | null;
  errors: readonly GraphQLFormattedError[];
}

export interface EntitiesAnswer {
  /** Null when the subgraph failed. */
  entities: readonly (JsonObject | null)[] | null;
  errors: readonly GraphQLFormattedError[];
  /** For each representation, in the order given, its position in `entities` and in the paths of `errors`. */
  positions: readonly number[];
  /** Others read the same entities: they are to be copied before they are changed. */
  isShared: boolean;
}

export const REPRESENTATIONS = 'representations';

export function compileRequest({ serviceName, operation, variableUsages = [] }: FetchNode): SubgraphRequest {
  const head = `{"query":${JSON.stringify(operation)},"variables":{`;
  return { subgraph: serviceName, head, variables: variableUsages, key: `${serviceName} ${head}` };
}

interface PendingCall {
  positions: Map<string, number>;
  users: number;
  answer: Promise<SubgraphAnswer>;
}

/** The calls of one client's request. No method throws: a subgraph that fails answers with an error. */
export class SubgraphCalls {
  private readonly pending = new Map<string, PendingCall>();
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly access: SubgraphAccess,
    private readonly caller: Caller,
  ) {
    // Each call listens until it is answered: many at once are no leak.
    if (caller.signal) setMaxListeners(0, caller.signal);
  }

  get isAborted(): boolean {
    return this.caller.signal?.aborted ?? false;
  }

  /** What went wrong in taking in an answer; the error that the client gets for it. */
  broken(subgraph: string, error: unknown): GraphQLFormattedError {
    this.access.onFailure?.(subgraph, error);
    return UNAVAILABLE;
  }

  /** @param further the JSON of more variables, each `"name":value` */
  ask(request: SubgraphRequest, further: readonly string[] = []): Promise<SubgraphAnswer> {
    const variables = [...request.variables.flatMap((name) => this.variable(name)), ...further];
    return this.send(request.subgraph, `${request.head}${variables.join(',')}}}`);
  }

  /**
   * Entities that are asked for at one moment, by one text with the same variables, go into one call, each of them once.
   *
   * @param representations the JSON of each
   */
  async entities(
    request: SubgraphRequest,
    representations: readonly string[],
    further: readonly string[],
  ): Promise<EntitiesAnswer> {
    const key = further.length > 0 ? `${request.key} ${further.join(',')}` : request.key;
    let call = this.pending.get(key);
    if (!call) this.pending.set(key, (call = this.callSoon(key, request, further)));
    const { positions } = call;
    call.users += 1;
    const own = representations.map((text) => {
      const known = positions.get(text);
      if (known !== undefined) return known;
      positions.set(text, positions.size);
      return positions.size - 1;
    });
    const { data, errors } = await call.answer;
    const entities = entitiesOf(data, positions.size);
    const broken = data !== null && entities === null && errors.length === 0;
    if (broken)
      this.access.onFailure?.(request.subgraph, new Error('the answer holds no list of the entities asked for'));
    return { entities, errors: broken ? [UNAVAILABLE] : errors, positions: own, isShared: call.users > 1 };
  }

  private callSoon(key: string, request: SubgraphRequest, further: readonly string[]): PendingCall {
    const positions = new Map<string, number>();
    // Steps that run in parallel are all begun before the first waiting is over.
    const answer = Promise.resolve().then(() => {
      this.pending.delete(key);
      return this.ask(request, [...further, `"${REPRESENTATIONS}":[${[...positions.keys()].join(',')}]`]);
    });
    return { positions, users: 0, answer };
  }

  /** Nothing for a variable without value: the text that asks has the default. */
  private variable(name: string): string | [] {
    const { variables } = this.caller;
    if (!Object.hasOwn(variables, name) || variables[name] === undefined) return [];
    let text = this.texts.get(name);
    if (text === undefined) this.texts.set(name, (text = `${JSON.stringify(name)}:${JSON.stringify(variables[name])}`));
    return text;
  }

  private async send(subgraph: string, body: string): Promise<SubgraphAnswer> {
    const { access, caller } = this;
    try {
      const transport = access.transports[subgraph];
      if (!transport) throw new Error(`There is no transport for the subgraph ${subgraph}`);
      const headers = { 'content-type': 'application/json', ...(await caller.headers?.(subgraph, body)) };
      const { status, body: text } = await withinTime(access.timeoutMs ?? 30_000, caller.signal, (signal) =>
        transport.send('/graphql', body, headers, signal),
      );
      return this.readAnswer(subgraph, status, text);
    } catch (error) {
      access.onFailure?.(subgraph, error);
      return { data: null, errors: [UNAVAILABLE] };
    }
  }

  private readAnswer(subgraph: string, status: number, text: string): SubgraphAnswer {
    const { readError = (error) => error } = this.access;
    const { data, errors } = JSON.parse(text) as { data?: JsonObject | null; errors?: unknown };
    const told = wellFormed(errors).map((error) => readError(error, status, subgraph));
    if (isObject(data) && (status === 200 || told.length > 0)) return { data, errors: told };
    if (told.length === 0) throw new Error(`the answer (status ${status}) holds neither data nor errors`);
    return { data: null, errors: told };
  }
}

const UNAVAILABLE: GraphQLFormattedError = { message: UNAVAILABLE_MESSAGE, extensions: { code: 'INTERNAL' } };

/** Of what a subgraph calls its errors, those that are. */
function wellFormed(errors: unknown): GraphQLFormattedError[] {
  return (Array.isArray(errors) ? errors : []).filter(isObject).map(({ message, path, ...others }) => ({
    ...others,
    message: String(message),
    ...(Array.isArray(path) && { path: path as (string | number)[] }),
  }));
}

function entitiesOf(data: JsonObject | null, expected: number): EntitiesAnswer['entities'] {
  const entities = data?._entities;
  return Array.isArray(entities) && entities.length === expected ? (entities as (JsonObject | null)[]) : null;
}

/** Waits so long and no longer, whether or not the one who is asked heeds its signal. */
function withinTime<T>(
  ms: number,
  outer: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (reason: unknown) => {
      controller.abort(reason);
      reject(reason);
    };
    const timer = setTimeout(() => end(new Error(`no answer within ${ms} ms`)), ms);
    const leave = () => end(outer?.reason);
    outer?.addEventListener('abort', leave, { once: true });
    const settle = () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', leave);
    };
    // What it throws at once is a failure like others.
    const answer = (async () => ask(controller.signal))();
    answer.then(resolve, reject).finally(settle);
  });
}
