import { addDays } from '../../../platform/dates';
import type { RuleSeverity } from '../../../platform/errors';
import { isOpen, LEFTOVER_DAYS } from '../document/iep-states';
import { MeetingKind, MeetingPurpose, SIGNATURE_MEANING } from '../document/iep-codes';
import type { Iep } from '../document/iep.entity';
import { IepFormKind, REGULAR_CLASS_RANGE } from '../form/form-codes';
import { PRIOR_WRITTEN_NOTICE_ITEMS, REQUIRED_ITEMS } from '../form/form-content';
import { inputFieldOf } from '../form/form-paths';
import { contentIn, type FormEdit, hasPlan, type IepCase, isUnsignedOffer, signatureIn } from './iep-case';
import { duplicateServices } from './duplicate-services';

/** When a rule speaks: the words of domain D. */
export const RULE_MOMENTS = ['save', 'validate', 'affirm', 'official', 'submit', 'claim', 'bulk', 'nightly'] as const;
export type RuleMoment = (typeof RULE_MOMENTS)[number];

/** A violation: on which form (none: the document as a whole), where, and in which words if not the rule's own. */
export interface Problem {
  form?: IepFormKind;
  path: string[];
  message?: string;
  /** Where it weighs less than its rule, and where something else is to be done. */
  severity?: RuleSeverity;
  fix?: string | null;
}

/** A row of the catalogue of domain D. */
export interface Rule {
  id: string;
  when: readonly RuleMoment[];
  severity: RuleSeverity;
  message: string;
  fix: string | null;
  source: string;
}

export interface IepRule extends Rule {
  /** Silent when the purpose says that the parent did not sign the final offer (domain 0.3, X4). */
  needsParentAgreement?: boolean;
  /** A rule of the affirmation that hangs on nothing its input brings: the check on demand tells it once that act can come (SEIS-21). */
  foretold?: boolean;
  check(subject: IepCase): Problem[];
}

const { PRESENT_LEVELS, OFFER, PARTICIPANTS, NOTES, AMENDMENT } = IepFormKind;
/** The check on demand is also part of affirming (SEIS-54). */
const CHECKED = ['validate', 'affirm', 'official'] as const;
const AFFIRMED = ['affirm', 'official'] as const;

const NOT_APPLICABLE = /^(n[\s./\\]*a|not applicable)[\s.]*$/i;
const blank = (value: unknown): boolean => value == null || (typeof value === 'string' && value.trim() === '');
const at = (form: IepFormKind, ...rest: string[]): Problem => ({ form, path: [inputFieldOf(form), ...rest] });

/** Days within which a held meeting has to be affirmed (T-14, SEIS-80). */
export const AFFIRM_WITHIN_DAYS = 7;
/** Documented attempts to reach the parent before a document is closed without signature (SIRAS-117; district policy later). */
export const CONTACT_ATTEMPTS_NEEDED = 1;

