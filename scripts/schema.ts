import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { composeGraph } from '../gateway/schema/compose';
import { runProgram } from '../platform/process';
import type { BuiltSubgraph } from '../platform/subgraph/federation';
import { CALLER_USAGE, callerNamed } from './callers';
import { buildGraphs } from './graph';
import { loadContract, printVisibleSchema } from './visible-schema';

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

/**
 * `npm run schema` writes the files; `npm run schema -- --check` fails when the committed ones differ;
 * `npm run -s schema -- --as NAME` prints what a caller may use.
 */
if (require.main === module) {
  runProgram(async () => {
    const { check, as } = readArguments();
    if (as !== undefined) {
      callerNamed(as);
      process.stdout.write(printVisibleSchema(await loadContract(), as));
    } else writeSchema(check ?? false);
  });
}

function readArguments() {
  try {
    return parseArgs({ options: { check: { type: 'boolean' }, as: { type: 'string' } } }).values;
  } catch (error) {
    throw new Error(
      `${(error as Error).message.split('. ')[0]}.\n\nnpm run -s schema -- [--check | --as NAME]\n\n${CALLER_USAGE}`,
    );
  }
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
