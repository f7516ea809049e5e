import { Session } from 'node:inspector/promises';

/**
 * How many function calls the JavaScript of this process makes while `work` runs. Unlike time, the same work costs the
 * same on every machine, so a bound on it can be tight and never fails by chance.
 *
 * @param files whose functions count: what the process does at the same time in others doesn't
 */
export async function callsOf<T>(work: () => Promise<T>, files = /./): Promise<{ calls: number; result: T }> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const result = await work();
    const coverage = await session.post('Profiler.takePreciseCoverage');
    await session.post('Profiler.stopPreciseCoverage');
    const counts = coverage.result.flatMap(({ url, functions }) =>
      (files.test(url) ? functions : []).map(({ ranges }) => ranges[0]!.count),
    );
    return { result, calls: counts.reduce((sum, count) => sum + count, 0) };
  } finally {
    session.disconnect();
  }
}
