import type { RuleError } from '../../../platform/errors';
import { IepFormKind, ValidationMark } from '../form/form-codes';
import type { Finding } from '../../../platform/graphql/finding';
import { type IepCase, isUnsignedOffer } from './iep-case';
import { IEP_RULES, type IepRule, type Problem, type RuleMoment } from './rules';

/** A finding together with the form that it marks. */
export interface IepFinding extends Finding {
  form: IepFormKind | null;
}

/** Runs the rules of these moments over one IEP, in the catalogue's order. */
export function checkIep(subject: IepCase, moments: readonly RuleMoment[]): IepFinding[] {
  const silent = isUnsignedOffer(subject);
  return IEP_RULES.filter(
    (rule) => rule.when.some((moment) => moments.includes(moment)) && !(silent && rule.needsParentAgreement),
  ).flatMap((rule) => rule.check(subject).map((problem) => finding(rule, problem)));
}

function finding({ check: _check, needsParentAgreement: _tag, ...rule }: IepRule, problem: Problem): IepFinding {
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
