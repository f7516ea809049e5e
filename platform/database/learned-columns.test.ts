import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, parse } from 'graphql';
import { type EntityManager, Entity } from 'typeorm';
import { databaseUrls } from '../../test/harness/databases';
import { Operation } from '../subgraph/operation';
import { BoolColumn, DayColumn, IdColumn, IntColumn, JsonColumn, StringColumn } from './columns';
import { Database } from './database';
import { insertRows } from './insert-rows';
import { LearnedColumns, UnreadColumn } from './learned-columns';
import { migrate } from './migrate';
import { bool, createTable, day, id, int, json, string } from './migration';
import { readEntities, readRows, sortIds } from './read-entities';

@Entity('plan')
class Plan {
  @IdColumn() id: string;
  @StringColumn(40, { nullable: true }) title: string | null;
  @IntColumn() goals: number;
  @BoolColumn() agreed: boolean;
  @DayColumn() heldOn: string;
  @JsonColumn() parts: unknown;

  get head(): string {
    return `${this.title} (${this.goals})`;
  }
}

const tables = createTable(1764000000002, 'plan', {
  columns: {
    ...{ id: id(), title: string(40, { nullable: true }), goals: int(), agreed: bool(), held_on: day(), parts: json() },
  },
});
const plans = [1, 2, 3].map((n) =>
  Object.assign(new Plan(), {
    ...{ id: `plan-${n}`, title: n === 2 ? null : `Plan ${n}`, goals: n, agreed: n === 1 },
    ...{ heldOn: '2026-03-08', parts: [n, null] },
  }),
);

