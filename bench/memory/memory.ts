import { runCommand, UnusableArguments } from '../../scripts/command';
import { chosen, count, counts } from '../arguments';
import { openPopulation } from '../population';
import { table } from '../table';
import { measureDirectory, measureGenerator, measureImport, Workshop } from './programs';
import { measureReport, REPORTS, type Work } from './reports';

const USAGE = `What memory import, generation and reports take, with few rows and with many.

  npm run bench -- memory [SMALL_URL LARGE_URL] [--heap MB] [--only import,generate,CASELOAD_ROSTER,…]
                          [--server mysql://root@127.0.0.1:3306] [--rows 10000,200000] [--students 2000,20000]

Each piece of work is a process of its own, with --max-old-space-size=HEAP (default 256). The databases are populations of
npm run generate, as for the bench scale: all reports of the state are run over them, their files read, and the runs
deleted. Imports and the generator fill databases of their own, on --server, or SQLite in a temporary folder.`;

const text = { type: 'string' } as const;
const options = { heap: text, only: text, server: text, rows: text, students: text } as const;
const MB = 1024 * 1024;
/** The files of the published directory that are compared, and their rows. */
const DIRECTORIES = [
  { file: 'california-schools-san-joaquin.csv', rows: 257 },
  { file: 'california-schools.csv', rows: 10_577 },
];

type Measure = () => Promise<Work[]>;
/** The same work with few and with many rows. */
type Pair = readonly [small: Measure, large: Measure];

export const memory = (): void =>
  runCommand({ usage: USAGE, options, words: 3 }, async ({ positionals: [, ...urls], values }) => {
    if (urls.length === 1) throw new UnusableArguments('Name two databases, a small and a large one, or none.');
    const heap = count('heap', values.heap, 256);
    const workshop = new Workshop(values.server);
    const program = (measure: (size: number) => Promise<Work>, sizes: readonly number[]): Pair => [
      async () => [await measure(sizes[0]!)],
      async () => [await measure(sizes[1]!)],
    ];
    const pairs = new Map<string, readonly Pair[]>([
      [
        'import',
        [
          program((i) => measureDirectory(workshop, heap, DIRECTORIES[i]!), [0, 1]),
          program((rows) => measureImport(workshop, heap, rows), counts('rows', values.rows, [10_000, 200_000])),
        ],
      ],
      [
        'generate',
        [
          program(
            (rows) => measureGenerator(workshop, heap, rows),
            counts('students', values.students, [2_000, 20_000]),
          ),
        ],
      ],
    ]);
    for (const report of urls.length > 0 ? Object.keys(REPORTS) : [])
      pairs.set(report, [[() => measureReport(urls[0]!, heap, report), () => measureReport(urls[1]!, heap, report)]]);
    const asked = chosen(values.only, [...pairs.keys()]);
    for (const url of urls) await (await openPopulation(url)).owner.close();
    try {
      console.log(table(HEAD, []));
      for (const name of asked) for (const pair of pairs.get(name)!) await compare(pair);
    } finally {
      await workshop.clear();
    }
  });

const HEAD = ['', 'rows', 'file MB', 's', 'peak MB', 'above idle', 'heap', 'buffers', 'beside ms', 'ratio of peaks'];

async function compare([small, large]: Pair): Promise<void> {
  const few = await small();
  for (const work of few) print(work);
  const many = await large();
  many.forEach((work, i) => print(work, few[i]));
}

function print({ what, rows, bytes, seconds, peak, beside }: Work, first?: Work): void {
  const mb = (size: number): string => (size / MB).toFixed(0);
  const above = `${mb(peak.rss - peak.idle.rss)}`;
  const others = beside.max > 0 ? `${beside.median.toFixed(0)}, ${beside.max.toFixed(0)} at most` : '';
  const ratio = first ? `${(peak.rss / first.peak.rss).toFixed(2)} x` : '';
  const file = bytes > 0 ? (bytes / MB).toFixed(1) : '';
  const cells = [what, rows, file, seconds.toFixed(1), mb(peak.rss), above, mb(peak.heap), mb(peak.buffers)];
  console.log(
    table([], [[...cells, others, ratio]])
      .split('\n')
      .at(-1),
  );
}
