import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createConnection } from 'mysql2/promise';
import type { Work } from './reports';
import { WatchedProcess } from './watched-process';

const DATA = join(__dirname, '..', '..', '..', '..', 'shared', 'data');
/** As package.json runs the generator. */
const YOUNG = ['--max-semi-space-size=32'];
const SCHOOLS_OF_A_DISTRICT = 50;

/** Empty databases and files for programs that fill them; gone with the folder. */
export class Workshop {
  private readonly folder = mkdtempSync(join(tmpdir(), 'iep-memory-'));
  private readonly databases: string[] = [];

  /** @param server address of a MariaDB or MySQL server without a database; SQLite in a temporary folder when left out */
  constructor(private readonly server?: string) {}

  async emptyDatabase(): Promise<string> {
    const name = `iep_memory_${randomBytes(6).toString('hex')}`;
    if (!this.server) return `sqlite:${join(this.folder, `${name}.db`)}`;
    this.databases.push(name);
    await this.onServer(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    return `${this.server}/${name}`;
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  async clear(): Promise<void> {
    for (const name of this.databases) await this.onServer(`DROP DATABASE ${name}`);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async onServer(sql: string): Promise<void> {
    const connection = await createConnection(this.server!);
    await connection.query(sql);
    await connection.end();
  }
}

interface Program extends Pick<Work, 'what' | 'rows' | 'bytes'> {
  program: string;
  args: string[];
  /** Flags of node. */
  node?: string[];
}

/** A program that ends by itself, on an empty database; what it takes before its first row is counted too. */
async function measureProgram(
  { what, program, args, rows, bytes, node }: Program,
  url: string,
  heap: number,
): Promise<Work> {
  const env = { DATABASE_URL: url };
  if (!url.startsWith('sqlite:')) await new WatchedProcess('scripts/migrate.js', [], { ...env, SEED: 'none' }).end();
  const since = performance.now();
  const running = new WatchedProcess(program, args, env, heap, node);
  await running.end();
  const seconds = (performance.now() - since) / 1_000;
  return { what, rows, bytes, seconds, peak: running.peak, beside: { median: 0, max: 0 } };
}

/** Schools of our own layout below their districts, written as they are made. */
async function writeOrganizations(file: string, rows: number): Promise<void> {
  function* lines(): Generator<string> {
    yield 'code,name,kind,parentCode,state\n';
    for (let i = 0, lea = ''; i < rows; i++) {
      const code = `9${String(i).padStart(13, '0')}`;
      if (i % SCHOOLS_OF_A_DISTRICT === 0) yield `${(lea = code)},District ${i},LEA,CA,CA\n`;
      else yield `${code},School ${i} of the district,SCHOOL,${lea},CA\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

/** Imports as many organizations as a state has, and as many as all states together: the largest thing that is imported. */
export async function measureImport(workshop: Workshop, heap: number, rows: number): Promise<Work> {
  const file = workshop.file(`organizations-${rows}.csv`);
  await writeOrganizations(file, rows);
  const program = {
    program: 'scripts/import/main.js',
    args: ['organizations', file],
    rows,
    bytes: statSync(file).size,
  };
  return measureProgram({ what: 'import organizations', ...program }, await workshop.emptyDatabase(), heap);
}

/** Imports a published directory of schools. */
export async function measureDirectory(
  workshop: Workshop,
  heap: number,
  { file, rows }: { file: string; rows: number },
): Promise<Work> {
  const path = join(DATA, 'orgs', file);
  if (!existsSync(path)) throw new Error(`The directory of schools is not at ${path}.`);
  const program = { program: 'scripts/import/main.js', args: ['ca-schools', path], rows, bytes: statSync(path).size };
  return measureProgram({ what: 'import ca-schools', ...program }, await workshop.emptyDatabase(), heap);
}

/** Generates the first students of the population. */
export async function measureGenerator(workshop: Workshop, heap: number, rows: number): Promise<Work> {
  const args = ['--population', 'california', '--until', String(rows), '--data', DATA];
  const program = { what: 'generate', program: 'scripts/generate/main.js', args, rows, bytes: 0, node: YOUNG };
  return measureProgram(program, await workshop.emptyDatabase(), heap);
}
