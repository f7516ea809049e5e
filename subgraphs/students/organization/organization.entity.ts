import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import { BoolColumn, IdColumn, RefColumn, StringColumn } from '../../../platform/database/columns';
import { Authenticated, Key } from '../../../platform/graphql/directives';
import { Node } from '../../../platform/graphql/node';
import { OrganizationKind } from './organization-kind';

/** A state, SELPA, LEA, school or agency. A public directory: its rows hang on no student. */
@Key('id')
@Authenticated()
@ObjectType('Organization', {
  implements: Node,
  description: 'A state, SELPA, LEA, school or agency. The directory is open to every signed-in caller.',
})
@Entity('organization')
@Index('organization_by_parent', ['parentId', 'kind', 'searchName'])
@Index('organization_by_code', ['code'])
@Index('organization_by_name', ['kind', 'searchName'])
export class Organization {
  @Field(() => ID, { description: 'Opaque id.' })
  @IdColumn()
  id: string;

  @Field({
    description:
      'The code under which the state knows it: the 14-digit county-district-school code in California, the LEA or site code in Louisiana, the DBN in New York City. Our own word where no official code is known.',
  })
  @StringColumn(40)
  code: string;

  @Field({ description: 'Official name.' })
  @StringColumn(200)
  name: string;

  @Field(() => OrganizationKind, { description: 'What it is.' })
  @StringColumn(20)
  kind: OrganizationKind;

  @RefColumn({ nullable: true })
  parentId: string | null;

  @Field({ description: 'Postal code of the state: CA, LA, NY.' })
  @StringColumn(2)
  stateCode: string;

  @Field({ description: 'IANA time zone: decides what "today" is for its students.' })
  @StringColumn(40)
  timeZone: string;

  @Field(() => String, { nullable: true, description: 'Who to turn to about special-education records.' })
  @StringColumn(120, { nullable: true })
  contactName: string | null;

  @Field(() => String, { nullable: true, description: 'Telephone of the contact.' })
  @StringColumn(40, { nullable: true })
  contactPhone: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail of the contact.' })
  @StringColumn(200, { nullable: true })
  contactEmail: string | null;

  @Field({
    description: 'False when it is closed or merged. Closed organizations stay, because old records name them.',
  })
  @BoolColumn()
  active: boolean;

  /** The SELPA whose system manager also manages this LEA: ADA of 900 or less (SEIS-35). */
  @RefColumn({ nullable: true })
  directServiceSelpaId: string | null;

  /** The name as it is searched: lower case, without accents and punctuation. */
  @StringColumn(200)
  searchName: string;
}

/** The form in which names are stored and asked for in a search: the same on both engines, whatever their collation. */
export function searchForm(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’.]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
