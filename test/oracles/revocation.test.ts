/**
 * Revocation under load (issue 2, acceptance 2; attack 56): what is taken away is shown to nobody by any read that was sent, and
 * by any statement that began, after the revocation was acknowledged. Whatever is remembered anywhere: consumers are stopped,
 * Principals, decisions and plans warm.
 */
import { PrincipalSource } from '../../gateway/authenticate/principal-source';
import { PrincipalScope } from '../../platform/scope/row-scope';
import { databaseUrls } from '../harness/databases';
import { type Gateways, gatewaysApart, gatewaysHere } from './product/gateways';
import { candidates, type Figures, type Kind, KINDS, RevocationRounds, SHAPES } from './product/revocation-rounds';
import { drawSeeded, oneOf, ORACLE_SEED, ORACLE_TIMEOUT, sized } from './run';

const ROUNDS = Number(process.env.REVOCATION_ROUNDS ?? sized(24, 1_000));
const GATEWAYS = 3;
const watched = async (database: Gateways['database']) => (await candidates(database)).map(({ id }) => id);

describe.each(databaseUrls())('issue 2, acceptance 2: revocation under load, on %s', (engine, makeUrl) => {
  let gateways: Gateways;
  let rounds: RevocationRounds;
  const draw = drawSeeded(ORACLE_SEED);

  beforeAll(async () => {
    // In processes of their own where a database is made for several: at night, since they take long to start.
    const start = engine === 'mysql' ? sized(gatewaysHere, gatewaysApart) : gatewaysHere;
    gateways = await start(makeUrl, GATEWAYS, watched);
    rounds = new RevocationRounds(gateways, draw);
    await rounds.prepare();
  }, ORACLE_TIMEOUT);
  afterAll(async () => {
    await Promise.all(gateways?.clients.map((client) => client.close()) ?? []);
    await gateways?.stop();
  });

  test(
    'A-56 no read sent, and no statement begun, after the acknowledgement shows the row',
    async () => {
      const started = Date.now();
      for (let i = 0; i < ROUNDS && rounds.figures.leaks.length === 0; i++)
        await rounds.round(i < KINDS.length ? KINDS[i]! : oneOf(draw, KINDS));
      const { leaks, ...figures } = rounds.figures;
      report(engine, rounds.figures, Date.now() - started);
      expect({ ORACLE_SEED, leaks }).toEqual({ ORACLE_SEED, leaks: [] });
      expect(figures.rounds).toBe(ROUNDS);
      // What was looked at in vain, before, proves nothing.
      expect(figures.showed).toBeGreaterThan(ROUNDS);
      expect(figures.statements).toBeGreaterThan(ROUNDS);
      expect(figures.after).toBeGreaterThan(ROUNDS * GATEWAYS);
      expect([...figures.seenIn].sort()).toEqual(
        Object.keys(SHAPES)
          .filter((shape) => shape !== 'childCount')
          .sort(),
      );
    },
    ORACLE_TIMEOUT,
  );

  /** Faults planted into this process; the oracle must find each. */
  const here = engine === 'sqlite' || sized(true, false);
  (here ? describe : describe.skip)('the oracle finds', () => {
    afterEach(() => jest.restoreAllMocks());

    async function leaksOf(kind: Kind): Promise<string[]> {
      rounds.figures.leaks.splice(0);
      await rounds.round(kind);
      return rounds.figures.leaks.splice(0);
    }

    test.each(['role', 'account'] as const)(
      'a Principal that is remembered whatever its epoch, under a predicate without epoch: %s',
      async (kind) => {
        jest
          .spyOn(PrincipalSource.prototype, 'reload')
          .mockImplementation(async (_identity, _perspective, outdated) => outdated);
        const { predicate } = PrincipalScope.prototype;
        jest.spyOn(PrincipalScope.prototype, 'predicate').mockImplementation(function (this: PrincipalScope, columns) {
          const { sql, parameters } = predicate.call(this, columns);
          return { sql: sql.replace(' AND pe.epoch = :scopeEpoch', ''), parameters };
        });
        const leaks = (await leaksOf(kind)).join('\n');
        expect(leaks).toMatch(/gateway \d: \w+ shows/);
        expect(leaks).toMatch(/a statement begun \d+ µs after returned the row/);
      },
    );

    test.each(['caseload', 'case manager'] as const)('a predicate that takes revoked rows: %s', async (kind) => {
      const { predicate } = PrincipalScope.prototype;
      jest.spyOn(PrincipalScope.prototype, 'predicate').mockImplementation(function (this: PrincipalScope, columns) {
        const { sql, parameters } = predicate.call(this, columns);
        return { sql: sql.replace('sa.revoked_at IS NULL', '1 = 1'), parameters };
      });
      const leaks = (await leaksOf(kind)).join('\n');
      expect(leaks).toMatch(/gateway \d: \w+ shows/);
      expect(leaks).toMatch(/a statement begun \d+ µs after returned the row/);
    });
  });
});

/** For the record of a night: how much was asked. */
function report(engine: string, figures: Figures, ms: number): void {
  const { rounds, reads, after, showed, statements, byKind, leaks } = figures;
  const kinds = Object.entries(byKind).map(([kind, times]) => `${times} ${kind}`);
  process.stdout.write(
    `revocation on ${engine}: ${rounds} rounds (${kinds.join(', ')}), ${reads} reads, ${after} of them after, ` +
      `${showed} showed the row before, ${statements} statements returned it before, ${leaks.length} leaks, ${Math.round(ms / 1000)} s\n`,
  );
}
