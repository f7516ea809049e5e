import { Browser, chromium, type Page } from '../harness/browser';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';

const EDITOR = "document.querySelector('.graphiql-query-editor .view-lines')";
const TABS = "[...document.querySelectorAll('.graphiql-tab')].map((tab) => tab.textContent)";
const KEPT = "JSON.parse(localStorage.getItem('graphiql:tabState')).tabs";

// The page is the same on every engine: one is enough. Needs a Chromium that is installed already.
const [, makeUrl] = databaseUrls()[0]!;
(chromium ? describe : describe.skip)('GraphiQL in a browser', () => {
  let system: TestSystem;
  let browser: Browser;
  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    browser = new Browser(chromium!);
  }, 60_000);
  afterAll(async () => {
    await browser?.stop();
    await system?.stop();
  });

  const operations = ({ requests }: Page) =>
    requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/graphql'));
  const introspections = (page: Page) => operations(page).filter(({ body }) => body.includes('__schema'));

  async function visit(): Promise<Page> {
    const page = await browser.open();
    await page.goto(`${system.url}/graphql`);
    await page.until("document.querySelector('main h1')");
    return page;
  }

  async function signIn(page: Page, who: string): Promise<void> {
    await page.evaluate(`document.querySelector('select').value = '${who}'`);
    await page.evaluate("document.querySelector('main button').click()");
    await page.until("location.pathname.startsWith('/oidc') && document.querySelector('input[type=password]')");
    await page.evaluate(`document.querySelector('input[type=password]').value = '${who}'`);
    await page.evaluate("document.querySelector('button[type=submit]').click()");
    await page.until(`location.pathname === '/graphql' && ${EDITOR}`);
    await page.until(`${TABS}.length > 0`);
  }

  test('before sign-in a panel asks for it, and nothing is asked of the API', async () => {
    const page = await visit();
    expect(await page.evaluate("document.querySelector('main').innerText")).toMatch(/^Sign in\n/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(operations(page)).toEqual([]);
    expect(await page.evaluate("Boolean(document.querySelector('.graphiql-container'))")).toBe(false);
    await page.close();
  }, 60_000);

  test('after sign-in the schema is that of the caller; the second visit restores the last query alone; all from here', async () => {
    const first = await visit();
    await signIn(first, 'teacher.ripon');
    for (const end = Date.now() + 20_000; introspections(first).length === 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(introspections(first)).toHaveLength(1);
    expect(await first.evaluate(TABS)).toEqual(['Me']);

    // Visited again without an edit.
    await first.goto(`${system.url}/graphql`);
    await first.until(EDITOR);
    await first.until(`${TABS}.length > 0`);
    expect(await first.evaluate(TABS)).toEqual(['Me']);

    await first.evaluate(
      "document.querySelector('.graphiql-query-editor textarea, .graphiql-query-editor .native-edit-context').focus()",
    );
    await first.evaluate(
      "document.execCommand('selectAll'); document.execCommand('insertText', false, 'query Mine { __typename }')",
    );
    await first.until(`${KEPT}.some((tab) => (tab.query || '').includes('query Mine'))`);
    // What is written may name a child: it stays out of the address.
    expect(await first.evaluate('location.href')).toBe(`${system.url}/graphql`);

    const second = await visit();
    await signIn(second, 'district.ripon');
    expect(await second.evaluate(TABS)).toEqual(['Mine']);
    expect(await second.evaluate(`${KEPT}.map((tab) => tab.query)`)).toEqual([expect.stringContaining('query Mine')]);
    for (const page of [first, second])
      expect(page.requests.map(({ url }) => new URL(url).origin).filter((origin) => origin !== system.url)).toEqual([]);
  }, 120_000);

  test('a token that is refused leads back to the panel', async () => {
    const page = await visit();
    await signIn(page, 'teacher.ripon');
    await page.evaluate(
      "sessionStorage.setItem('iep-graph.token', JSON.stringify({ token: 'e30.e30.x', expiresAt: Date.now() + 60000 }))",
    );
    await page
      .evaluate(
        "fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then(() => 0)",
      )
      .catch(() => undefined);
    await page.until(
      "(document.querySelector('main [role=alert]') || {}).textContent === 'Your sign-in has ended. What you wrote is kept.'",
    );
  }, 60_000);
});
