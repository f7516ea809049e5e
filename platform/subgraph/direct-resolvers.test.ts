import 'reflect-metadata';
import { graphql } from 'graphql';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Info,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  UseMiddleware,
} from 'type-graphql';
import { Authenticated } from '../graphql/directives';
import { buildSubgraph, stub } from './federation';

@InputType({ description: 'Which.' })
class Which {
  @Field({ description: 'Word.' }) word: string;
  shout(): string {
    return this.word.toUpperCase();
  }
}

@Authenticated()
@ObjectType('Owner', { description: 'Somebody.' })
class Owner {
  @Field({ description: 'Id.' }) id: string;
  hello(): string {
    return `I am ${this.id}`;
  }
}

@Resolver(() => Owner)
class OwnerResolver {
  private readonly sign = '!';

  @Query(() => [Owner], { description: 'Of its class, and not yet of it.' })
  owners(): object[] {
    return [Object.assign(new Owner(), { id: 'a' }), { id: 'b' }];
  }
  @FieldResolver(() => String, { description: 'Of the object alone.' })
  alone(@Root() owner: Owner): string {
    return owner.hello() + this.sign;
  }
  @FieldResolver(() => String, { description: 'The context first.' })
  turned(@Ctx() context: { word: string }, @Root() owner: Owner): string {
    return `${context.word} ${owner.hello()}`;
  }
  @FieldResolver(() => String, { description: 'With arguments.' })
  counted(
    @Arg('first', () => Int, { defaultValue: 3 }) first: number,
    @Root() { id }: Owner,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): string {
    return JSON.stringify([id, first, after === undefined ? 'not given' : after]);
  }
  @FieldResolver(() => String, { description: 'With an object for an argument.' })
  shouted(@Root() owner: Owner, @Arg('which') which: Which): string {
    return `${owner.hello()} ${which.shout()}`;
  }
  @FieldResolver(() => String, { description: 'With a part of the object, and of the query.' })
  partly(@Root('id') id: string, @Info() { fieldName }: { fieldName: string }, @Ctx('word') word: string): string {
    return [id, fieldName, word].join();
  }
}

test('methods get what type-graphql would give them, called by it or without it', async () => {
  const { schema } = buildSubgraph({ resolvers: [OwnerResolver] });
  const source = `{ owners { id alone turned counted given: counted(first: 5, after: "x") none: counted(after: null)
    shouted(which: { word: "hey" }) partly } }`;
  const { data, errors } = await graphql({ schema, source, contextValue: { word: 'Now' } });
  expect(errors).toBeUndefined();
  const of = (id: string) => ({
    ...{ id, alone: `I am ${id}!`, turned: `Now I am ${id}`, counted: `["${id}",3,"not given"]` },
    ...{ given: `["${id}",5,"x"]`, none: `["${id}",3,null]`, shouted: `I am ${id} HEY`, partly: `${id},partly,Now` },
  });
  expect(JSON.parse(JSON.stringify(data))).toEqual({ owners: [of('a'), of('b')] });
});

test('the reference of a stub is one of its class, with the key', () => {
  const owner = stub(Owner)({ id: 'c' } as never, undefined as never) as Owner;
  expect(owner.hello()).toBe('I am c');
});

// The last: the library remembers it.
test('a graph with a middleware is not built: it would be left out', () => {
  @ObjectType('Masked', { description: 'With a middleware.' })
  class Masked {
    @UseMiddleware(() => Promise.resolve('masked'))
    @Field({ description: 'Masked.' })
    secret: string;
  }
  expect(() => buildSubgraph({ resolvers: [OwnerResolver], orphanedTypes: [Masked] })).toThrow(
    /middlewares are not heeded/,
  );
});
