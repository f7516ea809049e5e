/** A count under one combination of keys; combinations that nobody falls under are left out. */
export interface CountCell {
  keys: readonly string[];
  count: number;
}

export interface PublishedCell {
  keys: readonly string[];
  /** Null when hidden. */
  count: number | null;
  suppressed: boolean;
}

export interface PublishedCounts {
  rows: PublishedCell[];
  /** Null when hidden. */
  total: number | null;
}

/** Counts below this are not published (34 CFR 99; CDE hides 10 or fewer). */
export const SUPPRESSION_THRESHOLD = 11;
/** Beyond this many combinations a table is too sparse to be worth publishing: every cell is hidden. */
const MAX_CELLS = 50_000;

/**
 * Small-cell suppression with complementary suppression (authorization, section 5). Hides
 *
 * 1. every count from 1 to `threshold` − 1;
 * 2. in each line of the table (all dimensions but one held fixed) that holds a hidden cell, or whose sum is hidden in the
 *    smaller table, the next smallest cells until two are hidden and the hidden ones sum to `threshold`;
 * 3. in tables of two dimensions whatever else would follow from rows, columns and their sums by calculation.
 *
 * The sums of a table are themselves tables of one dimension less, published by the same function: what is hidden there
 * stays hidden here. Combinations without students are cells of 0; one is hidden where a line has nothing else to hide.
 * A dimension with a single key is no dimension. The choice depends on the counts alone, never on the order of the rows.
 */
export function suppress(
  cells: readonly CountCell[],
  dimensions: number,
  threshold = SUPPRESSION_THRESHOLD,
): PublishedCounts {
  const keys = Array.from({ length: dimensions }, (_, d) => [...new Set(cells.map((cell) => cell.keys[d]!))].sort());
  const active = keys.flatMap((known, d) => (known.length > 1 ? [d] : []));
  const table = new Table(active.map((d) => keys[d]!.length));
  const total = cells.reduce((sum, cell) => sum + cell.count, 0);
  const shownTotal = isSmall(total, threshold) ? null : total;
  if (table.size > MAX_CELLS)
    return { rows: cells.map((cell) => ({ keys: cell.keys, count: null, suppressed: true })), total: shownTotal };

  const places = active.map((d) => new Map(keys[d]!.map((key, i) => [key, i])));
  for (const cell of cells)
    table.counts[table.index(active.map((d, i) => places[i]!.get(cell.keys[d]!)!))]! += cell.count;
  protect(table, threshold);

  const rows: PublishedCell[] = [];
  for (let index = 0; index < table.size; index++) {
    if (table.counts[index] === 0 && !table.hidden[index]) continue;
    const position = table.position(index);
    const rowKeys = keys.map((known, d) => (active.includes(d) ? known[position[active.indexOf(d)]!]! : known[0]!));
    rows.push({
      keys: rowKeys,
      count: table.hidden[index] ? null : table.counts[index]!,
      suppressed: table.hidden[index]!,
    });
  }
  return { rows: cells.length === 0 ? [] : rows, total: shownTotal };
}

const isSmall = (count: number, threshold: number): boolean => count > 0 && count < threshold;

/** Counts over all combinations of the keys, row-major. */
class Table {
  readonly size: number;
  readonly counts: number[];
  readonly hidden: boolean[];
  private readonly strides: number[];

  constructor(readonly lengths: readonly number[]) {
    this.size = lengths.reduce((product, length) => product * length, 1);
    this.strides = lengths.map((_, d) => lengths.slice(d + 1).reduce((product, length) => product * length, 1));
    const cells = Math.min(this.size, MAX_CELLS);
    this.counts = new Array<number>(cells).fill(0);
    this.hidden = new Array<boolean>(cells).fill(false);
  }

  index(position: readonly number[]): number {
    return position.reduce((sum, place, d) => sum + place * this.strides[d]!, 0);
  }

  position(index: number): number[] {
    return this.lengths.map((length, d) => Math.floor(index / this.strides[d]!) % length);
  }

  /** The table of the sums along one dimension. */
  sumsAlong(dimension: number): Table {
    const sums = new Table(this.lengths.filter((_, d) => d !== dimension));
    for (let index = 0; index < this.size; index++)
      sums.counts[this.sumIndex(sums, index, dimension)]! += this.counts[index]!;
    return sums;
  }

  /** The lines along one dimension: the indexes of their cells, by the index of their sum. */
  linesAlong(dimension: number, sums: Table): number[][] {
    const lines: number[][] = Array.from({ length: sums.size }, () => []);
    for (let index = 0; index < this.size; index++) lines[this.sumIndex(sums, index, dimension)]!.push(index);
    return lines;
  }

  private sumIndex(sums: Table, index: number, dimension: number): number {
    return sums.index(this.position(index).filter((_, d) => d !== dimension));
  }
}

interface Line {
  cells: number[];
  sumHidden: boolean;
}

