import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { HttpHandler } from './mount';
import { followed, unfollowed } from './unfollowed';

describe('the following of asynchronous work', () => {
  afterEach(() => jest.restoreAllMocks());

  test('ends with the last request that is under way, and each keeps its own until then', async () => {
    const disable = jest.spyOn(followed, 'disable');
    const seen: unknown[] = [];
    const goOn: (() => void)[] = [];
    // Two providers, as when keys are exchanged.
    const [handler, other] = [0, 1].map(() =>
      unfollowed((request) =>
        followed
          .run(request, async () => {
            await new Promise<void>((resolve) => goOn.push(resolve));
            seen.push(followed.getStore());
            if (seen.length === 2) throw new Error('of the provider');
          })
          .catch(() => undefined),
      ),
    ) as [HttpHandler, HttpHandler];
    const ask = (name: string): void =>
      (name === 'second' ? other : handler)({ url: name } as IncomingMessage, {} as ServerResponse);
    ['first', 'second'].forEach(ask);
    goOn[0]!();
    await turn();
    expect([seen, disable.mock.calls.length]).toEqual([[{ url: 'first' }], 0]);
    ask('third');
    goOn[1]!();
    await turn();
    expect(disable).not.toHaveBeenCalled();
    goOn[2]!();
    await turn();
    expect([seen, disable.mock.calls.length]).toEqual([[{ url: 'first' }, { url: 'second' }, { url: 'third' }], 1]);
    ask('fourth');
    goOn[3]!();
    await turn();
    expect([seen[3], disable.mock.calls.length]).toEqual([{ url: 'fourth' }, 2]);
  });
});