/** The rules of domain D.1 that look at an IEP document, in the catalogue's order. */
export const IEP_RULES: readonly IepRule[] = [
  {
    id: 'V-003',
    when: AFFIRMED,
    severity: 'ERROR',
    message: 'No purpose of the meeting is chosen.',
    fix: 'Choose every purpose that fits.',
    source: 'SEIS-89, SEIS-90',
    check: ({ iep }) => (iep.purposes.length === 0 ? [{ path: ['purposes'] }] : []),
  },
  {
    id: 'V-004',
    when: AFFIRMED,
    severity: 'ERROR',
    message: 'This purpose needs its text.',
    fix: 'Write what the purpose was; for an unsigned offer, that the offer was made and not signed.',
    source: 'SEIS-74',
    check: ({ iep }) => {
      const needsText = [MeetingPurpose.OTHER, MeetingPurpose.DISTRICT_OFFER_NO_SIGNATURE].some((purpose) =>
        iep.purposes.includes(purpose),
      );
      return needsText && (blank(iep.purposeText) || NOT_APPLICABLE.test(iep.purposeText!))
        ? [{ path: ['purposeText'] }]
        : [];
    },
  },
  {
    id: 'V-006',
    when: AFFIRMED,
    severity: 'ERROR',
    message: 'The IEP must hold exactly one offer of the district.',
    fix: 'Keep exactly one offer.',
    source: 'SEIS-86',
    foretold: true,
    // A meeting that goes on has not come to its offer yet (SEIS-76).
    check: (subject) => {
      if (!hasPlan(subject) || subject.iep.toBeContinued) return [];
      const count = contentIn(subject, OFFER)?.offers.length ?? 0;
      return count === 1
        ? []
        : [
            {
              ...at(OFFER, 'offers'),
              message: `The IEP holds ${count || 'no'} offer${count > 1 ? 's' : ''}; it must hold exactly one.`,
            },
          ];
    },
  },
  {
    id: 'V-007',
    when: AFFIRMED,
    severity: 'WARNING',
    message: 'The IEP has no parent signature.',
    fix: 'Before the affirmation: record it on the participants form with saveIepForm, or choose the purpose DISTRICT_OFFER_NO_SIGNATURE. Later the case manager goes on with continueIep; in California the district may open the IEP again with reactivateIep.',
    source: 'SEIS-74, SEIS-79',
    needsParentAgreement: true,
    foretold: true,
    check: unsigned,
  },
  {
    id: 'V-008',
    when: ['nightly'],
    severity: 'ALERT',
    message: 'A held meeting was not affirmed within seven days.',
    fix: 'Affirm the IEP.',
    source: 'SEIS-80',
    check: ({ iep, today }) => {
      const since = affirmClockOf(iep);
      return isOpen(iep.state) && since && today > addDays(since, AFFIRM_WITHIN_DAYS)
        ? [{ path: ['meetingDate'] }]
        : [];
    },
  },
  {
    id: 'V-009',
    when: CHECKED,
    severity: 'ERROR',
    message: 'An item is left blank.',
    fix: 'Fill it in.',
    source: 'SEIS-64',
    check: blankItems,
  },
  {
    id: 'V-010',
    when: CHECKED,
    severity: 'ERROR',
    message: '“N/A” is not a statement.',
    fix: 'Write a statement.',
    source: 'SEIS-64',
    check: notApplicableItems,
  },
  {
    id: 'V-011',
    when: CHECKED,
    severity: 'WARNING',
    message: 'A topic is marked as discussed and has no comment.',
    fix: 'Add a comment or a note.',
    source: 'SEIS-65',
    check: (subject) =>
      (contentIn(subject, NOTES)?.topics ?? []).flatMap((topic, i) =>
        topic.discussed && blank(topic.comment) ? [at(NOTES, 'topics', String(i), 'comment')] : [],
      ),
  },
  {
    id: 'V-012',
    when: CHECKED,
    severity: 'WARNING',
    message: 'The structured notes are incomplete and can’t serve as prior written notice.',
    fix: 'Complete them.',
    source: 'SEIS-70; 34 CFR 300.503',
    check: (subject) => {
      const notes = contentIn(subject, NOTES);
      return notes
        ? PRIOR_WRITTEN_NOTICE_ITEMS.filter((item) => blank(notes[item])).map((item) => at(NOTES, item))
        : [];
    },
  },
  {
    id: 'V-015',
    when: ['save'],
    severity: 'ERROR',
    message: 'A state-reported field changes inside the red window, for a meeting after the report date.',
    fix: 'Wait until the report date is over, or let a district administrator override with a reason.',
    source: 'SEIS-46',
    check: ({ edit }) => (edit ? redWindowProblems(edit) : []),
  },
  {
    id: 'V-016',
    when: CHECKED,
    severity: 'ERROR',
    message: 'The plan holds the same service twice.',
    fix: 'Combine the minutes, or mark the extra rows "do not report".',
    source: 'SEIS-71, SEIS-72, SEIS-73',
    check: ({ services }) =>
      duplicateServices(services).map((service) => ({
        form: OFFER,
        path: ['services', service.id],
        message: `Service ${service.code} stands twice on the plan.`,
      })),
  },
  {
    id: 'V-022',
    when: CHECKED,
    severity: 'ERROR',
    message: 'The parent did not confirm participation, and the concern, the discussion or the decision is missing.',
    fix: 'Document all three.',
    source: 'SEIS-85',
    check: (subject) => {
      const participation = contentIn(subject, PARTICIPANTS)?.participation;
      if (!participation || participation.confirmed) return [];
      return (['concern', 'discussion', 'decision'] as const)
        .filter((item) => blank(participation[item]))
        .map((item) => at(PARTICIPANTS, 'participation', item));
    },
  },
  {
    id: 'V-024',
    when: CHECKED,
    severity: 'WARNING',
    message: 'A reconvened meeting needs a second consent page with its own date.',
    fix: 'Record the date of the second consent page.',
    source: 'SEIS-91',
    needsParentAgreement: true,
    check: (subject) =>
      subject.iep.reconvenedOn && !contentIn(subject, PARTICIPANTS)?.secondConsentOn
        ? [at(PARTICIPANTS, 'secondConsentOn')]
        : [],
  },
  {
    id: 'V-028',
    when: ['nightly'],
    severity: 'ALERT',
    message: `The meeting has been open for more than ${LEFTOVER_DAYS} days.`,
    fix: 'Affirm the IEP, or document why the meeting stays open.',
    source: 'SIRAS-74, SIRAS-75, SIRAS-116; T-16',
    check: ({ iep, today }) =>
      isOpen(iep.state) && today > addDays(iep.openedOn, LEFTOVER_DAYS) ? [{ path: ['openedOn'] }] : [],
  },
  {
    id: 'V-029',
    when: AFFIRMED,
    severity: 'ERROR',
    message: 'Closing without signature needs documented attempts to contact the parent.',
    fix: 'Add the contact attempts to the participants form.',
    source: 'SIRAS-117',
    check: (subject) =>
      isUnsignedOffer(subject) &&
      (contentIn(subject, PARTICIPANTS)?.contactAttempts.length ?? 0) < CONTACT_ATTEMPTS_NEEDED
        ? [at(PARTICIPANTS, 'contactAttempts')]
        : [],
  },
  {
    id: 'V-060',
    when: CHECKED,
    severity: 'ERROR',
    message: 'The amendment needs the contact method, what was changed, and why.',
    fix: 'Fill in the amendment form.',
    source: 'SER-91, SER-92',
    check: (subject) => {
      const amendment = contentIn(subject, AMENDMENT);
      if (!amendment) return [];
      const isMissing = (value: string | null) => blank(value) || NOT_APPLICABLE.test(value!);
      return (['contactMethod', 'whatChanged', 'why'] as const)
        .filter((item) => isMissing(amendment[item]))
        .map((item) => at(AMENDMENT, item));
    },
  },
  {
    id: 'V-128',
    when: CHECKED,
    severity: 'ERROR',
    message: 'The environment and the share of the day inside the regular class don’t fit.',
    fix: 'Correct the environment or the percentage.',
    source: 'CALPADS SPED0389; domain F.8',
    check: (subject) => {
      const offer = contentIn(subject, OFFER);
      const range = offer?.federalEnvironment && REGULAR_CLASS_RANGE[offer.federalEnvironment];
      if (!offer || !range || !hasPlan(subject)) return [];
      const share = offer.percentInsideRegularClass;
      return share === null || share < range[0] || share > range[1] ? [at(OFFER, 'percentInsideRegularClass')] : [];
    },
  },
];

