import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Authenticated, Shareable } from './directives';
import type { RuleError, RuleSeverity } from '../errors';

export enum Severity {
  ERROR = 'ERROR',
  WARNING = 'WARNING',
  ALERT = 'ALERT',
}
registerEnumType(Severity, {
  name: 'Severity',
  description: 'How much a finding weighs.',
  valuesConfig: {
    ERROR: { description: 'Blocks the act.' },
    WARNING: { description: 'Passes with a mark.' },
    ALERT: { description: 'Asks somebody to act.' },
  },
});

@Shareable()
@Authenticated()
@ObjectType('UserError', {
  description: 'Something that the caller can mend: which rule spoke, about which input, and what to do.',
})
export class UserError implements RuleError {
  @Field({
    description:
      'Id of the rule, such as V-045; where a guard has no number, of the requirement it comes from, such as SER-61.',
  })
  code: string;
  @Field({ description: 'What is wrong and what to do, in plain words.' }) message: string;
  @Field(() => [String], { nullable: true, description: 'The input field at fault, from the top of the input.' })
  path?: string[] | null;
  @Field(() => Severity, { description: 'Whether this blocked the act.' }) severity: RuleSeverity;
}

/** What every mutation payload carries; payload classes extend it and name themselves. */
@ObjectType()
export abstract class Payload {
  @Field(() => [UserError], { description: 'Why nothing was done, or what to look at. Empty when all is well.' })
  errors: UserError[];
}
