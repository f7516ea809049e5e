import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundHash, supergraphHash } from '../../gateway/authorize/policy-hash';
import { buildPolicyIndex, stripSupergraph } from '../../gateway/authorize/policy-index';
import { buildGraphs } from '../../scripts/graph';
import { generateSchema } from '../../scripts/schema';
import { type RecordingGateway, recordingGateway } from './recording-gateway';

const FIXTURES = join(__dirname, 'schemas');
const SCHEMA = join(__dirname, '..', '..', 'schema');

/** A subgraph that joins the product's four. Its head says which attack it is, and what must come of it. */
interface Fixture {
  file: string;
  sdl: string;
  attack: string;
  /** Composed without the product's subgraphs, beside which composition would refuse it for another reason. */
  alone?: string;
  /** The build stops with these words. */
  refused?: string;
  /** Or it succeeds, and this line is in the policy … */
  needs?: string;
  /** … by which this operation of a caller without rights is denied, with nothing fetched. */
  denied?: string;
}

function readFixture(file: string): Fixture {
  const sdl = readFileSync(join(FIXTURES, file), 'utf8');
  const [attack, ...expected] = [...sdl.matchAll(/^# (.*)$/gm)].map(([, line]) => line!);
  const what = Object.fromEntries(expected.map((line) => line.split(/: (.*)/s).slice(0, 2)));
  return { file, sdl, attack: attack!, ...what };
}

const fixtures = readdirSync(FIXTURES).sort().map(readFixture);
const withAttack = ({ sdl, alone }: Fixture): Record<string, string> =>
  generateSchema({ ...(alone ? {} : buildGraphs()), attack: { sdl } });

describe('attacks on composition, as `npm run schema` meets them', () => {
  test('each of A-01 to A-09 has a fixture, and each fixture says what comes of it', () => {
    const attacks = new Set(fixtures.map(({ attack }) => attack.slice(0, 4)));
    expect([...attacks]).toEqual(Array.from({ length: 9 }, (_, i) => `A-0${i + 1}`));
    expect(fixtures.filter(({ refused, needs, denied }) => (refused ? needs || denied : !needs || !denied))).toEqual(
      [],
    );
  });

  test.each(
    fixtures.filter(({ refused }) => refused).map((fixture) => [fixture.attack, fixture.file, fixture] as const),
  )('%s (%s): the build fails and says why', (_, _file, fixture) => {
    expect(() => withAttack(fixture)).toThrow(fixture.refused);
  });

  describe.each(fixtures.filter(({ needs }) => needs).map((fixture) => [fixture.attack, fixture] as const))(
    '%s',
    (_, fixture) => {
      let files: Record<string, string>;
      let gateway: RecordingGateway;
      beforeAll(async () => {
        files = withAttack(fixture);
        gateway = await recordingGateway(files['supergraph.graphql']!);
      });
      afterAll(() => gateway?.stop());

      test(`${fixture.file}: the requirement stands in the policy`, () => {
        expect(files['policy.txt']!.split('\n')).toContain(fixture.needs);
      });

      test(`${fixture.file}: and is enforced: denied, nothing fetched`, async () => {
        gateway.graph.capabilities = [];
        const { data, errors } = await gateway.post(fixture.denied!);
        expect([data, errors?.map((error) => error.extensions.code)]).toEqual([null, ['UNAUTHORIZED_FIELD_OR_TYPE']]);
        expect(gateway.fetches).toEqual([]);
      });
    },
  );
});

describe('A-10 the policy and the supergraph that it was made from', () => {
  const supergraph = readFileSync(join(SCHEMA, 'supergraph.graphql'), 'utf8');

  test('A-10 the committed policy is bound to the committed supergraph, and so are the index and the planner’s copy', () => {
    const hash = supergraphHash(supergraph);
    expect(boundHash(readFileSync(join(SCHEMA, 'policy.txt'), 'utf8'))).toBe(hash);
    expect(buildPolicyIndex(supergraph).hash).toBe(hash);
    expect(boundHash(stripSupergraph(supergraph))).toBe(hash);
  });

  test('A-10 a supergraph that lost one rule is never served; the gateway that runs goes on enforcing', async () => {
    const running = await recordingGateway(supergraph);
    const without = supergraph.replace(/^(type Guardian\n.*\n) {2}@requiresScopes\(.*\)\n/m, '$1');
    expect(without).not.toBe(supergraph);
    await expect(recordingGateway(without)).rejects.toThrow(/Guardian\.\w+ has no rule/);
    running.graph.capabilities = ['student:read'];
    const { data, errors } = await running.post('{ student(id: "1") { guardians { lastName } } }');
    expect([data, errors![0].extensions.code]).toEqual([{ student: null }, 'UNAUTHORIZED_FIELD_OR_TYPE']);
    expect(JSON.stringify(running.fetches)).not.toContain('guardians');
    await running.stop();
  });
});
