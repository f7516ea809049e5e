import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Authenticated, Shareable } from '../../../platform/graphql/directives';

/** The same type as in `iep`: a file that comes with its content. */
@Shareable()
@Authenticated()
@ObjectType('Document', { description: 'A file.' })
export class ReportDocument {
  @Field(() => ID, { description: 'Opaque id.' }) id: string;
  @Field({ description: 'A name to save it under.' }) fileName: string;
  @Field({ description: 'Media type, such as application/pdf.' }) mediaType: string;
  @Field(() => Int, { description: 'Bytes.' }) size: number;
  @Field(() => String, { nullable: true, description: 'The content, base64.' }) content: string | null;
}
