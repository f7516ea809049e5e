import fc from 'fast-check';
import { type CountCell, type PublishedCounts, suppress, SUPPRESSION_THRESHOLD } from './suppress';

const key = (d: number, i: number): string => `${'abc'[d]}${i}`;
const joined = (keys: readonly string[]): string => keys.join('|');

/** Random tables, mostly small counts and many gaps. */
const tableOf = (dimensions: number, length: number) =>
  fc.tuple(...Array.from({ length: dimensions }, () => fc.integer({ min: 1, max: length }))).chain((lengths) => {
    const size = (lengths as number[]).reduce((a, b) => a * b, 1);
    const count = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }) },
      { weight: 3, arbitrary: fc.integer({ min: 11, max: 90 }) },
    );
    return fc.array(count, { minLength: size, maxLength: size }).map((counts) => toCells(counts, lengths as number[]));
  });

function toCells(counts: number[], lengths: number[]): CountCell[] {
  return counts.flatMap((count, index) => {
    let rest = index;
    const keys = [...lengths].reverse().map((length, i) => {
      const place = rest % length;
      rest = Math.floor(rest / length);
      return key(lengths.length - 1 - i, place);
    });
    return count > 0 ? [{ keys: keys.reverse(), count }] : [];
  });
}

const withoutDimension = (cells: readonly CountCell[], d: number): CountCell[] => {
  const sums = new Map<string, CountCell>();
  for (const { keys, count } of cells) {
    const rest = keys.filter((_, i) => i !== d);
    sums.set(joined(rest), { keys: rest, count: (sums.get(joined(rest))?.count ?? 0) + count });
  }
  return [...sums.values()];
};

/** Lines of the table: all dimensions but `d` fixed; single-key dimensions are none. */
function lines(cells: readonly CountCell[], published: PublishedCounts, dimensions: number) {
  return Array.from({ length: dimensions }, (_, d) => d)
    .filter((d) => new Set(cells.map((cell) => cell.keys[d])).size > 1)
    .flatMap((d) => {
      const groups = new Map<string, { hidden: number; sum: number; shownPositive: number }>();
      for (const row of published.rows) {
        const group = joined(row.keys.filter((_, i) => i !== d));
        const known = groups.get(group) ?? { hidden: 0, sum: 0, shownPositive: 0 };
        const count = cells.find((cell) => joined(cell.keys) === joined(row.keys))?.count ?? 0;
        groups.set(
          group,
          row.suppressed
            ? { ...known, hidden: known.hidden + 1, sum: known.sum + count }
            : { ...known, shownPositive: known.shownPositive + 1 },
        );
      }
      return [...groups.values()];
    });
}

