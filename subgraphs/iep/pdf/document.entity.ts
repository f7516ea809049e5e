import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  LongTextColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { Authenticated, Shareable } from '../../../platform/graphql/directives';

/** A file as clients see it. Guarded by the fields that lead to it: `Iep.document` needs `iep.narrative:read`. */
@Shareable()
@Authenticated()
@ObjectType('Document', { description: 'A file.' })
export class Document {
  @Field(() => ID, { description: 'Id.' }) id: string;
  @Field({ description: 'Name for the download.' }) fileName: string;
  @Field({ description: 'Media type, such as application/pdf.' }) mediaType: string;
  @Field(() => Int, { description: 'Size in bytes.' }) size: number;
  @Field(() => String, { nullable: true, description: 'The bytes, base64. Read only when asked for.' })
  content?: string | null | (() => Promise<string | null>);
}

/** The date-stamped PDF of an affirmed IEP (SEIS-51). Its bytes are in `iep_document_part`. */
@Entity('iep_document')
@Index('iep_document_by_iep', ['iepId'], { unique: true })
export class IepDocument {
  @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  @DayColumn() scopeDate: string;
  @StringColumn(120) fileName: string;
  @IntColumn() size: number;
  @StringColumn(64) sha256: string;
  @InstantColumn() createdAt: Date;
}

/** A piece of the bytes of a printed IEP or a signed copy, base64: `text` holds 64 KB on MariaDB. */
@Entity('iep_document_part')
@Index('iep_document_part_in_order', ['documentId', 'position'], { unique: true })
export class IepDocumentPart {
  @IdColumn() id: string;
  @RefColumn() documentId: string;
  @RefColumn() studentId: string;
  @DayColumn() scopeDate: string;
  @IntColumn() position: number;
  @LongTextColumn() content: string;
}
