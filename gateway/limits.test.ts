import { DEFAULT_LIMITS, OperationLimits } from './limits';

describe('operation limits', () => {
  const limits = new OperationLimits(DEFAULT_LIMITS);
  const finding = (text: string, variables?: unknown): string | undefined => limits.check(text, variables)?.message;
  const TOO_MANY_ROWS = 'The operation asks, page within page, for more rows than 20000: split it.';
  const nested = (pages: string[], leaf = 'id'): string =>
    pages.reduceRight((below, page) => `${page} { nodes { ${below} } }`, leaf);

  test('A-48 pages within pages count together, whoever gives their sizes and however they are written', () => {
    const history = 'iepHistory(first: 100)';
    expect(finding(`{ ${nested(['students(first: 100)', history])} }`)).toBeUndefined();
    expect(finding(`{ ${nested(['students(first: 100)', history, 'x: caseload(first: 2)'])} }`)).toBe(TOO_MANY_ROWS);
    expect(finding(`{ ${nested(['students', 'iepHistory', 'caseload'])} }`)).toBeUndefined();
    expect(finding(`{ ${nested(['students', 'iepHistory', 'caseload', 'ieps'])} }`)).toBe(TOO_MANY_ROWS);
    expect(finding(`{ students(first: 100) { edges { node { ${nested([history, 'caseload'])} } } } }`)).toBe(
      TOO_MANY_ROWS,
    );
    expect(
      finding(
        `{ students(first: 100) { ...A } } fragment A on S { ... on S { n: nodes { caseload(first: 100) { ...B } } } }
         fragment B on C { nodes { caseload { ...D } } } fragment D on C { e: edges { cursor } }`,
      ),
    ).toBe(TOO_MANY_ROWS);
    expect(finding(`{ students(first: 100) { totalCount } }`)).toBeUndefined();
  });

  test('A-48 sizes in variables count as given, with their defaults', () => {
    const text = `query Q($a: Int, $b: Int = 3) { ${nested(['students(first: $a)', 'ieps(first: 100)', 'x(first: $b)'])} }`;
    expect(finding(text, { a: 49 })).toBeUndefined();
    expect(finding(text, { a: 100 })).toBe(TOO_MANY_ROWS);
    expect(finding(text, { a: 100, b: 1 })).toBe(TOO_MANY_ROWS);
    expect(finding(text, { a: 50, b: 1 })).toBeUndefined();
    expect(finding(text, { a: 50, b: null })).toBe(TOO_MANY_ROWS);
    expect(finding(text, { a: 1e9, b: 'x' })).toBe(TOO_MANY_ROWS);
    for (const variables of [undefined, null, 'x', [], { __proto__: { a: 1 } }])
      expect(finding(text, variables)).toBeUndefined();
  });

  test('A-47 root fields count inside fragments too', () => {
    const fields = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => `f${from + i}`).join(' ');
    expect(finding(`{ ${fields(0, 20)} }`)).toBeUndefined();
    for (const text of [
      `{ ${fields(0, 21)} }`,
      `{ ... on Query { ${fields(0, 21)} } }`,
      `{ ...A ${fields(10, 21)} } fragment A on Query { ... { ${fields(0, 10)} } }`,
    ])
      expect(finding(text)).toBe('The operation has more root fields than 20: split it.');
    expect(finding(`{ student { ... on Student { ${fields(0, 30)} } } }`)).toBeUndefined();
  });
});
