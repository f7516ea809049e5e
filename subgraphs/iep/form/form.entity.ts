import { Entity, Index } from 'typeorm';
import {
  DayColumn,
  EditVersionColumn,
  IdColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import type { FormContent, FormContents } from './form-content';
import type { IepFormKind, ValidationMark } from './form-codes';

/** One form of an IEP as it is stored. Its GraphQL types, one per kind, are in `form.types.ts`. */
@Entity('iep_form')
@Index('iep_form_one_of_a_kind', ['iepId', 'kind'], { unique: true })
@Index('iep_form_by_student', ['studentId'])
export class FormRecord {
  @IdColumn() id: string;
  @RefColumn() iepId: string;
  @RefColumn() studentId: string;
  /** As of its IEP. */
  @DayColumn() scopeDate: string;
  @StringColumn(24) kind: IepFormKind;
  @JsonColumn() content: FormContent;
  @StringColumn(10) mark: ValidationMark;
  @EditVersionColumn() version: number;
}

/** The content of the form of this kind among an IEP's forms. */
export function contentOf<K extends IepFormKind>(
  forms: readonly Pick<FormRecord, 'kind' | 'content'>[],
  kind: K,
): FormContents[K] | null {
  return (forms.find((form) => form.kind === kind)?.content as FormContents[K] | undefined) ?? null;
}
