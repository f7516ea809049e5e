import type { z } from 'zod';
import { badInput } from './errors';

type Issue = z.core.$ZodIssue;

const UNITS: Record<string, string> = { string: 'characters', array: 'entries' };
const count = (limit: number | bigint): string => limit.toLocaleString('en-US');

/** What is wrong with a field, as the rest of a sentence that begins with its name. */
function fault(issue: Issue): string {
  switch (issue.code) {
    case 'too_big': {
      const unit = UNITS[issue.origin];
      return unit ? `has at most ${count(issue.maximum)} ${unit}` : `must be at most ${count(issue.maximum)}`;
    }
    case 'too_small': {
      const unit = UNITS[issue.origin];
      if (!unit) return `must be at least ${count(issue.minimum)}`;
      return issue.minimum === 1 ? 'must not be empty' : `has at least ${count(issue.minimum)} ${unit}`;
    }
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'custom':
      return issue.message;
    default:
      return 'has a value that is not allowed';
  }
}

/**
 * Input as the schema makes it.
 * @param under where the input stands in the mutation's input, for the name of the field
 * @throws BAD_USER_INPUT: a plain sentence that names the first field at fault and its limit
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, under: readonly string[] = []): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = [...under, ...issue.path.map(String)];
  throw badInput(`\`${path.join('.')}\` ${fault(issue)}.`, path);
}
