import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Counts, SubgraphStub } from './subgraph-stub';

type Question = 'reset' | 'read';

/** In a process with stubs: tells whoever started it what they were asked. */
export function answerCounts(stubs: readonly SubgraphStub[]): void {
  process.on('message', (question: Question) => {
    const counts = sumOf(stubs.map((stub) => stub.counts));
    if (question === 'reset') for (const stub of stubs) stub.reset();
    process.send!(counts);
  });
}

/** What the stubs of some processes were asked since the last reset, all together. */
export async function askCounts(children: readonly ChildProcess[], question: Question): Promise<Counts> {
  return sumOf(
    await Promise.all(
      children.map(async (child) => {
        const reply = once(child, 'message');
        child.send(question);
        return (await reply)[0] as Counts;
      }),
    ),
  );
}

const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, { fetches, signed, audits }) => ({
      fetches: sum.fetches + fetches,
      signed: sum.signed + signed,
      audits: sum.audits + audits,
    }),
    { fetches: 0, signed: 0, audits: 0 },
  );
