/**
 * What somebody would write for just these operations: no planner, no validation, no rights. The floor that gateways are
 * measured against. `by-hand.js PORT`, addresses of the subgraphs in SUBGRAPH_URLS.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { readMap } from '../../platform/config';
import { listen, runProgram } from '../../platform/process';
import { OPERATIONS } from './operations';

/** Sends a body and resolves to the data of the answer. */
type Ask = (body: string) => Promise<Data>;
// Shapes are those of the operations below.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Data = any;
type Asks = Record<'students' | 'iep' | 'services' | 'reporting', Ask>;

function asker(pool: Pool): Ask {
  const headers = { 'content-type': 'application/json' };
  return (body) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      pool.dispatch(
        { path: '/graphql', method: 'POST', headers, body },
        {
          onRequestStart: () => undefined,
          onResponseData: (_, chunk) => void chunks.push(chunk),
          onResponseEnd: () =>
            resolve(JSON.parse((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()).data),
          onResponseError: (_, error) => reject(error),
        },
      );
    });
}

/** The body of a root query. */
const query = (text: string): string => JSON.stringify({ query: text });
/** Bodies that ask for fields of entities. */
function entities(type: string, fields: string): (ids: readonly string[]) => string {
  const text = `query($representations:[_Any!]!){_entities(representations:$representations){... on ${type}{${fields}}}}`;
  const before = `{"query":${JSON.stringify(text)},"variables":{"representations":[`;
  return (ids) => `${before}${ids.map((id) => `{"__typename":"${type}","id":${JSON.stringify(id)}}`).join(',')}]}}`;
}

const ONE = query('{students(first:2){totalCount nodes{id firstName lastName}}}');
const LIGHT = query('{students(first:2){nodes{id lastName}}}');
const lightIep = entities('Student', 'currentIep{id state}');
const lightServices = entities('Student', 'services(state:ACTIVE){id code}');
const dueDates = entities('Student', 'dueDates{kind dueOn}');
const HEAVY = query(
  '{students(first:100){totalCount nodes{id firstName lastName gradeLevel status jurisdiction{beginDate lea{id name}}}}}',
);
const heavyIep = entities('Student', 'currentIep{id state meetingDate goals{area statement}}');
const heavyServices = entities(
  'Student',
  'services(state:ACTIVE){code name minutes frequency provider{displayName organization{id}}}',
);
const iepServices = entities('Iep', 'services{id}');
const organizationNames = entities('Organization', 'name');

const idsOf = (nodes: readonly Data[]): string[] => nodes.map((node) => node.id);

async function light({ students, iep, services, reporting }: Asks): Promise<Data> {
  const data = await students(LIGHT);
  const { nodes } = data.students;
  const ids = idsOf(nodes);
  const [ieps, given, due] = await Promise.all([
    iep(lightIep(ids)),
    services(lightServices(ids)),
    reporting(dueDates(ids)),
  ]);
  for (const [at, node] of nodes.entries()) {
    node.currentIep = ieps._entities[at].currentIep;
    node.services = given._entities[at].services;
    node.dueDates = due._entities[at].dueDates;
  }
  return data;
}

async function heavy({ students, iep, services, reporting }: Asks): Promise<Data> {
  const data = await students(HEAVY);
  const { nodes } = data.students;
  const ids = idsOf(nodes);

  async function addIeps(): Promise<void> {
    const found = (await iep(heavyIep(ids)))._entities;
    const ieps = found.map((entity: Data) => entity.currentIep);
    const given = (await services(iepServices(idsOf(ieps))))._entities;
    for (const [at, node] of nodes.entries()) {
      node.currentIep = ieps[at];
      node.currentIep.services = given[at].services;
    }
  }
  async function addServices(): Promise<void> {
    const found = (await services(heavyServices(ids)))._entities;
    const places = new Map<string, Data[]>();
    for (const [at, node] of nodes.entries()) {
      node.services = found[at].services;
      for (const { provider } of node.services) {
        const known = places.get(provider.organization.id);
        if (known) known.push(provider);
        else places.set(provider.organization.id, [provider]);
      }
    }
    const named = (await students(organizationNames([...places.keys()])))._entities;
    for (const [at, providers] of [...places.values()].entries())
      for (const provider of providers) provider.organization = named[at];
  }
  async function addDueDates(): Promise<void> {
    const found = (await reporting(dueDates(ids)))._entities;
    for (const [at, node] of nodes.entries()) node.dueDates = found[at].dueDates;
  }

  await Promise.all([addIeps(), addServices(), addDueDates()]);
  return data;
}

const answers = new Map<string, (asks: Asks) => Promise<Data>>([
  [OPERATIONS.heavy, heavy],
  [OPERATIONS.light, light],
  [OPERATIONS.one, ({ students }) => students(ONE)],
]);

runProgram(async () => {
  const urls = readMap(process.env.SUBGRAPH_URLS!, 'SUBGRAPH_URLS');
  const asks = Object.fromEntries(
    Object.entries(urls).map(([name, url]) => [name, asker(new Pool(url, { connections: 64, pipelining: 1 }))]),
  ) as Asks;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const answer = answers.get(JSON.parse(Buffer.concat(chunks).toString()).query);
      const body = JSON.stringify({ data: answer ? await answer(asks) : { __typename: 'Query' } });
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    });
  });
  await listen(server, Number(process.argv[2]), '127.0.0.1');
});
