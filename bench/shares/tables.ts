import type { Load } from '../load';
import { median, table } from '../table';
import type { Reading, Replayed } from './meter';
import type { Name } from './processes';

/** One measurement: what was asked, and what each process says of it. */
export interface Measured {
  load: Load;
  readings: Record<Name, Reading>;
}
/** Cost of one call, by step, when it is repeated alone. */
export type StepCosts = Record<string, Replayed>;

/** A row of the table: how the steps of the meter make up a part of a request. */
interface Row {
  title: string;
  step: string;
  /** True when the time under load is its CPU time: nothing is waited for. */
  isOwn?: boolean;
  /** True when CPU time is that of other rows. */
  isWait?: boolean;
  /** True when it is only counted. */
  isCounted?: boolean;
}
const ROWS: Row[] = [
  { title: 'token, verified before', step: 'token' },
  { title: 'Principal, remembered', step: 'principal' },
  { title: 'field decision, remembered', step: 'field decision', isOwn: true },
  { title: 'input check', step: 'input check', isOwn: true },
  { title: 'signing of envelopes', step: 'signing' },
  { title: 'record of the request, at the gateway', step: 'audit record: kept' },
  { title: 'wait for that record, after the execution', step: 'wait for the audit record', isWait: true },
  { title: 'envelopes verified, at the subgraphs', step: 'verification' },
  { title: 'second lock', step: 'second lock', isOwn: true },
  { title: 'record of the request, kept by students', step: 'request record: appended' },
  { title: 'disclosures made', step: 'disclosure: made', isOwn: true },
  { title: 'disclosures kept', step: 'disclosure: appended' },
  { title: 'commits of the log', step: 'audit commits', isWait: true, isCounted: true },
];

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const perRequest = ({ load, readings }: Measured, only?: Name): number =>
  sum(Object.entries(readings).map(([name, { cpu }]) => (!only || name === only ? cpu : 0))) / load.requests;
const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;

/** What each step takes of a request: µs of CPU, and µs of the clock, which overlap where steps run side by side. */
export function stepTable(runs: Measured[], costs: StepCosts): string {
  const requests = sum(runs.map(({ load }) => load.requests));
  const cpu = sum(runs.map((run) => perRequest(run) * run.load.requests)) / requests;
  const latency = (sum(runs.map(({ load }) => load.mean * load.requests)) / requests) * 1_000;
  const gateway = sum(runs.map((run) => perRequest(run, 'gateway') * run.load.requests)) / requests;
  const rows = ROWS.map(({ title, step, isOwn, isWait, isCounted }) => {
    const times = runs.flatMap(({ readings }) => Object.values(readings).flatMap(({ steps }) => steps[step] ?? []));
    const calls = sum(times.map((time) => time.calls)) / requests;
    const wall = sum(times.map((time) => time.wall)) / requests;
    const own = sum(times.map((time) => time.own)) / requests;
    const cost = isOwn ? own : (costs[step]?.cpu ?? 0) * calls;
    return [
      title,
      calls.toFixed(2),
      isWait ? '' : whole(cost),
      isWait ? '' : share(cost, cpu),
      isCounted ? '' : whole(wall),
      isCounted ? '' : share(wall, latency),
    ];
  });
  const firsts = ['token', 'principal', 'field decision', 'second lock']
    .map((step) => [step, costs[step], costs[`${step}, first`]] as const)
    .filter(([, again, first]) => again && first)
    .map(([step, again, first]) => `${step} ${whole(first!.cpu)} (remembered: ${again!.cpu.toFixed(1)})`);
  return [
    `${whole(requests)} requests; ${whole(cpu)} µs of CPU each (gateway ${whole(gateway)}), ${whole(latency)} µs from question to answer; ` +
      `median ${median(runs.map(({ load }) => load.median)).toFixed(1)} ms, p99 ${median(runs.map(({ load }) => load.p99)).toFixed(1)} ms\n`,
    table(['step', 'calls per request', 'µs of CPU', 'of all CPU', 'µs of the clock', 'of the latency'], rows),
    `\nµs of CPU when nothing is remembered: ${firsts.join(', ')}`,
  ].join('\n');
}

/** With and without each step, round by round: medians, and the least and most of the rounds. */
export function comparison(measured: Record<string, Measured[]>): string {
  const [[, base]] = Object.entries(measured) as [[string, Measured[]]];
  const spread = (values: number[], unit: (value: number) => string): string =>
    `${unit(median(values))} (${unit(Math.min(...values))} … ${unit(Math.max(...values))})`;
  const rows = Object.entries(measured).map(([variant, runs]) => {
    const saved = runs.map((run, i) => 1 - perRequest(run) / perRequest(base[i]!));
    const sooner = runs.map((run, i) => 1 - run.load.mean / base[i]!.load.mean);
    return [
      variant,
      spread(
        runs.map((run) => perRequest(run)),
        whole,
      ),
      runs === base ? '' : spread(saved, (value) => share(value, 1)),
      spread(
        runs.map((run) => run.load.mean * 1_000),
        whole,
      ),
      runs === base ? '' : spread(sooner, (value) => share(value, 1)),
    ];
  });
  return table(['', 'µs of CPU per request', 'saved', 'µs from question to answer', 'sooner'], rows);
}
