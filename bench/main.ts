import { runCommand, UnusableArguments } from '../scripts/command';
import { data } from './data/data';
import { gateway } from './gateway/gateway';
import { memory } from './memory/memory';
import { scale } from './scale/scale';
import { shares } from './shares/shares';

/** What `npm run bench -- NAME` can measure: each reads the rest of the command line. */
const benches = new Map([
  ['gateway', gateway],
  ['shares', shares],
  ['scale', scale],
  ['data', data],
  ['memory', memory],
]);

const USAGE = `Measures the built product. Figures of one machine at one time: see docs/measurements.md.

  npm run bench -- gateway [--help]   requests per second, latency and CPU beside other gateways over the same subgraphs
  npm run bench -- shares [--help]    what token, Principal, field decision, signing and audit take of a request
  npm run bench -- scale [--help]     what the same question costs in a small and in a large population
  npm run bench -- data [--help]      the product beside a program by hand over the same database
  npm run bench -- memory [--help]    what memory imports and reports take, with few rows and with many`;

const bench = benches.get(process.argv[2] ?? '');
if (bench) bench();
else
  runCommand({ usage: USAGE }, async () => {
    throw new UnusableArguments('Say what to measure.');
  });
