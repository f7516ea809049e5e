import { snapshotHeader } from '../authorize/policy-hash';
import type { PolicyIndex } from '../authorize/policy-index';
import { printRequirement, type Requirement } from '../authorize/requirement';

/**
 * The policy as a sorted text, one coordinate a line, so that a change of any requirement is a line in a diff:
 *
 *     # policy of supergraph <SHA-256>
 *     type   Student  authenticated AND scopes[student:read]
 *     field  Student.dateOfBirth  authenticated AND scopes[student.demographics:read, student:read]
 *     reads  StudentFilter.bornBefore  Student.dateOfBirth  authenticated AND …
 *
 * A `field` line holds what selecting the field takes in all (parent type ∧ field ∧ returned type).
 */
export function printPolicySnapshot(index: PolicyIndex): string {
  const typed = (word: string, requirements: ReadonlyMap<string, Requirement>) =>
    [...requirements].map(([coordinate, requirement]) => `${word}  ${coordinate}  ${printRequirement(requirement)}`);
  const fields = new Map([...index.selections].filter(([coordinate]) => !coordinate.endsWith('.__typename')));
  const types = new Map([...index.types].filter(([, requirement]) => printRequirement(requirement) !== 'always'));
  const reads = [...index.reads].map(
    ([coordinate, requirement]) =>
      `reads  ${coordinate}  ${index.readSources.get(coordinate)?.join(', ')}  ${printRequirement(requirement)}`,
  );
  const blocks = [typed('type ', types), typed('field', fields), reads];
  return `${[snapshotHeader(index.hash), ...blocks.flatMap((lines) => lines.sort())].join('\n')}\n`;
}
