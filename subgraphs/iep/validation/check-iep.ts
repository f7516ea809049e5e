import type { RuleError } from '../../../platform/errors';
import { IepFormKind, ValidationMark } from '../form/form-codes';
import type { Finding } from '../../../platform/graphql/finding';
import { IEP_TRANSITIONS } from '../document/iep-states';
import { type IepCase, isUnsignedOffer } from './iep-case';
import { IEP_RULES, type IepRule, type Problem, type RuleMoment } from './rules';

/** A finding together with the form that it marks. */
export interface IepFinding extends Finding {
  form: IepFormKind | null;
}

const ON_DEMAND: readonly RuleMoment[] = ['validate', 'nightly'];

/** Runs the rules of these moments over one IEP, in the catalogue's order. */
export const checkIep = (subject: IepCase, moments: readonly RuleMoment[]): IepFinding[] =>
  findingsOf(subject, (rule) => rule.when.some((moment) => moments.includes(moment)));

/** What the check on demand finds (SEIS-21): its own rules and, when the affirmation comes next, what that would find. */
export function checkOnDemand(subject: IepCase): IepFinding[] {
  const comesNext = IEP_TRANSITIONS[subject.iep.state].AFFIRM !== undefined;
  return findingsOf(
    subject,
    (rule) => rule.when.some((moment) => ON_DEMAND.includes(moment)) || (comesNext && rule.foretold === true),
  );
}

function findingsOf(subject: IepCase, speaks: (rule: IepRule) => boolean): IepFinding[] {
  const silent = isUnsignedOffer(subject);
  return IEP_RULES.filter((rule) => speaks(rule) && !(silent && rule.needsParentAgreement)).flatMap((rule) =>
    rule.check(subject).map((problem) => finding(rule, problem)),
  );
}

function finding(
  { check: _check, needsParentAgreement: _tag, foretold: _foretold, ...rule }: IepRule,
  problem: Problem,
): IepFinding {
  return {
    rule,
    severity: problem.severity ?? rule.severity,
    message: problem.message ?? rule.message,
    fix: problem.fix === undefined ? rule.fix : problem.fix,
    path: problem.path,
    form: problem.form ?? null,
  };
}

/** Red X, yellow mark or green check of a form (SER-76 to SER-78). */
export function markOf(form: IepFormKind, findings: readonly IepFinding[]): ValidationMark {
  const own = findings.filter((one) => one.form === form);
  if (own.some((one) => one.severity === 'ERROR')) return ValidationMark.FAIL;
  return own.some((one) => one.severity === 'WARNING') ? ValidationMark.WARNING : ValidationMark.PASS;
}

export const isBlocking = (one: Finding): boolean => one.severity === 'ERROR';

/** A finding as an error of a payload. */
export const asRuleError = (one: Finding): RuleError => ({
  code: one.rule.id,
  message: one.fix ? `${one.message} ${one.fix}` : one.message,
  path: one.path,
  severity: one.severity,
});
