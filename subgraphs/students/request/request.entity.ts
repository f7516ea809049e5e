import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  EditVersionColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { graphqlEnum } from '../../../platform/graphql/enums';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateTimeScalar } from '../../../platform/graphql/scalars';

export enum RequestKind {
  ADD_STUDENT = 'ADD_STUDENT',
  STATUS_CHANGE = 'STATUS_CHANGE',
  EXIT = 'EXIT',
}
graphqlEnum(RequestKind, 'RequestKind', 'What is asked for (domain C.9).', {
  ADD_STUDENT: 'To add a student, or to take over one who has a record already (SEIS-15, SEIS-16).',
  STATUS_CHANGE: 'To determine a status that only the district determines (SEIS-37).',
  EXIT: 'To exit a student (SEIS-23).',
});

export enum RequestState {
  SUBMITTED = 'SUBMITTED',
  ACCEPTED = 'ACCEPTED',
  DENIED = 'DENIED',
  WITHDRAWN = 'WITHDRAWN',
}
graphqlEnum(
  RequestState,
  'RequestState',
  'How far a request has come. Only a submitted one can be decided or withdrawn.',
  {
    SUBMITTED: 'Waits for the district.',
    ACCEPTED: 'Accepted and done.',
    DENIED: 'Denied, with a reason.',
    WITHDRAWN: 'Taken back by the person who made it.',
  },
);

/** A request belongs to the LEA that decides it. Its row hangs on no student: an add has none yet. */
@RequiresScopes('student:read')
@ObjectType('Request', { description: 'A request in the work queue of a district.' })
@Entity('student_request')
@Index('student_request_by_lea', ['leaId', 'state', 'id'])
@Index('student_request_by_selpa', ['selpaId', 'state', 'id'])
@Index('student_request_by_requester', ['requestedBy', 'id'])
export class StudentRequest {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @Field(() => RequestKind, { description: 'What is asked for.' }) @StringColumn(30) kind: RequestKind;
  @Field(() => RequestState, { description: 'How far it has come.' }) @StringColumn(20) state: RequestState;
  @RefColumn({ nullable: true }) studentId: string | null;
  /** The LEA that decides, and its SELPA (SEIS-02). */
  @RefColumn() leaId: string;
  @RefColumn({ nullable: true }) selpaId: string | null;
  @StringColumn(64) requestedBy: string;
  /** Perspective of the requester: rights don't add up across perspectives. */
  @StringColumn(64) requestedAs: string;
  @Field(() => DateTimeScalar, { description: 'When it was made.' }) @InstantColumn() requestedAt: Date;
  /** The input of the act that is asked for. */
  @JsonColumn() proposal: Record<string, unknown>;
  @StringColumn(64, { nullable: true }) decidedBy: string | null;
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was decided or withdrawn.' })
  @InstantColumn({ nullable: true })
  decidedAt: Date | null;
  @Field(() => String, { nullable: true, description: 'Reason of the decision.' })
  @StringColumn(500, { nullable: true })
  note: string | null;
  @Field(() => Int, { description: 'Counts the changes: send it back when you decide.' })
  @EditVersionColumn()
  version: number;
}
