import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { badInput } from '../errors';
import type { Principal } from '../principal/principal';
import { Authenticated, Cost, Shareable } from './directives';

/** Relay connections with keyset cursors: page 1,000 costs what page 1 costs. */
@Shareable()
@Authenticated()
@ObjectType('PageInfo', { description: 'Where a page stands in its connection.' })
export class PageInfo {
  @Field({ description: 'True when more rows follow.' }) hasNextPage: boolean;
  @Field({ description: 'True when the page began after a cursor.' }) hasPreviousPage: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first row.' }) startCursor: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last row: pass it as `after` for the next page.' })
  endCursor: string | null;
}

export interface Edge<T> {
  node: T;
  cursor: string;
}

export interface Page<T> {
  edges: Edge<T>[];
  nodes: T[];
  pageInfo: PageInfo;
  /** Counted only when asked for, and within the caller's scope. */
  readonly totalCount: Promise<number>;
}

/** Page sizes of the API, which every connection keeps to. */
const MAX_PAGE = 100;
const DEFAULT_PAGE = 25;

/** Names of all connections. The SDL printer gives each field that returns one the size of its page. */
export const connections = new Set<string>();
export const PAGE_SIZE = `@listSize(assumedSize: ${DEFAULT_PAGE}, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)`;

/** Makes the classes of `XConnection` and `XEdge` for a node type. */
export function connectionOf<T extends object>(node: () => ClassType<T>, name: string): ClassType<Page<T>> {
  @Authenticated()
  @ObjectType(`${name}Edge`, { description: `A ${name} in a page, with its cursor.` })
  class ConnectionEdge {
    @Field(() => node(), { description: 'The row.' }) node: T;
    @Field({ description: 'Where the row stands; good for this caller and this query only.' }) cursor: string;
  }
  connections.add(`${name}Connection`);
  @Authenticated()
  @ObjectType(`${name}Connection`, { description: `A page of ${name} rows.` })
  class Connection {
    @Field(() => [ConnectionEdge], { description: 'The rows with their cursors.' }) edges: ConnectionEdge[];
    @Field(() => [node()], { description: 'The rows.' }) nodes: T[];
    @Field(() => PageInfo, { description: 'Where the page stands.' }) pageInfo: PageInfo;
    @Cost(10)
    @Field(() => Int, {
      description: 'How many rows there are in all pages, within your scope. Counted only when asked for.',
    })
    totalCount: Promise<number>;
  }
  return Connection as unknown as ClassType<Page<T>>;
}

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

/** One column of the order: a qualified column or SQL expression that is never null, and where its value stands in a row. */
export interface SortKey<E> {
  sql: string;
  value: (row: E) => string | number;
  direction?: 'ASC' | 'DESC';
}

export interface PageRequest<E extends ObjectLiteral> {
  /** Name of the connection and everything that shapes it (filter, order): a cursor is good for the same only. */
  connection: string;
  filter: unknown;
  args: PageArgs;
  /** The last key must be unique. */
  order: SortKey<E>[];
  /** The same order by the columns of another table, where the query reads along one. */
  along?: SortKey<E>[];
  principal: Principal;
  /** Runs the finished query, of which so many rows are shown at most; a scoped repository passes its `rows`. */
  run: (query: SelectQueryBuilder<E>, shown: number) => Promise<E[]>;
  /** All rows, where there is a better way to count them than that of the page. */
  counted?: () => SelectQueryBuilder<E>;
}

/**
 * Adds order, keyset condition and limit to a scoped query and runs it.
 * @throws BAD_USER_INPUT for `first` outside 1 to 100 and for a cursor that was not made for this caller and query
 */
export async function paginate<E extends ObjectLiteral>(
  query: SelectQueryBuilder<E>,
  request: PageRequest<E>,
): Promise<Page<E>> {
  const first = request.args.first ?? DEFAULT_PAGE;
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE)
    throw badInput(`\`first\` must lie between 1 and ${MAX_PAGE}.`, ['first']);
  const seal = cursorSeal(request);
  const wheres = [...query.expressionMap.wheres];
  const { order: named, along: order = named } = request;
  if (request.args.after != null) addKeyset(query, order, seal.open(request.args.after));
  for (const { sql, direction = 'ASC' } of order) query.addOrderBy(sql, direction);
  const rows = await request.run(query.limit(first + 1), first);
  const ends = { hasNextPage: rows.length > first, hasPreviousPage: request.args.after != null };
  return new RowPage(
    rows.slice(0, first),
    ends,
    (node) => seal.close(order.map((key) => key.value(node))),
    () => (request.counted ? count(request.counted()) : count(query, wheres)),
  );
}

type Ends = Pick<PageInfo, 'hasNextPage' | 'hasPreviousPage'>;

/**
 * Cursors are sealed, and the rows counted, only when the field is selected. By classes: what a getter of an object literal sees is kept until
 * everything is collected (ADR 24).
 */
class RowPage<E> implements Page<E> {
  readonly pageInfo: PageInfo;
  private readonly cursors = new Map<E, string>();

