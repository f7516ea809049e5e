import { UnusableArguments } from '../scripts/command';

/** What an option gives in figures, above zero. @throws UnusableArguments when it is none */
export function amount(option: string, given: string | undefined, otherwise: number): number {
  const value = Number(given ?? otherwise);
  if (!(value > 0 && value < Infinity))
    throw new UnusableArguments(`--${option} takes a number above 0, not '${given}'.`);
  return value;
}

/** As `amount`, of what is counted. */
export function count(option: string, given: string | undefined, otherwise: number): number {
  const value = amount(option, given, otherwise);
  if (!Number.isInteger(value)) throw new UnusableArguments(`--${option} takes a whole number, not '${given}'.`);
  return value;
}

/** Whole numbers above zero, comma-separated. */
export const counts = (option: string, given: string | undefined, otherwise: readonly number[]): readonly number[] =>
  given?.split(',').map((one) => count(option, one, 0)) ?? otherwise;

export const list = (given: string | undefined): string[] => given?.split(',').filter(Boolean) ?? [];

/** Those that an option names, comma-separated; all when it is left out. @throws UnusableArguments for a name that is none */
export function chosen<N extends string>(given: string | undefined, all: readonly N[]): readonly N[] {
  const wanted = list(given);
  const unknown = wanted.find((name) => !all.includes(name as N));
  if (unknown !== undefined) throw new UnusableArguments(`There is no '${unknown}': ${all.join(', ')}.`);
  return wanted.length > 0 ? (wanted as N[]) : all;
}
