import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeGraph } from '../gateway/schema/compose';
import type { BuiltSubgraph } from '../platform/subgraph/federation';
import { CALLER_USAGE, callerNamed } from './callers';
import { runCommand, UnusableArguments } from './command';
import { buildGraphs } from './graph';
import { loadContract, printVisibleSchema } from './visible-schema';

const FOLDER = 'schema';

const USAGE = `Writes the files of schema/ from the code: a subgraph's SDL each, the supergraph, the policy.

  npm run schema                        writes them
  npm run schema -- --check             fails when those that are there differ from the code
  npm run -s schema -- --as NAME        prints the SDL that a caller may use

${CALLER_USAGE}`;

/** The generated files: one SDL per subgraph, the supergraph, the policy snapshot. */
export function generateSchema(
  subgraphs: Readonly<Record<string, Pick<BuiltSubgraph, 'sdl'>>> = buildGraphs(),
): Record<string, string> {
  const graphs = Object.entries(subgraphs);
  const { supergraph, policySnapshot } = composeGraph(graphs.map(([name, { sdl }]) => ({ name, sdl })));
  return {
    ...Object.fromEntries(graphs.map(([name, { sdl }]) => [`${name}.graphql`, `${sdl.trimEnd()}\n`])),
    'supergraph.graphql': supergraph,
    'policy.txt': `${policySnapshot.trimEnd()}\n`,
  };
}

if (require.main === module) {
  const options = { check: { type: 'boolean' }, as: { type: 'string' } } as const;
  runCommand({ usage: USAGE, options }, async ({ values: { check = false, as } }) => {
    if (check && as !== undefined) throw new UnusableArguments('--check and --as exclude each other.');
    if (as === undefined) return writeSchema(check);
    callerNamed(as);
    process.stdout.write(printVisibleSchema(await loadContract(), as));
  });
}

function writeSchema(check: boolean): void {
  mkdirSync(FOLDER, { recursive: true });
  const stale: string[] = [];
  for (const [name, text] of Object.entries(generateSchema())) {
    const file = join(FOLDER, name);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    stale.push(name);
    if (!check) writeFileSync(file, text);
  }
  if (check && stale.length > 0)
    throw new Error(`Not generated from this code: ${stale.join(', ')}. Run: npm run schema`);
  process.stdout.write(stale.length === 0 ? 'The schema files are up to date.\n' : `Written: ${stale.join(', ')}\n`);
}
