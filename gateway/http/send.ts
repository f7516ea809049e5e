import type { ServerResponse } from 'node:http';
import { writeAtEndOfTurn } from '../../platform/turn';

/** On every answer of the gateway itself; pages bring their own content security policy. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  // Encoded once: a text would be measured first, and encoded when it is written.
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...(bytes.length > 0 && { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': String(bytes.length),
    ...headers,
  });
  writeAtEndOfTurn(() => response.end(bytes));
}
