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
  /** How often a column was missing. What was made while it grew is not to be shown, even if somebody has caught the error. */
  misses = 0;
  private readonly entities = new Map<EntityMetadata, LearnedEntity>();
  private readonly watched = new Set<LearnedEntity>();

  of(metadata: EntityMetadata): LearnedEntity {
    let known = this.entities.get(metadata);
    if (!known) {
      known = new LearnedEntity(metadata, () => this.misses++);
      this.entities.set(metadata, known);
    }
    return known;
  }

  /** Rows of this entity, read whole: what is asked of them is learned. */
  watch<E extends ObjectLiteral>(metadata: EntityMetadata, rows: E[]): E[] {
    const learned = this.of(metadata);
    if (rows.length === 0 || learned.isKnown) return rows;
    this.watched.add(learned);
    return rows.map((row) => learned.watch(row));
  }

  /** An execution has ended well: what was watched is known. */
  settle(): void {
    for (const learned of this.watched) learned.isKnown = true;
    this.watched.clear();
  }
}

/** What an operation reads of one entity. */
class LearnedEntity {
  isKnown = false;
  private readonly asked: Set<string>;
  private made?: RowShape;

  constructor(
    private readonly metadata: EntityMetadata,
    private readonly onMiss: () => void,
  ) {
    this.asked = new Set(metadata.primaryColumns.map(({ propertyName }) => propertyName));
  }

  /** Undefined for rows that are to be read whole. */
  get shape(): RowShape | undefined {
    if (!this.isKnown || this.asked.size === this.metadata.columns.length) return undefined;
    return (this.made ??= this.make());
  }

  watch<E extends ObjectLiteral>(row: E): E {
    const ask = (name: string | symbol): void => {
      if (typeof name === 'string' && this.metadata.findColumnWithPropertyName(name)) this.ask(name);
    };
    const askAll = (): void => this.metadata.columns.forEach(({ propertyName }) => this.ask(propertyName));
    return new Proxy(row, {
      get(target, name, receiver) {
        ask(name);
        return Reflect.get(target, name, receiver);
      },
      has(target, name) {
        ask(name);
        return Reflect.has(target, name);
      },
      getOwnPropertyDescriptor(target, name) {
        ask(name);
        return Reflect.getOwnPropertyDescriptor(target, name);
      },
      ownKeys(target) {
        askAll();
        return Reflect.ownKeys(target);
      },
    });
  }

  private ask(property: string): void {
    if (this.asked.has(property)) return;
    this.asked.add(property);
    this.made = undefined;
  }

  private miss(property: string): never {
    this.ask(property);
    this.onMiss();
    throw new UnreadColumn(`${this.metadata.name}.${property} was not read`);
  }

  private make(): RowShape {
    const { target, columns, name } = this.metadata;
    const isAsked = ({ propertyName }: ColumnMetadata): boolean => this.asked.has(propertyName);
    const read = columns.filter(isAsked);
    const missing = columns.filter((column) => !isAsked(column));
    const Entity = target as new () => ObjectLiteral;
    const copied = { enumerable: true, configurable: false, get: () => this.missAll(missing) };
    const Row = {
      [name]: class extends Entity {
        constructor() {
          super();
          // Met by whoever copies, lists or writes all that a row has.
          Object.defineProperty(this, UNREAD, copied);
        }
      },
    }[name]!;
    for (const { propertyName } of missing)
      Object.defineProperty(Row.prototype, propertyName, {
        get: () => this.miss(propertyName),
        set: () => this.miss(propertyName),
      });
    return { columns: read, Row, key: read.map(({ propertyName }) => propertyName).join() };
  }

  private missAll(missing: readonly ColumnMetadata[]): never {
    for (const { propertyName } of missing) this.ask(propertyName);
    return this.miss(missing[0]!.propertyName);
  }
}

const UNREAD = 'unread columns';
