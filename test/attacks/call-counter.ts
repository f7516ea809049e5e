import { Session } from 'node:inspector/promises';

/**
 * How many function calls the JavaScript of this process makes while `work` runs. Unlike time, the same work costs the
 * same on every machine, so a bound on it can be tight and never fails by chance.
 *
 * @param files whose functions count, as `file#function`: what the process does at the same time in others doesn't
 */
export async function callsOf<T>(work: () => Promise<T>, files = /./): Promise<{ calls: number; result: T }> {
  return countingCalls((count) => count(work), files);
}

/** What is handed to `body` counts like {@link callsOf}, again and again: between the looks nothing is set up anew. */
export async function countingCalls<R>(
  body: (count: <T>(work: () => Promise<T>) => Promise<{ calls: number; result: T }>) => Promise<R>,
  files = /./,
): Promise<R> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const taken = async (): Promise<number> => {
      const coverage = await session.post('Profiler.takePreciseCoverage');
      const counts = coverage.result.flatMap(({ url, functions }) =>
        functions.map(({ functionName, ranges }) => (files.test(`${url}#${functionName}`) ? ranges[0]!.count : 0)),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    };
    return await body(async (work) => {
      await taken();
      const result = await work();
      return { result, calls: await taken() };
    });
  } finally {
    session.disconnect();
  }
}
