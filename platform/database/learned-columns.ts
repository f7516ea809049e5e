import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** A column that was not read was asked for: whatever was made with its row must not be shown. */
export class UnreadColumn extends Error {}

/** The columns that a statement asks for, and the class of the rows that it answers. */
export interface RowShape {
  readonly columns: readonly ColumnMetadata[];
  readonly Row: new () => ObjectLiteral;
  /** Tells shapes of one entity apart. */
  readonly key: string;
}

/**
 * Which columns of which entities one operation reads, learned from its executions. While nothing is known of an entity its rows are
 * read whole, and watched; then they have only the columns that were asked for. A row never answers for a column that it does
 * not have: it throws, the column is known from then on, and `misses` says so to whoever executes the operation.
 */
export class LearnedColumns {
  private readonly entities = new Map<EntityMetadata, LearnedEntity>();
  private readonly watched = new Set<LearnedEntity>();

  /** How often a column was missing. What was made while it grew is not to be shown, even if somebody has caught the error. */
  get misses(): number {
    let all = 0;
    for (const { misses } of this.entities.values()) all += misses;
    return all;
  }

  of(metadata: EntityMetadata): LearnedEntity {
    let known = this.entities.get(metadata);
    if (!known) this.entities.set(metadata, (known = new LearnedEntity(metadata)));
    return known;
  }

  /** Rows of this entity: while nothing is known of it, which are whole then, what is asked of them is learned. */
  watch<E extends ObjectLiteral>(metadata: EntityMetadata, rows: E[]): E[] {
    const learned = this.of(metadata);
    if (rows.length === 0 || learned.isKnown) return rows;
    this.watched.add(learned);
    return learned.watch(rows);
  }

  /** An execution has ended well: what was watched so far counts as known. What that lacks is learned when it is missed. */
  settle(): void {
    for (const learned of this.watched) learned.isKnown = true;
    this.watched.clear();
  }
}

/** Of an entity that was missing so many columns, all are read: what is asked of it depends on its rows. */
const MAX_MISSES = 3;
const LEARNED = Symbol('LearnedEntity');

/** What an operation reads of one entity. */
class LearnedEntity {
  isKnown = false;
  misses = 0;
  private readonly asked: Set<string>;
  private made?: RowShape;

  constructor(private readonly metadata: EntityMetadata) {
    this.asked = new Set(metadata.primaryColumns.map(({ propertyName }) => propertyName));
  }

  /** Undefined for rows that are to be read whole. */
  get shape(): RowShape | undefined {
    if (!this.isKnown || this.asked.size === this.metadata.columns.length) return undefined;
    return (this.made ??= this.make());
  }

  watch<E extends ObjectLiteral>(rows: readonly E[]): E[] {
    const ask = (name: string | symbol): void => {
      if (typeof name === 'string' && this.metadata.findColumnWithPropertyName(name)) this.ask(name);
    };
    const watch: ProxyHandler<E> = {
      get: (row, name, receiver) => {
        ask(name);
        return Reflect.get(row, name, receiver);
      },
      has: (row, name) => {
        ask(name);
        return Reflect.has(row, name);
      },
      getOwnPropertyDescriptor: (row, name) => {
        ask(name);
        return Reflect.getOwnPropertyDescriptor(row, name);
      },
      ownKeys: (row) => {
        this.askAll();
        return Reflect.ownKeys(row);
      },
    };
    return rows.map((row) => new Proxy(row, watch));
  }

  private ask(property: string): void {
    if (this.asked.has(property)) return;
    this.asked.add(property);
    this.made = undefined;
  }

  /** A column is asked for that was not read; or all of them, by whoever copies the row or writes it. */
  miss(property?: string): never {
    this.misses++;
    if (property === undefined || this.misses >= MAX_MISSES) this.askAll();
    else this.ask(property);
    throw new UnreadColumn(`${this.metadata.name}.${property ?? '*'} was not read`);
  }

  private askAll(): void {
    for (const { propertyName } of this.metadata.columns) this.ask(propertyName);
  }

  private make(): RowShape {
    const read = this.metadata.columns.filter(({ propertyName }) => this.asked.has(propertyName));
    const { name } = this.metadata;
    const Row = {
      [name]: class extends unreadRow(this.metadata) {
        constructor() {
          super();
          Object.defineProperty(this, 'unread columns', COPIED);
        }
      },
    }[name]!;
    // In front of the accessors: a row has these columns as any row has them.
    for (const { propertyName } of read)
      Object.defineProperty(Row.prototype, propertyName, { value: undefined, writable: true });
    Object.defineProperty(Row.prototype, LEARNED, { value: this });
    return { columns: read, Row, key: read.map(({ propertyName }) => propertyName).join() };
  }
}

interface UnreadRow extends ObjectLiteral {
  readonly [LEARNED]: LearnedEntity;
}

/** Met by whoever copies or writes all that a row has. */
const COPIED: PropertyDescriptor & ThisType<UnreadRow> = {
  enumerable: true,
  get() {
    return this[LEARNED].miss();
  },
};

const unreadRows = new WeakMap<EntityMetadata, new () => ObjectLiteral>();

/** What rows of an entity have in common when not all of their columns were read: none answers for one that was not. */
function unreadRow(metadata: EntityMetadata): new () => ObjectLiteral {
  let known = unreadRows.get(metadata);
  if (!known) {
    known = class extends (metadata.target as new () => ObjectLiteral) {};
    for (const { propertyName } of metadata.columns) {
      const miss = function (this: UnreadRow): never {
        return this[LEARNED].miss(propertyName);
      };
      Object.defineProperty(known.prototype, propertyName, { get: miss, set: miss });
    }
    unreadRows.set(metadata, known);
  }
  return known;
}
