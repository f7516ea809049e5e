import type { IncomingMessage } from 'node:http';
import { reply, type Running, startGateway, student } from '../gateway.fixture';
import { Rates } from './rates';

const PAGE = 'query($n: Int) { students(first: $n) { id } }';
/** Of `PAGE`, once: two fields. */
const PLAN = 3_400;
/** Of one student. */
const ANSWER = 1;
const rates = {
  ...{ windowSeconds: 60, accountPoints: 1_000 + 5 * PLAN, grantPoints: 150 },
  ...{ addressPoints: 10_000 + ANSWER + PLAN, addressFailures: 3 },
};

describe('A-48 what callers cost is counted', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startGateway({ rates });
    running.graph.respond.students = () => reply({ students: [student] });
    expect(await ask(await running.token({ sub: 'the first to ask' }), 1)).toMatchObject({ status: 200 });
  });
  afterEach(() => running.stop());

  const partner = (sub: string) => running.token({ kind: 'partner', sub, scope: 'student:read' });
  const ask = async (token: string, n: number) => {
    const { status, errors, headers } = await running.post(PAGE, { token, variables: { n } });
    return { status, code: errors?.[0].extensions.code, wait: Number(headers.get('retry-after')) };
  };

  test('a partner that has used up its share waits; another one and the staff do not', async () => {
    const [greedy, other, staff] = [await partner('greedy'), await partner('other'), await running.token()];
    expect(await ask(greedy, 100)).toMatchObject({ status: 200 });
    const fetched = running.graph.fetched.length;
    const refused = await ask(greedy, 100);
    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(refused.wait).toBeGreaterThan(0);
    expect(refused.wait).toBeLessThanOrEqual(60);
    // Nor is it answered less, until its window is over: whose it is, is known before its body is read.
    expect(await ask(greedy, 1)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(running.graph.fetched).toHaveLength(fetched);
    for (const token of [other, staff]) expect(await ask(token, 100)).toMatchObject({ status: 200 });
  });

  test('each call is charged what it costs: many small pages for one large', async () => {
    const token = await partner('frugal');
    const answers = [];
    for (let n = 0; n < 16; n += 1) answers.push((await ask(token, 10)).status);
    expect(answers).toEqual([...Array.from({ length: 15 }, () => 200), 429]);
    // What was too costly for any request, or no GraphQL, is charged as an arrival.
    const careless = await partner('careless');
    for (const n of [1e6, 1e6]) expect(await ask(careless, n)).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect((await running.post('{', { token: careless })).status).toBe(400);
    expect(await ask(careless, 147)).toMatchObject({ status: 200 });
    expect(await ask(careless, 1)).toMatchObject({ status: 429 });
  });

  describe('who asks what nobody has asked is charged the plan as well, before it is made', () => {
    test('a partner whose share is smaller is refused; nothing is fetched, and it is on record', async () => {
      const { graph } = running;
      const query = '{ students(first: 1) { id name } }';
      const audited = graph.audited.length;
      const [poor, other] = [await partner('poor'), await partner('other')];
      graph.seen = [];
      const { status, errors, data, headers } = await running.post(query, { token: poor });
      expect([status, errors![0].extensions.code, data]).toEqual([429, 'RATE_LIMITED', undefined]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect([graph.fetched, graph.audited.length]).toEqual([[], audited + 1]);
      // Nor was it planned: the next partner is refused like the first, until somebody can afford it.
      expect((await running.post(query, { token: other })).status).toBe(429);
      expect((await running.post(query, { token: await running.token() })).status).toBe(200);
      expect((await running.post(query, { token: await partner('late') })).status).toBe(200);
    });

    test.each<[string, number, Record<string, unknown>]>([
      ['{ students(first: 1) { id dateOfBirth } }', 3_600, {}],
      ['{ students(first: 1) { ...F ... { ...F } } } fragment F on Student { id name }', 4_000, {}],
      ['query($v: Boolean!) { students(first: 1) { id @include(if: $v) } }', 4_400, { v: true }],
    ])('%s, by its fields and directives as they are spread: %i points', async (query, points, variables) => {
      for (const [missing, status] of [
        [1, 429],
        [0, 200],
      ] as const) {
        await running.stop();
        running = await startGateway({ rates: { ...rates, accountPoints: ANSWER + points - missing } });
        running.graph.respond.students = () => reply({ students: [student] });
        expect(await running.post(query, { variables })).toMatchObject({ status });
      }
    });

    test('a plan is made for each value of a condition, and for each extent of rights, and each is charged', async () => {
      const query = 'query($v: Boolean!) { students(first: 1) { id name dateOfBirth @include(if: $v) } }';
      const status = async (v: boolean) => {
        const poor = await partner(`poor ${++asked}`);
        const before = (await running.post(query, { token: poor, variables: { v } })).status;
        await running.post(query, { variables: { v } });
        const after = (await running.post(query, { token: await partner(`late ${asked}`), variables: { v } })).status;
        return [before, after];
      };
      let asked = 0;
      await running.stop();
      running = await startGateway({ rates: { ...rates, addressPoints: 100_000 } });
      running.graph.respond.students = () => reply({ students: [student] });
      running.graph.level = 'school';
      running.graph.capabilities = ['student:read', 'student.demographics:read'];
      for (const v of [true, false]) expect(await status(v)).toEqual([429, 200]);
      running.graph.capabilities = ['student:read'];
      running.graph.epoch += 1;
      expect(await status(true)).toEqual([429, 200]);
    });
  });

  test('all callers at one address share its points', async () => {
    for (let n = 0; n < 10; n += 1)
      expect(await ask(await running.token({ sub: `s${n}` }), 1_000)).toMatchObject({ status: 200 });
    expect(await ask(await running.token({ sub: 's10' }), 1)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  });

  test('A-32, A-33 bad tokens from one address are looked at so often, and no more; a token that was good stays so', async () => {
    const known = await running.token({ sub: 'known' });
    expect(await ask(known, 1)).toMatchObject({ status: 200 });
    // A new token that is good takes nothing away.
    for (let n = 0; n < 5; n += 1)
      expect(await ask(await running.token({ sub: `new-${n}` }), 1)).toMatchObject({ status: 200 });
    const bad = await running.token({}, { audience: 'another' });
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    for (let n = 0; n < 3; n += 1) expect((await running.post(PAGE, { token: bad, headers })).status).toBe(401);
    for (const token of [bad, null, await running.token({ sub: 'not looked at' })]) {
      // Nobody is believed to be elsewhere.
      const { status, errors } = await running.post(PAGE, { token, headers: { 'x-forwarded-for': '192.0.2.8' } });
      expect([status, errors![0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
    }
    expect(await ask(known, 1)).toMatchObject({ status: 200 });
  });
});

describe('whose address it is', () => {
  const limits = { ...rates, addressPoints: 1_000 };
  const from = (remoteAddress: string, forwarded?: string) =>
    ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

  test('the socket’s; behind a proxy that is trusted, the last one that it names', () => {
    const [plain, trusting] = [new Rates(limits, false), new Rates(limits, true)];
    expect(plain.addressOf(from('10.0.0.1', '192.0.2.1'))).toBe(plain.addressOf(from('10.0.0.1')));
    const one = trusting.addressOf(from('192.0.2.1'));
    expect(trusting.addressOf(from('10.0.0.1', '203.0.113.9, 192.0.2.1'))).toBe(one);
    // Some proxies name the port too, which is another one with each connection.
    for (const [named, address] of [
      ['192.0.2.1:52044', '192.0.2.1'],
      ['[2001:db8::1]:443', '2001:db8::1'],
      ['[2001:db8::1]', '2001:db8::1'],
    ] as const)
      expect(trusting.addressOf(from('10.0.0.1', named))).toBe(trusting.addressOf(from(address)));
    expect(trusting.addressOf(from('10.0.0.1', 'unknown'))).toBe(trusting.addressOf(from('10.0.0.1')));
    expect(trusting.addressOf(from('10.0.0.1', '192.0.2.1, nonsense'))).toBe(trusting.addressOf(from('10.0.0.1')));
  });

  test('an IPv6 network of one holder is one address; however many there are, the counts are bounded', () => {
    const plain = new Rates(limits, false);
    const of = (address: string) => plain.addressOf(from(address));
    expect(of('2001:db8:0:7::1')).toBe(of('2001:db8:0:7:ffff:ffff:ffff:ffff'));
    expect(of('2001:db8::1')).toBe(of('2001:db8:0:0:9::'));
    expect(of('2001:db8:0:7::1')).not.toBe(of('2001:db8:0:8::1'));
    expect(of('fe80::1%eth0')).toBe(of('fe80::2'));
    const counts = new Set(
      Array.from({ length: 200_000 }, (_, n) => of(`2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`)),
    );
    expect(counts.size).toBeLessThanOrEqual(65_536);
    expect(counts.size).toBeGreaterThan(50_000);
  });
});