  constructor(
    readonly nodes: E[],
    ends: Ends,
    private readonly seal: (node: E) => string,
    private readonly count: () => Promise<number>,
  ) {
    this.pageInfo = new PageEnds(this, ends);
  }

  get edges(): Edge<E>[] {
    return this.nodes.map((node) => ({ node, cursor: this.cursorOf(node) }));
  }

  get totalCount(): Promise<number> {
    return this.count();
  }

  cursorOf(node: E): string {
    let cursor = this.cursors.get(node);
    if (cursor === undefined) this.cursors.set(node, (cursor = this.seal(node)));
    return cursor;
  }
}

class PageEnds<E> implements PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;

  constructor(
    private readonly page: RowPage<E>,
    { hasNextPage, hasPreviousPage }: Ends,
  ) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
  }

  get startCursor(): string | null {
    return this.cursorAt(0);
  }

  get endCursor(): string | null {
    return this.cursorAt(-1);
  }

  private cursorAt(at: number): string | null {
    const { nodes } = this.page;
    return nodes.length > 0 ? this.page.cursorOf(nodes.at(at)!) : null;
  }
}

/** A page of what was made of another one's rows: where it stands, and the count, are those of the other. */
export class MappedPage<T> implements Page<T> {
  readonly nodes: T[];
  readonly pageInfo: PageInfo;

  constructor(
    private readonly of: Page<unknown>,
    readonly edges: Edge<T>[],
  ) {
    this.nodes = edges.map(({ node }) => node);
    this.pageInfo = of.pageInfo;
  }

  get totalCount(): Promise<number> {
    return this.of.totalCount;
  }
}

/** @param wheres the conditions without those of a page */
async function count<E extends ObjectLiteral>(
  query: SelectQueryBuilder<E>,
  wheres = query.expressionMap.wheres,
): Promise<number> {
  // `clone` forgets the comment, and with it the scope marker.
  const all = query.clone().comment(query.expressionMap.comment ?? '');
  all.expressionMap.wheres = wheres;
  const row = await all.select('COUNT(*)', 'total').orderBy().limit().getRawOne<{ total: number | string }>();
  return Number(row?.total ?? 0);
}

/**
 * (a, b) after (x, y): a > x OR (a = x AND b > y), each with its own direction, and a >= x besides, from which on an index is
 * read. SQLite reads it from (x, y) on when the rows are compared whole; MariaDB then wouldn't use it, and doesn't need it.
 */
export function addKeyset<E extends ObjectLiteral>(
  query: SelectQueryBuilder<E>,
  order: readonly Pick<SortKey<E>, 'sql' | 'direction'>[],
  values: readonly (string | number)[],
): void {
  if (values.length !== order.length) throw badCursor();
  const parameters = Object.fromEntries(values.map((value, i) => [`cursor${i}`, value]));
  const after = ({ direction }: (typeof order)[number]): string => (direction === 'DESC' ? '<' : '>');
  const isOneWay = order.every((key) => after(key) === after(order[0]!));
  if (isOneWay && query.dataSource.options.type === 'better-sqlite3') {
    const marks = order.map((_, i) => `:cursor${i}`).join(', ');
    query.andWhere(`(${order.map(({ sql }) => sql).join(', ')}) ${after(order[0]!)} (${marks})`, parameters);
    return;
  }
  const alternatives = order.map((key, i) => {
    const equal = order.slice(0, i).map(({ sql }, j) => `${sql} = :cursor${j}`);
    return `(${[...equal, `${key.sql} ${after(key)} :cursor${i}`].join(' AND ')})`;
  });
  query.andWhere(`${order[0]!.sql} ${after(order[0]!)}= :cursor0 AND (${alternatives.join(' OR ')})`, parameters);
}

const badCursor = () => badInput('This cursor was not made for this caller and this query.', ['after']);
let cursorKey = randomBytes(32);

/** Sets the key that seals cursors; all processes of one installation share it. Without it cursors end with the process. */
export function setCursorKey(secret: string): void {
  cursorKey = createHash('sha256').update(`cursor:${secret}`).digest();
}

/** Cursors are sealed (AES-256-GCM) with subject, perspective, connection and a hash of filter and order. */
function cursorSeal<E extends ObjectLiteral>({ principal, connection, filter, order }: PageRequest<E>) {
  const bound = JSON.stringify([
    principal.subject,
    principal.perspective,
    connection,
    filter ?? null,
    order.map((key) => [key.sql, key.direction]),
  ]);
  const binding = createHash('sha256').update(bound).digest();
  return {
    close(values: (string | number)[]): string {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', cursorKey, iv).setAAD(binding);
      const body = Buffer.concat([cipher.update(JSON.stringify(values)), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(cursor: string): (string | number)[] {
      try {
        const bytes = Buffer.from(cursor, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', cursorKey, bytes.subarray(0, 12))
          .setAAD(binding)
          .setAuthTag(bytes.subarray(12, 28));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString());
      } catch {
        throw badCursor();
      }
    },
  };
}
