/**
 * Watches the statements of a process where the driver gets them. `revocation.test.ts` calls it in its own process; as a
 * preload of a product's process it writes one line per statement to the file that STATEMENT_WATCH names, and keeps that
 * process from consuming events.
 */
const { MysqlQueryRunner } = require('typeorm/driver/mysql/MysqlQueryRunner');
const { BetterSqlite3QueryRunner } = require('typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner');

/** Microseconds of the machine's monotonic clock: the same in all its processes. */
const now = () => Number(process.hrtime.bigint() / 1000n);

/** Whose scope a statement was built under: the subject in its predicate. */
function subjectOf(sql, parameters) {
  const at = sql.indexOf('pe.subject = ?');
  return at < 0 ? null : parameters[sql.slice(0, at).split('?').length - 1];
}

const rowsOf = (result) => (Array.isArray(result) ? result : (result?.records ?? result?.raw ?? []));

/**
 * Reports each scoped statement that returned rows of watched students: when it began, for whom, which students.
 * To be called before the first connection.
 */
function watchStatements(isWatched, report) {
  for (const { prototype } of [MysqlQueryRunner, BetterSqlite3QueryRunner]) {
    const { query } = prototype;
    prototype.query = async function (sql, parameters, ...rest) {
      const startedAt = now();
      const result = await query.call(this, sql, parameters, ...rest);
      const subject = Array.isArray(parameters) ? subjectOf(sql, parameters) : null;
      if (subject === null) return result;
      const values = rowsOf(result).flatMap((row) => Object.values(row ?? {}));
      const students = [...new Set(values.filter(isWatched))];
      if (students.length > 0) report({ startedAt, subject, students });
      return result;
    };
  }
}

module.exports = { now, watchStatements };

if (process.env.STATEMENT_WATCH) {
  const { appendFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { file, students } = JSON.parse(process.env.STATEMENT_WATCH);
  const watched = new Set(students);
  watchStatements(
    (value) => watched.has(value),
    (statement) => appendFileSync(file, `${JSON.stringify(statement)}\n`),
  );
  require('reflect-metadata');
  const { Dispatcher } = require(join(process.cwd(), 'dist', 'platform', 'outbox', 'dispatcher.js'));
  Dispatcher.prototype.start = () => undefined;
}
