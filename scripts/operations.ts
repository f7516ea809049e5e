import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DocumentNode, type GraphQLSchema, parse, validate } from 'graphql';
import type { JWK } from 'jose';
import { loadApiSchema } from '../gateway/schema/api-schema';
import { hashOf, makeSigningKey, signManifest } from '../gateway/operations/manifest';
import { readNamed, runCommand, UnusableArguments, unusableFile } from './command';

const USAGE = `Makes the list of operations that a gateway with OPERATIONS=registered answers.

  npm run -s operations -- key FILE
  npm run -s operations -- sign --key FILE --out FILE PATH...

  key     makes a signing key: the private one in FILE, the public one (OPERATIONS_KEY) on the screen
  sign    signs the operations of PATH...: files *.graphql (one document each, sent byte for byte), files *.json as
          GraphQL Code Generator writes them ({ "id": "text" }), and folders of these; prints the id of each`;

const text = { type: 'string' } as const;

/** `npm run -s operations`. */
runCommand({ usage: USAGE, options: { key: text, out: text }, words: Infinity }, async ({ values, positionals }) => {
  const { key, out } = values;
  const [command, ...paths] = positionals;
  if (command === 'key' && paths.length === 1 && !key && !out) return writeKey(paths[0]!);
  if (command === 'sign' && key && out && paths.length > 0) return sign(key, out, paths);
  throw new UnusableArguments('key FILE, or sign with --key, --out and what to sign.');
});

async function writeKey(file: string): Promise<void> {
  const { privateKey, publicKey } = await makeSigningKey();
  // Never over a key that is in use.
  await writeFile(file, `${JSON.stringify(privateKey)}\n`, { mode: 0o600, flag: 'wx' }).catch((error) => {
    throw unusableFile(file, error);
  });
  process.stdout.write(
    `The private key is in ${file}: keep it where releases are made, not on the gateway.\nOPERATIONS_KEY=${publicKey}\n`,
  );
}

async function sign(key: string, out: string, paths: readonly string[]): Promise<void> {
  const privateKey = JSON.parse(readNamed(key)) as JWK;
  const found = (await Promise.all(paths.map(textsOf))).flat();
  if (found.length === 0) throw new Error(`No operations (*.graphql, *.json) in ${paths.join(', ')}.`);
  const schema = await loadApiSchema(await readFile(join('schema', 'supergraph.graphql'), 'utf8'));
  const faults = found.flatMap(({ file, text }) => faultsOf(schema, text).map((fault) => `${file}: ${fault}`));
  if (faults.length > 0) throw new Error(`Not signed, since these would be refused:\n  ${faults.join('\n  ')}`);
  await writeFile(
    out,
    await signManifest(
      found.map(({ text }) => text),
      privateKey,
    ),
  );
  for (const { file, text } of found) process.stdout.write(`sha256:${hashOf(text)}  ${file}\n`);
}

interface Found {
  file: string;
  text: string;
}

async function textsOf(path: string): Promise<Found[]> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return null;
    throw unusableFile(path, error);
  });
  if (names) {
    const files = names.filter((name) => /\.(graphql|json)$/.test(name)).sort();
    return (await Promise.all(files.map((name) => textsOf(join(path, name))))).flat();
  }
  const content = readNamed(path);
  if (path.endsWith('.graphql')) return [{ file: path, text: content }];
  let listed: Record<string, unknown>;
  try {
    listed = JSON.parse(content) as Record<string, unknown>;
  } catch {
    throw new Error(`${path}: is not JSON.`);
  }
  return Object.entries(listed).map(([id, text]) => {
    if (typeof text !== 'string' || id.replace(/^sha256:/, '') !== hashOf(text))
      throw new Error(`${path}: ${id} is not the SHA-256 of its text. Set hashAlgorithm to sha256.`);
    return { file: path, text };
  });
}

function faultsOf(schema: GraphQLSchema, text: string): string[] {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    return [(error as Error).message];
  }
  return validate(schema, document).map(({ message }) => message);
}
