/**
 * Filtered operation and what is written of it against plain graphql-js, where a denied field's resolver answers null. Who may have what
 * is written down here a second time, by hand, and decided per field node through graphql-js's TypeInfo: no code of
 * the product has a part in what is expected.
 */
import fc from 'fast-check';
import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { authorizeOperation } from '../authorize';
import { caller, doc, index, loadApiSchema, rootValue } from '../authorize/graph.fixture';
import { filteredAnswer, withTypenames } from './filtered-answer.fixture';

/** Capability or `@level` that the type or field needs beyond authentication, taken from the SDL of the fixture. */
const GUARDS: Record<string, string> = {
  'Student.dob': 'student.demographics:read',
  'Student.ssn': 'student.sensitive:read',
  Mood: 'student.sensitive:read',
  Guardian: 'student.contacts:read',
  Person: 'student.contacts:read',
  'District.name': 'provider:read',
  'Organization.name': 'provider:read',
  'District.head': '@selpa',
  'Organization.head': '@selpa',
  'District.budget': '@selpa',
  'School.budget': '@selpa',
  'Memo.text': 'iep.narrative:read',
  Scan: '@selpa',
  Attachment: '@selpa',
  'Query.levelled': '@selpa',
  Iep: 'iep:read',
};
const CAPABILITIES = [...new Set(Object.values(GUARDS))].filter((name) => !name.startsWith('@'));

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await loadApiSchema();
});

interface Right {
  capabilities: string[];
  level: string;
}
const right: fc.Arbitrary<Right> = fc.record({
  capabilities: fc.subarray(CAPABILITIES),
  level: fc.constantFrom('selpa', 'teacher'),
});

/** Choices in [0, 1) to draw an operation from; fast-check shrinks them towards short and simple ones. */
const choices = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 5, maxLength: 120 });