function protect(table: Table, threshold: number): void {
  table.counts.forEach((count, index) => {
    if (isSmall(count, threshold)) table.hidden[index] = true;
  });
  const sums = table.lengths.map((_, dimension) => {
    const smaller = table.sumsAlong(dimension);
    protect(smaller, threshold);
    return smaller;
  });
  const lines: Line[] = sums.flatMap((smaller, dimension) =>
    table.linesAlong(dimension, smaller).map((cells, i) => ({ cells, sumHidden: smaller.hidden[i]! })),
  );
  do protectLines(table, lines, threshold);
  while (table.lengths.length === 2 && breakBridge(table, sums[1]!, sums[0]!));
}

/** Repeats until no line changes: hiding a cell in a row opens its column. */
function protectLines(table: Table, lines: readonly Line[], threshold: number): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const line of lines) if (protectLine(table, line, threshold)) changed = true;
  }
}

function protectLine(table: Table, { cells, sumHidden }: Line, threshold: number): boolean {
  const { counts, hidden } = table;
  const covered = cells.filter((index) => hidden[index]);
  if (covered.length === 0 && !sumHidden) return false;
  const open = cells.filter((index) => !hidden[index]).sort((a, b) => counts[a]! - counts[b]! || a - b);
  const candidates = [...open.filter((index) => counts[index]! > 0), ...open.filter((index) => counts[index] === 0)];
  let [number, sum] = [covered.length, covered.reduce((all, index) => all + counts[index]!, 0)];
  let changed = false;
  for (const index of candidates) {
    if (number >= 2 && (sum >= threshold || counts[index] === 0)) break;
    hidden[index] = changed = true;
    number += 1;
    sum += counts[index]!;
  }
  return changed;
}

/**
 * Rows, columns and their sums as a graph: a node per line (the sums form one more row and one more column), an edge per
 * hidden cell. A cell can be calculated from the rest if, and only if, its edge is a bridge. Hides the smallest cell that
 * closes a cycle over the first bridge; false when there is none.
 */
function breakBridge(table: Table, rowSums: Table, columnSums: Table): boolean {
  const [rows, columns] = table.lengths as [number, number];
  const edges: [number, number][] = [];
  const [sumRow, firstColumn] = [rows, rows + 1];
  const sumColumn = firstColumn + columns;
  table.hidden.forEach(
    (isHidden, index) => isHidden && edges.push([Math.floor(index / columns), firstColumn + (index % columns)]),
  );
  rowSums.hidden.forEach((isHidden, row) => isHidden && edges.push([row, sumColumn]));
  columnSums.hidden.forEach((isHidden, column) => isHidden && edges.push([sumRow, firstColumn + column]));
  const graph = neighbours(edges, sumColumn + 1);
  const bridge = findBridge(graph);
  if (bridge === null) return false;
  const side = reachable(graph, edges[bridge]![0], bridge);
  const far = reachable(graph, edges[bridge]![1], bridge);
  let best: number | null = null;
  for (let index = 0; index < table.size; index++) {
    const [row, column] = [Math.floor(index / columns), firstColumn + (index % columns)];
    const connects = (side.has(row) && far.has(column)) || (far.has(row) && side.has(column));
    if (!table.hidden[index] && connects && (best === null || table.counts[index]! < table.counts[best]!)) best = index;
  }
  if (best === null) return false;
  table.hidden[best] = true;
  return true;
}

type Graph = { to: number; edge: number }[][];

function neighbours(edges: readonly [number, number][], nodes: number): Graph {
  const graph: Graph = Array.from({ length: nodes }, () => []);
  edges.forEach(([a, b], edge) => {
    graph[a]!.push({ to: b, edge });
    graph[b]!.push({ to: a, edge });
  });
  return graph;
}

/** Tarjan's bridge search, without recursion. */
function findBridge(graph: Graph): number | null {
  const order = new Array<number>(graph.length).fill(-1);
  const low = new Array<number>(graph.length).fill(0);
  let time = 0;
  for (let root = 0; root < graph.length; root++) {
    if (order[root] !== -1) continue;
    order[root] = low[root] = time++;
    const path = [{ node: root, via: -1, next: 0 }];
    while (path.length > 0) {
      const here = path.at(-1)!;
      const step = graph[here.node]![here.next++];
      if (step === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (!parent) continue;
        low[parent.node] = Math.min(low[parent.node]!, low[here.node]!);
        if (low[here.node]! > order[parent.node]!) return here.via;
      } else if (order[step.to] === -1) {
        order[step.to] = low[step.to] = time++;
        path.push({ node: step.to, via: step.edge, next: 0 });
      } else if (step.edge !== here.via) {
        low[here.node] = Math.min(low[here.node]!, order[step.to]!);
      }
    }
  }
  return null;
}

function reachable(graph: Graph, from: number, without: number): Set<number> {
  const seen = new Set([from]);
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { to, edge } of graph[node]!) {
      if (edge === without || seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}
