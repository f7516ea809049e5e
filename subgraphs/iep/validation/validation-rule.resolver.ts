import { Arg, Field, InputType, Query, Resolver } from 'type-graphql';
import { badInput } from '../../../platform/errors';
import { Authenticated, ListSize, Reads } from '../../../platform/graphql/directives';
import { Severity } from '../../../platform/graphql/user-error';
import { RULE_CATALOGUE } from './catalogue';
import { ValidationRule } from '../../../platform/graphql/finding';
import { RULE_MOMENTS } from './rules';

@InputType({ description: 'Which rules. What is left out does not limit; everything given must hold.' })
export class ValidationRuleFilter {
  @Reads('ValidationRule.id')
  @Field(() => [String], { nullable: true, description: 'Any of these ids, such as V-009.' })
  ids?: string[] | null;
  @Reads('ValidationRule.when')
  @Field(() => [String], {
    nullable: true,
    description: `Speaks at any of these moments: ${RULE_MOMENTS.join(', ')}.`,
  })
  when?: string[] | null;
  @Reads('ValidationRule.severity')
  @Field(() => [Severity], { nullable: true, description: 'Any of these severities.' })
  severity?: Severity[] | null;
}

@Resolver()
export class ValidationRuleResolver {
  @Authenticated()
  @ListSize(150)
  @Query(() => [ValidationRule], {
    description:
      'The rules that the product checks, by id: what each finds wrong and what to do (SER-138 to SER-140). `UserError.code` and `Finding.rule` name them. A rule without a number (V-045) has the id of the requirement or section that it comes from, such as SER-61 or C.2.',
  })
  validationRules(
    @Arg('filter', () => ValidationRuleFilter, { nullable: true, description: 'Which ones; all when left out.' })
    filter: ValidationRuleFilter | null,
  ): ValidationRule[] {
    const { ids, when, severity } = filter ?? {};
    const unknown = when?.find((moment) => !RULE_MOMENTS.some((known) => known === moment));
    if (unknown !== undefined)
      throw badInput(`\`when\` knows the moments ${RULE_MOMENTS.join(', ')}.`, ['filter', 'when']);
    return RULE_CATALOGUE.filter(
      (rule) =>
        (!ids || ids.includes(rule.id)) &&
        (!when || rule.when.some((moment) => when.includes(moment))) &&
        (!severity || severity.some((one) => one === rule.severity)),
    );
  }
}
