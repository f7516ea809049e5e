/** Where progress is told: standard error, as a rule. */
export interface ProgressOutput {
  isTTY?: boolean;
  write(text: string): unknown;
}

const BAR = 30;
const LINE_MS = 10_000;

/**
 * Tells how far long work has come: a bar that is drawn anew on a terminal, elsewhere a line every ten seconds, and always the
 * last state. What was there before the start counts as done, but not for the rate.
 */
export class Progress {
  private readonly since = Date.now();
  private told = 0;

  constructor(
    private readonly total: number,
    private readonly unit: string,
    private readonly before = 0,
    private readonly output: ProgressOutput = process.stderr,
  ) {}

  readonly at = (done: number): void => {
    const isLast = done >= this.total;
    const pause = this.output.isTTY ? 200 : LINE_MS;
    if (!isLast && Date.now() - this.told < pause) return;
    this.told = Date.now();
    this.output.write(this.output.isTTY ? `\r${this.bar(done)} ${this.text(done)}\x1b[K` : `${this.text(done)}\n`);
    if (isLast && this.output.isTTY) this.output.write('\n');
  };

  private bar(done: number): string {
    const filled = Math.floor((BAR * done) / this.total);
    return `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]`;
  }

  private text(done: number): string {
    const rate = (done - this.before) / Math.max(0.001, (Date.now() - this.since) / 1000);
    const left = rate > 0 ? Math.round((this.total - done) / rate) : 0;
    const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
    const percent = Math.floor((100 * done) / this.total);
    return `${done} of ${this.total} ${this.unit}, ${percent} %, ${Math.round(rate)} per second, ${clock(left)} left, ${megabytes} MB`;
  }
}

const clock = (seconds: number): string => {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [...(h > 0 ? [h] : []), m, s].map((part, i) => (i === 0 ? part : String(part).padStart(2, '0'))).join(':');
};
