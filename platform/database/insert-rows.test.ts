import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Entity } from 'typeorm';
import { databaseUrls } from '../../test/harness/databases';
import {
  BoolColumn,
  DayColumn,
  EditVersionColumn,
  IdColumn,
  InstantColumn,
  IntColumn,
  JsonColumn,
  StringColumn,
} from './columns';
import { Database } from './database';
import { insertRows } from './insert-rows';
import { migrate } from './migrate';
import { bool, createTable, day, id, instant, int, json, string } from './migration';
import { readRows, readValues } from './read-entities';

@Entity('thing')
class Thing {
  @IdColumn() id: string;
  @StringColumn(40, { nullable: true }) name: string | null;
  @IntColumn() size: number;
  @BoolColumn() kept: boolean;
  @DayColumn() on: string;
  @InstantColumn({ nullable: true }) at: Date | null;
  @JsonColumn() parts: unknown;
  @EditVersionColumn() version: number;
}

const tables = createTable(1764000000001, 'thing', {
  columns: {
    id: id(),
    name: string(40, { nullable: true }),
    size: int(),
    kept: bool(),
    on: day(),
    at: instant({ nullable: true }),
    parts: json(),
    version: int({ default: 1 }),
  },
});

describe.each(databaseUrls())('rows in bulk on %s', (_engine, makeUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'iep-rows-'));
  const scope = { marker: 'test' };
  let database: Database;
  const thing = (number: number, prefix: string): Omit<Thing, 'version'> => ({
    id: `${prefix}-${String(number).padStart(4, '0')}`,
    name: number % 3 === 0 ? null : `It's "${number}" – ü\\`,
    size: number,
    kept: number % 2 === 0,
    on: '2026-02-28',
    at: number % 2 === 0 ? null : new Date('2026-03-08T10:30:00.123Z'),
    parts: { list: [number, null], text: '' },
  });
  const many = (length: number, prefix: string) => Array.from({ length }, (_, i) => thing(i, prefix) as Thing);
  const raw = async (prefix: string): Promise<object[]> =>
    (
      await database.read.query('SELECT * FROM thing WHERE id >= ? AND id < ? ORDER BY id', [
        `${prefix}-`,
        `${prefix}.`,
      ])
    ).map((row: object) => ({ ...row, id: null }));

  beforeAll(async () => {
    database = await Database.connect({
      url: await makeUrl(folder),
      entities: [Thing],
      protectedTables: [],
      migrations: [tables],
    });
    await migrate(database);
  });
  afterAll(async () => {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are what the mapper itself would have written, whatever their number', async () => {
    for (const length of [0, 1, 3, 700]) {
      const [own, mapped] = [`own${length}`, `mapped${length}`];
      await database.write(async (manager) => {
        await insertRows({ manager, scope }, Thing, many(length, own));
        if (length > 0) await manager.insert(Thing, many(length, mapped) as never[]);
      });
      const rows = await raw(own);
      expect(rows).toHaveLength(length);
      expect(rows).toEqual(await raw(mapped));
    }
  });

  test('with other properties than the first are refused, and nothing of them is written', async () => {
    const { name: _, ...nameless } = thing(2, 'odd') as Thing;
    const more = { ...thing(2, 'odd'), version: 4 } as Thing;
    for (const other of [nameless as Thing, more])
      await expect(
        database.write((manager) => insertRows({ manager, scope }, Thing, [thing(1, 'odd') as Thing, other])),
      ).rejects.toThrow('different properties');
    expect(await raw('odd')).toEqual([]);
  });

  test('written over what is there only when that is asked for', async () => {
    const write = (size: number, over: boolean) =>
      database.write((manager) =>
        insertRows({ manager, scope }, Thing, [{ ...thing(1, 'over'), size } as Thing, thing(size, 'over') as Thing], {
          over,
        }),
      );
    await write(7, false);
    await expect(write(8, false)).rejects.toThrow();
    await write(9, true);
    expect((await raw('over')).map((row) => (row as Thing).size)).toEqual([9, 7, 9]);
  });

  test('rows are read as the mapper reads them, whatever was read before', async () => {
    await database.write((manager) => insertRows({ manager, scope }, Thing, many(7, 'read')));
    const things = (alias: string) => database.read.createQueryBuilder(Thing, alias);
    const ids = (length: number) => ({ ids: many(length, 'read').map(({ id }) => id) });
    const queries = () => [
      things('t').where('t.id IN (:...ids)', ids(3)).orderBy('t.id'),
      things('t').where('t.id IN (:...ids)', ids(7)).orderBy('t.id'),
      things('t').where('t.id IN (:...ids)', ids(7)).orderBy('t.id', 'DESC').limit(2),
      things('t').where('t.id IN (:...ids)', ids(7)).andWhere('t.kept = :kept', { kept: true }).orderBy('t.size'),
      things('t').where('t.id IN (:...ids)', ids(7)).andWhere('t.kept = :kept', { kept: false }).orderBy('t.size'),
      things('u').addSelect('u.size + 1', 'next').where({ id: 'read-0001' }),
      things('u').addSelect('u.size + 1', 'next').where("u.id = 'read-0001'"),
      things('u').addSelect('u.size + 2', 'next').where("u.id = 'read-0001'"),
      things('t').where('t.id = :id', { id: 'nothing' }),
      things('t').innerJoinAndMapMany('t.same', Thing, 's', 's.id = t.id').where('t.id = :id', { id: 'read-0002' }),
    ];
    for (let round = 0; round < 2; round++) {
      const mapped = await Promise.all(queries().map((query) => query.getRawAndEntities()));
      const read = await Promise.all(queries().map((query) => readRows({ manager: database.read }, query)));
      expect(read.map(({ entities }) => entities)).toEqual(mapped.map(({ entities }) => entities));
      expect(read.map(({ raw: rows }) => rows)).toEqual(mapped.map(({ raw: rows }) => rows));
      expect(read[0]!.entities[0]).toBeInstanceOf(Thing);
      expect(read.map(({ entities }) => entities.length)).toEqual([3, 7, 2, 4, 3, 1, 1, 1, 0, 1]);
    }
  });

  test('values are read as the mapper reads them, whatever was read before', async () => {
    await database.write((manager) => insertRows({ manager, scope }, Thing, many(5, 'value')));
    const of = (alias = 't') => database.read.createQueryBuilder(Thing, alias).where("t.id LIKE 'value-%'");
    const counted = () => of().select('COUNT(*)', 'number');
    const queries = () => [
      counted(),
      counted().addFrom(Thing, 'u').andWhere("u.id = 'value-0001'"),
      counted().addCommonTableExpression("SELECT 'value-0001' AS id", 'one').andWhere('t.id IN (SELECT id FROM one)'),
      counted().addSelect('t.kept', 'kept').groupBy('t.kept').orderBy('t.kept'),
      counted().addSelect('t.kept', 'kept').groupBy('t.kept').having('COUNT(*) > 2').orderBy('t.kept'),
      of().select('t.kept', 'kept').orderBy('t.kept'),
      of().select('t.kept', 'kept').distinct().orderBy('t.kept'),
      of().select('t.size', 'size').orderBy('t.size').limit(2),
      of().select('t.size', 'size').orderBy('t.size').limit(2).offset(1),
    ];
    for (let round = 0; round < 2; round++) {
      const mapped = await Promise.all(queries().map((query) => query.getRawMany()));
      expect(await Promise.all(queries().map((query) => readValues({ manager: database.read }, query)))).toEqual(
        mapped,
      );
      expect(mapped.map(({ length }) => length)).toEqual([1, 1, 1, 2, 1, 5, 2, 2, 2]);
    }
  });

  test('an error of a statement says who asked', async () => {
    const whoAsks = async (): Promise<unknown> => await database.read.query('SELECT nothing FROM nowhere');
    await expect(whoAsks()).rejects.toMatchObject({
      name: 'QueryFailedError',
      stack: expect.stringContaining('whoAsks'),
    });
  });
});
