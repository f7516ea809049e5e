import { hashSecret, verifySecret } from './secret';

const cheap = { N: 2 ** 10 };

test('a secret is verified against its hash, which is another one every time', async () => {
  const [one, two] = [await hashSecret('teacher.ripon', cheap), await hashSecret('teacher.ripon', cheap)];
  expect(one).toMatch(/^scrypt\$1024\$8\$1\$[\w-]+\$[\w-]+$/);
  expect(one).not.toBe(two);
  expect(await verifySecret('teacher.ripon', one)).toBe(true);
  expect(await verifySecret('teacher.ripo', one)).toBe(false);
  expect(await verifySecret('', one)).toBe(false);
});

test.each([
  '',
  'teacher.ripon',
  'scrypt$1024$8$1$$',
  'scrypt$1024$8$1$c2FsdA$c2hvcnQ',
  'scrypt$3$8$1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  // Asks for more memory than we give
  'scrypt$1073741824$8$1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
])('a stored text that is no hash of ours opens for nobody: %s', async (stored) =>
  expect(await verifySecret('x', stored)).toBe(false),
);

test('empty and endless secrets are refused', async () => {
  await expect(hashSecret('')).rejects.toThrow('1 to');
  await expect(hashSecret('x'.repeat(2_000))).rejects.toThrow('1 to');
});
