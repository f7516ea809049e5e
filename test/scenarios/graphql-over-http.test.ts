import { auditServer, type AuditResult } from 'graphql-http';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';

/**
 * Under `application/json` the draft wants 200 for an operation that never ran: a 4xx of that type may come from something in
 * between that speaks no GraphQL. Ours say by their code whose they are, so that they can be told apart, and partners are told
 * of one status (docs/partners.md), whichever type they accept.
 */
const NEVER_RAN = '400 whichever type of answer was asked for';

/** What SHOULD be by the draft, and is not, by the id of its audit. */
const EXCEPTIONS: Record<string, string> = {
  '572B': `a text that can't be parsed: ${NEVER_RAN}`,
  FDE2: `an operation that isn't valid: ${NEVER_RAN}`,
  '7B9B': `a variable of another type: ${NEVER_RAN}`,
};

describe.each(databaseUrls().slice(0, 1))('GraphQL over HTTP, as graphql-http audits it, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let results: AuditResult[];
  beforeAll(async () => {
    system = await bootSystem(makeUrl);
    const authorization = `Bearer ${await system.token('teacher.ripon')}`;
    const fetchFn = (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization } });
    results = await auditServer({ url: `${system.url}/graphql`, fetchFn });
  });
  afterAll(() => system?.stop());

  /** Failed audits, with what was answered. */
  const failed = (...statuses: AuditResult['status'][]) =>
    results.flatMap((one) =>
      one.status !== 'ok' && statuses.includes(one.status) ? `${one.id} ${one.name}: ${one.reason}` : [],
    );

  test('what MUST be is', () => {
    expect(results.filter(({ name, status }) => name.startsWith('MUST') && status === 'ok').length).toBeGreaterThan(10);
    expect(failed('error')).toEqual([]);
  });

  test('what SHOULD be is, but for the exceptions, and each of them still is one', () => {
    const missing = failed('warn');
    expect(missing.filter((one) => !Object.hasOwn(EXCEPTIONS, one.slice(0, 4)))).toEqual([]);
    expect(missing.map((one) => one.slice(0, 4)).sort()).toEqual(Object.keys(EXCEPTIONS).sort());
  });

  test('operations by GET, which MAY be answered, are not: CSRF has no way in', () => {
    expect(failed('notice').map((one) => one.slice(0, 4))).toEqual(['5A70', 'D6D5', '6A70']);
  });
});
