import type { Load } from '../load';
import { median, table } from '../table';

/** One measurement. */
export interface Measured extends Load {
  /** CPU time of the gateway's process per request, ms. */
  cpu: number;
  /** Requests to subgraphs per request. */
  fetches: number;
}

export interface Report {
  title: string;
  rows: readonly { title: string; results: readonly Measured[] }[];
  /** Who was not measured, and why. */
  faults: readonly string[];
}

const perSecond = ({ requests, elapsed }: Measured): number => (requests * 1_000) / elapsed;

/** Medians of the rounds; ratios are medians of the rounds' own ratios, with the least and the most of them. */
export function report({ title, rows, faults }: Report): string {
  const [first] = rows;
  const missing = faults.map((fault) => `\n- not measured: ${fault}`).join('');
  if (!first) return `## ${title}\n${missing}\n`;
  const lines = rows.map((row) => {
    const of = (value: (one: Measured) => number): number => median(row.results.map(value));
    const ratio = (value: (one: Measured, at: number) => number): string => {
      const ratios = row.results.map(value);
      const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
      return row === first ? '' : `${median(ratios).toFixed(2)} (${least.toFixed(2)} … ${most.toFixed(2)})`;
    };
    return [
      row.title,
      of(perSecond).toFixed(0),
      of((one) => one.median).toFixed(1),
      of((one) => one.p99).toFixed(1),
      of((one) => one.cpu).toFixed(2),
      `${of((one) => (one.cpu * perSecond(one)) / 10).toFixed(0)} %`,
      of((one) => one.fetches).toFixed(1),
      ratio((one, at) => perSecond(first.results[at]!) / perSecond(one)),
      ratio((one, at) => one.cpu / first.results[at]!.cpu),
    ];
  });
  const head = [
    '',
    'req/s',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    'of a core',
    'fetches',
    `req/s, ${first.title} : it`,
    'CPU, it : that',
  ];
  return `## ${title}\n\n${table(head, lines)}\n${missing}`;
}
