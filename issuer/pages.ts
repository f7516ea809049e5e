import { createHash } from 'node:crypto';

/** A page of the issuer: no script, nothing loaded from anywhere. */
export interface Page {
  status: number;
  title: string;
  body: string;
  /** Origins besides our own where sending the page's form may lead (browsers hold redirects against `form-action` too). */
  formTargets?: string[];
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: #f3f4f6; color: #111827; }
main { max-width: 22rem; margin: 10vh auto; padding: 2rem; background: #fff; border: 1px solid #d1d5db; border-radius: .5rem; }
h1 { font-size: 1.375rem; margin: 0 0 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .5rem; font: inherit; border: 1px solid #6b7280; border-radius: .25rem; }
button { margin: 1.5rem .75rem 0 0; padding: .5rem 1rem; font: inherit; border: 1px solid #1d4ed8; border-radius: .25rem; background: #1d4ed8; color: #fff; cursor: pointer; }
button.quiet { background: transparent; color: inherit; border-color: #6b7280; }
:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
[role=alert] { margin: 0; padding: .5rem .75rem; border-left: 4px solid #b91c1c; background: #fef2f2; color: #7f1d1d; }
@media (prefers-color-scheme: dark) {
  body { background: #111827; color: #f9fafb; }
  main { background: #1f2937; border-color: #4b5563; }
  input { background: #111827; color: inherit; }
}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** Headers that a page is sent with. */
export function pageHeaders({ formTargets = [] }: Page): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${STYLE_HASH}'`,
      'img-src data:',
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-frame-options': 'DENY',
  };
}

export function renderPage({ title, body }: Page): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} – IEP Graph</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

interface SignInForm {
  application: string;
  username?: string;
  error?: string;
  status?: number;
  formTargets: string[];
}

/** The form for user name and password. It sends to its own address. */
export function signInPage({ application, username = '', error, status = 200, formTargets }: SignInForm): Page {
  const described = error ? ' aria-describedby="error" aria-invalid="true"' : '';
  return {
    status,
    title: 'Sign in',
    formTargets,
    body: `<p>to continue to ${escape(application)}</p>
${error ? `<p role="alert" id="error">${escape(error)}</p>` : ''}
<form method="post" data-form="sign-in">
<label for="username">User name</label>
<input id="username" name="username" type="text" value="${escape(username)}" required maxlength="200" autocomplete="username" autocapitalize="none" spellcheck="false"${username ? '' : ' autofocus'}${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password"${username ? ' autofocus' : ''}${described}>
<button type="submit">Sign in</button><button type="submit" class="quiet" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>`,
  };
}

/** Asked before a native application gets a token out of a running session: another program may pose as it (RFC 8252, 8.6). */
export function confirmPage(application: string, formTargets: string[]): Page {
  return {
    status: 200,
    title: 'Continue?',
    formTargets,
    body: `<p>${escape(application)} asks to act in your name. Continue only if you have just started it.</p>
<form method="post" data-form="confirm">
<button type="submit">Continue</button><button type="submit" class="quiet" name="cancel" value="yes">Cancel</button>
</form>`,
  };
}

/** `form` is the provider's own hidden form; the buttons belong to it by its id. */
export function signOutPage(form: string, formTargets: string[]): Page {
  return {
    status: 200,
    title: 'Sign out?',
    formTargets,
    body: `${form}
<p>You will have to sign in again to continue.</p>
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button><button type="submit" form="op.logoutForm" class="quiet">Stay signed in</button>`,
  };
}

export const signedOutPage = (): Page => ({
  status: 200,
  title: 'Signed out',
  body: '<p>You can close this page.</p>',
});

export const errorPage = (status: number, message: string): Page => ({
  status,
  title: 'This did not work',
  body: `<p role="alert">${escape(message)}</p>`,
});
