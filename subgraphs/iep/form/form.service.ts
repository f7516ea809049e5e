import { badInput, conflict, reject } from '../../../platform/errors';
import type { Session } from '../../../platform/scope/session';
import type { WriteResult } from '../../../platform/subgraph/request-context';
import { lockedIep, stateAfter } from '../document/iep-access';
import type { Iep } from '../document/iep.entity';
import { IepRepository } from '../document/iep.repository';
import { iepChanged } from '../events';
import { IepCheckService } from '../validation/iep-check.service';
import type { FormRecord } from './form.entity';
import type { SaveIepFormInput } from './form.inputs';
import { FormRepository } from './form.repository';
import {
  type FormContent,
  type FormContents,
  parseContent,
  PRIOR_WRITTEN_NOTICE_ITEMS,
  STATE_REPORTED,
} from './form-content';
import { IepFormKind, OPTIONAL_FORMS, ValidationMark } from './form-codes';
import { FORM_INPUTS, type FormInputField, inputFieldOf } from './form-paths';
import { FORM_TYPES, type IepForm } from './form.types';
import { isOpen } from '../document/iep-states';
import { RedWindowService } from '../red-window/red-window.service';

/** Saving, adding and removing forms of an open IEP. */
export class FormService {
  constructor(private readonly session: Session) {}

  /**
   * Saves one form and checks it.
   * @throws V-013 / V-014 on affirmed IEPs, CONFLICT when somebody else saved the form since `version`, V-015 in a red window
   */
  async save(input: SaveIepFormInput): Promise<WriteResult> {
    const field = chosenField(input);
    const iep = await lockedIep(this.session, input.iepId);
    stateAfter(iep, 'EDIT', ['iepId']);
    const kind = field ? FORM_INPUTS[field] : input.remove!;
    const known = await this.session.get(FormRepository).findByKind(iep.id, kind);
    const content = field ? parseContent(kind, input[field], field) : null;
    let reported: Partial<Iep> = {};
    if (field && content) {
      await (known ? this.change(known, content, input.version) : this.add(iep, kind, content, field));
      reported = reportedColumns(kind, content);
    } else {
      await this.remove(known, kind);
    }
    const change = { form: kind, before: known?.content ?? null, after: content, overrideReason: input.overrideReason };
    const errors = await this.session.get(RedWindowService).guard(iep, change);
    const ieps = this.session.get(IepRepository);
    await ieps.update(iep.id, reported, iep.version);
    await this.session.get(IepCheckService).checkAndMark((await ieps.findById(iep.id))!);
    await this.session.emit(iepChanged, iep.studentId, { iepId: iep.id, state: iep.state });
    return { ids: { iep: iep.id, form: kind }, errors };
  }

  private async change(form: FormRecord, content: FormContent, version: number | null | undefined): Promise<void> {
    if (version == null)
      throw badInput('Send the version of the form that you read, so that nobody’s edit is lost.', ['version']);
    await this.session.get(FormRepository).update(form.id, { content }, version);
  }

  private async add(iep: Iep, kind: IepFormKind, content: FormContent, field: FormInputField): Promise<void> {
    if (!OPTIONAL_FORMS.includes(kind)) throw badInput('This IEP has no such form.', [field]);
    const { id: iepId, studentId, scopeDate } = iep;
    await this.session
      .get(FormRepository)
      .insert({ iepId, studentId, scopeDate, kind, content, mark: ValidationMark.NOT_RUN, version: 1 });
  }

  private async remove(form: FormRecord | null, kind: IepFormKind): Promise<void> {
    if (!OPTIONAL_FORMS.includes(kind))
      throw reject('SER-83', 'This form belongs to the IEP and can’t be removed.', ['remove']);
    if (!form) throw conflict('The form is not on this IEP any more.');
    await this.session.get(FormRepository).remove([form.id]);
  }
}

function chosenField(input: SaveIepFormInput): FormInputField | null {
  const given = (Object.keys(FORM_INPUTS) as FormInputField[]).filter((field) => input[field] != null);
  if (given.length + (input.remove ? 1 : 0) !== 1) {
    throw badInput(`Give exactly one of ${Object.values(FORM_INPUTS).map(inputFieldOf).join(', ')} or remove.`);
  }
  return given[0] ?? null;
}

/** What other subgraphs read of an IEP without its forms. */
function reportedColumns(kind: IepFormKind, content: FormContent): Partial<Iep> {
  if (kind === IepFormKind.OFFER) {
    const { primaryDisability, federalEnvironment } = content as FormContents['OFFER'];
    return { primaryDisability, federalEnvironment };
  }
  if (kind === IepFormKind.PARTICIPANTS)
    return { signature: (content as FormContents['PARTICIPANTS']).signature?.outcome ?? null };
  return {};
}

/** The form as clients see it. */
export function presentForm(form: FormRecord, iep: Iep): IepForm {
  const shown = Object.assign(Object.create(FORM_TYPES[form.kind].prototype as object) as IepForm, form.content, {
    id: form.id,
    kind: form.kind,
    mark: form.mark,
    version: form.version,
    draft: isOpen(iep.state),
    stateReportedFields: STATE_REPORTED[form.kind],
    iep,
  });
  if (form.kind !== IepFormKind.NOTES) return shown;
  const notes = form.content as FormContents['NOTES'];
  return Object.assign(shown, {
    usableAsPriorWrittenNotice: PRIOR_WRITTEN_NOTICE_ITEMS.every((item) => Boolean(notes[item])),
  });
}
