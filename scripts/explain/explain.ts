import { GraphQLError, parse, validate } from 'graphql';
import { explainOperation, rejectWhole, type Verdict } from '../../gateway/authorize';
import { callerNamed, type NamedCaller } from '../callers';
import type { Contract } from '../visible-schema';

const OUTCOMES = {
  allowed: 'Allowed: answered as it stands.',
  filtered: 'Filtered: answered, with null and an error in place of what is denied.',
  denied: 'Denied: nothing of it is left, and nothing is fetched.',
  rejected: 'Rejected whole: nothing is fetched or changed.',
};

/**
 * Says of every selection and of every input that filters or sorts whether this caller may use it, what that takes, and
 * what is missing: by the schema alone, without rows. An allowed field still answers only the rows in scope.
 *
 * @param options.as a level, a role or an account of the initial data; or the rights themselves
 * @throws GraphQLError when the text is no operation of this schema, or the variables don't fit
 */
export function explain(
  { schema, index }: Contract,
  options: { as: string | NamedCaller; text: string; operationName?: string; variables?: Record<string, unknown> },
): string {
  const { title, caller } = typeof options.as === 'string' ? callerNamed(options.as) : options.as;
  const document = parse(options.text);
  const invalid = validate(schema, document);
  if (invalid.length > 0) throw new GraphQLError(invalid.map(({ message }) => message).join('\n'));
  const { outcome, selections, inputs } = explainOperation({
    schema,
    index,
    document,
    caller,
    operationName: options.operationName,
    variables: options.variables ?? {},
    rejectsWhole: (authorized) => rejectWhole(authorized, authorized.operationType, caller),
  });
  const lines = [`As ${title}: ${OUTCOMES[outcome]}`, '', ...selections.flatMap(linesOf)];
  if (inputs.length > 0) lines.push('', 'Inputs that read fields:', ...inputs.flatMap(linesOf));
  return `${lines.join('\n')}\n`;
}

function linesOf({ path, input, coordinate, allowed, requirement, missing, reads }: Verdict): string[] {
  const place = path.filter((key) => key !== '@').join('.');
  const within = input ? `(${input.filter((key) => key !== '@').join('.')})` : '';
  const lines = [
    `${allowed ? 'allowed' : 'DENIED '}  ${place}${within}  [${coordinate}]`,
    `         takes ${requirement}`,
  ];
  if (reads) lines.push(`         reads ${reads.join(', ')}`);
  if (missing) lines.push(`         missing ${missing}`);
  return lines;
}
