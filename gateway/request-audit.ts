import type { RequestState } from './request-state';
import type { SubgraphTransport } from './transport/transport';

/** What the audit log keeps of a request: who asked, as what, for which operation, and what was denied. Never a value. */
export interface RequestRecord {
  /** Of the operation as the client sent it; null when it never became one. */
  operationName: string | null;
  /** SHA-256, hex, of the client's text. */
  operationHash: string | null;
  operationType: string | null;
  outcome: 'allowed' | 'filtered' | 'denied' | 'rejected' | 'invalid';
  /** Coordinates of denied selections and inputs. */
  denials: readonly string[];
}

/** Hands request records to the students subgraph, which keeps the log. The gateway itself has no database. */
export class RequestAudit {
  constructor(
    private readonly students: SubgraphTransport,
    private readonly serviceKey: string,
  ) {}

  /** Begins to keep a record beside the execution; the answer waits for it (`state.records`). No record, no answer. */
  begin(state: RequestState, record: RequestRecord): void {
    const { requestId, principal } = state;
    const keeping = this.keep({ requestId, subject: principal.subject, perspective: principal.perspective, ...record });
    // Awaited later: until then, a failure isn't an unhandled one.
    keeping.catch(() => undefined);
    state.records.push(keeping);
  }

  private async keep(record: object): Promise<void> {
    const headers = { 'content-type': 'application/json', 'x-service-key': this.serviceKey };
    const answer = await this.students.send('/internal/audit', JSON.stringify({ kind: 'request', record }), headers);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`students answered ${answer.status} to /internal/audit`);
  }
}
