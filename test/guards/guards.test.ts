import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { switchedOff, titleOf } from './guard';
import { GUARDS } from './guards';

const read = (file: string): string => readFileSync(join(__dirname, '..', '..', file), 'utf8');

describe('the list of guards that `npm run guards:mutate` switches off', () => {
  test('finds each once in the code, and its suite', () => {
    const outdated = GUARDS.flatMap((guard) => {
      try {
        read(guard.proof[0]);
        return switchedOff(guard, read(guard.file)) === read(guard.file) ? [`${titleOf(guard)}: changes nothing`] : [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
    expect(outdated).toEqual([]);
  });

  test('names each once', () => {
    const titles = GUARDS.map(titleOf);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  });
});
