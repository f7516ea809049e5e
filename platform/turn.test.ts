import { writeAtEndOfTurn } from './turn';

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('what is written in a turn is written at its end, in order, and what that brings in the next', async () => {
  const written: string[] = [];
  const write = (text: string) => () => void written.push(text);
  writeAtEndOfTurn(write('one'));
  await Promise.resolve();
  writeAtEndOfTurn(() => {
    written.push('two');
    writeAtEndOfTurn(write('four'));
  });
  writeAtEndOfTurn(write('three'));
  expect(written).toEqual([]);
  await nextTurn();
  expect(written).toEqual(['one', 'two', 'three', 'four']);
});
