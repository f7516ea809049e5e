import { FieldResolver, Resolver, Root } from 'type-graphql';
import { Document } from './document.entity';

@Resolver(() => Document)
export class DocumentResolver {
  /** Stored bytes are read only when somebody asks for them. */
  @FieldResolver(() => String, { nullable: true, description: 'The bytes, base64. Read only when asked for.' })
  async content(@Root() document: Document): Promise<string | null> {
    return typeof document.content === 'function' ? document.content() : (document.content ?? null);
  }
}
