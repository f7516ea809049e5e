import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  DayColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  LongTextColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import type { PublishedService } from '../published/published-rows';
import type { SignatureOutcome } from './iep-codes';

/** By which right an IEP was affirmed (domain B.3): "affirm/attest" or "make official". */
export type AffirmingPath = 'AFFIRM' | 'MAKE_OFFICIAL';

/**
 * The recorded statement that the document and the state data match what the parent agreed to (SEIS-52), with the checklist
 * (SEIS-83), the delivery of the copy (SEIS-82) and the plan's services as they stood.
 */
@Entity('iep_attestation')
@Index('iep_attestation_by_iep', ['iepId'], { unique: true })
export class Attestation {
  @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  @DayColumn() scopeDate: string;
  @StringColumn(16) path: AffirmingPath;
  @RefColumn() attestedById: string;
  @StringColumn(200) attestedByName: string;
  @InstantColumn() attestedAt: Date;
  @BoolColumn() handwrittenChangesTyped: boolean;
  @BoolColumn() matchesSignedCopy: boolean;
  @BoolColumn() copyGivenToParent: boolean;
  @DayColumn({ nullable: true }) copyGivenOn: string | null;
  /** The services of the plan at that moment; they live on in another subgraph. */
  @JsonColumn() services: PublishedService[];
  /** A late agreement (C.2): the day and the answer. The form keeps the refusal that was recorded first. */
  @DayColumn({ nullable: true }) agreedOn: string | null;
  @StringColumn(24, { nullable: true }) agreement: SignatureOutcome | null;
  /** The parts that are not agreed to. */
  @LongTextColumn({ nullable: true }) exceptions: string | null;
}
