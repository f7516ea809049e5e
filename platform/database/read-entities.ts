import { LRUCache } from 'lru-cache';
import type { EntityManager, EntityMetadata, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { LearnedColumns, RowShape } from './learned-columns';

/** Whose statement it is: a session. */
export interface Reading {
  manager: EntityManager;
  /** What is known of the columns that its operation reads; without it rows are read whole. */
  columns?: LearnedColumns;
}

/** Rows as entities, and as the database gave them, for what was selected besides. */
export interface ReadRows<E> {
  entities: E[];
  raw: Record<string, unknown>[];
}

/**
 * Runs a SELECT of one entity: what `getRawAndEntities` answers. TypeORM composes the text of a statement anew each time, and looks
 * up every value of every row: most of what a page cost. Here the text is remembered by what it is made of, values aside, and how
 * a row is read by its entity. Statements of another kind, with joins or locks, go TypeORM's own way.
 */
export async function readRows<E extends ObjectLiteral>(
  { manager, columns }: Reading,
  query: SelectQueryBuilder<E>,
): Promise<ReadRows<E>> {
  const { mainAlias, selects, groupBys } = query.expressionMap;
  if (!isOfOneTable(query) || selects[0]?.selection !== mainAlias!.name || groupBys.length > 0)
    return query.getRawAndEntities();
  const { metadata, name } = mainAlias!;
  const shape = columns?.of(metadata).shape;
  const raw = await run<Record<string, unknown>>(manager, query, shape);
  const read = raw.map(readerOf(metadata, name, shape)) as E[];
  const entities = columns?.watch(metadata, read) ?? read;
  if (along.has(query as never)) entities.forEach((row, i) => alongKeys.set(row, raw[i]!.along_key as string));
  return { entities, raw };
}

/** The same without what was selected besides. */
export const readEntities = async <E extends ObjectLiteral>(
  reading: Reading,
  query: SelectQueryBuilder<E>,
): Promise<E[]> => (await readRows(reading, query)).entities;

/** Runs a SELECT of values of one entity, such as sums of groups: what `getRawMany` answers, with a text that is remembered. */
export async function readValues<T>({ manager }: Reading, query: SelectQueryBuilder<ObjectLiteral>): Promise<T[]> {
  return isOfOneTable(query) ? run(manager, query) : query.getRawMany<T>();
}

function run<T>(manager: EntityManager, query: SelectQueryBuilder<ObjectLiteral>, shape?: RowShape): Promise<T[]> {
  const { metadata } = query.expressionMap.mainAlias!;
  const text = textOf(query, metadata, shape);
  const [sql, values] = metadata.dataSource.driver.escapeQueryWithParameters(text, query.getParameters());
  return manager.query(sql, values);
}

/** Pages that are sorted: see `sortIds`. */
const sorted = new WeakSet<SelectQueryBuilder<never>>();

/**
 * Says of a page in an order that it is to be sorted: MariaDB and MySQL sort rows with all their columns, at twice the price of ids, so
 * there the ids of the page are sorted, and their rows read.
 */
export function sortIds<E extends ObjectLiteral>(query: SelectQueryBuilder<E>): SelectQueryBuilder<E> {
  if (query.dataSource.options.type !== 'better-sqlite3') sorted.add(query as never);
  return query;
}

/** Pages that are read along another table: see `readAlong`. */
const along = new WeakMap<SelectQueryBuilder<never>, { own: string; joined: string }>();
const alongKeys = new WeakMap<object, string>();

/**
 * Reads the rows of a page in the order in which another table names them. The join is in the text alone: whoever counts the
 * rows counts without it.
 * @param source.table with its alias
 * @param source.on what ties the two; its parameters are the query's
 * @param source.key the column of the other table that orders them, never null: see `alongKey`
 */
export function readAlong<E extends ObjectLiteral>(
  query: SelectQueryBuilder<E>,
  source: { table: string; on: string; key: string },
): SelectQueryBuilder<E> {
  const { driver, options } = query.dataSource;
  const { name, metadata } = query.expressionMap.mainAlias!;
  const own = `${driver.escape(metadata.tableName)} ${driver.escape(name)}`;
  // Either is an inner join that begins with the table on its left.
  const join = options.type === 'better-sqlite3' ? 'CROSS JOIN' : 'STRAIGHT_JOIN';
  along.set(query as never, {
    own: ` FROM ${own}`,
    joined: `, ${source.key} AS along_key FROM ${source.table} ${join} ${own} ON ${source.on}`,
  });
  return query;
}

/** The key under which the other table named a row: where a page ends that was read along it. */
export function alongKey(row: object): string {
  const key = alongKeys.get(row);
  if (key === undefined) throw new Error('The row was not read along another table.');
  return key;
}

function isOfOneTable({ expressionMap: map }: SelectQueryBuilder<ObjectLiteral>): boolean {
  const { mainAlias } = map;
  return (
    Boolean(mainAlias?.hasMetadata) &&
    !map.selectDistinct &&
    !map.useIndex &&
    map.aliases.length === 1 &&
    map.commonTableExpressions.length === 0 &&
    map.wheres.every(({ condition }) => typeof condition === 'string') &&
    [map.joinAttributes, map.relationIdAttributes, map.havings].every((list) => list.length === 0) &&
    [map.lockMode, map.skip, map.take, map.offset].every((value) => value === undefined)
  );
}

const texts = new WeakMap<EntityMetadata, LRUCache<string, string>>();

/** The statement with the names of its parameters. */
function textOf(query: SelectQueryBuilder<ObjectLiteral>, metadata: EntityMetadata, shape?: RowShape): string {
  const { mainAlias, comment, selects, wheres, groupBys, orderBys, limit } = query.expressionMap;
  const isSorted =
    sorted.has(query as never) && selects.length === 1 && limit !== undefined && Object.keys(orderBys).length > 0;
  const source = along.get(query as never);
  const key = JSON.stringify([
    mainAlias!.name,
    comment,
    selects,
    wheres,
    groupBys,
    orderBys,
    limit,
    isSorted,
    source?.joined,
    shape?.key,
  ]);
  let known = texts.get(metadata);
  if (!known) texts.set(metadata, (known = new LRUCache({ max: 500 })));
  let text = known.get(key);
  if (text === undefined) {
    const whole = query.getQuery();
    const plain = shape ? narrowed(whole, mainAlias!.name, metadata, shape) : whole;
    if (source) text = plain.replace(source.own, () => source.joined);
    else text = isSorted ? idsFirst(plain, mainAlias!.name, metadata.tableName) : plain;
    known.set(key, text);
  }
  return text;
}

/** A statement of the whole entity with only some of its columns. Its order is TypeORM's for whole rows: by columns, not by their names in the answer. */
function narrowed(text: string, alias: string, { columns, dataSource }: EntityMetadata, shape: RowShape): string {
  const { driver } = dataSource;
  const list = (of: readonly ColumnMetadata[]): string =>
    of
      .map(
        ({ databaseName: name }) =>
          `${driver.escape(alias)}.${driver.escape(name)} AS ${driver.escape(`${alias}_${name}`)}`,
      )
      .join(', ');
  return text.replace(`SELECT ${list(columns)}`, () => `SELECT ${list(shape.columns)}`);
}

function idsFirst(text: string, alias: string, table: string): string {
  const [, start, columns, rest] = /^(.*?SELECT )(.*?)( FROM .*)$/s.exec(text)!;
  const order = rest!.slice(rest!.lastIndexOf(' ORDER BY '), rest!.lastIndexOf(' LIMIT '));
  return `${start}${columns} FROM (SELECT \`${alias}\`.\`id\`${rest}) \`page\` JOIN \`${table}\` \`${alias}\` ON \`${alias}\`.\`id\` = \`page\`.\`id\`${order}`;
}

type Reader = (row: Record<string, unknown>) => ObjectLiteral;
const readers = new WeakMap<EntityMetadata | RowShape, Map<string, Reader>>();

/** Columns of these types are as the driver gives them. */
const PLAIN: ReadonlySet<unknown> = new Set(['varchar', 'text', 'integer', 'date']);

function readerOf(metadata: EntityMetadata, alias: string, shape?: RowShape): Reader {
  const of = shape ?? metadata;
  let known = readers.get(of);
  if (!known) readers.set(of, (known = new Map()));
  let reader = known.get(alias);
  if (!reader) known.set(alias, (reader = compileReader(metadata, alias, shape)));
  return reader;
}

function compileReader({ columns, target, dataSource }: EntityMetadata, alias: string, shape?: RowShape): Reader {
  const { driver } = dataSource;
  const compiled = (shape?.columns ?? columns).map((column: ColumnMetadata) => ({
    key: `${alias}_${column.databaseName}`,
    property: column.propertyName,
    read:
      PLAIN.has(column.type) && !column.transformer
        ? null
        : (value: unknown): unknown => driver.prepareHydratedValue(value, column),
  }));
  const Row = shape?.Row ?? (target as new () => ObjectLiteral);
  return (row) => {
    const entity = new Row();
    for (const { key, property, read } of compiled) {
      const value = row[key];
      entity[property] = read === null || value === null ? value : read(value);
    }
    return entity;
  };
}
