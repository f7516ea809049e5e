import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, IdColumn, InstantColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { RequiresScopes } from '../../../platform/graphql/directives';
import { graphqlEnum } from '../../../platform/graphql/enums';

export const DesignationKind = { PRIMARY: 'PRIMARY', BACKUP: 'BACKUP' } as const;
export type DesignationKind = (typeof DesignationKind)[keyof typeof DesignationKind];
graphqlEnum(DesignationKind, 'DesignationKind', 'As what a person is designated.', {
  PRIMARY: 'The system manager of the district, its primary coordinator (SIRAS-71).',
  BACKUP: 'The back-up (SIRAS-72).',
});

/**
 * Who answers for the system at a district: one system manager and one back-up (SEIS-36). It gives no right of its own and
 * counts while the person holds a role of a district administrator there (`designation.rule.ts`). Ended, never deleted.
 */
@RequiresScopes('account:manage')
@ObjectType('ManagerDesignation', { description: 'The system manager of a district, or the back-up (SEIS-36).' })
@Entity('manager_designation')
@Index('manager_designation_one_open', ['openOf'], { unique: true })
@Index('manager_designation_by_organization', ['organizationId', 'kind'])
export class ManagerDesignation {
  @Field(() => ID, { description: 'Opaque id.' }) @IdColumn() id: string;
  @RefColumn() organizationId: string;
  @RefColumn() accountId: string;
  @Field(() => DesignationKind, { description: 'As what.' }) @StringColumn(10) kind: DesignationKind;
  @Field({ description: 'True when it is half of the person’s time, not all of it (SIRAS-71).' })
  @BoolColumn()
  halfTime: boolean;
  @RefColumn() designatedBy: string;
  @Field(() => Date, { description: 'Since when.' }) @InstantColumn() designatedAt: Date;
  @Field(() => Date, { nullable: true, description: 'When it was ended or replaced.' })
  @InstantColumn({ nullable: true })
  endedAt: Date | null;
  /** Organization and kind while it is open, else null: unique, so that the database itself refuses a second one. */
  @StringColumn(80, { nullable: true }) openOf: string | null;
}
