import { Field, Int, ObjectType } from 'type-graphql';
import { Authenticated, ListSize } from '../../../platform/graphql/directives';

@Authenticated()
@ObjectType('ChildCountRow', { description: 'How many students fall under one combination of keys.' })
export class ChildCountRow {
  @Field(() => [String], {
    description: 'One key per dimension asked for, in that order: a code, an age, an id, or NOT_RECORDED.',
  })
  keys: string[];
  @Field(() => [String], { description: 'The keys in words, in the same order.' }) labels: string[];
  @Field(() => Int, { nullable: true, description: 'How many; null when suppressed.' }) count: number | null;
  @Field({
    description: 'True when the count is hidden, because it is small or because a small one would follow from it.',
  })
  suppressed: boolean;
}

@Authenticated()
@ObjectType('ChildCount', { description: 'A count of students with a plan, within your scope.' })
export class ChildCount {
  @ListSize(100)
  @Field(() => [ChildCountRow], { description: 'The combinations that occur, by key.' })
  rows: ChildCountRow[];
  @Field(() => Int, { nullable: true, description: 'All of them together; null when suppressed.' }) total:
    number | null;
}
