import { z } from 'zod';
import { parseInput } from './parse-input';

const form = z.object({
  text: z.string().trim().min(1).max(8_000),
  list: z.array(z.object({ share: z.number().min(0).max(100) })).max(2),
  kind: z.enum({ A: 'A', B: 'B' }),
  day: z.string().refine((text) => text !== '2015-02-31', 'must be a day that exists'),
});
const good = { text: 'x', list: [{ share: 5 }], kind: 'A', day: '2015-02-28' };

describe('input that a schema refuses is told in a sentence', () => {
  test.each([
    [{ text: 'x'.repeat(8_001) }, '`notes.text` has at most 8,000 characters.', ['notes', 'text']],
    [{ text: '  ' }, '`notes.text` must not be empty.', ['notes', 'text']],
    [{ text: 5 }, '`notes.text` must be a string.', ['notes', 'text']],
    [
      { list: [{ share: 5 }, { share: 101 }] },
      '`notes.list.1.share` must be at most 100.',
      ['notes', 'list', '1', 'share'],
    ],
    [{ list: [{ share: -1 }] }, '`notes.list.0.share` must be at least 0.', ['notes', 'list', '0', 'share']],
    [{ list: Array(3).fill({ share: 1 }) }, '`notes.list` has at most 2 entries.', ['notes', 'list']],
    [{ kind: 'C' }, '`notes.kind` must be one of A, B.', ['notes', 'kind']],
    [{ day: '2015-02-31' }, '`notes.day` must be a day that exists.', ['notes', 'day']],
  ])('%j', (wrong, message, path) => {
    const read = () => parseInput(form, { ...good, ...wrong }, ['notes']);
    expect(read).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', message, argumentPath: path }));
  });

  test('what it takes comes back as the schema makes it', () => {
    expect(parseInput(form, { ...good, text: ' x ', other: 1 })).toEqual(good);
  });
});
