import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Authenticated } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import { Payload } from '../../../platform/graphql/user-error';
import { Iep } from '../document/iep.entity';

@InputType('AttachSignedCopyInput', { description: 'Attaches a scan of the signed hard copy (SEIS-53).' })
export class AttachSignedCopyInput {
  @Field(() => ID, { description: 'The IEP: its meeting was held, or it is an amendment.' }) iepId: string;
  @Field({ description: 'Name for the download, at most 120 characters.' }) fileName: string;
  @Field(() => String, {
    nullable: true,
    description: 'What the client takes the file for. The bytes decide: PDF, JPEG, PNG or TIFF.',
  })
  mediaType?: string | null;
  @Field({
    description:
      'The file in base64, at most 5 MB decoded. Send it as a variable: the text of an operation is limited to 1 MB.',
  })
  content: string;
  @Field(() => DateScalar, { nullable: true, description: 'The day of the signature on the paper, today or before.' })
  signedOn?: string | null;
  @Field(() => String, { nullable: true, description: 'Repeating with the same key attaches once.' }) idempotencyKey?:
    string | null;
}

@Authenticated()
@ObjectType('AttachSignedCopyPayload', { description: 'The IEP with its signed copy.' })
export class AttachSignedCopyPayload extends Payload {
  @Field(() => Iep, { nullable: true, description: 'The IEP.' }) iep?: Iep | null;
}
