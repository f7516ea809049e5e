import { conflict, notFound, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import { JurisdictionRepository } from '../jurisdiction/jurisdiction.repository';
import { checkTexts } from '../student/field-rules';
import { StudentRepository } from '../student/student.repository';
import type { Determination } from '../status/status.service';
import { StudentStatus } from '../status/student-status';
import { RequestKind, RequestState, type StudentRequest } from './request.entity';
import type { RequestExitInput, WithdrawRequestInput } from './request.inputs';
import { RequestRepository } from './request.repository';

/** Whose queue a request goes to. */
export interface Queue {
  leaId: string;
  selpaId: string | null;
}

/** Makes and withdraws requests. What a decision does is `DecisionService`. */
export class RequestService {
  private readonly requests: RequestRepository;

  constructor(private readonly session: Session) {
    this.requests = session.get(RequestRepository);
  }

  /** Puts a request into the queue of the LEA that decides it. Returns its id. */
  submit(kind: RequestKind, studentId: string | null, queue: Queue, proposal: object): Promise<string> {
    const { principal, now } = this.session;
    return this.requests.insert({
      kind,
      state: RequestState.SUBMITTED,
      studentId,
      leaId: queue.leaId,
      selpaId: queue.selpaId,
      requestedBy: principal.subject,
      requestedAs: principal.perspective,
      requestedAt: now,
      proposal: { ...proposal },
      decidedBy: null,
      decidedAt: null,
      note: null,
    });
  }

  /** Asks the owning district for a determination that is its own to make (SEIS-23, SEIS-37). */
  async submitDetermination(kind: RequestKind, studentId: string, wanted: Determination): Promise<string> {
    const owner = await this.session.get(JurisdictionRepository).ofToday(studentId);
    if (!owner) throw reject('V-052', 'The student has no open jurisdiction: nobody can decide this.', ['studentId']);
    return this.submit(kind, studentId, owner, wanted);
  }

  /** Asks for an exit; only the district processes it (SEIS-23). */
  async requestExit({ studentId, exitOn, reason, idempotencyKey: _, ...rest }: RequestExitInput): Promise<string> {
    checkTexts(rest);
    await this.session.lock(studentId);
    if (!(await this.session.get(StudentRepository).findById(studentId))) throw notFound('The student');
    if (exitOn > this.session.today) throw reject('C.7', 'The day of an exit must not lie in the future.', ['exitOn']);
    return this.submitDetermination(RequestKind.EXIT, studentId, {
      ...rest,
      status: StudentStatus.EXITED,
      effectiveOn: exitOn,
      exitReason: reason,
    });
  }

  async withdraw({ id, version }: WithdrawRequestInput): Promise<string> {
    const request = await this.openRequest(id, version);
    if (request.requestedBy !== this.session.principal.subject) throw notFound('The request');
    await this.finish(request, RequestState.WITHDRAWN, {});
    return id;
  }

  /** A request in scope that waits for a decision, in the version that the caller read. */
  async openRequest(id: string, version: number): Promise<StudentRequest> {
    const request = await this.requests.findById(id);
    if (!request) throw notFound('The request');
    if (request.version !== version) throw conflict('Somebody else has changed this request. Read it again.');
    if (request.state !== RequestState.SUBMITTED)
      throw reject('C.9', `The request is ${request.state}: only a submitted one can be decided.`, ['id']);
    return request;
  }

  finish(request: StudentRequest, state: RequestState, changes: Partial<StudentRequest>): Promise<void> {
    return this.requests.update(request, {
      ...changes,
      state,
      decidedBy: this.session.principal.subject,
      decidedAt: this.session.now,
    });
  }
}
