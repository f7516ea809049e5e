/* global window, document, sessionStorage, location, crypto, URLSearchParams, TextEncoder, Headers, Request, URL, btoa */
/*
 * Sign-in of the GraphiQL page, in the browser: authorization code with PKCE. The token stays in this tab's
 * sessionStorage and goes along with requests to /graphql of this origin, nowhere else.
 */
(function () {
  'use strict';
  const settings = JSON.parse(document.getElementById('settings').textContent);
  const TOKEN = 'iep-graph.token';
  const PENDING = 'iep-graph.pending';
  const PERSPECTIVE = 'iep-graph.perspective';
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
    const lifetime = (tokens.expires_in || 300) * 1000;
    sessionStorage.setItem(TOKEN, JSON.stringify({ token: tokens.access_token, expiresAt: Date.now() + lifetime }));
    sessionStorage.removeItem(PERSPECTIVE);
    location.replace('/graphql');
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
      if (token && !headers.has('authorization')) headers.set('authorization', 'Bearer ' + token);
      if (perspective && !headers.has('x-perspective')) headers.set('x-perspective', perspective);
      return plainFetch(input, { ...options, headers });
    };
  }

  const element = (name, text, properties) =>
    Object.assign(document.createElement(name), { textContent: text }, properties);

  function showSignedOut(bar) {
    const status = element('span', '', { role: 'status' });
    const begin = (account) => signIn(account).catch((error) => (status.textContent = error.message));
    bar.append(status);
    if (settings.demoAccounts.length > 0) {
      const accounts = element('select', '', { ariaLabel: 'Initial account' });
      accounts.append(element('option', 'Account …', { value: '' }));
      for (const name of settings.demoAccounts) accounts.append(element('option', name, { value: name }));
      accounts.title = 'The password of an initial account is its user name.';
      bar.append(accounts);
      // A choice alone does nothing: somebody who goes through the list by keyboard must get to its end.
      bar.append(element('button', 'Sign in', { type: 'button', onclick: () => begin(accounts.value) }));
      return;
    }
    bar.append(element('button', 'Sign in', { type: 'button', onclick: () => begin() }));
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
    if (response.status === 401) return signOut();
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
  if (readToken()) showSignedIn(bar).catch((error) => bar.append(element('span', error.message)));
  else showSignedOut(bar);
})();
