/** What the reports of all benches are written with: Markdown. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The first column is text, the others are figures. */
export const table = (head: readonly string[], rows: readonly (string | number)[][]): string =>
  [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
