/* global window, document, sessionStorage, localStorage, history, location, crypto, URLSearchParams, TextEncoder, Headers, Request, URL, btoa, atob */
/*
 * Sign-in of the GraphiQL page, in the browser: authorization code with PKCE. The token stays in this tab's
 * sessionStorage and goes along with requests to /graphql of this origin, nowhere else. GraphiQL itself is loaded after
 * sign-in: before it there is no schema to show.
 */
(function () {
  'use strict';
  const settings = JSON.parse(document.getElementById('settings').textContent);
  const TOKEN = 'iep-graph.token';
  const PENDING = 'iep-graph.pending';
  const PERSPECTIVE = 'iep-graph.perspective';
  const ENDED = 'iep-graph.ended';
  const redirectUri = location.origin + '/signed-in';
  const plainFetch = window.fetch.bind(window);

  const base64url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '');
  const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

  function readToken() {
    const kept = JSON.parse(sessionStorage.getItem(TOKEN) || 'null');
    return kept && kept.expiresAt > Date.now() ? kept.token : null;
  }

  function signOut() {
    sessionStorage.removeItem(TOKEN);
    sessionStorage.removeItem(PERSPECTIVE);
    location.assign('/graphql');
  }

  /** The server refused the token: the panel says why it is there again. What stands in the editors is kept. */
  function signInAgain() {
    sessionStorage.setItem(ENDED, 'yes');
    signOut();
  }

  function keepToken(token, lifetimeMs) {
    sessionStorage.setItem(TOKEN, JSON.stringify({ token, expiresAt: Date.now() + lifetimeMs }));
    sessionStorage.removeItem(PERSPECTIVE);
    location.replace('/graphql');
  }

  /** Partner agencies have no sign-in page; they get a token with their client secret and bring it. */
  function useToken(token) {
    let expiresAt;
    try {
      const claims = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
      expiresAt = JSON.parse(atob(claims)).exp * 1000;
    } catch {
      throw new Error('This is not an access token.');
    }
    if (!(expiresAt > Date.now())) throw new Error('This access token has expired.');
    keepToken(token, expiresAt - Date.now());
  }

  async function discover() {
    const answer = await plainFetch(settings.issuer.replace(/\/$/, '') + '/.well-known/openid-configuration');
    if (!answer.ok) throw new Error('The sign-in at ' + settings.issuer + ' is not available.');
    return answer.json();
  }

  async function signIn(account) {
    if (!crypto.subtle) throw new Error('Browsers allow sign-in only over https or at localhost.');
    const { authorization_endpoint: endpoint } = await discover();
    const verifier = random();
    const state = random();
    sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state }));
    const address = new URL(endpoint);
    address.search = new URLSearchParams({
      response_type: 'code',
      client_id: settings.clientId,
      redirect_uri: redirectUri,
      scope: 'openid',
      resource: settings.audience,
      state,
      code_challenge: base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))),
      code_challenge_method: 'S256',
      // A chosen account is signed in anew, whoever the issuer remembers.
      ...(account ? { login_hint: account, prompt: 'login' } : {}),
    }).toString();
    location.assign(address.href);
  }

  /** On /signed-in: the code becomes a token. */
  async function finishSignIn() {
    const answer = new URLSearchParams(location.search);
    const pending = JSON.parse(sessionStorage.getItem(PENDING) || 'null');
    sessionStorage.removeItem(PENDING);
    if (answer.get('error')) throw new Error(answer.get('error_description') || answer.get('error'));
    if (!pending || answer.get('state') !== pending.state)
      throw new Error('This sign-in was not begun here: begin again.');
    const { token_endpoint: endpoint } = await discover();
    const response = await plainFetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: settings.clientId,
        code: answer.get('code'),
        redirect_uri: redirectUri,
        code_verifier: pending.verifier,
        resource: settings.audience,
      }),
    });
    const tokens = await response.json();
    if (!response.ok) throw new Error(tokens.error_description || tokens.error || 'The sign-in failed.');
    keepToken(tokens.access_token, (tokens.expires_in || 300) * 1000);
  }

  /** GraphiQL's requests get the token, unless its header editor holds one. */
  function attachToken() {
    window.fetch = async (input, options) => {
      const address = new URL(input instanceof Request ? input.url : input, location.href);
      if (address.origin !== location.origin || address.pathname !== '/graphql') return plainFetch(input, options);
      const headers = new Headers(
        (options && options.headers) || (input instanceof Request ? input.headers : undefined),
      );
      const token = readToken();
      const perspective = sessionStorage.getItem(PERSPECTIVE);
      const isOwn = !headers.has('authorization');
      if (token && isOwn) headers.set('authorization', 'Bearer ' + token);
      if (perspective && !headers.has('x-perspective')) headers.set('x-perspective', perspective);
      const answer = await plainFetch(input, { ...options, headers });
      if (answer.status === 401 && isOwn) signInAgain();
      return answer;
    };
  }

  const element = (name, text, properties) =>
    Object.assign(document.createElement(name), { textContent: text }, properties);

  function formOf(fields, onsubmit) {
    const form = element('form');
    form.append(...fields);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      onsubmit();
    });
    return form;
  }

  function showSignedOut(root) {
    const panel = element('main');
    const alert = element('p', '', { role: 'alert' });
    if (sessionStorage.getItem(ENDED)) alert.textContent = 'Your sign-in has ended. What you wrote is kept.';
    sessionStorage.removeItem(ENDED);
    const begin = (account) => signIn(account).catch((error) => (alert.textContent = error.message));
    const button = element('button', 'Sign in', { type: 'submit' });
    panel.append(
      element('h1', 'Sign in'),
      element('p', 'GraphiQL opens with the schema and the rows that your account may see.'),
      alert,
    );
    if (settings.demoAccounts.length > 0) {
      const accounts = element('select', '', { ariaLabel: 'Initial account' });
      accounts.append(element('option', 'Account …', { value: '' }));
      for (const name of settings.demoAccounts) accounts.append(element('option', name, { value: name }));
      // A choice alone does nothing: somebody who goes through the list by keyboard must get to its end.
      panel.append(formOf([accounts, button], () => begin(accounts.value)));
      panel.append(element('p', 'The password of an initial account is its user name.'));
    } else panel.append(formOf([button], () => begin()));
    const token = element('input', '', { type: 'password', ariaLabel: 'Access token', autocomplete: 'off' });
    const byToken = element('details');
    byToken.append(
      element('summary', 'Use an access token'),
      formOf([token, element('button', 'Open', { type: 'submit' })], () => {
        try {
          useToken(token.value.trim());
        } catch (error) {
          alert.textContent = error.message;
        }
      }),
    );
    panel.append(byToken);
    root.append(panel);
  }

  const DEFAULT_QUERY = `# The schema and the rows are those of your perspective.
query Me {
  viewer {
    displayName
    level
    perspective { id role organization { name } }
    capabilities
  }
}
`;

  /**
   * GraphiQL opens an empty tab beside the kept ones unless its kept query is that of a tab, and it keeps a query only once
   * somebody edits one: told here which tab was open last.
   */
  function openLastTab() {
    try {
      const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'));
      const { query, variables } = tabs[activeTabIndex];
      localStorage.setItem('graphiql:query', query || '');
      localStorage.setItem('graphiql:variables', variables || '');
    } catch {
      // Nothing is kept yet, or in another shape: GraphiQL begins anew.
    }
  }

  function openGraphiql(root) {
    // A link may bring a query. It doesn't stay in the address, and what is written is not put there: it may name a child.
    const asked = new URLSearchParams(location.search).get('query');
    history.replaceState(null, '', '/graphql');
    if (!asked) openLastTab();
    const options = {
      title: 'IEP Graph',
      defaultQuery: DEFAULT_QUERY,
      ...(asked ? { query: asked } : {}),
      shouldPersistHeaders: false,
      credentials: 'omit',
      onEditQuery: () => undefined,
    };
    const script = element('script', '', { src: settings.graphiql });
    script.addEventListener('load', () => window.YogaGraphiQL.renderYogaGraphiQL(root, options));
    script.addEventListener('error', () =>
      root.append(element('main', 'GraphiQL could not be loaded. Reload the page.')),
    );
    document.body.append(script);
  }

  async function showSignedIn(bar) {
    const name = element('span', 'Signed in', { role: 'status' });
    bar.append(name, element('button', 'Sign out', { type: 'button', onclick: signOut }));
    const query = '{ viewer { displayName perspective { id } perspectives { id role organization { name } } } }';
    const response = await window.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    if (response.status === 401) return;
    const { data, errors } = await response.json();
    if (!data || !data.viewer) return void (name.textContent = errors ? errors[0].message : 'Signed in');
    name.textContent = data.viewer.displayName;
    const choice = element('select', '', { ariaLabel: 'Perspective' });
    for (const { id, role, organization } of data.viewer.perspectives) {
      const text = organization ? role + ' at ' + organization.name : role;
      choice.append(element('option', text, { value: id, selected: id === data.viewer.perspective.id }));
    }
    choice.addEventListener('change', () => {
      sessionStorage.setItem(PERSPECTIVE, choice.value);
      location.reload();
    });
    name.after(choice);
  }

  if (location.pathname === '/signed-in') {
    finishSignIn().catch((error) => (document.getElementById('outcome').textContent = error.message));
    return;
  }
  attachToken();
  const bar = document.getElementById('account');
  const root = document.getElementById('root');
  if (!readToken()) return showSignedOut(root);
  showSignedIn(bar).catch((error) => bar.append(element('span', error.message)));
  openGraphiql(root);
})();
