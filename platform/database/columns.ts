import { Column, type ColumnOptions, PrimaryColumn } from 'typeorm';

/**
 * Column decorators of the portable types. Each has a twin in `migration.ts` under the same name; a table made by one and
 * mapped by the other shows no drift on SQLite, MariaDB or MySQL.
 */
const ID_LENGTH = 64;

interface Options {
  nullable?: boolean;
  default?: unknown;
}

const column = (
  type: ColumnOptions['type'],
  extra: ColumnOptions,
  { nullable = false, ...rest }: Options = {},
): PropertyDecorator => Column({ type, nullable, ...rest, ...extra } as ColumnOptions);

/** Primary key: an opaque id. */
export const IdColumn = (): PropertyDecorator => PrimaryColumn({ type: 'varchar', length: ID_LENGTH });
/** An id of another row (of this or another subgraph). */
export const RefColumn = (options?: Options): PropertyDecorator => column('varchar', { length: ID_LENGTH }, options);
export const StringColumn = (length: number, options?: Options): PropertyDecorator =>
  column('varchar', { length }, options);
export const LongTextColumn = (options?: Options): PropertyDecorator => column('text', {}, options);
export const IntColumn = (options?: Options): PropertyDecorator => column('integer', {}, options);
export const BoolColumn = (options?: Options): PropertyDecorator => column('boolean', {}, options);
/** A calendar day, `YYYY-MM-DD`. */
export const DayColumn = (options?: Options): PropertyDecorator => column('date', {}, options);
/** An instant in UTC, millisecond precision. */
export const InstantColumn = (options?: Options): PropertyDecorator => column('datetime', { precision: 3 }, options);
export const JsonColumn = (options?: Options): PropertyDecorator => column('json', {}, options);
/** Counts the edits of a row; what a client sends back so that no edit is lost. */
export const EditVersionColumn = (): PropertyDecorator => Column({ type: 'integer', default: 1 });
