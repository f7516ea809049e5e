import { type DefinitionNode, type DocumentNode, type InputValueDefinitionNode, print } from 'graphql';

type OurType = Extract<DefinitionNode, { kind: `${string}TypeDefinition` }>;
type Described = { description?: { value: string } };

/** What composition adds for itself (`join__…`, `link__…`, `policy__Policy`) is not ours. */
const isOurs = (definition: DefinitionNode): definition is OurType =>
  definition.kind.endsWith('TypeDefinition') && !('name' in definition && definition.name?.value.includes('__'));

const argumentsOf = (field: object): readonly InputValueDefinitionNode[] =>
  (field as { arguments?: readonly InputValueDefinitionNode[] }).arguments ?? [];

/**
 * Calls back for every name of a schema that is ours: `Student`, `Student.status`, `Query.student(id:)`, `IepState.DRAFT`;
 * with its type as text, default included, which is empty for types and enum values.
 */
export function eachName(document: DocumentNode, visit: (name: string, type: string, node: Described) => void): void {
  for (const type of document.definitions.filter(isOurs)) {
    const name = type.name.value;
    visit(name, '', type);
    if (type.kind === 'EnumTypeDefinition')
      type.values?.forEach((value) => visit(`${name}.${value.name.value}`, '', value));
    if (!('fields' in type)) continue;
    for (const field of type.fields ?? []) {
      visit(`${name}.${field.name.value}`, typeOf(field as InputValueDefinitionNode), field);
      for (const argument of argumentsOf(field))
        visit(`${name}.${field.name.value}(${argument.name.value}:)`, typeOf(argument), argument);
    }
  }
}

const typeOf = ({ type, defaultValue }: InputValueDefinitionNode): string =>
  `${print(type)}${defaultValue ? ` = ${print(defaultValue)}` : ''}`;

/** Every name with its type. */
export function namesOf(document: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  eachName(document, (name, type) => names.set(name, type));
  return names;
}
