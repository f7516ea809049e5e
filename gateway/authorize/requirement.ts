/**
 * The algebra of field requirements: positive formulas over three kinds of atoms, always kept in minimal disjunctive
 * normal form with sorted atoms. Without negation that form is unique, so two requirements mean the same exactly when
 * they are spelt the same, and a diff of the policy snapshot shows changes of meaning only.
 */

export type Atom = 'authenticated' | `scope:${string}` | `policy:${string}`;

/** Outer list OR, inner list AND. `[[]]` is always satisfied, `[]` never. */
export type Requirement = readonly (readonly Atom[])[];

/** The part of a Principal that field decisions depend on. `level` is lower case, as `@policy` writes it. */
export interface Caller {
  readonly authenticated: boolean;
  readonly capabilities: ReadonlySet<string>;
  readonly level: string;
}

/** One directive as it stands on a type or field, arguments already read. */
export type AppliedRule =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'requiresScopes' | 'policy'; readonly alternatives: readonly (readonly string[])[] };

export const ALWAYS: Requirement = [[]];
export const NEVER: Requirement = [];

/** All of the given requirements; `ALWAYS` of none. */
export function and(...requirements: readonly Requirement[]): Requirement {
  return requirements.reduce((left, right) => {
    if (isAlways(left) || left === right) return right;
    if (isAlways(right)) return left;
    return minimize(left.flatMap((a) => right.map((b) => [...a, ...b])));
  }, ALWAYS);
}

/** Any of the given requirements; `NEVER` of none. */
export function or(...requirements: readonly Requirement[]): Requirement {
  return minimize(requirements.flat());
}

/**
 * The requirement of all directives on one element: they are AND-ed.
 *
 * @throws Error on `[]` or `[[]]` (attack 3). A router reads the first as "allowed"; we refuse to give either a meaning.
 */
export function fromDirectives(rules: readonly AppliedRule[]): Requirement {
  return and(...rules.map(fromDirective));
}

function fromDirective(rule: AppliedRule): Requirement {
  if (rule.kind === 'authenticated') return [['authenticated']];
  if (rule.alternatives.length === 0 || rule.alternatives.some((conjunction) => conjunction.length === 0)) {
    throw new Error(`@${rule.kind} has an empty list, which would mean "allowed" to some and "denied" to others`);
  }
  const prefix = rule.kind === 'policy' ? 'policy' : 'scope';
  return minimize(rule.alternatives.map((names) => names.map((name): Atom => `${prefix}:${name}`)));
}

/** Whether the caller meets the requirement. An unauthenticated caller holds no atom at all, whatever else is set. */
export function isSatisfied(requirement: Requirement, caller: Caller): boolean {
  return requirement.some((conjunction) => conjunction.every((atom) => holds(atom, caller)));
}

/** What the caller lacks: each way to meet the requirement, without what the caller holds. `ALWAYS` when nothing. */
export function missingFrom(requirement: Requirement, caller: Caller): Requirement {
  return minimize(requirement.map((conjunction) => conjunction.filter((atom) => !holds(atom, caller))));
}

function holds(atom: Atom, caller: Caller): boolean {
  if (!caller.authenticated) return false;
  if (atom === 'authenticated') return true;
  if (atom.startsWith('scope:')) return caller.capabilities.has(atom.slice('scope:'.length));
  return caller.level === atom.slice('policy:'.length);
}

/** Whether everyone who meets `stronger` also meets `weaker`, by the formula alone. */
export function implies(stronger: Requirement, weaker: Requirement): boolean {
  return isSame(and(stronger, weaker), stronger);
}

/** Equality of meaning; see the head of this file. */
export function isSame(left: Requirement, right: Requirement): boolean {
  return printRequirement(left) === printRequirement(right);
}

/**
 * The requirement as a person reads it: `authenticated AND scopes[iep:read] OR policies[selpa]` — AND binds tighter.
 * `always` and `never` stand for themselves.
 */
export function printRequirement(requirement: Requirement): string {
  if (requirement.length === 0) return 'never';
  return requirement.map((conjunction) => (conjunction.length ? printConjunction(conjunction) : 'always')).join(' OR ');
}

function printConjunction(conjunction: readonly Atom[]): string {
  const named = (prefix: string) => conjunction.filter((a) => a.startsWith(prefix)).map((a) => a.slice(prefix.length));
  const parts = conjunction.includes('authenticated') ? ['authenticated'] : [];
  const scopes = named('scope:');
  const policies = named('policy:');
  if (scopes.length) parts.push(`scopes[${scopes.join(', ')}]`);
  if (policies.length) parts.push(`policies[${policies.join(', ')}]`);
  return parts.join(' AND ');
}

function isAlways(requirement: Requirement): boolean {
  return requirement.some((conjunction) => conjunction.length === 0);
}

/** Sorted, without repetition, and without a conjunction that a weaker one makes superfluous (absorption). */
function minimize(conjunctions: readonly (readonly Atom[])[]): Requirement {
  const distinct = new Map<string, readonly Atom[]>();
  for (const conjunction of conjunctions) {
    const atoms = [...new Set(conjunction)].sort();
    distinct.set(atoms.join(' '), atoms);
  }
  const all = [...distinct.values()];
  const contains = (large: readonly Atom[], small: readonly Atom[]) => small.every((atom) => large.includes(atom));
  const minimal = all.filter((one) => !all.some((other) => other !== one && contains(one, other)));
  return minimal.sort((a, b) => compareText(a.join(' '), b.join(' ')));
}

// Not localeCompare: the snapshot must not depend on the locale of the machine that composes it.
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
