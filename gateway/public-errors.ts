import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../platform/errors';

/** The codes of top-level errors that a client may see (architecture, section 10). */
export type PublicCode = Exclude<ErrorCode, 'STALE_PRINCIPAL'>;

const PUBLIC_CODES: ReadonlySet<unknown> = new Set<PublicCode>([
  'UNAUTHENTICATED',
  'UNAUTHORIZED_FIELD_OR_TYPE',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'INTERNAL',
]);

/** What Apollo Server calls the client's own mistakes. */
const CLIENT_MISTAKES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

export const MASKED_MESSAGE = 'Something went wrong on our side.';
export const UNAVAILABLE_MESSAGE = 'A part of the system is not available. Try again in a moment.';

type ErrorPath = readonly (string | number)[];

export function isPublicCode(code: unknown): code is PublicCode {
  return PUBLIC_CODES.has(code);
}

export function publicError(code: PublicCode, message: string, extensions: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** An error of ours: says nothing but the request id, by which the log tells the rest. */
export function internalError(requestId: string, message = MASKED_MESSAGE, path?: ErrorPath): GraphQLError {
  return new GraphQLError(message, { path, extensions: { code: 'INTERNAL', requestId } });
}

/** The body of an answer that never reached GraphQL. */
export function errorBody(code: PublicCode, message: string, requestId?: string): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, ...(requestId && { requestId }) } }] });
}

/**
 * The last door of every error on its way to a client: public codes keep code and message, the client's own mistakes are
 * BAD_USER_INPUT, everything else is masked. No stack, no address, no name of a part of the system passes (attack 40).
 */
export function formatPublicError(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { code: given, argumentPath, requestId } = formatted.extensions ?? {};
  const code = isPublicCode(given) ? given : CLIENT_MISTAKES.has(given) ? 'BAD_USER_INPUT' : 'INTERNAL';
  const isOurs = code === 'INTERNAL';
  return {
    message:
      isOurs && formatted.message !== UNAVAILABLE_MESSAGE
        ? MASKED_MESSAGE
        : shortened(withoutSuggestions(formatted.message)),
    ...(formatted.locations && !isOurs && { locations: formatted.locations }),
    ...(formatted.path && { path: formatted.path }),
    extensions: {
      code,
      ...(argumentPath !== undefined && { argumentPath }),
      ...(isOurs && requestId !== undefined && { requestId }),
    },
  };
}

/** GraphQL helps out with names that are like a mistaken one, whether or not the caller may know them (attack 39). */
export const withoutSuggestions = (message: string): string =>
  message.replace(/ Did you mean [^?"]*(?:"[^"]*"[^?"]*)+\?/g, '');

const MAX_MESSAGE = 600;
const KEPT_HEAD = 200;

/** GraphQL repeats a value that it refuses, however long: beginning and end tell which one and why. */
function shortened(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  return `${message.slice(0, KEPT_HEAD)} … ${message.slice(KEPT_HEAD - MAX_MESSAGE)}`;
}
