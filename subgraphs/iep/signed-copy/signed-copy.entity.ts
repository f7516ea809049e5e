import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar, DateTimeScalar } from '../../../platform/graphql/scalars';

/**
 * A scan of the signed hard copy, which is the legal IEP (SEIS-53). Never changed: a newer one is shown in its place and the
 * older stays on record. Its bytes are in `iep_document_part`, under `documentId`.
 */
@RequiresScopes('iep.narrative:read')
@ObjectType('SignedCopy', { description: 'A scan of the signed hard copy, which is the legal IEP (SEIS-53).' })
@Entity('iep_signed_copy')
@Index('iep_signed_copy_by_iep', ['iepId', 'attachedAt'])
@Index('iep_signed_copy_by_student', ['studentId'])
export class SignedCopy {
  @Field(() => ID, { description: 'Id.' }) @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  @DayColumn() scopeDate: string;
  /** A reactivated IEP shares the scans of the one it replaces. */
  @RefColumn() documentId: string;
  @StringColumn(120) fileName: string;
  @StringColumn(40) mediaType: string;
  @IntColumn() size: number;
  @StringColumn(64) sha256: string;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature on the paper.' })
  @DayColumn({ nullable: true })
  signedOn: string | null;
  @Field(() => DateTimeScalar, { description: 'When the scan was attached.' }) @InstantColumn() attachedAt: Date;
  @RefColumn() attachedById: string;
}
