/**
 * The suite that has to fail when a guard is off, and of its tests those whose name fits this. On SQLite, which runs the same
 * statements; on MariaDB or MySQL where only they can tell.
 */
export type Proof = readonly [file: string, tests?: string, engine?: 'mysql'];

/**
 * One thing that stands between a caller and a row, as the text that is it. Switched off by writing `without` in place of
 * `text`, which stands once in the file.
 */
export interface Guard {
  file: string;
  /** What it keeps from happening. */
  keeps: string;
  text: string;
  without: string;
  proof: Proof;
  /** Why no test can fail without it: another guard answers the same. */
  redundant?: string;
}

type Row = readonly [keeps: string, text: string, without: string, proof: Proof, redundant?: string];

/** The guards of one file. */
export const inFile = (file: string, ...rows: Row[]): Guard[] =>
  rows.map(([keeps, text, without, proof, redundant]) => ({ file, keeps, text, without, proof, redundant }));

/** How a guard is called on the command line and in reports. */
export const titleOf = ({ file, keeps }: Pick<Guard, 'file' | 'keeps'>): string => `${file}: ${keeps}`;

/** The file with the guard switched off. @throws Error when its text isn't there exactly once: the list is out of date */
export function switchedOff({ text, without, ...guard }: Guard, source: string): string {
  const parts = source.split(text);
  if (parts.length !== 2)
    throw new Error(`${titleOf(guard)}: its text stands ${parts.length - 1} times in the file, not once:\n${text}`);
  return parts.join(without);
}
