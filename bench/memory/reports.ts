import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { UNLIMITED } from '../load';
import { scopeComment } from '../../platform/database/guard';
import { answersAt, freePort, stopAll, untilReady } from '../../scripts/child-processes';
import { connectAsItStands } from '../../scripts/runtime';
import { signIn } from '../../scripts/token/obtain-token';
import { password } from '../scale/callers';
import { median } from '../table';
import { type Peak, WatchedProcess } from './watched-process';

const PERIOD = { from: '2020-07-01', to: '2030-06-30' };
/** What the API offers to run, as wide as it goes. */
export const REPORTS: Record<string, object | null> = {
  CASELOAD_ROSTER: null,
  WORKLIST: null,
  ANNUAL_REVIEW_DETAIL: { period: PERIOD },
  TRIENNIAL_DETAIL: { period: PERIOD },
};
const RUN = 'mutation($input: RunReportInput!) { runReport(input: $input) { reportRun { id } errors { message } } }';
const HOW_FAR = 'query($id: ID!) { reportRun(id: $id) { state rowCount parts failure } }';
const PART =
  'query($id: ID!, $part: Int) { reportRun(id: $id) { download(format: CSV, part: $part) { size content } } }';
const DELETE = 'mutation($id: ID!) { deleteReportRun(input: { id: $id }) { deletedId } }';
const SMALL = '{ students(first: 25) { nodes { id firstName lastName } } }';
const EVERY_MS = 100;
const POLL_MS = 500;

/** A piece of work in a process: what it came to, and what others waited meanwhile. */
export interface Work {
  what: string;
  rows: number;
  /** Of the file that was written. */
  bytes: number;
  seconds: number;
  peak: Peak;
  /** Milliseconds of a small query that was asked all the time; of none, 0. */
  beside: { median: number; max: number };
}

/** The product, started for one piece of work: what another one left in memory would hide what this one takes. */
class Product {
  private constructor(
    private readonly process: WatchedProcess,
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async start(databaseUrl: string, heap: number): Promise<Product> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { NODE_ENV: 'test', PORT: String(port), DATABASE_URL: databaseUrl, SEED: 'none', PUBLIC_URL: url };
    const started = new WatchedProcess('scripts/start.js', [], { ...env, ...UNLIMITED }, heap);
    try {
      await untilReady(
        'npm start',
        started.child,
        () => answersAt(`${url}/ready`),
        () => started.output,
      );
      const { accessToken } = await signIn({ issuer: `${url}/oidc`, username: 'bench.state', password: password() });
      const product = new Product(started, url, accessToken);
      for (let i = 0; i < 20; i++) await product.ask(SMALL);
      return product;
    } catch (error) {
      await stopAll([started.child]);
      throw error;
    }
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of an answer is that of its query
  async ask(query: string, variables: object = {}): Promise<any> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: unknown; errors?: unknown };
    if (answer.errors)
      throw new Error(`${query}: ${JSON.stringify(answer.errors).slice(0, 500)}\n${this.process.output}`);
    return answer.data;
  }

  /** Does something while a small query is asked again and again. */
  async measure(what: string, work: () => Promise<Pick<Work, 'rows' | 'bytes'>>): Promise<Work> {
    await this.process.begin();
    const taken: number[] = [];
    let isOver = false;
    const beside = (async () => {
      while (!isOver) {
        const since = performance.now();
        await this.ask(SMALL);
        taken.push(performance.now() - since);
        await pause(EVERY_MS);
      }
    })();
    const since = performance.now();
    const done = await work().finally(() => (isOver = true));
    const seconds = (performance.now() - since) / 1_000;
    await beside;
    const { peak } = this.process;
    return { what, ...done, seconds, peak, beside: { median: median(taken), max: Math.max(...taken) } };
  }

  async stop(): Promise<void> {
    await stopAll([this.process.child]);
  }
}

async function withProduct<T>(url: string, heap: number, work: (product: Product) => Promise<T>): Promise<T> {
  const product = await Product.start(url, heap);
  try {
    return await work(product);
  } finally {
    await product.stop();
  }
}

/** Runs a report of the whole state, reads its file part by part, and deletes it: each in a process of its own. */
export async function measureReport(url: string, heap: number, definitionId: string): Promise<Work[]> {
  let id = '';
  const parameters = REPORTS[definitionId] ?? null;
  const run = await withProduct(url, heap, (product) =>
    product.measure(`${definitionId}: run`, async () => {
      const { runReport } = await product.ask(RUN, { input: { definitionId, parameters } });
      id = runReport.reportRun.id;
      return { rows: await untilDone(product, id), bytes: 0 };
    }),
  );
  const download = await withProduct(url, heap, (product) =>
    product.measure(`${definitionId}: file`, async () => ({ rows: run.rows, bytes: await sizeOfFile(product, id) })),
  );
  const removal = await withProduct(url, heap, (product) =>
    product.measure(`${definitionId}: delete`, async () => {
      await product.ask(DELETE, { id });
      await untilGone(url, id);
      return { rows: run.rows, bytes: 0 };
    }),
  );
  return [run, download, removal];
}

async function untilDone(product: Product, id: string): Promise<number> {
  for (;;) {
    const { reportRun } = await product.ask(HOW_FAR, { id });
    if (reportRun.state === 'DONE') return reportRun.rowCount;
    if (reportRun.state === 'FAILED') throw new Error(reportRun.failure);
    await pause(POLL_MS);
  }
}

/** A deleted run is out of sight at once; its rows are not. */
async function untilGone(url: string, id: string): Promise<void> {
  const database = await connectAsItStands(url);
  const sql = `${scopeComment('system:bench')}SELECT id FROM report_row WHERE run_id = ? LIMIT 1`;
  try {
    while ((await database.read.query(sql, [id])).length > 0) await pause(POLL_MS);
  } finally {
    await database.close();
  }
}

async function sizeOfFile(product: Product, id: string): Promise<number> {
  const { reportRun } = await product.ask(HOW_FAR, { id });
  let bytes = 0;
  for (let part = 1; part <= reportRun.parts; part++) {
    const { download } = (await product.ask(PART, { id, part })).reportRun;
    bytes += download.size;
  }
  return bytes;
}
