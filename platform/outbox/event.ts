/** A kind of event: its name and who wants it. The payload's type is a contract between producer and consumers. */
export interface EventType<P extends object> {
  readonly type: string;
  readonly consumers: readonly string[];
  /** Carries the payload's type only; never set. */
  readonly payload?: P;
}

/** Declares an event. In the producing subgraph's `events.ts`. */
export function defineEvent<P extends object>(type: string, consumers: readonly string[]): EventType<P> {
  return { type, consumers };
}

/** An event as a consumer receives it. Consumers declare the shape of the payload that they read. */
export interface DeliveredEvent<P = Record<string, unknown>> {
  id: string;
  type: string;
  studentId: string;
  payload: P;
  at: Date;
}
