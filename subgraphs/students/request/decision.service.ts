import { notFound, Rejection, reject, type RuleError } from '../../../platform/errors';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import type { Session } from '../../../platform/scope/session';
import { JurisdictionService } from '../jurisdiction/jurisdiction.service';
import { countCrossing } from '../student/crossing-limit';
import { checkTexts } from '../student/field-rules';
import type { AddStudentInput } from '../student/student.inputs';
import { StudentRepository } from '../student/student.repository';
import { StudentService } from '../student/student.service';
import { type Determination, StatusService } from '../status/status.service';
import { RequestKind, RequestState, type StudentRequest } from './request.entity';
import { type ProcessRequestInput, RequestDecision } from './request.inputs';
import { RequestRepository } from './request.repository';
import { RequestService } from './request.service';

/** The capability that each kind needs beside `request:process`: accepting is doing. */
const CAPABILITY: Record<RequestKind, string> = {
  [RequestKind.ADD_STUDENT]: 'student:write',
  [RequestKind.STATUS_CHANGE]: 'status:write',
  [RequestKind.EXIT]: 'exit:process',
};

/** What accepting a request did. */
interface Accepted {
  studentId: string;
  warnings?: RuleError[];
}

/** Decides the requests of a work queue: accepting one is doing it, under the rules of the act and the rights of the decider. */
export class DecisionService {
  private readonly requests: RequestService;

  constructor(private readonly session: Session) {
    this.requests = session.get(RequestService);
  }

  /** @returns ids of the request and of the student that it was about, and what the decider has to know */
  async process(input: ProcessRequestInput): Promise<WriteResult> {
    checkTexts(input);
    const request = await this.requests.openRequest(input.id, input.version);
    // The requester sees the own request, but that gives no right to decide it.
    if (!this.mayDecide(request)) throw notFound('The request');
    if (input.decision === RequestDecision.DENY) {
      if (!input.note?.trim()) throw reject('C.9', 'Say why the request is denied.', ['note']);
      await this.requests.finish(request, RequestState.DENIED, { note: input.note });
      return { ids: { request: request.id, ...(request.studentId ? { student: request.studentId } : {}) } };
    }
    const needed = CAPABILITY[request.kind];
    if (!this.session.principal.capabilities.includes(needed))
      throw reject('C.9', `Accepting this request needs the right ${needed}.`, ['decision']);
    // The request first: a second decider waits here, and finds it decided.
    await this.requests.finish(request, RequestState.ACCEPTED, { note: input.note ?? null });
    const { studentId, warnings = [] } = await this.accept(request, input);
    await this.session.get(RequestRepository).attachStudent(request.id, studentId);
    return { ids: { request: request.id, student: studentId }, errors: warnings };
  }

  private mayDecide({ leaId, selpaId }: StudentRequest): boolean {
    const queues = [`LEA:${leaId}`, ...(selpaId ? [`SELPA:${selpaId}`] : [])];
    return this.session.principal.grants.some(
      ({ relation, grantee }) => relation === 'JURISDICTION' && queues.includes(grantee),
    );
  }

  private accept(request: StudentRequest, input: ProcessRequestInput): Promise<Accepted> {
    if (request.kind === RequestKind.ADD_STUDENT)
      return this.addOrClaim(request.proposal as unknown as AddStudentInput, input.confirmNewRecord === true);
    return this.determine(request);
  }

  /** A record of the same unique id is taken over by a claim, with all its rules; else the student is added. */
  private async addOrClaim(proposal: AddStudentInput, confirmNewRecord: boolean): Promise<Accepted> {
    const jurisdictions = this.session.get(JurisdictionService);
    const seen = await jurisdictions.seenOwner(proposal.stateId);
    await countCrossing(this.session.principal.subject);
    if (!seen) return { studentId: await this.session.get(StudentService).accept(proposal, confirmNewRecord) };
    if (!this.session.principal.capabilities.includes('jurisdiction:write')) {
      throw reject('C.9', 'Accepting this request needs the right jurisdiction:write.', ['decision']);
    }
    const { stateId, schoolId, beginDate, localId } = proposal;
    const { ids, errors } = await jurisdictions.claim({ stateId, schoolId, beginDate, localId }, seen);
    if (!ids.student) throw new Rejection(errors);
    return { studentId: ids.student, warnings: errors };
  }

  private async determine({ studentId, proposal }: StudentRequest): Promise<Accepted> {
    if (!studentId) throw new Error('A determination without a student');
    await this.session.lock(studentId);
    const student = await this.session.get(StudentRepository).findById(studentId);
    if (!student) throw notFound('The student');
    await this.session.get(StatusService).determine(student, proposal as unknown as Determination, 'DISTRICT');
    return { studentId };
  }
}
