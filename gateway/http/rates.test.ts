import type { IncomingMessage } from 'node:http';
import { reply, type Running, startGateway, student } from '../gateway.fixture';
import { Rates } from './rates';

const PAGE = 'query($n: Int) { students(first: $n) { id } }';
const rates = { windowSeconds: 60, accountPoints: 1_000, grantPoints: 150, addressPoints: 10_000, addressFailures: 3 };

describe('A-48 what callers cost is counted', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startGateway({ rates });
    running.graph.respond.students = () => reply({ students: [student] });
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
