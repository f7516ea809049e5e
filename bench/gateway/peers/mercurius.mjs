// Mercurius as a gateway: `mercurius.mjs PORT`, addresses of the subgraphs in SUBGRAPH_URLS. It knows Federation 1 alone, so
// that the part of the product's schema that the operations ask is written out here as Federation 1 has it.
import Fastify from 'fastify';
import mercurius from '@mercuriusjs/gateway';

const schemas = {
  students: `
    extend type Query { students(first: Int): StudentConnection! }
    type StudentConnection { totalCount: Int! nodes: [Student!]! }
    type Student @key(fields: "id") {
      id: ID! firstName: String lastName: String gradeLevel: String status: String jurisdiction: Jurisdiction
    }
    type Jurisdiction { id: ID! beginDate: String! lea: Organization! }
    type Organization @key(fields: "id") { id: ID! name: String! }`,
  iep: `
    extend type Student @key(fields: "id") { id: ID! @external currentIep: Iep }
    type Iep @key(fields: "id") { id: ID! state: String! meetingDate: String goals: [Goal!] }
    type Goal { id: ID! area: String statement: String }`,
  services: `
    enum ServiceState { ACTIVE }
    extend type Student @key(fields: "id") { id: ID! @external services(state: ServiceState): [Service!] }
    extend type Iep @key(fields: "id") { id: ID! @external services: [Service!] }
    extend type Organization @key(fields: "id") { id: ID! @external }
    type Service { id: ID! code: String! name: String! minutes: Int! frequency: String! provider: Provider }
    type Provider @key(fields: "id") { id: ID! displayName: String! organization: Organization }`,
  reporting: `
    extend type Student @key(fields: "id") { id: ID! @external dueDates: [DueDate!] }
    type DueDate { kind: String! dueOn: String! }`,
};

const services = process.env.SUBGRAPH_URLS.split(',').map((pair) => {
  const [name, url] = pair.split('=');
  return { name, url: `${url}/graphql`, schema: schemas[name], keepAlive: 60_000, connections: 64 };
});
const app = Fastify();
app.register(mercurius, { gateway: { services }, jit: 1 });
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
