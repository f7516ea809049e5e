import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { publishedTableCells, unmetCells } from '../../scripts/generate/published-check';
import type { CountCell } from '../../subgraphs/reporting/child-count/suppress';
import type { Asked } from './questions';

const DATA = join(__dirname, '..', '..', '..', '..', 'shared', 'data');
const WHOLE = 870_993;
/** The published tables break down by age or by environment, never by both; a child count by four dimensions at most. */
const [BY_AGE, BY_ENVIRONMENT] = [
  ['DISABILITY', 'AGE_BAND', 'AGE', 'AGE_GROUP'],
  ['DISABILITY', 'AGE_BAND', 'AGE_GROUP', 'ENVIRONMENT'],
];
const ENVIRONMENT = 4;

/** Holds `childCount` of a state, through the public API, against every published cell. */
export async function comparePublished(ask: Asked): Promise<string> {
  if (!existsSync(join(DATA, 'counts'))) return `The published tables are not at ${DATA}.`;
  const count = async (groupBy: string[]): Promise<{ total: number; cells: CountCell[] }> => {
    const query =
      'query Count($by: [CountDimension!]!) { childCount(on: "2026-10-07", groupBy: $by) { total rows { keys count } } }';
    const { childCount } = await ask(query, { by: groupBy });
    return { total: childCount.total, cells: childCount.rows };
  };
  const { total, cells: byAge } = await count(BY_AGE!);
  if (total !== WHOLE) return `${total} of ${WHOLE} students: the published cells are those of all of them.`;
  const { cells: byEnvironment } = await count(BY_ENVIRONMENT!);
  const published = publishedTableCells(DATA);
  const without = (keys: (string | null)[], place: number): (string | null)[] => keys.filter((_, i) => i !== place);
  const unmet = [
    ...unmetCells(
      published.flatMap((cell) =>
        cell.keys[ENVIRONMENT] === null ? [{ ...cell, keys: without(cell.keys, ENVIRONMENT) }] : [],
      ),
      byAge,
    ),
    ...unmetCells(
      published.flatMap((cell) => (cell.keys[ENVIRONMENT] === null ? [] : [{ ...cell, keys: without(cell.keys, 2) }])),
      byEnvironment,
    ),
  ];
  for (const { keys, count: expected, counted } of unmet)
    console.log(`${keys.join(' ')}: ${expected} published, ${counted} counted`);
  return `${published.length - unmet.length} of ${published.length} published cells are met by childCount (${total} students).`;
}
