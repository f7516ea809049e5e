/**
 * The header by which a browser that came by TLS once never comes without it again (authorization, section 4). The reverse
 * proxy ends the TLS, so the public address tells: for `http:` there is no header, and browsers would not heed one.
 */
export const strictTransport = (publicUrl: string | undefined): Record<string, string> =>
  publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {};
