import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Principal } from '../../platform/principal/principal';
import { PublicError } from '../../platform/errors';
import { ScopedRepository } from '../../platform/scope/scoped-repository';
import { Session, type SessionClass } from '../../platform/scope/session';
import { snake } from '../../platform/database/naming';
import { systemClock } from '../../platform/clock';
import type { DatabaseUse } from '../../platform/rights';
import { databaseUses } from '../../scripts/database-users';
import type { SubgraphName } from '../../scripts/graph';
import { databaseUrls } from '../harness/databases';
import { bootSystem, type TestSystem } from '../harness/system';
import { MANTECA, RIPON } from '../scenarios/case-work';
import { select } from '../scenarios/record';
import { Doors } from './doors';

type Repository = ScopedRepository<ObjectLiteral & { id: string }>;
/** What a repository says of itself, which only it can read. */
type Open = { entity: EntityTarget<ObjectLiteral>; scopedBy: { student: string } };

/** Rows that never change: on MySQL the process has no right to, and its statement doesn't get as far as the scope. */
const writtenOnce = new Set(
  Object.values(databaseUses as Record<string, DatabaseUse>).flatMap((use) => use.writesOnce ?? []),
);
const refusedIn = (table: string): unknown =>
  writtenOnce.has(table) ? expect.stringMatching(/^(NOT_FOUND|refused by the database)$/) : 'NOT_FOUND';

const ROOT = join(__dirname, '..', '..');
const files = readdirSync(join(ROOT, 'subgraphs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.repository.ts'))
  .map((file) => join(ROOT, 'subgraphs', file))
  .filter((file) => /extends (ScopedRepository|StudentFactRepository)/.test(readFileSync(file, 'utf8')));

interface Target {
  name: string;
  subgraph: SubgraphName;
  type: SessionClass<Repository>;
  table: string;
  /** Property and column that hold the student's id. */
  student: string;
  column: string;
  own?: string;
  foreign?: string;
}

