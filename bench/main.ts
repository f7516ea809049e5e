import { shares } from './shares/shares';

/** What `npm run bench -- NAME` can measure. */
const benches: Record<string, (args: string[]) => Promise<void>> = { shares };

const USAGE = `Measures the built product. Figures of one machine at one time: see docs/measurements.md.

  npm run bench -- shares [--help]    what token, Principal, field decision, signing and audit take of a request`;

async function main([name = '', ...args]: string[]): Promise<void> {
  const bench = benches[name];
  if (!bench) {
    console.error(USAGE);
    process.exitCode = name === '' || name === '--help' ? 0 : 2;
    return;
  }
  await bench(args);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
