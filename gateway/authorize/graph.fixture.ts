/** A small graph for the tests of this folder: every shape that authorization treats differently, once. */
import { ApolloGateway } from '@apollo/gateway';
import { type GraphQLSchema, parse } from 'graphql';
import { composeGraph } from '../schema/compose';
import { buildPolicyIndex, stripSupergraph } from './policy-index';
import type { Caller } from './requirement';

process.env.APOLLO_TELEMETRY_DISABLED = 'true';

const HEADER = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@provides", "@inaccessible", "@authenticated", "@requiresScopes", "@policy", "@composeDirective"])
  @link(url: "https://iepgraph.dev/reads/v1.0", import: ["@reads"])
  @composeDirective(name: "@reads")
directive @reads(fields: [String!]!) repeatable on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
`;

const STUDENTS = `${HEADER}
type Query @authenticated {
  student(id: ID): Student
  students(
    filter: StudentFilter
    filters: [StudentFilter!]
    orderBy: [StudentOrder!]
    text: String @reads(fields: ["Student.dob"])
    first: Int = 25
  ): [Student!]
  person: Person
  organization: Organization
  organizations: [[Organization!]!]
  note: Note
  attachment: Attachment
  levelled: String @policy(policies: [["selpa"], ["state"]])
  search(by: Search): [Organization]
  ranked(by: StudentOrder = DOB): [Student!]
}
type Mutation @authenticated { rename(id: ID!): Student }

type Student @key(fields: "id") @authenticated {
  id: ID!
  firstName: String
  dob: String @shareable @requiresScopes(scopes: [["student.demographics:read"]])
  ssn: String! @requiresScopes(scopes: [["student.sensitive:read"]])
  mood: Mood
  friends: [Student!]!
  best: Student
  internal: String @inaccessible
}
enum Mood @requiresScopes(scopes: [["student.sensitive:read"]]) { GOOD BAD }

"Guardian is guarded as a type: so is everything through Person."
interface Person { id: ID! name: String }
type Staff implements Person @authenticated { id: ID! name: String }
type Guardian implements Person @requiresScopes(scopes: [["student.contacts:read"]]) { id: ID! name: String }

"Guarded are single fields of one implementer only."
interface Organization { id: ID! name: String parent: Organization head: Staff peers: [Organization!] }
type School implements Organization @authenticated {
  id: ID! name: String parent: Organization head: Staff peers: [Organization!] code: String!
  budget: Int @policy(policies: [["selpa"]])
  find(by: String @reads(fields: ["Student.ssn"])): String
}
type District implements Organization @authenticated {
  id: ID! name: String @requiresScopes(scopes: [["provider:read"]]) parent: Organization
  head: Staff @policy(policies: [["selpa"]]) peers: [Organization!]
  code: String! budget: Int @policy(policies: [["selpa"]])
}

union Note = Letter | Memo
type Letter @authenticated { text: String pages: Int }
type Memo @authenticated { text: String @requiresScopes(scopes: [["iep.narrative:read"]]) }
union Attachment = Letter | Scan
type Scan @policy(policies: [["selpa"]]) { text: String }

input StudentFilter {
  firstName: String
  dob: String @reads(fields: ["Student.dob"])
  ssn: String @reads(fields: ["Student.ssn"])
  any: [StudentFilter!]
  sort: StudentOrder
}
enum StudentOrder { FIRST_NAME DOB @reads(fields: ["Student.dob"]) }
input Search { mode: StudentOrder = DOB }
`;

const IEP = `${HEADER}
type Query @authenticated { iep: Iep }
type Iep @key(fields: "id") @requiresScopes(scopes: [["iep:read"]]) { id: ID! narrative: String student: Student @provides(fields: "dob") }
type Student @key(fields: "id") { id: ID! dob: String @external iep: Iep @authenticated }
`;

export const subgraphs = [
  { name: 'students', sdl: STUDENTS },
  { name: 'iep', sdl: IEP },
];
export const graph = composeGraph(subgraphs);
export const index = buildPolicyIndex(graph.supergraph);
export const stripped = stripSupergraph(graph.supergraph);

/** The API schema, from a gateway of others: the proof that the stripped copy is one that it loads. */
export async function loadApiSchema(): Promise<GraphQLSchema> {
  const gateway = new ApolloGateway({ supergraphSdl: stripped });
  const { schema } = await gateway.load();
  await gateway.stop();
  return schema;
}

export function caller(...capabilities: string[]): Caller {
  return { authenticated: true, capabilities: new Set(capabilities), level: 'teacher' };
}
export const anonymous: Caller = { authenticated: false, capabilities: new Set(), level: '' };
export const selpa: Caller = { ...caller(), level: 'selpa' };
export const doc = (text: string) => parse(text, { noLocation: true });

const district = { __typename: 'District', id: 'd', name: 'Manteca', code: 'MU', budget: 7 };
const school = {
  __typename: 'School',
  id: 's',
  name: 'East',
  code: 'E',
  budget: 3,
  head: { __typename: 'Staff', id: 'h', name: 'Kim' },
};
const friend = { id: '2', firstName: 'Bo', dob: '2012-02-02', ssn: '222', mood: 'BAD', friends: [] };
const student = {
  id: '1',
  firstName: 'Ada',
  dob: '2011-01-01',
  ssn: '111',
  mood: 'GOOD',
  friends: [friend, friend],
  best: friend,
};

/** Root value for graphql-js; abstract types carry `__typename`. */
export const rootValue = {
  student,
  students: [student, friend],
  person: { __typename: 'Guardian', id: 'g', name: 'Pat' },
  organization: { ...school, parent: district, peers: [district, school] },
  organizations: [[school, { ...district, parent: school }], [], [district]],
  note: { __typename: 'Memo', text: 'private', pages: 1 },
  attachment: { __typename: 'Letter', text: 'open', pages: 2 },
  levelled: 'x',
  search: [school, null],
  ranked: [friend],
  iep: { id: 'i', narrative: 'n', student },
  rename: student,
};
