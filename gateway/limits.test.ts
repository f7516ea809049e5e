import { readSchemaCosts } from './cost/schema-costs';
import { DEFAULT_LIMITS, OperationLimits } from './limits';

describe('operation limits', () => {
  const limits = new OperationLimits(DEFAULT_LIMITS, readSchemaCosts('type Query { id: ID }'));
  const finding = (text: string): string | undefined => limits.check(text).finding?.message;

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
