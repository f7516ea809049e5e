/**
 * Loaded before the product in each process of the bench. Times the steps of a request by wrapping what the product's modules
 * export, answers to the bench over IPC, and can put constants in the place of a step. The product knows nothing of it.
 */
import Module from 'node:module';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Microseconds. `own` is the time until the call returns, `wall` until its promise is settled. */
export interface StepTime {
  calls: number;
  own: number;
  wall: number;
}

/** Steps that the bench can leave out. */
export type Switch = 'audit' | 'signing' | 'token' | 'decision' | 'lock';
/** Steps that a process can repeat alone. */
export type Replay = { step: string; times: number };

export type Question =
  { ask: 'reset' } | { ask: 'read' } | { ask: 'off'; off: Switch[] } | ({ ask: 'replay' } & Replay);
export interface Reading {
  /** User and system time of the process since `reset`, µs. */
  cpu: number;
  steps: Record<string, StepTime>;
}
/** CPU and wall time of one call, µs. */
export interface Replayed {
  cpu: number;
  wall: number;
}

type Call = (this: unknown, ...args: never[]) => unknown;
type Exports = Record<string, unknown>;

const DIST = join(__dirname, '..', '..');
const steps = new Map<string, StepTime>();
/** The last call of each step, to be repeated. */
const lastCalls = new Map<string, () => unknown>();
/** The object that the last call was made on. */
const owners = new Map<string, unknown>();
const off = new Set<Switch>();
let since = process.cpuUsage();

function timeOf(step: string): StepTime {
  let time = steps.get(step);
  if (!time) steps.set(step, (time = { calls: 0, own: 0, wall: 0 }));
  return time;
}

/** @param instead given while `by` is off: what is called in the place of the step */
function timed(step: string, call: Call, by?: Switch, instead?: Call): Call {
  return function (this: unknown, ...args: never[]) {
    if (by && off.has(by)) return instead!.apply(this, args);
    lastCalls.set(step, () => call.apply(this, args));
    owners.set(step, this);
    const time = timeOf(step);
    time.calls++;
    const begun = performance.now();
    const result = call.apply(this, args);
    const own = (performance.now() - begun) * 1_000;
    time.own += own;
    if (!(result instanceof Promise)) {
      time.wall += own;
      return result;
    }
    const settled = (): void => void (time.wall += (performance.now() - begun) * 1_000);
    result.then(settled, settled);
    return result;
  };
}

function method(exported: Exports, type: string, name: string, step: string, by?: Switch, instead?: Call): void {
  const { prototype } = exported[type] as { prototype: Record<string, Call> };
  prototype[name] = timed(step, prototype[name]!, by, instead);
}

const plain = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

/** What is wrapped, by module. Exports of functions are getters, so a copy with others goes to whoever imports them. */
const wrappers: Record<string, (exported: Exports) => Exports> = {
  'gateway/authenticate/token-verifier.js': (exported) => {
    let identity: unknown;
    const { prototype } = exported.TokenVerifier as { prototype: Record<string, Call> };
    const { verify } = prototype;
    prototype.verify = async function (this: unknown, ...args: never[]) {
      return (identity = await (verify!.apply(this, args) as Promise<unknown>));
    };
    method(exported, 'TokenVerifier', 'verify', 'token', 'token', () => Promise.resolve(identity));
    return exported;
  },
  'gateway/authenticate/principal-source.js': (exported) => {
    method(exported, 'PrincipalSource', 'load', 'principal');
    return exported;
  },
  'gateway/request-audit.js': (exported) => {
    const kept = (state: { records: Promise<void>[] }): void => void state.records.push(Promise.resolve());
    method(exported, 'RequestAudit', 'begin', 'audit record: begun', 'audit', kept as Call);
    return exported;
  },
  'gateway/authorize/index.js': (exported) => {
    const create = exported.createAuthorizer as (options: object) => Record<string, Call>;
    const byDocument = new WeakMap<object, unknown>();
    const createAuthorizer = (options: object): Record<string, Call> => {
      const authorizer = create(options);
      const { authorize, checkInputs } = authorizer as { authorize: Call; checkInputs: Call };
      const decide = timed('field decision', authorize, 'decision', ((document: object) =>
        byDocument.get(document)) as Call);
      return {
        ...authorizer,
        authorize(...args) {
          // One that has no memory yet, as the miss.
          lastCalls.set('field decision, first', () => create(options).authorize!(...args));
          const decision = decide.apply(this, args) ?? authorize(...args);
          byDocument.set(args[0]!, decision);
          return decision;
        },
        checkInputs: timed('input check', checkInputs),
      };
    };
    return { ...exported, createAuthorizer };
  },
  'platform/principal/envelope.js': (exported) => ({
    ...exported,
    sealPrincipal: timed('signing', exported.sealPrincipal as Call, 'signing', plain as Call),
    openPrincipal: timed('verification', exported.openPrincipal as Call, 'signing', read as Call),
  }),
  'platform/subgraph/field-lock.js': (exported) => {
    method(exported, 'FieldLock', 'denied', 'second lock', 'lock', () => null);
    return exported;
  },
  'gateway/record-queue.js': (exported) => {
    method(exported, 'RecordQueue', 'keep', 'audit record: kept');
    return exported;
  },
  'platform/audit/audit-log.js': (exported) => {
    const { prototype } = exported.AuditLog as { prototype: Record<string, Call> };
    const { append } = prototype;
    const kinds: Record<string, Call> = {
      disclosure: timed('disclosure: appended', append!),
      request: timed('request record: appended', append!),
    };
    prototype.append = function (this: unknown, ...args: never[]) {
      if (off.has('audit')) return Promise.resolve();
      return (kinds[args[0]!] ?? append!).apply(this, args);
    };
    method(exported, 'AuditLog', 'takeBatch', 'audit commits');
    return exported;
  },
  'platform/audit/disclosure-record.js': (exported) => ({
    ...exported,
    disclosureRecord: timed('disclosure: made', exported.disclosureRecord as Call),
  }),
  'gateway/execute/operations.js': (exported) => {
    const start = exported.startOperations as (options: object) => Promise<{ answer: Answering }>;
    return { ...exported, startOperations: async (options: object) => metered(await start(options)) };
  },
};

