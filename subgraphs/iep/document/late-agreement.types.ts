import { Field, ObjectType } from 'type-graphql';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { DateScalar } from '../../../platform/graphql/scalars';
import type { Attestation } from './attestation.entity';
import { SignatureOutcome } from './iep-codes';

/** Kept in the attestation, beside the form that shows the refusal (C.2). */
@RequiresScopes('iep:read')
@ObjectType('LateAgreement', { description: 'That the parents agreed to an amendment which they had refused.' })
export class LateAgreement {
  @Field(() => DateScalar, { description: 'The day of the agreement: from then on the amendment is in force.' })
  agreedOn: string;
  @Field(() => SignatureOutcome, { description: 'The answer: AGREE_ALL or AGREE_EXCEPT.' }) signature: SignatureOutcome;
  @RequiresScopes('iep.narrative:read')
  @Field(() => String, { nullable: true, description: 'The parts that are not agreed to.' })
  exceptions: string | null;

  static of(attestation: Attestation | undefined): LateAgreement | null {
    if (!attestation?.agreedOn) return null;
    const { agreedOn, agreement, exceptions } = attestation;
    return Object.assign(new LateAgreement(), { agreedOn, signature: agreement!, exceptions });
  }
}
