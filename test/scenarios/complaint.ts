import type { RawAnswer } from './raw-answer';

/** Codes of top-level errors (architecture, section 10), without INTERNAL: nothing here is a fault of ours. */
const DOCUMENTED = new Set([
  'UNAUTHENTICATED',
  'UNAUTHORIZED_FIELD_OR_TYPE',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
]);
/** Codes of payload errors: the id of a rule of domain.md, the regulation itself, or a general code. */
const RULE =
  /^(V-\d{3}|(SEIS|SER|SESIS|SIRAS)-\d{1,3}|C\.\d{1,2}|T-\d{2}|34-CFR-[\d.]+|BAD_USER_INPUT|CONFLICT|NOT_FOUND)$/;
/** What no answer may tell: stack frames, statements, drivers, addresses of subgraphs, files, JavaScript's own complaints. */
const LEAKS =
  /\bat [\w.<>]+ \(|\.(ts|js):\d+|node_modules|\b(SELECT|INSERT|UPDATE|DELETE)\b.+\b(FROM|INTO|SET)\b|SQLITE|ER_[A-Z]+_|QueryFailed|libsql|mysql|in-process:|localhost|TypeError|Cannot read prop|is not a function|undefined|\[object |\/work\/|subgraph|join__/i;

/** What is wrong with an answer to bad input; null when it is as documented. */
export function complaint({ status, text, json }: Pick<RawAnswer, 'status' | 'text' | 'json'>): string | null {
  const answer = json as { data?: Record<string, any> | null; errors?: any[] } | undefined;
  if (!answer) return `no JSON: ${text.slice(0, 200)}`;
  if (status >= 500) return `status ${status}: ${text.slice(0, 300)}`;
  const top = answer.errors ?? [];
  const rules = Object.values(answer.data ?? {}).flatMap((payload) => payload?.errors ?? []);
  for (const error of top)
    if (!DOCUMENTED.has(error.extensions?.code)) return `code ${error.extensions?.code}: ${text.slice(0, 300)}`;
  for (const error of rules) if (!RULE.test(error.code)) return `rule ${error.code}: ${text.slice(0, 300)}`;
  for (const { message } of [...top, ...rules]) {
    if (typeof message !== 'string' || message.length < 10 || message.length > 1_000)
      return `message: ${String(message).slice(0, 200)}`;
    if (LEAKS.test(message)) return `tells too much: ${message.slice(0, 300)}`;
  }
  return null;
}

/** Codes of the errors of an answer as a whole. */
export const codesOf = ({ json }: RawAnswer): string[] =>
  (json?.errors ?? []).map((error: any) => error.extensions.code);
/** Whether the request, or a rule in its payload, refused. */
export const isRefused = ({ json }: RawAnswer): boolean =>
  (json?.errors ?? []).length > 0 ||
  Object.values(json?.data ?? {}).some((payload: any) =>
    (payload?.errors ?? []).some((error: any) => error.severity === 'ERROR'),
  );