describe('authorization 5: small-cell suppression', () => {
  test('counts below 11 are hidden, and the next smallest with them', () => {
    const cells = [
      { keys: ['AUT'], count: 40 },
      { keys: ['DB'], count: 3 },
      { keys: ['ID'], count: 12 },
      { keys: ['SLD'], count: 90 },
    ];
    expect(suppress(cells, 1)).toEqual({
      total: 145,
      rows: [
        { keys: ['AUT'], count: 40, suppressed: false },
        { keys: ['DB'], count: null, suppressed: true },
        { keys: ['ID'], count: null, suppressed: true },
        { keys: ['SLD'], count: 90, suppressed: false },
      ],
    });
  });

  test('hidden cells sum to the threshold at least: two of 1 would give themselves away', () => {
    const rows = suppress(
      [
        { keys: ['a'], count: 1 },
        { keys: ['b'], count: 1 },
        { keys: ['c'], count: 30 },
        { keys: ['d'], count: 60 },
      ],
      1,
    ).rows;
    expect(rows.map((row) => row.count)).toEqual([null, null, null, 60]);
  });

  test('four students: everything is hidden, the total too', () => {
    const { rows, total } = suppress(
      [
        { keys: ['AUT', '7'], count: 3 },
        { keys: ['SLD', '9'], count: 1 },
      ],
      2,
    );
    expect(total).toBeNull();
    expect(rows.every((row) => row.suppressed && row.count === null)).toBe(true);
    expect(suppress([{ keys: ['AUT'], count: 4 }], 1)).toEqual({
      rows: [{ keys: ['AUT'], count: null, suppressed: true }],
      total: null,
    });
  });

  test('without small cells nothing is hidden; without students there is nothing', () => {
    const cells = [
      { keys: ['a', 'x'], count: 11 },
      { keys: ['b', 'y'], count: 12 },
    ];
    expect(suppress(cells, 2)).toEqual({ total: 23, rows: cells.map((cell) => ({ ...cell, suppressed: false })) });
    expect(suppress([], 2)).toEqual({ rows: [], total: 0 });
  });

  test.each([
    [1, 8],
    [2, 6],
    [3, 4],
  ])(
    'in %i dimensions every line has none or at least two hidden cells, of the threshold together',
    (dimensions, length) => {
      fc.assert(
        fc.property(tableOf(dimensions, length), (cells) => {
          const published = suppress(cells, dimensions);
          for (const { keys, count } of cells) {
            const row = published.rows.find((each) => joined(each.keys) === joined(keys))!;
            expect(row.suppressed || row.count === count).toBe(true);
            if (count < SUPPRESSION_THRESHOLD) expect(row.suppressed).toBe(true);
          }
          for (const line of lines(cells, published, dimensions)) {
            expect(line.hidden).not.toBe(1);
            if (line.hidden > 0 && line.shownPositive > 0)
              expect(line.sum).toBeGreaterThanOrEqual(SUPPRESSION_THRESHOLD);
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  test('in 3 dimensions what is hidden in a table of sums does not follow from the line of that sum', () => {
    fc.assert(
      fc.property(tableOf(3, 4), (cells) => {
        const { rows } = suppress(cells, 3);
        for (const d of [0, 1, 2]) {
          const hiddenSums = suppress(withoutDimension(cells, d), 2).rows.filter((row) => row.suppressed);
          for (const { keys } of hiddenSums) {
            const line = rows.filter((row) => joined(row.keys.filter((_, i) => i !== d)) === joined(keys));
            expect(line.some((row) => row.suppressed)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of a table with more than 50,000 combinations nothing is shown but the total', () => {
    const cells = Array.from({ length: 40 }, (_, i) => ({ keys: [key(0, i), key(1, i), key(2, i)], count: 90 }));
    const { rows, total } = suppress(cells, 3);
    expect([rows.filter((row) => row.count === null && row.suppressed).length, total]).toEqual([40, 3600]);
  });

  test('no hidden cell follows by linear algebra from the table of two dimensions, both tables of one, and the total', () => {
    fc.assert(
      fc.property(tableOf(2, 6), (cells) => {
        expect(determined(cells)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

/**
 * The attacker: unknowns are the hidden cells of the table and of its sums; every row, column and total is an equation.
 * An unknown is determined when its unit vector lies in the row space.
 */
function determined(cells: readonly CountCell[]): string[] {
  const published = suppress(cells, 2);
  const margins = [suppress(withoutDimension(cells, 1), 1), suppress(withoutDimension(cells, 0), 1)];
  const unknowns = [
    ...published.rows.filter((row) => row.suppressed).map((row) => joined(row.keys)),
    ...margins.flatMap((margin, d) =>
      margin.rows.filter((row) => row.suppressed).map((row) => `sum${d}:${row.keys[0]}`),
    ),
    ...(published.total === null ? ['total'] : []),
  ];
  // With one key in a dimension the table is its own margin.
  const aliases = [0, 1].some((d) => new Set(cells.map((cell) => cell.keys[d])).size < 2);
  if (aliases) return [];
  const place = new Map(unknowns.map((name, i) => [name, i]));
  const equation = (terms: [string, number][]): number[] => {
    const row = new Array<number>(unknowns.length).fill(0);
    for (const [name, sign] of terms) if (place.has(name)) row[place.get(name)!]! += sign;
    return row;
  };
  const equations: number[][] = [];
  margins.forEach((margin, d) => {
    for (const { keys } of margin.rows) {
      const line = published.rows
        .filter((row) => row.keys[d] === keys[0])
        .map((row): [string, number] => [joined(row.keys), 1]);
      equations.push(equation([...line, [`sum${d}:${keys[0]}`, -1]]));
    }
    equations.push(
      equation([...margin.rows.map((row): [string, number] => [`sum${d}:${row.keys[0]}`, 1]), ['total', -1]]),
    );
  });
  const reduced = rowEchelon(equations);
  return unknowns.filter((_, i) =>
    reduced.some((row) => row.every((value, j) => Math.abs(value) > 1e-9 === (i === j))),
  );
}

/** Reduced row echelon form: a determined unknown is a row with a single entry. */
function rowEchelon(rows: number[][]): number[][] {
  const matrix = rows.map((row) => [...row]);
  let pivotRow = 0;
  for (let column = 0; column < (matrix[0]?.length ?? 0) && pivotRow < matrix.length; column++) {
    const found = matrix.findIndex((row, i) => i >= pivotRow && Math.abs(row[column]!) > 1e-9);
    if (found === -1) continue;
    [matrix[pivotRow], matrix[found]] = [matrix[found]!, matrix[pivotRow]!];
    const pivot = matrix[pivotRow]!;
    const scale = pivot[column]!;
    for (let j = 0; j < pivot.length; j++) pivot[j]! /= scale;
    matrix.forEach((row, i) => {
      const factor = row[column]!;
      if (i !== pivotRow && Math.abs(factor) > 1e-9) for (let j = 0; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    });
    pivotRow += 1;
  }
  return matrix;
}
