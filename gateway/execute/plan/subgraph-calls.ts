import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import { UNAVAILABLE_MESSAGE } from '../../public-errors';
import type { RecordLater } from '../../../platform/subgraph/create-subgraph';
import type { Leaving, SubgraphAnswer as TransportAnswer, SubgraphTransport } from '../../transport/transport';
import { isObject, type JsonObject } from './json';

/** How subgraphs are reached; the same for all requests. */
export interface SubgraphAccess {
  transports: Readonly<Record<string, SubgraphTransport>>;
  /** A subgraph that has not answered by then has failed (default 30 s); null where every caller's signal has a deadline. */
  timeoutMs?: number | null;
}

/** Whose calls these are: nothing of it outlives the request. */
export interface Caller {
  /** As the client sent them. */
  variables: JsonObject;
  /** For every call, in lower case. */
  headers?(subgraph: string, body: string): Record<string, string>;
  /** What an answer's error may say to the client; by default all of it. */
  readError?(error: GraphQLFormattedError, status: number, subgraph: string): GraphQLFormattedError;
  /** Learns why a subgraph gave no answer; the client does not. */
  onFailure?(subgraph: string, error: unknown): void;
  /** Takes what must be on record before anything of the answer is shown. */
  recordLater?: RecordLater;
  /** Ends the waiting for all subgraphs, when the client is gone. */
  signal?: Leaving;
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
  representations: string[];
  /** Where each of them stands; made when a second user comes. */
  positions?: Map<string, number>;
  answer: Promise<SubgraphAnswer>;
}

/** The calls of one client's request. No method throws: a subgraph that fails answers with an error. */
export class SubgraphCalls {
  private readonly pending = new Map<string, PendingCall>();
  private readonly texts = new Map<string, string>();
  /** Ends the waiting for each call that is not answered yet. */
  private readonly waiting = new Set<(reason: unknown) => void>();

  constructor(
    private readonly access: SubgraphAccess,
    private readonly caller: Caller,
  ) {
    const { signal } = caller;
    signal?.addEventListener('abort', () => this.waiting.forEach((leave) => leave(signal.reason)));
  }

  get isAborted(): boolean {
    return this.caller.signal?.aborted ?? false;
  }

  /** What went wrong in asking, or in taking in an answer; the error that the client gets for it. */
  broken(subgraph: string, error: unknown): GraphQLFormattedError {
    this.caller.onFailure?.(subgraph, error);
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
   * @param representations the JSON of each, all different
   */
  async entities(
    request: SubgraphRequest,
    representations: readonly string[],
    further: readonly string[],
  ): Promise<EntitiesAnswer> {
    const key = further.length > 0 ? `${request.key} ${further.join(',')}` : request.key;
    let call = this.pending.get(key);
    const own = call ? join(call, representations) : representations.map((_, at) => at);
    if (!call) this.pending.set(key, (call = this.callSoon(key, request, representations, further)));
    const { data, errors } = await call.answer;
    const entities = entitiesOf(data, call.representations.length);
    const broken = data !== null && entities === null && errors.length === 0;
    if (broken)
      this.caller.onFailure?.(request.subgraph, new Error('the answer holds no list of the entities asked for'));
    return {
      entities,
      errors: broken ? [UNAVAILABLE] : errors,
      positions: own,
      isShared: call.positions !== undefined,
    };
  }

  private callSoon(
    key: string,
    request: SubgraphRequest,
    representations: readonly string[],
    further: readonly string[],
  ): PendingCall {
    const call: PendingCall = {
      representations: [...representations],
      // Steps that run in parallel are all begun before the first waiting is over.
      answer: Promise.resolve().then(() => {
        this.pending.delete(key);
        return this.ask(request, [...further, `"${REPRESENTATIONS}":[${call.representations.join(',')}]`]);
      }),
    };
    return call;
  }

  /** Nothing for a variable without value: the text that asks has the default. */
  private variable(name: string): string | [] {
    const { variables } = this.caller;
    if (!Object.hasOwn(variables, name) || variables[name] === undefined) return [];
    let text = this.texts.get(name);
    if (text === undefined) this.texts.set(name, (text = `${JSON.stringify(name)}:${JSON.stringify(variables[name])}`));
    return text;
  }

  /** Waits no longer than it may, whether or not the one who is asked heeds the signal. */
  private send(subgraph: string, body: string): Promise<SubgraphAnswer> {
    const { access, caller, waiting } = this;
    const { timeoutMs: ms = 30_000 } = access;
    return new Promise((resolve, reject) => {
      /** By the first of answer, fault and deadline; what comes later comes too late. */
      const end = (answer: () => SubgraphAnswer): void => {
        if (!waiting.delete(fail)) return;
        clearTimeout(timer);
        try {
          resolve(answer());
        } catch (error) {
          reject(error as Error);
        }
      };
      const fail = (reason: unknown): void => end(() => this.failed(subgraph, reason));
      const take = (answer: TransportAnswer): void => end(() => this.taken(subgraph, answer));
      const timer = ms === null ? undefined : setTimeout(() => fail(new Error(`no answer within ${ms} ms`)), ms);
      waiting.add(fail);
      try {
        const transport = access.transports[subgraph];
        if (!transport) throw new Error(`There is no transport for the subgraph ${subgraph}`);
        if (caller.signal?.aborted) throw caller.signal.reason;
        const headers = caller.headers?.(subgraph, body) ?? {};
        transport.send('/graphql', body, headers, caller.signal, caller.recordLater).then(take, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  private failed(subgraph: string, reason: unknown): SubgraphAnswer {
    return { data: null, errors: [this.broken(subgraph, reason)] };
  }

  private taken(subgraph: string, answer: TransportAnswer): SubgraphAnswer {
    try {
      return this.readAnswer(subgraph, answer.status, answer.result ?? JSON.parse(answer.body));
    } catch (error) {
      return this.failed(subgraph, error);
    }
  }

  private readAnswer(
    subgraph: string,
    status: number,
    { data, errors }: { data?: JsonObject | null; errors?: unknown },
  ): SubgraphAnswer {
    const { readError = (error) => error } = this.caller;
    const told = wellFormed(errors).map((error) => readError(error, status, subgraph));
    if (isObject(data) && (status === 200 || told.length > 0)) return { data, errors: told };
    if (told.length === 0) throw new Error(`the answer (status ${status}) holds neither data nor errors`);
    return { data: null, errors: told };
  }
}

/** The positions of what another user asks for: behind what was asked for already. */
function join(call: PendingCall, representations: readonly string[]): number[] {
  const all = call.representations;
  const positions = (call.positions ??= new Map(all.map((text, at) => [text, at])));
  return representations.map((text) => {
    const known = positions.get(text);
    if (known !== undefined) return known;
    positions.set(text, all.length);
    return all.push(text) - 1;
  });
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
