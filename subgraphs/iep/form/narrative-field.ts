import { Field } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';

/** A statement about the student in people's own words: needs `iep.narrative:read` beyond the form. */
export function NarrativeField(description: string): PropertyDecorator {
  return (target, property) => {
    Field(() => String, { nullable: true, description })(target as object, property);
    RequiresScopes('iep.narrative:read')(target, property as string);
  };
}