/** One problem per field; warnings when the change stands all the same. */
function redWindowProblems({ form, fields, removed, window, isDated, overridden }: FormEdit): Problem[] {
  const closed = `The field is reported to the state on ${window.reportDate} (${window.name})`;
  const outcome: Omit<Problem, 'path'> = overridden
    ? { message: `${closed}; the override is on record.`, severity: 'WARNING', fix: null }
    : isDated
      ? { message: `${closed}, and this IEP’s meeting comes after.` }
      : { message: `${closed}, and this IEP’s meeting may come after.`, severity: 'WARNING', fix: 'Plan the meeting.' };
  return fields.map((field) => ({ form, ...outcome, path: removed ? ['remove'] : [inputFieldOf(form), field] }));
}

/**
 * A plan is affirmed without an answer, with a warning: the prior one stays put. An amendment is not: it takes effect when the
 * parents agree, and is closed when they refuse (domain C.2).
 */
function unsigned(subject: IepCase): Problem[] {
  const signature = signatureIn(subject);
  if (subject.iep.kind !== MeetingKind.AMENDMENT)
    return signature === null || !SIGNATURE_MEANING[signature].signed ? [at(PARTICIPANTS, 'signature')] : [];
  if (signature === 'REFUSED' || (signature && SIGNATURE_MEANING[signature].agreed)) return [];
  return [
    {
      ...at(PARTICIPANTS, 'signature'),
      severity: 'ERROR',
      message: 'An amendment takes effect when the parents agree.',
      fix: 'Record their answer on the participants form with saveIepForm; a refusal closes the amendment, and a later agreement is recorded with recordLateAgreement.',
    },
  ];
}