describe.each(databaseUrls())('columns that an operation reads, on %s', (_engine, makeUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'iep-columns-'));
  let database: Database;
  let statements: string[];
  let columns: LearnedColumns;
  /** The columns of each statement since it was asked last. */
  const asked = (): string[] =>
    statements
      .splice(0)
      .map((sql) =>
        [.../SELECT (.*?) FROM/.exec(sql)![1]!.matchAll(/AS .p_(\w+)./g)].map(([, column]) => column).join(' '),
      );
  const reading = () => {
    const manager: EntityManager = Object.create(database.read, {
      query: {
        value: (sql: string, values: unknown[]) => {
          statements.push(sql);
          return database.read.query(sql, values);
        },
      },
    });
    return { manager, columns };
  };
  const query = () => database.read.createQueryBuilder(Plan, 'p').orderBy('p.goals').addOrderBy('p.id');
  const read = (): Promise<Plan[]> => readEntities(reading(), query());
  /** Reads rows, and does with them what an operation does, which then ends well. */
  const use = async (work: (rows: Plan[]) => unknown): Promise<unknown> => {
    const result = work(await read());
    columns.settle();
    return result;
  };
  const ALL = 'id title goals agreed held_on parts';

  beforeAll(async () => {
    const url = await makeUrl(folder);
    database = await Database.connect({ url, entities: [Plan], protectedTables: [], migrations: [tables] });
    await migrate(database);
    await database.write((manager) => insertRows({ manager, scope: { marker: 'test' } }, Plan, plans));
  });
  beforeEach(() => {
    columns = new LearnedColumns();
    statements = [];
  });
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are the only ones that it reads, once it was executed', async () => {
    const titles = (rows: Plan[]) => rows.map(({ title, parts }) => [title, parts]);
    const expected = plans.map(({ title, parts }) => [title, parts]);
    expect(await use(titles)).toEqual(expected);
    expect(await use(titles)).toEqual(expected);
    expect(asked()).toEqual([ALL, 'id title parts']);
    const [row] = await read();
    expect(row).toBeInstanceOf(Plan);
    expect(row!.constructor.name).toBe('Plan');
    expect(columns.misses).toBe(0);
  });

  test('include those that a method of the row reads', async () => {
    const heads = (rows: Plan[]) => rows.map(({ head }) => head);
    expect(await use(heads)).toEqual(await use(heads));
    expect(asked()).toEqual([ALL, 'id title goals']);
  });

  test('are read in the same order, in a page whose ids are sorted, and beside what was selected besides', async () => {
    await use((rows) => rows.map(({ heldOn }) => heldOn));
    asked();
    const ids = async (sql: ReturnType<typeof query>) => (await readRows(reading(), sql)).entities.map((row) => row.id);
    const page = () => sortIds(query().orderBy('p.goals', 'DESC').addOrderBy('p.id')).limit(2);
    expect(await ids(page())).toEqual(['plan-3', 'plan-2']);
    expect(await ids(query().where('p.goals > 1'))).toEqual(['plan-2', 'plan-3']);
    const { raw } = await readRows(reading(), query().addSelect('p.goals + 1', 'next').where('p.goals = 1'));
    expect(raw.map((row) => Number(row.next))).toEqual([2]);
    expect(asked()).toEqual(Array(3).fill('id held_on'));
  });

  test('a row that was not read whole never answers for the rest of it', async () => {
    await use((rows) => rows.map((row) => row.id));
    const [row] = await read();
    const uses: ((plan: Plan) => unknown)[] = [
      ({ title }) => title,
      (plan) => plan.title ?? 'no title',
      (plan) => plan.head,
      (plan) => ({ ...plan }),
      (plan) => Object.assign({}, plan),
      (plan) => Object.entries(plan),
      (plan) => Object.keys(plan).map((key) => plan[key as keyof Plan]),
      (plan) => JSON.stringify(plan),
      (plan) => structuredClone(plan),
      (plan) => (plan.title = 'new'),
    ];
    for (const [i, use] of uses.entries()) {
      expect(() => use(row!)).toThrow(UnreadColumn);
      expect(columns.misses).toBe(i + 1);
    }
    const [again] = await read();
    expect({ ...again }).toEqual({ ...plans[0] });
    expect(asked()).toEqual([ALL, 'id', ALL]);
  });

  test.each<[string, (row: Plan) => unknown]>([
    ['copied', (row) => ({ ...row })],
    ['listed', (row) => Reflect.ownKeys(row)],
    ['written', (row) => JSON.stringify(row)],
  ])('are all of them when a row is %s', async (_name, work) => {
    const all = (rows: Plan[]) => rows.map(work);
    expect(await use(all)).toEqual(plans.map(work));
    expect(await use(all)).toEqual(plans.map(work));
    expect(asked()).toEqual([ALL, ALL]);
  });

  test('are learned from rows, not from none, and not before an execution has ended well', async () => {
    await readEntities(reading(), query().where('1 = 0'));
    columns.settle();
    const [row] = await read();
    expect(row!.title).toBe('Plan 1');
    await read();
    expect(asked()).toEqual([ALL, ALL, ALL]);
    columns.settle();
    await read();
    expect(asked()).toEqual(['id title']);
  });

  test('are all of them once it was missing some again and again', async () => {
    await use((rows) => rows.map((row) => row.id));
    for (const column of ['title', 'goals', 'agreed'] as const) {
      const [row] = await read();
      expect(() => row![column]).toThrow(UnreadColumn);
    }
    expect((await read())[0]!.heldOn).toBe('2026-03-08');
    expect(asked()).toEqual([ALL, 'id', 'id title', 'id title goals', ALL]);
  });

  describe('in an operation', () => {
    const schema = buildSchema('type Query { plans: [Plan] } type Plan { id: ID title(of: String): String }');
    const text = 'query($of: String) { plans { id title(of: $of) } }';
    const begun: (LearnedColumns | undefined)[] = [];
    const ask = async (operation: Operation, of: string | null) => {
      begun.length = 0;
      const [, { data, errors }] = await operation.execute(
        (known) => {
          begun.push(known);
          return { manager: reading().manager, columns: known };
        },
        { query: text, variables: { of } },
      );
      expect(errors).toBeUndefined();
      return (data!.plans as { title: string }[]).map(({ title }) => title);
    };
    beforeAll(() => {
      schema.getQueryType()!.getFields().plans!.resolve = (_none, _args, ctx) => readEntities(ctx, query());
      (schema.getType('Plan') as ReturnType<typeof schema.getQueryType>)!.getFields().title!.resolve = (
        plan: Plan,
        { of },
      ) => {
        if (of !== 'swallowed') return of ? String(plan.goals) : plan.title;
        try {
          return plan.heldOn;
        } catch {
          return null;
        }
      };
    });

    test('a column that another path needs is read then, and nothing is missing in the answer', async () => {
      const operation = new Operation(schema, parse(text));
      const titles = ['Plan 1', null, 'Plan 3'];
      for (let i = 0; i < 3; i++) expect(await ask(operation, null)).toEqual(titles);
      expect(asked()).toEqual([ALL, ALL, 'id title']);
      expect(await ask(operation, 'goals')).toEqual(['1', '2', '3']);
      expect([asked(), begun.length]).toEqual([['id title', ALL], 2]);
      expect(await ask(operation, 'goals')).toEqual(['1', '2', '3']);
      expect([asked(), begun.length]).toEqual([['id title goals'], 1]);
    });

    test('an answer is not shown when somebody has caught that a column was missing', async () => {
      const operation = new Operation(schema, parse(text));
      for (let i = 0; i < 3; i++) await ask(operation, null);
      expect(await ask(operation, 'swallowed')).toEqual(Array(3).fill('2026-03-08'));
      expect(begun).toHaveLength(2);
      expect(await ask(operation, 'swallowed')).toEqual(Array(3).fill('2026-03-08'));
      expect(begun).toHaveLength(1);
    });
  });
});
