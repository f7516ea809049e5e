import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BoolColumn,
  EditVersionColumn,
  IdColumn,
  JsonColumn,
  RefColumn,
  StringColumn,
} from '../../../platform/database/columns';
import { Key, RequiresScopes } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { ProviderKind } from './provider-kind';

/** A person who serves students or manages their cases. Hangs on no student: who serves whom is a `ProviderAssignment`. */
@Key('id')
@RequiresScopes('provider:read')
@ObjectType('Provider', { implements: Node, description: 'A person who serves students or manages their cases.' })
@Entity('provider')
@Index('provider_by_organization', ['organizationId', 'searchName'])
@Index('provider_by_account', ['accountId'])
@Index('provider_by_staff_id', ['staffIdHash'], { unique: true })
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

  /** Keyed hash of state and staff identifier; the identifier itself is never kept (X7, domain B.4). */
  @StringColumn(64, { nullable: true })
  staffIdHash: string | null;

  /** To tell two people of one name apart. Shown by the resolver to those who may (domain B.4). */
  @StringColumn(4, { nullable: true })
  staffIdLastFour: string | null;

  @Field(() => Int, { description: 'Counts the edits: send it back with a change.' })
  @EditVersionColumn()
  version: number;
}