/** Every repository of rows of a student, past resolvers and services: what a slip in those would have to get through. */
describe.each(databaseUrls())('A-57, A-58 the repositories themselves, on %s', (_engine, makeUrl) => {
  let system: TestSystem;
  let principal: Principal;
  let nobody: Principal;
  const targets: Target[] = [];
  let ownStudent: string;
  let foreignStudent: string;

  beforeAll(async () => {
    system = await bootSystem(makeUrl, { consume: false });
    principal = await new Doors(system).principalOf('district.ripon');
    nobody = { ...principal, grants: [] };
    for (const file of files) {
      const module = (await import(file)) as Record<string, unknown>;
      for (const [name, type] of Object.entries(module))
        if (typeof type === 'function' && type.prototype instanceof ScopedRepository)
          await describeTarget(
            name,
            relative(join(ROOT, 'subgraphs'), file).split(sep)[0] as SubgraphName,
            type as never,
          );
    }
    [ownStudent, foreignStudent] = [await someStudent(RIPON.leaId), await someStudent(MANTECA.leaId)];
  });
  afterAll(() => system?.stop());

  const someStudent = async (leaId: string): Promise<string> => {
    const sql =
      "SELECT j.student_id AS id FROM jurisdiction j JOIN iep i ON i.student_id = j.student_id AND i.state = 'CURRENT' WHERE j.lea_id = ? AND j.end_date IS NULL ORDER BY j.student_id LIMIT 1";
    return (await select<{ id: string }>(system.database, sql, [leaId]))[0]!.id;
  };
  const rowOf = async (table: string, column: string, leaId: string): Promise<string | undefined> => {
    const sql = `SELECT t.id AS id FROM ${table} t JOIN jurisdiction j ON j.student_id = t.${column} AND j.end_date IS NULL WHERE j.lea_id = ? ORDER BY t.id LIMIT 1`;
    return (await select<{ id: string }>(system.database, sql, [leaId]))[0]?.id;
  };
  async function describeTarget(name: string, subgraph: SubgraphName, type: SessionClass<Repository>): Promise<void> {
    const { entity, scopedBy } = new type(sessionOf(subgraph, principal)) as unknown as Open;
    const { tableName: table } = system.database.schemaSource.getMetadata(entity);
    const column = snake(scopedBy.student);
    const [own, foreign] = [await rowOf(table, column, RIPON.leaId), await rowOf(table, column, MANTECA.leaId)];
    targets.push({ name, subgraph, type, table, student: scopedBy.student, column, own, foreign });
  }
  const sessionOf = (subgraph: SubgraphName, as: Principal): Session => {
    const { read, engine } = system.databases[subgraph];
    return new Session({ manager: read, engine, principal: as, clock: systemClock });
  };
  const writing = <T>(
    { subgraph, type }: Target,
    work: (repository: Repository) => Promise<T>,
    as = principal,
  ): Promise<T> => {
    const database = system.databases[subgraph];
    return database.write((manager) =>
      work(
        new Session({ manager, engine: database.engine, principal: as, clock: systemClock, writing: true }).get(type),
      ),
    );
  };
  const rows = ({ table, column }: Target, studentId: string) =>
    select(system.database, `SELECT * FROM ${table} WHERE ${column} = ? ORDER BY id`, [studentId]);
  const withRows = (): Target[] => targets.filter(({ own, foreign }) => own && foreign);
  /** Refused as if there were no such row; the database itself may have refused before, where it guards a record. */
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      return error instanceof PublicError ? error.code : 'refused by the database';
    }
  };

  test('A-57 every repository of students’ rows is here, and most have rows on both sides', () => {
    const declared = files.flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /export class (\w+) extends (?:ScopedRepository|StudentFactRepository)/g,
        ),
      ].map(([, name]) => name!),
    );
    expect(targets.map(({ name }) => name).sort()).toEqual(declared.sort());
    expect(
      targets
        .filter((target) => !withRows().includes(target))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(expect.arrayContaining(['ReportRowRepository']));
    expect(withRows().length).toBeGreaterThan(15);
  });

  test('A-57 a row of another district is neither found, nor changed, nor drawn over, nor removed', async () => {
    for (const target of withRows()) {
      const { name, subgraph, type, foreign, student } = target;
      const reading = sessionOf(subgraph, principal).get(type);
      expect([name, await reading.findById(foreign!), await reading.findForChange(foreign!)]).toEqual([
        name,
        null,
        null,
      ]);
      expect([name, await reading.findByStudents([foreignStudent])]).toEqual([name, []]);
      const before = await rows(target, foreignStudent);
      if (student !== 'id') {
        const drawn = await refusal(
          writing(target, (repository) => repository.update(foreign!, { [student]: ownStudent })),
        );
        expect([name, drawn]).toEqual([name, refusedIn(target.table)]);
      }
      await refusal(writing(target, (repository) => repository.remove([foreign!])));
      expect([name, await rows(target, foreignStudent)]).toEqual([name, before]);
      expect([name, await select(system.database, `SELECT id FROM ${target.table} WHERE id = ?`, [foreign!])]).toEqual([
        name,
        [{ id: foreign }],
      ]);
    }
  });

  test('A-57 an own row is not carried over to a student of another district, and none is made there', async () => {
    const outcomes: Record<string, string[]> = {};
    for (const target of withRows().filter(({ student }) => student !== 'id')) {
      const { name, own, student, table, column, subgraph, type } = target;
      const [at] = await select<{ student: string }>(
        system.database,
        `SELECT ${column} AS student FROM ${table} WHERE id = ?`,
        [own!],
      );
      const before = await rows(target, foreignStudent);
      const moved = await refusal(
        writing(target, (repository) => repository.update(own!, { [student]: foreignStudent })),
      );
      const row = await sessionOf(subgraph, principal).get(type).findById(own!);
      const made = await refusal(
        writing(target, (repository) =>
          repository.insert({ ...row, id: `made-${name}`.slice(0, 36), [student]: foreignStudent }),
        ),
      );
      outcomes[name] = [moved, made];
      expect([name, [moved, made].includes('done')]).toEqual([name, false]);
      expect([name, await rows(target, foreignStudent)]).toEqual([name, before]);
      expect(await select(system.database, `SELECT ${column} AS student FROM ${table} WHERE id = ?`, [own!])).toEqual([
        at,
      ]);
    }
    // Where the database does not object first, it is the scope that does.
    expect(Object.values(outcomes).filter((each) => each.includes('NOT_FOUND')).length).toBeGreaterThan(10);
  });

  test('A-58 without grants: no row by any way, and nothing can be written', async () => {
    for (const target of withRows()) {
      const { name, subgraph, type, own, student } = target;
      const { result, sql } = await system.statements(async () => {
        const reading = sessionOf(subgraph, nobody).get(type);
        return [
          await reading.findById(own!),
          await reading.findForChange(own!),
          ...(await reading.findByStudents([ownStudent])),
        ];
      });
      expect([name, result]).toEqual([name, [null, null]]);
      for (const statement of sql.filter((one) => one.includes(target.table)))
        expect([name, statement.includes('1 = 0')]).toEqual([name, true]);
      const before = await rows(target, ownStudent);
      if (student !== 'id')
        expect([
          name,
          await refusal(writing(target, (repository) => repository.update(own!, { [student]: ownStudent }), nobody)),
        ]).toEqual([name, refusedIn(target.table)]);
      await refusal(writing(target, (repository) => repository.remove([own!]), nobody));
      expect([name, await rows(target, ownStudent)]).toEqual([name, before]);
    }
  });
});
