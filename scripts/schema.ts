import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeGraph } from '../gateway/schema/compose';
import { runProgram } from '../platform/process';
import type { BuiltSubgraph } from '../platform/subgraph/federation';
import { buildGraphs } from './graph';

const FOLDER = 'schema';

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

/** `npm run schema` writes the files; `npm run schema -- --check` fails when the committed ones differ. */
if (require.main === module) {
  runProgram(async () => {
    const check = process.argv.includes('--check');
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
  });
}
