import fc from 'fast-check';
import {
  ALWAYS,
  and,
  type Atom,
  fromDirectives,
  implies,
  isSame,
  isSatisfied,
  NEVER,
  or,
  printRequirement,
  type Requirement,
} from './requirement';

const atom = fc.constantFrom<Atom>('authenticated', 'scope:a', 'scope:b', 'scope:c', 'policy:selpa', 'policy:state');
/** Built through the algebra itself, so that every value is in the normal form. */
const requirement: fc.Arbitrary<Requirement> = fc
  .array(fc.array(atom, { maxLength: 4 }), { maxLength: 4 })
  .map((lists) => or(...lists.map((atoms) => and(...atoms.map((one): Requirement => [[one]])))));
const caller = fc.record({
  authenticated: fc.boolean(),
  capabilities: fc.subarray(['a', 'b', 'c']).map((names) => new Set(names)),
  level: fc.constantFrom('selpa', 'state', 'teacher', ''),
});

describe('requirement algebra', () => {
  const law = (name: string, left: (...r: Requirement[]) => Requirement, right: (...r: Requirement[]) => Requirement) =>
    test(name, () => {
      fc.assert(
        fc.property(requirement, requirement, requirement, (a, b, c) => expect(left(a, b, c)).toEqual(right(a, b, c))),
      );
    });

  law(
    'and commutes',
    (a, b) => and(a!, b!),
    (a, b) => and(b!, a!),
  );
  law(
    'or commutes',
    (a, b) => or(a!, b!),
    (a, b) => or(b!, a!),
  );
  law(
    'and associates',
    (a, b, c) => and(and(a!, b!), c!),
    (a, b, c) => and(a!, and(b!, c!)),
  );
  law(
    'or associates',
    (a, b, c) => or(or(a!, b!), c!),
    (a, b, c) => or(a!, or(b!, c!)),
  );
  law(
    'and distributes over or',
    (a, b, c) => and(a!, or(b!, c!)),
    (a, b, c) => or(and(a!, b!), and(a!, c!)),
  );
  law(
    'or distributes over and',
    (a, b, c) => or(a!, and(b!, c!)),
    (a, b, c) => and(or(a!, b!), or(a!, c!)),
  );
  law(
    'and absorbs',
    (a, b) => and(a!, or(a!, b!)),
    (a) => a!,
  );
  law(
    'or absorbs',
    (a, b) => or(a!, and(a!, b!)),
    (a) => a!,
  );
  law(
    'and is idempotent',
    (a) => and(a!, a!),
    (a) => a!,
  );
  law(
    'ALWAYS is neutral for and',
    (a) => and(a!, ALWAYS),
    (a) => a!,
  );
  law(
    'NEVER is neutral for or',
    (a) => or(a!, NEVER),
    (a) => a!,
  );
  law(
    'ALWAYS swallows or',
    (a) => or(a!, ALWAYS),
    () => ALWAYS,
  );
  law(
    'NEVER swallows and',
    (a) => and(a!, NEVER),
    () => NEVER,
  );

  test('and / or mean what they say for every caller', () => {
    fc.assert(
      fc.property(requirement, requirement, caller, (a, b, who) => {
        expect(isSatisfied(and(a, b), who)).toBe(isSatisfied(a, who) && isSatisfied(b, who));
        // The empty conjunction needs nothing, so it holds for the unauthenticated as well.
        expect(isSatisfied(or(a, b), who)).toBe(isSatisfied(a, who) || isSatisfied(b, who));
      }),
    );
  });

  test('adding a capability never takes a right away', () => {
    fc.assert(
      fc.property(requirement, caller, fc.constantFrom('a', 'b', 'c'), (a, who, more) => {
        const richer = { ...who, capabilities: new Set([...who.capabilities, more]) };
        expect(isSatisfied(a, who) && !isSatisfied(a, richer)).toBe(false);
      }),
    );
  });

  test('the stronger of two requirements implies the weaker', () => {
    fc.assert(
      fc.property(requirement, requirement, (a, b) => {
        expect(implies(and(a, b), a)).toBe(true);
        expect(implies(a, or(a, b))).toBe(true);
        expect(isSame(a, b)).toBe(implies(a, b) && implies(b, a));
      }),
    );
  });
});

describe('directives to requirement', () => {
  test('outer list is OR, inner list is AND', () => {
    const rule = fromDirectives([{ kind: 'requiresScopes', alternatives: [['b', 'a'], ['c']] }]);
    expect(rule).toEqual([['scope:a', 'scope:b'], ['scope:c']]);
    expect(printRequirement(rule)).toBe('scopes[a, b] OR scopes[c]');
  });

  test('several directives on one element are all required', () => {
    const rule = fromDirectives([
      { kind: 'authenticated' },
      { kind: 'requiresScopes', alternatives: [['a']] },
      { kind: 'policy', alternatives: [['selpa'], ['state']] },
    ]);
    expect(printRequirement(rule)).toBe(
      'authenticated AND scopes[a] AND policies[selpa] OR authenticated AND scopes[a] AND policies[state]',
    );
  });

  test.each([[[]], [[[]]], [[['a'], []]]])(
    'A-03 an empty list is refused, not read as "allowed": %j',
    (alternatives) => {
      expect(() => fromDirectives([{ kind: 'policy', alternatives }])).toThrow(/empty list/);
    },
  );

  test('no directive means ALWAYS; an unauthenticated caller holds no scope and no policy', () => {
    expect(fromDirectives([])).toEqual(ALWAYS);
    const anonymous = { authenticated: false, capabilities: new Set(['a']), level: 'selpa' };
    expect(isSatisfied([['scope:a']], anonymous)).toBe(false);
    expect(isSatisfied([['policy:selpa']], anonymous)).toBe(false);
  });
});
