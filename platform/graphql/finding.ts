import { Field, ObjectType } from 'type-graphql';
import { Authenticated, Shareable } from './directives';
import { Severity } from './user-error';
import type { RuleSeverity } from '../errors';

@Shareable()
@Authenticated()
@ObjectType('ValidationRule', { description: 'A rule of the validation catalogue.' })
export class ValidationRule {
  @Field({ description: 'Id, such as V-009.' }) id: string;
  @Field(() => [String], { description: 'When it speaks: save, validate, affirm, official, submit, nightly …' })
  when: readonly string[];
  @Field(() => Severity, { description: 'How much it weighs.' }) severity: RuleSeverity;
  @Field({ description: 'What is wrong when it speaks.' }) message: string;
  @Field(() => String, { nullable: true, description: 'What to do.' }) fix: string | null;
  @Field({ description: 'Where the rule comes from: a requirement or a law.' }) source: string;
}

@Shareable()
@Authenticated()
@ObjectType('Finding', { description: 'A rule that spoke about a record.' })
export class Finding {
  @Field(() => ValidationRule, { description: 'The rule.' }) rule: ValidationRule;
  @Field(() => Severity, { description: 'How much this finding weighs.' }) severity: RuleSeverity;
  @Field({ description: 'What is wrong, in plain words.' }) message: string;
  @Field(() => String, { nullable: true, description: 'What to do.' }) fix: string | null;
  @Field(() => [String], { nullable: true, description: 'Where: form and field.' }) path: string[] | null;
}