/** The day from which a held meeting has seven days to be affirmed (T-14); null before it was held. */
function affirmClockOf(iep: Iep): string | null {
  if (!iep.heldOn) return null;
  // A reactivated document was affirmed once before: its clock starts on the day of the reactivation.
  if (iep.reactivatesIepId) return iep.openedOn;
  // An amendment keeps the date of the meeting that it amends (SER-95): its clock runs from its own session.
  return iep.kind === MeetingKind.AMENDMENT ? iep.heldOn : iep.meetingDate;
}

function blankItems(subject: IepCase): Problem[] {
  const items = subject.forms.flatMap((form) => {
    if (form.kind === OFFER && !hasPlan(subject)) return [];
    return REQUIRED_ITEMS[form.kind].flatMap(([field, label]) =>
      blank((form.content as Record<string, unknown>)[field])
        ? [{ ...at(form.kind, field), message: `${label}: left blank.` }]
        : [],
    );
  });
  const goals = subject.goals.flatMap((goal, i) =>
    (['statement', 'baseline'] as const).flatMap((field) =>
      blank(goal[field])
        ? [{ path: ['goals', String(i), field], message: `Goal ${i + 1}: the ${field} is left blank.` }]
        : [],
    ),
  );
  const noGoal =
    hasPlan(subject) && subject.goals.length === 0
      ? [{ path: ['goals'], message: 'The plan has no annual goal.' }]
      : [];
  return [...items, ...goals, ...noGoal];
}

function notApplicableItems(subject: IepCase): Problem[] {
  const statements: [Problem, unknown][] = subject.forms
    .filter((form) => form.kind === PRESENT_LEVELS || form.kind === OFFER || form.kind === NOTES)
    .flatMap((form) =>
      Object.entries(form.content).map(([field, value]): [Problem, unknown] => [at(form.kind, field), value]),
    );
  const offers = (contentIn(subject, OFFER)?.offers ?? []).map((offer, i): [Problem, unknown] => [
    at(OFFER, 'offers', String(i)),
    offer,
  ]);
  const goals = subject.goals.flatMap((goal, i) =>
    (['statement', 'baseline'] as const).map((field): [Problem, unknown] => [
      { path: ['goals', String(i), field] },
      goal[field],
    ]),
  );
  return [...statements, ...offers, ...goals]
    .filter(([, value]) => typeof value === 'string' && NOT_APPLICABLE.test(value.trim()))
    .map(([problem]) => problem);
}