type Answering = (body: object, accept: string | undefined, state: { records: Promise<void>[] }) => Promise<unknown>;

function metered<O extends { answer: Answering }>(operations: O): O {
  return {
    ...operations,
    async answer(body: object, accept: string | undefined, state: { records: Promise<void>[] }) {
      const begun = performance.now();
      const answer = await operations.answer(body, accept, state);
      const ended = performance.now();
      add('execution', ended - begun);
      void Promise.all(state.records).then(
        () => add('wait for the audit record', performance.now() - ended),
        () => undefined,
      );
      return answer;
    },
  };
}

function add(step: string, ms: number): void {
  const time = timeOf(step);
  time.calls++;
  time.wall += ms * 1_000;
}

interface Loader {
  _load(request: string, parent: NodeModule | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: NodeModule | undefined): string;
}
const loader = Module as unknown as Loader;
const wrapped = new Map<string, unknown>();
const load = loader._load;
loader._load = function (request, parent, isMain) {
  const exported = load.call(this, request, parent, isMain);
  if (!parent?.filename?.startsWith(DIST)) return exported;
  const name = request.startsWith('.') ? relative(DIST, loader._resolveFilename(request, parent)) : request;
  const wrap = wrappers[name];
  if (!wrap) return exported;
  if (!wrapped.has(name)) wrapped.set(name, wrap(exported as Exports));
  return wrapped.get(name);
};

/** Empties what a step remembers before the call, so that it does its whole work. */
function forget(step: string): void {
  const owner = owners.get(step) as Record<string, { clear?(): void } | undefined> | undefined;
  for (const memory of ['verified', 'known', 'verdicts']) owner?.[memory]?.clear?.();
}

async function replay({ step, times }: Replay): Promise<Replayed | null> {
  const isFirst = step.endsWith(', first');
  const remembered = isFirst ? step.slice(0, -', first'.length) : step;
  const call = lastCalls.get(step) ?? lastCalls.get(remembered);
  if (!call) return null;
  const once = async (): Promise<void> => {
    if (isFirst) forget(remembered);
    await call();
  };
  for (let i = 0; i < times / 4; i++) await once();
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < times; i++) await once();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / times, wall: ((performance.now() - begun) * 1_000) / times };
}

async function answer(question: Question): Promise<unknown> {
  if (question.ask === 'replay') return replay(question);
  if (question.ask === 'off') {
    off.clear();
    for (const step of question.off) off.add(step);
  }
  if (question.ask === 'reset') {
    steps.clear();
    since = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(since);
  return { cpu: user + system, steps: Object.fromEntries(steps) } satisfies Reading;
}

process.on('message', (question: Question) => void answer(question).then((reply) => process.send!(reply ?? null)));
process.channel?.unref();
