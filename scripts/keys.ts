import { keyStates, type KeyState, retireKeys, rotateKeys } from '../issuer';
import { runCommand, UnusableArguments } from './command';
import { openDatabase } from './runtime';

const USAGE = `Exchanges the keys of the embedded OpenID provider, while it runs: those that sign tokens, and those that sign its cookies.

  npm run -s keys -- list
  npm run -s keys -- rotate
  npm run -s keys -- retire [--at-once]

  list        the keys, and what each is for at this moment
  rotate      makes new ones: published within a minute, and signing 15 minutes later, when everybody has fetched them
  retire      removes those that have verified what they signed for as long as it is good; run it the day after
  --at-once   when a key is known to others: removes all but the newest, which then signs. Everybody signs in again`;

const options = { 'at-once': { type: 'boolean' } } as const;

runCommand({ usage: USAGE, options, words: 1 }, async ({ values: { 'at-once': atOnce = false }, positionals }) => {
  const [command = ''] = positionals;
  if (!['list', 'rotate', 'retire'].includes(command)) throw new UnusableArguments('list, rotate or retire?');
  if (atOnce && command !== 'retire') throw new UnusableArguments('--at-once belongs to retire.');
  const { database, clock } = await openDatabase();
  try {
    if (command === 'rotate') await rotateKeys(database, clock);
    if (command === 'retire') {
      const retired = await retireKeys(database, clock, atOnce);
      process.stdout.write(retired.length > 0 ? `Removed: ${retired.join(', ')}\n` : 'There is none to remove yet.\n');
    }
    for (const key of await keyStates(database, clock)) process.stdout.write(`${lineOf(key)}\n`);
  } finally {
    await database.close();
  }
});

const lineOf = ({ kind, id, createdAt, state, at }: KeyState): string =>
  [kind.padEnd(8), id.padEnd(36), `made ${createdAt.toISOString()}`, state, at?.toISOString() ?? '']
    .join('  ')
    .trimEnd();
