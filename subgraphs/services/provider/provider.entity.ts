import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, IdColumn, JsonColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { AtLevel, Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { ProviderKind } from './provider-kind';

/** A person who serves students or manages their cases. Hangs on no student: who serves whom is a `ProviderAssignment`. */
@Key('id')
@RequiresScopes('provider:read')
@ObjectType('Provider', { implements: Node, description: 'A person who serves students or manages their cases.' })
@Entity('provider')
@Index('provider_by_organization', ['organizationId', 'searchName'])
@Index('provider_by_account', ['accountId'])
@Index('provider_by_staff_id', ['staffIdHash'])
export class Provider {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  /** The account that sees the provider's students; null for somebody who doesn't sign in. */
  @RefColumn({ nullable: true })
  accountId: string | null;

  @Field({ description: 'Name as shown in lists.' })
  @StringColumn(160)
  displayName: string;

  /** The name as it is searched: lower case, without accents. */
  @StringColumn(160)
  searchName: string;

  @Field(() => ProviderKind, { description: 'On what footing the provider works (SESIS-01).' })
  @StringColumn(20)
  kind: ProviderKind;

  @RefColumn()
  organizationId: string;

  @RefColumn({ nullable: true })
  agencyId: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Codes of the services that the provider may deliver; null means no limit.',
  })
  @JsonColumn({ nullable: true })
  serviceCodes: string[] | null;

  @Field({ description: 'False for somebody who has left: keeps old records readable, and takes no new students.' })
  @BoolColumn()
  active: boolean;

  /** Keyed hash of the staff identifier; the identifier itself is never kept (domain B.4). */
  @StringColumn(64, { nullable: true })
  staffIdHash: string | null;

  @RequiresScopes('assignment:write')
  @AtLevel('district')
  @Field(() => String, {
    nullable: true,
    description: 'Last four digits of the staff identifier, to tell two people of one name apart.',
  })
  @StringColumn(4, { nullable: true })
  staffIdLastFour: string | null;
}