/** A document drawn from the choices: fields, aliases, inline and named fragments, conditions, nested up to four levels. */
function drawDocument(drawn: readonly number[]): string {
  let at = 0;
  const pick = (limit: number) => (drawn[at++ % drawn.length]! + at) % limit;
  const fragments: string[] = [];

  const drawSet = (type: GraphQLCompositeType, depth: number): string => {
    const parts = Array.from({ length: 1 + pick(4) }, () => drawSelection(type, depth));
    return `{ ${parts.join(' ')} }`;
  };
  const drawSelection = (type: GraphQLCompositeType, depth: number): string => {
    const condition = ['', '', ' @include(if: $yes)', ' @skip(if: $yes)', ' @skip(if: $no)'][pick(5)]!;
    if (depth < 4 && pick(4) === 0) return drawFragment(type, depth, condition);
    const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const field = fields.length && pick(6) ? fields[pick(fields.length)]! : undefined;
    if (!field) return `${pick(2) ? '' : 'kind: '}__typename${condition}`;
    const returned = getNamedType(field.type);
    const alias = pick(4) ? '' : `x_${field.name}: `;
    if (!isCompositeType(returned)) return `${alias}${field.name}${condition}`;
    return depth < 4 ? `${alias}${field.name}${condition} ${drawSet(returned, depth + 1)}` : '__typename';
  };
  const drawFragment = (type: GraphQLCompositeType, depth: number, condition: string): string => {
    const overlapping = Object.values(schema.getTypeMap())
      .filter(isCompositeType)
      .filter((other) => !other.name.startsWith('__') && possible(other).some((one) => possible(type).includes(one)));
    const on = overlapping[pick(overlapping.length)]!;
    if (pick(2)) return `... on ${on.name}${condition} ${drawSet(on, depth + 1)}`;
    const body = drawSet(on, depth + 1);
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${on.name} ${body}`);
    return `...${name}${condition} ...${name}`;
  };
  const body = drawSet(schema.getQueryType()!, 0);
  return `query Q($yes: Boolean = true, $no: Boolean = false) ${body} ${fragments.join(' ')}`;
}

function possible(type: GraphQLCompositeType): string[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name];
}

const holds = (element: string, { capabilities, level }: Right) => {
  const guard = GUARDS[element];
  return !guard || (guard.startsWith('@') ? guard === `@${level}` : capabilities.includes(guard));
};

/** The denied field nodes and, by walking every path, the places of the topmost ones. */
function expectedDenials(document: DocumentNode, who: Right) {
  const denied = new Set<FieldNode>();
  const positions = new Map<FieldNode, string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: (node) => {
        const [parent, field] = [info.getParentType()!, info.getFieldDef()!];
        const elements = [parent.name, `${parent.name}.${node.name.value}`, getNamedType(field.type).name];
        if (!elements.every((element) => holds(element, who))) denied.add(node);
        let stars = '';
        for (let type = field.type; isListType(type) || isNonNullType(type); type = type.ofType) {
          if (isListType(type)) stars += '.@';
        }
        positions.set(node, stars);
      },
    }),
  );
  const paths = new Set<string>();
  const walk = (set: SelectionSetNode | undefined, path: string): void =>
    set?.selections.forEach((node) => {
      if (node.kind === Kind.INLINE_FRAGMENT) return walk(node.selectionSet, path);
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = document.definitions.find((one) => 'name' in one && one.name?.value === node.name.value);
        return walk(fragment && 'selectionSet' in fragment ? fragment.selectionSet : undefined, path);
      }
      const here = `${path}.${node.alias?.value ?? node.name.value}`;
      if (denied.has(node)) paths.add(here.slice(1));
      else walk(node.selectionSet, here + positions.get(node));
    });
  const operation = document.definitions[0]!;
  walk(operation.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined, '');
  return { denied, paths: [...paths].sort() };
}

/** Runs the original; a field is null when all of its selections are denied. */
function expectedData(document: DocumentNode, denied: ReadonlySet<FieldNode>) {
  // graphql-js resolves __typename by itself, and executes what denied selections ask below a key that another selection
  // keeps alive, which we leave out; both have tests of their own.
  let isComparable = ![...denied].some((node) => node.name.value === '__typename');
  const fieldResolver: GraphQLFieldResolver<Record<string, unknown>, unknown> = (source, _args, _context, at) => {
    const refused = at.fieldNodes.filter((node) => denied.has(node));
    if (refused.length === at.fieldNodes.length) return null;
    if (refused.some((node) => node.selectionSet)) isComparable = false;
    return source[at.fieldName];
  };
  const { data } = executeSync({ schema, document, rootValue, fieldResolver });
  return { isComparable, data };
}

test('the same answer as plain execution with null for denied fields; nothing denied is fetched', () => {
  let compared = 0;
  fc.assert(
    fc.property(choices, right, (drawn, who) => {
      const text = drawDocument(drawn);
      const document = doc(text);
      fc.pre(validate(schema, document).length === 0);
      const { denied, paths } = expectedDenials(document, who);

      const authorized = authorizeOperation({
        index,
        schema,
        document,
        caller: { ...caller(...who.capabilities), level: who.level },
      });
      expect([...new Set(authorized.denials.map(({ path }) => path.join('.')))].sort()).toEqual(paths);
      expect(validate(schema, authorized.document).map(String)).toEqual([]);

      const leaks: string[] = [];
      const fieldResolver: GraphQLFieldResolver<Record<string, unknown>, unknown> = (source, _args, _context, at) => {
        const elements = [
          at.parentType.name,
          `${at.parentType.name}.${at.fieldName}`,
          getNamedType(at.returnType).name,
        ];
        leaks.push(...elements.filter((element) => !holds(element, who)));
        return source[at.fieldName];
      };
      executeSync({ schema, document: authorized.document, rootValue, fieldResolver });
      expect(leaks).toEqual([]);
      const fetched = executeSync({ schema, document: withTypenames(authorized.document), rootValue });
      const { data, faults, denials } = filteredAnswer(schema, authorized, { yes: true, no: false }, fetched.data);
      expect(faults).toEqual([]);
      expect(new Set(denials.map(({ path }) => path.join('.')))).toEqual(new Set(paths));
      expect(data).not.toContain('authorizedTypename');

      const expected = expectedData(document, denied);
      if (!expected.isComparable || authorized.kind === 'denied') return;
      compared += 1;
      expect(data).toBe(JSON.stringify(expected.data));
    }),
    { numRuns: 400 },
  );
  // The generator must not drift into operations that are all discarded.
  expect(compared).toBeGreaterThan(150);
});
