import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { readRecords } from './read-records';
import { SeenRows } from './seen-rows';

/** A row that was not imported, and why. `column` is null when the row as a whole is at fault. */
export interface RejectedRow {
  line: number;
  column: string | null;
  reason: string;
}

export interface ImportReport {
  /** Rows read, the header not counted. */
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Students who came under the SELPA of their LEA. */
  studentsPlaced: number;
  rejected: RejectedRow[];
}

export interface ImportProgress {
  rows: number;
  rejected: number;
}
export type OnProgress = (progress: ImportProgress) => void;

export const emptyReport = (): ImportReport => ({
  rows: 0,
  created: 0,
  changed: 0,
  unchanged: 0,
  studentsPlaced: 0,
  rejected: [],
});

/** The file as a whole can't be imported: unreadable, or another layout. */
export class UnusableFile extends Error {}

/** A layout of a file: its columns, in the order in which the header of an example has them. */
export interface Layout<R> {
  description: string;
  /** Columns that the header must have, unless they are optional. Others are ignored. */
  row: z.ZodObject<Record<string, z.ZodType>>;
  /** What tells a row from the others of its file: twice is once too often. */
  identity(row: R): string;
}

/** The valid rows of a file with their lines; the others go into the report. `R` is what the layout's `row` parses to. */
export async function* readRows<R>(
  layout: Layout<R>,
  source: Readable,
  report: ImportReport,
): AsyncGenerator<{ line: number; row: R }> {
  let header: string[] | null = null;
  const seen = new SeenRows();
  const reject = (line: number, column: string | null, reason: string) =>
    void report.rejected.push({ line, column, reason });
  for await (const record of readable(readRecords(source, () => header?.length ?? null))) {
    if (header === null) {
      header = headerOf(layout, record);
      continue;
    }
    report.rows++;
    if ('fault' in record) {
      reject(record.line, null, record.fault);
      continue;
    }
    if (record.fields.length !== header.length) {
      reject(record.line, null, `has ${record.fields.length} fields instead of ${header.length}`);
      continue;
    }
    const parsed = layout.row.safeParse(Object.fromEntries(header.map((column, i) => [column, record.fields[i]])));
    if (!parsed.success) {
      for (const issue of parsed.error.issues) reject(record.line, String(issue.path[0] ?? ''), issue.message);
      continue;
    }
    const row = parsed.data as R;
    const before = seen.before(layout.identity(row), record.line);
    if (before !== null) {
      reject(record.line, Object.keys(layout.row.shape)[0]!, `repeats line ${before}`);
      continue;
    }
    yield { line: record.line, row };
  }
  if (header === null) throw new UnusableFile('The file is empty.');
}

function headerOf(
  { row, description }: Layout<never>,
  record: { line: number } & ({ fields: string[] } | { fault: string }),
): string[] {
  const fields = 'fields' in record ? record.fields : [];
  const missing = Object.entries(row.shape).filter(
    ([column, type]) => !fields.includes(column) && !type.safeParse(undefined).success,
  );
  if (missing.length > 0) {
    const names = missing.map(([column]) => column).join(', ');
    throw new UnusableFile(`This is not the layout "${description}": the header lacks ${names}.`);
  }
  const twice = fields.find((column, i) => fields.indexOf(column) !== i);
  if (twice !== undefined) throw new UnusableFile(`The header names the column ${twice} twice.`);
  return fields;
}

/** Tells a fault of the file from a fault of the database. */
async function* readable<T>(records: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* records;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall)
      throw new UnusableFile(`The file can't be read: ${(error as Error).message}`);
    throw error;
  }
}
