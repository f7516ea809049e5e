import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isCalendarDay } from '../dates';

const badValue = (what: string) => new GraphQLError(what, { extensions: { code: 'BAD_USER_INPUT' } });

function calendarDay(value: unknown): string {
  if (!isCalendarDay(value))
    throw badValue(`Date must be a day that exists, written YYYY-MM-DD: ${JSON.stringify(value)}.`);
  return value as string;
}

/** `Date`: a calendar day, `YYYY-MM-DD`, never shifted by a time zone. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A calendar day, YYYY-MM-DD, never shifted by a time zone.',
  serialize: (value) => calendarDay(value),
  parseValue: calendarDay,
  parseLiteral: (node) => calendarDay(node.kind === Kind.STRING ? node.value : undefined),
});

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function instant(value: unknown): Date {
  const date =
    typeof value === 'string' && INSTANT.test(value) && isCalendarDay(value.slice(0, 10)) ? new Date(value) : null;
  if (!date || Number.isNaN(date.getTime()))
    throw badValue(`DateTime must be an RFC 3339 instant: ${JSON.stringify(value)}.`);
  return date;
}

/** `DateTime`: an instant, RFC 3339, answered in UTC. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant, RFC 3339, in UTC.',
  serialize: (value) => (value instanceof Date ? value : instant(value)).toISOString(),
  parseValue: instant,
  parseLiteral: (node) => instant(node.kind === Kind.STRING ? node.value : undefined),
});
