import type { GraphQLObjectType } from 'graphql';
import { composeGraph } from '../schema/compose';
import { graph, index, loadApiSchema, stripped } from './graph.fixture';
import { boundHash, buildPolicyIndex, stripSupergraph } from './policy-index';
import { printRequirement } from './requirement';

const selection = (coordinate: string) => printRequirement(index.selections.get(coordinate)!);

describe('requirement of a selection', () => {
  test.each([
    ['Student.firstName', 'authenticated', 'parent type'],
    ['Student.dob', 'authenticated AND scopes[student.demographics:read]', 'A-08 type rule plus stricter field rule'],
    ['Student.mood', 'authenticated AND scopes[student.sensitive:read]', 'returned enum'],
    ['Query.iep', 'authenticated AND scopes[iep:read]', 'returned object'],
    ['Query.levelled', 'authenticated AND policies[selpa] OR authenticated AND policies[state]', 'alternatives'],
    ['Query.person', 'authenticated AND scopes[student.contacts:read]', 'A-11 interface with a guarded implementer'],
    ['Person.name', 'authenticated AND scopes[student.contacts:read]', 'A-11 any field through that interface'],
    ['Organization.name', 'authenticated AND scopes[provider:read]', 'A-11 guarded field of one implementer'],
    ['Organization.id', 'authenticated', 'the other fields are not touched by it'],
    ['School.name', 'authenticated', 'through the unguarded type'],
    ['Query.attachment', 'authenticated AND policies[selpa]', 'A-13 union with a guarded member'],
    ['Attachment.__typename', 'authenticated AND policies[selpa]', 'A-13 bare __typename'],
    ['Query.note', 'authenticated', 'union whose members are open'],
    ['Student.iep', 'authenticated AND scopes[iep:read]', 'field of another subgraph'],
  ])('%s needs %s: %s', (coordinate, requirement) => expect(selection(coordinate)).toBe(requirement));

  test('A-11 composition writes rules of implementers at the interface; without that they count all the same', () => {
    const bare = graph.supergraph.replace(/interface Organization[^{]*\{[^}]*\}/, (text) =>
      text.replaceAll(/ @(?:requiresScopes|policy)\([^)]*\)/g, ''),
    );
    expect(bare).not.toBe(graph.supergraph);
    const { selections } = buildPolicyIndex(bare);
    expect(printRequirement(selections.get('Organization.name')!)).toBe(selection('Organization.name'));
  });

  test('A-09 a new root field under a rule on the root type is covered by it', () => {
    expect(selection('Query.organizations')).toBe('authenticated');
  });
});

describe('@reads', () => {
  test.each([
    ['Query.students(text:)', ['Student.dob'], 'authenticated AND scopes[student.demographics:read]'],
    ['StudentFilter.ssn', ['Student.ssn'], 'authenticated AND scopes[student.sensitive:read]'],
    ['StudentOrder.DOB', ['Student.dob'], 'authenticated AND scopes[student.demographics:read]'],
    ['School.find(by:)', ['Student.ssn'], 'authenticated AND scopes[student.sensitive:read]'],
  ])('%s reads %j', (coordinate, sources, requirement) => {
    expect(index.readSources.get(coordinate)).toEqual(sources);
    expect(printRequirement(index.reads.get(coordinate)!)).toBe(requirement);
  });

  test('an argument through an interface carries what it carries on an implementer', () => {
    const { supergraph } = composeGraph([
      {
        name: 'a',
        sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@composeDirective"])
          @link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"]) @composeDirective(name: "@reads")
          directive @reads(fields: [String!]!) on ARGUMENT_DEFINITION
          type Query @authenticated { n: N secret: Int } interface N { f(x: Int): Int }
          type A implements N @authenticated { f(x: Int @reads(fields: ["Query.secret"])): Int }`,
      },
    ]);
    expect(buildPolicyIndex(supergraph).readSources.get('N.f(x:)')).toEqual(['Query.secret']);
  });
});

describe('what is refused', () => {
  const change = (from: string | RegExp, to: string) => () => buildPolicyIndex(graph.supergraph.replace(from, to));

  test('a field that lost its rule', () => {
    expect(change(/type Letter\n  @join__type\(graph: STUDENTS\)\n  @authenticated/, 'type Letter')).toThrow(
      'Letter.text has no rule',
    );
  });
  test('a security specification that we do not know', () => {
    expect(change('https://specs.apollo.dev/policy/v0.1', 'https://specs.apollo.dev/clearance/v0.1')).toThrow(
      'clearance v0.1 is not a known rule',
    );
    expect(change('https://specs.apollo.dev/policy/v0.1', 'https://specs.apollo.dev/policy/v2.0')).toThrow(
      'policy v2.0',
    );
  });
  test('A-03 an empty list in a supergraph that someone else composed', () => {
    expect(change('@policy(policies: [["selpa"], ["state"]])', '@policy(policies: [])')).toThrow('empty list');
  });
  test('a rule on a type extension, which would go unread', () => {
    expect(change(/$/, '\nextend type Letter @policy(policies: [["state"]])')).toThrow('no type extensions');
  });
});

describe('the stripped copy', () => {
  test('is loaded by @apollo/gateway, which shows the API schema only', async () => {
    const schema = await loadApiSchema();
    const student = (schema.getType('Student') as GraphQLObjectType).getFields();
    expect(student).toHaveProperty('dob');
    expect(student).not.toHaveProperty('internal');
  });

  test('holds no rule, and keeps @inaccessible', () => {
    expect(stripped).not.toMatch(/@authenticated|@requiresScopes|@policy|@reads/);
    expect(stripped).not.toMatch(/specs\.apollo\.dev\/(authenticated|requiresScopes|policy)|iepgraph\.dev/);
    expect(stripped).toMatch(/internal: String .*@inaccessible/);
  });

  test('A-10 one hash binds supergraph, index, stripped copy and snapshot; any change of the supergraph breaks it', () => {
    expect(boundHash(stripped)).toBe(index.hash);
    expect(boundHash(graph.policySnapshot)).toBe(index.hash);
    expect(boundHash(stripSupergraph(`${graph.supergraph}\n`))).not.toBe(index.hash);
    expect(boundHash('type Query { a: Int }')).toBeUndefined();
  });

  test('renamed and prefixed rules are stripped by what the links call them', () => {
    const { supergraph } = composeGraph([
      {
        name: 'a',
        sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{name: "@authenticated", as: "@login"}])
          type Query @login { a: Int @federation__policy(policies: [["state"]]) }`,
      },
    ]);
    expect(stripSupergraph(supergraph)).not.toMatch(/login|policy__|federation__/);
  });
});
