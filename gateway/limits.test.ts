import { parse } from 'graphql';
import { readSettings } from '../platform/config';
import { readSchemaCosts } from './cost/schema-costs';
import { DEFAULT_LIMITS, OperationLimits, planningCost } from './limits';

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

  test('A-49 directives, fragments and tokens are counted', () => {
    const many = (count: number, part: (i: number) => string): string =>
      Array.from({ length: count }, (_, i) => part(i)).join(' ');
    const directives = (count: number): string => `{ id ${many(count, () => '@include(if: true)')} }`;
    const fragments = (count: number): string => `{ id } ${many(count, (i) => `fragment F${i} on Query { id }`)}`;
    for (const text of [directives(50), fragments(100)]) expect(finding(text)).toBeUndefined();
    expect(finding(directives(51))).toBe('The operation uses more directives than 50: split it.');
    expect(finding(fragments(101))).toBe('The operation defines more fragments than 100: split it.');
    expect(finding(`{ ${many(5_000, () => 'id')} }`)).toBe('The operation is longer than 4000 tokens: split it.');
  });

  test('A-48 the least points that can be set are enough for the costliest operation and its plan', () => {
    const { cost, fields, directives } = DEFAULT_LIMITS;
    const each = (count: number, text: string): string => Array.from({ length: count }, () => text).join(' ');
    const largest = `{ ${each(directives, 'id @include(if: $v)')} ${each(fields - directives, 'id')} }`;
    const least = cost + planningCost(parse(`query($v: Boolean!) ${largest}`));
    for (const setting of ['RATE_ACCOUNT', 'RATE_GRANT', 'RATE_ADDRESS']) {
      expect(readSettings({ [setting]: String(least) })).toMatchObject({ [setting]: least });
      expect(() => readSettings({ [setting]: String(least - 1) })).toThrow(`${setting}: must be`);
    }
  });
});
